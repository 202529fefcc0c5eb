import { expect, test } from 'vitest';
import { buffersOf } from '../../support/buffers.ts';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { follow, people, post } from './support.ts';

/** As withRollback; by indexes, as tables of a real size are read. Of one with three rows each probe reads the whole, and the more when it has a thousand. */
function asInLargeTables(fn: (db: TestConnection) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    await db.query('set local enable_seqscan = off');
    await fn(db);
  });
}

/** So many people at once, by one statement. */
async function crowd(db: TestConnection, count: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `insert into auth.users (id, email)
     select u, u || '@example.test' from (select gen_random_uuid() as u from generate_series(1, $1)) x returning id`,
    [count],
  );
  return rows.map(({ id }) => id);
}

/** So many posts of somebody, the newest last. */
async function posts(db: TestConnection, author: Person, count: number, fields: string, value: unknown): Promise<void> {
  await db.query(
    `insert into public.posts (author_id, content, ${fields}, published_at)
     select $1, 'Hello', $3, now() - interval '1 day' + n * interval '1 millisecond' from generate_series(1, $2) n`,
    [author.id, count, value],
  );
}

const be = (db: TestConnection, person: Person) => db.as({ role: 'authenticated', sub: person.id });
const beOwner = (db: TestConnection) => db.as({ role: 'postgres' });

/** What each read of somebody costs, by the text of its statement. */
async function costs(db: TestConnection, reader: Person, reads: readonly [string, unknown[]][]): Promise<number[]> {
  await be(db, reader);
  const found: number[] = [];
  for (const [text, values] of reads) found.push(await buffersOf(db, text, values));
  await beOwner(db);
  return found;
}

interface Walked {
  readonly data: { readonly id: string }[];
  readonly next: { readonly before: string; readonly before_id: string } | null;
}

test.each([
  ['posts_by_tag', 'tags', (name: string) => [name]],
  ['posts_by_location', 'location', (name: string) => name],
] as const)(
  '%s costs the same past a thousand hidden posts and past three thousand, and comes to what is shown',
  (list, field, asField) =>
    asInLargeTables(async (db) => {
      const [ana, ben] = await people(db, 2);
      const value = asField(ana.username);
      const { id } = await db.one<{ id: string }>(
        `insert into public.posts (author_id, content, ${field}, published_at) values ($1, 'Hello', $2, now() - interval '2 days') returning id`,
        [ben.id, value],
      );
      await db.query(
        'update public.account_settings set privacy_settings = \'{"is_private": true}\' where user_id = $1',
        [ana.id],
      );
      const read: [string, unknown[]] = [`select public.${list}($1)`, [ana.username]];
      await posts(db, ana, 1000, field, value);
      const [few = 0] = await costs(db, ben, [read]);
      await posts(db, ana, 2000, field, value);
      const [many = 0] = await costs(db, ben, [read]);
      expect(many).toBeLessThan(few * 1.2);

      await be(db, ben);
      const seen: string[][] = [];
      let next: Walked['next'] | undefined;
      do {
        const sql = `select public.${list}($1, 20, $2, $3) as page`;
        const { page } = await db.one<{ page: Walked }>(sql, [ana.username, next?.before, next?.before_id]);
        seen.push(page.data.map((one) => one.id));
        next = page.next;
      } while (next);
      expect(seen).toEqual([[], [], [], [], [], [], [id]]); // of 500 places each
    }),
);

test('the page of an author costs the same, however many posts of theirs are for themselves or for friends', () =>
  asInLargeTables(async (db) => {
    const [ana, ben] = await people(db, 2);
    const shown = await post(db, ana);
    const read: [string, unknown[]] = ['select id from public.posts_by_author($1)', [ana.id]];
    const [few = 0] = await costs(db, ben, [read]);
    await posts(db, ana, 1500, 'visibility', 'private');
    await posts(db, ana, 1500, 'visibility', 'friends');
    const [many = 0] = await costs(db, ben, [read]);
    expect(many).toBeLessThan(few + 20);
    await be(db, ben);
    expect(await db.query(...read)).toEqual([{ id: shown }]);
  }));

/** Somebody whose feed has twenty posts with a like and a comment each, and what they read. */
async function reading(db: TestConnection) {
  const [ana, ben, eve] = await people(db, 3);
  await follow(db, ana, ben);
  await posts(db, ben, 20, 'visibility', 'public');
  const of = 'from public.posts where author_id = $1';
  await db.query(`insert into public.post_likes (post_id, user_id) select id, $2 ${of}`, [ben.id, eve.id]);
  await db.query(`insert into public.comments (post_id, author_id, content) select id, $2, 'Well' ${of}`, [
    ben.id,
    eve.id,
  ]);
  const ids = (await db.query<{ id: string }>(`select id ${of}`, [ben.id])).map(({ id }) => id);
  await follow(db, eve, ben);
  const reads: [string, unknown[]][] = [
    ['select id, likes_count from public.home_feed(20)', []],
    ['select id from public.feed_cards($1)', [ids]],
    ['select id from public.post_cards($1)', [ids]],
    ['select id from public.post_comments($1)', [ids[0]]],
    ['select id from public.people_who_liked($1)', [ids[0]]],
    ['select id from public.followers($1)', [ben.id]],
  ];
  return { ana, ben, eve, reads };
}

test('pages cost the same for who blocks and is blocked by a thousand as by three, and hide the same', () =>
  asInLargeTables(async (db) => {
    const { ana, eve, reads } = await reading(db);
    const others = await crowd(db, 1000);
    const block = `insert into public.blocks (blocker_id, blocked_id)
      select case when n % 2 = 0 then $1 else u end, case when n % 2 = 0 then u else $1 end from unnest($2::uuid[]) with ordinality x (u, n)`;
    // What the planner knows of a large table: who blocks anybody blocks some.
    await db.query(
      `insert into public.blocks (blocker_id, blocked_id)
       select ($1::uuid[])[1 + n % 100], ($1::uuid[])[101 + n] from generate_series(0, 899) n`,
      [others],
    );
    await db.query('analyze public.blocks');
    await db.query(block, [ana.id, [eve.id, ...others.slice(0, 2)]]);
    const few = await costs(db, ana, reads);
    await db.query(block, [ana.id, others.slice(2)]);
    const many = await costs(db, ana, reads);
    for (const [i, [text]] of reads.entries())
      expect([text, many[i]]).toEqual([text, expect.toSatisfy((n) => n < (few[i] ?? 0) * 1.4 + 20)]);
    await be(db, ana);
    const cards = await db.query<{ likes_count: string }>('select id, likes_count from public.home_feed(20)');
    expect([cards.length, new Set(cards.map((card) => card.likes_count))]).toEqual([20, new Set(['0'])]);
    expect(await db.query(...(reads[3] ?? ['', []]))).toEqual([]);
    expect(await db.query(...(reads[4] ?? ['', []]))).toEqual([]);
  }));

test('what the blocked did is taken off a famous post too', () =>
  asInLargeTables(async (db) => {
    const { ana, eve, ben } = await reading(db);
    const others = await crowd(db, 60);
    const { id } = await db.one<{ id: string }>('select id from public.posts where author_id = $1 limit 1', [ben.id]);
    await db.query('insert into public.post_likes (post_id, user_id) select $1, u from unnest($2::uuid[]) u', [
      id,
      others,
    ]);
    await db.query('insert into public.blocks (blocker_id, blocked_id) select $1, u from unnest($2::uuid[]) u', [
      ana.id,
      [eve.id, ...others.slice(0, 10)],
    ]);
    await be(db, ana);
    expect(await db.query('select likes_count from public.post_cards($1)', [[id]])).toEqual([{ likes_count: '50' }]);
  }));

test('a feed costs the same for who mutes a thousand as for who mutes three', () =>
  asInLargeTables(async (db) => {
    const { ana, reads } = await reading(db);
    const others = await crowd(db, 1000);
    const mute = 'insert into public.mutes (muter_id, muted_id) select $1, u from unnest($2::uuid[]) u';
    await db.query(mute, [ana.id, others.slice(0, 3)]);
    const few = await costs(db, ana, reads.slice(0, 2));
    await db.query(mute, [ana.id, others.slice(3)]);
    const many = await costs(db, ana, reads.slice(0, 2));
    for (const [i, n] of many.entries()) expect(n).toBeLessThan((few[i] ?? 0) * 1.4 + 20);
  }));

test('the posts of somebody muted are not hydrated: a feed past five hundred of them reads its index, and twenty posts', () =>
  asInLargeTables(async (db) => {
    const { ana, ben, reads } = await reading(db);
    const [loud] = await people(db, 1);
    await follow(db, ana, loud);
    const [before = 0] = await costs(db, ana, reads.slice(0, 1));
    await db.query('delete from public.feed_state where user_id = $1', [ana.id]);
    await posts(db, loud, 500, 'visibility', 'public');
    await db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [ana.id, loud.id]);
    const [muted = 0] = await costs(db, ana, reads.slice(0, 1));
    // A probe of mutes for each, of three or four pages, and none of their posts, authors, counts and likes, which are a dozen more.
    expect(muted).toBeLessThan(before + 500 * 5);
    await be(db, ana);
    expect(await db.query("select distinct author ->> 'id' as id from public.home_feed(20)")).toEqual([{ id: ben.id }]);
  }));
