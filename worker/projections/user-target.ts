import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** Another place that gets somebody's notifications, or one that does no longer: audited. Its person learns of it by their notifications. */
export function projectUserTarget({
  payload,
}: EventOf<'user.target_added'> | EventOf<'user.webhook_disabled'>): Projection {
  const { user_id, target_id, host } = payload;
  return { audit: { subject_ids: [user_id], details: { target_id, host } }, cache: [] };
}
