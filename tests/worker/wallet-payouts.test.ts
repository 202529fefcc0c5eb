import { expect, test } from 'vitest';
import { createFakeProvider } from '../../payments/fake-provider.ts';
import type { PaymentProvider } from '../../payments/provider.ts';
import { payoutLoop } from '../../worker/wallet/payouts.ts';
import { eventually } from '../support/eventually.ts';
import { API_KEY, openPaymentServer, openWebhookSink, type PaymentServer } from '../support/payment-server.ts';
import type { WorkerFixture } from './fixture.ts';
import { ownStores } from './stores.ts';
import { openSaver, paymentsEnvironment, payoutDeps } from './withdrawals.ts';

/** The fake's client over a line that does what `fetch` does. */
function over(server: PaymentServer, line: typeof fetch, timeout_ms = 2_000): PaymentProvider {
  return createFakeProvider({ url: server.url, api_key: API_KEY, webhook_secrets: [], fetch: line, timeout_ms });
}

async function round(stores: WorkerFixture, provider: PaymentProvider): Promise<number> {
  const loop = payoutLoop(payoutDeps(stores, provider));
  if (loop === null) throw new Error('there is a provider');
  return (await loop.round()).done;
}

async function withdrawal(stores: WorkerFixture, id: string) {
  const { rows } = await stores.db.query(
    'select state, failure, provider_reference, attempts, next_attempt_at > now() as later from ledger.withdrawals where id = $1',
    [id],
  );
  return rows[0];
}

const dueNow = (stores: WorkerFixture) => stores.db.query('update ledger.withdrawals set next_attempt_at = now()');

async function payoutsOf(server: PaymentServer, id: string): Promise<{ id: string }[]> {
  return (await server.ask('GET', `/v1/payouts?reference=${id}`)).body.data;
}

test('a running worker takes a withdrawal to the provider within seconds', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores(paymentsEnvironment(server.url));
  await using saver = await openSaver(stores, server);
  const worker = await stores.start();
  const id = await saver.withdraw('12.50');
  const seen = await eventually('it is submitted', async () => {
    const now = await withdrawal(stores, id);
    return now.state === 'submitted' && now;
  });
  expect(await payoutsOf(server, id)).toMatchObject([
    { id: seen.provider_reference, amount_minor: '1250', currency: 'USD' },
  ]);
  expect(await saver.wallet()).toEqual({ balance: '87.50', pending_balance: '12.50' });
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain('astra_payouts_total{outcome="submitted"} 1');
  expect(metrics).toContain('astra_payouts_configured 1');
});

test('after a 500, an unreadable answer and a lost answer the provider has one payout, and the money stays held', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  const id = await saver.withdraw('12.50');
  const lines: (typeof fetch)[] = [
    async () => new Response('oops', { status: 500 }),
    async (input, init) => {
      await fetch(input, init);
      return new Response('<html>', { status: 200 });
    },
    async (input, init) => {
      await fetch(input, init);
      throw new TypeError('the connection broke');
    },
  ];
  for (const [index, line] of lines.entries()) {
    expect(await round(stores, over(server, line))).toBe(1);
    expect(await withdrawal(stores, id)).toMatchObject({ state: 'requested', attempts: index + 1, later: true });
    expect(await round(stores, over(server, line))).toBe(0);
    expect(await saver.wallet()).toEqual({ balance: '87.50', pending_balance: '12.50' });
    await dueNow(stores);
  }
  expect(await round(stores, server.provider)).toBe(1);
  expect(await withdrawal(stores, id)).toMatchObject({ state: 'submitted' });
  expect(await payoutsOf(server, id)).toHaveLength(1);
});

test('a provider that does not answer in time has decided nothing', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  const id = await saver.withdraw('1.00');
  const never: typeof fetch = (_input, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
  await round(stores, over(server, never, 50));
  expect(await withdrawal(stores, id)).toMatchObject({ state: 'requested', failure: null });
});

test('a payout that the provider refuses fails, and the money is available again', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server, '12340002');
  const id = await saver.withdraw('12.50');
  await round(stores, server.provider);
  expect(await withdrawal(stores, id)).toMatchObject({ state: 'failed', failure: 'account_refused' });
  expect(await saver.wallet()).toEqual({ balance: '100.00', pending_balance: '0.00' });
  expect(await payoutsOf(server, id)).toEqual([]);
});

test('two workers at once hand each withdrawal over once', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  const ids: string[] = [];
  for (let count = 0; count < 12; count += 1) ids.push(await saver.withdraw('1.00'));
  const taken = await Promise.all([round(stores, server.provider), round(stores, server.provider)]);
  expect(taken[0] + taken[1]).toBe(12);
  for (const id of ids) expect(await payoutsOf(server, id)).toHaveLength(1);
});

test('without a provider withdrawals wait, and /metrics says so', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores({ PAYMENTS_PROVIDER: 'none' });
  await using saver = await openSaver(stores, server);
  const id = await saver.withdraw('1.00');
  const worker = await stores.start();
  const metrics = await eventually('it is counted', async () => {
    const text = await (await fetch(`${worker.url}/metrics`)).text();
    return text.includes('astra_withdrawals_waiting 1') && text;
  });
  expect(metrics).toContain('astra_payouts_configured 0');
  expect(await withdrawal(stores, id)).toMatchObject({ state: 'requested', attempts: 0 });
});

test('a withdrawal of a provider that is not set up here waits for a worker that has it', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  const id = await saver.withdraw('1.00');
  await round(stores, { ...server.provider, name: 'another' });
  expect(await withdrawal(stores, id)).toMatchObject({ state: 'requested', failure: null, later: true });
});
