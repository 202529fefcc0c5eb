import { describe, expect, test } from 'vitest';
import { authResponse } from '../../contracts/api/auth.ts';
import { ask, asOperator, expectProblem, type Person, signInAgain, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const NEW_PASSWORD = 'a completely different sentence';

/**
 * Asks for a reset mail and reads the hashed token of its link where Auth keeps it; the mail itself has its own tests.
 * The answer does not wait for Auth, so the token may come a moment later.
 */
async function askForReset({ email, id }: Person): Promise<string> {
  const answer = await ask('auth/forgot-password', { body: { email } });
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: { status: 'accepted' } });
  return await eventually(`Auth has made a reset token for ${email}`, async () => {
    const [row] = await asOperator<{ recovery_token: string | null }>(
      'select recovery_token from auth.users where id = $1',
      [id],
    );
    return row?.recovery_token || undefined;
  });
}

describe('POST auth/forgot-password', () => {
  test('answers an unknown address exactly like a known one', async () => {
    const person = await signUp();
    const known = await ask('auth/forgot-password', { body: { email: person.email } });
    const unknown = await ask('auth/forgot-password', { body: { email: `nobody.${person.email}` } });
    expect([known.status, unknown.status]).toEqual([202, 202]);
    expect(unknown.body).toEqual(known.body);
  });

  test('limits mails to one address (rate_limit.exceeded)', async () => {
    const { email } = await signUp();
    const answers = [];
    for (let i = 0; i < 6; i += 1) answers.push(await ask('auth/forgot-password', { body: { email } }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 429]);
  });
});

describe('POST auth/reset-password', () => {
  test('with token_hash sets the password, signs in, and signs everybody else out', async () => {
    const person = await signUp();
    const token_hash = await askForReset(person);
    const answer = await ask('auth/reset-password', { body: { token_hash, password: NEW_PASSWORD } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { user, session } = authResponse.parse(answer.body);
    expect(user).toMatchObject({ id: person.id, email: person.email, username: person.username });
    expect((await ask('wallet', { token: session?.access_token })).status).toBe(200);
    expectProblem(await ask('wallet', { token: person.token }), 'auth.session_revoked');
    const old = await ask('auth/login', { body: { email: person.email, password: person.password } });
    expectProblem(old, 'auth.invalid_credentials');
    await signInAgain({ ...person, password: NEW_PASSWORD });
  });

  test('refuses the same proof twice (auth.reset_token_invalid)', async () => {
    const person = await signUp();
    const token_hash = await askForReset(person);
    const body = { token_hash, password: NEW_PASSWORD };
    expect((await ask('auth/reset-password', { body })).status).toBe(200);
    expectProblem(await ask('auth/reset-password', { body }), 'auth.reset_token_invalid');
  });

  test('with access_token sets the password of that session’s user', async () => {
    const person = await signUp();
    const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
    const verified = await fetch(`${SUPABASE_URL}/auth/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', apikey: SUPABASE_PUBLISHABLE_KEY },
      body: JSON.stringify({ type: 'recovery', token_hash: await askForReset(person) }),
    });
    const { access_token } = (await verified.json()) as { access_token: string };
    const answer = await ask('auth/reset-password', { body: { access_token, password: NEW_PASSWORD } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(authResponse.parse(answer.body)).toMatchObject({ user: { id: person.id }, session: null });
    expectProblem(await ask('wallet', { token: person.token }), 'auth.session_revoked');
    expect((await ask('wallet', { token: access_token })).status).toBe(200);
    await signInAgain({ ...person, password: NEW_PASSWORD });
  });

  test.each([
    ['a made-up token_hash', { token_hash: 'f'.repeat(56) }],
    ['a made-up code', { email: 'nobody@example.com', code: '123456' }],
    ['a made-up access token', { access_token: 'x.y.z' }],
  ])('refuses %s (auth.reset_token_invalid)', async (_what, proof) => {
    const answer = await ask('auth/reset-password', { body: { ...proof, password: NEW_PASSWORD } });
    expectProblem(answer, 'auth.reset_token_invalid');
  });

  test('refuses the password that is already set (auth.same_password)', async () => {
    const person = await signUp();
    const body = { token_hash: await askForReset(person), password: person.password };
    expectProblem(await ask('auth/reset-password', { body }), 'auth.same_password');
  });

  test.each([
    ['no proof', {}],
    ['two proofs', { token_hash: 'a', access_token: 'b' }],
    ['a code without its address', { code: '123456' }],
    ['an address without its code', { email: 'ana@example.com', token_hash: 'a' }],
    ['a code that is not digits', { email: 'ana@example.com', code: 'abcdef' }],
    ['a short password', { token_hash: 'a', password: 'short' }],
  ])('refuses %s (request.invalid)', async (_what, body) => {
    expectProblem(await ask('auth/reset-password', { body: { password: NEW_PASSWORD, ...body } }), 'request.invalid');
  });
});

test.skipIf(testEnvironment().MAIL_URL === undefined)(
  'the six digits in the mail reset the password, once',
  async () => {
    const person = await signUp();
    await askForReset(person);
    const code = await eventually('the reset mail is in the inbox', () => codeMailedTo(person.email));
    const body = { email: person.email, code, password: NEW_PASSWORD };
    const answer = await ask('auth/reset-password', { body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(authResponse.parse(answer.body)).toMatchObject({ user: { id: person.id } });
    expectProblem(await ask('auth/reset-password', { body }), 'auth.reset_token_invalid');
    await signInAgain({ ...person, password: NEW_PASSWORD });
  },
);

/** The code in the newest mail to an address, read from the local stack's inbox. */
async function codeMailedTo(email: string): Promise<string | undefined> {
  const { MAIL_URL } = testEnvironment();
  const list = await fetch(`${MAIL_URL}/api/messages?to=${encodeURIComponent(email)}`);
  const [newest] = ((await list.json()) as { data: { id: string }[] }).data;
  if (newest === undefined) return undefined;
  const { html } = (await (await fetch(`${MAIL_URL}/api/messages/${newest.id}`)).json()) as { html: string };
  return />(\d{6})</.exec(html)?.[1];
}
