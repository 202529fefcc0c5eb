import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** Operators decided on a badge or a business account: audited. The profile itself is told by `profile.updated`. */
export function projectUserVerificationDecided({ payload }: EventOf<'user.verification_decided'>): Projection {
  const { user_id, kind, state } = payload;
  return { audit: { subject_ids: [user_id], details: { kind, state } }, cache: [] };
}
