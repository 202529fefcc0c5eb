import { expect, test } from 'vitest';
import { CRONTAB } from '../../worker/tasks/runner.ts';
import { eventually } from '../support/eventually.ts';
import { caughtUp, outboxStates, transfer } from './fixture.ts';
import { ownStores } from './stores.ts';

test('two workers at once put every event into MongoDB once and fold with one leader', async () => {
  await using stores = await ownStores();
  const workers = [await stores.start(), await stores.start()];
  for (let batch = 0; batch < 20; batch += 1) await stores.emit(...Array.from({ length: 30 }, () => transfer(11n)));
  await caughtUp(stores);
  expect(await stores.mongo.collection('events').countDocuments()).toBe(600);

  const leaders = await Promise.all(workers.map(({ metrics }) => metrics.rollupLeader.get()));
  expect(leaders.map(({ values }) => values[0]?.value).sort()).toEqual([0, 1]);
});

test('another worker takes the rollups over when the leader stops', async () => {
  await using stores = await ownStores();
  const leader = await stores.start();
  await eventually('it leads', async () => (await leader.metrics.rollupLeader.get()).values[0]?.value === 1);
  await stores.start();
  await stores.emit(transfer(1n));
  await caughtUp(stores);
  await leader[Symbol.asyncDispose]();
  await stores.emit(transfer(2n));
  await caughtUp(stores);
});

test('goes on after Postgres closed all of its connections', async () => {
  await using stores = await ownStores();
  await stores.start();
  for (let round = 0; round < 5; round += 1) {
    await stores.emit(transfer(1n), transfer(2n));
    await stores.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'astra worker'`,
    );
  }
  await caughtUp(stores);
  expect(await stores.mongo.collection('events').countDocuments()).toBe(10);
});

test('counts again from the start when somebody drops the rollups', async () => {
  await using stores = await ownStores();
  const worker = await stores.start();
  await stores.emit(transfer(1n), transfer(2n));
  await caughtUp(stores);
  await worker[Symbol.asyncDispose]();
  await stores.analytics.rollups.drop();
  await stores.start();
  await caughtUp(stores);
});

test('GET /healthz names the state of every part and GET /metrics counts events', async () => {
  await using stores = await ownStores();
  const worker = await stores.start();
  await stores.emit(transfer(1n), { type: 'no.such_event', payload: {} });
  await eventually('both were read', async () => (await outboxStates(stores.db)).pending === 0);
  const health = await eventually('it is well', async () => {
    const response = await fetch(`${worker.url}/healthz`);
    const report = await response.json();
    return report.status === 'ok' && report.outbox.dead === 1 ? { status: response.status, report } : null;
  });
  expect(health.status).toBe(200);
  expect(health.report.dependencies).toEqual({ postgres: 'up', mongodb: 'up', redis: 'up' });
  expect(health.report.outbox).toMatchObject({ pending: 0, dead: 1 });
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain('astra_worker_events_total{type="wallet.transfer_completed",outcome="projected"} 1');
  expect(metrics).toContain('astra_worker_events_total{type="refused",outcome="dead"} 1');
  expect(metrics).toContain('astra_outbox_dead 1');
  expect((await fetch(`${worker.url}/nothing`)).status).toBe(404);
});

test('graphile-worker makes its tables in its own schema and knows the scheduled tasks', async () => {
  await using stores = await ownStores();
  await stores.start();
  const tasks = CRONTAB.trim()
    .split('\n')
    .map((line) => line.split(' ')[5]);
  await eventually('the schedule is known', async () => {
    const rows = await stores.database
      .query<{ identifier: string }>('select identifier from graphile_worker._private_known_crontabs')
      .catch(() => []);
    return rows.length === tasks.length && rows.every(({ identifier }) => tasks.includes(identifier));
  });
});
