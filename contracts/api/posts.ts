import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { personInput, verificationLevel } from './graph.ts';
import { mediaAddress } from './media.ts';

const visibility = z.enum(['public', 'friends', 'private']);
/** Of a post in a group, which is for who may read the group. */
const shownTo = z.enum([...visibility.options, 'group']);
const replyControl = z.enum(['everyone', 'followers', 'friends', 'mentioned', 'nobody']);

/** What a post says, as far as its author can still change it. */
const words = {
  /** `#tags` and `@usernames` in it become tags and mentions. */
  content: z.string().max(5000).nullable().optional(),
  media_urls: z.array(mediaAddress).max(10).optional(),
  location: z.string().trim().min(1).max(100).nullable().optional(),
  /** Besides those in `content`; a leading `#` is taken off. */
  tags: z.array(z.string().trim().min(1).max(51)).max(30).optional(),
  visibility: visibility.optional(),
  reply_control: replyControl.optional(),
  shares_allowed: z.boolean().optional(),
};

const pollInput = z.strictObject({
  options: z.array(z.string().trim().min(1).max(80)).min(2).max(10),
  /** At most 30 days after the post is published. */
  ends_at: timestampSchema,
  is_multiple: z.boolean().optional(),
});

/** POST posts: published at once, unless it is a draft or `scheduled_for` a moment to come. */
export const createPostRequest = z.strictObject({
  type: z.enum(['text', 'image', 'video', 'reel', 'share']).optional(),
  ...words,
  /** For the members of a group, on its page alone; then without `visibility`. */
  group_id: z.uuid().optional(),
  /** For the type `share`: what is shared. */
  shared_post_id: z.uuid().optional(),
  scheduled_for: timestampSchema.optional(),
  draft: z.boolean().optional(),
  poll: pollInput.optional(),
});

/** PUT posts/:id: only what is sent changes; null clears. */
export const updatePostRequest = z
  .strictObject({
    ...words,
    /** Null makes a draft of a scheduled post. */
    scheduled_for: timestampSchema.nullable().optional(),
    pinned: z.boolean().optional(),
    /** Of a draft or a scheduled post. */
    poll: pollInput.nullable().optional(),
    /** Publishes a draft or a scheduled post now. */
    publish: z.literal(true).optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'send at least one field');

/** POST posts/:id/share: with words of one's own it is a quote. */
export const sharePostRequest = z.strictObject({
  content: words.content,
  visibility: words.visibility,
  group_id: z.uuid().optional(),
  reply_control: words.reply_control,
});

/** POST posts/:id/vote: one's whole choice, which replaces an earlier one. */
export const voteRequest = z.strictObject({ positions: z.array(z.number().int().min(1).max(10)).max(10) });

/** POST posts/:id/report and posts/comments/:id/report */
export const reportRequest = z.strictObject({
  reason: z.enum([
    ...(['spam', 'harassment', 'hate', 'violence', 'nudity'] as const),
    ...(['self_harm', 'fraud', 'impersonation', 'other'] as const),
  ]),
  details: z.string().max(1000).nullable().optional(),
});

/** Path of what is done to or asked about one post, or one comment. */
export const idParams = z.strictObject({ id: z.uuid() });

/** Path of GET posts/author/:id */
export const authorParams = z.strictObject({ id: personInput });

/** Path of GET posts/tags/:tag; in any case, with or without `#`. */
export const tagParams = z.strictObject({ tag: z.string().trim().min(1).max(51) });

/** Path of GET posts/location/:name; in any case. */
export const locationParams = z.strictObject({ name: z.string().trim().min(1).max(100) });

/** GET of every list of posts. */
export const postsQuery = z.strictObject(pageQuery);

/** Who wrote something. */
export const authorSchema = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  is_verified: z.boolean(),
  verification_level: verificationLevel.nullable(),
});

/** The poll of a post, with what the reader chose. */
export const pollSchema = z.strictObject({
  ends_at: timestampSchema,
  is_multiple: z.boolean(),
  is_over: z.boolean(),
  /** Votes for all options together. */
  votes_count: z.number().int(),
  options: z.array(
    z.strictObject({
      position: z.number().int(),
      label: z.string(),
      votes_count: z.number().int(),
      mine: z.boolean(),
    }),
  ),
});

const cardFields = {
  id: z.uuid(),
  author: authorSchema,
  type: z.enum(['text', 'image', 'video', 'reel', 'share']),
  content: z.string().nullable(),
  media_urls: z.array(z.string()),
  location: z.string().nullable(),
  tags: z.array(z.string()),
  mentions: z.array(z.strictObject({ id: z.uuid(), username: z.string() })),
  visibility: shownTo,
  /** The group that it stands in, of visibility `group`; else null. */
  group_id: z.uuid().nullable(),
  reply_control: replyControl,
  shares_allowed: z.boolean(),
  status: z.enum(['draft', 'scheduled', 'published', 'removed']),
  published_at: timestampSchema.nullable(),
  scheduled_for: timestampSchema.nullable(),
  pinned_at: timestampSchema.nullable(),
  edited_at: timestampSchema.nullable(),
  created_at: timestampSchema,
  likes_count: z.number().int(),
  comments_count: z.number().int(),
  shares_count: z.number().int(),
  liked: z.boolean(),
  bookmarked: z.boolean(),
  can_comment: z.boolean(),
  poll: pollSchema.nullable(),
};

/** A post as its reader may see it: the columns of `public.post_card`. */
export const postCard = z.strictObject({
  ...cardFields,
  /** What a share shares; null when the reader may not see it, or no more. */
  shared_post: z.strictObject({ ...cardFields, reason: z.null() }).nullable(),
  /** Why it is in the home feed; null elsewhere. */
  reason: z.string().nullable(),
});
export type PostCard = z.infer<typeof postCard>;

export const postsPage = pageOf(postCard);

/** GET posts/bookmarks; the newest bookmark first. */
export const bookmarksPage = pageOf(postCard.extend({ bookmarked_at: timestampSchema }));
export type BookmarkedPost = z.infer<typeof bookmarksPage>['data'][number];

/** DELETE posts/:id and posts/comments/:id */
export const deletedSchema = z.strictObject({ id: z.uuid(), deleted: z.literal(true) });

/** POST and DELETE posts/:id/like */
export const likeSchema = z.strictObject({ post_id: z.uuid(), liked: z.boolean(), likes_count: z.number().int() });

/** POST and DELETE posts/:id/bookmark */
export const bookmarkSchema = z.strictObject({ post_id: z.uuid(), bookmarked: z.boolean() });

/** GET posts/:id/history: how a post read before each of its edits, the latest first. */
export const historySchema = pageOf(
  z.strictObject({
    id: z.uuid(),
    post_id: z.uuid(),
    content: z.string().nullable(),
    media_urls: z.array(z.string()),
    location: z.string().nullable(),
    tags: z.array(z.string()),
    visibility: shownTo,
    replaced_at: timestampSchema,
  }),
);
export type PostEdit = z.infer<typeof historySchema>['data'][number];

/** A report was filed. */
export const reportedSchema = z.strictObject({ id: z.uuid() });
