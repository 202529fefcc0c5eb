import { z } from 'zod';
import { pageOf, timestampSchema } from './common.ts';

/** GET posts/trending: which span of time. */
export const trendingQuery = z.strictObject({ period: z.enum(['hour', 'day', 'week']).default('day') });

/** The tags that most people used in public posts, the most used first; there are no further pages. */
export const trendingPage = pageOf(
  z.strictObject({
    rank: z.number().int(),
    tag: z.string(),
    posts_count: z.number().int(),
    people_count: z.number().int(),
    computed_at: timestampSchema,
  }),
);
export type TrendingTag = z.infer<typeof trendingPage>['data'][number];

/** A page of the home feed as it is cached: the posts are only named, and each is authorised again when it is shown. */
export const cachedPage = z.tuple([z.array(z.uuid()).max(100), z.string().nullable()]);
export type CachedPage = z.infer<typeof cachedPage>;
