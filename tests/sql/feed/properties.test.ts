import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';
import { expectFeed, follow, page, people, post, unfollow, workAll } from './support.ts';

const PEOPLE = 5;
/** So few followers make an author large here that sequences cross the threshold both ways. */
const LARGE_FROM = 2;
const SMALL_BELOW = 2;

let database: ClonedDatabase | null = null;
afterAll(() => database?.[Symbol.asyncDispose]());

const person = fc.nat(PEOPLE - 1);
const visibility = fc.constantFrom('public', 'friends', 'private');
const which = fc.nat(20);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('follow'), a: person, b: person }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unfollow'), a: person, b: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('block'), a: person, b: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unblock'), a: person, b: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mute'), a: person, b: person }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('post'), a: person, visibility, ago: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete'), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('show'), which, visibility }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close'), a: person, closed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget'), a: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read'), a: person }) },
  // One call of one of the worker's loops, so that steps of people come between any two of its.
  { weight: 6, arbitrary: fc.record({ do: fc.constant('work'), call: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rest') }) },
);
const start = fc.array(fc.boolean(), { minLength: PEOPLE * PEOPLE, maxLength: PEOPLE * PEOPLE });
type Step = {
  do: string;
  a?: number;
  b?: number;
  which?: number;
  visibility?: string;
  ago?: number;
  closed?: boolean;
  call?: number;
};

const WORK = [
  `select * from app_private.work_feed(1, ${LARGE_FROM})`,
  'select app_private.settle_feeds(1)',
  `select app_private.resize_authors(2, ${SMALL_BELOW})`,
] as const;

class Play {
  readonly db: TestConnection;
  readonly cast: readonly Person[];
  readonly posts: string[] = [];

  constructor(db: TestConnection, cast: readonly Person[]) {
    this.db = db;
    this.cast = cast;
  }

  person(index = 0): Person {
    return this.cast[index] as Person;
  }

  /** Some follow each other, and everybody has an inbox: from then on a feed is what was carried there. */
  async begin(followed: readonly boolean[]): Promise<void> {
    for (const [index, is] of followed.entries()) {
      const [a, b] = [Math.floor(index / PEOPLE), index % PEOPLE];
      if (is && a !== b) await follow(this.db, this.person(a), this.person(b));
    }
    for (const reader of this.cast) await page(this.db, reader, 1);
    await workAll(this.db, LARGE_FROM, SMALL_BELOW);
  }

  async take({ do: what, a = 0, b = 0, which: index = 0, ...rest }: Step): Promise<void> {
    const { db } = this;
    const [one, other] = [this.person(a), this.person(b)];
    const pair = [one.id, other.id];
    const target = this.posts[index % Math.max(this.posts.length, 1)] ?? null;
    if (a === b && ['follow', 'unfollow', 'block', 'unblock', 'mute'].includes(what)) return;
    switch (what) {
      case 'follow': {
        const [{ blocked } = { blocked: true }] = await db.query<{ blocked: boolean }>(
          'select app_hidden.is_blocked_pair($1, $2) as blocked',
          pair,
        );
        if (!blocked) await follow(db, one, other);
        return;
      }
      case 'unfollow':
        return await unfollow(db, one, other);
      case 'block':
        await db.query(
          'insert into public.blocks (blocker_id, blocked_id) values ($1, $2) on conflict do nothing',
          pair,
        );
        return;
      case 'unblock':
        await db.query('delete from public.blocks where blocker_id = $1 and blocked_id = $2', pair);
        return;
      case 'mute':
        await db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2) on conflict do nothing', pair);
        return;
      case 'post':
        // Some of the same moment, some of a time that windows of a rebuild divide.
        this.posts.push(
          await post(db, one, {
            visibility: rest.visibility as 'public',
            ...(rest.ago === 0
              ? {}
              : {
                  published_at: ['', '2026-11-22T00:00:00Z', '2026-10-01T00:00:00Z', '2020-01-01T00:00:00Z'][
                    rest.ago ?? 1
                  ],
                }),
          }),
        );
        return;
      case 'delete':
        await db.query('delete from public.posts where id = $1', [target]);
        return;
      case 'show':
        await db.query('update public.posts set visibility = $2 where id = $1', [target, rest.visibility]);
        return;
      case 'close':
        await db.query(
          `update public.account_settings set privacy_settings = jsonb_build_object('is_private', $2::boolean) where user_id = $1`,
          [one.id, rest.closed],
        );
        return;
      case 'forget':
        await db.query(`update public.feed_state set read_at = now() - interval '33 days' where user_id = $1`, [
          one.id,
        ]);
        await db.query('select app_private.prune_feeds(100)');
        return;
      case 'trim':
        await db.query(`update public.feed_state set trimmed_at = '-infinity'`);
        await db.query('select app_private.trim_inboxes(100)');
        return;
      case 'read':
        // As if the last fetch of large authors were a while ago.
        await db.query(
          `update public.feed_state set pulled_at = pulled_at - interval '31 seconds' where user_id = $1`,
          [one.id],
        );
        await page(db, one, 2);
        return;
      case 'rest':
        await workAll(db, LARGE_FROM, SMALL_BELOW);
        return;
      case 'work':
        // Tasks that were postponed come later than those after them.
        await db.query('update app_private.feed_tasks set due_at = now() - random() * $1::interval', ['1 minute']);
        await db.query(WORK[rest.call as 0]);
        return;
      default:
        throw new Error(`no such step: ${what}`);
    }
  }
}

test(
  'after any sequence of what people do and the worker’s steps in between, every feed is what follows and posts say, on every page',
  () =>
    fc.assert(
      fc.asyncProperty(
        start,
        fc.array(step, { minLength: 10, maxLength: 50 }),
        fc.integer({ min: 1, max: 7 }),
        async (followed, steps, limit) => {
          database ??= await cloneDatabase();
          const db = await database.connect();
          try {
            await db.query('delete from app_private.feed_tasks');
            await db.query('delete from public.feed_state');
            await db.query('delete from app_private.large_authors');
            const play = new Play(db, await people(db, PEOPLE));
            await play.begin(followed);
            for (const each of steps) await play.take(each);
            await workAll(db, LARGE_FROM, SMALL_BELOW);
            for (const reader of play.cast) {
              await db.query(
                `update public.feed_state set pulled_at = pulled_at - interval '31 seconds' where user_id = $1`,
                [reader.id],
              );
              await expectFeed(db, reader, limit);
            }
          } finally {
            await db.client.end();
          }
        },
      ),
      { numRuns: 120 },
    ),
  180_000,
);

test('nothing fails or waits, and feeds are whole, when people and workers do all of it at the same time', async () => {
  await using own = await cloneDatabase();
  const db = await own.connect();
  const cast = await people(db, 8);
  let over = false;
  const readers = cast.slice(0, 4).map(async (reader) => {
    const connection = await own.connect();
    while (!over) {
      await connection.query(
        `update public.feed_state set pulled_at = pulled_at - interval '31 seconds' where user_id = $1`,
        [reader.id],
      );
      const cards = await page(connection, reader, 10);
      expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
      if (Math.random() < 0.1) await connection.query('delete from public.feed_state where user_id = $1', [reader.id]);
    }
  });
  let failed = 0;
  const workers = [0, 1].map(async () => {
    const connection = await own.connect();
    while (!over) {
      const [work] = await connection.query<{ failed: number }>('select * from app_private.work_feed(1, 4)');
      failed += work?.failed ?? 0;
      await connection.query('select app_private.settle_feeds(1)');
      await connection.query('select app_private.resize_authors(3, 3)');
      await connection.query('select app_private.fold_counts(10)');
    }
  });
  const writers = cast.map(async (author, index) => {
    const connection = await own.connect();
    const posts: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const other = cast[(index + 1 + (round % (cast.length - 1))) % cast.length] as Person;
      const dice = Math.random();
      if (dice < 0.35) await follow(connection, author, other);
      else if (dice < 0.55) await unfollow(connection, author, other);
      else if (dice < 0.9)
        posts.push(await post(connection, author, { visibility: dice < 0.8 ? 'public' : 'private' }));
      else if (dice < 0.95)
        await connection.query(`update public.posts set visibility = 'public' where id = $1`, [posts.at(-1) ?? null]);
      else await connection.query('delete from public.posts where id = $1', [posts.shift() ?? null]);
    }
  });
  await Promise.all(writers);
  over = true;
  await Promise.all([...readers, ...workers]);
  expect(failed).toBe(0);
  await workAll(db, 4, 3);
  for (const reader of cast) {
    await db.query(`update public.feed_state set pulled_at = pulled_at - interval '31 seconds' where user_id = $1`, [
      reader.id,
    ]);
    await expectFeed(db, reader, 7);
  }
}, 120_000);
