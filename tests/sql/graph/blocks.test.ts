import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type Graph, withPeople } from './support.ts';

const BLOCK = 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2)';

/** Both ways by which a block is made. */
const WAYS: readonly [string, (graph: Graph, by: Person, whom: Person) => Promise<unknown>][] = [
  ['through the API', (graph, by, whom) => graph.act('block_person', by.id, whom.id)],
  ['by supabase-js', (graph, by, whom) => graph.asked(by, BLOCK, [by.id, whom.id])],
];

test.each(WAYS)('a block made %s ends follows and requests both ways, and counts follow', (_, block) =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', bob.id, ada.id);
    await graph.setPrivacy(ada, { is_private: true });
    await graph.act('follow', eve.id, ada.id);
    await block(graph, ada, bob);
    await block(graph, eve, ada);
    expect(await graph.follows(ada, bob)).toBe(false);
    expect(await graph.follows(bob, ada)).toBe(false);
    await graph.expectCounts(ada, 0, 0);
    await graph.expectCounts(bob, 0, 0);
    expect(await graph.ids(ada, 'public.follow_requests_received()')).toEqual([]);
  }),
);

test.each(WAYS)('to who was blocked %s the blocker is nobody any more, at once', (_, block) =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', ada.id, eve.id);
    await graph.act('follow', bob.id, eve.id);
    await block(graph, ada, bob);
    for (const [me, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect(await graph.asked(me, 'select from public.profiles where id = $1', [other.id])).toEqual([]);
      expect(await graph.asked(me, 'select from public.profile_counts where user_id = $1', [other.id])).toEqual([]);
      expect(await graph.refusedTo(me, 'select public.profile_page($1)', [other.id])).toMatchObject({
        code: 'users.not_found',
      });
      expect(await graph.refusedTo(me, 'select public.followers($1)', [other.id])).toMatchObject({
        code: 'users.not_found',
      });
      expect(await graph.ids(me, 'public.search_people($1)', [other.username])).not.toContain(other.id);
      expect(await graph.ids(me, 'public.followers($1)', [eve.id])).toEqual([me.id]);
      const [page] = await graph.asked<{ page: object }>(me, 'select public.profile_page($1) as page', [eve.id]);
      expect(page?.page).toMatchObject({ followers_count: 1 });
    }
    expect(await graph.ids(eve, 'public.followers($1)', [eve.id])).toHaveLength(2);
  }),
);

test('the blocked is told that there is nobody (users.not_found), the blocker to unblock first (follows.blocked)', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('block_person', ada.id, bob.id);
    for (const name of ['follow', 'unfollow', 'remove_follower', 'mute_person', 'block_person', 'unblock_person']) {
      expect(await graph.refused(name, bob.id, ada.id), name).toMatchObject({
        sqlstate: 'PT404',
        code: 'users.not_found',
      });
    }
    for (const name of ['follow', 'mute_person', 'approve_follow_request']) {
      expect(await graph.refused(name, ada.id, bob.id), name).toMatchObject({
        sqlstate: 'PT409',
        code: 'follows.blocked',
      });
    }
    expect(await graph.act('block_person', ada.id, bob.id)).toEqual({ user_id: bob.id, status: 'blocked' });
    const find = 'select id from app_private.find_user($1, $2)';
    await graph.db.as({ role: 'astra_api' });
    expect(await graph.db.query(find, [bob.id, ada.username])).toEqual([]);
    expect(await graph.db.query(find, [ada.id, bob.username])).toEqual([{ id: bob.id }]);
  }));

test('an unblock brings back neither follow, and both may follow again', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', bob.id, ada.id);
    await graph.act('block_person', ada.id, bob.id);
    expect(await graph.ids(ada, 'public.blocked_people()')).toEqual([bob.id]);
    const none = { user_id: bob.id, status: 'none' };
    expect(await graph.act('unblock_person', ada.id, bob.id)).toEqual(none);
    expect(await graph.act('unblock_person', ada.id, bob.id)).toEqual(none);
    expect(await graph.follows(bob, ada)).toBe(false);
    expect(await graph.act('follow', bob.id, ada.id)).toMatchObject({ status: 'following' });
  }));

test('of two who block each other, each takes back their own block', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.asked(ada, BLOCK, [ada.id, bob.id]);
    await graph.asked(bob, BLOCK, [bob.id, ada.id]);
    await graph.act('unblock_person', ada.id, bob.id);
    expect(await graph.refused('follow', ada.id, bob.id)).toMatchObject({ code: 'users.not_found' });
    await graph.act('unblock_person', bob.id, ada.id);
    expect(await graph.act('follow', ada.id, bob.id)).toMatchObject({ status: 'following' });
  }));

test('the blocked are told nothing: of a block only its maker reads the row', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('block_person', ada.id, bob.id);
    expect(await graph.asked(bob, 'select from public.blocks')).toEqual([]);
    expect(await graph.asked(bob, 'select * from public.relationship($1)', [ada.id])).toEqual([]);
    expect(
      await graph.asked(ada, 'select blocked_by_me, can_view_content, can_message from public.relationship($1)', [
        bob.id,
      ]),
    ).toEqual([{ blocked_by_me: true, can_view_content: false, can_message: false }]);
    const forge = await graph.refusedTo(bob, BLOCK, [ada.id, bob.id]);
    expect(forge.sqlstate).toBe('42501');
  }));

test('a mute is one’s own, ends at its time and is told to nobody', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect(await graph.act('mute_person', ada.id, bob.id, until)).toMatchObject({ user_id: bob.id, status: 'muted' });
    expect(await graph.act('mute_person', ada.id, eve.id, null)).toEqual({
      user_id: eve.id,
      status: 'muted',
      until: null,
    });
    expect(new Set(await graph.ids(ada, 'public.muted_people()'))).toEqual(new Set([bob.id, eve.id]));
    expect(await graph.asked(bob, 'select from public.mutes')).toEqual([]);
    const standing = 'select muted, muted_until is null as for_good from public.relationship($1)';
    expect(await graph.asked(ada, standing, [bob.id])).toEqual([{ muted: true, for_good: false }]);
    expect(await graph.asked(ada, standing, [eve.id])).toEqual([{ muted: true, for_good: true }]);
    await graph.db.as({ role: 'postgres' });
    await graph.db.query("update public.mutes set until = now() - interval '1 second' where muted_id = $1", [bob.id]);
    expect(await graph.ids(ada, 'public.muted_people()')).toEqual([eve.id]);
    expect(await graph.asked(ada, standing, [bob.id])).toEqual([{ muted: false, for_good: true }]);
    expect(await graph.act('unmute_person', ada.id, eve.id)).toEqual({ user_id: eve.id, status: 'none' });
    expect(await graph.refused('mute_person', ada.id, bob.id, '2020-01-01')).toMatchObject({
      code: 'follows.mute_over',
    });
  }));

test.each([
  ['a block of oneself', BLOCK, 'follows.to_oneself'],
  ['a mute of oneself', 'insert into public.mutes (muter_id, muted_id) values ($1, $2)', 'follows.to_oneself'],
])('who writes %s is refused as by the function (%s)', (_what, sql, code) =>
  withPeople(1, async (graph, ada) => {
    expect(await graph.refusedTo(ada, sql, [ada.id, ada.id])).toMatchObject({ sqlstate: 'PT422', code });
  }),
);

test('who writes a mute that is over is refused as by the function (follows.mute_over)', () =>
  withPeople(2, async (graph, ada, bob) => {
    const refusal = { sqlstate: 'PT422', code: 'follows.mute_over' };
    const mute = 'insert into public.mutes (muter_id, muted_id, until) values ($1, $2, $3)';
    expect(await graph.refusedTo(ada, mute, [ada.id, bob.id, '2020-01-01'])).toMatchObject(refusal);
    await graph.asked(ada, mute, [ada.id, bob.id, null]);
    const change = "update public.mutes set until = now() - interval '1 second' where muted_id = $1";
    expect(await graph.refusedTo(ada, change, [bob.id])).toMatchObject(refusal);
  }));
