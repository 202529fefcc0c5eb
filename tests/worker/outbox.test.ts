import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { consumeBatch } from '../../worker/outbox/consumer.ts';
import { eventually } from '../support/eventually.ts';
import { outboxStates, profileUpdated, transfer } from './fixture.ts';
import { ownStores } from './stores.ts';

test('writes an event to MongoDB and Redis and completes it', async () => {
  await using stores = await ownStores();
  const [from, to] = [randomUUID(), randomUUID()];
  const [id] = await stores.emit(transfer(1_234n, { from, to }));
  await eventually('redis is connected', async () => stores.cache.state() === 'up');
  expect(await consumeBatch(stores.deps)).toBe(1);

  const event = await stores.mongo.collection<{ _id: string }>('events').findOne({ _id: id as string });
  expect(event).toMatchObject({ type: 'wallet.transfer_completed', payload: { amount_minor: '1234' } });
  const audit = await stores.mongo.collection<{ _id: string }>('audit_log').findOne({ _id: id as string });
  expect(audit).toMatchObject({ action: 'wallet.transfer_completed', subject_ids: [from, to] });
  const [entry] = await stores.redis.zrange(`wallet:activity:${to}`, '0', '-1');
  expect(JSON.parse(entry ?? '')).toMatchObject({ type: 'income', amount: '12.34', counterparty_id: from });
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: 1, dead: 0 });
});

test('events that are applied again change nothing', async () => {
  await using stores = await ownStores();
  const to = randomUUID();
  await stores.emit(transfer(100n, { to }), transfer(200n, { to }), transfer(300n, { to }));
  await eventually('redis is connected', async () => stores.cache.state() === 'up');
  await consumeBatch(stores.deps);
  const first = await stores.mongo.collection('events').find().sort({ _id: 1 }).toArray();
  await stores.db.query(`select app_private.replay_outbox('-infinity')`);
  expect(await consumeBatch(stores.deps)).toBe(3);

  expect(await stores.mongo.collection('events').find().sort({ _id: 1 }).toArray()).toEqual(first);
  expect(await stores.mongo.collection('audit_log').countDocuments()).toBe(3);
  expect(await stores.redis.zcard(`wallet:activity:${to}`)).toBe(3);
});

test('keeps only the newest of a wallet’s activity', async () => {
  await using stores = await ownStores();
  const to = randomUUID();
  await stores.emit(...Array.from({ length: 70 }, (_, index) => transfer(BigInt(index + 1), { to })));
  await eventually('redis is connected', async () => stores.cache.state() === 'up');
  while ((await consumeBatch(stores.deps)) > 0);
  expect(await stores.redis.zcard(`wallet:activity:${to}`)).toBe(50);
});

test('an older profile never overwrites a newer one, down to the microsecond', async () => {
  await using stores = await ownStores();
  const user = randomUUID();
  await eventually('redis is connected', async () => stores.cache.state() === 'up');
  await stores.emit(profileUpdated(user, 'newer', '2026-11-22T10:00:00.000002+00:00'));
  await consumeBatch(stores.deps);
  await stores.emit(profileUpdated(user, 'older', '2026-11-22T10:00:00.000001+00:00'));
  await consumeBatch(stores.deps);
  expect(JSON.parse((await stores.redis.get(`profile:${user}`)) ?? '')).toMatchObject({
    user_id: user,
    username: 'newer',
  });
});

test('a revoked session is marked for the life of its token', async () => {
  await using stores = await ownStores({ ACCESS_TOKEN_SECONDS: '3600' });
  const session_id = randomUUID();
  await eventually('redis is connected', async () => stores.cache.state() === 'up');
  await stores.emit({ type: 'user.session_revoked', payload: { user_id: randomUUID(), session_id } });
  await consumeBatch(stores.deps);
  expect(await stores.redis.get(`session:revoked:${session_id}`)).toBe('1');
  expect(await stores.redis.ttl(`session:revoked:${session_id}`)).toBeGreaterThan(3_590);
});

test('a late update does not bring a deleted user back into the cache', async () => {
  await using stores = await ownStores();
  const user_id = randomUUID();
  await eventually('redis is connected', async () => stores.cache.state() === 'up');
  await stores.emit({ type: 'user.deleted', payload: { user_id } });
  await consumeBatch(stores.deps);
  await stores.emit(profileUpdated(user_id, 'ghost', '2020-01-01T00:00:00Z'));
  await consumeBatch(stores.deps);
  expect(await stores.redis.get(`profile:${user_id}`)).not.toContain('ghost');
});

test('an event that cannot be read is dead with the reason while the others pass, and can be retried', async () => {
  await using stores = await ownStores();
  const good = await stores.emit(transfer(1n), transfer(2n));
  const [unknown] = await stores.emit({ type: 'no.such_event', payload: {} });
  const [broken] = await stores.emit({ type: 'user.deleted', payload: { user_id: 'not a uuid' } });
  await consumeBatch(stores.deps);

  const { rows } = await stores.db.query(
    'select id, last_error from app_private.outbox_events where dead_at is not null order by position',
  );
  expect(rows.map(({ id }) => id)).toEqual([unknown, broken]);
  expect(rows[1].last_error).toContain('user_id');
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: good.length, dead: 2 });

  await stores.db.query(
    `update app_private.outbox_events set payload = jsonb_build_object('user_id', gen_random_uuid()) where id = $1`,
    [broken],
  );
  await stores.db.query('select admin.retry_dead_letters()');
  await consumeBatch(stores.deps);
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: good.length + 1, dead: 1 });
});

test('a document that MongoDB refuses is retried, then dead, while its batch passes', async () => {
  await using stores = await ownStores({ WORKER_MAX_ATTEMPTS: '2' });
  await stores.emit(transfer(1n), transfer(2n));
  const [huge] = await stores.emit({
    type: 'user.registered',
    payload: { user_id: randomUUID(), username: 'huge', full_name: 'x'.repeat(17 * 1024 * 1024) },
  });
  await consumeBatch(stores.deps);
  expect(await outboxStates(stores.db)).toEqual({ pending: 1, processed: 2, dead: 0 });
  await stores.db.query('update app_private.outbox_events set next_attempt_at = now() where id = $1', [huge]);
  await consumeBatch(stores.deps);
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: 2, dead: 1 });
});
