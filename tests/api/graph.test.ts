import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { peoplePage, relationshipSchema } from '../../contracts/api/graph.ts';
import { publicProfile } from '../../contracts/api/users.ts';
import { ask, asOperator, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import {
  befriend,
  clientOf,
  done,
  expectRefused,
  follow,
  get,
  idsOf,
  post,
  remove,
  setPrivacy,
} from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

/** How one stands to another. */
async function relation(viewer: Person, person: Person) {
  return relationshipSchema.parse(done(await get(viewer, `users/${person.id}/relationship`)));
}

/** Followers and followed, as the profile counts them. */
async function countsOf({ id }: Person): Promise<[followers: number, following: number]> {
  const { followers_count, following_count } = publicProfile.parse(done(await get(undefined, `users/${id}`)));
  return [followers_count, following_count];
}

/** The same actions, as both functions name them. */
const PATHS = [
  ['users', 'users/follow', 'users/unfollow'],
  ['follows', 'follows', 'follows'],
] as const;
const EVERY_PATH = PATHS.flatMap(([domain, following, unfollowing]) =>
  pathForms().map((base) => [`${base}/${domain}`, base, domain, following, unfollowing] as const),
);

describe('following', () => {
  test.each(EVERY_PATH)(
    '%s: follow and unfollow, each as often as one likes',
    async (_path, base, domain, to, from) => {
      const [cat, dan] = await Promise.all([signUp('cat'), signUp('dan')]);
      const send = (method: string, path: string) => ask(path, { method, token: cat.token, base });
      for (const name of [dan.id, dan.username]) {
        expect(done(await send('POST', `${to}/${name}`))).toEqual({ user_id: dan.id, status: 'following' });
      }
      expect([await countsOf(dan), await countsOf(cat)]).toEqual([
        [1, 0],
        [0, 1],
      ]);
      const page = peoplePage.parse(done(await send('GET', `${domain}/followers?user_id=${dan.username}`)));
      expect(page.data).toMatchObject([
        { id: cat.id, username: cat.username, followed_by_me: false, follows_me: false },
      ]);
      expect(await idsOf(cat, `${domain}/following`)).toEqual([dan.id]);
      for (const name of [dan.username, dan.id]) {
        expect(done(await send('DELETE', `${from}/${name}`))).toEqual({ user_id: dan.id, status: 'none' });
      }
      expect([await countsOf(dan), await countsOf(cat)]).toEqual([
        [0, 0],
        [0, 0],
      ]);
    },
  );

  test.each(PATHS)('%s/friends is a page of those who follow each other', async (domain) => {
    const [sue, tom, una, vic] = await Promise.all(['sue', 'tom', 'una', 'vic'].map(signUp));
    if (!sue || !tom || !una || !vic) throw new Error('four people');
    await befriend(sue, tom);
    await befriend(sue, una);
    await follow(sue, vic);
    const first = peoplePage.parse(done(await get(sue, `${domain}/friends?limit=1`)));
    expect(first.data).toMatchObject([{ id: una.id, followed_by_me: true, follows_me: true }]);
    const second = peoplePage.parse(done(await get(sue, `${domain}/friends?limit=1&cursor=${first.next_cursor}`)));
    expect(second).toMatchObject({ data: [{ id: tom.id }], next_cursor: null });
    expectProblem(await get(undefined, `${domain}/friends`), 'auth.required');
  });

  test('supabase-js invokes the function, and ends a follow in the table', async () => {
    const [eve, fox] = await Promise.all([signUp('eve'), signUp('fox')]);
    const sdk = clientOf(eve);
    const { data } = await sdk.functions.invoke(`follows/${fox.id}`, { method: 'POST' });
    expect(data).toEqual({ user_id: fox.id, status: 'following' });
    expect((await sdk.from('follows').select('followee_id')).data).toEqual([{ followee_id: fox.id }]);
    expect((await sdk.from('follows').delete().eq('followee_id', fox.id)).error).toBeNull();
    expect(await countsOf(fox)).toEqual([0, 0]);
  });

  test('supabase-js cannot write a follow past the rules', async () => {
    const { error } = await clientOf(ana).from('follows').insert({ follower_id: ana.id, followee_id: ben.id });
    expect(error?.code).toBe('42501');
  });

  test('a retry with its Idempotency-Key gets the first answer, whatever came between', async () => {
    const gus = await signUp('gus');
    const headers = { 'Idempotency-Key': randomUUID() };
    const send = () => ask(`users/follow/${ben.id}`, { method: 'POST', token: gus.token, headers });
    const first = await send();
    done(await remove(gus, `users/unfollow/${ben.id}`));
    const again = await send();
    expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([first.body, 'true']);
    expect(await idsOf(gus, 'users/following')).toEqual([]);
  });

  test('oneself is refused (follows.to_oneself)', async () => {
    expectProblem(await post(ana, `users/follow/${ana.id}`), 'follows.to_oneself');
    expectProblem(await post(ana, `users/follow/${ana.username}`), 'follows.to_oneself');
    expectProblem(await post(ana, `users/mute/${ana.id}`), 'follows.to_oneself');
    expectProblem(await post(ana, `users/block/${ana.id}`), 'follows.to_oneself');
  });

  test.each(['users/follow', 'users/mute', 'users/block', 'follows'])(
    'POST %s/:id finds nobody (users.not_found)',
    async (path) => {
      for (const nobody of [randomUUID(), 'nobody.of.that.name']) {
        expectProblem(await post(ana, `${path}/${nobody}`), 'users.not_found');
      }
    },
  );

  test('needs somebody signed in, and no body (auth.required, request.invalid)', async () => {
    expectProblem(await post(undefined, `users/follow/${ana.id}`), 'auth.required');
    expectProblem(await post(ben, `users/follow/${ana.id}`, { until: null }), 'request.invalid');
  });

  test('ends for a follower who is removed', async () => {
    const hal = await signUp('hal');
    await follow(hal, ben);
    expect(done(await remove(ben, `users/followers/${hal.id}`))).toEqual({ user_id: hal.id, status: 'removed' });
    expect(await idsOf(hal, 'users/following')).toEqual([]);
    expect(await relation(hal, ben)).toMatchObject({ follows: false });
  });

  test('sixty times a minute is enough (rate_limit.exceeded)', async () => {
    const spammer = await signUp('spammer');
    const answers = [];
    for (let n = 0; n < 61; n += 1) answers.push(await post(spammer, `users/follow/${ana.id}`));
    const [first, last] = [answers[0], answers.at(-1)];
    expect(first?.headers.get('ratelimit-policy')).toMatch(/"follow";q=60;w=60, "follow_day";q=400;w=86400/);
    expect(answers.slice(0, 60).map(({ status }) => status)).toEqual(Array(60).fill(200));
    if (last) expectProblem(last, 'rate_limit.exceeded');
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expectProblem(await post(spammer, `follows/${ana.id}`), 'rate_limit.exceeded');
    done(await remove(spammer, `users/unfollow/${ana.id}`));
  });

  test('two hundred new people in an hour are enough (follows.limit_reached)', async () => {
    const keen = await signUp('keen');
    const people = await asOperator<{ id: string }>(
      `insert into auth.users (id, email) select x.id, x.id || '@example.test'
       from (select gen_random_uuid() as id from generate_series(1, 200)) x returning id`,
    );
    const follows = 'insert into public.follows (follower_id, followee_id) select $1, unnest($2::uuid[])';
    await asOperator(follows, [keen.id, people.map(({ id }) => id)]);
    expectProblem(await post(keen, `users/follow/${ana.id}`), 'follows.limit_reached');
  });
});

describe('friends', () => {
  test('are two who follow each other, and may do what friends may', async () => {
    const [ida, joe] = await Promise.all([signUp('ida'), signUp('joe')]);
    await setPrivacy(joe, { who_can_message: 'friends', who_can_comment: 'followers', who_can_call: 'nobody' });
    const may = async () => {
      const { is_friend, can_message, can_comment, can_call, can_mention } = await relation(ida, joe);
      return { is_friend, can_message, can_comment, can_call, can_mention };
    };
    const nothing = { is_friend: false, can_message: false, can_comment: false, can_call: false, can_mention: true };
    expect(await may()).toEqual(nothing);
    await follow(ida, joe);
    expect(await may()).toEqual({ ...nothing, can_comment: true });
    await follow(joe, ida);
    expect(await may()).toEqual({ ...nothing, is_friend: true, can_comment: true, can_message: true });
    expect((await clientOf(ida).rpc('relationship', { p_user: joe.id })).data).toMatchObject([{ is_friend: true }]);
    expect((await clientOf().rpc('relationship', { p_user: joe.id })).error).not.toBeNull();
  });

  test('in common are told by mutual_friends', async () => {
    const [kay, lee, max] = await Promise.all([signUp('kay'), signUp('lee'), signUp('max')]);
    await befriend(kay, lee);
    await befriend(max, lee);
    const { data } = await clientOf(kay).rpc('mutual_friends', { p_user: max.id });
    expect(data?.map(({ id }) => id)).toEqual([lee.id]);
  });
});

describe('GET users/followers and users/following', () => {
  let star: Person;
  let fans: Person[];

  beforeAll(async () => {
    star = await signUp('star');
    fans = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => signUp(`fan${name}`)));
    for (const fan of fans) await follow(fan, star);
    // All at once: only the id tells their places apart.
    await asOperator('update public.follows set created_at = date_trunc($2, created_at) where followee_id = $1', [
      star.id,
      'hour',
    ]);
  });

  test('page through all of them, none twice and none left out, even of one moment', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null && seen.length < 10) {
      const query = `user_id=${star.id}&limit=2${cursor && `&cursor=${cursor}`}`;
      const page = peoplePage.parse(done(await get(ana, `users/followers?${query}`)));
      expect(page.data.length).toBeGreaterThan(0);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(
      fans
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
  });

  test('give up to a hundred, and say that there are no more', async () => {
    const page = peoplePage.parse(done(await get(star, 'users/followers?limit=100')));
    expect([page.data.length, page.next_cursor]).toEqual([5, null]);
  });

  test('need nobody signed in where somebody is named (auth.required)', async () => {
    expect(await idsOf(undefined, `users/followers?user_id=${star.id}`)).toHaveLength(5);
    expectProblem(await get(undefined, 'users/following'), 'auth.required');
    expect((await clientOf().rpc('followers', { p_user: star.id })).data).toHaveLength(5);
  });

  test('refuse a cursor that is none (request.invalid_cursor)', async () => {
    for (const cursor of ['x', btoa('[0.5,"x"]'), btoa('{}')]) {
      expectProblem(await get(ana, `users/followers?cursor=${cursor}`), 'request.invalid_cursor');
    }
  });

  test('of nobody are not there (users.not_found)', async () => {
    expectProblem(await get(ana, `users/followers?user_id=${randomUUID()}`), 'users.not_found');
    expectProblem(await get(ana, 'users/following?user_id=nobody.of.that.name'), 'users.not_found');
  });

  test('may be hidden from others, while the counts stay (users.lists_hidden)', async () => {
    const quiet = await signUp('quiet');
    await follow(ana, quiet);
    await setPrivacy(quiet, { hide_follower_lists: true });
    for (const viewer of [ana, undefined]) {
      expectProblem(await get(viewer, `users/followers?user_id=${quiet.id}`), 'users.lists_hidden');
      expectProblem(await get(viewer, `follows/following?user_id=${quiet.id}`), 'users.lists_hidden');
    }
    expectRefused(await clientOf(ana).rpc('followers', { p_user: quiet.id }), 'users.lists_hidden', 403);
    expect(await countsOf(quiet)).toEqual([1, 0]);
    expect(await idsOf(quiet, 'users/followers')).toEqual([ana.id]);
  });

  test('of a private account are for its followers (users.lists_hidden)', async () => {
    const shy = await signUp('shy');
    await follow(ana, shy);
    await setPrivacy(shy, { is_private: true });
    expect(await idsOf(ana, `users/followers?user_id=${shy.id}`)).toEqual([ana.id]);
    expectProblem(await get(ben, `users/followers?user_id=${shy.id}`), 'users.lists_hidden');
    expectProblem(await get(undefined, `users/following?user_id=${shy.id}`), 'users.lists_hidden');
  });
});
