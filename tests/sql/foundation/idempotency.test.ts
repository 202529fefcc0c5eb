import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type TestConnection, withRollback } from '../../support/database.ts';

const CLAIM = "select replayed, status, body from app_private.claim_idempotency_key($1, $2, 'test.operation', $3)";
const STORE = 'select app_private.store_idempotent_response($1, $2, $3, $4)';
const HASH = Buffer.from('one');

function inApi<T>(fn: (db: TestConnection, owner: string) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    await db.as({ role: 'astra_api' });
    return await fn(db, randomUUID());
  });
}

async function age(db: TestConnection, owner: string, interval: string): Promise<void> {
  await db.as({ role: 'postgres' });
  await db.query('update app_private.idempotency_keys set claimed_at = claimed_at - $2::interval where owner = $1', [
    owner,
    interval,
  ]);
  await db.as({ role: 'astra_api' });
}

test('the first claim of a key is not a replay', () =>
  inApi(async (db, owner) => {
    expect(await db.one(CLAIM, [owner, 'k', HASH])).toEqual({ replayed: false, status: null, body: null });
  }));

test('a repeated claim gives the stored answer', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    await db.query(STORE, [owner, 'k', 422, { code: 'test.refused' }]);
    const again = await db.one(CLAIM, [owner, 'k', HASH]);
    expect(again).toEqual({ replayed: true, status: 422, body: { code: 'test.refused' } });
  }));

test('the same key of another owner is another key', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    expect(await db.one(CLAIM, [randomUUID(), 'k', Buffer.from('two')])).toMatchObject({ replayed: false });
  }));

test('refuses a key that was used for another body (idempotency.key_reused)', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    await db.query(STORE, [owner, 'k', 200, {}]);
    const refusal = await db.refusal(CLAIM, [owner, 'k', Buffer.from('two')]);
    expect(refusal).toMatchObject({ sqlstate: 'PT409', code: 'idempotency.key_reused' });
  }));

test('refuses a key that was used for another operation (idempotency.key_reused)', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    const other = "select app_private.claim_idempotency_key($1, 'k', 'other.operation', $2)";
    expect(await db.refusal(other, [owner, HASH])).toMatchObject({ code: 'idempotency.key_reused' });
  }));

test('refuses a claim whose answer is not there yet (idempotency.in_progress)', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    expect(await db.refusal(CLAIM, [owner, 'k', HASH])).toMatchObject({ code: 'idempotency.in_progress' });
  }));

test('a claim without an answer may be taken over by its own retry after a minute', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    await age(db, owner, '61 seconds');
    expect(await db.one(CLAIM, [owner, 'k', HASH])).toMatchObject({ replayed: false });
  }));

test('a key is free again after 24 hours, for another request too', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    await db.query(STORE, [owner, 'k', 200, {}]);
    await age(db, owner, '24 hours 1 second');
    expect(await db.one(CLAIM, [owner, 'k', Buffer.from('two')])).toMatchObject({ replayed: false });
  }));

test('an answer cannot be stored twice', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'k', HASH]);
    await db.query(STORE, [owner, 'k', 200, {}]);
    expect((await db.refusal(STORE, [owner, 'k', 500, {}])).message).toContain('no open idempotency key');
  }));

test('the worker prunes keys older than 24 hours and no others', () =>
  inApi(async (db, owner) => {
    await db.query(CLAIM, [owner, 'old', HASH]);
    await age(db, owner, '25 hours');
    await db.query(CLAIM, [owner, 'new', HASH]);
    await db.as({ role: 'astra_worker' });
    await db.query('select app_private.prune_idempotency_keys()');
    await db.as({ role: 'postgres' });
    expect(await db.query('select key from app_private.idempotency_keys where owner = $1', [owner])).toEqual([
      { key: 'new' },
    ]);
  }));
