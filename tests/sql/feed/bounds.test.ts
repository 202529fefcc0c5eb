import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { follow, people, post } from './support.ts';

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

interface Walked {
  readonly data: { readonly id: string }[];
  readonly next: { readonly before: string; readonly before_id: string } | null;
}

test.each([
  ['posts_by_tag', 'tags', (name: string) => [name]],
  ['posts_by_location', 'location', (name: string) => name],
] as const)(
  '%s goes past three thousand hidden posts, five hundred at a time, and comes to what is shown',
  (list, field, asField) =>
    withRollback(async (db) => {
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
      await posts(db, ana, 3000, field, value);
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

test('the page of an author shows what is for everybody, however many newer posts are for themselves or for friends', () =>
  withRollback(async (db) => {
    const [ana, ben] = await people(db, 2);
    const shown = await post(db, ana);
    await posts(db, ana, 1500, 'visibility', 'private');
    await posts(db, ana, 1500, 'visibility', 'friends');
    await be(db, ben);
    expect(await db.query('select id from public.posts_by_author($1)', [ana.id])).toEqual([{ id: shown }]);
  }));

/** Somebody whose feed has twenty posts with a like and a comment each, one of these, and who wrote them. */
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
  await follow(db, eve, ben);
  const { id } = await db.one<{ id: string }>(`select id ${of} limit 1`, [ben.id]);
  return { ana, ben, eve, id };
}

test('pages hide the same for who blocks and is blocked by a thousand', () =>
  withRollback(async (db) => {
    const { ana, eve, id } = await reading(db);
    const others = await crowd(db, 1000);
    const block = `insert into public.blocks (blocker_id, blocked_id)
      select case when n % 2 = 0 then $1 else u end, case when n % 2 = 0 then u else $1 end from unnest($2::uuid[]) with ordinality x (u, n)`;
    await db.query(block, [ana.id, [eve.id, ...others]]);
    await be(db, ana);
    const cards = await db.query<{ likes_count: string }>('select id, likes_count from public.home_feed(20)');
    expect([cards.length, new Set(cards.map((card) => card.likes_count))]).toEqual([20, new Set(['0'])]);
    expect(await db.query('select id from public.post_comments($1)', [id])).toEqual([]);
    expect(await db.query('select id from public.people_who_liked($1)', [id])).toEqual([]);
  }));

test('what the blocked did is taken off a famous post too', () =>
  withRollback(async (db) => {
    const { ana, eve, id } = await reading(db);
    const others = await crowd(db, 60);
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

test('a feed goes past five hundred posts of somebody muted', () =>
  withRollback(async (db) => {
    const { ana, ben } = await reading(db);
    const [loud] = await people(db, 1);
    await follow(db, ana, loud);
    await db.query('delete from public.feed_state where user_id = $1', [ana.id]);
    await posts(db, loud, 500, 'visibility', 'public');
    await db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [ana.id, loud.id]);
    await be(db, ana);
    expect(await db.query("select distinct author ->> 'id' as id from public.home_feed(20)")).toEqual([{ id: ben.id }]);
  }));
