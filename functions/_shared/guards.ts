import type { Context, MiddlewareHandler } from 'hono';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from './app.ts';
import { rateKeyOf } from './client-ip.ts';
import type { RatePolicyName } from './config.ts';
import type { Deps } from './deps.ts';
import type { Hit, Verdict } from './rate-limit.ts';
import { revocationKey } from './revocations.ts';
import type { Claims } from './tokens.ts';

/**
 * Lets only signed-in users through: verifies the access token, then asks Redis in one call whether the session was signed out
 * and whether the user or the address asks too often. Postgres is asked about the session again in the transaction.
 * Throws auth.required, auth.token_expired, auth.token_invalid, auth.session_revoked, rate_limit.exceeded.
 */
export function requireUser(deps: Deps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!(await recognise(deps, c))) throw new AppError('auth.required');
    await next();
  };
}

/**
 * Lets everybody through, signed in or not; `callerOf` tells the handler who it is. A token that is sent must be good.
 * Throws auth.token_expired, auth.token_invalid, auth.session_revoked, rate_limit.exceeded.
 */
export function acceptUser(deps: Deps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await recognise(deps, c);
    await next();
  };
}

/** Who asks, behind `acceptUser`; undefined when nobody is signed in. */
export function callerOf(c: Context<AppEnv>): Claims | undefined {
  return c.get('claims');
}

/** Finds out who asks, and counts it; false when nobody is signed in. */
async function recognise(deps: Deps, c: Context<AppEnv>): Promise<boolean> {
  let claims: Claims | undefined;
  try {
    claims = await authenticate(deps, c.req.header('authorization'));
  } catch (error) {
    // Guessing tokens is counted too, else it would be the one thing without a limit.
    await limitIp(deps, c);
    throw error;
  }
  if (claims === undefined) {
    await limitIp(deps, c);
    return false;
  }
  c.set('claims', claims);
  const { verdicts, flagged: isRevoked } = await deps.limiter.hitAll(
    [{ name: 'user', policy: deps.config.rate_limits.user, key: claims.user_id }, ipHit(deps, c)],
    revocationKey(claims.session_id),
  );
  if (isRevoked) throw new AppError('auth.session_revoked');
  enforce(c, verdicts);
  return true;
}

/** For routes without a user: limits per address. Throws rate_limit.exceeded. */
export function limitOpen(deps: Deps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await limitIp(deps, c);
    await next();
  };
}

/** A further limit of one route, by address and, where given, a second key such as the email. Throws rate_limit.exceeded. */
export async function limit(deps: Deps, c: Context<AppEnv>, name: RatePolicyName, key: string = ''): Promise<void> {
  await limitKey(deps, c, name, `${rateKeyOf(c.get('ip') ?? 'unknown')}|${key}`);
}

/** The same by a key alone, whatever address asks. Throws rate_limit.exceeded. */
export async function limitKey(deps: Deps, c: Context<AppEnv>, name: RatePolicyName, key: string): Promise<void> {
  enforce(c, [await deps.limiter.hit(name, deps.config.rate_limits[name], key.toLowerCase())]);
}

/** Several limits by one key, in one round trip; each counts, whatever the others say. Throws rate_limit.exceeded. */
export async function limitEach(
  deps: Deps,
  c: Context<AppEnv>,
  names: readonly RatePolicyName[],
  key: string,
): Promise<void> {
  const hits = names.map((name): Hit => ({ name, policy: deps.config.rate_limits[name], key }));
  enforce(c, (await deps.limiter.hitAll(hits)).verdicts);
}

async function authenticate(deps: Deps, header: string | undefined): Promise<Claims | undefined> {
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  // supabase-js sends the publishable key as bearer while nobody is signed in.
  if (token === undefined || token.startsWith('sb_publishable_')) return undefined;
  return await deps.tokens.verify(token);
}

function ipHit(deps: Deps, c: Context<AppEnv>): Hit {
  return { name: 'ip', policy: deps.config.rate_limits.ip, key: rateKeyOf(c.get('ip') ?? 'unknown') };
}

async function limitIp(deps: Deps, c: Context<AppEnv>): Promise<void> {
  enforce(c, (await deps.limiter.hitAll([ipHit(deps, c)])).verdicts);
}

function enforce(c: Context<AppEnv>, verdicts: readonly Verdict[]): void {
  c.set('verdicts', [...verdicts, ...(c.get('verdicts') ?? [])]);
  const refused = verdicts.filter((verdict) => !verdict.allowed);
  if (refused.length === 0) return;
  const wait_ms = Math.max(...refused.map((verdict) => verdict.wait_ms));
  throw new AppError('rate_limit.exceeded', { retry_after_s: Math.ceil(wait_ms / 1000) });
}
