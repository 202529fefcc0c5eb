import { once } from 'node:events';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { caughtUp, outboxStates, transfer, workerFixture } from '../worker/fixture.ts';
import { spawnWorker } from '../worker/spawn.ts';
import { startStores } from './worker-stores.ts';

const KILLS = 12;

test('a worker killed again and again while events are written loses none and doubles none', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls, { WORKER_LEASE_SECONDS: '1', WORKER_BATCH_SIZE: '20' });
  let writing = true;
  let written = 0;
  const writer = (async () => {
    while (writing) {
      // Ahead of the worker, but not by more than it can catch up with.
      await eventually('there is room', async () => (await outboxStates(stores.db)).pending < 500, { every_ms: 5 });
      await stores.emit(...Array.from({ length: 25 }, (_, index) => transfer(BigInt(index) * 1_000_003n)));
      written += 25;
    }
  })();

  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await outboxStates(stores.db);
    const worker = spawnWorker(stores.environment);
    // Somewhere inside its work, at another place each time.
    const some = before.processed + 20 * (kill % 4) + 1;
    await eventually('it works', async () => (await outboxStates(stores.db)).processed >= some, { every_ms: 3 });
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  writing = false;
  await stores.start();
  await writer;
  await caughtUp(stores, 60_000);
  const events = await stores.mongo.collection('events').find().toArray();
  expect(events.length).toBe(written);
  expect(new Set(events.map(({ payload }) => payload.transfer_id)).size).toBe(written);
  expect(await stores.mongo.collection('audit_log').countDocuments()).toBe(written);
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: written, dead: 0 });
});

test('SIGTERM finishes the batch in hand and exits with 0', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls, { WORKER_LEASE_SECONDS: '600' });
  await stores.emit(...Array.from({ length: 500 }, () => transfer(5n)));
  const worker = spawnWorker(stores.environment);
  await eventually('it works', async () => (await outboxStates(stores.db)).processed > 0, { every_ms: 3 });
  worker.kill('SIGTERM');
  const [code] = await once(worker, 'exit');
  expect(code).toBe(0);

  // Nothing is left claimed: with a lease of ten minutes the rest would otherwise have to wait for it.
  const { rows } = await stores.db.query(
    'select count(*)::int as claimed from app_private.outbox_events where processed_at is null and next_attempt_at > now()',
  );
  expect(rows).toEqual([{ claimed: 0 }]);
});

test('a wrong environment is told in words, not in a stack trace', async () => {
  const worker = spawnWorker({ SUPABASE_DB_URL: '', WORKER_PORT: 'many' }, 'pipe');
  const said: Buffer[] = [];
  worker.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = await once(worker, 'close');
  expect(code).toBe(1);
  const text = Buffer.concat(said).toString();
  expect(text).toContain('WORKER_PORT');
  expect(text).toContain('docs/worker.md');
  expect(text).not.toContain('at ');
});
