import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { problemSchema } from '../../../contracts/api/common.ts';
import { ERRORS, type ErrorCode } from '../../../contracts/errors.ts';
import { createApp as createUsers } from '../../../functions/users/app.ts';
import { createApp } from '../../../functions/wallet/app.ts';
import { answeringDatabase, depsFor, failingDatabase, postgresError, SECRET } from './fakes.ts';

const token = await new SignJWT({ session_id: crypto.randomUUID(), role: 'authenticated' })
  .setProtectedHeader({ alg: 'HS256' })
  .setSubject(crypto.randomUUID())
  .setAudience('authenticated')
  .setExpirationTime('1h')
  .sign(new TextEncoder().encode(SECRET));
const authorization = `Bearer ${token}`;

/** What GET wallet answers when the database throws this. */
async function answerTo(error: Error) {
  await using deps = depsFor({}, { db: failingDatabase(() => error) });
  const response = await createApp(deps).request('/wallet', { headers: { authorization } });
  return { response, text: await response.text(), lines: deps.lines };
}

describe('failures of Postgres', () => {
  test.each([
    [
      'app_hidden.fail',
      postgresError('PT402', { message: 'Too little.', detail: 'wallet.insufficient_funds', hint: 'Less.' }),
      'wallet.insufficient_funds',
    ],
    ['a shutdown', postgresError('57P01'), 'service.database_unavailable'],
    ['a start', postgresError('57P03'), 'service.database_unavailable'],
    ['too many connections', postgresError('53300'), 'service.database_unavailable'],
    [
      'a refused connection',
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      'service.database_unavailable',
    ],
    ['a broken connection', new Error('Connection terminated unexpectedly'), 'service.database_unavailable'],
    ['a full pool', new Error('timeout exceeded when trying to connect'), 'service.database_unavailable'],
    ['a silent server', new Error('Query read timeout'), 'service.database_timeout'],
    ['a statement timeout', postgresError('57014'), 'service.database_timeout'],
    ['a deadlock that stays', postgresError('40P01'), 'service.busy'],
    ['a serialization failure that stays', postgresError('40001'), 'service.busy'],
    ['a missing grant', postgresError('42501'), 'auth.forbidden'],
    ['a bad value', postgresError('22P02'), 'request.unprocessable'],
    ['a check constraint', postgresError('23514'), 'request.unprocessable'],
    [
      'a mistake of ours',
      postgresError('42P01', { message: 'relation "secret_table" does not exist' }),
      'internal.unexpected',
    ],
    ['anything else', new TypeError('x is not a function'), 'internal.unexpected'],
  ] as const)('%s becomes %3$s', async (_what, error, code) => {
    const { response, text } = await answerTo(error);
    const body = JSON.parse(text) as { code: ErrorCode; instance: string };
    expect([response.status, body.code]).toEqual([ERRORS[code].status, code]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(body.instance).toBe(response.headers.get('x-request-id'));
    expect(response.headers.has('retry-after')).toBe([429, 503].includes(response.status));
    expect(text).not.toMatch(/secret_table|internal words|not a function/);
  });

  test('the words of app_hidden.fail reach the client', async () => {
    const error = postgresError('PT422', {
      message: 'Too many decimals.',
      detail: 'wallet.amount_scale',
      hint: 'Round it.',
    });
    const { text } = await answerTo(error);
    expect(JSON.parse(text)).toMatchObject({ status: 422, detail: 'Too many decimals.', hint: 'Round it.' });
  });

  test('a refusal of SQL that this build does not know keeps its status and code', async () => {
    const { text } = await answerTo(
      postgresError('PT409', { message: 'New.', detail: 'wallet.brand_new', hint: 'Look.' }),
    );
    expect(JSON.parse(text)).toMatchObject({ status: 409, code: 'wallet.brand_new', detail: 'New.', hint: 'Look.' });
  });

  test('a limit that the database counts says when to come again', async () => {
    const { response } = await answerTo(
      postgresError('PT429', { message: 'Too fast.', detail: 'media.too_many_uploads', hint: 'Wait.' }),
    );
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
  });

  test('an unexpected error is logged whole under the id that the client got', async () => {
    const { response, lines } = await answerTo(new TypeError('x is not a function'));
    const logged = lines.map((line) => JSON.parse(line)).find(({ level }) => level === 'error');
    expect(logged.request_id).toBe(response.headers.get('x-request-id'));
    expect(logged.error.message).toBe('x is not a function');
  });
});

describe('without anything behind', () => {
  test('a database that nobody listens for is answered in bounded time (service.database_unavailable)', async () => {
    await using deps = depsFor();
    const response = await createApp(deps).request('/wallet', { headers: { authorization } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  });

  test('health answers without a database', async () => {
    await using deps = depsFor();
    const response = await createApp(deps).request('/wallet/health');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('a Redis that nobody listens for does not stop requests', async () => {
    const db = answeringDatabase(() => [{ currency: 'USD' }]);
    await using deps = depsFor({ REDIS_URL: 'redis://127.0.0.1:9' }, { db });
    const app = createApp(deps);
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await app.request('/wallet', { headers: { authorization } })).status);
    expect(statuses).toEqual([200, 200, 200]);
  });
});

test('a refusal that names its parts reaches the client with them', async () => {
  const errors = [{ path: 'body.transfers.1', code: 'wallet.blocked', message: 'Not these two.' }];
  const body = { code: 'wallet.batch_refused', detail: 'Transfer 1 was refused.', hint: 'Leave it out.', errors };
  await using deps = depsFor({}, { db: answeringDatabase(() => [{ replayed: false, status: 422, body }]) });
  const response = await createApp(deps).request('/wallet/batch', {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ mode: 'atomic', transfers: [{ recipient: 'ben', amount: '1' }] }),
  });
  expect(problemSchema.parse(await response.json())).toMatchObject({ status: 422, ...body });
});

describe('the access log', () => {
  test('has one line a request and none of its secrets', async () => {
    await using deps = depsFor({}, { db: answeringDatabase(() => []) });
    await createUsers(deps).request('/users/profile?token=secret-in-query', {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"bio":"secret-in-body","x":1}',
    });
    const [line = '', ...more] = deps.lines;
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      domain: 'users',
      method: 'PUT',
      path: '/users/profile',
      status: 400,
    });
    expect(line).not.toMatch(/secret-in|eyJ/);
  });
});
