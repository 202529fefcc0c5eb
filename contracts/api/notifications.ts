import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { authorSchema } from './posts.ts';
import { notificationCategory, notificationKind, notificationSettings, quietHours } from './users.ts';

const count = z.number().int();
/** A number in a query. */
const digits = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

/** GET notifications: the latest first; after a number the oldest first. */
export const notificationsQuery = z.strictObject({
  ...pageQuery,
  after_seq: digits.optional(),
  unread: z.enum(['true', 'false']).default('false'),
  category: notificationCategory.optional(),
});

/** Path of what is done to one notification. */
export const notificationParams = z.strictObject({ id: z.uuid() });

/** PUT notifications/seen and PUT notifications/read: up to this number; all when left out. */
export const markRequest = z.strictObject({ seq: z.number().int().min(0).optional() });

/** PUT notifications/read: some of them. */
export const readRequest = z
  .strictObject({ ids: z.array(z.uuid()).min(1).max(100).optional(), seq: z.number().int().min(0).optional() })
  .refine(({ ids, seq }) => ids === undefined || seq === undefined, 'send ids or seq, not both');

/** A notification as its receiver sees it: the columns of `public.notification_card`. */
export const notificationCard = z.strictObject({
  id: z.uuid(),
  /** Its place: whatever is added to a notification gives it the next number. */
  seq: count,
  kind: notificationKind,
  category: notificationCategory,
  /** Up to three, who did it last first. */
  actors: z.array(authorSchema),
  actors_count: count,
  /** How often it happened since the notification was made. */
  events_count: count,
  subject: z.looseObject({ type: z.string(), id: z.uuid(), preview: z.string().nullable() }).nullable(),
  data: z.record(z.string(), z.unknown()),
  /** What it says, in English. */
  text: z.string(),
  is_seen: z.boolean(),
  is_read: z.boolean(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type NotificationCard = z.infer<typeof notificationCard>;
export const notificationsPage = pageOf(notificationCard);

/** GET notifications/unread-count, and what every mark answers. */
export const notificationCounts = z.strictObject({
  unread_count: count,
  /** Unread, and come since the list was last opened. */
  unseen_count: count,
  last_seq: count,
  seen_seq: count,
});
export type NotificationCounts = z.infer<typeof notificationCounts>;

/** PUT notifications/preferences: key by key; null goes back to the default. */
export const preferencesRequest = z.strictObject(
  Object.fromEntries(
    Object.entries(notificationSettings.shape).map(([key, schema]) => [key, schema.nullable()]),
  ) as Record<string, z.ZodType>,
);

/** GET notifications/preferences: what the settings mean, defaults included. */
export const preferencesSchema = z.strictObject({
  quiet_hours: quietHours,
  kinds: z.record(
    notificationKind,
    z.strictObject({
      category: notificationCategory,
      in_app: z.boolean(),
      push: z.boolean(),
      email: z.boolean(),
      webhook: z.boolean(),
    }),
  ),
});
