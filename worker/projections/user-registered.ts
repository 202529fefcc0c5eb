import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** A new account: audited; its profile is cached as far as the event tells it, until the first `profile.updated`. */
export function projectUserRegistered({ payload, occurred_at }: EventOf<'user.registered'>): Projection {
  const { user_id, username, full_name } = payload;
  return {
    audit: { subject_ids: [user_id], details: { username } },
    cache: [
      {
        kind: 'profile',
        user_id,
        updated_at: occurred_at,
        profile: { user_id, username, full_name, updated_at: occurred_at },
      },
    ],
  };
}
