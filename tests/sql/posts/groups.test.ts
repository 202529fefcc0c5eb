import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type GroupCard, type Groups, withPeople } from '../groups/support.ts';
import type { Card } from './support.ts';

const say = (groups: Groups, by: Person, group: GroupCard, fields: Record<string, unknown> = {}) =>
  groups.act<Card & { group_id: string }>(by, 'create_post', { content: 'Hello', group_id: group.id, ...fields });

/** The ids that a list gives to somebody. */
async function idsOf(groups: Groups, by: Person | null, name: string, ...args: unknown[]): Promise<string[]> {
  return (await groups.rows<Card>(by, name, ...args)).map(({ id }) => id);
}

test('a post in a group is for its members, and says so', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.put(group, bob);
    const post = await say(groups, bob, group);
    expect(post).toMatchObject({ visibility: 'group', group_id: group.id, can_comment: true });
    expect(await idsOf(groups, ada, 'posts_of_group', group.id)).toEqual([post.id]);
    expect(await idsOf(groups, ada, 'post_cards', [post.id])).toEqual([post.id]);
    for (const other of [eve, null]) {
      expect(await groups.code(other, 'posts_of_group', group.id)).toBe('groups.members_only');
      expect(await idsOf(groups, other, 'post_cards', [post.id])).toEqual([]);
      expect(await groups.asked(other, 'select from public.posts where id = $1', [post.id])).toEqual([]);
    }
    for (const [name, ...args] of [['like_post'], ['bookmark_post'], ['add_comment', 'Hm']] as const) {
      expect(await groups.code(eve, name, post.id, ...args), name).toBe('posts.not_found');
    }
  }));

test('posts in a public group are read by everybody, and answered by members', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    const post = await say(groups, ada, group);
    expect(await idsOf(groups, null, 'posts_of_group', group.id)).toEqual([post.id]);
    const [card] = await groups.rows<Card>(bob, 'posts_of_group', group.id);
    expect(card).toMatchObject({ id: post.id, can_comment: false });
    await groups.act(bob, 'like_post', post.id);
    expect(await groups.code(bob, 'add_comment', post.id, 'Hm')).toBe('posts.comments_not_allowed');
    await groups.act(bob, 'join_group', group.id);
    await groups.act(bob, 'add_comment', post.id, 'Hm');
  }));

test('nobody posts into a group that they are not in, by whatever way', () =>
  withPeople(2, async (groups, ada, bob) => {
    const open = await groups.found(ada);
    const secret = await groups.found(ada, { visibility: 'secret' });
    const never = '00000000-0000-7000-8000-000000000000';
    const insert = 'insert into public.posts (content, group_id) values ($1, $2)';
    for (const [group_id, code] of [
      [open.id, 'groups.members_only'],
      [secret.id, 'groups.not_found'],
      [never, 'groups.not_found'],
    ]) {
      expect(await groups.code(bob, 'create_post', { content: 'Hello', group_id })).toBe(code);
      await groups.db.as({ role: 'authenticated', sub: bob.id });
      expect(await groups.db.refusal(insert, ['Hello', group_id])).toMatchObject({ code });
    }
  }));

test('a post stays in its group, and what is not in one has no other visibility of that name (posts.field_invalid)', () =>
  withPeople(1, async (groups, ada) => {
    const group = await groups.found(ada);
    const post = await say(groups, ada, group);
    expect(await groups.code(ada, 'update_post', post.id, { visibility: 'public' })).toBe('posts.field_invalid');
    expect(await groups.code(ada, 'create_post', { content: 'x', visibility: 'group' })).toBe('posts.field_invalid');
    const both = { content: 'x', visibility: 'friends', group_id: group.id };
    expect(await groups.code(ada, 'create_post', both)).toBe('posts.field_invalid');
    await groups.db.as({ role: 'authenticated', sub: ada.id });
    const move = await groups.db.refusal('update public.posts set group_id = null where id = $1', [post.id]);
    expect(move.sqlstate).toBe('42501');
  }));

test('it stands in its group alone: in no home feed, under no tag, at no place, not with its author, in no count', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    await groups.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [bob.id, ada.id]);
    const post = await say(groups, ada, group, { content: '#seldomheard words', location: 'Nowhere at all' });
    await groups.db.as({ role: 'postgres' });
    await groups.db.query('select app_private.work_feed(50)');
    for (const person of [ada, bob]) {
      expect(await idsOf(groups, person, 'home_feed')).toEqual([]);
      expect(await idsOf(groups, person, 'posts_by_author', ada.id)).toEqual([]);
      expect(await groups.act(person, 'posts_by_tag', 'seldomheard')).toEqual({ data: [], next: null });
      expect(await groups.act(person, 'posts_by_location', 'Nowhere at all')).toEqual({ data: [], next: null });
      expect(await groups.act(person, 'profile_page', ada.id)).toMatchObject({ posts_count: 0 });
      expect(await idsOf(groups, person, 'posts_of_group', group.id)).toEqual([post.id]);
    }
    expect(await groups.act(ada, 'delete_post', post.id)).toBe(true);
    expect(await groups.act(ada, 'profile_page', ada.id)).toMatchObject({ posts_count: 0 });
  }));

test('who is no longer in it reads nothing there, not even what they wrote, and may still delete that', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.put(group, bob);
    const post = await say(groups, bob, group);
    await groups.act(ada, 'add_comment', post.id, 'About you');
    await groups.act(ada, 'remove_group_member', group.id, bob.id);
    expect(await idsOf(groups, bob, 'post_cards', [post.id])).toEqual([]);
    expect(await groups.asked(bob, 'select from public.comments where post_id = $1', [post.id])).toEqual([]);
    expect(await groups.code(bob, 'post_comments', post.id)).toBe('posts.not_found');
    expect(await groups.code(bob, 'update_post', post.id, { content: 'x' })).toBe('posts.not_found');
    expect(await groups.act(bob, 'delete_post', post.id)).toBe(true);
  }));

test('a draft for a group that one has left stays one’s own, and is not published', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.put(group, bob);
    const draft = await say(groups, bob, group, { draft: true });
    await groups.act(bob, 'leave_group', group.id);
    expect(await idsOf(groups, bob, 'my_drafts')).toEqual([draft.id]);
    expect(await groups.code(bob, 'update_post', draft.id, { publish: true })).toBe('groups.members_only');
  }));

test('nobody is mentioned in a group who cannot read it there', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { visibility: 'secret' });
    await groups.put(group, bob);
    const post = await say(groups, ada, group, { content: `@${bob.username} @${eve.username}` });
    expect(post.mentions.map(({ id }) => id)).toEqual([bob.id]);
    await groups.act(ada, 'add_comment', post.id, `@${eve.username} @${bob.username}`);
    await groups.db.as({ role: 'postgres' });
    expect(await groups.db.query('select user_id from public.comment_mentions')).toEqual([{ user_id: bob.id }]);
  }));

test('what is posted in a group is not to be shared out of it (posts.shares_not_allowed)', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    const post = await say(groups, ada, group);
    const share = { type: 'share', shared_post_id: post.id };
    expect(await groups.code(bob, 'create_post', share)).toBe('posts.shares_not_allowed');
    expect(await groups.code(ada, 'create_post', { ...share, group_id: group.id })).toBe('posts.shares_not_allowed');
  }));

test('a block hides each from the other in their groups too, in posts and among the members', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada);
    for (const person of [bob, eve]) await groups.put(group, person);
    const post = await say(groups, eve, group);
    await groups.asked(eve, 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [eve.id, bob.id]);
    const members = 'select user_id from public.group_members where group_id = $1';
    expect(await idsOf(groups, bob, 'posts_of_group', group.id)).toEqual([]);
    expect(await groups.asked(bob, members, [group.id])).toHaveLength(2);
    expect(await groups.asked(eve, members, [group.id])).toHaveLength(2);
    expect(await idsOf(groups, ada, 'posts_of_group', group.id)).toEqual([post.id]);
    expect(await groups.act(bob, 'group_page', group.id)).toMatchObject({ members_count: 3 });
  }));

test('who is banned from a public group likes and votes nothing there, and takes back what they did (groups.banned)', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    const poll = { options: ['Red', 'Green'], ends_at: new Date(Date.now() + 86_400_000).toISOString() };
    const [post, other] = [await say(groups, ada, group, { poll }), await say(groups, ada, group)];
    const comment = await groups.act<{ id: string }>(ada, 'add_comment', post.id, 'Well');
    await groups.act(bob, 'like_post', post.id);
    await groups.act(ada, 'ban_from_group', group.id, bob.id);
    for (const [name, ...args] of [
      ['like_post', other.id],
      ['like_comment', comment.id],
      ['vote_in_poll', post.id, [1]],
    ] as const) {
      expect(await groups.code(bob, name, ...args), name).toBe('groups.banned');
    }
    expect(await groups.code(bob, 'add_comment', post.id, 'Hm')).toBe('posts.comments_not_allowed');
    expect(await groups.act(bob, 'unlike_post', post.id)).toMatchObject({ liked: false });
    expect(await groups.act(bob, 'bookmark_post', post.id)).toMatchObject({ bookmarked: true });
    await groups.act(ada, 'unban_from_group', group.id, bob.id);
    await groups.act(bob, 'like_post', other.id);
  }));

test('a pin stands in the log by whatever way it was made, once, and not where the post was removed', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob, 'moderator');
    const post = await say(groups, bob, group);
    const logged = async () =>
      (await groups.rows<{ action: string; actor: { id: string } }>(ada, 'log_of_group', group.id))
        .filter(({ action }) => action.startsWith('post_'))
        .map(({ action, actor }) => [action, actor.id])
        .sort();
    await groups.act(bob, 'update_post', post.id, { pinned: true });
    await groups.asked(bob, 'update public.posts set pinned_at = null where id = $1', [post.id]);
    await groups.act(ada, 'pin_group_post', group.id, post.id, true);
    await groups.act(bob, 'update_post', post.id, { content: 'Other words' });
    const pins = [
      ['post_pinned', ada.id],
      ['post_pinned', bob.id],
      ['post_unpinned', bob.id],
    ].sort();
    expect(await logged()).toEqual(pins);
    await groups.act(ada, 'remove_group_post', group.id, post.id);
    expect(await logged()).toEqual([...pins, ['post_removed', ada.id]].sort());
  }));
