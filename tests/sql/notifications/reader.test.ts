import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';

const PROJECT = 'select * from app_private.project_notifications($1)';
const NOTE = `select app_private.emit_event('user.password_changed', $1, jsonb_build_object('user_id', $1::uuid))`;

/** Reads until there is nothing left, as one or several workers do. */
async function readAll(db: TestConnection, limit = 1_000): Promise<number> {
  let events = 0;
  for (let round = 0; round < 10_000; round += 1) {
    const { done, more } = await db.one<{ done: number; more: boolean }>(PROJECT, [limit]);
    events += done;
    if (done === 0 && !more) return events;
  }
  throw new Error('the reader does not come to an end');
}

async function seqsOf(db: TestConnection, person: Person): Promise<number[]> {
  const rows = await db.query<{ seq: number }>(
    'select seq::int from public.notifications where user_id = $1 order by seq',
    [person.id],
  );
  return rows.map(({ seq }) => seq);
}

const counting = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

async function people(clone: ClonedDatabase, count: number): Promise<[TestConnection, Person[]]> {
  const db = await clone.connect();
  const made: Person[] = [];
  for (let n = 0; n < count; n += 1) made.push(await db.signUp());
  await readAll(db);
  return [db, made];
}

test('each event is read once, whatever the size of the rounds', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada]] = await people(clone, 1);
  if (!ada) throw new Error('no people');
  for (let n = 0; n < 20; n += 1) await db.query(NOTE, [ada.id]);
  expect(await readAll(db, 3)).toBe(20);
  expect(await readAll(db)).toBe(0);
  expect(await seqsOf(db, ada)).toEqual(counting(20));
});

test('what is still to be committed holds nothing up, and is told when it is there', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada, bob]] = await people(clone, 2);
  if (!ada || !bob) throw new Error('no people');
  const slow = await clone.connect();
  await slow.query('begin');
  await slow.query(NOTE, [ada.id]);
  for (let n = 0; n < 3; n += 1) {
    await db.query(NOTE, [bob.id]);
    await readAll(db);
  }
  expect(await seqsOf(db, bob)).toEqual([1, 2, 3]);
  expect(await seqsOf(db, ada)).toEqual([]);
  await slow.query('commit');
  expect(await readAll(db)).toBe(1);
  expect(await seqsOf(db, ada)).toEqual([1]);
});

test('a round that is rolled back has neither told anybody nor moved on', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada]] = await people(clone, 1);
  if (!ada) throw new Error('no people');
  await db.query(NOTE, [ada.id]);
  await db.query('begin');
  expect(await db.one(PROJECT, [10])).toMatchObject({ done: 1 });
  await db.query('rollback');
  expect(await seqsOf(db, ada)).toEqual([]);
  expect(await readAll(db)).toBe(1);
  expect(await seqsOf(db, ada)).toEqual([1]);
});

test('while one reads, another has nothing to do and does not wait', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada]] = await people(clone, 1);
  if (!ada) throw new Error('no people');
  const other = await clone.connect();
  await db.query(NOTE, [ada.id]);
  await db.query('begin');
  await db.query(PROJECT, [10]);
  await other.query("set statement_timeout = '2s'");
  expect(await other.one(PROJECT, [10])).toEqual({ done: 0, more: false });
  await db.query('commit');
  expect(await seqsOf(db, ada)).toEqual([1]);
});

test('an event that makes no sense is noted, and those around it are told', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada]] = await people(clone, 1);
  if (!ada) throw new Error('no people');
  await db.query(NOTE, [ada.id]);
  await db.query(`select app_private.emit_event('post.liked', null, '{"post_id": "no id"}')`);
  await db.query(NOTE, [ada.id]);
  expect(await readAll(db)).toBe(3);
  expect(await seqsOf(db, ada)).toEqual([1, 2]);
  expect(await db.query('select type, error from app_private.notification_faults')).toMatchObject([
    { type: 'post.liked', error: expect.stringContaining('no id') },
  ]);
  expect(await db.one('select faults from app_private.notification_stats()')).toEqual({ faults: '1' });
});

test('somebody who is gone by then keeps nobody else from being told', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada, bob]] = await people(clone, 2);
  if (!ada || !bob) throw new Error('no people');
  await db.query(NOTE, [ada.id]);
  await db.query(NOTE, [bob.id]);
  await db.query('delete from auth.users where id = $1', [ada.id]);
  await readAll(db);
  expect(await seqsOf(db, bob)).toEqual([1]);
});

test('whoever marks everything as read while others are told of is neither waited for in a circle nor marks what came after', async () => {
  await using clone = await cloneDatabase();
  const [db, [ada]] = await people(clone, 1);
  if (!ada) throw new Error('no people');
  const reader = await clone.connect();
  const marker = await clone.connect();
  let marks = 0;
  const marking = (async () => {
    for (; marks < 60; marks += 1) {
      await marker.query('begin');
      await marker.as({ role: 'authenticated', sub: ada.id });
      await marker.query('select public.mark_all_notifications_read()');
      await marker.query('commit');
    }
  })();
  let told = 0;
  while (marks < 60) {
    await db.query(NOTE, [ada.id]);
    told += 1;
    await readAll(reader);
  }
  await marking;
  await readAll(reader);
  expect((await seqsOf(db, ada)).at(-1)).toBe(told);
  const { seen_seq, unread } = await db.one<{ seen_seq: string; unread: number[] }>(
    `select s.seen_seq, array(select n.seq::int from public.notifications n where n.user_id = s.user_id and n.read_at is null order by 1) as unread
     from app_private.notification_states s where s.user_id = $1`,
    [ada.id],
  );
  expect(unread).toEqual(counting(told).filter((seq) => seq > Number(seen_seq)));
});

/** What one of a few connections does next; a transaction holds several events and ends whenever it is told to. */
type Step = { readonly by: number } & (
  | { readonly do: 'tell'; readonly to: number }
  | { readonly do: 'commit' | 'rollback' }
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.nat(3), do: fc.constant('tell' as const), to: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ by: fc.nat(3), do: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ by: fc.nat(3), do: fc.constant('rollback' as const) }) },
);

test('in whatever order transactions begin, write and end, everybody is told of all that was committed, once and in numbers without a gap', async () => {
  await using clone = await cloneDatabase();
  const [db, cast] = await people(clone, 3);
  const writers = await Promise.all(counting(4).map(() => clone.connect()));
  const total = cast.map(() => 0);

  async function run(steps: readonly (Step | 'read')[]): Promise<void> {
    const open = writers.map(() => null as number[] | null);
    const end = async (by: number, how: 'commit' | 'rollback') => {
      const written = open[by];
      if (!written) return;
      await writers[by]?.query(how);
      if (how === 'commit') for (const to of written) total[to] = (total[to] ?? 0) + 1;
      open[by] = null;
    };
    for (const one of steps) {
      if (one === 'read') await db.query(PROJECT, [2]);
      else if (one.do === 'tell') {
        if (!open[one.by]) await writers[one.by]?.query('begin');
        open[one.by] ??= [];
        await writers[one.by]?.query(NOTE, [cast[one.to]?.id]);
        open[one.by]?.push(one.to);
      } else await end(one.by, one.do);
    }
    for (const by of open.keys()) await end(by, 'commit');
    await readAll(db);
    for (const [n, person] of cast.entries()) expect(await seqsOf(db, person)).toEqual(counting(total[n] ?? 0));
  }

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 3, arbitrary: step }, { weight: 1, arbitrary: fc.constant('read' as const) }), {
        maxLength: 30,
      }),
      run,
    ),
    { numRuns: 40 },
  );
});
