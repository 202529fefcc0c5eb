import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { eventually } from '../tests/support/eventually.ts';
import { type BenchEnvironment, startBenchStack } from './support/bench-stack.ts';
import { type LoadShape, type Measurement, measureHttp } from './support/load.ts';
import { measureSql } from './support/loop.ts';
import { makePeople, type Person, twoOf } from './support/people.ts';
import { report } from './support/report.ts';

/** Enough that two payments at the same time rarely meet at one wallet. */
const PEOPLE = 1_000;
const SHAPE: LoadShape = { connections: 16, seconds: Number(process.env['BENCH_SECONDS'] ?? 10) };

const READ_SQL = 'select user_id, currency, balance, pending_balance, total_earnings from public.wallet';

/**
 * The base figures: a health call, an authenticated read under row-level security through REST and through a function, and a
 * transfer, each beside the same SQL on the same database in the same run.
 */
export async function runBaseSuite(): Promise<void> {
  await using stack = await startBenchStack();
  const people = await makePeople(stack.env, PEOPLE);
  await outboxDrained(stack.env);
  const measurements = [...(await measureReads(stack.env, people)), ...(await measureTransfers(stack.env, people))];
  await report('base', measurements, [
    { name: 'read through REST / SQL', of: 'read: REST', against: 'read: SQL as the user' },
    { name: 'read through a function / SQL', of: 'read: function', against: 'read: SQL as the user' },
    { name: 'transfer through a function / SQL', of: 'transfer: function', against: 'transfer: SQL' },
    {
      name: 'transfer / health, both through a function',
      of: 'transfer: function',
      against: 'health through a function',
    },
  ]);
}

const headersOf = (env: BenchEnvironment, { token }: Person) => ({
  apikey: env.SUPABASE_PUBLISHABLE_KEY,
  authorization: `Bearer ${token}`,
});

/** One SQL statement, REST and a function, each reading somebody's own wallet; before them a call that reads nothing. */
async function measureReads(env: BenchEnvironment, people: readonly Person[]): Promise<Measurement[]> {
  const pick = () => people[Math.floor(Math.random() * people.length)] as Person;
  const reader = pick();
  const claims = JSON.stringify({ sub: reader.id, role: 'authenticated' });
  return [
    await measureHttp(
      'health through a function',
      env.SUPABASE_URL,
      () => ({ method: 'GET', path: '/functions/v1/wallet/health', headers: {} }),
      SHAPE,
    ),
    await measureSql(
      'read: SQL as the user',
      env.SUPABASE_DB_URL,
      {
        prepare: `select set_config('request.jwt.claims', '${claims}', false); set role authenticated`,
        text: READ_SQL,
        values: () => [],
      },
      SHAPE,
    ),
    await measureHttp(
      'read: REST',
      env.SUPABASE_URL,
      () => ({
        method: 'GET',
        path: '/rest/v1/wallet?select=user_id,currency,balance,pending_balance,total_earnings',
        headers: headersOf(env, pick()),
      }),
      SHAPE,
    ),
    await measureHttp(
      'read: function',
      env.SUPABASE_URL,
      () => ({ method: 'GET', path: '/functions/v1/wallet', headers: headersOf(env, pick()) }),
      SHAPE,
    ),
  ];
}

/** The one statement that books a transfer, alone and behind the function; two different people each time. */
async function measureTransfers(env: BenchEnvironment, people: readonly Person[]): Promise<Measurement[]> {
  const pair = () => twoOf(people);
  const alone = await measureSql(
    'transfer: SQL',
    env.ASTRA_API_DB_URL,
    {
      text: `select * from app_private.post_transaction($1, $2, decode($3, 'hex'), $4, '0.01', 'USD', 'bench', 'other')`,
      values: () => {
        const [payer, payee] = pair();
        return [payer.id, randomUUID(), '00'.repeat(32), payee.id];
      },
    },
    SHAPE,
  );
  // What the worker still has to do for those must not be charged to these.
  await outboxDrained(env);
  return [
    alone,
    await measureHttp(
      'transfer: function',
      env.SUPABASE_URL,
      () => {
        const [payer, payee] = pair();
        return {
          method: 'POST',
          path: '/functions/v1/wallet/transaction',
          headers: { ...headersOf(env, payer), 'content-type': 'application/json', 'idempotency-key': randomUUID() },
          body: JSON.stringify({ recipient: payee.id, amount: '0.01', currency: 'USD', description: 'bench' }),
        };
      },
      SHAPE,
    ),
  ];
}

/** Waits until the worker has nothing left to do. */
async function outboxDrained(env: BenchEnvironment): Promise<void> {
  const client = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await client.connect();
  const pending = async () =>
    (await client.query<{ pending: string }>('select pending from admin.outbox_lag')).rows[0]?.pending;
  try {
    await eventually('the worker is done', async () => (await pending()) === '0', {
      deadline_ms: 120_000,
      every_ms: 250,
    });
  } finally {
    await client.end();
  }
}
