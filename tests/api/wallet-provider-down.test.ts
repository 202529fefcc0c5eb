import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { depositSchema, linkedAccountSchema, linkedAccountsPage } from '../../contracts/api/wallet-payments.ts';
import { createDeps, type Deps } from '../../functions/_shared/deps.ts';
import { createLogger } from '../../functions/_shared/log.ts';
import { createApp } from '../../functions/wallet/app.ts';
import { type Answer, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { askProvider, bankToken, bodyOf, get } from '../support/wallet-api.ts';

/** What becomes of a call to the provider: it goes through, never arrives, or arrives and its answer is lost. */
type Line = 'up' | 'down' | 'answer_lost';

let line: Line;
let deps: Deps;
let app: ReturnType<typeof createApp>;
let ana: Person;

beforeAll(async () => {
  const { PAYMENTS_FAKE_URL } = testEnvironment();
  const throughLine: typeof fetch = async (input, init) => {
    const isProvider = String(input).startsWith(PAYMENTS_FAKE_URL ?? '-');
    if (isProvider && line === 'down') throw new TypeError('connect ECONNREFUSED');
    const response = await fetch(input, init);
    if (!isProvider || line === 'up') return response;
    await response.body?.cancel();
    throw new TypeError('socket hang up');
  };
  // The function in this process, on the database and the provider of the stack, with a line that can be cut.
  deps = createDeps(process.env, { fetch: throughLine, logger: createLogger('silent', Date.now) });
  app = createApp(deps);
  ana = await signUp('ana');
});

afterAll(() => deps[Symbol.asyncDispose]());

async function post(path: string, body: unknown, key: string, onLine: Line): Promise<Answer> {
  line = onLine;
  const headers = {
    authorization: `Bearer ${ana.token}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  const response = await app.request(`/wallet/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const depositsAtProvider = async (id: string) =>
  (await askProvider<{ data: unknown[] }>(`/v1/deposits?reference=${id}`)).data.length;

describe.each(['down', 'answer_lost'] as const)('while the line to the provider is %s', (broken) => {
  test('a deposit waits, and the same key completes it: one deposit, one checkout (provider.unavailable)', async () => {
    const key = randomUUID();
    const failed = await post('deposits', { amount: '7.00' }, key, broken);
    expectProblem(failed, 'provider.unavailable');
    expect(failed.headers.get('retry-after')).not.toBeNull();
    const opened = depositSchema.parse(bodyOf(await post('deposits', { amount: '7.00' }, key, 'up'), 201));
    expect(opened).toMatchObject({ amount: '7.00', state: 'pending', checkout: { url: expect.any(String) } });
    // Kept by now: nobody is asked any more.
    expect(bodyOf(await post('deposits', { amount: '7.00' }, key, 'down'), 201)).toEqual(opened);
    expect(await depositsAtProvider(opened.id)).toBe(1);
    const rows = await asOperator('select 1 from ledger.deposits where owner = $1 and id <> $2 and checkout is null', [
      ...[ana.id, opened.id],
    ]);
    expect(rows).toEqual([]);
    expectProblem(await post('deposits', { amount: '8.00' }, key, 'up'), 'idempotency.key_reused');
  });

  test('an account is not linked, and the same key links it once (provider.unavailable)', async () => {
    const [key, body] = [randomUUID(), { token: await bankToken('4321') }];
    expectProblem(await post('linked-accounts', body, key, broken), 'provider.unavailable');
    const account = linkedAccountSchema.parse(bodyOf(await post('linked-accounts', body, key, 'up'), 201));
    expect(bodyOf(await post('linked-accounts', body, key, 'down'), 201)).toEqual(account);
    const { data } = linkedAccountsPage.parse(bodyOf(await get(ana, 'linked-accounts'), 200));
    expect(data.filter(({ id }) => id === account.id)).toHaveLength(1);
    expect(data.filter(({ created_at }) => created_at > account.created_at)).toEqual([]);
  });
});

test('a key of another request is refused before the provider is asked (idempotency.key_reused)', async () => {
  const [key, token] = [randomUUID(), await bankToken()];
  bodyOf(await post('linked-accounts', { token: await bankToken() }, key, 'up'), 201);
  expectProblem(await post('linked-accounts', { token }, key, 'up'), 'idempotency.key_reused');
  // The token was not spent.
  bodyOf(await post('linked-accounts', { token }, randomUUID(), 'up'), 201);
});

test('without a provider, deposits and accounts are switched off and the rest works (provider.not_configured)', async () => {
  const env = { ...process.env, PAYMENTS_PROVIDER: 'none', PAYMENTS_FAKE_URL: '' };
  await using without = createDeps(env, { logger: createLogger('silent', Date.now) });
  const other = createApp(without);
  const headers = { authorization: `Bearer ${ana.token}`, 'content-type': 'application/json' };
  const codeOf = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await other.request(`/wallet/${path}`, { headers, ...init });
    return response.status === 200 ? 200 : ((await response.json()) as { code: string }).code;
  };
  expect(await codeOf('deposits', { amount: '1.00' })).toBe('provider.not_configured');
  expect(await codeOf('linked-accounts', { token: 'tok_x' })).toBe('provider.not_configured');
  expect(await codeOf('webhooks/fake', {})).toBe('request.not_found');
  expect(await codeOf('linked-accounts')).toBe(200);
});
