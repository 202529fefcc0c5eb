import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { idParams } from '../../contracts/api/wallet-money.ts';
import { type PaymentRequest, requestPaymentRequest, requestsQuery } from '../../contracts/api/wallet-requests.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { command } from './command.ts';
import { type Condition, readOne, readPage } from './read.ts';

const REQUESTS = `select id, requester_id, requester_username, payer_id, payer_username, currency, amount, description, category,
    state, created_at, expires_at, resolved_at, transfer_id
  from public.payment_requests`;

/** POST wallet/requests */
export async function requestPayment(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, requestPaymentRequest);
  return await command(c, deps, 'request_payment', body, body);
}

/** GET wallet/requests: those that the user sent or got. */
export async function listRequests(c: Context<AppEnv>, deps: Deps) {
  const query = readQuery(c, requestsQuery);
  const { user_id } = c.get('claims');
  const sent: Condition = ['requester_id = ?', user_id];
  const received: Condition = ['payer_id = ?', user_id];
  const sides = query.direction === undefined ? [sent, received] : [query.direction === 'sent' ? sent : received];
  const conditions: Condition[] = [['state = ?', query.state]];
  return await readPage<PaymentRequest>(c, deps, { list: 'requests', select: REQUESTS, conditions, sides }, query);
}

/** GET wallet/requests/:id. Throws wallet.request_not_found. */
export async function getRequest(c: Context<AppEnv>, deps: Deps): Promise<PaymentRequest> {
  const { id } = readParams(c, idParams);
  const request = await readOne<PaymentRequest>(c, deps, `${REQUESTS} where id = $1`, [id], 'wallet.request');
  if (request === undefined) throw new AppError('wallet.request_not_found');
  return request;
}

/** POST wallet/requests/:id/pay, decline or cancel */
export async function answerRequest(
  c: Context<AppEnv>,
  deps: Deps,
  operation: 'pay_request' | 'decline_request' | 'cancel_request',
): Promise<Response> {
  const { id } = readParams(c, idParams);
  return await command(c, deps, operation, { id }, await readBody(c, emptyRequest));
}
