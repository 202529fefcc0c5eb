import { beforeAll, describe, expect, test } from 'vitest';
import { mutedPage, mutedSchema, peoplePage } from '../../contracts/api/graph.ts';
import { publicProfile } from '../../contracts/api/users.ts';
import { type Answer, ask, asOperator, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import {
  befriend,
  block,
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

let blocker: Person;
let blocked: Person;
let third: Person;

beforeAll(async () => {
  [blocker, blocked, third] = await Promise.all([signUp('blocker'), signUp('blocked'), signUp('third')]);
  await befriend(blocker, blocked);
  await follow(blocker, third);
  await follow(blocked, third);
  await block(blocker, blocked);
});

/** An answer without what differs between any two requests. */
const wordsOf = ({ status, body }: Answer) => ({ status, body: { ...(body as object), instance: '' } });

describe('a block', () => {
  const forms = ['users', 'follows'].flatMap((domain) => pathForms().map((base) => [base, domain] as const));

  test.each(forms)('is made and taken back, each as often as one likes: %s/%s', async (base, domain) => {
    const [cat, dan] = await Promise.all([signUp('cat'), signUp('dan')]);
    const send = (method: string, name: string) => ask(`${domain}/block/${name}`, { method, token: cat.token, base });
    for (const name of [dan.id, dan.username]) {
      expect(done(await send('POST', name))).toEqual({ user_id: dan.id, status: 'blocked' });
    }
    const page = peoplePage.parse(done(await ask(`${domain}/blocked`, { token: cat.token, base })));
    expect(page.data.map(({ id }) => id)).toEqual([dan.id]);
    // By name too: who blocks can still name whom they block.
    for (const name of [dan.username, dan.id]) {
      expect(done(await send('DELETE', name))).toEqual({ user_id: dan.id, status: 'none' });
    }
    expect(await idsOf(cat, `${domain}/blocked`)).toEqual([]);
    expect((await get(dan, `users/${cat.id}`)).status).toBe(200);
  });

  test('ends follows and requests both ways, and does not bring them back', async () => {
    const [eve, fox] = await Promise.all([signUp('eve'), signUp('fox')]);
    await setPrivacy(fox, { is_private: true });
    await follow(fox, eve);
    await follow(eve, fox);
    await block(fox, eve);
    done(await remove(fox, `users/block/${eve.id}`));
    for (const person of [eve, fox]) {
      expect(await idsOf(person, 'users/following')).toEqual([]);
      expect(await idsOf(person, 'users/followers')).toEqual([]);
      expect(await idsOf(person, 'users/requests')).toEqual([]);
      expect(publicProfile.parse(done(await get(person, `users/${person.id}`)))).toMatchObject({
        followers_count: 0,
        following_count: 0,
      });
    }
  });

  test('hides the blocker in the very words for nobody (users.not_found)', async () => {
    const nobody = await get(blocked, 'users/nobody.of.that.name');
    for (const path of [`users/${blocker.id}`, `users/${blocker.username}`, `users/${blocker.id}/relationship`]) {
      const answer = await get(blocked, path);
      expectProblem(answer, 'users.not_found');
      expect((answer.body as { title: string }).title).toBe((nobody.body as { title: string }).title);
    }
    expect(wordsOf(await get(blocked, `users/${blocker.username}`))).toEqual(wordsOf(nobody));
    expectProblem(await get(blocked, `users/followers?user_id=${blocker.id}`), 'users.not_found');
    expectProblem(await get(blocked, `follows/following?user_id=${blocker.username}`), 'users.not_found');
  });

  test.each([
    ['POST', 'follow'],
    ['DELETE', 'unfollow'],
    ['POST', 'block'],
    ['DELETE', 'block'],
    ['POST', 'mute'],
    ['DELETE', 'mute'],
    ['DELETE', 'followers'],
  ])('lets the blocked do nothing: %s users/%s/:id (users.not_found)', async (method, action) => {
    for (const name of [blocker.id, blocker.username]) {
      expectProblem(await ask(`users/${action}/${name}`, { method, token: blocked.token }), 'users.not_found');
    }
  });

  test('tells the blocker why they cannot follow, mute or let in (follows.blocked)', async () => {
    expectProblem(await post(blocker, `users/follow/${blocked.id}`), 'follows.blocked');
    expectProblem(await post(blocker, `follows/${blocked.username}`), 'follows.blocked');
    expectProblem(await post(blocker, `users/mute/${blocked.id}`), 'follows.blocked');
    expectProblem(await post(blocker, `users/requests/${blocked.id}/approve`), 'follows.blocked');
    expect(done(await get(blocker, `users/${blocked.id}/relationship`))).toMatchObject({
      ...{ blocked_by_me: true, follows: false, can_view_content: false, can_message: false, can_comment: false },
    });
  });

  test('takes each out of the lists and counts that the other sees, and out of nobody else’s', async () => {
    const list = `users/followers?user_id=${third.id}`;
    expect(await idsOf(blocker, list)).toEqual([blocker.id]);
    expect(await idsOf(blocked, list)).toEqual([blocked.id]);
    expect(await idsOf(third, list)).toHaveLength(2);
    const count = async (viewer: Person) =>
      publicProfile.parse(done(await get(viewer, `users/${third.id}`))).followers_count;
    expect([await count(blocker), await count(blocked), await count(third)]).toEqual([1, 1, 2]);
  });

  test('holds for supabase-js: profiles, pages, lists, and the block itself is seen by who made it', async () => {
    const sdk = clientOf(blocked);
    expect((await sdk.from('profiles').select('id').eq('id', blocker.id)).data).toEqual([]);
    expect((await sdk.from('profile_counts').select('user_id').eq('user_id', blocker.id)).data).toEqual([]);
    expectRefused(await sdk.rpc('profile_page', { p_user: blocker.id }), 'users.not_found', 404);
    expectRefused(await sdk.rpc('followers', { p_user: blocker.id }), 'users.not_found', 404);
    expect((await sdk.rpc('relationship', { p_user: blocker.id })).data).toEqual([]);
    expect((await sdk.from('blocks').select()).data).toEqual([]);
    expect((await clientOf(blocker).from('blocks').select('blocked_id')).data).toEqual([{ blocked_id: blocked.id }]);
    expect((await clientOf(blocker).rpc('blocked_people')).data).toMatchObject([{ id: blocked.id }]);
  });

  test('is made and taken back in the table by supabase-js, with the same effects', async () => {
    const [gus, hal] = await Promise.all([signUp('gus'), signUp('hal')]);
    await befriend(gus, hal);
    const sdk = clientOf(gus);
    expect((await sdk.from('blocks').insert({ blocker_id: gus.id, blocked_id: hal.id })).error).toBeNull();
    expect(await idsOf(hal, 'users/following')).toEqual([]);
    expectProblem(await get(hal, `users/${gus.id}`), 'users.not_found');
    expect((await clientOf(hal).from('blocks').delete().eq('blocker_id', gus.id)).error).toBeNull();
    expectProblem(await get(hal, `users/${gus.id}`), 'users.not_found');
    expect((await sdk.from('blocks').delete().eq('blocked_id', hal.id)).error).toBeNull();
    expect((await get(hal, `users/${gus.id}`)).status).toBe(200);
    const forged = await sdk.from('blocks').insert({ blocker_id: hal.id, blocked_id: third.id });
    expect(forged.error?.code).toBe('42501');
  });

  test('leaves nobody friends when follows race with it', async () => {
    const [ida, joe] = await Promise.all([signUp('ida'), signUp('joe')]);
    const [answer] = await Promise.all([
      post(ida, `users/block/${joe.id}`),
      ...Array.from({ length: 5 }, () => post(joe, `users/follow/${ida.id}`)),
      ...Array.from({ length: 5 }, () => post(ida, `users/follow/${joe.id}`)),
    ]);
    done(answer);
    const rows = await asOperator(
      'select 1 from public.follows where (follower_id, followee_id) in (($1::uuid, $2::uuid), ($2::uuid, $1::uuid))',
      [ida.id, joe.id],
    );
    expect(rows).toEqual([]);
  });
});

describe('a mute', () => {
  test.each(pathForms())('is made, changed and ended, and nobody is told: %s', async (base) => {
    const [kay, lee] = await Promise.all([signUp('kay'), signUp('lee')]);
    await follow(kay, lee);
    const send = (method: string, body?: unknown) =>
      ask(`users/mute/${lee.username}`, { method, token: kay.token, base, ...(body === undefined ? {} : { body }) });
    expect(done(await send('POST'))).toEqual({ user_id: lee.id, status: 'muted', until: null });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const muted = mutedSchema.parse(done(await send('POST', { until })));
    expect(Date.parse(muted.until ?? '')).toBe(Date.parse(until));
    const page = mutedPage.parse(done(await get(kay, 'users/muted')));
    expect(page.data.map(({ id, until: end }) => [id, Date.parse(end ?? '')])).toEqual([[lee.id, Date.parse(until)]]);
    expect(done(await get(kay, `users/${lee.id}/relationship`))).toMatchObject({ muted: true, follows: true });
    expect((await clientOf(lee).from('mutes').select()).data).toEqual([]);
    expect(done(await send('DELETE'))).toEqual({ user_id: lee.id, status: 'none' });
    expect(await idsOf(kay, 'follows/muted')).toEqual([]);
  });

  test('ends by itself', async () => {
    const [max, nan] = await Promise.all([signUp('max'), signUp('nan')]);
    done(await post(max, `users/mute/${nan.id}`));
    await asOperator("update public.mutes set until = now() - interval '1 second' where muter_id = $1", [max.id]);
    expect(await idsOf(max, 'users/muted')).toEqual([]);
    expect(done(await get(max, `users/${nan.id}/relationship`))).toMatchObject({ muted: false, muted_until: null });
  });

  test('does not end before it began, nor on a day that is none (follows.mute_over, request.invalid)', async () => {
    expectProblem(
      await post(third, `users/mute/${blocker.id}`, { until: '2020-01-01T00:00:00Z' }),
      'follows.mute_over',
    );
    expectProblem(await post(third, `users/mute/${blocker.id}`, { until: 'tomorrow' }), 'request.invalid');
  });

  test('is written by supabase-js in the table, for oneself alone', async () => {
    const [oli, pam] = await Promise.all([signUp('oli'), signUp('pam')]);
    const sdk = clientOf(oli);
    expect((await sdk.from('mutes').insert({ muter_id: oli.id, muted_id: pam.id })).error).toBeNull();
    expect((await sdk.rpc('muted_people')).data).toMatchObject([{ id: pam.id }]);
    const forged = await sdk.from('mutes').insert({ muter_id: pam.id, muted_id: oli.id });
    expect(forged.error?.code).toBe('42501');
    const over = await sdk.from('mutes').update({ until: '2020-01-01T00:00:00Z' }).eq('muted_id', pam.id);
    expectRefused(over, 'follows.mute_over', 422);
    expectRefused(await sdk.from('mutes').insert({ muter_id: oli.id, muted_id: oli.id }), 'follows.to_oneself', 422);
    expect((await sdk.from('mutes').delete().eq('muted_id', pam.id)).error).toBeNull();
    expect(await idsOf(oli, 'users/muted')).toEqual([]);
  });
});
