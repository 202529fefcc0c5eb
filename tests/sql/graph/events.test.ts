import { expect, test } from 'vitest';
import { parseEvent } from '../../../contracts/events.ts';
import { type Graph, withPeople } from './support.ts';

/** What the graph told in this transaction, in order, parsed as the worker parses it. */
async function told(graph: Graph) {
  await graph.db.as({ role: 'postgres' });
  const rows = await graph.db.query(
    "select * from app_private.outbox_events where tx_id = pg_current_xact_id() and type like 'graph.%' order by position",
  );
  return rows.map((row) => {
    const { type, actor_id, payload } = parseEvent({ ...row, tx_id: String(row['tx_id']) });
    return { type, actor_id, payload };
  });
}

test('a follow and its end are told once each, with who did it', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', ada.id, bob.id);
    await graph.act('unfollow', ada.id, bob.id);
    await graph.act('unfollow', ada.id, bob.id);
    await graph.act('follow', ada.id, bob.id);
    await graph.act('remove_follower', bob.id, ada.id);
    await graph.act('follow', ada.id, bob.id);
    await graph.asked(ada, 'delete from public.follows');
    const payload = { follower_id: ada.id, followee_id: bob.id };
    expect(await told(graph)).toEqual([
      { type: 'graph.followed', actor_id: ada.id, payload },
      { type: 'graph.unfollowed', actor_id: ada.id, payload },
      { type: 'graph.followed', actor_id: ada.id, payload },
      { type: 'graph.unfollowed', actor_id: bob.id, payload },
      { type: 'graph.followed', actor_id: ada.id, payload },
      { type: 'graph.unfollowed', actor_id: ada.id, payload },
    ]);
  }));

test('a request is told, its approval as a follow by who approved, its decline not at all', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.setPrivacy(bob, { is_private: true });
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', eve.id, bob.id);
    await graph.act('approve_follow_request', bob.id, ada.id);
    await graph.act('decline_follow_request', bob.id, eve.id);
    expect(await told(graph)).toEqual([
      { type: 'graph.follow_requested', actor_id: ada.id, payload: { requester_id: ada.id, target_id: bob.id } },
      { type: 'graph.follow_requested', actor_id: eve.id, payload: { requester_id: eve.id, target_id: bob.id } },
      { type: 'graph.followed', actor_id: bob.id, payload: { follower_id: ada.id, followee_id: bob.id } },
    ]);
  }));

test('going public tells each follow that it let in', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.setPrivacy(bob, { is_private: true });
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', eve.id, bob.id);
    await graph.setPrivacy(bob, {});
    const followed = (await told(graph)).filter((event) => event.type === 'graph.followed');
    expect(followed.map((event) => event.actor_id)).toEqual([bob.id, bob.id]);
  }));

test('a block tells the ends of follows and itself, and an unblock itself', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', bob.id, ada.id);
    await graph.act('block_person', ada.id, bob.id);
    await graph.act('unblock_person', ada.id, bob.id);
    const payload = { blocker_id: ada.id, blocked_id: bob.id };
    expect((await told(graph)).slice(1)).toEqual([
      { type: 'graph.unfollowed', actor_id: ada.id, payload: { follower_id: bob.id, followee_id: ada.id } },
      { type: 'graph.blocked', actor_id: ada.id, payload },
      { type: 'graph.unblocked', actor_id: ada.id, payload },
    ]);
  }));

test('a mute is told to nobody', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('mute_person', ada.id, bob.id);
    expect(await told(graph)).toEqual([]);
  }));

test('of somebody deleted only the deletion is told, not each follow and block', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', bob.id, ada.id);
    await graph.act('block_person', ada.id, eve.id);
    const before = (await told(graph)).length;
    await graph.db.query('delete from auth.users where id = $1', [ada.id]);
    expect(await told(graph)).toHaveLength(before);
  }));
