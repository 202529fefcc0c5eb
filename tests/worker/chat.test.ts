import { expect, test } from 'vitest';
import { systemClock } from '../../worker/time.ts';
import { startWorker } from '../../worker/worker.ts';
import { friends } from '../sql/chat/callers.ts';
import { become, becomeOwner, group, heardOn, type MessageCard, send } from '../sql/chat/support.ts';
import { committed, connect, type Person, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from './fixture.ts';
import { ownStores } from './stores.ts';

async function stage(url: string | undefined, count: number): Promise<[TestConnection & AsyncDisposable, Person[]]> {
  const db = await connect(url);
  const [, people] = await friends({ connect: async () => db } as unknown as Parameters<typeof friends>[0], count);
  return [db, people];
}

test('messages disappear on time, without MongoDB and Redis, and leave their place', async () => {
  await using stores = await ownStores();
  const [db, [ada, bob]] = await stage(stores.environment['SUPABASE_DB_URL'], 2);
  await using _closed = db;
  if (!ada || !bob) throw new Error('no people');
  const message = await committed(db, () => send(db, ada, { receiver_id: bob.id, content: 'Goes' }));
  await db.query("update public.messages set expires_at = now() + interval '1 second' where id = $1", [message.id]);
  await using _worker = await startWorker(
    { ...stores.config, mongodbUrl: null, redisUrl: null },
    systemClock,
    quietLog,
  );
  await eventually('the words are gone', async () => {
    const row = await db.one<{ content: string | null }>('select content from public.messages where id = $1', [
      message.id,
    ]);
    return row.content === null;
  });
  expect(await db.one('select seq, deleted_at = expires_at as on_time from public.messages')).toEqual({
    seq: '1',
    on_time: true,
  });
});

test('everybody who stays in a group is told of a new epoch once, and who left is not', async () => {
  await using stores = await ownStores();
  const [db, people] = await stage(stores.environment['SUPABASE_DB_URL'], 130);
  await using _closed = db;
  const [founder, ...members] = people;
  if (!founder || !members[0]) throw new Error('no people');
  const group_id = await committed(db, () => group(db, founder, members));
  const { conversation_id } = await committed(db, () => send(db, founder, { group_id }));
  await committed(db, async () => {
    await become(db, members[0] as Person);
    await db.query('select public.leave_group($1)', [group_id]);
  });
  await stores.start();
  const notices = "select topic from realtime.messages where event = 'conversation_epoch'";
  await eventually('all are told', async () => (await db.query(notices)).length === 129);
  const topics = (await db.query<{ topic: string }>(notices)).map(({ topic }) => topic);
  expect(new Set(topics)).toEqual(
    new Set(people.filter((person) => person !== members[0]).map(({ id }) => `user:${id}`)),
  );
  await eventually('nobody waits', async () => (await db.query('select from app_private.chat_notices')).length === 0);
  expect((await heardOn(db, `user:${founder.id}`)).at(-1)).toMatchObject({ payload: { conversation_id, epoch: 2 } });
});

test('the words of a deleted account are taken away, and its events say who wrote to whom and never what', async () => {
  await using stores = await ownStores();
  const [db, [ada, bob]] = await stage(stores.environment['SUPABASE_DB_URL'], 2);
  await using _closed = db;
  if (!ada || !bob) throw new Error('no people');
  const sent: MessageCard[] = [];
  for (let n = 0; n < 3; n += 1)
    sent.push(await committed(db, () => send(db, ada, { receiver_id: bob.id, content: 'A secret' })));
  await stores.start();
  await eventually('the events are in MongoDB', async () => {
    const events = await stores.mongo.collection('events').find({ type: 'message.created' }).toArray();
    return events.length === 3;
  });
  const events = await stores.mongo.collection('events').find({}).toArray();
  expect(JSON.stringify(events)).not.toContain('secret');
  await becomeOwner(db);
  await db.query('delete from auth.users where id = $1', [ada.id]);
  await eventually(
    'they are gone',
    async () =>
      (await db.query('select from public.messages where content is not null or sender_id is not null')).length === 0,
  );
  await eventually('the task is over', async () => (await db.query('select from app_private.chat_tasks')).length === 0);
});
