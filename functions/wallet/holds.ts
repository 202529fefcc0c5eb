import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { captureHoldRequest, type Hold, holdsQuery, placeHoldRequest } from '../../contracts/api/wallet-holds.ts';
import { idParams } from '../../contracts/api/wallet-money.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { command } from './command.ts';
import { type Condition, readOne, readPage } from './read.ts';

const HOLDS = `select id, user_id, payee_id, payee_username, currency, amount, captured_amount, state, description, category,
    created_at, expires_at, resolved_at, transfer_id
  from public.holds`;

/** POST wallet/holds */
export async function placeHold(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, placeHoldRequest);
  return await command(c, deps, 'place_hold', body, body);
}

/** GET wallet/holds: those that the user gave or got. */
export async function listHolds(c: Context<AppEnv>, deps: Deps) {
  const query = readQuery(c, holdsQuery);
  const { user_id } = c.get('claims');
  const payer: Condition = ['user_id = ?', user_id];
  const payee: Condition = ['payee_id = ?', user_id];
  const sides = query.role === undefined ? [payer, payee] : [query.role === 'payer' ? payer : payee];
  const conditions: Condition[] = [['state = ?', query.state]];
  return await readPage<Hold>(c, deps, { list: 'holds', select: HOLDS, conditions, sides }, query);
}

/** GET wallet/holds/:id. Throws wallet.hold_not_found. */
export async function getHold(c: Context<AppEnv>, deps: Deps): Promise<Hold> {
  const { id } = readParams(c, idParams);
  const hold = await readOne<Hold>(c, deps, `${HOLDS} where id = $1`, [id], 'wallet.hold');
  if (hold === undefined) throw new AppError('wallet.hold_not_found');
  return hold;
}

/** POST wallet/holds/:id/capture */
export async function captureHold(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, captureHoldRequest);
  return await command(c, deps, 'capture_hold', { id, amount: body.amount ?? null }, body);
}

/** POST wallet/holds/:id/void */
export async function voidHold(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  return await command(c, deps, 'void_hold', { id }, await readBody(c, emptyRequest));
}
