import type { Person, TestConnection } from '../support/database.ts';
import type { ActorName, Command, Outcome, TableRule } from './matrix.ts';

type Allowed = Readonly<Partial<Record<ActorName, Readonly<Partial<Record<Command, Outcome>>>>>>;

const MY_POSTS = 'post_id in (select p.id from public.posts p where p.author_id = $1)';
const MY_COMMENTS = 'comment_id in (select c.id from public.comments c where c.author_id = $1)';
/** The latest post of the owner, to which nobody did anything yet. */
const FRESH_POST = "from public.posts p where p.content = 'of a test, fresh'";

/** What hangs on a public post: everybody reads it, nobody writes it. */
const READ_WITH_THE_POST: Allowed = {
  anon: { select: 'rows' },
  owner: { select: 'rows' },
  other: { select: 'rows' },
  service_role: { select: 'rows' },
};
/** Rows that people make and take back, which others who read the post see too. */
const SHOWN: Allowed = {
  owner: { select: 'rows', insert: 'rows', delete: 'rows' },
  other: { select: 'rows', insert: 'rows', delete: 'none' },
  service_role: { select: 'rows' },
};
/** The same, for their own eyes. */
const OWN: Allowed = { ...SHOWN, other: { select: 'none', insert: 'rows', delete: 'none' } };
const WRITTEN: Allowed = {
  anon: { select: 'rows' },
  owner: { select: 'rows', insert: 'rows', update: 'rows', delete: 'rows' },
  other: { select: 'rows', insert: 'rows', update: 'none', delete: 'none' },
  service_role: { select: 'rows' },
};

export const POSTS_TABLES: Readonly<Record<string, TableRule>> = {
  'public.posts': {
    ownRow: 'author_id = $1',
    insert: "(content) values ('of a test')",
    set: 'content = content',
    allowed: WRITTEN,
    updatable: {
      authenticated: [
        ...['content', 'media_urls', 'location', 'tags', 'visibility', 'reply_control'],
        ...['shares_allowed', 'status', 'scheduled_for', 'pinned_at'],
      ],
    },
  },
  'public.post_counts': { ownRow: MY_POSTS, set: 'likes_count = 1', allowed: READ_WITH_THE_POST },
  'public.post_edits': { ownRow: MY_POSTS, set: 'content = content', allowed: READ_WITH_THE_POST },
  'public.post_tags': { ownRow: MY_POSTS, set: 'tag = tag', allowed: READ_WITH_THE_POST },
  'public.post_mentions': { ownRow: MY_POSTS, set: 'user_id = user_id', allowed: READ_WITH_THE_POST },
  'public.polls': { ownRow: MY_POSTS, set: 'ends_at = ends_at', allowed: READ_WITH_THE_POST },
  'public.poll_options': { ownRow: MY_POSTS, set: 'label = label', allowed: READ_WITH_THE_POST },
  'public.comments': {
    ownRow: 'author_id = $1',
    insert: `(post_id, content) select p.id, 'of a test' ${FRESH_POST}`,
    set: 'content = content',
    allowed: WRITTEN,
    updatable: { authenticated: ['content'] },
  },
  'public.comment_mentions': { ownRow: MY_COMMENTS, set: 'user_id = user_id', allowed: READ_WITH_THE_POST },
  'public.post_likes': {
    ownRow: 'user_id = $1',
    insert: `(post_id) select p.id ${FRESH_POST}`,
    set: 'created_at = created_at',
    allowed: SHOWN,
  },
  'public.comment_likes': {
    ownRow: 'user_id = $1',
    insert: "(comment_id) select c.id from public.comments c where c.content = 'of a test, fresh'",
    set: 'created_at = created_at',
    allowed: SHOWN,
  },
  'public.bookmarks': {
    ownRow: 'user_id = $1',
    insert: `(post_id) select p.id ${FRESH_POST}`,
    set: 'created_at = created_at',
    allowed: OWN,
  },
  'public.poll_votes': {
    ownRow: 'user_id = $1',
    insert: `(post_id, position) select p.id, 1 ${FRESH_POST}`,
    set: 'created_at = created_at',
    allowed: OWN,
  },
  'public.reports': {
    ownRow: 'reporter_id = $1',
    insert: "(post_id, reason) select p.id, 'spam' from public.posts p where p.content = 'of a test, reported'",
    set: 'state = state',
    allowed: {
      owner: { select: 'rows', insert: 'rows' },
      other: { select: 'none', insert: 'rows' },
      service_role: { select: 'rows' },
    },
  },
  'app_private.poll_tallies': { ownRow: MY_POSTS, set: 'votes = votes', allowed: {} },
  'app_private.paces': { ownRow: 'user_id = $1', set: 'written = 0', allowed: {} },
  'admin.reports': { ownRow: 'true', set: 'state = state', allowed: { service_role: { select: 'rows' } } },
};

const PUBLIC_READS = ['anon', 'authenticated'] as const;
const PEOPLE = ['authenticated'] as const;

export const POSTS_EXECUTE: Readonly<Record<string, readonly ('anon' | 'authenticated' | 'astra_worker')[]>> = {
  'app_private.publish_scheduled_posts': ['astra_worker'],
  'app_hidden.poll_of': PUBLIC_READS,
  'app_hidden.poll_tally': PUBLIC_READS,
  'app_hidden.likes_of': PEOPLE,
  'app_hidden.lock_my_vote': PEOPLE,
  'app_hidden.set_poll': PEOPLE,
  'app_hidden.texts': PEOPLE,
  'public.comment_cards': PUBLIC_READS,
  'public.post_cards': PUBLIC_READS,
  'public.post_comments': PUBLIC_READS,
  'public.post_history': PUBLIC_READS,
  'public.posts_by_author': PUBLIC_READS,
  'public.posts_by_location': PUBLIC_READS,
  'public.posts_by_tag': PUBLIC_READS,
  'public.add_comment': PEOPLE,
  'public.bookmark_post': PEOPLE,
  'public.create_post': PEOPLE,
  'public.delete_comment': PEOPLE,
  'public.delete_post': PEOPLE,
  'public.edit_comment': PEOPLE,
  'public.like_comment': PEOPLE,
  'public.like_post': PEOPLE,
  'public.my_bookmarks': PEOPLE,
  'public.my_drafts': PEOPLE,
  'public.people_who_liked': PEOPLE,
  'public.report': PEOPLE,
  'public.unbookmark_post': PEOPLE,
  'public.unlike_comment': PEOPLE,
  'public.unlike_post': PEOPLE,
  'public.update_post': PEOPLE,
  'public.vote_in_poll': PEOPLE,
};

/** A post of the owner with all that can hang on one, done by the owner; one to which nothing was done; and one of somebody else. */
export async function withPostsAround(db: TestConnection, owner: Person, other: Person): Promise<void> {
  const write = 'insert into public.posts (author_id, content, tags, status) values ($1, $2, $3, $4) returning id';
  const made = (author: Person, content: string) =>
    db.one<{ id: string }>(write, [author.id, content, ['test'], 'draft']);
  const poll = `with made as (insert into public.polls (post_id, ends_at) values ($1, now() + interval '1 day') returning post_id)
    insert into public.poll_options (post_id, position, label) select post_id, n, 'o' from made, generate_series(1, 2) n`;
  const { id } = await made(owner, `of a test @${other.username}`);
  for (const post of [
    id,
    (await made(owner, 'of a test, fresh')).id,
    (await made(await db.signUp(), 'of a test, reported')).id,
  ]) {
    await db.query(poll, [post]);
    await db.query("update public.posts set status = 'published' where id = $1", [post]);
  }
  await db.query("update public.posts set location = 'Lisbon' where id = $1", [id]);
  const comment = 'insert into public.comments (post_id, author_id, content) values ($1, $2, $3) returning id';
  const said = await db.one<{ id: string }>(comment, [id, owner.id, `@${other.username}`]);
  await db.query(comment, [id, owner.id, 'of a test, fresh']);
  await db.query('insert into public.comment_likes (comment_id, user_id) values ($1, $2)', [said.id, owner.id]);
  await db.query('insert into public.post_likes (post_id, user_id) values ($1, $2)', [id, owner.id]);
  await db.query('insert into public.bookmarks (post_id, user_id) values ($1, $2)', [id, owner.id]);
  await db.query('insert into public.poll_votes (post_id, position, user_id) values ($1, 1, $2)', [id, owner.id]);
  await db.query("insert into public.reports (reporter_id, profile_id, reason) values ($1, $2, 'spam')", [
    owner.id,
    other.id,
  ]);
}
