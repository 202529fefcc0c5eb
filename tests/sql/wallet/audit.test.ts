import { describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { link, refusedCommand, withdrawal } from '../../support/wallet.ts';

const HEAD = 'balance and seq of an account are those of its last entry';
const GAP = 'seq has no gap';
const BALANCE = 'each balance is the one before plus the amount';
const HASH = 'each hash is that of the entry and the hash before it, up to the head of the account';
const LEG = 'each entry is a leg of its transfer';
const EARNED = 'earnings are the sum of transfers and captures received';
const ONCE = 'every leg of a transfer is booked or queued exactly once';
const BELONGS = 'every entry belongs to a transfer and an account';
const ZERO = 'the legs of every transfer sum to zero';
const FLOOR = 'no account is below its floor';
const CURRENCY = 'all balances and queued legs of a currency sum to zero';
const PENDING = 'pending money is what open holds keep';
const WITHDRAWAL = 'every withdrawal is as its hold says';
const REVERSAL = 'every reversal takes back one transfer, once';

interface Report {
  readonly ok: boolean;
  readonly scope: string;
  readonly entries_checked: number;
  readonly violations: { invariant: string; violations: number }[];
}

/** As the owner of the tables, who alone can go around what guards them. First of all in its transaction: it locks. */
async function unguard(db: TestConnection): Promise<void> {
  await db.query(
    'lock table ledger.accounts, ledger.transfers, ledger.entries, ledger.reversals in access exclusive mode',
  );
  for (const table of ['transfers', 'entries', 'reversals']) {
    await db.query(`alter table ledger.${table} disable trigger user`);
  }
  await db.query('alter table ledger.accounts drop constraint balance_above_floor');
}

/** Two people between whom money moved, and a withdrawal of the first. */
async function traffic(db: TestConnection): Promise<[Person, Person]> {
  const [payer] = await withdrawal(db);
  const payee = await db.signUp();
  for (const amount of ['1', '2', '3']) await pay(db, payer, payee, amount);
  return [payer, payee];
}

const pay = (db: TestConnection, payer: Person, payee: Person, amount: string) =>
  db.query("select ledger.transfer($1, $2, $3, 'USD', 'x', 'y')", [payer.id, payee.username, amount]);

async function audit(db: TestConnection, scope = 'full'): Promise<Report> {
  await db.as({ role: 'astra_worker' });
  const { report } = await db.one<{ report: Report }>('select app_private.audit_ledger($1) as report', [scope]);
  await db.as({ role: 'postgres' });
  return report;
}

const names = ({ violations }: Report) => violations.map(({ invariant }) => invariant);

/** `$1` is the payer, `$2` the payee. */
const OWN = "owner = $1 and purpose = 'available' and currency = 'USD' and $2::uuid is not null";
const ONE = `account_id = (select id from ledger.accounts where ${OWN})`;
const TRANSFER =
  "id = (select id from ledger.transfers where from_owner = $1 and to_owner = $2 and kind = 'transfer' limit 1)";

const DRIFTS: [string, string, string[], string[]][] = [
  [
    'a balance',
    `update ledger.accounts set balance_minor = balance_minor + 1 where ${OWN}`,
    [HEAD, CURRENCY],
    [HEAD, CURRENCY],
  ],
  ['a seq', `update ledger.accounts set seq = seq + 1 where ${OWN}`, [HEAD], [HEAD]],
  ['a head', `update ledger.accounts set chain_head = 'x' where ${OWN}`, [HASH], [HASH]],
  ['earnings', `update ledger.accounts set earned_minor = earned_minor + 1 where ${OWN}`, [EARNED], [EARNED]],
  [
    'a balance below the floor',
    `update ledger.accounts set floor_minor = 0, balance_minor = -1 where ${OWN}`,
    [HEAD, FLOOR, CURRENCY],
    [HEAD, FLOOR, CURRENCY],
  ],
  ['an entry taken out', `delete from ledger.entries where ${ONE} and seq = 3`, [GAP, BALANCE, HASH, ONCE, ZERO], []],
  ['an entry renumbered', `update ledger.entries set seq = 900 where ${ONE} and seq = 5`, [HEAD, GAP, HASH], []],
  ['a running balance', `update ledger.entries set balance_minor = 1 where ${ONE} and seq = 2`, [BALANCE, HASH], []],
  ['a description', `update ledger.entries set description = 'z' where ${ONE} and seq = 3`, [HASH], []],
  ['a hash', `update ledger.entries set hash = 'x' where ${ONE} and seq = 1`, [HASH], []],
  [
    'an amount',
    `update ledger.entries set amount_minor = -7 where ${ONE} and seq = 3`,
    [BALANCE, HASH, LEG, ONCE, ZERO],
    [],
  ],
  [
    'an entry of another transfer',
    `update ledger.entries set transfer_id = gen_random_uuid() where ${ONE} and seq = 3`,
    [HASH, LEG, ONCE, BELONGS, ZERO],
    [],
  ],
  [
    'legs that say more than was booked',
    `update ledger.transfers set amounts = '{-5,5}' where ${TRANSFER}`,
    [LEG, ONCE],
    [],
  ],
  [
    'legs that do not sum to zero',
    `update ledger.transfers set amounts = '{-5,6}' where ${TRANSFER}`,
    [LEG, ONCE, ZERO],
    [],
  ],
  [
    'a transfer without legs',
    `insert into ledger.transfers (id, kind, currency, amount_minor, created_at)
     select gen_random_uuid(), 'transfer', 'USD', 1, now() where $1::uuid <> $2::uuid`,
    [ZERO],
    [],
  ],
  [
    'a leg booked and queued',
    `insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor, created_at)
     select account_id, transfer_id, owner, purpose, kind, currency, amount_minor, created_at from ledger.entries where ${ONE} and seq = 3`,
    [ONCE, ZERO, CURRENCY],
    [ONCE, CURRENCY],
  ],
  [
    'a queued leg of no transfer',
    `insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor, created_at)
     select id, gen_random_uuid(), owner, purpose, 'transfer', currency, 5, now() from ledger.accounts where ${OWN}`,
    [LEG, BELONGS, ZERO, CURRENCY],
    [LEG, BELONGS, CURRENCY],
  ],
  [
    'a hold without money',
    `insert into ledger.holds (id, kind, owner, payee, currency, amount_minor) values (gen_random_uuid(), 'hold', $1, $2, 'USD', 5)`,
    [PENDING],
    [PENDING],
  ],
  [
    'a withdrawal of another amount',
    `update ledger.withdrawals set amount_minor = 1 where owner = $1 and $2::uuid is not null`,
    [WITHDRAWAL],
    [WITHDRAWAL],
  ],
  [
    'a withdrawal paid but not booked',
    `update ledger.withdrawals set state = 'paid' where owner = $1 and $2::uuid is not null`,
    [WITHDRAWAL],
    [WITHDRAWAL],
  ],
  [
    'a reversal of nothing',
    `insert into ledger.reversals (transfer_id, reversal_id, reason) values ($1, $2, 'x')`,
    [REVERSAL],
    [],
  ],
  [
    'a reversal that nobody asked for',
    `update ledger.transfers set kind = 'reversal' where ${TRANSFER}`,
    [REVERSAL],
    [],
  ],
];

describe('each drift', () => {
  test.each(DRIFTS)('%s changed by hand is found by what it breaks and by nothing else', (_, sql, full) =>
    withRollback(async (db) => {
      await unguard(db);
      const [payer, payee] = await traffic(db);
      expect(names(await audit(db))).toEqual([]);
      await db.query(sql, [payer.id, payee.id]);
      expect(names(await audit(db)).sort()).toEqual([...full].sort());
    }),
  );

  test.each(DRIFTS)(
    '%s changed after an audit is found by the next recent one where the change shows outside the history',
    (_, sql, __, recent) =>
      withRollback(async (db) => {
        await unguard(db);
        const [payer, payee] = await traffic(db);
        expect(names(await audit(db, 'recent'))).toEqual([]);
        await db.query(sql, [payer.id, payee.id]);
        expect(names(await audit(db, 'recent')).sort()).toEqual([...recent].sort());
      }),
  );

  test.each(DRIFTS)('%s changed before the next audit is found by a recent one as by a full one', (_, sql, full) =>
    withRollback(async (db) => {
      await unguard(db);
      const [payer, payee] = await traffic(db);
      await db.query(sql, [payer.id, payee.id]);
      const found = names(await audit(db, 'recent'));
      expect(full).toEqual(expect.arrayContaining(found));
      // Not these two, to which no entry leads.
      if (!/insert into ledger\.(transfers|reversals)/.test(sql)) expect(found).not.toEqual([]);
    }),
  );
});

test('drift stops withdrawals, is told and shows, until an operator has mended it', () =>
  withRollback(async (db) => {
    const [payer] = await traffic(db);
    const args = { linked_account_id: await link(db, payer), amount: '1', currency: 'USD' };
    await db.query(
      "update ledger.accounts set earned_minor = earned_minor + 1 where owner = $1 and purpose = 'available'",
      [payer.id],
    );
    const report = await audit(db, 'recent');
    expect(report).toMatchObject({ ok: false, scope: 'recent', violations: [{ invariant: EARNED, violations: 1 }] });
    expect(await db.refusal(...refusedCommand('withdraw', payer, args))).toMatchObject({
      code: 'wallet.withdrawals_stopped',
    });
    const { payload } = await db.one<{ payload: { audit_id: string } }>(
      "select payload from app_private.outbox_events where type = 'wallet.audit_failed' and tx_id = pg_current_xact_id()",
    );
    expect(payload).toMatchObject({ scope: 'recent', violations: report.violations });
    await db.as({ role: 'service_role' });
    expect(await db.one('select ok, violations from admin.ledger_audits where id = $1', [payload.audit_id])).toEqual({
      ok: false,
      violations: report.violations,
    });
    expect(await db.query('select invariant from admin.ledger_audit where not ok')).toEqual([{ invariant: EARNED }]);
    await db.as({ role: 'postgres' });

    await db.query("select admin.resume_withdrawals('too early')");
    expect((await audit(db, 'recent')).ok).toBe(false);
    await db.query(
      "update ledger.accounts set earned_minor = earned_minor - 1 where owner = $1 and purpose = 'available'",
      [payer.id],
    );
    expect((await audit(db, 'recent')).ok).toBe(true);
    expect(await db.refusal(...refusedCommand('withdraw', payer, args))).toMatchObject({
      code: 'wallet.withdrawals_stopped',
    });
    await db.query("select admin.resume_withdrawals('mended')");
    await db.query(...refusedCommand('withdraw', payer, args));
  }));

test('what an audit found is never changed (ledger.append_only)', () =>
  withRollback(async (db) => {
    await audit(db, 'recent');
    for (const sql of ['update ledger.audits set ok = true', 'delete from ledger.audits']) {
      expect(await db.refusal(sql)).toMatchObject({ code: 'ledger.append_only' });
    }
  }));

test('a recent audit reads only what was booked since the last one', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await db.query('begin');
  const [payer, payee] = await traffic(db);
  expect((await audit(db, 'recent')).entries_checked).toBe(10);
  expect((await audit(db, 'recent')).entries_checked).toBe(0);
  await pay(db, payer, payee, '1');
  expect((await audit(db, 'recent')).entries_checked).toBe(2);
  expect((await audit(db, 'full')).entries_checked).toBe(12);
});

test('knows only two scopes', () =>
  withRollback(async (db) => {
    expect((await db.refusal("select app_private.audit_ledger('some')")).message).toContain('recent or full');
  }));

test('verifies the chain of one account, and names the entry that breaks it', () =>
  withRollback(async (db) => {
    await unguard(db);
    const [payer, payee] = await traffic(db);
    const verify = `select v.* from ledger.accounts a, ledger.verify_chain(a.id) v where ${OWN}`;
    expect(await db.one(verify, [payer.id, payee.id])).toEqual({ entries: '5', broken_at: null, ok: true });
    await db.query(`update ledger.entries set description = 'z' where ${ONE} and seq = 3`, [payer.id, payee.id]);
    expect(await db.one(verify, [payer.id, payee.id])).toEqual({ entries: '5', broken_at: '3', ok: false });
  }));
