import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Actor, refusalOf, type TestConnection, withRollback } from '../../support/database.ts';

async function someTransfer(db: TestConnection): Promise<string> {
  const [payer, payee] = [await db.signUp(), await db.signUp()];
  await db.fund(payer, '100');
  await db.query("select app_private.post_transaction($1, null, null, $2, '1', 'USD', null, null)", [
    payer.id,
    payee.id,
  ]);
  return payer.id;
}

const CHANGES = [
  'update ledger.entries set amount_minor = 1',
  'delete from ledger.entries',
  'truncate ledger.entries',
  "update ledger.transfers set description = 'x'",
  'delete from ledger.transfers',
  'truncate ledger.transfers',
];

test('not even the owner of the ledger may change or delete what was booked (ledger.append_only)', async () => {
  // A database of its own: truncate would lock everybody else out.
  await using database = await cloneDatabase();
  const db = await database.connect();
  await someTransfer(db);
  for (const sql of CHANGES) {
    const refusal = await db.query(sql).then(() => null, refusalOf);
    expect(refusal, sql).toMatchObject({ sqlstate: 'PT403', code: 'ledger.append_only' });
  }
});

const ROLES: Actor['role'][] = ['anon', 'authenticated', 'service_role', 'astra_api', 'astra_worker'];

test.each(ROLES)('%s may write no table of the ledger (42501)', (role) =>
  withRollback(async (db) => {
    const sub = await someTransfer(db);
    await db.as({ role, sub });
    for (const sql of [...CHANGES, 'update ledger.accounts set balance_minor = 1', 'delete from ledger.accounts']) {
      expect((await db.refusal(sql)).sqlstate).toBe('42501');
    }
  }),
);

const HEADER = `insert into ledger.transfers (id, kind, currency, amount_minor, accounts, amounts, seqs, created_at)
  select $2, 'transfer', 'USD', 5, array[a.id, b.id], $3::bigint[], $4::bigint[], now() from ledger.accounts a, ledger.accounts b
  where a.owner = $1 and b.owner = $1 and a.currency = 'USD' and b.currency = 'USD' and a.purpose = 'available' and b.purpose = 'pending'`;

test('refuses legs that do not sum to zero (23514)', () =>
  withRollback(async (db) => {
    const owner = await someTransfer(db);
    const refusal = await db.refusal(HEADER, [owner, randomUUID(), [-5, 6], [1, 1]]);
    expect(refusal.sqlstate).toBe('23514');
  }));

test.each([
  ['entries of other transfers', [1, 2]],
  ['entries that are not there', [900, 900]],
  ['queued legs that are not there', [0, 0]],
])('refuses a transfer whose legs are %s (ledger.unbalanced)', (_, seqs) =>
  withRollback(async (db) => {
    const owner = await someTransfer(db);
    expect(await db.refusal(HEADER, [owner, randomUUID(), [-5, 5], seqs])).toMatchObject({
      sqlstate: '23000',
      code: 'ledger.unbalanced',
    });
  }),
);

test('refuses a transfer without legs (ledger.unbalanced)', () =>
  withRollback(async (db) => {
    const refusal = await db.refusal(
      "insert into ledger.transfers (id, kind, currency, amount_minor, created_at) values ($1, 'transfer', 'USD', 1, now())",
      [randomUUID()],
    );
    expect(refusal).toMatchObject({ code: 'ledger.unbalanced' });
  }));

test('a posting whose legs do not sum to zero is refused and changes nothing (23514)', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const person = await db.signUp();
  const { id } = await db.one("select id from ledger.accounts where owner = $1 and purpose = 'available'", [person.id]);
  const post = "select ledger.post('correction', 'USD', array[$1::bigint], array[5::bigint], null, null, null, null)";
  const refusal = await db.query(post, [id]).then(() => null, refusalOf);
  expect(refusal).toMatchObject({ sqlstate: '23514' });
  expect(await db.one('select balance_minor, seq from ledger.accounts where id = $1', [id])).toEqual({
    balance_minor: '0',
    seq: '0',
  });
});

test('no account goes below its floor, whoever writes (23514)', () =>
  withRollback(async (db) => {
    const owner = await someTransfer(db);
    const refusal = await db.refusal('update ledger.accounts set balance_minor = -1 where owner = $1', [owner]);
    expect(refusal.sqlstate).toBe('23514');
  }));

test.each([
  ['an account of nobody that is a person’s', "purpose = 'available'", 'owner = null'],
  ['a purpose that there is not', "purpose = 'available'", "purpose = 'savings'"],
  ['an account of the system that is somebody’s', "purpose = 'fees'", 'owner = gen_random_uuid()'],
  ['a floor above zero', "purpose = 'funding'", 'floor_minor = 1'],
  ['a limit of nothing at once', "purpose = 'available'", 'max_transfer_minor = 0'],
  ['a limit of nothing in a day', "purpose = 'available'", 'max_day_minor = 0'],
  ['a limit of nothing in an hour', "purpose = 'available'", 'max_hour_count = 0'],
  ['earnings below zero', "purpose = 'available'", 'earned_minor = -1'],
  ['a seq below zero', "purpose = 'available'", 'seq = -1'],
])('not even the owner of the ledger makes %s (23514)', (_, whose, change) =>
  withRollback(async (db) => {
    await someTransfer(db);
    const sql = `update ledger.accounts set ${change} where id = (select id from ledger.accounts where ${whose} order by id limit 1)`;
    expect((await db.refusal(sql)).sqlstate).toBe('23514');
  }),
);

test.each([
  ['of a kind that there is not', "'loan', 'open', 1, 0, 0"],
  ['in a state that there is not', "'hold', 'lost', 1, 0, 0"],
  ['of nothing', "'hold', 'open', 0, 0, 0"],
  ['that was captured beyond its amount', "'hold', 'captured', 1, 2, 0"],
  ['with a capture below zero', "'hold', 'captured', 1, -1, 0"],
  ['with a fee below zero', "'withdrawal', 'open', 1, 0, -1"],
])('not even the owner of the ledger makes a hold %s (23514)', (_, values) =>
  withRollback(async (db) => {
    const insert = (of: string) =>
      `insert into ledger.holds (id, owner, currency, kind, state, amount_minor, captured_minor, fee_minor)
       values (gen_random_uuid(), gen_random_uuid(), 'USD', ${of})`;
    expect((await db.refusal(insert(values))).sqlstate).toBe('23514');
    await db.query(insert("'hold', 'open', 2, 0, 0"));
    const change = `update ledger.holds set (kind, state, amount_minor, captured_minor, fee_minor) = (${values})`;
    expect((await db.refusal(change)).sqlstate).toBe('23514');
  }),
);

test.each(["'savings', 'USD', 0", "'fees', 'EUR', 0", "'available', 'EUR', 1"])(
  'not even the owner of the ledger opens an account of %s for a person (23514)',
  (values) =>
    withRollback(async (db) => {
      const { id } = await db.signUp();
      const sql = `insert into ledger.accounts (owner, purpose, currency, floor_minor) values ($1, ${values})`;
      expect((await db.refusal(sql, [id])).sqlstate).toBe('23514');
    }),
);

test.each([
  ['of more legs than accounts', [-5, 3, 2], [1, 1], null],
  ['of fewer entries than legs', [-5, 5], [1], null],
  ['with a leg of nobody knows what', [-5, null], [1, 1], null],
  ['with a description of 1,001 characters', [-5, 5], [1, 1], 'x'.repeat(1001)],
])('refuses a transfer %s (23514)', (_, amounts, seqs, description) =>
  withRollback(async (db) => {
    const owner = await someTransfer(db);
    const sql = HEADER.replace('created_at)', 'created_at, description)').replace('now() from', 'now(), $5 from');
    expect((await db.refusal(sql, [owner, randomUUID(), amounts, seqs, description])).sqlstate).toBe('23514');
  }),
);

test('the audit finds a balance that somebody changed by hand', () =>
  withRollback(async (db) => {
    const owner = await someTransfer(db);
    expect(await db.query('select * from admin.ledger_audit where not ok')).toEqual([]);
    await db.query(
      "update ledger.accounts set balance_minor = balance_minor + 1 where owner = $1 and purpose = 'available'",
      [owner],
    );
    expect(await db.query('select invariant from admin.ledger_audit where not ok')).toEqual([
      { invariant: 'balance and seq of an account are those of its last entry' },
      { invariant: 'all balances and queued legs of a currency sum to zero' },
    ]);
  }));

test.each([
  [0n, 2, '0.00'],
  [5n, 2, '0.05'],
  [-1250n, 2, '-12.50'],
  [9223372036854775807n, 2, '92233720368547758.07'],
  [9223372036854775807n, 0, '9223372036854775807'],
  [-9223372036854775808n, 3, '-9223372036854775.808'],
])('%s minor units with exponent %i read as %s', (minor, exponent, text) =>
  withRollback(async (db) => {
    expect(await db.one('select app_hidden.format_amount($1, $2) as text', [minor.toString(), exponent])).toEqual({
      text,
    });
  }),
);

test('an operator adds money with a reason, which the audit log keeps', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const transfer = await db.fund(person, '25.00');
    expect(await db.one('select * from admin.audit_log where target = $1', [person.id])).toMatchObject({
      operator: 'postgres',
      action: 'fund_wallet',
      reason: 'test money',
      before: { balance: '0.00' },
      after: { balance: '25.00', transfer_id: transfer },
    });
    expect(await db.refusal('delete from admin.audit_log')).toMatchObject({ code: 'ledger.append_only' });
  }));

test.each([
  ['0', 'The amount is zero.', 'Send an amount above zero.'],
  ['92233720368547758.08', 'The amount is too large.', 'Send less: no wallet can hold so much.'],
])('says of %s what is wrong with it (wallet.invalid_amount)', (amount, message, hint) =>
  withRollback(async (db) => {
    const refusal = await db.refusal("select ledger.parse_amount($1, 'USD')", [amount]);
    expect(refusal).toMatchObject({ code: 'wallet.invalid_amount', message, hint });
  }),
);

test.each([
  ['nobody.here', '1', 'USD', 'users.not_found'],
  [null, '-1', 'USD', 'wallet.invalid_amount'],
  [null, '1', 'usd', 'wallet.unknown_currency'],
])('refuses to fund %s with %s %s (%s)', (username, amount, currency, code) =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const sql = "select admin.fund_wallet($1, $2, $3, 'because')";
    expect(await db.refusal(sql, [username ?? person.username, amount, currency])).toMatchObject({ code });
  }),
);

test('the audit log refuses an entry without a reason, whoever writes it (23514)', () =>
  withRollback(async (db) => {
    const sql = "insert into admin.audit_log (action, target, reason) values ('test', 'test', ' ')";
    expect((await db.refusal(sql)).sqlstate).toBe('23514');
  }));
