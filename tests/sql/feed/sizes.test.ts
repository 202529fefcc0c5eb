import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';
import { expectFeed, follow, inbox, page, people, post, unfollow, workAll } from './support.ts';

/** Authors are large from three followers on here, and small again below two. */
const LARGE_FROM = 3;
const SMALL_BELOW = 2;

let database: ClonedDatabase;
let db: TestConnection;

beforeAll(async () => {
  database = await cloneDatabase();
  db = await database.connect();
});
afterAll(() => database[Symbol.asyncDispose]());

const work = () => workAll(db, LARGE_FROM, SMALL_BELOW);
const stateOf = async (author: Person) =>
  (
    await db.query<{ state: string }>('select state from app_private.large_authors where author_id = $1', [author.id])
  )[0]?.state;

/** An author with three followers who read, of whom one has pulled just now. */
async function large() {
  const [author, one, two, three, late] = await people(db, 5);
  for (const reader of [one, two, three]) {
    await follow(db, reader, author);
    await page(db, reader, 1);
  }
  await page(db, late, 1);
  const first = await post(db, author);
  await work();
  return { author, one, two, three, late, first };
}

async function letPull(reader: Person): Promise<void> {
  await db.query(`update public.feed_state set pulled_at = pulled_at - interval '31 seconds' where user_id = $1`, [
    reader.id,
  ]);
}

test('an author becomes large at a post, and the post is in every inbox', async () => {
  const { author, one, two, first } = await large();
  expect(await stateOf(author)).toBe('large');
  for (const reader of [one, two]) expect(await inbox(db, reader)).toEqual([first]);
  const second = await post(db, author);
  expect(await work()).toEqual(new Set());
  expect(await inbox(db, one)).toEqual([first]);
  await letPull(one);
  await expectFeed(db, one, 1);
  expect(await inbox(db, one)).toEqual([second, first]);
});

test('who follows a large author gets older posts from the worker and later ones by pulling', async () => {
  const { author, late, first } = await large();
  await follow(db, late, author);
  await work();
  expect(await inbox(db, late)).toEqual([first]);
  const second = await post(db, author);
  await work();
  await letPull(late);
  await expectFeed(db, late);
  expect(await inbox(db, late)).toEqual([second, first]);
});

test('an old post of a large author that becomes public is pulled, however long ago it was', async () => {
  const { author, one } = await large();
  const old = await post(db, author, { visibility: 'private', published_at: '2020-01-01T00:00:00Z' });
  await work();
  await letPull(one);
  await page(db, one, 1);
  await db.query(`update public.posts set visibility = 'public' where id = $1`, [old]);
  await work();
  await letPull(one);
  await expectFeed(db, one, 1);
  expect(await inbox(db, one)).toContain(old);
});

test('who reads again after days has what large authors posted meanwhile', async () => {
  const { author, one, first } = await large();
  const second = await post(db, author);
  await work();
  await db.query(`update public.feed_state set pulled_at = now() - interval '3 days' where user_id = $1`, [one.id]);
  await db.query('delete from app_private.pulled_posts');
  await page(db, one, 1);
  expect(await inbox(db, one)).toEqual([second, first]);
});

test('an author with fewer followers is pushed again, and what nobody pulled yet is in the inboxes', async () => {
  const { author, one, two, three, first } = await large();
  const unpulled = await post(db, author);
  await unfollow(db, two, author);
  await unfollow(db, three, author);
  await work();
  expect(await stateOf(author)).toBeUndefined();
  const pushed = await post(db, author);
  expect(await work()).toEqual(new Set([one.id]));
  expect(await inbox(db, one)).toEqual([pushed, unpulled, first]);
  expect(await db.query('select is_pulled from public.follows where followee_id = $1', [author.id])).toEqual([
    { is_pulled: false },
  ]);
});

test('a large author who reads has the own post that was written while the inbox was built', async () => {
  const { author } = await large();
  const building = await database.connect();
  await db.query('begin');
  const id = await post(db, author);
  await page(building, author, 1);
  await building.query('select app_private.settle_feeds(100)');
  await db.query('commit');
  await work();
  expect((await inbox(db, author))[0]).toBe(id);
});

test('between two sizes nothing changes: an author goes neither back nor forth', async () => {
  const { author, three } = await large();
  await unfollow(db, three, author);
  await work();
  expect(await stateOf(author)).toBe('large');
});

test('friends made later see what was for friends, also before they were', async () => {
  const [author, reader] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 1);
  const id = await post(db, author, { visibility: 'friends' });
  await work();
  expect(await inbox(db, reader)).toEqual([]);
  await follow(db, author, reader);
  await work();
  expect(await inbox(db, reader)).toEqual([id]);
});
