import type { RedisGate } from './redis.ts';

/**
 * Signed-out sessions, remembered in Redis as long as their access tokens could still be used. This only spares Postgres the
 * question: it is the authority, asked again in each transaction, so a lost key or an absent Redis opens nothing.
 */
export interface Revocations {
  /** Remembers sessions that were just deleted in Postgres; `lifetime_s` is that of an access token. */
  readonly remember: (sessionIds: readonly string[], lifetime_s: number) => Promise<void>;
}

/** The Redis key that holds '1' while a session is known to be signed out; `requireUser` reads it along with the rate limits. */
export const revocationKey = (sessionId: string): string => `session:revoked:${sessionId}`;
const MAX_LIFETIME_S = 7 * 86_400;

/** Revocations kept in Redis. */
export function createRevocations(redis: RedisGate): Revocations {
  return {
    async remember(sessionIds, lifetime_s) {
      const ttl_s = Math.min(Math.max(Math.ceil(lifetime_s), 1), MAX_LIFETIME_S);
      await redis.run((client) => Promise.all(sessionIds.map((id) => client.set(revocationKey(id), '1', 'EX', ttl_s))));
    },
  };
}
