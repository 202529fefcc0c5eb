import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { expectNoDeadlock, inTurn, untilWaiting } from '../../support/races.ts';
import { connectAs, friends, trySend } from './callers.ts';
import { group, newId } from './support.ts';
import { type Asked, type SentCard, sendAll } from './together.ts';

/** Friends who are signed in, and a connection of the API's for each of `batches`. */
async function stage(database: ClonedDatabase, count: number, batches = 2) {
  const [db, people] = await friends(database, count);
  // Whether a batch gives up is for the test of that alone.
  await db.query("alter function app_private.write_sendings(app_private.sending[]) set lock_timeout = '60s'");
  const sessions = new Map<string, string>();
  for (const one of people) sessions.set(one.id, await db.signIn(one));
  const ask = (from: Person, p: Record<string, unknown>): Asked => ({ from, session: sessions.get(from.id) ?? '', p });
  const apis = await Promise.all(
    Array.from({ length: batches }, async () => {
      const api = await database.connect();
      await api.query('set role astra_api');
      return api;
    }),
  );
  return { db, people, ask, apis };
}

async function groupOf(db: TestConnection, [founder, ...members]: readonly Person[]): Promise<string> {
  if (founder === undefined) throw new Error('no people');
  await db.query('begin');
  const id = await group(db, founder, members);
  await db.query('commit');
  return id;
}

/** Tries a batch as the functions do: again after a deadlock or when something changed meanwhile. */
async function sendAgain(api: TestConnection, asked: readonly Asked[]) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendAll(api, asked);
    } catch (error) {
      if (attempt === 4 || refusalOf(error).sqlstate !== '40001') throw error;
    }
  }
}

/** Runs two batches into what a third holds, one after the other, and then lets it go. */
async function bothInto(
  db: TestConnection,
  holder: TestConnection,
  [one, other]: readonly (readonly [TestConnection, () => Promise<Map<number, SentCard>>])[],
) {
  if (one === undefined || other === undefined) throw new Error('not two batches');
  const first = one[1]();
  await untilWaiting(db, one[0]);
  const second = other[1]();
  await untilWaiting(db, other[0]);
  await holder.query('rollback');
  return (await Promise.all([first, second])).map(({ size }) => size);
}

test('batches that name the same conversations in another order wait for each other and neither fails', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 2);
  const [ada, bob] = people as [Person, Person];
  for (let n = 0; n < 3; n += 1) await groupOf(db, [ada, bob]);
  const rooms = await db.query<{ id: string }>('select id from public.conversations order by id');
  const holder = await database.connect();
  await holder.query('begin');
  await holder.query('select from public.conversations where id = $1 for update', [rooms[1]?.id]);
  const asked = rooms.map(({ id }) => ask(ada, { conversation_id: id }));
  const batches = apis.map((api, n) => [api, () => sendAll(api, n === 0 ? asked : asked.toReversed())] as const);
  expect(await bothInto(db, holder, batches)).toEqual([3, 3]);
  expect(await db.query('select distinct last_seq::int from public.conversations')).toEqual([{ last_seq: 2 }]);
  await expectNoDeadlock(db);
});

test('batches with the same client_ids in other conversations send each once and do not wait for each other in a circle', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 2);
  const [ada, bob] = people as [Person, Person];
  const rooms: string[] = [];
  for (let n = 0; n < 3; n += 1) rooms.push(await groupOf(db, [ada, bob]));
  const ids = [newId(), newId(), newId()].sort();
  const holder = await connectAs(database, ada);
  await holder.query('begin');
  await trySend(holder, { group_id: rooms[2], client_id: ids[1] });
  const batches = apis.map((api, n) => {
    const asked = ids.map((client_id) => ask(ada, { group_id: rooms[n], client_id }));
    return [api, () => sendAgain(api, n === 0 ? asked : asked.toReversed())] as const;
  });
  expect(await bothInto(db, holder, batches)).toEqual([3, 0]);
  expect(await db.query('select last_seq::int from public.conversations order by 1')).toEqual(
    [0, 0, 3].map((last_seq) => ({ last_seq })),
  );
  await expectNoDeadlock(db);
});

test('a repetition in another batch, at the same moment, is left alone and takes no number', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 2);
  const [ada, bob] = people as [Person, Person];
  const group_id = await groupOf(db, [ada, bob]);
  const [one, other] = apis as [TestConnection, TestConnection];
  const message = ask(ada, { group_id, client_id: newId() });
  const late = await inTurn(
    db,
    one,
    () => sendAll(one, [message]),
    other,
    () => sendAll(other, [message, ask(bob, { group_id })]),
  );
  expect([...late].map(([n, { seq }]) => [n, seq])).toEqual([[1, 2]]);
});

test('a removal waits for a batch on its way, and the next one leaves alone who was removed', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 3);
  const [ada, bob, eve] = people as [Person, Person, Person];
  const group_id = await groupOf(db, [ada, bob, eve]);
  const [api, other] = apis as [TestConnection, TestConnection];
  const admin = await connectAs(database, ada);
  const remove = () => admin.query('select public.remove_group_member($1, $2)', [group_id, eve.id]);
  const asked = [ask(eve, { group_id }), ask(bob, { group_id })];
  await inTurn(db, api, () => sendAll(api, asked), admin, remove);
  expect((await sendAll(api, asked)).size).toBe(1);
  await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [group_id, eve.id]);
  const late = await inTurn(db, admin, remove, other, () => sendAll(other, asked));
  expect([...late].map(([n, { seq }]) => [n, seq])).toEqual([[1, 4]]);
  // Each on the topic that was open to whoever was a member then.
  const heard = await db.query(
    `select right(topic, 1)::int as epoch, (payload ->> 'seq')::int as seq from realtime.messages
     where event = 'message_created' order by 2`,
  );
  expect(heard).toEqual([
    { epoch: 1, seq: 1 },
    { epoch: 1, seq: 2 },
    { epoch: 2, seq: 3 },
    { epoch: 4, seq: 4 },
  ]);
});

test('a block that is committed while a batch waits for it leaves its message alone, and one that comes later waits', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 3);
  const [ada, bob, eve] = people as [Person, Person, Person];
  const [api] = apis as [TestConnection];
  const blocker = await database.connect();
  for (const [one, to] of [
    [ada, bob],
    [eve, bob],
  ] as const)
    await trySend(await connectAs(database, one), { receiver_id: to.id });
  const block = () => blocker.query('select app_private.block_person($1, $2)', [bob.id, ada.id]);
  const asked = [ask(ada, { receiver_id: bob.id }), ask(eve, { receiver_id: bob.id })];
  const late = await inTurn(db, blocker, block, api, () => sendAll(api, asked));
  expect([...late].map(([n, { seq }]) => [n, seq])).toEqual([[1, 2]]);
  await db.query('delete from public.blocks');
  await inTurn(db, api, () => sendAll(api, asked), blocker, block);
  expect(await db.query('select last_seq::int, epoch from public.conversations order by last_seq, epoch')).toEqual([
    { last_seq: 2, epoch: 3 },
    { last_seq: 3, epoch: 1 },
  ]);
});

test('a group that is deleted while a batch waits for it takes its messages along, and no others', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 2);
  const [ada, bob] = people as [Person, Person];
  const [gone, stays] = [await groupOf(db, [ada, bob]), await groupOf(db, [ada, bob])];
  const [api] = apis as [TestConnection];
  const owner = await connectAs(database, ada);
  const late = await inTurn(
    db,
    owner,
    () => owner.query('select public.delete_group($1)', [gone]),
    api,
    () => sendAll(api, [ask(bob, { group_id: gone }), ask(bob, { group_id: stays })]),
  );
  expect([...late].map(([n, { seq }]) => [n, seq])).toEqual([[1, 1]]);
  expect(await db.query('select from public.messages')).toHaveLength(1);
});

test('a conversation that is held for long makes the batch give up as a whole (55P03), of which nothing is kept', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, 2);
  const [ada, bob] = people as [Person, Person];
  const [held, free] = [await groupOf(db, [ada, bob]), await groupOf(db, [ada, bob])];
  const [api] = apis as [TestConnection];
  await db.query("alter function app_private.write_sendings(app_private.sending[]) set lock_timeout = '1s'");
  await db.query('begin');
  await db.query('select from public.conversations where group_id = $1 for update', [held]);
  const refusal = await sendAll(api, [ask(ada, { group_id: free }), ask(bob, { group_id: held })]).then(
    () => null,
    refusalOf,
  );
  await db.query('rollback');
  expect(refusal?.sqlstate).toBe('55P03');
  expect(await db.query('select from public.messages')).toEqual([]);
  expect(await db.query("select from app_private.outbox_events where type = 'message.created'")).toEqual([]);
});

/** What happens at once: a batch of some, each to one of the rooms; the same again; one message alone; somebody comes or goes. */
type Step =
  | {
      readonly kind: 'batch';
      readonly messages: readonly (readonly [from: number, room: number])[];
      readonly twice: boolean;
    }
  | { readonly kind: 'alone'; readonly from: number; readonly room: number }
  | { readonly kind: 'leave'; readonly who: number; readonly room: number };

const PEOPLE = 4;
const ROOMS = 3;
const person = fc.nat({ max: PEOPLE - 1 });
const room = fc.nat({ max: ROOMS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      messages: fc.array(fc.tuple(person, room), { minLength: 1, maxLength: 8 }),
      twice: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('alone' as const), from: person, room }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.integer({ min: 1, max: PEOPLE - 1 }), room }),
  },
);

test('numbers follow each other without a gap, each message is told of once and in its order, whatever goes on beside batches', async () => {
  await using database = await cloneDatabase();
  const { db, people, ask, apis } = await stage(database, PEOPLE, 3);
  const rooms: string[] = [];
  for (let n = 0; n < ROOMS; n += 1) rooms.push(await groupOf(db, people));
  const own = await Promise.all(people.map((one) => connectAs(database, one)));
  const one = <T>(of: readonly T[], n: number): T => of[n] as T;
  const acknowledged = new Set<string>();

  async function act(lane: number, { ...what }: Step): Promise<void> {
    if (what.kind === 'batch') {
      const asked = what.messages.map(([from, at]) =>
        ask(one(people, from), { group_id: one(rooms, at), client_id: newId() }),
      );
      const sent = await sendAgain(one(apis, lane), asked);
      for (const { id } of sent.values()) {
        expect(acknowledged.has(id)).toBe(false);
        acknowledged.add(id);
      }
      if (what.twice)
        expect([
          ...(await sendAgain(
            one(apis, lane),
            [...sent.keys()].map((n) => one(asked, n)),
          )),
        ]).toEqual([]);
    } else if (what.kind === 'alone') {
      const card = await trySend(one(own, what.from), { group_id: one(rooms, what.room), client_id: newId() });
      if (typeof card === 'string') expect(card).toBe('messages.conversation_not_found');
      else acknowledged.add(card.id);
    } else {
      const values = [one(rooms, what.room), one(people, what.who).id];
      const { length } = await db.query(
        'delete from public.group_members where group_id = $1 and user_id = $2 returning true',
        values,
      );
      if (length === 0) await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', values);
    }
  }

  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { minLength: 3, maxLength: 3 }), async (lanes) => {
      // A connection does one thing at a time: people are those of their lane alone, and one lane moves members.
      await Promise.all(
        lanes.map(async (steps, lane) => {
          for (const what of steps) {
            if (what.kind === 'leave' && lane !== 0) continue;
            if (what.kind === 'alone' && what.from % 3 !== lane) continue;
            await act(lane, what);
          }
        }),
      );
      const wrong = await db.query(
        `select from (
           select x.seq, x.created_at, row_number() over w as place, lag(x.created_at) over w as former
           from public.messages x window w as (partition by x.conversation_id order by x.seq)
         ) x where x.seq <> x.place or x.created_at < x.former
         union all
         select from public.conversations c
         where c.last_seq <> (select count(*) from public.messages x where x.conversation_id = c.id)`,
      );
      expect(wrong).toEqual([]);
      const kept = await db.query<{ id: string }>('select id from public.messages');
      expect(new Set(kept.map(({ id }) => id))).toEqual(acknowledged);
      const untold = await db.query(
        `select from public.messages x
         where (select count(*) from realtime.messages b where b.event = 'message_created' and b.payload ->> 'id' = x.id::text) <> 1
           or (select count(*) from app_private.outbox_events e where e.type = 'message.created' and e.payload ->> 'message_id' = x.id::text) <> 1`,
      );
      expect(untold).toEqual([]);
      // Of one transaction: of several, the outbox has them in the order in which they began.
      const disorder = await db.query(
        `select from (
           select (payload ->> 'seq')::int as seq, lag((payload ->> 'seq')::int) over (
             partition by tx_id, payload ->> 'conversation_id' order by position) as former
           from app_private.outbox_events where type = 'message.created'
         ) x where x.former >= x.seq`,
      );
      expect(disorder).toEqual([]);
    }),
    { numRuns: 12 },
  );
  await expectNoDeadlock(db);
}, 120_000);
