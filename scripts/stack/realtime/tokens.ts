import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { RealtimeConfig } from './config.ts';
import { Refusal } from './refusal.ts';

/** The claims of a token whose signature, end and role were checked. */
export type Claims = JWTPayload & { readonly role: string; readonly exp: number };

export interface Tokens {
  /** @throws Refusal when a token is not ours, has ended, or is for a role that clients do not have. */
  readonly verify: (token: string) => Promise<Claims>;
}

/** Whom a token may speak for: never `postgres` or any role that only happens to exist. */
export const CLIENT_ROLES = ['anon', 'authenticated', 'service_role'] as const;

const SHARED_SECRET = ['HS256', 'HS384', 'HS512'];
const KEY_PAIR = ['ES256', 'RS256', 'EdDSA'];
/** An API key does not end. */
const NEVER_S = 4_102_444_800;
const KEPT_TOKENS = 5_000;

/** Checks tokens by the project's secret or its public keys. Checked tokens are remembered, so channels of one token share its claims. */
export function createTokens(
  config: Pick<RealtimeConfig, 'apiKeys' | 'jwtSecret' | 'jwks'>,
  now_ms: () => number = Date.now,
): Tokens {
  const keys = new Map([...config.apiKeys].map(([key, role]): [string, Claims] => [key, { role, exp: NEVER_S }]));
  const checked = new Map<string, Claims>();
  const payloadOf = signatureCheck(config, now_ms);
  return {
    async verify(token) {
      const known = keys.get(token) ?? checked.get(token);
      if (known !== undefined) return assertAlive(known, now_ms());
      const claims = assertAlive(clientClaims(await payloadOf(token)), now_ms());
      if (checked.size >= KEPT_TOKENS) checked.delete(checked.keys().next().value ?? '');
      checked.set(token, claims);
      return claims;
    },
  };
}

/** The kind of key is chosen by what we have for an algorithm, never by the token alone. */
function signatureCheck({ jwtSecret, jwks }: Pick<RealtimeConfig, 'jwtSecret' | 'jwks'>, now_ms: () => number) {
  const secret = jwtSecret === null ? null : new TextEncoder().encode(jwtSecret);
  const publicKeys = jwks === null ? null : createLocalJWKSet(jwks as JSONWebKeySet);
  const options = (algorithms: string[]): JWTVerifyOptions => ({ algorithms, currentDate: new Date(now_ms()) });
  return async (token: string): Promise<JWTPayload> => {
    try {
      const shared = SHARED_SECRET.includes(decodeProtectedHeader(token).alg ?? '');
      if (shared && secret !== null) return (await jwtVerify(token, secret, options(SHARED_SECRET))).payload;
      if (!shared && publicKeys !== null) return (await jwtVerify(token, publicKeys, options(KEY_PAIR))).payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw expired(Number(error.payload.exp), now_ms());
      if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
        throw new Refusal('JwtSignatureError', 'Failed to validate JWT signature');
      }
      throw new Refusal('MalformedJWT', 'The token provided is not a valid JWT');
    }
    throw new Refusal('JwtSignatureError', 'Failed to validate JWT signature');
  };
}

function clientClaims(payload: JWTPayload): Claims {
  const { role, exp } = payload;
  if (typeof role !== 'string' || typeof exp !== 'number') {
    throw new Refusal('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT');
  }
  if (!CLIENT_ROLES.some((allowed) => allowed === role)) {
    throw new Refusal('InvalidJWTToken', `The role ${JSON.stringify(role).slice(0, 80)} is not one of a client`);
  }
  return { ...payload, role, exp };
}

/** @throws Refusal when the token of these claims has ended. */
export function assertAlive(claims: Claims, now_ms: number): Claims {
  if (now_ms / 1_000 >= claims.exp) throw expired(claims.exp, now_ms);
  return claims;
}

function expired(exp: number, now_ms: number): Refusal {
  return new Refusal('InvalidJWTToken', `Token has expired ${Math.floor(now_ms / 1_000 - exp)} seconds ago`);
}
