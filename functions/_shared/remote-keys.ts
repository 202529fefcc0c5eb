import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose';

/** A key that the project no longer publishes is refused after this long. */
export const KEYS_FRESH_MS = 30_000;
/** While they cannot be fetched, the keys of the last fetch stay good for this long: a pause of Auth signs nobody out. */
const KEYS_STALE_MS = 600_000;
/** After a failed fetch nobody tries for this long, else each request would wait for the timeout. */
const REST_AFTER_FAILURE_MS = 10_000;
const FETCH_TIMEOUT_MS = 3_000;

/** The keys that a project publishes at an address; throws what `isUnreachable` knows when they cannot be had. */
export function createRemoteKeys(url: URL, clock: () => number): JWTVerifyGetKey {
  const cache: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: REST_AFTER_FAILURE_MS,
    cacheMaxAge: KEYS_FRESH_MS,
    [jwksCache]: cache,
  });
  let failure: { readonly error: unknown; readonly restUntil_ms: number } | undefined;

  return async (header, token) => {
    if (failure === undefined || clock() >= failure.restUntil_ms) {
      try {
        const key = await remote(header, token);
        failure = undefined;
        return key;
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        failure = { error, restUntil_ms: clock() + REST_AFTER_FAILURE_MS };
      }
    }
    const { jwks, uat } = cache;
    if (jwks === undefined || uat === undefined || clock() - uat > KEYS_STALE_MS) throw failure.error;
    try {
      return await createLocalJWKSet(jwks)(header, token);
    } catch {
      // It may be signed with a key that is too new to be known: that is no reason to call the token bad.
      throw failure.error;
    }
  };
}

/** Whether the keys could not be fetched, as opposed to there being none for a token. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  // createRemoteJWKSet answers a failed fetch with the bare JOSEError or the runtime's TypeError.
  if (error instanceof errors.JOSEError) return error.code === 'ERR_JOSE_GENERIC';
  return error instanceof TypeError && /fetch|network|connect/i.test(error.message);
}
