import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type Card, type Graph, withPeople } from './support.ts';

/** Follows with the same time for two of three, as they come when many are let in at once. */
async function followers(graph: Graph, of: Person, people: Person[]): Promise<void> {
  await graph.db.as({ role: 'postgres' });
  for (const [n, person] of people.entries()) {
    await graph.db.query(
      "insert into public.follows (follower_id, followee_id, created_at) values ($1, $2, '2026-01-01'::timestamptz + $3 * interval '1 second')",
      [person.id, of.id, Math.floor(n / 2)],
    );
  }
}

/** All of a list, page by page. */
async function pages(graph: Graph, by: Person | null, call: string, values: unknown[], limit: number): Promise<Card[]> {
  const cards: Card[] = [];
  for (;;) {
    const last = cards.at(-1);
    const sql = `select c.*, c.at::text as at from ${call}($1, $2, $3, $4) c`;
    const page = await graph.asked<Card>(by, sql, [...values, limit, last?.at ?? null, last?.id ?? null]);
    cards.push(...page);
    if (page.length < limit) return cards;
  }
}

test('followers come newest first, each once, also those of one moment', () =>
  withPeople(6, async (graph, ada, ...people) => {
    await followers(graph, ada, people);
    const whole = await graph.ids(null, 'public.followers($1)', [ada.id]);
    expect(new Set(whole)).toEqual(new Set(people.map((person) => person.id)));
    expect(whole[0]).toBe(people[4]?.id);
    for (const limit of [1, 2, 3]) {
      const paged = await pages(graph, null, 'public.followers', [ada.id], limit);
      expect(paged.map((card) => card.id)).toEqual(whole);
    }
  }));

test('whom somebody follows comes in pages too', () =>
  withPeople(4, async (graph, ada, ...people) => {
    for (const person of people) await graph.act('follow', ada.id, person.id);
    const paged = await pages(graph, people[0] ?? null, 'public.following', [ada.id], 2);
    expect(new Set(paged.map((card) => card.id))).toEqual(new Set(people.map((person) => person.id)));
  }));

test('a card says how the reader and the person follow each other', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', bob.id, eve.id);
    await graph.act('follow', ada.id, bob.id);
    await graph.act('follow', bob.id, ada.id);
    const list = 'select username, followed_by_me, follows_me from public.followers($1)';
    expect(await graph.asked(ada, list, [eve.id])).toEqual([
      { username: bob.username, followed_by_me: true, follows_me: true },
    ]);
    expect(await graph.asked(null, list, [eve.id])).toEqual([
      { username: bob.username, followed_by_me: false, follows_me: false },
    ]);
  }));

test('hidden lists are for their owner alone (users.lists_hidden), and the counts for everybody', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.setPrivacy(bob, { hide_follower_lists: true });
    for (const call of ['public.followers', 'public.following']) {
      expect(await graph.refusedTo(ada, `select ${call}($1)`, [bob.id])).toMatchObject({
        sqlstate: 'PT403',
        code: 'users.lists_hidden',
      });
      expect(await graph.refusedTo(null, `select ${call}($1)`, [bob.id])).toMatchObject({ code: 'users.lists_hidden' });
    }
    expect(await graph.refusedTo(ada, 'select public.mutual_friends($1)', [bob.id])).toMatchObject({
      code: 'users.lists_hidden',
    });
    expect(await graph.ids(bob, 'public.followers($1)', [bob.id])).toEqual([ada.id]);
    const [page] = await graph.asked<{ page: object }>(null, 'select public.profile_page($1) as page', [bob.id]);
    expect(page?.page).toMatchObject({ followers_count: 1, relationship: null });
  }));

test('lists of a private account are for its followers (users.lists_hidden)', () =>
  withPeople(3, async (graph, ada, bob, eve) => {
    await graph.act('follow', ada.id, bob.id);
    await graph.setPrivacy(bob, { is_private: true });
    expect(await graph.ids(ada, 'public.followers($1)', [bob.id])).toEqual([ada.id]);
    for (const reader of [eve, null]) {
      expect(await graph.refusedTo(reader, 'select public.followers($1)', [bob.id])).toMatchObject({
        code: 'users.lists_hidden',
      });
    }
  }));

test('mutual friends are friends of both', () =>
  withPeople(4, async (graph, ada, bob, cem, dan) => {
    const befriend = async (one: Person, other: Person) => {
      await graph.act('follow', one.id, other.id);
      await graph.act('follow', other.id, one.id);
    };
    await befriend(ada, cem);
    await befriend(bob, cem);
    await befriend(ada, dan);
    await graph.act('follow', dan.id, bob.id);
    expect(await graph.ids(ada, 'public.mutual_friends($1)', [bob.id])).toEqual([cem.id]);
  }));

test('the page of a profile has its public facts, counts and how the reader stands to it', () =>
  withPeople(2, async (graph, ada, bob) => {
    await graph.act('follow', ada.id, bob.id);
    const [row] = await graph.asked<{ page: Record<string, unknown> }>(ada, 'select public.profile_page($1) as page', [
      bob.id,
    ]);
    expect(row?.page).toMatchObject({
      ...{ id: bob.id, username: bob.username, is_private: false, is_verified: false },
      ...{ followers_count: 1, following_count: 0, posts_count: 0 },
      relationship: { is_self: false, follows: true, is_followed: false, is_friend: false, can_message: true },
    });
    expect(row?.page).not.toHaveProperty('email');
  }));

test('counts that wait to be added are shown', () =>
  withPeople(1, async (graph, ada) => {
    await graph.db.query(
      "insert into app_private.count_deltas (target, counter, delta) values ($1, 'followers_count', 5)",
      [ada.id],
    );
    const [row] = await graph.asked<{ page: object }>(null, 'select public.profile_page($1) as page', [ada.id]);
    expect(row?.page).toMatchObject({ followers_count: 5 });
  }));

const SETTINGS = ['who_can_message', 'who_can_mention', 'who_can_call', 'who_can_invite', 'who_can_comment'] as const;
const AUDIENCES = ['everyone', 'followers', 'friends', 'nobody'] as const;
const STANDINGS = ['stranger', 'follower', 'followed', 'friend', 'self'] as const;

/** Says the rules again, in other words. */
function mayReach(standing: (typeof STANDINGS)[number], audience: (typeof AUDIENCES)[number]): boolean {
  if (standing === 'self' || audience === 'everyone') return true;
  if (audience === 'followers') return standing === 'follower' || standing === 'friend';
  return audience === 'friends' && standing === 'friend';
}

test.each(STANDINGS)('a %s may do exactly what each setting lets them, and the predicates say the same', (standing) =>
  withPeople(2, async (graph, ada, bob) => {
    const viewer = standing === 'self' ? bob : ada;
    if (standing === 'follower' || standing === 'friend') await graph.act('follow', ada.id, bob.id);
    if (standing === 'followed' || standing === 'friend') await graph.act('follow', bob.id, ada.id);
    for (const audience of AUDIENCES) {
      await graph.setPrivacy(bob, Object.fromEntries(SETTINGS.map((setting) => [setting, audience])));
      const expected = mayReach(standing, audience);
      const [row] = await graph.asked(viewer, 'select * from public.relationship($1)', [bob.id]);
      await graph.db.as({ role: 'postgres' });
      for (const setting of SETTINGS) {
        expect(row?.[setting.replace('who_', '')], `${setting} ${audience}`).toBe(expected);
        const sql = 'select app_private.may_reach($1, $2, $3) as may';
        expect(await graph.db.one(sql, [viewer.id, bob.id, setting])).toEqual({ may: expected });
      }
    }
  }),
);

test('friends are those who follow each other, in pages and for nobody else', () =>
  withPeople(4, async (graph, ada, bob, cem, dan) => {
    for (const friend of [bob, cem]) {
      await graph.act('follow', ada.id, friend.id);
      await graph.act('follow', friend.id, ada.id);
    }
    await graph.act('follow', ada.id, dan.id);
    const whole = await graph.ids(ada, 'public.friends()');
    expect(new Set(whole)).toEqual(new Set([bob.id, cem.id]));
    const [first] = await graph.asked<Card>(ada, 'select c.*, c.at::text as at from public.friends(1) c');
    expect(await graph.ids(ada, 'public.friends(1, $1, $2)', [first?.at, first?.id])).toEqual([whole[1]]);
    expect(await graph.ids(dan, 'public.friends()')).toEqual([]);
  }));

const NO_TIME = 'p_before_id => gen_random_uuid()';

test.each([
  ...['followers', 'following', 'mutual_friends'].map((list) => `${list}($1, ${NO_TIME})`),
  ...['friends', 'follow_requests_received', 'follow_requests_sent'].map((list) => `${list}(${NO_TIME})`),
  ...['blocked_people', 'muted_people', 'home_feed'].map((list) => `${list}(${NO_TIME})`),
  `search_people('ada', ${NO_TIME})`,
])('an id without its time is no place in %s (request.invalid_cursor)', (call) =>
  withPeople(1, async (graph, ada) => {
    const values = call.includes('$1') ? [ada.id] : [];
    const refusal = await graph.refusedTo(ada, `select * from public.${call}`, values);
    expect(refusal).toMatchObject({ sqlstate: 'PT400', code: 'request.invalid_cursor' });
  }),
);
