import type { Context } from 'hono';
import type { z } from 'zod';
import {
  createTransactionRequest,
  type Transaction,
  transactionsQuery,
  type Wallet,
  walletQuery,
} from '../../contracts/api/wallet.ts';
import { AppError } from '../../contracts/errors.ts';
import { type AppEnv, createDomainApp, type DomainApp } from '../_shared/app.ts';
import { decodeCursor, toPage } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { requireUser } from '../_shared/guards.ts';
import { identify, type Outcome, respond } from '../_shared/idempotency.ts';
import { readBody, readQuery } from '../_shared/request.ts';

/** Shown when nobody asks for a currency; a user without it sees the first one they hold. */
const DEFAULT_CURRENCY = 'USD';

/** The `wallet` function: balance, transfers to other users, the list of transactions. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('wallet', deps);
  const signedIn = requireUser(deps);

  app.get('/', signedIn, async (c) => c.json(await getWallet(deps, c)));
  app.get('/transactions', signedIn, async (c) => c.json(await listTransactions(deps, c)));
  app.post('/transaction', signedIn, async (c) => await postTransaction(deps, c));

  return app;
}

const WALLETS = `select user_id, currency, balance, pending_balance, total_earnings, linked_accounts, is_frozen, updated_at
  from public.wallet where user_id = $1 order by currency limit 100`;

async function getWallet(deps: Deps, c: Context<AppEnv>): Promise<Wallet> {
  const { currency } = readQuery(c, walletQuery);
  const claims = c.get('claims');
  const rows = await deps.db.asUser(
    claims,
    (sql) => sql.query<Omit<Wallet, 'currencies'>>(WALLETS, [claims.user_id], 'wallet.get'),
    'read',
  );
  const wanted = rows.find((row) => row.currency === (currency ?? DEFAULT_CURRENCY));
  const wallet = wanted ?? (currency === undefined ? rows[0] : undefined);
  if (wallet === undefined) throw new AppError('wallet.not_found');
  return { ...wallet, currencies: rows.map((row) => row.currency) };
}

const TRANSACTIONS = `select id, user_id, type, amount, currency, description, category, status, kind, counterparty_id,
    counterparty_username, balance_after, created_at
  from public.transactions where user_id = $1`;

async function listTransactions(deps: Deps, c: Context<AppEnv>) {
  const query = readQuery(c, transactionsQuery);
  const claims = c.get('claims');
  const { text, params } = transactionsSql(claims.user_id, query);
  const rows = await deps.db.asUser(claims, (sql) => sql.query<Transaction>(text, params), 'read');
  return toPage(rows, query.limit);
}

/** Only the conditions that were asked for: a condition like `$2 is null or …` would keep Postgres from using its index. */
function transactionsSql(userId: string, query: z.output<typeof transactionsQuery>) {
  const params: unknown[] = [userId];
  const conditions: string[] = [];
  for (const column of ['type', 'status', 'category'] as const) {
    if (query[column] === undefined) continue;
    params.push(query[column]);
    conditions.push(` and ${column} = $${params.length}`);
  }
  if (query.cursor !== undefined) {
    const { created_at, id } = decodeCursor(query.cursor);
    params.push(created_at, id);
    conditions.push(` and (created_at, id) < ($${params.length - 1}::timestamptz, $${params.length}::uuid)`);
  }
  params.push(query.limit + 1);
  const text = `${TRANSACTIONS}${conditions.join('')} order by created_at desc, id desc limit $${params.length}`;
  return { text, params };
}

/** Session check, idempotency, parsing of the amount and the transfer itself: one statement, one round trip. */
const POST_TRANSACTION = `select r.replayed, r.status, r.body from app_private.assert_session($1, $2) s,
  app_private.post_transaction($1, $3, $4, $5, $6, $7, $8, $9) r`;

async function postTransaction(deps: Deps, c: Context<AppEnv>): Promise<Response> {
  const body = await readBody(c, createTransactionRequest);
  const { user_id, session_id } = c.get('claims');
  const { key, hash } = identify(c, body);
  const { recipient, amount, currency, description = null, category = null } = body;
  const params = [user_id, session_id, key, hash, recipient, amount, currency, description, category];
  const [outcome] = await deps.db.call<Outcome>(POST_TRANSACTION, params, 'wallet.transaction');
  if (outcome === undefined) throw new Error('post_transaction gave no row');
  return respond(c, outcome);
}
