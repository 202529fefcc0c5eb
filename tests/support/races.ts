import { expect } from 'vitest';
import type { TestConnection } from './database.ts';
import { eventually } from './eventually.ts';

/** Waits until a statement of this connection waits for a lock. */
export async function untilWaiting(observer: TestConnection, waiting: TestConnection): Promise<void> {
  const pid = Reflect.get(waiting.client, 'processID');
  await eventually(`connection ${pid} waits for a lock`, async () => {
    const sql = "select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'";
    return (await observer.query(sql, [pid])).length > 0;
  });
}

/** Begins `first` on one connection, lets `second` run into it on the other, commits, and gives what came of the second. */
export async function inTurn<T>(
  observer: TestConnection,
  one: TestConnection,
  first: () => Promise<unknown>,
  other: TestConnection,
  second: () => Promise<T>,
): Promise<T> {
  await one.query('begin');
  await first();
  const late = second();
  await untilWaiting(observer, other);
  await one.query('commit');
  return await late;
}

/** No deadlock happened in this database, which is the test's own. */
export async function expectNoDeadlock(db: TestConnection): Promise<void> {
  await db.query('select pg_stat_force_next_flush()');
  expect(await db.one('select deadlocks::int from pg_stat_database where datname = current_database()')).toEqual({
    deadlocks: 0,
  });
}
