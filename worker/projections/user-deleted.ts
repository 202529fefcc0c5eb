import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** A deleted account: audited, gone from the caches, and what earlier events tell of the person is forgotten. */
export function projectUserDeleted({ payload, occurred_at }: EventOf<'user.deleted'>): Projection {
  const { user_id } = payload;
  return {
    audit: { subject_ids: [user_id], details: {} },
    forgets: user_id,
    cache: [{ kind: 'user_deleted', user_id, deleted_at: occurred_at }],
  };
}
