import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { peoplePage, relationshipSchema } from '../../contracts/api/graph.ts';
import { ask, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { clientOf, done, follow, get, idsOf, post, remove, setPrivacy } from '../support/social-api.ts';

let shy: Person;
let ana: Person;

beforeAll(async () => {
  [shy, ana] = await Promise.all([signUp('shy'), signUp('ana')]);
  await setPrivacy(shy, { is_private: true });
});

/** Somebody new who asks to follow. */
async function asking(name: string, target: Person = shy): Promise<Person> {
  const person = await signUp(name);
  expect(done(await post(person, `users/follow/${target.id}`))).toEqual({ user_id: target.id, status: 'requested' });
  return person;
}

const seesContent = async (viewer: Person, person: Person) =>
  relationshipSchema.parse(done(await get(viewer, `users/${person.id}/relationship`))).can_view_content;

describe('following a private account', () => {
  test('is a request, which both see, and shows nothing yet', async () => {
    const ben = await asking('ben');
    expect(done(await post(ben, `follows/${shy.username}`))).toEqual({ user_id: shy.id, status: 'requested' });
    expect(await idsOf(shy, 'users/requests')).toContain(ben.id);
    expect(await idsOf(ben, 'users/requests?direction=sent')).toEqual([shy.id]);
    expect(await idsOf(ben, 'users/requests')).toEqual([]);
    expect(await seesContent(ben, shy)).toBe(false);
    expect(done(await get(ben, `users/${shy.id}/relationship`))).toMatchObject({ requested: true, follows: false });
    expect(done(await get(shy, `users/${ben.id}/relationship`))).toMatchObject({ requested_by: true });
  });

  test('is taken back by unfollowing', async () => {
    const cat = await asking('cat');
    expect(done(await remove(cat, `users/unfollow/${shy.id}`))).toEqual({ user_id: shy.id, status: 'none' });
    expect(await idsOf(shy, 'users/requests?limit=100')).not.toContain(cat.id);
    expectProblem(await post(shy, `users/requests/${cat.id}/approve`), 'follows.request_not_found');
  });

  test('supabase-js lists requests, declines in the table and approves nobody there', async () => {
    const dan = await asking('dan');
    const sdk = clientOf(shy);
    const { data } = await sdk.rpc('follow_requests_received', { p_limit: 100 });
    expect(data?.map(({ id }) => id)).toContain(dan.id);
    expect((await clientOf(dan).rpc('follow_requests_sent')).data).toMatchObject([{ id: shy.id }]);
    const { error } = await sdk.from('follows').insert({ follower_id: dan.id, followee_id: shy.id });
    expect(error?.code).toBe('42501');
    expect((await sdk.from('follow_requests').delete().eq('requester_id', dan.id)).error).toBeNull();
    expect(await idsOf(dan, 'users/requests?direction=sent')).toEqual([]);
  });
});

describe('answering', () => {
  const forms = ['users', 'follows'].flatMap((domain) => pathForms().map((base) => [base, domain] as const));

  test.each(forms)('approve lets in, once and for all the same: %s/%s', async (base, domain) => {
    const eve = await asking('eve');
    const approve = () => ask(`${domain}/requests/${eve.username}/approve`, { method: 'POST', token: shy.token, base });
    expect(done(await approve())).toEqual({ user_id: eve.id, status: 'approved' });
    expect(done(await approve())).toEqual({ user_id: eve.id, status: 'approved' });
    expect(await seesContent(eve, shy)).toBe(true);
    expect(await idsOf(eve, `${domain}/following`)).toEqual([shy.id]);
  });

  test('decline lets nobody in and may be asked again', async () => {
    const fox = await asking('fox');
    for (let n = 0; n < 2; n += 1) {
      expect(done(await post(shy, `users/requests/${fox.id}/decline`))).toEqual({
        user_id: fox.id,
        status: 'declined',
      });
    }
    expect(await seesContent(fox, shy)).toBe(false);
    expect(done(await post(fox, `users/follow/${shy.id}`))).toMatchObject({ status: 'requested' });
  });

  test('is only for whom was asked (follows.request_not_found)', async () => {
    const gus = await asking('gus');
    expectProblem(await post(ana, `users/requests/${gus.id}/approve`), 'follows.request_not_found');
    expectProblem(await post(gus, `users/requests/${shy.id}/approve`), 'follows.request_not_found');
    expect(await seesContent(gus, shy)).toBe(false);
  });

  test('of somebody who follows already is no decline (follows.request_not_found)', async () => {
    const hal = await asking('hal');
    done(await post(shy, `users/requests/${hal.id}/approve`));
    expectProblem(await post(shy, `users/requests/${hal.id}/decline`), 'follows.request_not_found');
    expectProblem(await post(shy, `users/requests/${randomUUID()}/approve`), 'users.not_found');
  });

  test('approve-all lets everybody in who waits', async () => {
    const host = await signUp('host');
    await setPrivacy(host, { is_private: true });
    const guests = [await asking('ida', host), await asking('joe', host), await asking('kay', host)];
    expect(done(await post(host, 'users/requests/approve-all'))).toEqual({ approved: 3 });
    expect(done(await post(host, 'follows/requests/approve-all'))).toEqual({ approved: 0 });
    expect(await idsOf(host, 'users/followers')).toEqual(expect.arrayContaining(guests.map(({ id }) => id)));
  });
});

describe('changing the privacy', () => {
  test('going public lets in whoever waits', async () => {
    const host = await signUp('host');
    await setPrivacy(host, { is_private: true });
    const guest = await asking('lea', host);
    await setPrivacy(host, { is_private: false });
    expect(await idsOf(host, 'users/requests')).toEqual([]);
    expect(await idsOf(guest, 'users/following')).toEqual([host.id]);
  });

  test('going private keeps the followers, and shuts others out at once', async () => {
    const host = await signUp('host');
    const [fan, stranger] = [await signUp('fan'), await signUp('stranger')];
    await follow(fan, host);
    await setPrivacy(host, { is_private: true });
    expect(await seesContent(fan, host)).toBe(true);
    expect(await seesContent(stranger, host)).toBe(false);
    expect(done(await post(fan, `users/follow/${host.id}`))).toEqual({ user_id: host.id, status: 'following' });
  });

  test('supabase-js changes the setting with the same effect', async () => {
    const host = await signUp('host');
    const sdk = clientOf(host);
    const set = (is_private: boolean) =>
      sdk.from('account_settings').update({ privacy_settings: { is_private } }).eq('user_id', host.id);
    expect((await set(true)).error).toBeNull();
    const guest = await asking('max', host);
    expect((await set(false)).error).toBeNull();
    expect(await idsOf(guest, 'users/following')).toEqual([host.id]);
  });
});

test('requests come in pages, the latest first', async () => {
  const host = await signUp('host');
  await setPrivacy(host, { is_private: true });
  const guests = [await asking('nan', host), await asking('oli', host), await asking('pam', host)];
  const first = peoplePage.parse(done(await get(host, 'users/requests?limit=2')));
  const second = peoplePage.parse(done(await get(host, `users/requests?limit=2&cursor=${first.next_cursor}`)));
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(guests.map(({ id }) => id).reverse());
  expect(second.next_cursor).toBeNull();
  expectProblem(await get(host, 'users/requests?direction=sideways'), 'request.invalid');
});
