import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';
import type { Config } from './config.ts';

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

/**
 * A verifier with the keys of the configuration. The algorithm is chosen by what is configured and never by the token alone: an
 * HS256 token is only ever checked with the secret, an ES256 or RS256 one only with JWKS, so a public key is never used as a secret.
 */
export function createTokenVerifier(jwt: Config['jwt'], clock: () => number): TokenVerifier {
  const secret = jwt.secret === undefined ? undefined : new TextEncoder().encode(jwt.secret);
  const keySet = keySetOf(jwt);

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
      try {
        return toClaims(await check(token));
      } catch (error) {
        throw asAppError(error);
      }
    },
  };
}

function keySetOf({ jwks, jwks_url }: Config['jwt']) {
  if (jwks !== undefined)
    return createLocalJWKSet({ keys: jwks.keys.map((key) => ({ ...key, kty: String(key['kty']) })) });
  if (jwks_url !== undefined)
    return createRemoteJWKSet(new URL(jwks_url), { timeoutDuration: 3000, cooldownDuration: 10_000 });
  return undefined;
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
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) {
    return new AppError('service.auth_unavailable', { cause: error });
  }
  // createRemoteJWKSet answers a failed fetch with the bare JOSEError or the runtime's TypeError.
  if (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') {
    return new AppError('service.auth_unavailable', { cause: error });
  }
  if (error instanceof errors.JOSEError) return new AppError('auth.token_invalid', { cause: error });
  if (error instanceof TypeError && /fetch|network|connect/i.test(error.message)) {
    return new AppError('service.auth_unavailable', { cause: error });
  }
  return new AppError('auth.token_invalid', { cause: error });
}
