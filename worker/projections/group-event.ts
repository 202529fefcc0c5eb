import type { DomainEvent, EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

type Moderation = 'group.member_removed' | 'group.role_changed' | 'group.banned' | 'group.unbanned';
type GroupEvent = Extract<DomainEvent, { type: `group.${string}` }>;

/** Who was given or denied a place in a group, and by whom: audited. */
export function projectGroupModeration({ payload }: EventOf<Moderation>): Projection {
  const { user_id, ...details } = payload;
  return { audit: { subject_ids: [user_id], details }, cache: [] };
}

/** The end of a group: audited without a person, since nobody's rows tell of it any more. */
export function projectGroupDeleted({ payload }: EventOf<'group.deleted'>): Projection {
  return { audit: { subject_ids: [], details: payload }, cache: [] };
}

/** Comings and goings: analytics only. Members and counts are Postgres's alone. */
export function projectGroupEvent(_event: Exclude<GroupEvent, EventOf<Moderation | 'group.deleted'>>): Projection {
  return { audit: null, cache: [] };
}
