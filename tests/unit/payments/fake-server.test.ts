import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { ProviderError } from '../../../payments/provider.ts';
import { eventually } from '../../support/eventually.ts';
import {
  openPaymentServer,
  openWebhookSink,
  type PaymentServer,
  type WebhookSink,
} from '../../support/payment-server.ts';

const SLOW = { attempts: 12, first_pause_ms: 60_000, longest_pause_ms: 60_000 };

/** An account of a new user; its number decides what happens to payouts. */
async function link({ ask, provider }: PaymentServer, account_number = '12345678') {
  const user_id = randomUUID();
  const { body } = await ask('POST', '/v1/tokens', { account_number, holder: 'Ada' }, {});
  const account = await provider.linkAccount({ token: body.token, user_id, idempotency_key: randomUUID() });
  return { user_id, account_token: account.provider_token };
}

const money = { amount_minor: '1250', currency: 'USD', exponent: 2 };

async function payTo(server: PaymentServer, account_number?: string) {
  const request = { ...(await link(server, account_number)), withdrawal_id: randomUUID(), ...money };
  const { provider_reference } = await server.provider.createPayout(request);
  return { request, provider_reference };
}

async function open(server: PaymentServer) {
  const deposit_id = randomUUID();
  const { provider_reference: id } = await server.provider.createDeposit({
    deposit_id,
    user_id: randomUUID(),
    ...money,
  });
  return { id, deposit_id };
}

/** What our side makes of everything that arrived. */
function told({ arrivals }: WebhookSink, { provider }: PaymentServer) {
  return Promise.all(arrivals.map(({ headers, body }) => provider.parseWebhook({ headers, body, now_ms: Date.now() })));
}

function arrived(sink: WebhookSink, count: number): Promise<true> {
  return eventually(`${count} webhooks, not ${sink.arrivals.length}`, async () => sink.arrivals.length >= count);
}

async function eventOf(server: PaymentServer, reference: string, state: string) {
  return eventually(`an event of ${reference} that is ${state}`, async () => {
    const { body } = await server.ask('GET', `/v1/events?reference=${reference}`);
    return body.data.find((event: { state: string }) => event.state === state);
  });
}

async function refusedWith(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProviderError);
  expect((error as ProviderError).code).toBe('provider.refused');
  return (error as ProviderError).provider_code;
}

test('turns an account number into a token and forgets the number', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const iban = 'DE89 3704 0044 0532 0130 07';
  const { status, body } = await server.ask('POST', '/v1/tokens', { iban, holder: 'Ada' }, { origin: 'http://an.app' });
  expect([status, body]).toEqual([
    201,
    { token: expect.stringMatching(/^tok_/), bank_name: 'Astra Test Bank', last4: '3007' },
  ]);
  const request = { token: body.token, user_id: randomUUID(), idempotency_key: 'k' };
  const account = await server.provider.linkAccount(request);
  expect(account).toMatchObject({ kind: 'bank_account', last4: '3007', currency: 'USD' });
  await expect(server.provider.linkAccount(request)).resolves.toEqual(account);
  expect(await refusedWith(server.provider.linkAccount({ ...request, idempotency_key: 'other' }))).toBe('token_used');
});

test('pays out, and tells so by a webhook that our side accepts', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { request, provider_reference } = await payTo(server);
  await arrived(sink, 1);
  await expect(told(sink, server)).resolves.toMatchObject([
    {
      type: 'payout.paid',
      reference: request.withdrawal_id,
      provider_reference,
      amount_minor: '1250',
      currency: 'USD',
    },
  ]);
});

test('a number that ends in 0000 fails with the reason', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await payTo(server, '12340000');
  await arrived(sink, 1);
  await expect(told(sink, server)).resolves.toMatchObject([{ type: 'payout.failed', reason: 'account_closed' }]);
});

test('a number that ends in 0001 waits until it is settled by hand; paid may still come back', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { provider_reference } = await payTo(server, '12340001');
  const settle = (outcome: string) => server.ask('POST', `/v1/payouts/${provider_reference}/settle`, { outcome });
  await settle('paid');
  await arrived(sink, 1);
  await settle('failed');
  await arrived(sink, 2);
  const types = (await told(sink, server)).map(({ type }) => type);
  expect(types).toEqual(['payout.paid', 'payout.failed']);
  expect(await settle('paid')).toMatchObject({ status: 409 });
});

test('a number that ends in 0002 is refused at once (provider.refused)', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  expect(await refusedWith(payTo(server, '12340002'))).toBe('account_refused');
});

test('refuses accounts of others and removed ones (provider.refused)', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { account_token, user_id } = await link(server);
  const payout = { account_token, withdrawal_id: randomUUID(), ...money };
  expect(await refusedWith(server.provider.createPayout({ ...payout, user_id: randomUUID() }))).toBe('account_unknown');
  await server.provider.unlinkAccount(account_token);
  await server.provider.unlinkAccount(account_token);
  const again = { ...payout, user_id, withdrawal_id: randomUUID() };
  expect(await refusedWith(server.provider.createPayout(again))).toBe('account_unknown');
});

test('pays an account in its own currency only: dollars, or what its token was made for (provider.refused)', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const user_id = randomUUID();
  const number = { iban: 'DE89 3704 0044 0532 0130 07', holder: 'Ada', currency: 'EUR' };
  const { body } = await server.ask('POST', '/v1/tokens', number, {});
  const account = await server.provider.linkAccount({ token: body.token, user_id, idempotency_key: randomUUID() });
  expect(account.currency).toBe('EUR');
  const payout = { user_id, account_token: account.provider_token, ...money };
  const dollars = server.provider.createPayout({ ...payout, withdrawal_id: randomUUID() });
  expect(await refusedWith(dollars)).toBe('account_currency');
  await server.provider.createPayout({ ...payout, withdrawal_id: randomUUID(), currency: 'EUR' });
});

test('does one payout for one key, also when asked ten times at once; another body is refused', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const request = { ...(await link(server)), withdrawal_id: randomUUID(), ...money };
  const answers = await Promise.all(Array.from({ length: 10 }, () => server.provider.createPayout(request)));
  expect(new Set(answers.map(({ provider_reference }) => provider_reference)).size).toBe(1);
  const other = server.provider.createPayout({ ...request, amount_minor: '1251' });
  expect(await refusedWith(other)).toBe('idempotency_key_reused');
  const { body } = await server.ask('GET', `/v1/payouts?reference=${request.withdrawal_id}`);
  expect(body.data).toHaveLength(1);
});

test('a deposit is paid once by whoever opens its page, without a key', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { id, deposit_id } = await open(server);
  expect(await server.ask('GET', `/checkout/${id}`, undefined, {})).toMatchObject({ status: 200 });
  const facts = { id, amount: '12.50', currency: 'USD', status: 'open' };
  expect((await server.ask('GET', `/checkout/${id}/facts`, undefined, {})).body).toEqual(facts);
  const pay = () => server.ask('POST', `/v1/deposits/${id}/pay`, undefined, {});
  expect((await pay()).body).toEqual({ ...facts, status: 'paid' });
  expect((await pay()).status).toBe(200);
  expect((await server.ask('POST', `/v1/deposits/${id}/decline`, undefined, {})).status).toBe(409);
  await eventOf(server, deposit_id, 'delivered');
  await expect(told(sink, server)).resolves.toMatchObject([{ type: 'deposit.succeeded', reference: deposit_id }]);
});

test('a declined customer may try again', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { id } = await open(server);
  await server.ask('POST', `/v1/deposits/${id}/decline`, undefined, {});
  await arrived(sink, 1);
  await server.ask('POST', `/v1/deposits/${id}/pay`, undefined, {});
  await arrived(sink, 2);
  expect((await told(sink, server)).map(({ type }) => type)).toEqual(['deposit.failed', 'deposit.succeeded']);
});

test('sends a webhook again until it is answered with 2xx, each time with the same id and a new time', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const answers = [500, 404, 302, 204];
  sink.answer = () => answers[sink.arrivals.length - 1] ?? 204;
  const { request } = await payTo(server);
  const event = await eventOf(server, request.withdrawal_id, 'delivered');
  expect(event).toMatchObject({ attempts: 4, deliveries: 1, last_answer: 'HTTP 204' });
  expect(new Set(sink.arrivals.map(({ headers }) => headers.get('webhook-id')))).toEqual(new Set([event.id]));
});

test('gives up after so many tries, and delivers when asked to', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url, {
    retries: { attempts: 3, first_pause_ms: 1, longest_pause_ms: 2 },
  });
  sink.answer = () => 503;
  const { request } = await payTo(server);
  const event = await eventOf(server, request.withdrawal_id, 'failed');
  expect(sink.arrivals).toHaveLength(3);
  sink.answer = () => 204;
  await server.ask('POST', `/v1/events/${event.id}/redeliver`);
  expect(await eventOf(server, request.withdrawal_id, 'delivered')).toMatchObject({ id: event.id });
});

test('keeps what was not delivered, and payouts under way, over a restart', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url, { retries: SLOW, settle_ms: 300 });
  sink.answer = () => 500;
  const { id, deposit_id } = await open(server);
  await server.ask('POST', `/v1/deposits/${id}/pay`, undefined, {});
  await arrived(sink, 1);
  const { request, provider_reference } = await payTo(server);
  await server.restart();
  sink.answer = () => 204;
  await eventOf(server, request.withdrawal_id, 'delivered');
  await eventOf(server, deposit_id, 'delivered');
  const types = new Set((await told(sink, server)).map(({ type }) => type));
  expect(types).toEqual(new Set(['deposit.succeeded', 'payout.paid']));
  await expect(server.provider.createPayout(request)).resolves.toEqual({ provider_reference });
});

test('copies and drops webhooks on demand', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await server.ask('POST', '/v1/chaos', { duplicate: 3 });
  const { request } = await payTo(server);
  await arrived(sink, 4);
  expect(new Set(sink.arrivals.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1);
  await server.ask('POST', '/v1/chaos', { drop: 2 });
  const second = await payTo(server);
  expect(await eventOf(server, second.request.withdrawal_id, 'delivered')).toMatchObject({ attempts: 3 });
  await eventually('four counted copies', async () => {
    const { attempts, deliveries } = await eventOf(server, request.withdrawal_id, 'delivered');
    return attempts === 1 && deliveries === 4;
  });
});

test('turns the order around on demand', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await server.ask('POST', '/v1/chaos', { reorder: true });
  const { provider_reference } = await payTo(server, '12340001');
  for (const outcome of ['paid', 'failed']) {
    await server.ask('POST', `/v1/payouts/${provider_reference}/settle`, { outcome });
  }
  await arrived(sink, 2);
  expect((await told(sink, server)).map(({ type }) => type)).toEqual(['payout.failed', 'payout.paid']);
});

test.each([
  ['POST', '/v1/payouts'],
  ['POST', '/v1/deposits'],
  ['POST', '/v1/accounts'],
  ['DELETE', '/v1/accounts/ba_1'],
  ['GET', '/v1/events'],
  ['POST', '/v1/payouts/po_1/settle'],
  ['POST', '/v1/chaos'],
])('%s %s needs the key', async (method, path) => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  for (const headers of [{}, { authorization: 'Bearer sk_fake_wrong' }]) {
    expect(await server.ask(method, path, undefined, headers)).toMatchObject({ status: 401 });
  }
});

test('a website elsewhere can tokenise an account and nothing else', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { id } = await open(server);
  const origin = 'https://elsewhere.example';
  expect(
    (await server.ask('OPTIONS', '/v1/tokens', undefined, { origin })).headers.get('access-control-allow-origin'),
  ).toBe('*');
  expect(await server.ask('POST', `/v1/deposits/${id}/pay`, undefined, { origin })).toMatchObject({ status: 403 });
});

test('never repeats an account number in a refusal', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  const { status, body } = await server.ask('POST', '/v1/tokens', { iban: 'XX-secret-number', holder: 'Ada' }, {});
  expect(status).toBe(400);
  expect(JSON.stringify(body)).not.toContain('secret-number');
});
