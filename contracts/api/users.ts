import { z } from 'zod';
import { timestampSchema } from './common.ts';

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
  hide_follower_lists: z.boolean().optional(),
  hide_presence: z.boolean().optional(),
  hide_read_receipts: z.boolean().optional(),
});

const channels = z.strictObject({ in_app: z.boolean().optional(), push: z.boolean().optional() });

/** Which notifications a user wants, by kind. A missing key means the default of the app. */
export const notificationSettings = z.strictObject({
  follows: channels.optional(),
  likes: channels.optional(),
  comments: channels.optional(),
  mentions: channels.optional(),
  messages: channels.optional(),
  groups: channels.optional(),
  wallet: channels.optional(),
  calls: channels.optional(),
});

const businessInfo = z.strictObject({
  name: z.string().max(100).optional(),
  category: z.string().max(50).optional(),
  email: z.email().max(254).optional(),
  phone: z.string().max(32).optional(),
  address: z.string().max(200).optional(),
});

/** PUT users/profile: only what is sent changes; null clears; settings are merged key by key. */
export const updateProfileRequest = z
  .strictObject({
    username: usernameSchema.optional(),
    full_name: z.string().trim().min(1).max(100).nullable().optional(),
    avatar_url: httpUrl.max(2048).nullable().optional(),
    bio: z.string().max(500).nullable().optional(),
    location: z.string().max(100).nullable().optional(),
    website: httpUrl.max(500).nullable().optional(),
    business_info: businessInfo.nullable().optional(),
    privacy_settings: privacySettings.optional(),
    notification_settings: notificationSettings.optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'send at least one field');
export type UpdateProfileRequest = z.infer<typeof updateProfileRequest>;

/** The public facts about a user: GET users/:id */
export const publicProfile = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  bio: z.string().nullable(),
  location: z.string().nullable(),
  website: z.string().nullable(),
  is_verified: z.boolean(),
  verification_level: z.enum(['blue', 'gold', 'premium']).nullable(),
  is_business_account: z.boolean(),
  business_info: z.record(z.string(), z.unknown()).nullable(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});

/** GET and PUT users/profile: the public facts and, for one's own eyes, the settings. */
export const ownProfile = publicProfile.extend({
  settings: z.strictObject({
    email: z.string().nullable(),
    phone: z.string().nullable(),
    privacy_settings: z.record(z.string(), z.unknown()),
    notification_settings: z.record(z.string(), z.unknown()),
  }),
});
export type OwnProfile = z.infer<typeof ownProfile>;

/** Path of GET users/:id: a user's id or username. */
export const userParams = z.strictObject({ id: z.string().min(1).max(64) });
