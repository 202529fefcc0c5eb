import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { asRequest, type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { connections } from '../wallet/support.ts';
import { becomeOwner, block, cardFor, follow, MISCOUNTED, post } from './support.ts';

const CONNECTIONS = 16;

async function signUps(db: TestConnection, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let i = 0; i < count; i += 1) people.push(await db.signUp());
  return people;
}

/** A committed post by somebody. */
async function committedPost(db: TestConnection, author: Person, p: object = {}): Promise<string> {
  await db.query('begin');
  const { id } = await post(db, author, { ...p });
  await db.query('commit');
  await becomeOwner(db);
  return id;
}

/** Looks again and again, until `work` is done, for a count that is not that of its rows. */
async function whileCounting(database: ClonedDatabase, work: () => Promise<unknown>): Promise<number> {
  const observer = await database.connect();
  const worker = await database.connect();
  let isDone = false;
  let looked = 0;
  const watching = (async () => {
    while (!isDone) {
      expect(await observer.query(MISCOUNTED)).toEqual([]);
      await worker.query('select app_private.fold_counts(100)');
      looked += 1;
    }
  })();
  await Promise.all([
    watching,
    work().finally(() => {
      isDone = true;
    }),
  ]);
  return looked;
}

async function fold(db: TestConnection): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const { count } = await db.one<{ count: number }>('select app_private.fold_counts(1000) as count');
    if (count === 0) break;
  }
  expect(await db.query('select from app_private.count_deltas')).toEqual([]);
}

test('of a hundred who like, unlike and comment on one post at once, every count shown is that of the rows, at any moment', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const people = await signUps(db, 100);
  const [author] = people;
  if (!author) throw new Error('nobody');
  const id = await committedPost(db, author);
  const pool = await connections(database, CONNECTIONS);
  const looked = await whileCounting(database, () =>
    Promise.all(
      pool.map(async (connection, n) => {
        for (const [i, person] of people.entries()) {
          if (i % CONNECTIONS !== n) continue;
          const act = (text: string, ...values: unknown[]) => asRequest(connection, person, text, [id, ...values]);
          await act('select public.like_post($1)');
          await act("select public.add_comment($1, 'Hi')");
          await act("select public.create_post(jsonb_build_object('type', 'share', 'shared_post_id', $1::text))");
          if (i % 2 === 0) await act('select public.unlike_post($1)');
          if (i % 4 === 0) await act('delete from public.comments where post_id = $1 and author_id = $2', person.id);
          if (i % 5 === 0)
            await act('delete from public.posts where shared_post_id = $1 and author_id = $2', person.id);
        }
      }),
    ),
  );
  expect(looked).toBeGreaterThan(2);
  const expected = { likes_count: '50', comments_count: '75', shares_count: '80' };
  await db.query('begin');
  expect(await cardFor(db, author, id)).toMatchObject(expected);
  await db.query('rollback');
  await fold(db);
  expect(await db.query(MISCOUNTED)).toEqual([]);
  const stored = 'select likes_count, comments_count, shares_count from public.post_counts where post_id = $1';
  expect(await db.one(stored, [id])).toEqual(expected);
}, 120_000);

test('a thread that many answer, like and delete at once is counted as it is', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const people = await signUps(db, 32);
  const [author] = people;
  if (!author) throw new Error('nobody');
  const id = await committedPost(db, author);
  const top = "insert into public.comments (post_id, author_id, content) values ($1, $2, 'Top') returning id";
  const { id: thread } = await db.one<{ id: string }>(top, [id, author.id]);
  const pool = await connections(database, CONNECTIONS);
  await whileCounting(database, () =>
    Promise.all(
      pool.map(async (connection, n) => {
        for (const person of people.filter((_, i) => i % CONNECTIONS === n)) {
          const act = (text: string, ...values: unknown[]) => asRequest(connection, person, text, values);
          await act("select public.add_comment($1, 'Hi', $2)", id, thread);
          await act('select public.like_comment($1)', thread);
          await act("select public.add_comment($1, 'Ho', $2)", id, thread);
          await act(
            "delete from public.comments where parent_id = $1 and author_id = $2 and content = 'Hi'",
            thread,
            person.id,
          );
        }
      }),
    ),
  );
  await fold(db);
  const counts = 'select likes_count, replies_count from public.comments where id = $1';
  expect(await db.one(counts, [thread])).toEqual({ likes_count: '32', replies_count: '32' });
});

test('a like commits while somebody else holds the row that counts it, and is shown at once', async () => {
  await using database = await cloneDatabase();
  const [db, holder] = [await database.connect(), await database.connect()];
  const [ada, bob] = await signUps(db, 2);
  if (!ada || !bob) throw new Error('nobody');
  const id = await committedPost(db, ada);
  await holder.query('begin');
  await holder.query('select from public.post_counts where post_id = $1 for update', [id]);
  await db.query("set lock_timeout = '2s'");
  await asRequest(db, bob, 'select public.like_post($1)', [id]);
  await asRequest(db, bob, "select public.add_comment($1, 'Hi')", [id]);
  await db.query('begin');
  expect(await cardFor(db, ada, id)).toMatchObject({ likes_count: '1', comments_count: '1' });
  await db.query('rollback');
  const stored = 'select likes_count from public.post_counts where post_id = $1';
  expect(await db.one(stored, [id])).toEqual({ likes_count: '0' });
  await holder.query('rollback');
  await fold(db);
  expect(await db.one(stored, [id])).toEqual({ likes_count: '1' });
});

test('a vote commits while somebody else holds the tally, and all votes are counted', async () => {
  await using database = await cloneDatabase();
  const [db, holder] = [await database.connect(), await database.connect()];
  const people = await signUps(db, 24);
  const [ada] = people;
  if (!ada) throw new Error('nobody');
  const ends_at = new Date(Date.now() + 86_400_000).toISOString();
  const id = await committedPost(db, ada, { poll: { options: ['Yes', 'No'], ends_at } });
  await asRequest(db, ada, "select public.vote_in_poll($1, '{1}')", [id]);
  await holder.query('begin');
  await holder.query('select from app_private.poll_tallies for update');
  const pool = await connections(database, 8);
  await Promise.all(
    pool.map(async (connection, n) => {
      await connection.query("set lock_timeout = '5s'");
      for (const person of people.filter((_, i) => i % 8 === n))
        for (const choice of ['{2}', '{1}', '{2}'])
          await asRequest(connection, person, 'select public.vote_in_poll($1, $2)', [id, choice]);
    }),
  );
  await holder.query('rollback');
  await db.query('begin');
  expect((await cardFor(db, ada, id))?.poll).toMatchObject({ options: [{ votes_count: 0 }, { votes_count: 24 }] });
  await db.query('rollback');
});

test.each([
  ['votes in a poll of one choice', 8],
  ['plain shares of one post', 8],
  ['reports of one post', 8],
  ['pins of eight posts', 8],
])('of one person’s %s at the same moment only those that are allowed happen', async (what, count) => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const [ada, bob] = await signUps(db, 2);
  if (!ada || !bob) throw new Error('nobody');
  const ends_at = new Date(Date.now() + 86_400_000).toISOString();
  const options = Array.from({ length: count }, (_, i) => `o${i}`);
  const id = await committedPost(db, ada, { poll: { options, ends_at } });
  const mine: string[] = [];
  for (let i = 0; i < count; i += 1) mine.push(await committedPost(db, bob));
  const pool = await connections(database, count);
  const insertVote = 'insert into public.poll_votes (post_id, position) values ($1, $2)';
  const attempts: Record<string, (n: number) => [string, unknown[]]> = {
    'votes in a poll of one choice': (n) => [insertVote, [id, n + 1]],
    'plain shares of one post': () => ["insert into public.posts (type, shared_post_id) values ('share', $1)", [id]],
    'reports of one post': () => ["insert into public.reports (post_id, reason) values ($1, 'spam')", [id]],
    'pins of eight posts': (n) => ['update public.posts set pinned_at = now() where id = $1', [mine[n]]],
  };
  const codes = await Promise.all(
    pool.map(async (connection, n) => {
      const [text, values] = attempts[what]?.(n) ?? ['', []];
      return await asRequest(connection, bob, text, values).then(
        () => 'done',
        (error: unknown) => refusalOf(error).code,
      );
    }),
  );
  const [code, done] = {
    'votes in a poll of one choice': ['posts.choice_invalid', 1],
    'plain shares of one post': ['posts.already_shared', 1],
    'reports of one post': ['reports.already_reported', 1],
    'pins of eight posts': ['posts.too_many_pinned', 3],
  }[what] as [string, number];
  expect(codes.sort()).toEqual([...Array(done).fill('done'), ...Array(count - done).fill(code)].sort());
});

test('once a block has returned, nobody of the two reads, likes or answers the other any more', async () => {
  await using database = await cloneDatabase();
  const [db, blocker] = [await database.connect(), await database.connect()];
  const [ada, bob] = await signUps(db, 2);
  if (!ada || !bob) throw new Error('nobody');
  await follow(db, bob, ada);
  const id = await committedPost(db, ada);
  const pool = await connections(database, 6);
  let hasBlocked = false;
  const late: (string | undefined)[] = [];
  const busy = pool.map(async (connection, n) => {
    for (let after = 0; after < 5; ) {
      const isLate = hasBlocked;
      const text = n % 2 === 0 ? 'select public.like_post($1)' : "select public.add_comment($1, 'Hi')";
      const code = await asRequest(connection, bob, text, [id]).then(
        () => 'done',
        (error: unknown) => refusalOf(error).code,
      );
      if (!isLate) continue;
      late.push(code);
      after += 1;
    }
  });
  await blocker.query('begin');
  await block(blocker, ada, bob);
  await blocker.query('commit');
  hasBlocked = true;
  await Promise.all(busy);
  expect(late).toEqual(Array(30).fill('posts.not_found'));
});
