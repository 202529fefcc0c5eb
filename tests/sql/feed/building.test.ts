import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { TestConnection } from '../../support/database.ts';
import { expectFeed, follow, inbox, page, people, post, workAll } from './support.ts';

/** What is committed between the snapshot of an inbox that is built and its commit: nobody else can see the inbox yet. */
let database: ClonedDatabase;
let db: TestConnection;
let building: TestConnection;

beforeAll(async () => {
  database = await cloneDatabase();
  db = await database.connect();
  building = await database.connect();
});
afterAll(() => database[Symbol.asyncDispose]());

const BUILD = 'select app_private.prepare_feed($1)';

test('a post and a follow that come while an inbox is built are in it, although the worker did both before it was there', async () => {
  const [reader, known, met] = await people(db, 3);
  await follow(db, reader, known);
  const old = await post(db, met);
  await building.query('begin');
  await building.query(BUILD, [reader.id]);
  const during = await post(db, known);
  await follow(db, reader, met);
  await workAll(db);
  await building.query('commit');
  expect(await inbox(db, reader)).toEqual([]);
  await workAll(db);
  expect(await inbox(db, reader)).toEqual([during, old]);
});

test('so are those of somebody who comes back after a month', async () => {
  const [reader, known] = await people(db, 2);
  await follow(db, reader, known);
  await page(db, reader, 1);
  await workAll(db);
  await db.query(`update public.feed_state set read_at = now() - interval '40 days' where user_id = $1`, [reader.id]);
  await building.query('begin');
  await building.query(BUILD, [reader.id]);
  const during = await post(db, known);
  await workAll(db);
  await building.query('commit');
  await workAll(db);
  expect(await inbox(db, reader)).toEqual([during]);
});

test('two first pages of one person at the same time are both whole', async () => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  for (let n = 0; n < 30; n += 1) await post(db, author);
  const connections = await Promise.all([1, 2, 3, 4].map(() => database.connect()));
  const pages = await Promise.all(connections.map((connection) => page(connection, reader, 20)));
  for (const cards of pages) expect(cards).toHaveLength(20);
  await workAll(db);
  await expectFeed(db, reader, 7);
});

test('a step that finds an inbox busy does not wait, and is done later', async () => {
  const [reader, author] = await people(db, 2);
  await page(db, reader, 1);
  await workAll(db);
  const id = await post(db, author);
  await building.query('begin');
  await building.query('select from public.feed_state where user_id = $1 for update', [reader.id]);
  await follow(db, reader, author);
  await db.query('select app_private.work_feed(50)');
  await db.query('select app_private.work_feed(50)');
  expect(await db.query('select attempts from app_private.feed_tasks')).toEqual([{ attempts: 0 }]);
  await building.query('commit');
  await workAll(db);
  expect(await inbox(db, reader)).toEqual([id]);
});

test('a fan-out goes on where it stopped, and stops when the post is gone', async () => {
  const [author, ...readers] = await people(db, 6);
  for (const reader of readers) {
    await follow(db, reader, author);
    await page(db, reader, 1);
  }
  await workAll(db);
  const id = await post(db, author);
  const step = async (after: string | null) =>
    db.one<{ next_after: string | null; pushed: string[] }>('select * from app_private.push_post($1, $2, 2)', [
      id,
      after,
    ]);
  const first = await step(null);
  expect(first.pushed).toHaveLength(2);
  const again = await step(null);
  expect(again).toEqual(first);
  const second = await step(first.next_after);
  expect(new Set([...first.pushed, ...second.pushed]).size).toBe(4);
  await db.query('delete from public.posts where id = $1', [id]);
  expect(await db.query('select * from app_private.push_post($1, $2, 2)', [id, second.next_after])).toEqual([]);
  await workAll(db);
  for (const reader of readers) expect(await inbox(db, reader)).toEqual([]);
});

test('an author with thousands of followers of whom few read has few inboxes written', async () => {
  const [author, reader] = await people(db, 2);
  await db.query(
    `insert into auth.users (id, email) select gen_random_uuid(), 'sleeper' || n || '@example.test' from generate_series(1, 2000) n`,
  );
  await db.query(
    `insert into public.follows (follower_id, followee_id)
     select p.id, $1 from public.profiles p join auth.users u on u.id = p.id where u.email like 'sleeper%'`,
    [author.id],
  );
  await follow(db, reader, author);
  await page(db, reader, 1);
  await workAll(db);
  const id = await post(db, author);
  expect(await workAll(db)).toEqual(new Set([reader.id]));
  expect(await db.query('select user_id from public.feed_inbox where post_id = $1', [id])).toEqual([
    { user_id: reader.id },
  ]);
});
