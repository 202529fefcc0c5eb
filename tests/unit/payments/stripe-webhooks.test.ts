import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { ProviderError, WebhookRefused } from '../../../payments/provider.ts';
import { recordedProvider, scripted, stripeError } from './stripe-calls.ts';

const stripe = new Stripe('sk_test_123');
const reference = randomUUID();
const MINUTE_S = 60;
const now_s = () => Math.floor(Date.now() / 1000);

const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  amount: 1250,
  amount_received: 1250,
  currency: 'usd',
  metadata: { deposit_id: reference, user_id: 'u', exponent: '2' },
};
const payout = {
  id: 'po_1',
  object: 'payout',
  amount: 1250,
  currency: 'usd',
  metadata: { withdrawal_id: reference, user_id: 'u', exponent: '2', transfer_id: 'tr_1' },
};

function eventOf(type: string, object: object, facts: object = {}) {
  const account = type.startsWith('payout.') ? { account: 'acct_1' } : {};
  return {
    id: 'evt_1',
    object: 'event',
    type,
    created: 1_767_323_045,
    livemode: false,
    data: { object },
    ...account,
    ...facts,
  };
}

async function signed(event: unknown, { secret = 'whsec_platform', timestamp = now_s() } = {}) {
  const body = JSON.stringify(event);
  const header = await stripe.webhooks.generateTestHeaderStringAsync({ payload: body, secret, timestamp });
  return { headers: new Headers({ 'stripe-signature': header }), body, now_ms: Date.now() };
}

/** What the adapter makes of a webhook; it may only ask what the answers foresee. */
function read(request: Awaited<ReturnType<typeof signed>>, answers: Record<string, unknown> = {}) {
  const { provider, calls } = recordedProvider(scripted(answers));
  return { told: provider.parseWebhook(request), calls };
}

async function refused(request: Awaited<ReturnType<typeof signed>>): Promise<string> {
  const error = await read(request).told.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WebhookRefused);
  return (error as WebhookRefused).message;
}

const facts = {
  event_id: 'evt_1',
  occurred_at: '2026-01-02T03:04:05.000Z',
  reference,
  amount_minor: '1250',
  currency: 'USD',
};

test('tells of a deposit that succeeded', async () => {
  const { told } = read(await signed(eventOf('payment_intent.succeeded', intent)));
  await expect(told).resolves.toEqual({ ...facts, type: 'deposit.succeeded', provider_reference: 'pi_1' });
});

test.each([
  [
    'payment_intent.payment_failed',
    { last_payment_error: { code: 'card_declined', decline_code: 'lost_card' } },
    'lost_card',
  ],
  ['payment_intent.canceled', { cancellation_reason: 'abandoned' }, 'abandoned'],
])('tells of a deposit that failed: %s', async (type, more, reason) => {
  const { told } = read(await signed(eventOf(type, { ...intent, amount_received: 0, ...more })));
  await expect(told).resolves.toEqual({ ...facts, type: 'deposit.failed', provider_reference: 'pi_1', reason });
});

test('tells of a payout that was paid, signed for the connected accounts', async () => {
  const { told } = read(await signed(eventOf('payout.paid', payout), { secret: 'whsec_connect' }));
  await expect(told).resolves.toEqual({ ...facts, type: 'payout.paid', provider_reference: 'po_1' });
});

test.each([
  ['payout.failed', { failure_code: 'account_closed' }, 'account_closed'],
  ['payout.canceled', {}, 'canceled'],
])('brings the money of a payout back before it tells of %s', async (type, more, reason) => {
  const answers = { 'POST /v1/transfers/tr_1/reversals': { id: 'trr_1' } };
  const { told, calls } = read(await signed(eventOf(type, { ...payout, ...more })), answers);
  await expect(told).resolves.toEqual({ ...facts, type: 'payout.failed', provider_reference: 'po_1', reason });
  expect(calls).toMatchObject([{ what: 'POST /v1/transfers/tr_1/reversals', key: `reversal:${reference}` }]);
});

test('a failed payout whose money is back already is told of', async () => {
  const answers = {
    'POST /v1/transfers/tr_1/reversals': stripeError(400, 'invalid_request_error'),
    'GET /v1/transfers/tr_1': { id: 'tr_1', reversed: true },
  };
  const { told } = read(await signed(eventOf('payout.failed', payout)), answers);
  await expect(told).resolves.toMatchObject({ type: 'payout.failed' });
});

test('a failed payout whose money cannot come back yet is not told of (provider.unavailable)', async () => {
  const answers = {
    'POST /v1/transfers/tr_1/reversals': stripeError(500, 'api_error'),
    'GET /v1/transfers/tr_1': { id: 'tr_1', reversed: false },
  };
  const error = await read(await signed(eventOf('payout.failed', payout)), answers).told.catch((reason) => reason);
  expect(error).toBeInstanceOf(ProviderError);
  expect(error.retryable).toBe(true);
});

test.each([
  ['other types', eventOf('charge.refunded', { id: 'ch_1' })],
  ['payments that are not ours', eventOf('payment_intent.succeeded', { ...intent, metadata: {} })],
  ['payouts that are not ours', eventOf('payout.paid', { ...payout, metadata: {} })],
  ['payments to a connected account', eventOf('payment_intent.succeeded', intent, { account: 'acct_1' })],
  ['payouts of the platform itself', eventOf('payout.paid', payout, { account: null })],
  ['money of another mode', eventOf('payment_intent.succeeded', intent, { livemode: true })],
])('ignores %s', async (_what, event) => {
  const { told, calls } = read(await signed(event));
  await expect(told).resolves.toEqual({ event_id: 'evt_1', type: 'ignored', provider_type: event.type });
  expect(calls).toEqual([]);
});

test('reads amounts in our own decimals', async () => {
  const yen = { ...intent, amount_received: 500, currency: 'jpy', metadata: { ...intent.metadata, exponent: '0' } };
  const { told } = read(await signed(eventOf('payment_intent.succeeded', yen)));
  await expect(told).resolves.toMatchObject({ amount_minor: '500', currency: 'JPY' });
});

test.each([
  ['another secret', { secret: 'whsec_forged' }],
  ['a replay', { timestamp: now_s() - 6 * MINUTE_S }],
  ['the future', { timestamp: now_s() + 6 * MINUTE_S }],
])('refuses a signature of %s (provider.webhook_invalid)', async (_what, how) => {
  await refused(await signed(eventOf('payment_intent.succeeded', intent), how));
});

test('refuses a changed body, a missing header and a message kept for later (provider.webhook_invalid)', async () => {
  const good = await signed(eventOf('payment_intent.succeeded', intent));
  await refused({ ...good, body: good.body.replace('1250', '9250') });
  await refused({ ...good, headers: new Headers() });
  await refused({ ...good, now_ms: good.now_ms + 6 * MINUTE_S * 1000 });
});

test.each([
  ['no exponent', { metadata: { deposit_id: reference } }],
  ['an amount that does not fit', { metadata: { ...intent.metadata, exponent: '0' } }],
  ['no amount', { amount_received: 0 }],
  ['a reference that is no id of ours', { metadata: { ...intent.metadata, deposit_id: 'x' } }],
])('refuses %s, though it is signed', async (_what, change) => {
  await refused(await signed(eventOf('payment_intent.succeeded', { ...intent, ...change })));
});
