import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { broken, command, link, refusedCommand } from '../../support/wallet.ts';

const TRANSFER = 'select ledger.transfer($1, $2, $3, $4, null, null)';

async function pair(db: TestConnection): Promise<[Person, Person]> {
  const [payer, payee] = [await db.signUp(), await db.signUp()];
  await db.fund(payer, '1000');
  return [payer, payee];
}

const limit = (
  db: TestConnection,
  username: string | null,
  transfer: string | null,
  day: string | null,
  hour: number | null,
) => db.query("select admin.set_limits($1, 'USD', $2, $3, $4, 'a test')", [username, transfer, day, hour]);

const EXCEEDED = { sqlstate: 'PT422', code: 'wallet.limit_exceeded' };

test.each([
  ['at once', ['50', null, null], ['50'], '50.01', 'Send at most 50.00 USD.'],
  ['in a day', [null, '100', null], ['60', '40'], '0.01', 'At most 100.00 USD may be sent in a day (UTC).'],
  ['in an hour', [null, null, 2], ['1', '1'], '1', 'At most 2 times in an hour.'],
] as const)(
  'refuses more than may be sent %s (wallet.limit_exceeded)',
  (_, [transfer, day, hour], fine, tooMuch, hint) =>
    withRollback(async (db) => {
      const [payer, payee] = await pair(db);
      await limit(db, payer.username, transfer, day, hour);
      for (const amount of fine) await db.query(TRANSFER, [payer.id, payee.username, amount, 'USD']);
      expect(await db.refusal(TRANSFER, [payer.id, payee.username, tooMuch, 'USD'])).toMatchObject({
        ...EXCEEDED,
        hint,
      });
      await limit(db, payer.username, null, null, null);
      await db.query(TRANSFER, [payer.id, payee.username, tooMuch, 'USD']);
      expect(await broken(db)).toEqual([]);
    }),
);

test('a limit of the currency is for everybody who has none of their own (wallet.limit_exceeded)', () =>
  withRollback(async (db) => {
    const [payer, payee] = await pair(db);
    await limit(db, null, '10', null, null);
    expect(await db.refusal(TRANSFER, [payer.id, payee.username, '11', 'USD'])).toMatchObject(EXCEEDED);
    await limit(db, payer.username, '20', null, null);
    await db.query(TRANSFER, [payer.id, payee.username, '11', 'USD']);
    expect(await db.refusal(TRANSFER, [payer.id, payee.username, '21', 'USD'])).toMatchObject(EXCEEDED);
    expect(
      await db.query("select before, after from admin.audit_log where target = 'currency USD' and reason = 'a test'"),
    ).toEqual([
      expect.objectContaining({ after: { currency: 'USD', per_transfer: '10', per_day: null, per_hour: null } }),
    ]);
  }));

test('withdrawals count as well (wallet.limit_exceeded)', () =>
  withRollback(async (db) => {
    const [payer] = await pair(db);
    await limit(db, payer.username, null, '30', null);
    const args = { linked_account_id: await link(db, payer), amount: '20', currency: 'USD' };
    await command(db, 'withdraw', payer, args);
    expect(await db.refusal(...refusedCommand('withdraw', payer, args))).toMatchObject(EXCEEDED);
  }));

test('a day and an hour begin anew', () =>
  withRollback(async (db) => {
    const [payer, payee] = await pair(db);
    await limit(db, payer.username, null, '10', 1);
    await db.query(TRANSFER, [payer.id, payee.username, '10', 'USD']);
    await db.query("update ledger.accounts set day = day - 1, hour = hour - interval '1 hour' where owner = $1", [
      payer.id,
    ]);
    await db.query(TRANSFER, [payer.id, payee.username, '10', 'USD']);
  }));

test.each([
  ['in', 'payee', 'PT422', 'wallet.recipient_unavailable'],
  ['out', 'payer', 'PT403', 'wallet.frozen'],
  ['both', 'payer', 'PT403', 'wallet.frozen'],
])('a wallet frozen %s of the %s stops a transfer (%s %s), until it is released', (freeze, side, sqlstate, code) =>
  withRollback(async (db) => {
    const [payer, payee] = await pair(db);
    const { username } = side === 'payer' ? payer : payee;
    const set = "select admin.freeze_wallet($1, $2, 'a test') as changed";
    expect(await db.one(set, [username, freeze])).toEqual({ changed: true });
    expect(await db.one(set, [username, freeze])).toEqual({ changed: false });
    expect(await db.refusal(TRANSFER, [payer.id, payee.username, '1', 'USD'])).toMatchObject({ sqlstate, code });
    expect(
      await db.one('select username, last_change from admin.frozen_wallets where username = $1', [username]),
    ).toMatchObject({
      username,
      last_change: { operator: 'postgres', reason: 'a test' },
    });
    await db.query(set, [username, 'none']);
    await db.query(TRANSFER, [payer.id, payee.username, '1', 'USD']);
  }),
);

test('a currency used first while frozen is frozen too (wallet.recipient_unavailable)', () =>
  withRollback(async (db) => {
    const [payer, payee] = await pair(db);
    await db.fund(payer, '5', 'EUR');
    await db.query("select admin.freeze_wallet($1, 'in', 'a test')", [payee.username]);
    expect(await db.refusal(TRANSFER, [payer.id, payee.username, '1', 'EUR'])).toMatchObject({
      code: 'wallet.recipient_unavailable',
    });
  }));

test('refuses a freeze of no known way (22023)', () =>
  withRollback(async (db) => {
    const [payer] = await pair(db);
    expect((await db.refusal("select admin.freeze_wallet($1, 'sideways', 'a test')", [payer.username])).sqlstate).toBe(
      '22023',
    );
  }));

test('a fee is set, charged, removed and written down', () =>
  withRollback(async (db) => {
    const [payer, payee] = await pair(db);
    await db.query("select admin.set_fee('USD', 'transfer', 2.5, '0.10', '0', '5', 'sender', 'a test')");
    await db.query(TRANSFER, [payer.id, payee.username, '100', 'USD']);
    expect(await db.one('select balance from public.wallet where user_id = $1', [payer.id])).toEqual({
      balance: '897.40',
    });
    expect(await db.one("select admin.remove_fee('USD', 'transfer', 'a test') as removed")).toEqual({ removed: true });
    await db.query(TRANSFER, [payer.id, payee.username, '100', 'USD']);
    expect(await db.one('select balance from public.wallet where user_id = $1', [payer.id])).toEqual({
      balance: '797.40',
    });
    const log = await db.query(
      "select action from admin.audit_log where target = 'USD transfer' and reason = 'a test' order by id",
    );
    expect(log).toEqual([{ action: 'set_fee' }, { action: 'remove_fee' }]);
    expect(await broken(db)).toEqual([]);
  }));
