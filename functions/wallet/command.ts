import type { Context } from 'hono';
import { type AppError, ERRORS } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Transaction } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import { identify, type Outcome, respond } from '../_shared/idempotency.ts';

/** What `app_private.wallet_command` can do, besides what only the function itself asks for. */
export type Operation =
  | 'place_hold'
  | 'capture_hold'
  | 'void_hold'
  | 'split'
  | 'reverse'
  | 'request_payment'
  | 'pay_request'
  | 'decline_request'
  | 'cancel_request'
  | 'link_account'
  | 'unlink_account'
  | 'withdraw'
  | 'open_deposit'
  | 'batch';

/** Session check, idempotency, the command and its outbox rows: one statement, one round trip. */
const COMMAND = 'select r.* from app_private.wallet_command($1, $2, $3, $4, $5, $6) r';

/**
 * Runs a command once per Idempotency-Key and gives its outcome, refusals included. `body` is the parsed body, to which the key
 * is bound, together with method and path.
 */
export async function run(
  c: Context<AppEnv>,
  deps: Deps,
  operation: Operation,
  args: object,
  body: unknown,
): Promise<Outcome> {
  const { user_id, session_id } = c.get('claims');
  const { key, hash } = identify(c, body);
  const params = [user_id, session_id, key, hash, operation, JSON.stringify(args)];
  const [outcome] = await deps.db.call<Outcome>(COMMAND, params, 'wallet.command');
  if (outcome === undefined) throw new Error('wallet_command gave no row');
  return outcome;
}

/** The same, as a response. */
export async function command(
  c: Context<AppEnv>,
  deps: Deps,
  operation: Operation,
  args: object,
  body: unknown,
): Promise<Response> {
  return respond(c, await run(c, deps, operation, args, body));
}

/** Books what is queued for the user and frees their expired holds, so that what is read next is whole. */
export async function settle(c: Context<AppEnv>, deps: Deps): Promise<void> {
  const { user_id, session_id } = c.get('claims');
  await deps.db.call(COMMAND, [user_id, session_id, null, null, 'settle', '{}'], 'wallet.command');
}

const ASSERT_SESSION = 'select app_private.assert_session($1, $2)';
const CLAIM = 'select c.replayed, c.status, c.body from app_private.claim_idempotency_key($1, $2, $3, $4) c';
const STORE = 'select app_private.store_idempotent_response($1, $2, $3, $4)';

/**
 * The stored answer of this request, if there is one: asked before a step outside Postgres that must not be taken for a
 * revoked session, for a key that belongs to another request, or for what was answered already. Claims nothing.
 * Throws auth.session_revoked, idempotency.key_reused, idempotency.in_progress.
 */
export async function storedAnswer(
  c: Context<AppEnv>,
  deps: Deps,
  operation: Operation,
  body: unknown,
): Promise<Outcome | undefined> {
  return await deps.db.asApi(async (tx) => {
    if (identify(c, body).key === null) {
      await assertSession(tx, c);
      return undefined;
    }
    await tx.query('savepoint look');
    const stored = await claim(tx, c, operation, body);
    await tx.query('rollback to savepoint look');
    return stored;
  });
}

/** Stores a refusal that a command never came to know of, and answers it: a retry gets the same. */
export async function refuse(
  c: Context<AppEnv>,
  deps: Deps,
  operation: Operation,
  body: unknown,
  { code, detail, hint }: AppError,
): Promise<Response> {
  const refusal: Outcome = { status: ERRORS[code].status, body: { code, detail, hint } };
  const { key } = identify(c, body);
  if (key === null) return respond(c, refusal);
  const outcome = await deps.db.asApi(async (tx): Promise<Outcome> => {
    const stored = await claim(tx, c, operation, body);
    if (stored !== undefined) return stored;
    await tx.query(STORE, [c.get('claims').user_id, key, refusal.status, JSON.stringify(refusal.body)]);
    return refusal;
  });
  return respond(c, outcome);
}

async function claim(
  tx: Transaction,
  c: Context<AppEnv>,
  operation: Operation,
  body: unknown,
): Promise<Outcome | undefined> {
  await assertSession(tx, c);
  const { key, hash } = identify(c, body);
  const params = [c.get('claims').user_id, key, `wallet.${operation}`, hash];
  const [row] = await tx.query<{ replayed: boolean; status: number; body: unknown }>(CLAIM, params);
  return row?.replayed === true ? row : undefined;
}

async function assertSession(tx: Transaction, c: Context<AppEnv>): Promise<void> {
  const { user_id, session_id } = c.get('claims');
  await tx.query(ASSERT_SESSION, [user_id, session_id]);
}
