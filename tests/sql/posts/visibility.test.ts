import { describe, expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import {
  become,
  befriend,
  block,
  type Cast,
  call,
  cardFor,
  comment,
  follow,
  post,
  refusedCall,
  setPrivacy,
  update,
  withCast,
} from './support.ts';

/** Ada posts; bob reads as … */
const RELATIONS: Readonly<Record<string, (cast: Cast) => Promise<void>>> = {
  stranger: async () => undefined,
  follower: ({ db, ada, bob }) => follow(db, bob, ada),
  followed: ({ db, ada, bob }) => follow(db, ada, bob),
  friend: ({ db, ada, bob }) => befriend(db, ada, bob),
  blocked: async ({ db, ada, bob }) => {
    await befriend(db, ada, bob);
    await block(db, ada, bob);
  },
  blocker: async ({ db, ada, bob }) => {
    await befriend(db, ada, bob);
    await block(db, bob, ada);
  },
};

const byAuthor = 'select id from public.posts_by_author($1)';

/** Which posts of ada each reader sees: of an open account, of a private one. Written by hand. */
const SEEN: readonly [reader: string, open: string[], closed: string[]][] = [
  ['anon', ['public'], []],
  ['stranger', ['public'], []],
  ['followed', ['public'], []],
  ['follower', ['public'], ['public']],
  ['friend', ['public', 'friends'], ['public', 'friends']],
  ['blocked', [], []],
  ['blocker', [], []],
  ['author', ['public', 'friends', 'private'], ['public', 'friends', 'private']],
];

describe.each(SEEN)('%s', (reader, open, closed) => {
  test.each([
    ['an open account', false, open],
    ['a private account', true, closed],
  ])('reads of %s what is shown to them, in every way to read', (_what, isPrivate, seen) =>
    withCast(async (cast) => {
      const { db, ada, bob } = cast;
      await RELATIONS[reader]?.(cast);
      await setPrivacy(db, ada, { is_private: isPrivate });
      const location = `Place ${ada.username}`;
      const ids = new Map<string, string>();
      for (const visibility of ['public', 'friends', 'private']) {
        const made = await post(db, ada, { content: `#of_${ada.username.slice(1)}`, visibility, location });
        await update(db, ada, made.id, { content: `Now #of_${ada.username.slice(1)}` });
        await comment(db, ada, made.id);
        ids.set(made.id, visibility);
      }
      if (reader === 'anon') await db.as({ role: 'anon' });
      else await become(db, reader === 'author' ? ada : bob);
      const all = [...ids.keys()];
      const visibilities = async (sql: string, argument: unknown) => {
        const rows = await db.query<{ id: string }>(sql, [argument]);
        return [...new Set(rows.map((row) => ids.get(row.id)))].sort();
      };
      const expected = [...seen].sort();
      const ways: [string, unknown][] = [
        ['select id from public.post_cards($1)', all],
        ['select id from public.posts where id = any ($1)', all],
        ['select post_id as id from public.post_counts where post_id = any ($1)', all],
        ['select post_id as id from public.post_edits where post_id = any ($1)', all],
        ['select post_id as id from public.comments where post_id = any ($1)', all],
      ];
      if (reader !== 'blocked' && reader !== 'blocker') ways.push([byAuthor, ada.id]);
      else expect(await db.refusal(byAuthor, [ada.id])).toMatchObject({ code: 'users.not_found' });
      for (const [sql, argument] of ways) expect(await visibilities(sql, argument), sql).toEqual(expected);
      const found: [string, unknown][] = [
        ['select post_id as id from public.post_tags where post_id = any ($1)', all],
        [
          `select d ->> 'id' as id from jsonb_array_elements(public.posts_by_tag($1) -> 'data') d`,
          `#OF_${ada.username.slice(1)}`,
        ],
        [
          `select d ->> 'id' as id from jsonb_array_elements(public.posts_by_location($1) -> 'data') d`,
          location.toUpperCase(),
        ],
      ];
      // Tags and places are for others to find what they may read.
      const findable = expected.filter((visibility) => visibility !== 'private');
      for (const [sql, argument] of found) expect(await visibilities(sql, argument), sql).toEqual(findable);
      for (const [id, visibility] of ids) {
        await db.as({ role: 'postgres' });
        const viewer = reader === 'anon' ? null : reader === 'author' ? ada.id : bob.id;
        expect(await db.one('select app_private.can_view_post($1, $2) as can', [viewer, id]), visibility).toEqual({
          can: seen.includes(visibility),
        });
      }
    }),
  );
});

test.each(['draft', 'scheduled', 'removed'])('a post that is %s is for its author only', (state) =>
  withCast(async ({ db, ada, bob }) => {
    await befriend(db, ada, bob);
    const later = { scheduled_for: new Date(Date.now() + 3_600_000).toISOString() };
    const { id } = await post(db, ada, state === 'draft' ? { draft: true } : state === 'scheduled' ? later : {});
    await db.as({ role: 'postgres' });
    if (state === 'removed') await db.query("update public.posts set status = 'removed' where id = $1", [id]);
    expect(await cardFor(db, ada, id)).toMatchObject({ status: state, can_comment: false });
    expect(await cardFor(db, bob, id)).toBeUndefined();
    expect(await cardFor(db, null, id)).toBeUndefined();
    await become(db, bob);
    for (const name of ['like_post', 'bookmark_post'])
      expect(await refusedCall(db, name, id), name).toMatchObject({ code: 'posts.not_found' });
  }),
);

test('whoever may not read a post can do nothing with it (posts.not_found)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { visibility: 'friends', poll: inAWeek() });
    await become(db, bob);
    const attempts: [string, unknown[]][] = [
      ['select public.like_post($1)', [id]],
      ['select public.unlike_post($1)', [id]],
      ['insert into public.post_likes (post_id) values ($1)', [id]],
      ['select public.bookmark_post($1)', [id]],
      ['insert into public.bookmarks (post_id) values ($1)', [id]],
      ["select public.add_comment($1, 'Hi')", [id]],
      ["insert into public.comments (post_id, content) values ($1, 'Hi')", [id]],
      ["select public.vote_in_poll($1, '{1}')", [id]],
      ['insert into public.poll_votes (post_id, position) values ($1, 1)', [id]],
      ["select public.create_post(jsonb_build_object('type', 'share', 'shared_post_id', $1::text))", [id]],
      ["insert into public.posts (type, shared_post_id) values ('share', $1)", [id]],
      ["select public.report(jsonb_build_object('post_id', $1::text, 'reason', 'spam'))", [id]],
      ["insert into public.reports (post_id, reason) values ($1, 'spam')", [id]],
      ['select public.people_who_liked($1)', [id]],
      ['select public.post_comments($1)', [id]],
    ];
    for (const [sql, values] of attempts)
      expect(await db.refusal(sql, values), sql).toMatchObject({ sqlstate: 'PT404', code: 'posts.not_found' });
    for (const table of ['polls', 'poll_options', 'post_mentions'])
      expect(await db.query(`select from public.${table} where post_id = $1`, [id]), table).toEqual([]);
  }));

test('whom a post and a comment mention is not told to whom they block', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const content = `Hello @${bob.username}`;
    const { id } = await post(db, ada, { content });
    const { id: commentId } = await comment(db, ada, id, null, content);
    const mentioned = `select m.user_id from public.post_mentions m where m.post_id = $1
      union all select m.user_id from public.comment_mentions m where m.comment_id = $2`;
    await become(db, eve);
    expect(await db.query(mentioned, [id, commentId])).toEqual([{ user_id: bob.id }, { user_id: bob.id }]);
    await block(db, bob, eve);
    await become(db, eve);
    expect(await db.query(mentioned, [id, commentId])).toEqual([]);
  }));

test('a block hides at once what both wrote and did, from lists and from counts, and its end shows it again', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, eve);
    for (const who of [ada, bob]) {
      await become(db, who);
      await call(db, 'like_post', id);
    }
    const byBob = await comment(db, bob, id, null, 'Of bob');
    await comment(db, ada, id, byBob.id, 'To bob');
    await comment(db, bob, id, (await comment(db, eve, id, null, 'Of eve')).id, 'Of bob too');
    await become(db, bob);
    await call(db, 'create_post', { type: 'share', shared_post_id: id });
    const seenBy = async (viewer: Person) => {
      const card = await cardFor(db, viewer, id);
      const likers = await db.query('select id from public.people_who_liked($1)', [id]);
      const comments = await db.query('select content, replies_count from public.post_comments($1)', [id]);
      const direct = await db.query('select from public.comments where post_id = $1', [id]);
      return [card?.likes_count, card?.comments_count, card?.shares_count, likers.length, comments, direct.length];
    };
    const both = [
      { content: 'Of eve', replies_count: '1' },
      { content: 'Of bob', replies_count: '1' },
    ];
    expect(await seenBy(ada)).toEqual(['2', '4', '1', 2, both, 4]);
    await block(db, ada, bob);
    expect(await seenBy(ada)).toEqual(['1', '2', '0', 1, [{ content: 'Of eve', replies_count: '0' }], 2]);
    expect(await seenBy(bob)).toEqual([
      '1',
      '3',
      '1',
      1,
      [
        { content: 'Of eve', replies_count: '1' },
        { content: 'Of bob', replies_count: '0' },
      ],
      3,
    ]);
    expect(await seenBy(eve)).toEqual(['2', '4', '1', 2, both, 4]);
    await become(db, ada);
    expect(await db.refusal('select public.like_comment($1)', [byBob.id])).toMatchObject({
      code: 'comments.not_found',
    });
    expect(await db.refusal("select public.add_comment($1, 'Hi', $2)", [id, byBob.id])).toMatchObject({
      code: 'comments.not_found',
    });
    await db.query('delete from public.blocks where blocked_id = $1', [bob.id]);
    expect(await seenBy(ada)).toEqual(['2', '4', '1', 2, both, 4]);
  }));

test('who may comment: the setting of the author and the reply control of the post must both allow it', () =>
  withCast(async ({ db, ada, bob }) => {
    const audiences = ['everyone', 'followers', 'friends', 'nobody'];
    const relations = ['stranger', 'follower', 'friend'];
    for (const [rank, relation] of relations.entries()) {
      if (relation === 'follower') await follow(db, bob, ada);
      if (relation === 'friend') await follow(db, ada, bob);
      for (const setting of audiences) {
        await setPrivacy(db, ada, { who_can_comment: setting });
        for (const control of [...audiences, 'mentioned', 'mentioned bob']) {
          const content = control === 'mentioned bob' ? `@${bob.username}` : 'Hi';
          const { id } = await post(db, ada, { content, reply_control: control.split(' ')[0] });
          const allowed =
            rank >= audiences.indexOf(setting) &&
            (control === 'mentioned bob' || (control !== 'mentioned' && rank >= audiences.indexOf(control)));
          const what = `${relation}, setting ${setting}, control ${control}`;
          expect((await cardFor(db, bob, id))?.can_comment, what).toBe(allowed);
          if (allowed) await comment(db, bob, id);
          else
            expect(await db.refusal("select public.add_comment($1, 'Hi')", [id]), what).toMatchObject({
              sqlstate: 'PT403',
              code: 'posts.comments_not_allowed',
            });
          expect((await cardFor(db, ada, id))?.can_comment, what).toBe(true);
          expect((await cardFor(db, null, id))?.can_comment, what).toBe(false);
        }
      }
    }
  }));

function inAWeek(): object {
  return { options: ['Yes', 'No'], ends_at: new Date(Date.now() + 7 * 86_400_000).toISOString() };
}
