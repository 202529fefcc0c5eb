import { expect, test } from 'vitest';
import { connect, freshName } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { caughtUp } from './fixture.ts';
import { ownStores } from './stores.ts';

test('every event that the database writes today is one that the worker knows', async () => {
  await using stores = await ownStores();
  await stores.start();
  await using connection = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await connection.signUp({ username: freshName('ana'), full_name: 'Ana' });
  const ben = await connection.signUp({ username: freshName('ben'), full_name: 'Ben' });
  const session = await connection.signIn(ana);
  await connection.fund(ana, '100.00');
  await connection.query(`select app_private.post_transaction($1, null, null, $2, '12.34', 'USD', 'Lunch', 'food')`, [
    ana.id,
    ben.username,
  ]);
  await connection.query(`update public.profiles set bio = 'Hello', is_verified = true where id = $1`, [ana.id]);
  await connection.query('delete from auth.sessions where id = $1', [session]);
  await caughtUp(stores);

  const seen = await stores.mongo.collection('events').distinct('type');
  expect(seen.sort()).toEqual([
    ...['profile.updated', 'user.logged_in', 'user.registered', 'user.session_revoked', 'wallet.transfer_completed'],
  ]);
  const profile = await eventually('the profile is cached', async () => stores.redis.get(`profile:${ana.id}`));
  expect(JSON.parse(profile)).toMatchObject({
    user_id: ana.id,
    username: ana.username,
    bio: 'Hello',
    is_verified: true,
  });
  expect(await stores.redis.get(`session:revoked:${session}`)).toBe('1');
  const [newest] = await stores.redis.zrevrange(`wallet:activity:${ana.id}`, '0', '0');
  expect(JSON.parse(newest ?? '')).toMatchObject({ type: 'expense', amount: '12.34', counterparty_id: ben.id });
  const dead = await stores.db.query('select last_error from app_private.outbox_events where dead_at is not null');
  expect(dead.rows).toEqual([]);
});
