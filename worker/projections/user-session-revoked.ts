import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** A session that ended: audited, and marked so that its access token is refused without asking Postgres. */
export function projectUserSessionRevoked({ payload }: EventOf<'user.session_revoked'>): Projection {
  const { user_id, session_id } = payload;
  return {
    audit: { subject_ids: [user_id], details: { session_id } },
    cache: [{ kind: 'session_revoked', session_id }],
  };
}
