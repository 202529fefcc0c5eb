import { createHmac, randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, test } from 'vitest';
import { authResponse, sessionsResponse } from '../../contracts/api/auth.ts';
import { ask, asOperator, expectProblem, sessionIdOf, signInAgain, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';

const PASSWORD = 'correct horse battery staple';

/** A fresh body for register. */
function registration(over: Record<string, unknown> = {}) {
  const username = `reg${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  return { email: `${username}@example.com`, password: PASSWORD, username, full_name: 'Reg Ister', ...over };
}

describe('POST auth/register', () => {
  test('makes the user, the profile and a session that works at once', async () => {
    const body = registration();
    const answer = await ask('auth/register', { body });
    expect(answer.status).toBe(201);
    const { user, session } = authResponse.parse(answer.body);
    expect(user).toMatchObject({ email: body.email, username: body.username, full_name: 'Reg Ister' });
    expect((await ask('wallet', { token: session?.access_token })).status).toBe(200);
  });

  test('refuses a second account with the same email, in any case (auth.email_taken)', async () => {
    const first = await signUp();
    const email = first.email.toUpperCase();
    expectProblem(await ask('auth/register', { body: registration({ email }) }), 'auth.email_taken');
  });

  test('refuses a taken username and makes no account (users.username_taken)', async () => {
    const first = await signUp();
    const body = registration({ username: first.username.toUpperCase() });
    expectProblem(await ask('auth/register', { body }), 'users.username_taken');
    expect(await asOperator('select id from auth.users where email = $1', [body.email])).toEqual([]);
  });

  test('refuses a reserved username (users.username_reserved)', async () => {
    expectProblem(await ask('auth/register', { body: registration({ username: 'admin' }) }), 'users.username_reserved');
  });

  test.each(['ab', 'a'.repeat(31), '.dot', 'has space', 'naïve', "x' or 1=1"])(
    'refuses the username %j (users.username_invalid)',
    async (username) => {
      expectProblem(await ask('auth/register', { body: registration({ username }) }), 'users.username_invalid');
    },
  );

  test.each([
    ['an address without a domain', { email: 'ana@' }],
    ['a number as email', { email: 5 }],
    ['a password that is too short', { password: 'short' }],
    ['a password over 72 bytes', { password: 'ä'.repeat(40) }],
    ['no password', { password: undefined }],
    ['an unknown field', { role: 'service_role' }],
    ['a name that is too long', { full_name: 'x'.repeat(101) }],
  ])('refuses %s (request.invalid)', async (_what, over) => {
    expectProblem(await ask('auth/register', { body: registration(over) }), 'request.invalid');
  });
});

describe('POST auth/login', () => {
  test('gives tokens that the functions and supabase-js accept', async () => {
    const person = await signUp();
    const answer = await ask('auth/login', { body: { email: person.email, password: person.password } });
    expect(answer.status).toBe(200);
    const { user, session } = authResponse.parse(answer.body);
    expect(user.id).toBe(person.id);
    const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
    const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } });
    const { error } = await client.auth.setSession({
      access_token: session?.access_token ?? '',
      refresh_token: session?.refresh_token ?? '',
    });
    expect(error).toBeNull();
  });

  test('answers a wrong password and an unknown address alike (auth.invalid_credentials)', async () => {
    const { email } = await signUp();
    const wrong = await ask('auth/login', { body: { email, password: 'not the password' } });
    const unknown = await ask('auth/login', { body: { email: `x${email}`, password: 'not the password' } });
    expectProblem(wrong, 'auth.invalid_credentials');
    expectProblem(unknown, 'auth.invalid_credentials');
    const withoutInstance = ({ body }: typeof wrong) => ({ ...(body as object), instance: '' });
    expect(withoutInstance(unknown)).toEqual(withoutInstance(wrong));
  });

  test('limits guesses at one account (rate_limit.exceeded)', async () => {
    const email = `guess${randomUUID()}@example.com`;
    const guess = () => ask('auth/login', { body: { email, password: 'guess' } });
    const answers = await Promise.all(Array.from({ length: 15 }, guess));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    for (const answer of refused) {
      expectProblem(answer, 'rate_limit.exceeded');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('ratelimit')).toMatch(/^"login";r=0;t=\d+, "ip";r=\d+;t=\d+$/);
      expect(answer.headers.get('ratelimit-policy')).toMatch(/^"login";q=10;w=60, /);
    }
  });
});

describe('POST auth/refresh', () => {
  test('gives new tokens for the same session', async () => {
    const person = await signUp();
    const answer = await ask('auth/refresh', { body: { refresh_token: person.refresh_token } });
    expect(answer.status).toBe(200);
    const { session } = authResponse.parse(answer.body);
    expect(session?.refresh_token).not.toBe(person.refresh_token);
    expect(sessionIdOf(session?.access_token ?? '')).toBe(sessionIdOf(person.token));
  });

  test.each(['nonsense', randomUUID(), 'a'.repeat(22)])('refuses %j (auth.refresh_token_invalid)', async (token) => {
    expectProblem(await ask('auth/refresh', { body: { refresh_token: token } }), 'auth.refresh_token_invalid');
  });

  test('refuses the refresh token of a signed-out session (auth.refresh_token_invalid)', async () => {
    const person = await signUp();
    expect((await ask('auth/logout', { method: 'POST', token: person.token })).status).toBe(204);
    const answer = await ask('auth/refresh', { body: { refresh_token: person.refresh_token } });
    expectProblem(answer, 'auth.refresh_token_invalid');
  });
});

describe('POST auth/logout', () => {
  test('makes the access token useless at once, without a body (auth.session_revoked)', async () => {
    const person = await signUp();
    const other = await signInAgain(person);
    expect((await ask('auth/logout', { method: 'POST', token: person.token })).status).toBe(204);
    expectProblem(await ask('wallet', { token: person.token }), 'auth.session_revoked');
    expectProblem(await ask('users/profile', { token: person.token }), 'auth.session_revoked');
    expect((await ask('wallet', { token: other.token })).status).toBe(200);
  });

  test('with scope others ends all sessions but this one', async () => {
    const person = await signUp();
    const other = await signInAgain(person);
    expect((await ask('auth/logout', { token: person.token, body: { scope: 'others' } })).status).toBe(204);
    expectProblem(await ask('wallet', { token: other.token }), 'auth.session_revoked');
    expect((await ask('wallet', { token: person.token })).status).toBe(200);
  });

  test('with scope global ends all sessions', async () => {
    const person = await signUp();
    const other = await signInAgain(person);
    expect((await ask('auth/logout', { token: person.token, body: { scope: 'global' } })).status).toBe(204);
    expectProblem(await ask('wallet', { token: other.token }), 'auth.session_revoked');
    expectProblem(await ask('wallet', { token: person.token }), 'auth.session_revoked');
  });

  test('refuses an unknown scope (request.invalid)', async () => {
    const { token } = await signUp();
    expectProblem(await ask('auth/logout', { token, body: { scope: 'all' } }), 'request.invalid');
  });
});

describe('auth/sessions', () => {
  test('lists the sessions and marks the one that asks', async () => {
    const person = await signUp();
    const other = await signInAgain(person);
    const answer = await ask('auth/sessions', { token: other.token });
    const { data } = sessionsResponse.parse(answer.body);
    expect(new Map(data.map(({ id, current }) => [id, current]))).toEqual(
      new Map([
        [sessionIdOf(person.token), false],
        [sessionIdOf(other.token), true],
      ]),
    );
  });

  test('DELETE ends another session at once (auth.session_revoked)', async () => {
    const person = await signUp();
    const other = await signInAgain(person);
    const path = `auth/sessions/${sessionIdOf(other.token)}`;
    expect((await ask(path, { method: 'DELETE', token: person.token })).status).toBe(204);
    expectProblem(await ask('wallet', { token: other.token }), 'auth.session_revoked');
    expectProblem(await ask(path, { method: 'DELETE', token: person.token }), 'auth.session_not_found');
  });

  test('DELETE refuses a foreign session, which goes on (auth.session_not_found)', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    const path = `auth/sessions/${sessionIdOf(ben.token)}`;
    expectProblem(await ask(path, { method: 'DELETE', token: ana.token }), 'auth.session_not_found');
    expect((await ask('wallet', { token: ben.token })).status).toBe(200);
  });

  test('DELETE refuses an id that is not a UUID (request.invalid)', async () => {
    const { token } = await signUp();
    expectProblem(await ask('auth/sessions/1', { method: 'DELETE', token }), 'request.invalid');
  });
});

describe('a session that Postgres alone knows to be gone', () => {
  test('is refused although Redis was never told (auth.session_revoked)', async () => {
    const person = await signUp();
    await asOperator('select app_private.revoke_session($1, $2)', [person.id, sessionIdOf(person.token)]);
    expectProblem(await ask('wallet', { token: person.token }), 'auth.session_revoked');
    const body = { recipient: 'somebody', amount: '1.00' };
    expectProblem(await ask('wallet/transaction', { token: person.token, body }), 'auth.session_revoked');
    expectProblem(
      await ask('users/profile', { method: 'PUT', token: person.token, body: { bio: 'x' } }),
      'auth.session_revoked',
    );
  });
});

describe('tokens', () => {
  const forged = (header: object, payload: object, key: string) => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode(header)}.${encode(payload)}`;
    return `${unsigned}.${createHmac('sha256', key).update(unsigned).digest('base64url')}`;
  };
  const payload = {
    sub: randomUUID(),
    session_id: randomUUID(),
    role: 'authenticated',
    aud: 'authenticated',
    exp: Math.floor(Date.now() / 1000) + 3600,
  };

  test.each([
    ['no token', undefined, 'auth.required'],
    ['the publishable key', 'sb_publishable_x', 'auth.required'],
    ['garbage', 'garbage', 'auth.token_invalid'],
    [
      'a token signed with another key',
      forged({ alg: 'HS256' }, payload, 'not the secret of this project'),
      'auth.token_invalid',
    ],
    [
      'a token with alg none',
      `${forged({ alg: 'none' }, payload, 'x').split('.').slice(0, 2).join('.')}.`,
      'auth.token_invalid',
    ],
  ] as const)('refuses %s and says how to authenticate (%3$s)', async (_what, token, code) => {
    for (const path of ['wallet', 'wallet/transactions', 'users/profile', 'follows/requests', 'auth/sessions']) {
      const answer = await ask(path, { token });
      expectProblem(answer, code);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('refuses a token whose payload was changed (auth.token_invalid)', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    const [header, , signature] = ana.token.split('.');
    const stolen = [header, ben.token.split('.')[1], signature].join('.');
    expectProblem(await ask('wallet', { token: stolen }), 'auth.token_invalid');
  });
});
