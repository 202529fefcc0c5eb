import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldedBefore, foldOnce, restartFold } from '../../worker/rollups/fold.ts';
import { eventually } from '../support/eventually.ts';
import { aggregateOf, rollupsOf, transfer, type WorkerFixture } from './fixture.ts';
import { ownStores } from './stores.ts';

/** Folds until every event is counted: a transaction that is open anywhere in the cluster holds the log back for a moment. */
async function foldAll(stores: WorkerFixture, batchSize = 7): Promise<void> {
  const { rows } = await stores.db.query<{ last: string }>(
    'select tx_id::text as last from app_private.outbox_events order by tx_id desc limit 1',
  );
  await eventually('every event is counted', async () => {
    while ((await foldOnce({ ...stores.deps, batchSize })).rows > 0);
    return rows[0] === undefined || BigInt(await foldedBefore(stores.analytics)) >= BigInt(rows[0].last);
  });
}

const registered = () => ({
  type: 'user.registered',
  payload: { user_id: randomUUID(), username: 'somebody', full_name: null },
});

test('counts and sums equal what SQL says, beyond what a double can hold', async () => {
  await using stores = await ownStores();
  const beyondDouble = 2n ** 53n + 1n;
  await stores.emit(transfer(beyondDouble), transfer(1n), registered(), transfer(beyondDouble), registered());
  await foldAll(stores, 2);
  const rollups = await rollupsOf(stores.analytics);
  expect(rollups).toEqual(await aggregateOf(stores.db));
  expect(Object.values(rollups)).toContain('3 18014398509481987');
});

/** An event of money that goes through states. */
function changed(type: string, state: string, more: Readonly<Record<string, unknown>>) {
  const [at, id] = [new Date().toISOString(), randomUUID()];
  const money = { currency: 'USD', exponent: 2, amount_minor: '2500' };
  return { type, payload: { ...money, user_id: id, state, failure: null, created_at: at, updated_at: at, ...more } };
}

test('money that goes through states is summed where it ended, once', async () => {
  await using stores = await ownStores();
  const withdrawal = { withdrawal_id: randomUUID(), linked_account_id: randomUUID(), fee_minor: '0' };
  const deposit = { deposit_id: randomUUID(), provider: 'fake', transfer_id: null };
  const hold = {
    hold_id: randomUUID(),
    payee_id: randomUUID(),
    transfer_id: null,
    resolved_at: new Date().toISOString(),
  };
  await stores.emit(
    ...['requested', 'submitted', 'paid'].map((state) => changed('wallet.withdrawal_changed', state, withdrawal)),
    ...['pending', 'pending', 'completed'].map((state) => changed('wallet.deposit_changed', state, deposit)),
    changed('wallet.hold_resolved', 'captured', { ...hold, captured_minor: '2000' }),
    changed('wallet.hold_resolved', 'voided', { ...hold, hold_id: randomUUID(), captured_minor: '0' }),
  );
  await foldAll(stores, 3);
  const rollups = await rollupsOf(stores.analytics);
  expect(rollups).toEqual(await aggregateOf(stores.db));
  const withoutDay = Object.entries(rollups).map(([key, value]) => [key.slice('2026-11-22|'.length), value]);
  expect(Object.fromEntries(withoutDay)).toEqual({
    'wallet.withdrawal_changed|USD|requested': '1 -',
    'wallet.withdrawal_changed|USD|submitted': '1 -',
    'wallet.withdrawal_changed|USD|paid': '1 2500',
    'wallet.deposit_changed|USD|pending': '2 -',
    'wallet.deposit_changed|USD|completed': '1 2500',
    'wallet.hold_resolved|USD|captured': '1 2000',
    'wallet.hold_resolved|USD|voided': '1 2500',
  });
});

test('of a transfer with change and fees counts what people gave or got, not what its legs sum to', async () => {
  await using stores = await ownStores();
  const leg = (amount_minor: string) => ({ user_id: randomUUID(), amount_minor });
  const withLegs = (...legs: object[]) => {
    const { type, payload } = transfer(2500n);
    return { type, payload: { ...payload, legs } };
  };
  // A capture of 20.00 of a hold of 25.00 with a fee of 1.00 that the payee pays; money paid in less a fee.
  await stores.emit(withLegs(leg('-2000'), leg('1900')), withLegs(leg('2450')), transfer(100n));
  await foldAll(stores);
  const rollups = await rollupsOf(stores.analytics);
  expect(rollups).toEqual(await aggregateOf(stores.db));
  expect(Object.values(rollups)).toEqual(['3 4550']);
});

test('a transaction that commits late is still counted, in its place', async () => {
  await using stores = await ownStores();
  const older = await stores.db.connect();
  try {
    await older.query('begin');
    await older.query(
      `select app_private.emit_event('user.deleted', null, jsonb_build_object('user_id', gen_random_uuid()))`,
    );
    await stores.emit(transfer(5n), transfer(6n));
    expect((await foldOnce(stores.deps)).rows).toBe(0);
    expect(await rollupsOf(stores.analytics)).toEqual({});
    await older.query('commit');
  } finally {
    older.release();
  }
  await foldAll(stores);
  expect(await rollupsOf(stores.analytics)).toEqual(await aggregateOf(stores.db));
});

test('two folds at once count every event once', async () => {
  await using stores = await ownStores();
  for (let batch = 0; batch < 5; batch += 1)
    await stores.emit(...Array.from({ length: 40 }, () => transfer(7n)), registered());
  const folding = [3, 5, 11].map(async (batchSize) => {
    for (;;) {
      const { rows } = await foldOnce({ ...stores.deps, batchSize });
      if (rows === 0) return;
    }
  });
  await Promise.all(folding);
  await foldAll(stores);
  expect(await rollupsOf(stores.analytics)).toEqual(await aggregateOf(stores.db));
});

test('a fold that is cut off after any write, and one that forgets its place, count every event once', async () => {
  await using stores = await ownStores();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.bigInt(1n, 10n ** 15n), fc.nat(12), fc.boolean()), { maxLength: 12 }),
      async (steps) => {
        for (const [amount, batchSize, forgets] of steps) {
          await stores.emit(transfer(amount), transfer(amount), registered());
          // The documents are written, the place is not: what a crash between the two leaves behind.
          const before = await stores.analytics.foldState.findOne({ _id: 'rollups_daily' });
          await foldOnce({ ...stores.deps, batchSize: batchSize + 1 });
          if (forgets && before) {
            await stores.analytics.foldState.updateOne({ _id: 'rollups_daily' }, { $set: { upto: before.upto } });
          }
        }
        await foldAll(stores);
        expect(await rollupsOf(stores.analytics)).toEqual(await aggregateOf(stores.db));
      },
    ),
    { numRuns: 15 },
  );
});

test('a replay from the start gives the same rollups, also while another fold is under way', async () => {
  await using stores = await ownStores();
  await stores.emit(...Array.from({ length: 60 }, (_, index) => transfer(BigInt(index))), registered());
  await foldAll(stores);
  const before = await rollupsOf(stores.analytics);

  await restartFold(stores.analytics, new Date());
  const stale = foldOnce({ ...stores.deps, batchSize: 10 });
  await restartFold(stores.analytics, new Date());
  await stale.catch(() => undefined);
  await foldAll(stores);
  expect(await rollupsOf(stores.analytics)).toEqual(before);
});
