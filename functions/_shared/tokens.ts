import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';
import type { Config } from './config.ts';
import { createRecent } from './recent.ts';
import { createRemoteKeys, isUnreachable } from './remote-keys.ts';

/** Who asks, from a verified access token of Supabase Auth. */
export interface Claims {
  readonly user_id: string;
  readonly session_id: string;
  /** Unix seconds. */
  readonly expires_at: number;
  /** How long this project's access tokens live. */
  readonly lifetime_s: number;
  /** The whole payload as JSON, for `request.jwt.claims`. */
  readonly json: string;
}

/** Checks access tokens. */
export interface TokenVerifier {
  /**
   * The claims of a user's token; undefined for a token that this project issued to nobody in particular (`anon`).
   * Throws auth.token_expired, auth.token_invalid, or service.auth_unavailable when the keys cannot be fetched.
   */
  readonly verify: (token: string) => Promise<Claims | undefined>;
}

const payloadSchema = z.object({
  sub: z.uuid(),
  session_id: z.uuid(),
  role: z.literal('authenticated'),
  exp: z.number().int(),
  iat: z.number().int().optional(),
});

const MAX_TOKEN_LENGTH = 8192;
const CLOCK_TOLERANCE_S = 5;
const DEFAULT_LIFETIME_S = 3600;
const ASYMMETRIC = ['ES256', 'RS256'];

/** As many tokens as one process remembers having verified. Only good ones are, so nobody can fill it with forged ones. */
const MAX_KNOWN_TOKENS = 5_000;
/** For how long: together with the time that the keys stay fresh, a key that the project removed is refused within a minute. */
const KNOWN_TOKEN_MS = 30_000;

/**
 * A verifier with the keys of the configuration. The algorithm is chosen by what is configured and never by the token alone: an
 * HS256 token is only ever checked with the secret, an ES256 or RS256 one only with JWKS, so a public key is never used as a secret.
 * A signature is checked once in half a minute for each token, the expiry at each use.
 */
export function createTokenVerifier(jwt: Config['jwt'], clock: () => number): TokenVerifier {
  const secret = jwt.secret === undefined ? undefined : new TextEncoder().encode(jwt.secret);
  const keySet = keySetOf(jwt, clock);
  const known = createRecent<string, { readonly claims: Claims; readonly until_ms: number }>(MAX_KNOWN_TOKENS);

  async function check(token: string): Promise<JWTPayload> {
    const options = {
      audience: jwt.audience,
      requiredClaims: ['exp', 'role'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock()),
    };
    const { alg } = decodeProtectedHeader(token);
    if (alg === 'HS256' && secret !== undefined) {
      return (await jwtVerify(token, secret, { ...options, algorithms: ['HS256'] })).payload;
    }
    if (alg !== undefined && ASYMMETRIC.includes(alg) && keySet !== undefined) {
      return (await jwtVerify(token, keySet, { ...options, algorithms: ASYMMETRIC })).payload;
    }
    throw new AppError('auth.token_invalid');
  }

  return {
    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH) throw new AppError('auth.token_invalid');
      const earlier = known.get(token);
      if (earlier !== undefined && clock() < earlier.until_ms) return earlier.claims;
      try {
        const claims = toClaims(await check(token));
        if (claims !== undefined) known.set(token, { claims, until_ms: trustedUntil(claims, clock()) });
        return claims;
      } catch (error) {
        throw asAppError(error);
      }
    },
  };
}

/** Until when a verified token need not be verified again: not past its expiry, which jose takes in whole seconds. */
function trustedUntil({ expires_at }: Claims, now_ms: number): number {
  return Math.min(now_ms + KNOWN_TOKEN_MS, (expires_at + CLOCK_TOLERANCE_S) * 1000);
}

function keySetOf({ jwks, jwks_url }: Config['jwt'], clock: () => number): JWTVerifyGetKey | undefined {
  if (jwks !== undefined)
    return createLocalJWKSet({ keys: jwks.keys.map((key) => ({ ...key, kty: String(key['kty']) })) });
  return jwks_url === undefined ? undefined : createRemoteKeys(new URL(jwks_url), clock);
}

function toClaims(payload: JWTPayload): Claims | undefined {
  if (payload['role'] === 'anon') return undefined;
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new AppError('auth.token_invalid');
  const { sub, session_id, exp, iat } = parsed.data;
  return {
    user_id: sub,
    session_id,
    expires_at: exp,
    lifetime_s: iat !== undefined && exp > iat ? exp - iat : DEFAULT_LIFETIME_S,
    json: JSON.stringify(payload),
  };
}

function asAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof errors.JWTExpired) return new AppError('auth.token_expired');
  if (isUnreachable(error)) return new AppError('service.auth_unavailable', { cause: error });
  return new AppError('auth.token_invalid', { cause: error });
}
