import type pg from 'pg';
import { expect, test } from 'vitest';
import { runTasks } from '../../worker/tasks/runner.ts';
import { systemClock } from '../../worker/time.ts';
import { eventually } from '../support/eventually.ts';
import { isTaken } from './add-task.ts';
import { quietLog } from './fixture.ts';
import { ownStores } from './stores.ts';

test('a task that ends while no connection can be had is ended later, and the worker lives on', async () => {
  await using stores = await ownStores();
  const pools: pg.Pool[] = [];
  let timeouts = 0;
  const held: pg.PoolClient[] = [];
  /** Takes every connection that the library has, so that those who ask wait until they give up. */
  const holdAll = async () => {
    const pool = pools.at(-1);
    if (pool === undefined) throw new Error('no pool');
    for (let n = 0; n < pool.options.max; n += 1) {
      void pool.connect().then(
        (client) => held.push(client),
        () => undefined,
      );
    }
    const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown;
    Reflect.set(pool, 'connect', (...args: unknown[]) => {
      const given = connect(...args);
      if (given instanceof Promise) void given.catch(() => (timeouts += 1));
      return given;
    });
  };
  const database = {
    ...stores.database,
    sessionPool(max: number) {
      const pool = stores.database.sessionPool(max);
      pools.push(pool);
      return pool;
    },
    async query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]) {
      if (sql.includes('prune_former_usernames')) await holdAll();
      return await stores.database.query<Row>(sql, values);
    },
  };
  const stopping = new AbortController();
  const { analytics } = stores;
  const running = runTasks(
    { database, analytics, retention_days: 30, clock: systemClock, log: quietLog } as Parameters<typeof runTasks>[0],
    stopping.signal,
  );
  try {
    const { query } = stores.database;
    await eventually('the task is taken', () => isTaken(stores.database, 'prune_former_usernames'));
    const jobs = "select from graphile_worker.jobs where task_identifier = 'prune_former_usernames'";
    // Two others ask for work, and give up: of three who did, one has a task to end.
    await eventually('three have given up', async () => timeouts >= 3);
    expect(await query(jobs)).toHaveLength(1);
    for (const client of held) client.release();
    await eventually('the task has ended', async () => (await query(jobs)).length === 0);
  } finally {
    stopping.abort();
    await running;
  }
});
