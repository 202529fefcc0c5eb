import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ownProfile, privacyPreview, publicProfile } from '../../contracts/api/users.ts';
import { ask, asOperator, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { clientOf, done, expectRefused, follow, get, post, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

/** Changes somebody's own profile. */
function put(person: Person, body: unknown, headers: Record<string, string> = {}) {
  return ask('users/profile', { method: 'PUT', token: person.token, body, headers });
}

async function profileOf({ token }: Person) {
  return ownProfile.parse((await ask('users/profile', { token })).body);
}

describe('GET users/profile', () => {
  test('shows the own facts and settings', async () => {
    expect(await profileOf(ana)).toMatchObject({
      id: ana.id,
      username: ana.username,
      full_name: 'ana of the tests',
      is_verified: false,
      settings: { email: ana.email, phone: null },
      wallet: {
        currency: 'USD',
        balance: '0.00',
        pending_balance: '0.00',
        total_earnings: '0.00',
        linked_accounts: [],
      },
      ...{ is_private: false, followers_count: 0, following_count: 0, posts_count: 0 },
    });
  });

  test.each(pathForms())('answers under %s', async (base) => {
    const answer = await ask('users/profile', { token: ana.token, base });
    expect(ownProfile.parse(answer.body)).toMatchObject({ id: ana.id });
  });
});

describe('PUT users/profile', () => {
  test('changes what is sent, clears with null and leaves the rest', async () => {
    const cleo = await signUp('cleo');
    await put(cleo, { bio: 'first', location: 'Lima' });
    const answer = await put(cleo, { bio: null, website: 'https://example.com/cleo' });
    expect(answer.status).toBe(200);
    expect(ownProfile.parse(answer.body)).toMatchObject({
      bio: null,
      location: 'Lima',
      website: 'https://example.com/cleo',
      username: cleo.username,
    });
    expect(await profileOf(cleo)).toEqual(answer.body);
  });

  test('merges settings key by key', async () => {
    const dan = await signUp('dan');
    await put(dan, { privacy_settings: { is_private: true } });
    await put(dan, { privacy_settings: { hide_presence: true }, notification_settings: { likes: { push: false } } });
    expect((await profileOf(dan)).settings).toMatchObject({
      privacy_settings: { is_private: true, hide_presence: true },
      notification_settings: { likes: { push: false } },
    });
  });

  test('keeps the facts of a business that operators have approved', async () => {
    const eve = await signUp('eve');
    await asOperator('update public.profiles set is_business_account = true where id = $1', [eve.id]);
    const answer = await put(eve, { business_info: { name: 'Eve & Co', category: 'food' } });
    expect(answer.body).toMatchObject({
      is_business_account: true,
      business_info: { name: 'Eve & Co', category: 'food' },
    });
    expect((await put(eve, { business_info: null })).body).toMatchObject({ business_info: null });
  });

  test('refuses business facts of anybody else (users.not_a_business)', async () => {
    const gus = await signUp('gus');
    expectProblem(await put(gus, { business_info: { name: 'Gus & Co' } }), 'users.not_a_business');
  });

  test('changes the username, in lower case', async () => {
    const fay = await signUp('fay');
    const username = `New.${randomUUID().slice(0, 8)}`;
    expect((await put(fay, { username })).body).toMatchObject({ username: username.toLowerCase() });
    expect((await put(fay, { username })).status).toBe(200);
  });

  test('refuses somebody else’s username and changes nothing else either (users.username_taken)', async () => {
    const before = await profileOf(ana);
    expectProblem(await put(ana, { username: ben.username, bio: 'changed' }), 'users.username_taken');
    expect(await profileOf(ana)).toEqual(before);
  });

  test('gives a free username to one of two who ask at once (users.username_taken)', async () => {
    const username = `race${randomUUID().slice(0, 8)}`;
    const people = await Promise.all([signUp('gus'), signUp('hal')]);
    const answers = await Promise.all(people.map((person) => put(person, { username })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('refuses a reserved username (users.username_reserved)', async () => {
    expectProblem(await put(ana, { username: 'support' }), 'users.username_reserved');
  });

  test('refuses an invalid username (users.username_invalid)', async () => {
    expectProblem(await put(ana, { username: 'a b' }), 'users.username_invalid');
  });

  test.each([
    ['nothing', {}],
    ['a list', []],
    ['verification of oneself', { is_verified: true }],
    ['a verification level', { verification_level: 'gold' }],
    ['a business of oneself', { is_business_account: true }],
    ['another id', { id: randomUUID() }],
    ['an email', { email: 'x@example.com' }],
    ['a script as website', { website: 'javascript:alert(1)' }],
    ['a bio that is too long', { bio: 'x'.repeat(501) }],
    ['a number as name', { full_name: 1 }],
    ['a wrong setting beside another fault', { privacy_settings: { admin: true }, bio: 1 }],
    ['JSON that is nested too deep', { business_info: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }],
  ])('refuses %s and changes nothing (request.invalid)', async (_what, body) => {
    const before = await profileOf(ana);
    expectProblem(await put(ana, body), 'request.invalid');
    expect(await profileOf(ana)).toEqual(before);
  });

  test.each([
    ['unknown privacy setting', { privacy_settings: { admin: true } }, 'users.privacy_settings_invalid'],
    ['audience', { privacy_settings: { who_can_comment: 'aliens' } }, 'users.privacy_settings_invalid'],
    ['switch', { privacy_settings: { is_private: 'yes' } }, 'users.privacy_settings_invalid'],
    ['kind of notification', { notification_settings: { spam: {} } }, 'users.notification_settings_invalid'],
    ['channel', { notification_settings: { likes: { fax: true } } }, 'users.notification_settings_invalid'],
  ] as const)('refuses an unknown %s and says where it is (%s, %s)', async (_what, body, code) => {
    const before = await profileOf(ana);
    const answer = await put(ana, body);
    expectProblem(answer, code);
    expect((answer.body as { errors: { path: string }[] }).errors[0]?.path).toMatch(
      /^body\.(privacy|notification)_settings\./,
    );
    expect(await profileOf(ana)).toEqual(before);
  });

  test('knows every privacy setting', async () => {
    const kim = await signUp('kim');
    const audiences = ['message', 'invite', 'call', 'mention', 'comment'].map((what) => [`who_can_${what}`, 'friends']);
    const switches = ['is_private', 'hide_follower_lists', 'hide_presence', 'hide_read_receipts'].map((name) => [
      name,
      true,
    ]);
    const privacy_settings = Object.fromEntries([...audiences, ...switches]);
    expect(ownProfile.parse((await put(kim, { privacy_settings })).body)).toMatchObject({
      is_private: true,
      settings: { privacy_settings },
    });
  });

  test('supabase-js cannot store a wrong setting either', async () => {
    const { error } = await clientOf(ana)
      .from('account_settings')
      .update({ privacy_settings: { admin: true } })
      .eq('user_id', ana.id);
    expect(error).not.toBeNull();
    expect((await profileOf(ana)).settings.privacy_settings).not.toHaveProperty('admin');
  });

  test('replays the stored answer for the same Idempotency-Key', async () => {
    const ida = await signUp('ida');
    const headers = { 'Idempotency-Key': randomUUID() };
    const first = await put(ida, { bio: 'one' }, headers);
    await put(ida, { bio: 'two' });
    const again = await put(ida, { bio: 'one' }, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await profileOf(ida)).bio).toBe('two');
  });

  test('stores a refusal under its Idempotency-Key', async () => {
    const jon = await signUp('jon');
    const headers = { 'Idempotency-Key': randomUUID() };
    expectProblem(await put(jon, { username: ben.username }, headers), 'users.username_taken');
    const again = await put(jon, { username: ben.username }, headers);
    expectProblem(again, 'users.username_taken');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expectProblem(await put(jon, { username: 'other.name' }, headers), 'idempotency.key_reused');
  });
});

describe('GET users/:id', () => {
  test.each(['id', 'username'] as const)('finds a user by %s and shows public facts only', async (by) => {
    const answer = await ask(`users/${ben[by]}`, { token: ana.token });
    expect(answer.status).toBe(200);
    expect(publicProfile.parse(answer.body)).toMatchObject({ id: ben.id, username: ben.username, moved_from: null });
  });

  test('finds a username in any case', async () => {
    const answer = await ask(`users/${ben.username.toUpperCase()}`, { token: ana.token });
    expect(answer.body).toMatchObject({ id: ben.id });
  });

  test('tells how the two stand to each other, and nothing of it to who is not signed in', async () => {
    const lea = await signUp('lea');
    await follow(lea, ben);
    expect(publicProfile.parse((await get(lea, `users/${ben.id}`)).body)).toMatchObject({
      relationship: { is_self: false, follows: true, is_followed: false, is_friend: false, can_view_content: true },
    });
    expect(publicProfile.parse((await get(undefined, `users/${ben.username}`)).body)).toMatchObject({
      id: ben.id,
      relationship: null,
    });
  });

  test('supabase-js reads the same with profile_page', async () => {
    const { moved_from: _, ...page } = publicProfile.parse((await get(ana, `users/${ben.id}`)).body);
    expect((await clientOf(ana).rpc('profile_page', { p_user: ben.id })).data).toEqual(page);
    expect((await clientOf().rpc('profile_page', { p_user: ben.id })).data).toMatchObject({ relationship: null });
    expectRefused(await clientOf(ana).rpc('profile_page', { p_user: randomUUID() }), 'users.not_found', 404);
  });

  test.each([randomUUID(), 'nobody.of.that.name', '%27%20or%201=1', '%25'])(
    'knows no %s (users.not_found)',
    async (id) => {
      expectProblem(await ask(`users/${id}`, { token: ana.token }), 'users.not_found');
    },
  );

  test('refuses an id that is too long (request.invalid)', async () => {
    expectProblem(await ask(`users/${'x'.repeat(65)}`, { token: ana.token }), 'request.invalid');
  });

  test('refuses a bad token, although it needs none (auth.token_invalid)', async () => {
    expectProblem(await ask(`users/${ben.id}`, { token: 'not.a.token' }), 'auth.token_invalid');
  });
});

describe('a username given up', () => {
  let mia: Person;
  let now: string;

  beforeAll(async () => {
    mia = await signUp('mia');
    now = `now${randomUUID().slice(0, 8)}`;
    done(await put(mia, { username: now }));
  });

  test('leads to its owner, who is told by it (moved_from)', async () => {
    expect(publicProfile.parse(done(await get(ana, `users/${mia.username}`)))).toMatchObject({
      ...{ id: mia.id, username: now, moved_from: mia.username },
    });
    expect(done(await post(ana, `users/follow/${mia.username}`))).toEqual({ user_id: mia.id, status: 'following' });
  });

  test('is nobody else’s (users.username_taken)', async () => {
    expectProblem(await put(ana, { username: mia.username }), 'users.username_taken');
  });

  test('a second change within seven days is refused (users.username_changed_lately)', async () => {
    expectProblem(await put(mia, { username: `again${randomUUID().slice(0, 8)}` }), 'users.username_changed_lately');
    expectProblem(await put(mia, { username: mia.username }), 'users.username_changed_lately');
  });
});

describe('GET users/privacy/preview', () => {
  const preview = async (person: Person, is_private: boolean) =>
    privacyPreview.parse(done(await get(person, `users/privacy/preview?is_private=${is_private}`)));

  test('tells what going private and going public would change, and changes nothing', async () => {
    const [nina, fan, late] = await Promise.all([signUp('nina'), signUp('fan'), signUp('late')]);
    await follow(fan, nina);
    const asked = { is_private: false, will_be_private: true, requests_approved: 0, followers_kept: 1 };
    expect(await preview(nina, true)).toMatchObject(asked);
    expect(await preview(nina, true)).toMatchObject(asked);
    await setPrivacy(nina, { is_private: true });
    await follow(late, nina);
    expect(await preview(nina, false)).toMatchObject({
      ...{ is_private: true, will_be_private: false, requests_approved: 1, followers_kept: 1 },
    });
    expect((await profileOf(nina)).followers_count).toBe(1);
  });

  test('wants to know which of the two (request.invalid)', async () => {
    expectProblem(await get(ana, 'users/privacy/preview'), 'request.invalid');
    expectProblem(await get(ana, 'users/privacy/preview?is_private=maybe'), 'request.invalid');
  });
});
