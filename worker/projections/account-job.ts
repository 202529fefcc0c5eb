import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

type AccountJobEvent =
  | 'user.export_ready'
  | 'user.export_failed'
  | 'user.deletion_requested'
  | 'user.deletion_cancelled'
  | 'user.deletion_refused';

/** Somebody's export or the deletion of their account went a step: audited. */
export function projectAccountJob({ payload }: EventOf<AccountJobEvent>): Projection {
  const { user_id, ...details } = payload;
  return { audit: { subject_ids: [user_id], details }, cache: [] };
}
