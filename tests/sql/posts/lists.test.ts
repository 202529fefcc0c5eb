import { expect, test } from 'vitest';
import type { TestConnection } from '../../support/database.ts';
import { become, befriend, cardFor, follow, post, withCast } from './support.ts';

/** All pages of a list, two at a time, by the time and id of the last row. */
async function allPages(db: TestConnection, name: string, argument: string): Promise<string[]> {
  const seen: string[] = [];
  let last: { id: string; at: string } | undefined;
  do {
    const sql = `select id, published_at::text as at from public.${name}($1, 2, $2, $3)`;
    const page = await db.query<{ id: string; at: string }>(sql, [argument, last?.at, last?.id]);
    seen.push(...page.map((row) => row.id));
    last = page.length === 2 ? page[1] : undefined;
  } while (last);
  return seen;
}

interface Walked {
  readonly data: { readonly id: string }[];
  readonly next: { readonly before: string; readonly before_id: string } | null;
}

/** The same of a list that says itself where the next page begins. */
async function allWalked(db: TestConnection, name: string, argument: string): Promise<string[]> {
  const seen: string[] = [];
  let next: Walked['next'] | undefined;
  do {
    const sql = `select public.${name}($1, 2, $2, $3) as page`;
    const { page } = await db.one<{ page: Walked }>(sql, [argument, next?.before, next?.before_id]);
    expect(page.data.length).toBeLessThanOrEqual(2);
    seen.push(...page.data.map((row) => row.id));
    next = page.next;
  } while (next);
  return seen;
}

test.each(['posts_by_author', 'posts_by_tag', 'posts_by_location'])(
  '%s goes through posts of one moment without a gap or a repetition, past what is hidden',
  (name) =>
    withCast(async ({ db, ada, bob }) => {
      const [tag, location] = [`t_${ada.username}`, `At ${ada.username}`];
      const shown: string[] = [];
      for (let i = 0; i < 11; i += 1) {
        const visibility = i % 3 === 1 ? 'friends' : i % 3 === 2 ? 'private' : 'public';
        const { id } = await post(db, ada, { tags: [tag], location, visibility });
        if (visibility === 'public') shown.unshift(id);
      }
      await post(db, ada, { tags: [tag], location, draft: true });
      await become(db, bob);
      const argument = { posts_by_author: ada.id, posts_by_tag: tag, posts_by_location: location }[name] ?? '';
      const all = name === 'posts_by_author' ? allPages : allWalked;
      expect(await all(db, name, argument)).toEqual(shown);
    }),
);

test('pages are bounded', () =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    await db.query("insert into public.posts (content) select 'Hi ' || n from generate_series(1, 105) n");
    const count = async (limit: number) =>
      (await db.query('select from public.posts_by_author($1, $2)', [ada.id, limit])).length;
    expect([await count(1000), await count(101), await count(0), await count(-5)]).toEqual([101, 101, 1, 1]);
  }));

test('a block ends the reading of friends’ posts at once, an unfollow too', () =>
  withCast(async ({ db, ada, bob }) => {
    await befriend(db, ada, bob);
    const { id } = await post(db, ada, { visibility: 'friends' });
    expect(await cardFor(db, bob, id)).toBeDefined();
    await become(db, ada);
    await db.query('delete from public.follows where follower_id = $1', [ada.id]);
    expect(await cardFor(db, bob, id)).toBeUndefined();
    await follow(db, ada, bob);
    expect(await cardFor(db, bob, id)).toBeDefined();
  }));

test('posts that many wrote at once in one statement are counted, tagged and listed like any other', () =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    const sql = "insert into public.posts (content) select '#bulk_' || $1 || ' ' || n from generate_series(1, 7) n";
    await db.query(sql, [ada.username]);
    expect(await allWalked(db, 'posts_by_tag', `#Bulk_${ada.username}`)).toHaveLength(7);
    await db.as({ role: 'postgres' });
    const counts = 'select posts_count from public.profile_counts where user_id = $1';
    expect(await db.one(counts, [ada.id])).toEqual({ posts_count: '7' });
  }));
