import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ownProfile, publicProfile } from '../../contracts/api/users.ts';
import { ask, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';

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
    });
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
    ['an unknown privacy setting', { privacy_settings: { admin: true } }],
    ['a wrong value of a privacy setting', { privacy_settings: { who_can_message: 'aliens' } }],
    ['JSON that is nested too deep', { business_info: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }],
  ])('refuses %s and changes nothing (request.invalid)', async (_what, body) => {
    const before = await profileOf(ana);
    expectProblem(await put(ana, body), 'request.invalid');
    expect(await profileOf(ana)).toEqual(before);
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
    expect(publicProfile.parse(answer.body)).toMatchObject({ id: ben.id, username: ben.username });
  });

  test('finds a username in any case', async () => {
    const answer = await ask(`users/${ben.username.toUpperCase()}`, { token: ana.token });
    expect(answer.body).toMatchObject({ id: ben.id });
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
});
