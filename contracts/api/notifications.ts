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

/** GET notifications/stream: what is after this number; from now on when left out. `Last-Event-ID` says the same, and wins. */
export const streamQuery = z.strictObject({ after_seq: digits.optional() });
export const streamHeaders = z.strictObject({ 'Last-Event-ID': digits.optional() });

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

const targetUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), 'must not have a name and a password in it');

/** POST notifications/push-subscriptions: what `PushSubscription.toJSON()` gives. */
export const pushSubscriptionRequest = z.strictObject({
  endpoint: targetUrl,
  expirationTime: z.number().int().min(0).max(253_402_300_799_000).nullable().optional(),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}=?$/, 'must be a P-256 key in base64url'),
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/, 'must be 16 bytes in base64url'),
  }),
  user_agent: z.string().max(300).optional(),
});

export const pushSubscriptionSchema = z.strictObject({
  id: z.uuid(),
  endpoint: z.string(),
  user_agent: z.string().nullable(),
  /** When the browser says that it ends. */
  expires_at: timestampSchema.nullable(),
  disabled_at: timestampSchema.nullable(),
  disabled_reason: z.string().nullable(),
  created_at: timestampSchema,
});
export const pushSubscriptionsSchema = z.strictObject({ data: z.array(pushSubscriptionSchema) });

/** GET notifications/push-key: the `applicationServerKey` of `pushManager.subscribe`. */
export const pushKeySchema = z.strictObject({ public_key: z.string() });

/** POST notifications/webhooks */
export const webhookRequest = z.strictObject({ url: targetUrl });
/** The secret is shown here alone, and once: null where the request is repeated. */
export const newWebhookSchema = z.strictObject({
  id: z.uuid(),
  url: z.string(),
  secret: z.string().nullable(),
  created_at: timestampSchema,
});
export const webhooksSchema = z.strictObject({
  data: z.array(
    z.strictObject({
      id: z.uuid(),
      url: z.string(),
      disabled_at: timestampSchema.nullable(),
      disabled_reason: z.string().nullable(),
      created_at: timestampSchema,
    }),
  ),
});
export const removedTargetSchema = z.strictObject({ removed: z.literal(true) });

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
