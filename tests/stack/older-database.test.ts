import { afterEach, expect, test } from 'vitest';
import { startStack } from '../../scripts/stack/stack.ts';
import { connect } from '../support/database.ts';
import { forgetStack, PORT_BASE } from './supervisor.ts';

const NAME = 'test-older';
const OPTIONS = { name: NAME, portBase: PORT_BASE, quiet: true, watch: false, only: ['postgres'] } as const;

afterEach(() => forgetStack(NAME));

test('gives a database that is older than Realtime’s tables what they need, and keeps its data', async () => {
  await forgetStack(NAME);
  {
    await using stack = await startStack(OPTIONS);
    await using admin = await connect(stack.env.ASTRA_ADMIN_DB_URL);
    await admin.query('create table public.kept (id int); insert into public.kept values (7)');
    await admin.query('drop table realtime.messages cascade');
    await admin.query('drop function realtime.send(jsonb, text, text, boolean), realtime.topic()');
    await admin.query(`comment on database astra_platform is 'older'`);
  }
  await using stack = await startStack(OPTIONS);
  await using db = await connect(stack.env.SUPABASE_DB_URL);
  await db.query(`select realtime.send('{}', 'hello', 'somewhere', true)`);
  expect(await db.query('select topic, event, private from realtime.messages')).toEqual([
    { topic: 'somewhere', event: 'hello', private: true },
  ]);
  expect(await db.query('select id from public.kept')).toEqual([{ id: 7 }]);
});

test('forgets broadcasts that are older than three days when it starts', async () => {
  await forgetStack(NAME);
  {
    await using stack = await startStack(OPTIONS);
    await using db = await connect(stack.env.SUPABASE_DB_URL);
    await db.query(`insert into realtime.messages (topic, extension, inserted_at)
      values ('old', 'broadcast', now() - interval '73 hours'), ('new', 'broadcast', now() - interval '71 hours')`);
  }
  await using stack = await startStack(OPTIONS);
  await using db = await connect(stack.env.SUPABASE_DB_URL);
  expect(await db.query('select topic from realtime.messages')).toEqual([{ topic: 'new' }]);
});
