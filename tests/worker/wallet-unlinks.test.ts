import { expect, test } from 'vitest';
import { createFakeProvider } from '../../payments/fake-provider.ts';
import { type PaymentProvider, ProviderError } from '../../payments/provider.ts';
import type { LogLevel } from '../../worker/log.ts';
import { payoutLoop } from '../../worker/wallet/payouts.ts';
import { unlinkLoop } from '../../worker/wallet/unlinks.ts';
import { eventually } from '../support/eventually.ts';
import { API_KEY, openPaymentServer, openWebhookSink, type PaymentServer } from '../support/payment-server.ts';
import type { WorkerFixture } from './fixture.ts';
import { ownStores } from './stores.ts';
import { openSaver, paymentsEnvironment, payoutDeps, type Saver } from './withdrawals.ts';

async function round(stores: WorkerFixture, provider: PaymentProvider, levels: LogLevel[] = []): Promise<number> {
  const loop = unlinkLoop({ ...payoutDeps(stores, provider), log: (level) => void levels.push(level) });
  if (loop === null) throw new Error('there is a provider');
  return (await loop.round()).done;
}

const remove = ({ connection, person, linked_account_id }: Saver) =>
  connection.query('select ledger.unlink_account($1, $2)', [person.id, { id: linked_account_id }]);

const accountsAtBank = async (server: PaymentServer, { person }: Saver): Promise<unknown[]> =>
  (await server.ask('GET', `/v1/accounts?user_id=${person.id}`)).body.data;

async function account({ connection, linked_account_id }: Saver) {
  return await connection.one(
    `select provider_token is not null as has_token, attempts, next_attempt_at > now() as later, last_error
     from ledger.linked_accounts where id = $1`,
    [linked_account_id],
  );
}

const dueNow = ({ connection }: Saver) =>
  connection.query('update ledger.linked_accounts set next_attempt_at = now() where removed_at is not null');

test('a running worker has the provider forget a removed account, and its token is forgotten', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores(paymentsEnvironment(server.url));
  await using saver = await openSaver(stores, server);
  const worker = await stores.start();
  expect(await accountsAtBank(server, saver)).toHaveLength(1);
  await remove(saver);
  await eventually('the provider has forgotten it', async () => (await accountsAtBank(server, saver)).length === 0);
  await eventually('so has the ledger', async () => !(await account(saver))['has_token']);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain('astra_unlinks_total{outcome="unlinked"} 1');
});

test('while the provider is down a removed account waits, longer each time, and a lost answer does no harm', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  await remove(saver);
  const lines: (typeof fetch)[] = [
    async () => Promise.reject(new TypeError('connect ECONNREFUSED')),
    async () => new Response('oops', { status: 503 }),
    async (input, init) => {
      await fetch(input, init);
      throw new TypeError('the connection broke');
    },
  ];
  for (const [index, line] of lines.entries()) {
    const over = { url: server.url, api_key: API_KEY, webhook_secrets: [], fetch: line, timeout_ms: 2_000 };
    expect(await round(stores, createFakeProvider(over))).toBe(1);
    const reason = expect.stringContaining('provider.unavailable');
    expect(await account(saver)).toEqual({ has_token: true, attempts: index + 1, later: true, last_error: reason });
    expect(await round(stores, server.provider)).toBe(0);
    await dueNow(saver);
  }
  expect(await round(stores, server.provider)).toBe(1);
  expect(await account(saver)).toMatchObject({ has_token: false, last_error: null });
  expect(await accountsAtBank(server, saver)).toEqual([]);
  await dueNow(saver);
  expect(await round(stores, server.provider)).toBe(0);
});

test('an account of somebody who left is forgotten when the payout to it has ended, not before', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  const id = await saver.withdraw('12.50');
  await saver.connection.query('delete from auth.users where id = $1', [saver.person.id]);
  expect(await round(stores, server.provider)).toBe(0);
  expect((await payoutLoop(payoutDeps(stores, server.provider))?.round())?.done).toBe(1);
  expect(await round(stores, server.provider)).toBe(0);
  const [payout] = (await server.ask('GET', `/v1/payouts?reference=${id}`)).body.data;
  await saver.connection.query("select app_private.apply_provider_event('fake', 'evt', 'payout.paid', $1)", [
    { reference: id, provider_reference: payout.id, amount_minor: '1250', currency: 'USD' },
  ]);
  expect(await round(stores, server.provider)).toBe(1);
  expect(await account(saver)).toMatchObject({ has_token: false });
});

test('a provider that refuses is asked again, twenty times in all; then the account waits for an operator', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  await remove(saver);
  const unlinkAccount = () => Promise.reject(new ProviderError('provider.refused', 'balance_not_zero', 'not yet'));
  const levels: LogLevel[] = [];
  for (let count = 0; count < 20; count += 1) {
    expect(await round(stores, { ...server.provider, unlinkAccount }, levels)).toBe(1);
    await dueNow(saver);
  }
  expect(levels).toEqual([...Array(19).fill('warn'), 'error']);
  expect(await round(stores, server.provider)).toBe(0);
  expect(await account(saver)).toMatchObject({ has_token: true, last_error: expect.stringContaining('not yet') });
  await saver.connection.query('update ledger.linked_accounts set attempts = 0 where id = $1', [
    saver.linked_account_id,
  ]);
  expect(await round(stores, server.provider)).toBe(1);
  expect(await accountsAtBank(server, saver)).toEqual([]);
});

test('an account of a provider that is not set up here waits, and no try is charged to it', async () => {
  await using sink = await openWebhookSink();
  await using server = await openPaymentServer(sink.url);
  await using stores = await ownStores();
  await using saver = await openSaver(stores, server);
  await remove(saver);
  expect(await round(stores, { ...server.provider, name: 'another' })).toBe(0);
  expect(await account(saver)).toMatchObject({ has_token: true, attempts: 0 });
  expect(unlinkLoop(payoutDeps(stores, undefined))).toBeNull();
});
