import { expect, test } from 'vitest';
import { cloneDatabase } from '../support/clone-database.ts';
import { connect } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { freshTopic } from './fixture.ts';

test('a replay waits for a broadcast that was read from the log, and that others cannot see yet', async () => {
  await using database = await cloneDatabase();
  const { pathname } = new URL(database.url);
  await using server = await connect(Object.assign(new URL(process.env['REALTIME_DB_URL'] ?? ''), { pathname }).href);
  const [writer, observer] = [await database.connect(), await database.connect()];
  const topic = freshTopic();
  await writer.query('begin');
  await writer.query(`select realtime.send('{"n": 1}', 'hello', $1)`, [topic]);
  const { xid } = await writer.one<{ xid: string }>(
    'select (pg_current_xact_id()::text::bigint & 4294967295)::text as xid',
  );
  let answered = false;
  const replayed = server.query('select event from _realtime.replayed($1, $2, 25, $3)', [topic, '1970-01-01', [xid]]);
  void replayed.then(() => (answered = true));
  const looking =
    "select from pg_stat_activity where datname = current_database() and query like '%_realtime.replayed%' and state = 'active' and pid <> pg_backend_pid()";
  await eventually('it looks', async () => answered || (await observer.query(looking)).length > 0);
  await writer.query('commit');
  expect(await replayed).toEqual([{ event: 'hello' }]);
});
