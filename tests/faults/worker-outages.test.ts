import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { caughtUp, outboxStates, profileUpdated, transfer, workerFixture } from '../worker/fixture.ts';
import { startStores } from './worker-stores.ts';

test('without MongoDB events wait, unharmed, and go on when it is back', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls, { WORKER_MAX_ATTEMPTS: '2' });
  const worker = await stores.start();
  await stores.emit(transfer(1n));
  await caughtUp(stores);

  await stack.pause('mongodb');
  await stores.emit(transfer(2n), transfer(3n));
  await eventually('the worker says so', async () => (await fetch(`${worker.url}/healthz`)).status === 503);
  const failures = async () =>
    (await worker.metrics.failures.get()).values.find(({ labels }) => labels.part === 'outbox');
  await eventually('it tried several times', async () => ((await failures())?.value ?? 0) >= 4, {
    deadline_ms: 40_000,
  });
  expect(await outboxStates(stores.db)).toEqual({ pending: 2, processed: 1, dead: 0 });

  await stack.resume('mongodb');
  await caughtUp(stores, 30_000);
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: 3, dead: 0 });
  await eventually('it is well', async () => (await fetch(`${worker.url}/healthz`)).status === 200);
});

test('without Redis events go on, and the cache catches up when it is back', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls);
  const worker = await stores.start();
  const user = randomUUID();
  await stores.emit(profileUpdated(user, 'before', '2026-11-22T10:00:00Z'));
  await caughtUp(stores);
  expect(await stores.redis.get(`profile:${user}`)).toContain('before');

  await stack.pause('redis');
  await stores.emit(profileUpdated(user, 'after', '2026-11-22T11:00:00Z'), transfer(1n));
  await caughtUp(stores);
  const report = await (await fetch(`${worker.url}/healthz`)).json();
  expect(report).toMatchObject({ status: 'degraded', dependencies: { redis: 'down' } });

  await stack.resume('redis');
  await eventually('the profile is the new one', async () =>
    (await stores.redis.get(`profile:${user}`).catch(() => null))?.includes('after'),
  );
});

test('a Redis that stalls holds no event back', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls);
  await stores.start();
  await stores.emit(transfer(1n));
  await caughtUp(stores);
  // The server answers nobody for this long, but keeps its connections.
  expect(await stores.redis.call('client', 'pause', '30000', 'all')).toBe('OK');
  const user = randomUUID();
  await stores.emit(transfer(2n), profileUpdated(user, 'stalled', '2026-11-22T11:00:00Z'));
  await caughtUp(stores, 12_000);
});

test('without Postgres the worker waits, and goes on when it is back', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls);
  const worker = await stores.start();
  await stores.emit(transfer(1n));
  await caughtUp(stores);

  await stack.pause('postgres');
  await eventually('the worker says so', async () => (await fetch(`${worker.url}/healthz`)).status === 503);
  await stack.resume('postgres');
  await eventually('it is well', async () => (await fetch(`${worker.url}/healthz`)).status === 200);
  await stores.emit(transfer(2n));
  await caughtUp(stores, 30_000);
});
