import { expect } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';

/** A card of a feed as these tests look at it. */
export interface Card {
  readonly id: string;
  readonly published_at: string;
  readonly reason: string | null;
}

/** A place in a feed: the last card of a page. */
export interface Place {
  readonly published_at: string;
  readonly id: string;
}

type Cast<N extends number, T extends Person[] = []> = number extends N
  ? Person[]
  : T['length'] extends N
    ? T
    : Cast<N, [...T, Person]>;

export async function people<N extends number>(db: TestConnection, count: N): Promise<Cast<N>> {
  const made: Person[] = [];
  for (let i = 0; i < count; i += 1) made.push(await db.signUp());
  return made as Cast<N>;
}

export async function follow(db: TestConnection, follower: Person, followee: Person): Promise<void> {
  await db.query(
    'insert into public.follows (follower_id, followee_id) values ($1, $2) on conflict (follower_id, followee_id) do nothing',
    [follower.id, followee.id],
  );
}

export async function unfollow(db: TestConnection, follower: Person, followee: Person): Promise<void> {
  await db.query('delete from public.follows where follower_id = $1 and followee_id = $2', [follower.id, followee.id]);
}

export interface PostFields {
  readonly visibility?: 'public' | 'friends' | 'private';
  /** When it is said to have been published; now, if it is left out. */
  readonly published_at?: string;
}

/** A published post; gives its id. */
export async function post(db: TestConnection, author: Person, fields: PostFields = {}): Promise<string> {
  const { id } = await db.one<{ id: string }>(
    `insert into public.posts (author_id, content, visibility, published_at)
     values ($1, 'Hello', $2, $3) returning id`,
    [author.id, fields.visibility ?? 'public', fields.published_at ?? null],
  );
  return id;
}

/** One page as somebody gets it through the API, in a transaction of its own. */
export async function page(db: TestConnection, reader: Person, limit: number, after?: Place): Promise<Card[]> {
  await db.query('begin');
  try {
    await db.as({ role: 'authenticated', sub: reader.id });
    const cards = await db.query<Card>(
      `select id, to_char(published_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as published_at, reason
       from public.home_feed($1, $2, $3)`,
      [limit, after?.published_at ?? null, after?.id ?? null],
    );
    await db.query('commit');
    return cards;
  } catch (error) {
    await db.query('rollback');
    throw error;
  }
}

/** Every page to the end, one after the other. */
export async function walk(db: TestConnection, reader: Person, limit: number): Promise<Card[]> {
  const all: Card[] = [];
  for (;;) {
    const cards = await page(db, reader, limit, all.at(-1));
    all.push(...cards);
    if (cards.length < limit) return all;
  }
}

/** What the feed has to be, said in plain SQL over follows and posts. */
export async function oracle(db: TestConnection, reader: Person): Promise<Pick<Card, 'id' | 'reason'>[]> {
  return await db.query('select post_id as id, reason from app_private.feed_oracle($1, 100000)', [reader.id]);
}

/** Walks all pages and compares with the oracle. */
export async function expectFeed(db: TestConnection, reader: Person, limit = 3): Promise<void> {
  const walked = (await walk(db, reader, limit)).map(({ id, reason }) => ({ id, reason }));
  expect(walked).toEqual(await oracle(db, reader));
}

/** Works until there is nothing left to do, as the worker's loops would; gives whose inboxes changed. */
export async function workAll(db: TestConnection, largeFrom = 5_000, smallBelow = 4_000): Promise<Set<string>> {
  const changed = new Set<string>();
  for (let round = 0; round < 1_000; round += 1) {
    const [work] = await db.query<{ worked: number; failed: number; changed: string[] }>(
      'select * from app_private.work_feed(50, $1)',
      [largeFrom],
    );
    if (work === undefined || work.failed > 0) throw new Error('a step of the feed failed');
    for (const id of work.changed) changed.add(id);
    const { settled } = await db.one<{ settled: number }>('select app_private.settle_feeds(50) as settled');
    const { resized } = await db.one<{ resized: number }>('select app_private.resize_authors(2, $1) as resized', [
      smallBelow,
    ]);
    const { left } = await db.one<{ left: number }>('select count(*)::int as left from app_private.feed_tasks');
    if (work.worked + settled + resized + left === 0) return changed;
  }
  throw new Error('the feed never comes to rest');
}

/** Ids in an inbox, newest first. */
export async function inbox(db: TestConnection, reader: Person): Promise<string[]> {
  const rows = await db.query<{ post_id: string }>(
    'select post_id from public.feed_inbox where user_id = $1 order by published_at desc, post_id desc',
    [reader.id],
  );
  return rows.map(({ post_id }) => post_id);
}
