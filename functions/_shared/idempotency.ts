import type { Context } from 'hono';
import { AppError, type FieldError } from '../../contracts/errors.ts';
import type { AppEnv } from './app.ts';
import { requestHash } from './canonical-json.ts';
import type { Transaction } from './db.ts';
import type { Deps } from './deps.ts';
import type { Failure } from './failure.ts';
import { problemResponse, toFailure } from './problem.ts';
import type { Claims } from './tokens.ts';

/** What a write answers. */
export interface Outcome {
  readonly status: number;
  readonly body: unknown;
  /** What a replay answers instead, of a body with what is shown once: answers are kept for a day, where secrets must not be. */
  readonly kept?: unknown;
  readonly replayed?: boolean;
}

/** The identity of a request for replays; `key` is null when the client sent none. */
export interface RequestIdentity {
  readonly key: string | null;
  readonly operation: string;
  readonly hash: Uint8Array;
}

/** Reads Idempotency-Key and binds it to method, path and body. Throws idempotency.invalid_key. */
export function identify(c: Context<AppEnv>, body: unknown): RequestIdentity {
  const key = c.req.header('idempotency-key') ?? null;
  if (key !== null && !/^[\x20-\x7e]{1,255}$/.test(key)) throw new AppError('idempotency.invalid_key');
  const operation = `${c.req.method} ${c.req.path}`;
  return { key, operation, hash: requestHash(c.req.method, c.req.path, body) };
}

/**
 * Runs a write once per Idempotency-Key, in one transaction with the claim of the key: either both are kept or neither. A business failure is
 * stored like a success, so that a retry can never flip an outcome. `work` starts as `astra_api`; it may become the user.
 * Throws auth.session_revoked, idempotency.key_reused and whatever `work` throws.
 */
export async function write(
  c: Context<AppEnv>,
  deps: Deps,
  body: unknown,
  work: (tx: Transaction, claims: Claims) => Promise<Outcome>,
): Promise<Response> {
  const claims = c.get('claims');
  const { key, operation, hash } = identify(c, body);
  const outcome = await deps.db.asApi(async (tx): Promise<Outcome> => {
    if (key === null) {
      await tx.query('select app_private.assert_session($1, $2)', [claims.user_id, claims.session_id]);
      return await work(tx, claims);
    }
    const stored = await claim(tx, claims, { key, operation, hash });
    if (stored !== undefined) return { ...stored, replayed: true };
    const result = await attempt(tx, () => work(tx, claims));
    await tx.query('select app_private.store_idempotent_response($1, $2, $3, $4)', [
      claims.user_id,
      key,
      result.status,
      JSON.stringify(result.kept ?? result.body),
    ]);
    return result;
  });
  return respond(c, outcome);
}

/** The response of an outcome, fresh or replayed; failures become problems of this request. */
export function respond(c: Context<AppEnv>, { status, body, replayed }: Outcome): Response {
  const response =
    status >= 400 ? problemResponse(storedFailure(status, body), c.get('requestId')) : Response.json(body, { status });
  if (replayed === true) response.headers.set('Idempotency-Replayed', 'true');
  return response;
}

interface Claimed {
  readonly replayed: boolean;
  readonly status: number;
  readonly body: unknown;
}

const CLAIM = `select c.replayed, c.status, c.body from app_private.assert_session($1, $2) s,
  app_private.claim_idempotency_key($1, $3, $4, $5) c`;

async function claim(tx: Transaction, claims: Claims, identity: RequestIdentity): Promise<Outcome | undefined> {
  const params = [claims.user_id, claims.session_id, identity.key, identity.operation, identity.hash];
  try {
    const [row] = await tx.query<Claimed>(CLAIM, params);
    return row?.replayed === true ? { status: row.status, body: row.body } : undefined;
  } catch (error) {
    // lock_not_available: the twin of this request holds the key longer than we may wait.
    if (toFailure(error).code === 'service.database_timeout') {
      throw new AppError('idempotency.in_progress', { retry_after_s: 1, cause: error });
    }
    throw error;
  }
}

/** Runs the work; a business failure leaves no trace but its own record. Other failures end the whole transaction. */
async function attempt(tx: Transaction, work: () => Promise<Outcome>): Promise<Outcome> {
  await tx.query('savepoint work');
  try {
    const outcome = await work();
    await tx.becomeApi();
    return outcome;
  } catch (error) {
    const failure = toFailure(error);
    if (!isFinal(failure)) throw error;
    // Rolling back also takes back the role that the work may have taken on.
    await tx.query('rollback to savepoint work');
    const { status, code, detail, hint, fields } = failure;
    return { status, body: { code, detail, hint, ...(fields === undefined ? {} : { errors: fields }) } };
  }
}

/** Whether the same request would fail in the same way for ever. Who may ask, how often, and twins may change. */
function isFinal({ status, code }: Failure): boolean {
  if (code === 'idempotency.in_progress' || code === 'idempotency.key_reused') return false;
  return status >= 400 && status < 500 && ![401, 408, 429].includes(status);
}

function storedFailure(status: number, body: unknown): Failure {
  const stored = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { code, detail, hint, errors } = stored;
  return {
    status,
    code: String(code ?? 'internal.unexpected'),
    detail: String(detail ?? ''),
    hint: String(hint ?? ''),
    fields: Array.isArray(errors) ? (errors as FieldError[]) : undefined,
  };
}
