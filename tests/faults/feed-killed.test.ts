import { once } from 'node:events';
import { expect, test } from 'vitest';
import { connect, type Person, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { workerFixture } from '../worker/fixture.ts';
import { spawnWorker } from '../worker/spawn.ts';
import { startStores } from './worker-stores.ts';

const FOLLOWERS = 3_000;
const KILLS = 8;
/** Before each kill. */
const POSTS = 3;

/** Somebody with many followers, all of whom have an inbox. */
async function popular(db: TestConnection): Promise<Person> {
  const author = await db.signUp();
  await db.query(
    `with signed_up as (
       insert into auth.users (id, email) select gen_random_uuid(), 'reader' || n || '@example.test' from generate_series(1, $1) n returning id
     ) select count(*) from signed_up`,
    [FOLLOWERS],
  );
  await db.query(
    'insert into public.follows (follower_id, followee_id) select id, $1 from public.profiles where id <> $1',
    [author.id],
  );
  await db.query(
    `insert into public.feed_state (user_id, complete_since, is_settled) select id, '-infinity', true from public.profiles`,
  );
  // What the follows would have brought there is nothing of yet.
  await db.query('delete from app_private.feed_tasks');
  return author;
}

test('a worker killed again and again in the middle of a fan-out loses no inbox and doubles none', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls);
  await using db = await connect(stack.urls.database);
  const author = await popular(db);
  const pushed = async () =>
    (await db.one<{ count: number }>('select count(*)::int as count from public.feed_inbox where user_id <> author_id'))
      .count;

  let halves = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let n = 0; n < POSTS; n += 1) {
      await db.query(`insert into public.posts (author_id, content) values ($1, 'Hello')`, [author.id]);
    }
    const before = await pushed();
    const worker = spawnWorker(stores.environment);
    await eventually('it pushes', async () => (await pushed()) > before, { every_ms: 1 });
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    if ((await pushed()) % FOLLOWERS !== 0) halves += 1;
    // One that goes while it is on its way to people.
    if (kill % 3 === 0)
      await db.query('delete from public.posts where id = (select max(id::text)::uuid from public.posts)');
  }
  await stores.start();
  await eventually(
    'nothing is left to do',
    async () => (await db.query('select from app_private.feed_tasks')).length === 0,
  );
  const inboxes = await db.query(
    `select count(*)::int as readers, c.posts from (
       select s.user_id, count(i.post_id)::int as posts from public.feed_state s
       left join public.feed_inbox i on i.user_id = s.user_id and exists (select from public.posts p where p.id = i.post_id)
       where s.user_id <> $1 group by s.user_id
     ) c group by c.posts`,
    [author.id],
  );
  const { posts } = await db.one<{ posts: number }>('select count(*)::int as posts from public.posts');
  expect(inboxes).toEqual([{ readers: FOLLOWERS, posts }]);
  expect(halves, 'it was killed between two steps of one post').toBeGreaterThan(0);
});
