import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** A sign-in: audited with the address and program it came from. */
export function projectUserLoggedIn({ payload }: EventOf<'user.logged_in'>): Projection {
  const { user_id, session_id, ip, user_agent } = payload;
  return { audit: { subject_ids: [user_id], details: { session_id, ip, user_agent } }, cache: [] };
}
