import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

const SECURITY_COLUMNS: ReadonlySet<string> = new Set(['username', 'is_verified', 'verification_level']);

/** A changed profile: cached whole; audited when it changed who the account claims to be. */
export function projectProfileUpdated({ payload }: EventOf<'profile.updated'>): Projection {
  const { changed, ...profile } = payload;
  const { user_id, username, is_verified, verification_level } = profile;
  return {
    audit: changed.some((column) => SECURITY_COLUMNS.has(column))
      ? { subject_ids: [user_id], details: { changed, username, is_verified, verification_level } }
      : null,
    cache: [{ kind: 'profile', user_id, updated_at: profile.updated_at, profile }],
  };
}
