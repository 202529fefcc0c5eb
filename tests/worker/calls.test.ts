import { expect, test } from 'vitest';
import { systemClock } from '../../worker/time.ts';
import { startWorker } from '../../worker/worker.ts';
import { start, talk } from '../sql/calls/support.ts';
import { committed, connect, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from './fixture.ts';
import { ownStores } from './stores.ts';

async function endOf(db: TestConnection, id: string): Promise<string> {
  return await eventually('the worker ends the call', async () => {
    const [call] = await db.query<{ end_reason: string }>(
      "select end_reason from public.calls where id = $1 and state = 'ended'",
      [id],
    );
    return call?.end_reason;
  });
}

test('calls that nobody answers are missed and told of once, and those whose people vanish end, without MongoDB and Redis', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [ada, bob, eve, joe] = [await db.signUp(), await db.signUp(), await db.signUp(), await db.signUp()] as const;
  await db.query("update app_private.call_rules set ring_for = '5 seconds', there_for = '5 minutes'");
  const ringing = await committed(db, () => start(db, ada, [bob]));
  await db.query("update app_private.call_rules set there_for = '3 seconds'");
  const talking = await committed(db, () => talk(db, eve, joe));
  await using _worker = await startWorker(
    { ...stores.config, mongodbUrl: null, redisUrl: null },
    systemClock,
    quietLog,
  );
  expect(await endOf(db, talking.id)).toBe('lost');
  expect(await endOf(db, ringing.id)).toBe('missed');
  await eventually('the callee is told', async () => {
    const told = await db.query('select from public.notifications where user_id = $1 and kind = $2', [
      bob.id,
      'missed_call',
    ]);
    return told.length === 1;
  });
  expect(await db.query("select from app_private.outbox_events where type = 'call.missed'")).toHaveLength(1);
});
