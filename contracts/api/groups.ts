import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { personCard, personInput } from './graph.ts';
import { mediaAddress } from './media.ts';

const visibility = z.enum(['public', 'private', 'secret']);
export const groupRole = z.enum(['owner', 'admin', 'moderator', 'member']);

const facts = {
  description: z.string().max(2000).nullable().optional(),
  visibility: visibility.optional(),
  category: z.string().trim().min(1).max(50).nullable().optional(),
  avatar_url: mediaAddress.nullable().optional(),
  cover_url: mediaAddress.nullable().optional(),
  rules: z.array(z.string().trim().min(1).max(500)).max(20).optional(),
  member_cap: z.number().int().min(1).max(20_000).optional(),
};

/** POST groups: public, for 5,000 members, unless it says otherwise. */
export const createGroupRequest = z.strictObject({ name: z.string().trim().min(1).max(80), ...facts });

/** PUT groups/:id: only what is sent changes; null clears. */
export const updateGroupRequest = z
  .strictObject({ name: z.string().trim().min(1).max(80).optional(), ...facts })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'send at least one field');

/** POST groups/:id/join: words for who decides, of a private group. */
export const joinGroupRequest = z.strictObject({ message: z.string().trim().min(1).max(500).nullable().optional() });

/** PUT groups/:id/members/:user_id */
export const setRoleRequest = z.strictObject({ role: z.enum(['admin', 'moderator', 'member']) });

/** POST groups/:id/transfer and groups/:id/invitations: whom, by id or username. */
export const whomRequest = z.strictObject({ user_id: personInput });

/** POST groups/:id/links: for a week and any number of people, unless it says otherwise. */
export const createLinkRequest = z.strictObject({
  expires_at: timestampSchema.optional(),
  max_uses: z.number().int().min(1).max(1000).optional(),
});

/** POST groups/links/preview and redeem. Not in the path, where logs would keep it. */
export const tokenRequest = z.strictObject({ token: z.string().min(1).max(200) });

/** PUT groups/:id/bans/:user_id: for good, unless it ends. */
export const banRequest = z.strictObject({
  until: timestampSchema.nullable().optional(),
  reason: z.string().trim().min(1).max(500).nullable().optional(),
});

/** DELETE groups/:id/posts/:post_id */
export const removePostRequest = z.strictObject({ reason: z.string().trim().min(1).max(500).nullable().optional() });

/** Path of what is done to or asked about one group, and somebody or something of it. */
export const groupParams = z.strictObject({ id: z.uuid() });
export const memberParams = z.strictObject({ id: z.uuid(), user_id: personInput });
export const linkParams = z.strictObject({ id: z.uuid(), link_id: z.uuid() });
export const groupPostParams = z.strictObject({ id: z.uuid(), post_id: z.uuid() });

/** GET groups: one's own, those that one may find, or those whose name is like `q`. */
export const groupsQuery = z
  .strictObject({
    ...pageQuery,
    scope: z.enum(['mine', 'discover']).optional(),
    category: z.string().trim().min(1).max(50).optional(),
    q: z.string().trim().min(1).max(64).optional(),
  })
  .refine(({ scope, category, q }) => q === undefined || (scope === undefined && category === undefined), {
    path: ['q'],
    message: 'is asked alone, without scope and category',
  })
  .refine(({ scope, category }) => category === undefined || scope === 'discover', {
    path: ['category'],
    message: 'goes with scope=discover',
  });

/** GET of every other list of a group. */
export const groupPageQuery = z.strictObject(pageQuery);
export const membersQuery = z.strictObject({ ...pageQuery, role: groupRole.optional() });

/** A group as its reader sees it: the columns of `public.group_card`. */
export const groupCard = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  visibility,
  category: z.string().nullable(),
  avatar_url: z.string().nullable(),
  cover_url: z.string().nullable(),
  rules: z.array(z.string()),
  members_count: z.number().int(),
  member_cap: z.number().int(),
  /** Null for who is no member. */
  my_role: groupRole.nullable(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
  /** Of one's own groups, since when one is a member; else when it was founded. */
  at: timestampSchema,
  my_status: z.enum(['member', 'invited', 'requested', 'none']),
});
export type GroupCard = z.infer<typeof groupCard>;
export const groupsPage = pageOf(groupCard);

/** Somebody as far as the reader may know of them. */
const nameCard = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
});

const memberCard = z.strictObject({ ...personCard.shape, role: groupRole });
export type MemberCard = z.infer<typeof memberCard>;
export const membersPage = pageOf(memberCard);

const requestCard = z.strictObject({ ...personCard.shape, message: z.string().nullable() });
export type RequestCard = z.infer<typeof requestCard>;
export const requestsPage = pageOf(requestCard);

const invitationCard = z.strictObject({
  ...personCard.shape,
  invited_by: nameCard.nullable(),
  expires_at: timestampSchema,
});
export type InvitationCard = z.infer<typeof invitationCard>;
export const invitationsPage = pageOf(invitationCard);

/** An invitation that one got; `id` is the group's. */
const receivedInvitation = z.strictObject({
  id: z.uuid(),
  at: timestampSchema,
  expires_at: timestampSchema,
  invited_by: nameCard.nullable(),
  group: groupCard,
});
export type ReceivedInvitation = z.infer<typeof receivedInvitation>;
export const receivedInvitationsPage = pageOf(receivedInvitation);

/** A ban; `id` is the person's, and `person` null where a block stands. */
const banCard = z.strictObject({
  id: z.uuid(),
  person: nameCard.nullable(),
  banned_by: nameCard.nullable(),
  reason: z.string().nullable(),
  until: timestampSchema.nullable(),
  at: timestampSchema,
});
export type BanCard = z.infer<typeof banCard>;
export const bansPage = pageOf(banCard);

const linkFacts = {
  id: z.uuid(),
  /** Null: any number. */
  uses_left: z.number().int().nullable(),
  expires_at: timestampSchema,
  created_at: timestampSchema,
};
const linkCard = z.strictObject({ ...linkFacts, created_by: nameCard.nullable() });
export type LinkCard = z.infer<typeof linkCard>;
export const linksPage = pageOf(linkCard);
/** The token is told here and never again. */
export const newLinkSchema = z.strictObject({ ...linkFacts, token: z.string() });
export const revokedSchema = z.strictObject({ id: z.uuid(), revoked: z.literal(true) });

const logEntry = z.strictObject({
  id: z.uuid(),
  action: z.string(),
  /** Null for who is gone, or hidden from the reader by a block. */
  actor: nameCard.nullable(),
  target: nameCard.nullable(),
  details: z.record(z.string(), z.unknown()),
  created_at: timestampSchema,
});
export type LogEntry = z.infer<typeof logEntry>;
export const logPage = pageOf(logEntry);

/** An action answers how things stand between the group and the person afterwards, however often it is sent. */
const standing = <const S extends readonly string[]>(...status: S) =>
  z.strictObject({ group_id: z.uuid(), user_id: z.uuid(), status: z.enum(status) });
export const joinedSchema = standing('member', 'requested');
export const memberSchema = standing('member');
export const invitedSchema = standing('invited', 'member');
export const noneSchema = standing('none');
export const removedSchema = standing('removed');
export const declinedSchema = standing('declined');
export const bannedSchema = z.strictObject({ ...standing('banned').shape, until: timestampSchema.nullable() });
export const roleSchema = z.strictObject({ group_id: z.uuid(), user_id: z.uuid(), role: groupRole });
export const postRemovedSchema = z.strictObject({
  group_id: z.uuid(),
  post_id: z.uuid(),
  status: z.literal('removed'),
});
export const postPinnedSchema = z.strictObject({ group_id: z.uuid(), post_id: z.uuid(), pinned: z.boolean() });
