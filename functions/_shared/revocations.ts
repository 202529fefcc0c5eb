import { AppError } from '../../contracts/errors.ts';
import type { RedisGate } from './redis.ts';
import type { Claims } from './tokens.ts';

/**
 * Signed-out sessions, remembered in Redis as long as their access tokens could still be used. This only spares Postgres the
 * question: it is the authority, asked again in each transaction, so a lost key or an absent Redis opens nothing.
 */
export interface Revocations {
  /** Throws auth.session_revoked when the session is known to be signed out; passes when Redis cannot say. */
  readonly refuse: (claims: Claims) => Promise<void>;
  /** Remembers sessions that were just deleted in Postgres; `lifetime_s` is that of an access token. */
  readonly remember: (sessionIds: readonly string[], lifetime_s: number) => Promise<void>;
}

const keyOf = (sessionId: string) => `session:revoked:${sessionId}`;
const MAX_LIFETIME_S = 7 * 86_400;

/** Revocations kept in Redis. */
export function createRevocations(redis: RedisGate): Revocations {
  return {
    async refuse(claims) {
      const revoked = await redis.run((client) => client.get(keyOf(claims.session_id)));
      if (revoked === '1') throw new AppError('auth.session_revoked');
    },
    async remember(sessionIds, lifetime_s) {
      const ttl_s = Math.min(Math.max(Math.ceil(lifetime_s), 1), MAX_LIFETIME_S);
      await redis.run((client) => Promise.all(sessionIds.map((id) => client.set(keyOf(id), '1', 'EX', ttl_s))));
    },
  };
}
