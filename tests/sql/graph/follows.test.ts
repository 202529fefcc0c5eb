import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { withPeople } from './support.ts';

test('a follow counts on both sides, and done again it gives the same answer and counts once', () =>
  withPeople(2, async (graph, ada, bob) => {
    const following = { user_id: bob.id, status: 'following' };
    expect(await graph.act('follow', ada.id, bob.id)).toEqual(following);
    expect(await graph.act('follow', ada.id, bob.id)).toEqual(following);
    await graph.expectCounts(bob, 1, 0);
    await graph.expectCounts(ada, 0, 1);
  }));

test('an unfollow undoes it, and again gives the same answer', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', ada.id, bob.id);
    const none = { user_id: bob.id, status: 'none' };
    expect(await graph.act('unfollow', ada.id, bob.id)).toEqual(none);
    expect(await graph.act('unfollow', ada.id, bob.id)).toEqual(none);
    await graph.expectCounts(bob, 0, 0);
  }));

test('nobody follows, blocks or mutes themselves (follows.to_oneself)', () =>
  withPeople(1, async (graph, ada) => {
    for (const name of ['follow', 'block_person', 'mute_person']) {
      expect(await graph.refused(name, ada.id, ada.id), name).toMatchObject({
        sqlstate: 'PT422',
        code: 'follows.to_oneself',
      });
    }
  }));

test('who is not there cannot be followed, blocked, muted or let in (users.not_found)', () =>
  withPeople(1, async (graph, ada) => {
    for (const name of ['follow', 'unfollow', 'remove_follower', 'approve_follow_request', 'decline_follow_request']) {
      expect(await graph.refused(name, ada.id, randomUUID()), name).toMatchObject({ code: 'users.not_found' });
    }
    for (const name of ['block_person', 'unblock_person', 'mute_person', 'unmute_person']) {
      expect(await graph.refused(name, ada.id, randomUUID()), name).toMatchObject({ code: 'users.not_found' });
    }
  }));

test('a follower who is removed follows no longer, and may follow again', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', ada.id, bob.id);
    expect(await graph.act('remove_follower', bob.id, ada.id)).toEqual({ user_id: ada.id, status: 'removed' });
    expect(await graph.follows(ada, bob)).toBe(false);
    expect(await graph.act('follow', ada.id, bob.id)).toMatchObject({ status: 'following' });
  }));

test('by supabase-js people end follows either way, and may not make one (42501)', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', eve.id, ada.id);
    await graph.act('follow', eve.id, bob.id);
    const gone = await graph.asked(ada, 'delete from public.follows returning follower_id');
    expect(gone).toHaveLength(2);
    await graph.expectCounts(bob, 1, 0);
    await graph.expectCounts(ada, 0, 0);
    const insert = 'insert into public.follows (follower_id, followee_id) values ($1, $2)';
    expect((await graph.refusedTo(ada, insert, [ada.id, bob.id])).sqlstate).toBe('42501');
    const ask = 'insert into public.follow_requests (requester_id, target_id) values ($1, $2)';
    expect((await graph.refusedTo(ada, ask, [ada.id, bob.id])).sqlstate).toBe('42501');
  }));

/** People of whom nothing but the ids matters. */
const MANY = `with made as (
    insert into auth.users (id, email) select gen_random_uuid(), gen_random_uuid() || '@example.test' from generate_series(1, $1::int)
    returning id)
  select array_agg(id) as ids from made`;
const FOLLOW = `insert into public.follows (follower_id, followee_id, created_at) select $1, unnest($2::uuid[]), now() - $3::interval`;

test('nobody follows more than 200 people in an hour (follows.limit_reached), and an hour later goes on', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.db.as({ role: 'postgres' });
    const { ids } = await graph.db.one<{ ids: string[] }>(MANY, [200]);
    await graph.db.query(FOLLOW, [ada.id, ids, '10 minutes']);
    expect(await graph.refused('follow', ada.id, bob.id)).toMatchObject({
      sqlstate: 'PT422',
      code: 'follows.limit_reached',
    });
    await graph.db.as({ role: 'postgres' });
    await graph.db.query("update public.follows set created_at = now() - interval '1 hour' where follower_id = $1", [
      ada.id,
    ]);
    expect(await graph.act('follow', ada.id, bob.id)).toMatchObject({ status: 'following' });
  }));

test('nobody follows more than 7,500 people in all (follows.limit_reached)', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.db.as({ role: 'postgres' });
    await graph.db.query('update public.profile_counts set following_count = 7500 where user_id = $1', [ada.id]);
    expect(await graph.refused('follow', ada.id, bob.id)).toMatchObject({ code: 'follows.limit_reached' });
  }));

test('deleting somebody takes their follows out of the counts of others, and leaves nothing to count', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', eve.id, ada.id);
    await graph.db.as({ role: 'postgres' });
    await graph.db.query('delete from auth.users where id = $1', [ada.id]);
    await graph.expectCounts(bob, 0, 0);
    await graph.expectCounts(eve, 0, 0);
    expect(await graph.db.query('select from app_private.count_deltas where target = $1', [ada.id])).toEqual([]);
  }));
