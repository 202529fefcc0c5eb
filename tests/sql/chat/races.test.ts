import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { refusalOf } from '../../support/database.ts';
import { inTurn, untilWaiting } from '../../support/races.ts';
import { connectAs, friends, trySend } from './callers.ts';
import { become, group, type MessageCard, newId } from './support.ts';

const card = (sent: MessageCard | string): MessageCard => {
  if (typeof sent === 'string') throw new Error(`refused: ${sent}`);
  return sent;
};

test('the first messages of two people to each other, many at once, are in one conversation', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const sent = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const [from, to] = n % 2 === 0 ? [ada, bob] : [bob, ada];
      return card(await trySend(await connectAs(database, from), { receiver_id: to.id }));
    }),
  );
  expect(new Set(sent.map(({ conversation_id }) => conversation_id)).size).toBe(1);
  expect(sent.map(({ seq }) => Number(seq)).toSorted((x, y) => x - y)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await db.query('select from public.conversations')).toHaveLength(1);
  expect(await db.query('select from public.conversation_members')).toHaveLength(2);
});

test('a message that is sent many times at once with one client_id is one message, and no number is lost', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const message = { receiver_id: bob.id, client_id: newId() };
  const sent = await Promise.all(
    Array.from({ length: 8 }, async () => card(await trySend(await connectAs(database, ada), message))),
  );
  expect(new Set(sent.map(({ id, seq }) => `${id} ${seq}`))).toEqual(new Set([`${message.client_id} 1`]));
  card(await trySend(await connectAs(database, bob), { receiver_id: ada.id }));
  expect(await db.query('select seq from public.messages order by seq')).toEqual([{ seq: '1' }, { seq: '2' }]);
  expect(await db.one('select last_seq from public.conversations')).toEqual({ last_seq: '2' });
  expect(await db.query("select from realtime.messages where event = 'message_created'")).toHaveLength(2);
  expect(await db.query("select from app_private.outbox_events where type = 'message.created'")).toHaveLength(2);
});

test('a first message that is committed while its repetition looks for the conversation is found (one message)', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob, eve]] = await friends(database, 3);
  if (!ada || !bob || !eve) throw new Error('no people');
  const message = { receiver_id: bob.id, client_id: newId() };
  const [one, other] = [await database.connect(), await connectAs(database, ada)];
  card(await trySend(other, { receiver_id: eve.id })); // opens the tables once: it would wait for that otherwise
  const late = await inTurn(
    await database.connect(),
    one,
    async () => {
      // The repetition waits here, with eyes of before the commit.
      await one.query('lock table public.conversations in access exclusive mode');
      await become(one, ada);
      card(await trySend(one, message));
    },
    other,
    () => trySend(other, message),
  );
  expect(card(late)).toMatchObject({ id: message.client_id, seq: '1' });
  expect(await db.query('select from public.messages where id = $1', [message.client_id])).toHaveLength(1);
});

test('two different messages at once with one client_id are one message and one refusal (messages.client_id_reused)', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const first = card(await trySend(await connectAs(database, ada), { receiver_id: bob.id }));
  const client_id = newId();
  const [one, other] = [await connectAs(database, ada), await connectAs(database, ada)];
  const late = await inTurn(
    await database.connect(),
    one,
    () => trySend(one, { conversation_id: first.conversation_id, client_id, content: 'One' }),
    other,
    () => trySend(other, { conversation_id: first.conversation_id, client_id, content: 'Two' }),
  );
  expect(late).toBe('messages.client_id_reused');
  expect(await db.one('select last_seq from public.conversations')).toEqual({ last_seq: '2' });
});

test('a message that was rolled back leaves no gap', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const [one, other] = [await connectAs(database, ada), await connectAs(database, bob)];
  const { conversation_id } = card(await trySend(one, { receiver_id: bob.id }));
  await one.query('begin');
  await trySend(one, { conversation_id });
  const late = trySend(other, { conversation_id });
  await untilWaiting(db, other);
  await one.query('rollback');
  expect(card(await late).seq).toBe('2');
});

test('a removal waits for a message on its way, and the next one of who was removed is refused', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob, eve]] = await friends(database, 3);
  if (!ada || !bob || !eve) throw new Error('no people');
  await db.query('begin');
  const group_id = await group(db, ada, [bob, eve]);
  await db.query('commit');
  const [sender, admin] = [await connectAs(database, eve), await connectAs(database, ada)];
  const { conversation_id } = card(await trySend(sender, { group_id }));
  await inTurn(
    await database.connect(),
    sender,
    () => trySend(sender, { group_id, content: 'Just in time' }),
    admin,
    () => admin.query('select public.remove_group_member($1, $2)', [group_id, eve.id]),
  );
  expect(await trySend(sender, { group_id })).toBe('messages.conversation_not_found');
  card(await trySend(admin, { group_id }));
  const heard = await db.query(
    "select topic, (payload ->> 'seq')::int as seq from realtime.messages where event = 'message_created' order by 2",
  );
  expect(heard).toEqual([
    { topic: `conversation:${conversation_id}:1`, seq: 1 },
    { topic: `conversation:${conversation_id}:1`, seq: 2 },
    { topic: `conversation:${conversation_id}:2`, seq: 3 },
  ]);
});

test('many who come to a private group at once move its conversation on once', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, ...others]] = await friends(database, 7);
  if (!ada) throw new Error('no people');
  await db.query('begin');
  const group_id = await group(db, ada, []);
  await db.query('commit');
  card(await trySend(await connectAs(database, ada), { group_id }));
  await Promise.all(
    others.map(async ({ id }) => {
      const one = await database.connect();
      await one.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [group_id, id]);
    }),
  );
  expect(await db.one('select epoch, epoch_seq from public.conversations')).toEqual({ epoch: 2, epoch_seq: '1' });
});

test('a message that begins while its sender is being removed is refused', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await db.query('begin');
  const group_id = await group(db, ada, [bob]);
  await db.query('commit');
  const [sender, admin] = [await connectAs(database, bob), await connectAs(database, ada)];
  const late = await inTurn(
    await database.connect(),
    admin,
    () => admin.query('select public.remove_group_member($1, $2)', [group_id, bob.id]),
    sender,
    () => trySend(sender, { group_id }),
  );
  expect(late).toBe('messages.conversation_not_found');
});

test('a message that begins while a block is being made is refused, also the first one', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const [sender, blocker] = [await connectAs(database, ada), await database.connect()];
  const block = () => blocker.query('select app_private.block_person($1, $2)', [bob.id, ada.id]);
  expect(
    await inTurn(await database.connect(), blocker, block, sender, () => trySend(sender, { receiver_id: bob.id })),
  ).toBe('messages.not_accepted');
  expect(await db.query('select from public.conversations')).toEqual([]);
  await db.query('delete from public.blocks');
  card(await trySend(sender, { receiver_id: bob.id }));
  expect(
    await inTurn(await database.connect(), blocker, block, sender, () => trySend(sender, { receiver_id: bob.id })),
  ).toBe('messages.not_accepted');
});

test('a block waits for a message on its way, which is heard on the old topic', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const [sender, blocker] = [await connectAs(database, ada), await database.connect()];
  const { conversation_id } = card(await trySend(sender, { receiver_id: bob.id }));
  await inTurn(
    await database.connect(),
    sender,
    () => trySend(sender, { conversation_id }),
    blocker,
    () => blocker.query('select app_private.block_person($1, $2)', [bob.id, ada.id]),
  );
  expect(await db.one('select last_seq, epoch from public.conversations')).toEqual({ last_seq: '2', epoch: 2 });
  expect(
    await db.query('select from realtime.messages where topic = $1', [`conversation:${conversation_id}:1`]),
  ).toHaveLength(2);
});

test('a plain message that runs into its twin is one message, and neither a number nor a mark is left of it', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const [one, other] = [await connectAs(database, ada), await connectAs(database, ada)];
  const { conversation_id } = card(await trySend(one, { receiver_id: bob.id }));
  const message = { conversation_id, client_id: newId() };
  const late = await inTurn(
    await database.connect(),
    one,
    () => trySend(one, message),
    other,
    () => trySend(other, message),
  );
  expect(card(late)).toMatchObject({ id: message.client_id, seq: '2' });
  expect(
    await db.one(
      `select c.last_seq, m.last_read_seq from public.conversations c
       join public.conversation_members m on m.conversation_id = c.id and m.user_id = $1`,
      [ada.id],
    ),
  ).toEqual({ last_seq: '2', last_read_seq: '2' });
});

test('a block that is committed while a plain message waits for it refuses it (messages.not_accepted)', async () => {
  await using database = await cloneDatabase();
  const [blocker, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const sender = await connectAs(database, ada);
  const { conversation_id } = card(await trySend(sender, { receiver_id: bob.id }));
  const late = await inTurn(
    await database.connect(),
    blocker,
    () => blocker.query('select app_private.block_person($1, $2)', [bob.id, ada.id]),
    sender,
    () => trySend(sender, { conversation_id }),
  );
  expect(late).toBe('messages.not_accepted');
});

test('a moderator who is removed while deleting a message deletes nothing (messages.conversation_not_found)', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await friends(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await db.query('begin');
  const group_id = await group(db, ada, [bob]);
  await db.query("update public.group_members set role = 'moderator' where user_id = $1", [bob.id]);
  await db.query('commit');
  const [one, other] = [await connectAs(database, ada), await connectAs(database, bob)];
  const { id } = card(await trySend(one, { group_id }));
  const refusal = await inTurn(
    await database.connect(),
    one,
    () => one.query('select public.remove_group_member($1, $2)', [group_id, bob.id]),
    other,
    () => other.query('select public.delete_message($1)', [id]).then(() => null, refusalOf),
  );
  expect(refusal?.code).toBe('messages.conversation_not_found');
  expect(await db.one('select content from public.messages where id = $1', [id])).toEqual({ content: 'Hello' });
});
