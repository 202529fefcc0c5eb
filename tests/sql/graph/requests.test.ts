import { expect, test } from 'vitest';
import { withPeople } from './support.ts';

const PRIVATE = { is_private: true };

test('a follow of a private account is a request, which its owner approves', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.setPrivacy(bob, PRIVATE);
    const requested = { user_id: bob.id, status: 'requested' };
    expect(await graph.act('follow', ada.id, bob.id)).toEqual(requested);
    expect(await graph.act('follow', ada.id, bob.id)).toEqual(requested);
    expect(await graph.follows(ada, bob)).toBe(false);
    expect(await graph.ids(bob, 'public.follow_requests_received()')).toEqual([ada.id]);
    expect(await graph.ids(ada, 'public.follow_requests_sent()')).toEqual([bob.id]);

    const approved = { user_id: ada.id, status: 'approved' };
    expect(await graph.act('approve_follow_request', bob.id, ada.id)).toEqual(approved);
    expect(await graph.act('approve_follow_request', bob.id, ada.id)).toEqual(approved);
    expect(await graph.follows(ada, bob)).toBe(true);
    expect(await graph.ids(bob, 'public.follow_requests_received()')).toEqual([]);
    await graph.expectCounts(bob, 1, 0);
  }));

test('a declined request is gone, and who follows already has none (follows.request_not_found)', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', eve.id, bob.id);
    await graph.setPrivacy(bob, PRIVATE);
    await graph.act('follow', ada.id, bob.id);
    const declined = { user_id: ada.id, status: 'declined' };
    expect(await graph.act('decline_follow_request', bob.id, ada.id)).toEqual(declined);
    expect(await graph.act('decline_follow_request', bob.id, ada.id)).toEqual(declined);
    expect(await graph.refused('approve_follow_request', bob.id, ada.id)).toMatchObject({
      sqlstate: 'PT404',
      code: 'follows.request_not_found',
    });
    expect(await graph.refused('decline_follow_request', bob.id, eve.id)).toMatchObject({
      code: 'follows.request_not_found',
    });
    expect(await graph.follows(eve, bob)).toBe(true);
  }));

test('an unfollow takes a request back', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.setPrivacy(bob, PRIVATE);
    await graph.act('follow', ada.id, bob.id);
    await graph.act('unfollow', ada.id, bob.id);
    expect(await graph.refused('approve_follow_request', bob.id, ada.id)).toMatchObject({
      code: 'follows.request_not_found',
    });
  }));

test('approving all lets everybody in who waits, and says how many', () =>
  withPeople(4, async (graph, ada, ben, cem, dan) => {
    await graph.setPrivacy(dan, PRIVATE);
    for (const person of [ada, ben, cem]) await graph.act('follow', person.id, dan.id);
    expect(await graph.act('approve_all_follow_requests', dan.id)).toEqual({ approved: 3 });
    expect(await graph.act('approve_all_follow_requests', dan.id)).toEqual({ approved: 0 });
    await graph.expectCounts(dan, 3, 0);
  }));

test('the preview says what going public would do, and going public does it at once', () =>
  withPeople(4, async (graph, ada, ben, cem, dan) => {
    await graph.act('follow', cem.id, dan.id);
    await graph.setPrivacy(dan, PRIVATE);
    for (const person of [ada, ben]) await graph.act('follow', person.id, dan.id);
    expect(await graph.act('privacy_change_preview', dan.id, false)).toEqual({
      ...{ is_private: true, will_be_private: false, requests_approved: 2, followers_kept: 1 },
      ...{ posts_hidden: 0, posts_shown: 0 },
    });
    await graph.setPrivacy(dan, { is_private: false });
    expect(await graph.follows(ada, dan)).toBe(true);
    expect(await graph.follows(ben, dan)).toBe(true);
    expect(await graph.ids(dan, 'public.follow_requests_received()')).toEqual([]);
    await graph.expectCounts(dan, 3, 0);
  }));

test('leaving the key out is going public too', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.setPrivacy(bob, PRIVATE);
    await graph.act('follow', ada.id, bob.id);
    await graph.setPrivacy(bob, { hide_presence: true });
    expect(await graph.follows(ada, bob)).toBe(true);
    expect(await graph.asked(null, 'select is_private from public.profiles where id = $1', [bob.id])).toEqual([
      { is_private: false },
    ]);
  }));

test('going private keeps the followers and approves nobody', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', ada.id, bob.id);
    expect(await graph.act('privacy_change_preview', bob.id, true)).toMatchObject({
      is_private: false,
      requests_approved: 0,
      followers_kept: 1,
    });
    await graph.setPrivacy(bob, PRIVATE);
    expect(await graph.follows(ada, bob)).toBe(true);
    expect(await graph.asked(null, 'select is_private from public.profiles where id = $1', [bob.id])).toEqual([
      { is_private: true },
    ]);
  }));

test('people see the requests they made and got, and nobody else’s', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.setPrivacy(bob, PRIVATE);
    await graph.act('follow', ada.id, bob.id);
    const all = 'select requester_id from public.follow_requests';
    expect(await graph.asked(ada, all)).toEqual([{ requester_id: ada.id }]);
    expect(await graph.asked(bob, all)).toEqual([{ requester_id: ada.id }]);
    expect(await graph.asked(eve, all)).toEqual([]);
  }));
