import { expect, test } from 'vitest';
import { withPeople } from '../groups/support.ts';
import {
  become,
  becomeOwner,
  block,
  type Card,
  type CommentCard,
  comment,
  post,
  refusedCall,
  setPrivacy,
  withCast,
} from './support.ts';

const WAYS_OUT = ['ban_from_group', 'remove_group_member'] as const;

test.each(WAYS_OUT)('who was put out by %s rewrites nothing in the group, and may still delete it', (putOut) =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    const own = await groups.act<Card>(bob, 'create_post', { content: 'Nice', group_id: group.id });
    const said = await groups.act<CommentCard>(bob, 'add_comment', own.id, 'Is it?');
    const elsewhere = await groups.act<Card>(bob, 'create_post', { content: 'Nice' });
    await groups.act(ada, putOut, group.id, bob.id);
    expect(await groups.code(bob, 'update_post', own.id, { content: 'Buy this' })).toBe('groups.members_only');
    expect(await groups.code(bob, 'edit_comment', said.id, 'Buy this')).toBe('posts.comments_not_allowed');
    await groups.act(bob, 'update_post', elsewhere.id, { content: 'Nicer' });
    expect(await groups.act(bob, 'delete_comment', said.id)).toBe(true);
    expect(await groups.act(bob, 'delete_post', own.id)).toBe(true);
  }),
);

test('a change of all rows at once reaches no posts and comments of a group that one may not read any more', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'secret' });
    await groups.put(group, bob);
    const own = await groups.act<Card>(bob, 'create_post', { content: 'Nice', group_id: group.id });
    await groups.act(bob, 'add_comment', own.id, 'Is it?');
    await groups.act(ada, 'remove_group_member', group.id, bob.id);
    await become(groups.db, bob);
    expect(await groups.db.refusal("update public.posts set content = 'x'")).toMatchObject({
      code: 'groups.not_found',
    });
    expect(await groups.db.refusal("update public.comments set content = 'x'")).toMatchObject({
      code: 'posts.not_found',
    });
  }));

test('who was blocked since does not rewrite comments on posts of the blocker (posts.not_found)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await comment(db, bob, id, null, 'Well said');
    await block(db, ada, bob);
    await become(db, bob);
    // Without a condition, the policy for reading is not asked.
    expect(await db.refusal("update public.comments set content = 'An insult'")).toMatchObject({
      code: 'posts.not_found',
    });
    await becomeOwner(db);
    expect(await db.query('select content from public.comments where post_id = $1', [id])).toEqual([
      { content: 'Well said' },
    ]);
  }));

test('takes 300 edits an hour of what people read, and no more (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    const draft = await post(db, ada, { draft: true });
    const edit = (which: string, content: string) =>
      db.query('update public.posts set content = $2 where id = $1', [which, content]);
    for (let n = 0; n < 300; n += 1) await edit(id, `Take ${n}`);
    expect(await db.refusal("update public.posts set content = 'One more' where id = $1", [id])).toMatchObject({
      code: 'rate_limit.exceeded',
    });
    await edit(draft.id, 'As often as one likes');
    await db.query("update public.posts set reply_control = 'nobody' where id = $1", [id]);
  }));

test('a block tells nothing by counts of shares and of lists that were not shown', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    await setPrivacy(db, bob, { hide_follower_lists: true });
    await setPrivacy(db, eve, { is_private: true });
    await becomeOwner(db);
    await db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [eve.id, bob.id]);
    const { id } = await post(db, bob);
    await post(db, eve, { type: 'share', shared_post_id: id });
    const counts = async () => {
      await become(db, ada);
      return db.one(
        `select public.profile_page($1) -> 'followers_count' as followers, c.shares_count::int as shares from public.post_cards($2) c`,
        [bob.id, [id]],
      );
    };
    expect(await counts()).toEqual({ followers: 1, shares: 1 });
    await block(db, ada, eve);
    expect(await counts()).toEqual({ followers: 1, shares: 1 });
    await setPrivacy(db, bob, {});
    expect(await counts()).toEqual({ followers: 0, shares: 1 });
  }));

test('the place of an emptied comment does not go with a block, which would tell whose it was', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, bob);
    const said = await comment(db, eve, id);
    const answer = await comment(db, bob, id, said.id);
    await become(db, eve);
    await db.query('select public.delete_comment($1)', [said.id]);
    await block(db, ada, eve);
    const places = await db.query<CommentCard>('select * from public.post_comments($1)', [id]);
    expect(places).toMatchObject([{ id: said.id, author: null, content: null }]);
    expect(await db.query('select id from public.post_comments(null, $1)', [said.id])).toEqual([{ id: answer.id }]);
    await comment(db, ada, id, answer.id);
    expect(await refusedCall(db, 'like_comment', said.id)).toMatchObject({ code: 'comments.not_found' });
  }));
