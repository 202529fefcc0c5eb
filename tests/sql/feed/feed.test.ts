import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { asUser, type TestConnection, withRollback } from '../../support/database.ts';
import { expectFeed, follow, inbox, page, people, post, unfollow, walk, workAll } from './support.ts';

let database: ClonedDatabase;
let db: TestConnection;

beforeAll(async () => {
  database = await cloneDatabase();
  db = await database.connect();
});
afterAll(() => database[Symbol.asyncDispose]());

const ids = (cards: readonly { readonly id: string }[]) => cards.map(({ id }) => id);

test('a first page has what those one follows posted, and what one posted, with the reason', async () => {
  const [ana, ben, cem] = await people(db, 3);
  await follow(db, ana, ben);
  const old = await post(db, ben, { published_at: '2020-01-01T00:00:00Z' });
  const own = await post(db, ana);
  const recent = await post(db, ben);
  await post(db, cem);
  expect(await page(db, ana, 20)).toMatchObject([
    { id: recent, reason: 'followed' },
    { id: own, reason: 'self' },
    { id: old, reason: 'followed' },
  ]);
});

test('a post is pushed to those who read, not to those who never do', async () => {
  const [author, reader, sleeper] = await people(db, 3);
  await follow(db, reader, author);
  await follow(db, sleeper, author);
  await page(db, reader, 20);
  await workAll(db);
  const id = await post(db, author);
  expect(await workAll(db)).toEqual(new Set([reader.id]));
  expect(await inbox(db, reader)).toEqual([id]);
  expect(await inbox(db, sleeper)).toEqual([]);
});

test('whoever was away for more than a month gets nothing pushed, and the whole feed when they come back', async () => {
  const [author, reader] = await people(db, 2);
  await follow(db, reader, author);
  const first = await post(db, author);
  await page(db, reader, 20);
  await workAll(db);
  await db.query(`update public.feed_state set read_at = now() - interval '32 days' where user_id = $1`, [reader.id]);
  const second = await post(db, author);
  await workAll(db);
  expect(await inbox(db, reader)).toEqual([first]);
  expect(ids(await page(db, reader, 20))).toEqual([second, first]);
});

test('one’s own post is in one’s feed at once, without the worker', async () => {
  const [ana] = await people(db, 1);
  await page(db, ana, 20);
  const hidden = await post(db, ana, { visibility: 'private' });
  expect(ids(await page(db, ana, 20))).toEqual([hidden]);
});

test('unfollow, mute, deletion and a narrower visibility show on the next page, before the worker knows', async () => {
  const [reader, left, muted, deleting, hiding] = await people(db, 5);
  const posts = [];
  for (const author of [left, muted, deleting, hiding]) {
    await follow(db, reader, author);
    posts.push(await post(db, author));
  }
  expect(await page(db, reader, 20)).toHaveLength(4);
  await unfollow(db, reader, left);
  await db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [reader.id, muted.id]);
  await db.query('delete from public.posts where id = $1', [posts[2]]);
  await db.query(`update public.posts set visibility = 'private' where id = $1`, [posts[3]]);
  expect(await page(db, reader, 20)).toEqual([]);
  await workAll(db);
  expect(await page(db, reader, 20)).toEqual([]);
});

test('a mute that ended lets posts of that time appear', async () => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 20);
  await db.query(
    `insert into public.mutes (muter_id, muted_id, until) values ($1, $2, clock_timestamp() + interval '1 hour')`,
    [reader.id, author.id],
  );
  const id = await post(db, author);
  await workAll(db);
  expect(await page(db, reader, 20)).toEqual([]);
  await db.query('update public.mutes set until = now() where muter_id = $1', [reader.id]);
  expect(ids(await page(db, reader, 20))).toEqual([id]);
});

test('a new follow brings older posts, and friends get what is for friends', async () => {
  const [ana, ben] = await people(db, 2);
  const open = await post(db, ben);
  const forFriends = await post(db, ben, { visibility: 'friends' });
  await page(db, ana, 20);
  await workAll(db);
  await follow(db, ana, ben);
  await workAll(db);
  expect(ids(await page(db, ana, 20))).toEqual([open]);
  await follow(db, ben, ana);
  await workAll(db);
  expect(ids(await page(db, ana, 20))).toEqual([forFriends, open]);
});

test('an old post that is made public takes its place in time', async () => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  const older = await post(db, author, { visibility: 'private' });
  const newer = await post(db, author);
  expect(ids(await page(db, reader, 20))).toEqual([newer]);
  await workAll(db);
  await db.query(`update public.posts set visibility = 'public' where id = $1`, [older]);
  await workAll(db);
  expect(ids(await page(db, reader, 20))).toEqual([newer, older]);
});

test('a scheduled post comes at the time when it is published', async () => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 20);
  const { id } = await db.one<{ id: string }>(
    `insert into public.posts (author_id, content, status, scheduled_for)
     values ($1, 'Later', 'scheduled', now() + interval '1 second') returning id`,
    [author.id],
  );
  const before = await post(db, author);
  await db.query(`select pg_sleep_until(scheduled_for) from public.posts where id = $1`, [id]);
  await db.query('select app_private.publish_scheduled_posts(10)');
  await workAll(db);
  expect(ids(await page(db, reader, 20))).toEqual([id, before]);
});

test('posts of the same microsecond are each on exactly one page, while others post', async () => {
  const [reader, author, other] = await people(db, 3);
  await follow(db, reader, author);
  await follow(db, reader, other);
  const tie = { published_at: '2026-01-01T12:00:00.123456Z' };
  const tied = new Set<string>();
  for (let i = 0; i < 17; i += 1) tied.add(await post(db, author, tie));
  await page(db, reader, 1);
  await workAll(db);
  const seen: string[] = [];
  let last: Awaited<ReturnType<typeof page>>[number] | undefined;
  for (;;) {
    const cards = await page(db, reader, 4, last);
    seen.push(...ids(cards));
    last = cards.at(-1);
    if (cards.length < 4) break;
    await post(db, other);
    await workAll(db);
  }
  expect(seen).toHaveLength(17);
  expect(new Set(seen)).toEqual(tied);
  expect(await walk(db, reader, 5)).toHaveLength(17 + 4);
});

test('a page is full although most of what comes next is hidden by now', async () => {
  const [reader, kept, left] = await people(db, 3);
  await follow(db, reader, kept);
  await follow(db, reader, left);
  const first = await post(db, kept);
  for (let i = 0; i < 60; i += 1) await post(db, left);
  const second = await post(db, kept);
  await page(db, reader, 20);
  await unfollow(db, reader, left);
  expect(ids(await page(db, reader, 2))).toEqual([second, first]);
});

test('an inbox keeps 1,000 posts, and older ones are still there', async () => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 1);
  await workAll(db);
  await db.query(
    `insert into public.posts (author_id, content, published_at)
     select $1, 'Hello', '2026-01-01'::timestamptz + (n / 2) * interval '1 minute' from generate_series(1, 1300) n`,
    [author.id],
  );
  await workAll(db);
  await db.query(`update public.feed_state set trimmed_at = '-infinity' where user_id = $1`, [reader.id]);
  await db.query('select app_private.trim_inboxes(1000)');
  const kept = await inbox(db, reader);
  expect(kept.length).toBeLessThanOrEqual(1_000);
  expect(kept.length).toBeGreaterThan(997);
  await expectFeed(db, reader, 100);
  expect(await walk(db, reader, 100)).toHaveLength(1_300);
});

test('who follows many builds an inbox of the newest 1,000, and reads on behind it', async () => {
  const [reader, author, other] = await people(db, 3);
  await follow(db, reader, author);
  await follow(db, reader, other);
  await db.query(
    `insert into public.posts (author_id, content, published_at)
     select case n % 2 when 0 then $1::uuid else $2::uuid end, 'Hello', now() - n * interval '1 second' from generate_series(1, 1200) n`,
    [author.id, other.id],
  );
  await page(db, reader, 1);
  expect(await inbox(db, reader)).toHaveLength(1_000);
  await workAll(db);
  await expectFeed(db, reader, 101);
});

test('inboxes that nobody read for a month are forgotten, and those of deleted accounts', async () => {
  const [away, gone, author] = await people(db, 3);
  for (const reader of [away, gone]) {
    await follow(db, reader, author);
    await post(db, author);
    await page(db, reader, 20);
  }
  await db.query(`update public.feed_state set read_at = now() - interval '33 days' where user_id = $1`, [away.id]);
  await db.query('select app_private.prune_feeds(1000)');
  await db.query('delete from auth.users where id = $1', [gone.id]);
  expect([...(await inbox(db, away)), ...(await inbox(db, gone))]).toEqual([]);
});

test.each([
  ['a limit of nothing', -5, null, null, 1],
  ['no limit', null, null, null, 3],
  ['a limit beyond all', 2_000_000_000, null, null, 3],
  ['a time without an id', 20, 'infinity', null, 3],
  ['the end of time', 20, 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 3],
  ['the beginning of time', 20, '-infinity', '00000000-0000-0000-0000-000000000000', 0],
  ['the oldest date there is', 20, '4713-01-01 BC', null, 0],
])('a hostile cursor gives a page: %s', async (_what, limit, before, id, expected) => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  for (let i = 0; i < 3; i += 1) await post(db, author);
  for (let round = 0; round < 2; round += 1) {
    await db.query('begin');
    await db.as({ role: 'authenticated', sub: reader.id });
    expect(await db.query('select id from public.home_feed($1, $2, $3)', [limit, before, id])).toHaveLength(expected);
    await db.query('commit');
  }
});

test('an id without a time would begin anew for ever and is refused (request.invalid_cursor)', async () => {
  const [reader] = await people(db, 1);
  await db.query('begin');
  await db.as({ role: 'authenticated', sub: reader.id });
  expect(await db.refusal('select id from public.home_feed(20, null, gen_random_uuid())')).toMatchObject({
    code: 'request.invalid_cursor',
  });
  await db.query('rollback');
});

test('in a read-only transaction, as on a replica, there is a feed all the same', async () => {
  const [reader, author] = await people(db, 2);
  await follow(db, reader, author);
  const id = await post(db, author);
  await db.query('begin read only');
  await db.as({ role: 'authenticated', sub: reader.id });
  expect(await db.query('select id, reason from public.home_feed()')).toEqual([{ id, reason: 'followed' }]);
  await db.query('commit');
  expect(await inbox(db, reader)).toEqual([]);
});

test('feed_cards gives the cards of ids that are still in the feed, in their order', async () => {
  const [reader, author, left, muted] = await people(db, 4);
  const posts = [];
  for (const each of [author, left, muted, reader]) {
    await follow(db, reader === each ? author : reader, each);
    posts.push(await post(db, each));
  }
  const [kept, ofLeft, ofMuted, own] = posts;
  await unfollow(db, reader, left);
  await db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [reader.id, muted.id]);
  await db.query('begin');
  await db.as({ role: 'authenticated', sub: reader.id });
  expect(await db.query('select id, reason from public.feed_cards($1)', [[own, ofLeft, kept, ofMuted]])).toEqual([
    { id: own, reason: 'self' },
    { id: kept, reason: 'followed' },
  ]);
  await db.query('rollback');
});

test('who is not signed in has no home feed (42501), nor has a token without a person', async () => {
  await asUser({ role: 'anon' }, async (anon) => {
    expect(await anon.refusal('select * from public.home_feed()')).toMatchObject({ sqlstate: '42501' });
  });
  await asUser({ role: 'authenticated' }, async (nobody) => {
    expect(await nobody.query('select * from public.home_feed()')).toEqual([]);
  });
});

test('nobody makes an inbox for somebody else (42501)', () =>
  withRollback(async (own) => {
    const [ana, ben] = await people(own, 2);
    await own.as({ role: 'authenticated', sub: ana.id });
    for (const call of [
      'app_private.prepare_feed($1)',
      'app_private.feed_oracle($1, 1)',
      'app_private.build_feed($1)',
    ]) {
      expect(await own.refusal(`select ${call}`, [ben.id])).toMatchObject({ sqlstate: '42501' });
    }
  }));
