import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import pg from 'pg';
import { startStack } from '../scripts/stack/stack.ts';
import { type LoadShape, measureHttp, measureSql } from './support/load.ts';
import { report } from './support/report.ts';

const PEOPLE = 32;
const SHAPE: LoadShape = { connections: 16, seconds: Number(process.env['BENCH_SECONDS'] ?? 10) };

interface Person {
  readonly id: string;
  readonly token: string;
}

const READ_SQL = 'select user_id, currency, balance, pending_balance, total_earnings from public.wallet';

/**
 * The base figures: a health call, an authenticated read under row-level security through REST and through a function, and a
 * transfer, each beside the same SQL on the same database in the same run.
 */
export async function runBaseSuite(): Promise<void> {
  await using stack = await startStack({
    name: 'bench',
    portBase: 59321,
    reset: true,
    quiet: true,
    watch: false,
    rateLimits: false,
  });
  const { env } = stack;
  const people = await signUpPeople(env);
  const databaseUrl = env.SUPABASE_DB_URL;
  const pick = () => people[Math.floor(Math.random() * people.length)] as Person;
  const pair = () => {
    const payer = Math.floor(Math.random() * people.length);
    const payee = (payer + 1 + Math.floor(Math.random() * (people.length - 1))) % people.length;
    return [people[payer] as Person, people[payee] as Person] as const;
  };
  const headersOf = ({ token }: Person) => ({ apikey: env.SUPABASE_PUBLISHABLE_KEY, authorization: `Bearer ${token}` });

  const reader = pick();
  const claims = JSON.stringify({ sub: reader.id, role: 'authenticated' });
  const measurements = [
    await measureHttp(
      'health through a function',
      env.SUPABASE_URL,
      () => ({ method: 'GET', path: '/functions/v1/wallet/health', headers: {} }),
      SHAPE,
    ),
    await measureSql(
      'read: SQL as the user',
      databaseUrl,
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
        headers: headersOf(pick()),
      }),
      SHAPE,
    ),
    await measureHttp(
      'read: function',
      env.SUPABASE_URL,
      () => ({ method: 'GET', path: '/functions/v1/wallet', headers: headersOf(pick()) }),
      SHAPE,
    ),
    await measureSql(
      'transfer: SQL',
      databaseUrl,
      {
        text: `select * from app_private.post_transaction($1, $2, decode($3, 'hex'), $4, '0.01', 'USD', 'bench', 'other')`,
        values: () => {
          const [payer, payee] = pair();
          return [payer.id, randomUUID(), '00'.repeat(32), payee.id];
        },
      },
      SHAPE,
    ),
    await measureHttp(
      'transfer: function',
      env.SUPABASE_URL,
      () => {
        const [payer, payee] = pair();
        return {
          method: 'POST',
          path: '/functions/v1/wallet/transaction',
          headers: { ...headersOf(payer), 'content-type': 'application/json', 'idempotency-key': randomUUID() },
          body: JSON.stringify({ recipient: payee.id, amount: '0.01', currency: 'USD', description: 'bench' }),
        };
      },
      SHAPE,
    ),
  ];
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

/** Signs people up and funds each of them well enough for the whole run. */
async function signUpPeople(env: {
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
  SUPABASE_DB_URL: string;
}): Promise<Person[]> {
  const people: Person[] = [];
  const operator = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await operator.connect();
  for (let index = 0; index < PEOPLE; index += 1) {
    const client = createClient(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } });
    const username = `bench${index}`;
    const { data, error } = await client.auth.signUp({
      email: `${username}@example.com`,
      password: 'correct horse battery staple',
      options: { data: { username } },
    });
    if (data.session === null) throw new Error(`cannot sign ${username} up: ${error?.message}`);
    await operator.query('select admin.fund_wallet($1, $2, $3, $4)', [username, '1000000.00', 'USD', 'bench']);
    people.push({ id: data.session.user.id, token: data.session.access_token });
  }
  await operator.end();
  return people;
}
