import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** Somebody blocked somebody, or took it back: audited, because harassment is judged by it. */
export function projectGraphBlock({ payload }: EventOf<'graph.blocked'> | EventOf<'graph.unblocked'>): Projection {
  const { blocker_id, blocked_id } = payload;
  return { audit: { subject_ids: [blocker_id, blocked_id], details: { blocker_id, blocked_id } }, cache: [] };
}
