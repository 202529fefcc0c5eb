import type { Context } from 'hono';
import { z } from 'zod';
import {
  createTransactionRequest,
  reverseRequest,
  splitTransactionRequest,
  type Transaction,
  transactionsQuery,
} from '../../contracts/api/wallet.ts';
import { idParams } from '../../contracts/api/wallet-money.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { identify, respond } from '../_shared/idempotency.ts';
import { readBody, readParams, readQuery, validate } from '../_shared/request.ts';
import { command } from './command.ts';
import { type Condition, readOne, readPage } from './read.ts';
import type { Transfers } from './transfers.ts';

/** POST wallet/transaction: to one recipient, or split among several. */
export async function postTransaction(c: Context<AppEnv>, deps: Deps, transfers: Transfers): Promise<Response> {
  const body = await readBody(c, z.unknown());
  if (typeof body === 'object' && body !== null && 'recipients' in body) return await split(c, deps, body);
  return await transfer(c, transfers, validate(createTransactionRequest, body, 'body'));
}

async function split(c: Context<AppEnv>, deps: Deps, unchecked: unknown): Promise<Response> {
  const body = validate(splitTransactionRequest, unchecked, 'body');
  return await command(c, deps, 'split', body, body);
}

async function transfer(
  c: Context<AppEnv>,
  transfers: Transfers,
  body: z.output<typeof createTransactionRequest>,
): Promise<Response> {
  const { user_id, session_id } = c.get('claims');
  const { key, hash } = identify(c, body);
  const { recipient, amount, currency, description = null, category = null } = body;
  const asked = { actor: user_id, session: session_id, key, hash, recipient, amount, currency, description, category };
  return respond(c, await transfers.book(asked));
}

const TRANSACTIONS = `select id, user_id, type, amount, currency, description, category, status, kind, counterparty_id,
    counterparty_username, balance_after, created_at
  from public.transactions`;

/** GET wallet/transactions */
export async function listTransactions(c: Context<AppEnv>, deps: Deps) {
  const query = readQuery(c, transactionsQuery);
  const { type, status, kind, category, currency, counterparty, from, to } = query;
  const conditions: Condition[] = [
    ['type = ?', type],
    ['status = ?', status],
    ['kind = ?', kind],
    ['category = ?', category],
    ['currency = ?', currency],
    [counterpartyIs(counterparty), counterparty],
    ['created_at >= ?::timestamptz', from],
    ['created_at < ?::timestamptz', to],
  ];
  const sides: Condition[] = [['user_id = ?', c.get('claims').user_id]];
  return await readPage<Transaction>(c, deps, { list: 'transactions', select: TRANSACTIONS, conditions, sides }, query);
}

// The operator is named in full: the extension's schema need not be in the search path, and text equality would not use the index.
const BY_USERNAME =
  'counterparty_id = (select p.id from public.profiles p where p.username operator(extensions.=) ?::extensions.citext)';

function counterpartyIs(counterparty: string | undefined): string {
  return z.uuid().safeParse(counterparty).success ? 'counterparty_id = ?::uuid' : BY_USERNAME;
}

// A transfer is made within moments of its id, which says when that was: so the index, which is by time, finds it.
const TRANSACTION = `${TRANSACTIONS} where user_id = $1 and id = $2::uuid
  and created_at between $3::timestamptz - interval '10 minutes' and $3::timestamptz + interval '10 minutes' limit 1`;

/** GET wallet/transactions/:id. Throws wallet.transaction_not_found. */
export async function getTransaction(c: Context<AppEnv>, deps: Deps): Promise<Transaction> {
  const { id } = readParams(c, idParams);
  const params = [c.get('claims').user_id, id, timeOfId(id)];
  const row = await readOne<Transaction>(c, deps, TRANSACTION, params, 'wallet.transaction_by_id');
  if (row === undefined) throw new AppError('wallet.transaction_not_found');
  return row;
}

/** When an id was made: the 48 bits of milliseconds that a version 7 uuid begins with. Others are nobody's transaction. */
function timeOfId(id: string): string {
  if (id.charAt(14) !== '7') throw new AppError('wallet.transaction_not_found');
  const at_ms = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  // Beyond what a Date can hold, or Postgres: long after every transaction.
  return new Date(Math.min(at_ms, Date.UTC(9999, 0))).toISOString();
}

/** POST wallet/transactions/:id/reverse */
export async function reverseTransaction(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, reverseRequest);
  return await command(c, deps, 'reverse', { id, reason: body.reason }, body);
}
