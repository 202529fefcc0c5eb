import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, expectProblem, type Person, signUp } from '../support/api.ts';

let ana: Person;

beforeAll(async () => {
  ana = await signUp('ana');
});

const DOMAINS = ['auth', 'users', 'follows', 'groups', 'wallet'] as const;

describe('bodies', () => {
  const post = (raw: string | Uint8Array, headers: Record<string, string> = {}) =>
    ask('wallet/transaction', { method: 'POST', token: ana.token, raw, headers });

  test.each(['{', '{"amount": }', "{'amount':'1'}", 'amount=1', '{"a":1}{"b":2}', 'NaN'])(
    'refuses the body %j (request.malformed_json)',
    async (raw) => {
      expectProblem(await post(raw), 'request.malformed_json');
    },
  );

  test('refuses bytes that are not UTF-8 (request.malformed_json)', async () => {
    expectProblem(await post(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), 'request.malformed_json');
  });

  test.each(['[]', '"text"', 'null', '1', 'true'])('refuses %s instead of an object (request.invalid)', async (raw) => {
    expectProblem(await post(raw), 'request.invalid');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'refuses the type %s (request.unsupported_media_type)',
    async (type) => {
      expectProblem(await post('{"amount":"1"}', { 'content-type': type }), 'request.unsupported_media_type');
    },
  );

  test('accepts a charset beside application/json', async () => {
    const answer = await post('{}', { 'content-type': 'application/json; charset=utf-8' });
    expectProblem(answer, 'request.invalid');
  });

  test('refuses more than 64 KiB (request.too_large)', async () => {
    expectProblem(await post(JSON.stringify({ amount: 'x'.repeat(70_000) })), 'request.too_large');
  });

  test('names each bad field by its path', async () => {
    const answer = await post('{"amount":1,"extra":2}');
    const { errors } = answer.body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).sort()).toEqual(['body.amount', 'body.extra', 'body.recipient']);
  });
});

describe('paths', () => {
  test.each(DOMAINS)('%s/health answers without a token', async (domain) => {
    const answer = await ask(`${domain}/health`);
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  });

  test.each(['wallet/nothing', 'auth/nothing', 'wallet/transactions/1/2', 'auth/login/x'])(
    'knows nothing at %s (request.not_found)',
    async (path) => {
      expectProblem(await ask(path, { token: ana.token }), 'request.not_found');
    },
  );

  test.each([
    ['GET', 'auth/login', 'POST'],
    ['DELETE', 'wallet', 'GET, HEAD'],
    ['PATCH', 'users/profile', 'GET, HEAD, PUT'],
    ['PUT', 'wallet/transaction', 'POST'],
    ['GET', `auth/sessions/${randomUUID()}`, 'DELETE'],
  ])('refuses %s %s and says what is allowed (request.method_not_allowed)', async (method, path, allow) => {
    const answer = await ask(path, { method, token: ana.token });
    expectProblem(answer, 'request.method_not_allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('headers', () => {
  test('keeps a sane X-Request-Id and replaces any other', async () => {
    const id = randomUUID();
    const kept = await ask('wallet', { headers: { 'X-Request-Id': id } });
    expect(kept.headers.get('x-request-id')).toBe(id);
    const replaced = await ask('wallet', { headers: { 'X-Request-Id': 'a b"{}' } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('tells the limits and lets browsers read them', async () => {
    const answer = await ask('wallet', { token: ana.token, headers: { origin: 'https://app.example.com' } });
    expect(answer.headers.get('ratelimit-policy')).toMatch(/^"user";q=\d+;w=\d+, "ip";q=\d+;w=\d+$/);
    expect(answer.headers.get('ratelimit')).toMatch(/^"user";r=\d+;t=\d+, "ip";r=\d+;t=\d+$/);
    expect(answer.headers.get('access-control-allow-origin')).toBeTruthy();
    expect(answer.headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed');
  });

  test('tells its time and lets browsers read it', async () => {
    const answer = await ask('wallet', { token: ana.token, headers: { origin: 'https://app.example.com' } });
    expect(Date.parse(answer.headers.get('date') ?? '')).toBeGreaterThan(0);
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/(?:^|, )Date(?:,|$)/);
  });

  test('answers a preflight for Idempotency-Key', async () => {
    const answer = await ask('wallet/transaction', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, idempotency-key, content-type',
      },
    });
    expect(answer.status).toBeLessThan(300);
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('idempotency-key');
  });

  test('never lets an answer be cached by others', async () => {
    expect((await ask('wallet', { token: ana.token })).headers.get('cache-control')).toContain('no-store');
  });
});
