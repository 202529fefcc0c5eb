import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';

export const verificationLevel = z.enum(['blue', 'gold', 'premium']);

/** Id or username of somebody, in any case; a username given up lately still leads to its owner. */
export const personInput = z.string().min(1).max(64);

/** Path of what is done to or asked about a person. */
export const personParams = z.strictObject({ id: personInput });

/** A person in a list: the columns of `public.person_card`. */
export const personCard = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  is_verified: z.boolean(),
  verification_level: verificationLevel.nullable(),
  is_private: z.boolean(),
  followed_by_me: z.boolean(),
  follows_me: z.boolean(),
  /** Since when the person is in this list: when they followed, asked, were blocked; of search and suggestions, when they joined. */
  at: timestampSchema,
});
export type PersonCard = z.infer<typeof personCard>;

export const peoplePage = pageOf(personCard);

/** GET users/friends and users/blocked */
export const peopleQuery = z.strictObject(pageQuery);

/** GET users/followers and users/following: whose list; one's own when left out. */
export const listQuery = z.strictObject({ ...pageQuery, user_id: personInput.optional() });

/** GET users/requests: those who ask to follow me, or whom I asked. */
export const followRequestsQuery = z.strictObject({
  ...pageQuery,
  direction: z.enum(['received', 'sent']).default('received'),
});

/** An action answers how things stand between me and the person afterwards, however often it is sent. */
const standing = <const S extends readonly string[]>(...status: S) =>
  z.strictObject({ user_id: z.uuid(), status: z.enum(status) });

/** POST users/follow/:id: `requested` where the account is private. DELETE users/unfollow/:id takes back either. */
export const followedSchema = standing('following', 'requested');
export const unfollowedSchema = standing('none');

/** DELETE users/followers/:id */
export const removedSchema = standing('removed');

/** POST users/requests/:id/approve and decline */
export const approvedSchema = standing('approved');
export const declinedSchema = standing('declined');

/** POST users/requests/approve-all: how many were let in. */
export const allApprovedSchema = z.strictObject({ approved: z.number().int() });

/** POST and DELETE users/block/:id */
export const blockedSchema = standing('blocked');
export const unblockedSchema = standing('none');

/** POST users/mute/:id: until a moment to come, or for good. */
export const muteRequest = z.strictObject({ until: timestampSchema.nullable().optional() });

/** POST and DELETE users/mute/:id; `until` is null for good. */
export const mutedSchema = standing('muted').extend({ until: timestampSchema.nullable() });
export const unmutedSchema = standing('none');

/** GET users/muted */
export const mutedCard = personCard.extend({ until: timestampSchema.nullable() });
export type MutedCard = z.infer<typeof mutedCard>;
export const mutedPage = pageOf(mutedCard);

/** GET users/:id/relationship: how I and the person stand to each other, and what I may do. */
export const relationshipSchema = z.strictObject({
  is_self: z.boolean(),
  follows: z.boolean(),
  is_followed: z.boolean(),
  is_friend: z.boolean(),
  requested: z.boolean(),
  requested_by: z.boolean(),
  blocked_by_me: z.boolean(),
  muted: z.boolean(),
  muted_until: timestampSchema.nullable(),
  can_view_content: z.boolean(),
  can_view_lists: z.boolean(),
  can_message: z.boolean(),
  can_mention: z.boolean(),
  can_call: z.boolean(),
  can_invite: z.boolean(),
  can_comment: z.boolean(),
});

/** GET users/search */
export const searchQuery = z.strictObject({ ...pageQuery, q: z.string().trim().min(1).max(100) });

/** GET users/suggestions: there are no further pages, only others on another day. */
export const suggestionsQuery = z.strictObject({ limit: pageQuery.limit });

/** A person whom somebody may know: so many whom they follow follow this person. */
export const suggestionsPage = pageOf(personCard.extend({ mutual_count: z.number().int() }));
