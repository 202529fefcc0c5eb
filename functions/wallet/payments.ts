import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { idParams } from '../../contracts/api/wallet-money.ts';
import {
  createDepositRequest,
  type Deposit,
  type LinkedAccount,
  linkAccountRequest,
  plainQuery,
  type Withdrawal,
  withdrawRequest,
} from '../../contracts/api/wallet-payments.ts';
import { AppError } from '../../contracts/errors.ts';
import type { PaymentProvider } from '../../payments/provider.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { identify, respond } from '../_shared/idempotency.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { command, refuse, run, storedAnswer } from './command.ts';
import { asking, providerOf, refusalOf } from './provider.ts';
import { readOne, readPage } from './read.ts';

/**
 * POST wallet/linked-accounts. The provider is asked first, because only it knows what the token stands for; asked again with
 * the same Idempotency-Key it gives the same account, so a retry after any lost answer ends in one linked account.
 * Throws wallet.raw_account_number, provider.not_configured, provider.unavailable.
 */
export async function linkAccount(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, linkAccountRequest);
  if (isAccountNumber(body.token)) throw new AppError('wallet.raw_account_number');
  const provider = providerOf(deps, body.provider);
  const stored = await storedAnswer(c, deps, 'link_account', body);
  if (stored !== undefined) return respond(c, stored);
  const { user_id } = c.get('claims');
  const request = { token: body.token, user_id, idempotency_key: providerKey(c, body) };
  let linked: Awaited<ReturnType<PaymentProvider['linkAccount']>>;
  try {
    linked = await asking(c, deps, () => provider.linkAccount(request));
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return await refuse(c, deps, 'link_account', body, error as AppError);
  }
  const { provider_token, kind, bank_name, last4, currency } = linked;
  const facts = { bank_name: bank_name || null, last4: last4.length === 4 ? last4 : null, currency };
  return await command(c, deps, 'link_account', { provider: provider.name, provider_token, kind, ...facts }, body);
}

/** An IBAN, or nothing but the digits of an account or a card: a token of a provider is neither. */
function isAccountNumber(token: string): boolean {
  const text = token.replace(/[\s.-]/g, '');
  return /^\d{4,}$/.test(text) || /^[A-Za-z]{2}\d{2}[A-Za-z0-9]{10,30}$/.test(text);
}

/** The same for the same request of the same user, and never the client's own key: that one is the user's alone. */
function providerKey(c: Context<AppEnv>, body: unknown): string {
  const { key, hash } = identify(c, body);
  if (key === null) return c.get('requestId') + crypto.randomUUID();
  return createHash('sha256')
    .update(`${c.get('claims').user_id}\n${key}\n`)
    .update(hash)
    .digest('hex');
}

const LINKED_ACCOUNTS =
  'select id, user_id, provider, kind, bank_name, last4, currency, created_at from public.linked_accounts';

/** GET wallet/linked-accounts */
export async function listLinkedAccounts(c: Context<AppEnv>, deps: Deps) {
  return await readPage<LinkedAccount>(c, deps, ownOf(c, 'linked_accounts', LINKED_ACCOUNTS), readQuery(c, plainQuery));
}

/** DELETE wallet/linked-accounts/:id */
export async function unlinkAccount(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  return await command(c, deps, 'unlink_account', { id }, {});
}

/** POST wallet/withdraw: the money is held; the worker sends it to the provider. */
export async function withdraw(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, withdrawRequest);
  return await command(c, deps, 'withdraw', body, body);
}

const WITHDRAWALS = `select id, user_id, linked_account_id, currency, amount, fee, state, failure, created_at, updated_at
  from public.withdrawals`;

/** GET wallet/withdrawals */
export async function listWithdrawals(c: Context<AppEnv>, deps: Deps) {
  return await readPage<Withdrawal>(c, deps, ownOf(c, 'withdrawals', WITHDRAWALS), readQuery(c, plainQuery));
}

/** GET wallet/withdrawals/:id. Throws wallet.withdrawal_not_found. */
export async function getWithdrawal(c: Context<AppEnv>, deps: Deps): Promise<Withdrawal> {
  const { id } = readParams(c, idParams);
  const row = await readOne<Withdrawal>(c, deps, `${WITHDRAWALS} where id = $1`, [id], 'wallet.withdrawal');
  if (row === undefined) throw new AppError('wallet.withdrawal_not_found');
  return row;
}

/**
 * POST wallet/deposits. Our record comes first, and its id is what the provider is asked with: whatever gets lost afterwards,
 * the same Idempotency-Key finds the record again, asks the provider again and ends in one checkout.
 * Throws provider.not_configured, provider.unavailable, provider.refused.
 */
export async function createDeposit(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, createDepositRequest);
  const { name } = providerOf(deps);
  const outcome = await run(c, deps, 'open_deposit', { ...body, provider: name }, body);
  if (outcome.status >= 400) return respond(c, outcome);
  const deposit = outcome.body as Deposit;
  // The stored answer has its checkout, unless whoever asked first never had the provider's answer.
  if (deposit.checkout !== null) return respond(c, outcome);
  return respond(c, { ...outcome, body: await openCheckout(c, deps, deposit, identify(c, body).key) });
}

const ATTACH = 'select app_private.attach_deposit($1, $2, $3, $4) as deposit';
const REFUSED = 'select app_private.deposit_refused($1, $2)';

/** The deposit with its checkout: from now on the stored answer of the request, too. */
async function openCheckout(c: Context<AppEnv>, deps: Deps, deposit: Deposit, key: string | null): Promise<Deposit> {
  // The provider that was in use when the deposit was opened, also for a retry that comes later.
  const provider: PaymentProvider = providerOf(deps, deposit.provider);
  const { id, user_id, currency, amount } = deposit;
  const request = { deposit_id: id, user_id, currency, ...minorUnits(amount) };
  let opened: Awaited<ReturnType<PaymentProvider['createDeposit']>>;
  try {
    opened = await asking(c, deps, () => provider.createDeposit(request));
  } catch (error) {
    // A refusal is final for this id, so a retry that asks again gets it again.
    const reason = refusalOf(error);
    if (reason !== undefined) await deps.db.call(REFUSED, [id, reason], 'wallet.deposit_refused');
    throw error;
  }
  const params = [id, opened.provider_reference, JSON.stringify(opened.checkout), key];
  const [row] = await deps.db.call<{ deposit: Deposit }>(ATTACH, params, 'wallet.attach_deposit');
  if (row === undefined) throw new Error('attach_deposit gave no row');
  return row.deposit;
}

/** Amounts of ours have all decimals of their currency: `12.50` is 1250 minor units with two decimals. */
export function minorUnits(amount: string): { amount_minor: string; exponent: number } {
  const [whole = '', decimals = ''] = amount.split('.');
  return { amount_minor: BigInt(whole + decimals).toString(), exponent: decimals.length };
}

const DEPOSITS = `select id, user_id, currency, amount, provider, checkout, state, failure, created_at, updated_at
  from public.deposits`;

/** GET wallet/deposits */
export async function listDeposits(c: Context<AppEnv>, deps: Deps) {
  return await readPage<Deposit>(c, deps, ownOf(c, 'deposits', DEPOSITS), readQuery(c, plainQuery));
}

/** GET wallet/deposits/:id. Throws wallet.deposit_not_found. */
export async function getDeposit(c: Context<AppEnv>, deps: Deps): Promise<Deposit> {
  const { id } = readParams(c, idParams);
  return await depositOf(c, deps, id);
}

async function depositOf(c: Context<AppEnv>, deps: Deps, id: string): Promise<Deposit> {
  const row = await readOne<Deposit>(c, deps, `${DEPOSITS} where id = $1`, [id], 'wallet.deposit');
  if (row === undefined) throw new AppError('wallet.deposit_not_found');
  return row;
}

function ownOf(c: Context<AppEnv>, list: string, select: string) {
  return { list, select, conditions: [], sides: [['user_id = ?', c.get('claims').user_id]] as const };
}
