import { expect } from 'vitest';
import { type Person, type Refusal, type TestConnection, withRollback } from '../../support/database.ts';

/** The columns of `public.post_card` that tests look at. */
export interface Card {
  readonly id: string;
  readonly author: { readonly id: string; readonly username: string };
  readonly content: string | null;
  readonly tags: string[];
  readonly mentions: { readonly id: string; readonly username: string }[];
  readonly status: string;
  readonly visibility: string;
  readonly published_at: Date | null;
  readonly edited_at: Date | null;
  readonly pinned_at: Date | null;
  readonly likes_count: string;
  readonly comments_count: string;
  readonly shares_count: string;
  readonly liked: boolean;
  readonly bookmarked: boolean;
  readonly can_comment: boolean;
  readonly poll: Poll | null;
  readonly shared_post: (Omit<Card, 'shared_post'> & Record<string, unknown>) | null;
}

export interface Poll {
  readonly is_multiple: boolean;
  readonly is_over: boolean;
  readonly votes_count: number;
  readonly options: { position: number; label: string; votes_count: number; mine: boolean }[];
}

export interface CommentCard {
  readonly id: string;
  readonly parent_id: string | null;
  readonly author: { readonly id: string } | null;
  readonly content: string | null;
  readonly likes_count: string;
  readonly replies_count: string;
  readonly liked: boolean;
  readonly edited_at: Date | null;
  readonly deleted_at: Date | null;
  readonly can_delete: boolean;
}

/** Who meets in most tests; nobody follows anybody yet. */
export interface Cast {
  readonly db: TestConnection;
  readonly ada: Person;
  readonly bob: Person;
  readonly eve: Person;
}

/** Runs `fn` among three people in a transaction that is rolled back. */
export function withCast(fn: (cast: Cast) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    await fn({ db, ada: await db.signUp(), bob: await db.signUp(), eve: await db.signUp() });
  });
}

/** Becomes a person as supabase-js does: role `authenticated`, with the claims of their token. */
export function become(db: TestConnection, person: Person): Promise<void> {
  return db.as({ role: 'authenticated', sub: person.id });
}

/** From here on the owner of the database, who sees all rows. */
export function becomeOwner(db: TestConnection): Promise<void> {
  return db.as({ role: 'postgres' });
}

/** create_post as a person; stays that person. */
export async function post(db: TestConnection, author: Person, p: Record<string, unknown> = {}): Promise<Card> {
  await become(db, author);
  return db.one<Card>('select * from public.create_post($1)', [{ content: 'Hello', ...p }]);
}

/** update_post as a person; stays that person. */
export async function update(db: TestConnection, author: Person, id: string, p: object): Promise<Card> {
  await become(db, author);
  return db.one<Card>('select * from public.update_post($1, $2)', [id, p]);
}

/** The card of a post as somebody sees it (null: not signed in); undefined when they do not. */
export async function cardFor(db: TestConnection, viewer: Person | null, id: string): Promise<Card | undefined> {
  if (viewer === null) await db.as({ role: 'anon' });
  else await become(db, viewer);
  return (await db.query<Card>('select * from public.post_cards($1)', [[id]]))[0];
}

/** add_comment as a person; stays that person. */
export async function comment(
  db: TestConnection,
  author: Person,
  postId: string,
  parent: string | null = null,
  content = 'Well said',
): Promise<CommentCard> {
  await become(db, author);
  return db.one<CommentCard>('select * from public.add_comment($1, $2, $3)', [postId, content, parent]);
}

/** What a function of `public` with one argument answers. */
export async function call<T>(db: TestConnection, name: string, argument: unknown): Promise<T> {
  return (await db.one<{ answer: T }>(`select public.${name}($1) as answer`, [argument])).answer;
}

/** The refusal of a function of `public` with one argument. */
export function refusedCall(db: TestConnection, name: string, argument: unknown): Promise<Refusal> {
  return db.refusal(`select public.${name}($1)`, [argument]);
}

export async function follow(db: TestConnection, follower: Person, followee: Person): Promise<void> {
  await becomeOwner(db);
  await db.query('insert into public.follows (follower_id, followee_id) values ($1, $2) on conflict do nothing', [
    follower.id,
    followee.id,
  ]);
}

export async function befriend(db: TestConnection, one: Person, other: Person): Promise<void> {
  await follow(db, one, other);
  await follow(db, other, one);
}

/** A block as its maker makes it. */
export async function block(db: TestConnection, blocker: Person, blocked: Person): Promise<void> {
  await become(db, blocker);
  await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [blocker.id, blocked.id]);
}

/** Settings as their owner changes them. */
export async function setPrivacy(db: TestConnection, person: Person, settings: object): Promise<void> {
  await become(db, person);
  await db.query('update public.account_settings set privacy_settings = $2 where user_id = $1', [person.id, settings]);
}

/** Counts as shown, compared with the rows; of all posts and comments there are. */
export const MISCOUNTED = `
  with pending as (
    select target, counter, sum(delta) as delta from app_private.count_deltas group by target, counter
  ), counted as (
    select c.post_id as id, 'likes_count' as counter, c.likes_count as stored,
      (select count(*) from public.post_likes l where l.post_id = c.post_id) as rows from public.post_counts c
    union all
    select c.post_id, 'comments_count', c.comments_count,
      (select count(*) from public.comments x where x.post_id = c.post_id and x.deleted_at is null) from public.post_counts c
    union all
    select c.post_id, 'shares_count', c.shares_count,
      (select count(*) from public.posts s
        where s.shared_post_id = c.post_id and s.status = 'published' and s.visibility in ('public', 'friends')) from public.post_counts c
    union all
    select c.id, 'comment_likes_count', c.likes_count,
      (select count(*) from public.comment_likes l where l.comment_id = c.id) from public.comments c
    union all
    select c.id, 'replies_count', c.replies_count,
      (select count(*) from public.comments a where a.parent_id = c.id and a.deleted_at is null) from public.comments c
    union all
    select c.user_id, 'posts_count', c.posts_count,
      (select count(*) from public.posts p
        where p.author_id = c.user_id and p.status = 'published' and p.visibility in ('public', 'friends')) from public.profile_counts c
  )
  select c.id, c.counter, c.stored + coalesce(p.delta, 0) as shown, c.rows
  from counted c left join pending p on p.target = c.id and p.counter = c.counter
  where c.stored + coalesce(p.delta, 0) <> c.rows`;

/** Every count shown is the number of its rows (of posts, of those that others may read), and no change waits for something that is gone. Ends as the owner. */
export async function expectCounted(db: TestConnection): Promise<void> {
  await becomeOwner(db);
  expect(await db.query(MISCOUNTED)).toEqual([]);
}
