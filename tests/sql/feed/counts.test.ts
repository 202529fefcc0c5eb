import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { TestConnection } from '../../support/database.ts';
import { follow, people, post } from './support.ts';

let database: ClonedDatabase;
let db: TestConnection;
let busy: TestConnection;

beforeAll(async () => {
  database = await cloneDatabase();
  db = await database.connect();
  busy = await database.connect();
});
afterAll(() => database[Symbol.asyncDispose]());

const fold = async () => (await db.one<{ done: number }>('select app_private.fold_counts(1000) as done')).done;
const waiting = () => db.query('select target, counter, delta::int from app_private.count_deltas order by id');

test('changes of counts that found their row held are added when it is free, each once', async () => {
  const [ana, ben, cem] = await people(db, 3);
  const id = await post(db, ana);
  await busy.query('begin');
  await busy.query('select from public.profile_counts where user_id = $1 for no key update', [ana.id]);
  await busy.query('select from public.post_counts where post_id = $1 for no key update', [id]);
  await follow(db, ben, ana);
  await follow(db, cem, ana);
  await db.query('insert into public.post_likes (post_id, user_id) values ($1, $2)', [id, ben.id]);
  expect(await waiting()).toHaveLength(3);
  await busy.query('commit');
  expect(await fold()).toBe(3);
  expect(await fold()).toBe(0);
  expect(
    await db.one('select followers_count::int, posts_count::int from public.profile_counts where user_id = $1', [
      ana.id,
    ]),
  ).toEqual({ followers_count: 2, posts_count: 1 });
  expect(await db.one('select likes_count::int from public.post_counts where post_id = $1', [id])).toEqual({
    likes_count: 1,
  });
});

test('passes over a row that is held, and waits only when there is nothing else to do', async () => {
  const [ana, ben] = await people(db, 2);
  await busy.query('begin');
  await busy.query('select from public.profile_counts where user_id = $1 for no key update', [ana.id]);
  await db.query(
    `insert into app_private.count_deltas (target, counter, delta) values ($1, 'posts_count', 1), ($2, 'posts_count', 1)`,
    [ana.id, ben.id],
  );
  expect(await fold()).toBe(1);
  expect(await waiting()).toMatchObject([{ target: ana.id }]);
  const late = fold();
  await busy.query('commit');
  expect(await late).toBe(1);
});

test('what waits for something that is gone goes too', async () => {
  await db.query(
    `insert into app_private.count_deltas (target, counter, delta) select gen_random_uuid(), 'likes_count', 1 from generate_series(1, 5)`,
  );
  expect(await fold()).toBe(5);
  expect(await waiting()).toEqual([]);
});

test('counts equal the rows after many like, comment and follow at once while two workers fold', async () => {
  const [author, ...fans] = await people(db, 13);
  const id = await post(db, author);
  let over = false;
  const workers = [0, 1].map(async () => {
    const connection = await database.connect();
    while (!over) await connection.query('select app_private.fold_counts(20)');
  });
  await Promise.all(
    fans.map(async (fan) => {
      const connection = await database.connect();
      for (let n = 0; n < 20; n += 1) {
        await connection.query('insert into public.post_likes (post_id, user_id) values ($1, $2)', [id, fan.id]);
        await connection.query(`insert into public.comments (post_id, author_id, content) values ($1, $2, 'Hi')`, [
          id,
          fan.id,
        ]);
        await follow(connection, fan, author);
        if (n % 2 === 0 || n < 19) {
          await connection.query('delete from public.post_likes where post_id = $1 and user_id = $2', [id, fan.id]);
          await connection.query('delete from public.follows where follower_id = $1', [fan.id]);
        }
      }
    }),
  );
  over = true;
  await Promise.all(workers);
  while ((await fold()) > 0);
  expect(
    await db.one('select likes_count::int, comments_count::int from public.post_counts where post_id = $1', [id]),
  ).toEqual({ likes_count: 12, comments_count: 240 });
  expect(
    await db.one('select followers_count::int from public.profile_counts where user_id = $1', [author.id]),
  ).toEqual({ followers_count: 12 });
}, 60_000);
