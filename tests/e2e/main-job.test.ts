import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { expect, test } from 'vitest';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const environment = testEnvironment();

/** Registers somebody over REST and signs them in with an unmodified supabase-js client. */
async function join(name: string) {
  const username = `${name}${randomUUID().slice(0, 8)}`;
  const email = `${username}@example.com`;
  const password = 'correct horse battery staple';
  const registered = await fetch(`${environment.SUPABASE_URL}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey: environment.SUPABASE_PUBLISHABLE_KEY },
    body: JSON.stringify({ email, password, username, full_name: `${name} of the journey` }),
  });
  expect(registered.status).toBe(201);
  const client = createClient(environment.SUPABASE_URL, environment.SUPABASE_PUBLISHABLE_KEY, {
    auth: { persistSession: false },
  });
  const { data, error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return { id: data.user.id, username, client };
}

test('the main job: two people register, one is funded, a transfer is booked, counted in MongoDB and cached in Redis', async () => {
  await using database = await connected(environment.SUPABASE_DB_URL);
  const [ana, ben] = await Promise.all([join('ana'), join('ben')]);
  await database.client.query('select admin.fund_wallet($1, $2, $3, $4)', [
    ana.username,
    '100.00',
    'USD',
    'the main job',
  ]);

  const key = randomUUID();
  const body = { recipient: ben.username, amount: '12.34', currency: 'USD', description: 'Lunch', category: 'food' };
  const sent = await ana.client.functions.invoke('wallet/transaction', { headers: { 'Idempotency-Key': key }, body });
  expect(sent.error).toBeNull();
  const replayed = await ana.client.functions.invoke('wallet/transaction', {
    headers: { 'Idempotency-Key': key },
    body,
  });
  expect(replayed.data).toEqual(sent.data);
  expect(replayed.response?.headers.get('Idempotency-Replayed')).toBe('true');

  const wallets = await Promise.all([ana, ben].map(({ client }) => client.from('wallet').select('balance').single()));
  expect(wallets.map(({ data }) => data?.balance)).toEqual(['87.66', '12.34']);
  const { rows } = await database.client.query(
    'select count(*)::int as entries, sum(amount_minor)::int as sum from ledger.entries where transfer_id = $1',
    [sent.data.id],
  );
  expect(rows).toEqual([{ entries: 2, sum: 0 }]);

  if (environment.MONGODB_URL === undefined || environment.REDIS_URL === undefined) {
    throw new Error('The main job ends in MongoDB and Redis: set MONGODB_URL and REDIS_URL beside SUPABASE_URL');
  }
  await using mongo = await new MongoClient(environment.MONGODB_URL).connect();
  const event = await eventually('the transfer is in MongoDB', () =>
    mongo.db().collection('events').findOne({ type: 'wallet.transfer_completed', 'payload.transfer_id': sent.data.id }),
  );
  expect(event.payload).toMatchObject({
    amount_minor: '1234',
    currency: 'USD',
    from_user_id: ana.id,
    to_user_id: ben.id,
  });

  const redis = new Redis(environment.REDIS_URL);
  try {
    const profile = await eventually('the profile is in Redis', () => redis.get(`profile:${ana.id}`));
    expect(JSON.parse(profile)).toMatchObject({ user_id: ana.id, username: ana.username });
    const activity = await eventually('the payment is in the recipient’s activity in Redis', async () => {
      const entries = await redis.zrange(`wallet:activity:${ben.id}`, '0', '-1');
      return entries.length > 0 ? entries : null;
    });
    expect(activity.join('\n')).toContain(sent.data.id);
  } finally {
    redis.disconnect();
  }
}, 60_000);

test('an unmodified supabase-js client reads its own profile and settings and is refused another’s settings', async () => {
  const [ana, ben] = await Promise.all([join('ana'), join('ben')]);
  const own = await ana.client.from('profiles').select('username').eq('id', ana.id).single();
  expect(own.data).toEqual({ username: ana.username });
  const settings = await ana.client.from('account_settings').select('user_id, email');
  expect(settings.data).toEqual([{ user_id: ana.id, email: `${ana.username}@example.com` }]);
  const others = await ana.client.from('account_settings').select('user_id').eq('user_id', ben.id);
  expect(others.data).toEqual([]);
});

async function connected(connectionString: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}
