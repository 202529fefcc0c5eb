import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { relationshipSchema, verificationLevel } from './graph.ts';
import { mediaAddress } from './media.ts';
import { decimalSchema } from './wallet-money.ts';

/**
 * Only the length is bounded here. Which usernames are valid, reserved or taken is decided in SQL, so that it is
 * answered with the codes `users.username_invalid`, `users.username_reserved` and `users.username_taken`.
 */
export const usernameSchema = z.string().min(1).max(64);

const audience = z.enum(['everyone', 'followers', 'friends', 'nobody']);
const httpUrl = z.url({ protocol: /^https?$/ });

/** What each user decides about their own privacy. A missing key means the default of the app. */
export const privacySettings = z.strictObject({
  is_private: z.boolean().optional(),
  who_can_message: audience.optional(),
  who_can_invite: audience.optional(),
  who_can_call: audience.optional(),
  who_can_mention: audience.optional(),
  who_can_comment: audience.optional(),
  hide_follower_lists: z.boolean().optional(),
  hide_presence: z.boolean().optional(),
  hide_read_receipts: z.boolean().optional(),
});

const channels = z.strictObject({
  in_app: z.boolean().optional(),
  push: z.boolean().optional(),
  email: z.boolean().optional(),
  webhook: z.boolean().optional(),
});

/** Groups of kinds of notifications, and the kinds in each: settings name either, and a kind wins over its group. */
export const NOTIFICATION_KINDS = {
  follows: ['follow', 'follow_request', 'follow_approved'],
  likes: ['like'],
  comments: ['comment', 'reply'],
  mentions: ['mention'],
  shares: ['share'],
  messages: ['message', 'message_request'],
  groups: ['group_invite', 'group_join_request', 'group_approved', 'group_role'],
  wallet: ['money_received', 'hold', 'withdrawal', 'payment_request'],
  calls: ['missed_call'],
  security: ['sign_in', 'password_changed', 'target_added', 'webhook_disabled'],
  notices: ['notice'],
} as const;
export const notificationCategory = z.enum(
  Object.keys(NOTIFICATION_KINDS) as [keyof typeof NOTIFICATION_KINDS, ...(keyof typeof NOTIFICATION_KINDS)[]],
);
export const notificationKind = z.enum(Object.values(NOTIFICATION_KINDS).flat());

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, like 22:00');
/** When push messages and mails wait, in the person's own time; null for never. */
export const quietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay, time_zone: z.string().min(1).max(64) })
  .refine(({ from, to }) => from !== to, 'must not begin and end at the same time')
  .nullable();

/** Which notifications a user wants by which channel. A missing key means the default of the app. */
export const notificationSettings = z.strictObject({
  ...Object.fromEntries(
    [...notificationCategory.options, ...notificationKind.options].map((key) => [key, channels.optional()]),
  ),
  quiet_hours: quietHours.optional(),
});

const businessInfo = z.strictObject({
  name: z.string().max(100).optional(),
  category: z.string().max(50).optional(),
  email: z.email().max(254).optional(),
  phone: z.string().max(32).optional(),
  address: z.string().max(200).optional(),
});

/**
 * A name is one line and reads in the direction of its letters: line breaks, control characters and marks that turn text around are refused,
 * because names stand in sentences of mails and push messages. app_hidden.plain_line says the same.
 */
export const fullName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u, 'must be one line without control characters');

/** PUT users/profile: only what is sent changes; null clears; settings are merged key by key. */
export const updateProfileRequest = z
  .strictObject({
    username: usernameSchema.optional(),
    full_name: fullName.nullable().optional(),
    avatar_url: mediaAddress.nullable().optional(),
    bio: z.string().max(500).nullable().optional(),
    location: z.string().max(100).nullable().optional(),
    website: httpUrl.max(500).nullable().optional(),
    business_info: businessInfo.nullable().optional(),
    privacy_settings: privacySettings.optional(),
    notification_settings: notificationSettings.optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'send at least one field');
export type UpdateProfileRequest = z.infer<typeof updateProfileRequest>;

const publicFacts = {
  id: z.uuid(),
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  bio: z.string().nullable(),
  location: z.string().nullable(),
  website: z.string().nullable(),
  is_verified: z.boolean(),
  verification_level: verificationLevel.nullable(),
  is_business_account: z.boolean(),
  business_info: z.record(z.string(), z.unknown()).nullable(),
  is_private: z.boolean(),
  followers_count: z.number().int(),
  following_count: z.number().int(),
  posts_count: z.number().int(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
};

/** GET users/:id: the public facts about somebody, and how they and who asks stand to each other. */
export const publicProfile = z.strictObject({
  ...publicFacts,
  /** Null when nobody is signed in. */
  relationship: relationshipSchema.nullable(),
  /** The username that was asked for, when the person has given it up: links should take the present one. */
  moved_from: z.string().nullable(),
});
export type PublicProfile = z.infer<typeof publicProfile>;

/** GET and PUT users/profile: the public facts and, for one's own eyes, settings and wallet. */
export const ownProfile = z.strictObject({
  ...publicFacts,
  settings: z.strictObject({
    email: z.string().nullable(),
    phone: z.string().nullable(),
    privacy_settings: privacySettings,
    notification_settings: notificationSettings,
  }),
  /** The one that GET wallet shows. */
  wallet: z
    .strictObject({
      currency: z.string(),
      balance: decimalSchema,
      pending_balance: decimalSchema,
      total_earnings: decimalSchema,
      linked_accounts: z.array(z.unknown()),
    })
    .nullable(),
});
export type OwnProfile = z.infer<typeof ownProfile>;

/** GET users/privacy/preview */
export const privacyPreviewQuery = z.strictObject({ is_private: z.enum(['true', 'false']) });

/** What would happen: how many requests approved, followers kept, posts hidden from all but followers or shown to all. */
export const privacyPreview = z.strictObject({
  is_private: z.boolean(),
  will_be_private: z.boolean(),
  requests_approved: z.number().int(),
  followers_kept: z.number().int(),
  posts_hidden: z.number().int(),
  posts_shown: z.number().int(),
});

/** POST users/verification-requests: ask the operators for a badge or for a business account. */
export const createVerificationRequest = z
  .strictObject({
    kind: z.enum(['verification', 'business']),
    /** The badge; of a verification only. */
    level: verificationLevel.optional(),
    statement: z.string().trim().min(10).max(2000),
    evidence_urls: z.array(httpUrl.max(1000)).max(5).default([]),
  })
  .refine(({ kind, level }) => (kind === 'verification') === (level !== undefined), {
    path: ['level'],
    message: 'must be given for a verification, and for nothing else',
  });

export const verificationRequest = z.strictObject({
  id: z.uuid(),
  user_id: z.uuid(),
  kind: z.enum(['verification', 'business']),
  level: verificationLevel.nullable(),
  statement: z.string(),
  evidence_urls: z.array(z.string()),
  state: z.enum(['open', 'approved', 'declined', 'withdrawn']),
  /** What the operators had to say. */
  decision: z.string().nullable(),
  created_at: timestampSchema,
  decided_at: timestampSchema.nullable(),
});
export type VerificationRequest = z.infer<typeof verificationRequest>;

/** GET users/verification-requests; newest first. */
export const verificationRequestsQuery = z.strictObject(pageQuery);
export const verificationRequestsPage = pageOf(verificationRequest);

/** DELETE users/verification-requests/:id */
export const verificationParams = z.strictObject({ id: z.uuid() });
