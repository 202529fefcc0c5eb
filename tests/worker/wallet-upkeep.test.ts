import { expect, test } from 'vitest';
import { auditLedger } from '../../worker/wallet/audit.ts';
import { connect, freshName } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { ownStores } from './stores.ts';

test('books credits that found their wallet busy', async () => {
  await using stores = await ownStores();
  const url = stores.environment['SUPABASE_DB_URL'];
  await using payer = await connect(url);
  await using busy = await connect(url);
  const [ana, ben] = [await payer.signUp({ username: freshName() }), await payer.signUp({ username: freshName() })];
  await payer.fund(ana, '10.00');
  await busy.query('begin');
  await busy.query('select from ledger.accounts where owner = $1 for no key update', [ben.id]);
  await payer.query(`select app_private.post_transaction($1, null, null, $2, '3.00', 'USD', null, null)`, [
    ana.id,
    ben.id,
  ]);
  const queued = async () => (await stores.db.query('select from ledger.queued_entries')).rowCount;
  expect(await queued()).toBe(1);
  await stores.start();
  await busy.query('commit');
  await eventually('it is booked', async () => (await queued()) === 0, { deadline_ms: 10_000 });
  const { rows } = await stores.db.query(
    "select balance_minor from ledger.accounts where owner = $1 and currency = 'USD' and purpose = 'available'",
    [ben.id],
  );
  expect(rows).toEqual([{ balance_minor: '300' }]);
});

test('gives the money of an expired hold back within five seconds, and closes old payment requests', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [ana, ben] = [await db.signUp({ username: freshName() }), await db.signUp({ username: freshName() })];
  await db.fund(ana, '10.00');
  const hold = { recipient: ben.id, amount: '4.00', currency: 'USD', expires_in_s: 60 };
  await db.query('select ledger.place_hold($1, $2)', [ana.id, hold]);
  await db.query('select ledger.request_payment($1, $2)', [
    ben.id,
    { payer: ana.id, amount: '1.00', currency: 'USD', expires_in_s: 60 },
  ]);
  // The shortest life that may be asked for is a minute: what is left of it is taken away here.
  await db.query(`update ledger.payment_requests set expires_at = now()`);
  await stores.start();
  await db.query(`update ledger.holds set expires_at = clock_timestamp() + interval '1 second'`);
  const resolved = await eventually('it has expired', async () => {
    const [row] = await db.query<{ late_s: number }>(
      `select extract(epoch from resolved_at - expires_at)::float8 as late_s from ledger.holds where state = 'expired'`,
    );
    return row;
  });
  expect(resolved.late_s).toBeLessThan(5);
  const wallet = await db.one('select balance, pending_balance from public.wallet where user_id = $1', [ana.id]);
  expect(wallet).toEqual({ balance: '10.00', pending_balance: '0.00' });
  await eventually('the request is closed', async () => {
    const { state } = await db.one<{ state: string }>('select state from ledger.payment_requests');
    return state === 'expired';
  });
});

test('an audit that finds nothing says so, one that finds something raises an event', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  await db.fund(ana, '10.00');
  const { database } = stores;
  const { metrics } = stores.deps;
  const said: string[] = [];
  const deps = { database, metrics, log: (level: string) => said.push(level) };
  await auditLedger(deps, 'full');
  expect((await metrics.auditOk.get()).values).toMatchObject([{ value: 1, labels: { scope: 'full' } }]);

  await db.query(
    `update ledger.accounts set balance_minor = balance_minor + 1 where owner = $1 and purpose = 'available'`,
    [ana.id],
  );
  await auditLedger(deps, 'full');
  expect(said).toEqual(['info', 'error']);
  expect((await metrics.auditOk.get()).values).toMatchObject([{ value: 0 }]);
  expect((await metrics.auditViolations.get()).values[0]?.value).toBeGreaterThan(0);
  const events = await db.query(`select payload from app_private.outbox_events where type = 'wallet.audit_failed'`);
  expect(events).toMatchObject([{ payload: { scope: 'full' } }]);
});

test('deletes webhooks that changed nothing, when the job is due', async () => {
  await using stores = await ownStores();
  await stores.db.query(
    `insert into ledger.provider_events (provider, event_id, type, payload, outcome, received_at)
     select 'fake', 'evt_' || days, 'ignored', '{}', 'ignored', now() - days * interval '1 day' from unnest(array[1, 100]) days`,
  );
  await stores.start();
  // The library makes its functions when the worker has started.
  await eventually('the job is added', () =>
    stores.db.query("select graphile_worker.add_job('prune_provider_events')").then(
      () => true,
      () => false,
    ),
  );
  await eventually('the old one is deleted', async () => {
    const { rows } = await stores.db.query('select event_id from ledger.provider_events');
    return rows.length === 1 && rows[0].event_id === 'evt_1';
  });
});
