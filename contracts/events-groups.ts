import { z } from 'zod';

const uuid = z.uuid();
const timestamp = z.iso.datetime({ offset: true });
const visibility = z.enum(['public', 'private', 'secret']);
const role = z.enum(['owner', 'admin', 'moderator', 'member']);

export const groupCreated = z.object({ group_id: uuid, owner_id: uuid.nullable(), visibility });

export const groupUpdated = z.object({
  group_id: uuid,
  visibility,
  /** Names of the columns that changed. */
  changed: z.array(z.string()),
});

export const groupDeleted = z.object({ group_id: uuid });

/** group.member_joined, group.member_left, group.member_removed; the role is the one that they have or had. */
export const groupMember = z.object({ group_id: uuid, user_id: uuid, role });

export const groupRoleChanged = z.object({ group_id: uuid, user_id: uuid, old_role: role, role });

export const groupJoinRequested = z.object({ group_id: uuid, user_id: uuid });

/** actor_id is who invites. */
export const groupInvited = z.object({ group_id: uuid, user_id: uuid, expires_at: timestamp });

/** until: null for good. */
export const groupBanned = z.object({ group_id: uuid, user_id: uuid, until: timestamp.nullable() });

export const groupUnbanned = z.object({ group_id: uuid, user_id: uuid });
