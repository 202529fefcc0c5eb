import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { ask, balanceOf, expectProblem, fund, type Person, signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

let stack: Stack;
let ana: Person;
let ben: Person;

beforeAll(async () => {
  stack = await startStack({
    ...{ name: 'test-faults', portBase: await freePortBase(), reset: true, quiet: true, watch: false },
    settings: NO_RATE_LIMITS,
  });
  // Not REDIS_URL and MONGODB_URL: a stack that is given those does not start its own again.
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL } = stack.env;
  Object.assign(process.env, { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL });
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  await fund(ana, '1000.00');
}, 120_000);

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
}, 60_000);

/** One payment of a cent from Ana to Ben. */
function pay(key: string = randomUUID()) {
  return ask('wallet/transaction', {
    token: ana.token,
    headers: { 'Idempotency-Key': key },
    body: { recipient: ben.username, amount: '0.01', currency: 'USD' },
  });
}

test('without Postgres a request is answered 503 with Retry-After, and the same functions go on when it is back', async () => {
  const before = await balanceOf(ben);
  await stack.pause('postgres');
  const key = randomUUID();
  const refused = await pay(key);
  expectProblem(refused, 'service.database_unavailable');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

  await stack.resume('postgres');
  const booked = await eventually('the same request is booked', async () => {
    const answer = await pay(key);
    return answer.status === 201 && answer;
  });
  expect((await pay(key)).body).toEqual(booked.body);
  expect(Number(await balanceOf(ben)) - Number(before)).toBeCloseTo(0.01, 5);
});

test('without Redis requests go on, under a rate limit of the process', async () => {
  await stack.pause('redis');
  const answer = await pay();
  expect(answer.status).toBe(201);
  expect(answer.headers.get('ratelimit')).toBeTruthy();
  await stack.resume('redis');
  expect((await pay()).status).toBe(201);
});

test('without Redis a session that was ended is refused all the same (auth.session_revoked)', async () => {
  const person = await signUp('gone');
  await stack.pause('redis');
  expect((await ask('auth/logout', { method: 'POST', token: person.token, body: {} })).status).toBeLessThan(300);
  expectProblem(await ask('wallet', { token: person.token }), 'auth.session_revoked');
  await stack.resume('redis');
});

test('without MongoDB payments go on, their events wait, and all of them arrive once when it is back', async () => {
  await stack.pause('mongodb');
  const ids: string[] = [];
  for (let payment = 0; payment < 20; payment += 1) ids.push(((await pay()).body as { id: string }).id);
  await stack.resume('mongodb');

  await using mongo = await new MongoClient(stack.env.MONGODB_URL ?? '').connect();
  const mine = { 'payload.transfer_id': { $in: ids } };
  await eventually(
    'all events are there',
    async () => (await mongo.db().collection('events').countDocuments(mine)) === 20,
    {
      deadline_ms: 60_000,
    },
  );
});

test('killed in the middle of payments, functions come back, and each payment counts at most once', async () => {
  const before = await balanceOf(ben);
  const keys = Array.from({ length: 40 }, () => randomUUID());
  const sent = Promise.all(keys.map((key) => pay(key).catch(() => null)));
  await stack.pause('functions');
  await stack.resume('functions');
  await sent;
  // A client that does not know the outcome repeats its request; whatever happened before, each key books once.
  for (const key of keys) await eventually('the payment is booked', async () => (await pay(key)).status === 201);
  expect(Number(await balanceOf(ben)) - Number(before)).toBeCloseTo(0.4, 5);
});
