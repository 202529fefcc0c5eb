import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** A changed password: audited. Its person learns of it by their notifications. */
export function projectUserPasswordChanged({ payload }: EventOf<'user.password_changed'>): Projection {
  return { audit: { subject_ids: [payload.user_id], details: {} }, cache: [] };
}
