import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

const LIMITS = 'select name, allowed, set_for, used, remaining from admin.limits_of($1, $2)';

function limitsOf(db: TestConnection, person: string, currency = 'USD') {
  return db.query(LIMITS, [person, currency]);
}

const line = (
  name: string,
  allowed: string | null,
  set_for: string,
  used: string | null,
  remaining: string | null,
) => ({
  ...{ name, allowed, set_for, used, remaining },
});

async function pay(db: TestConnection, payer: Person, payee: Person, amount: string): Promise<void> {
  await db.query("select ledger.transfer($1, $2, $3, 'USD', null, null)", [payer.id, payee.username, amount]);
}

test('shows limits of the person before those of everybody, and what the day and the hour have used of them', () =>
  withRollback(async (db) => {
    const [payer, payee] = [await db.signUp(), await db.signUp()];
    await db.fund(payer, '100');
    await db.query("select admin.set_limits(null, 'USD', '500', '900', 60, 'a test')");
    await db.query("select admin.set_limits($1, 'USD', '50', null, 3, 'a test')", [payer.username]);
    await pay(db, payer, payee, '20');
    await pay(db, payer, payee, '5.50');
    expect(await limitsOf(db, payer.username)).toEqual([
      line('per_transfer', '50.00', 'person', null, '50.00'),
      line('per_day', '900.00', 'everybody', '25.50', '874.50'),
      line('per_hour', '3', 'person', '2', '1'),
    ]);
  }));

test('what was used ends with its day and its hour', () =>
  withRollback(async (db) => {
    const [payer, payee] = [await db.signUp(), await db.signUp()];
    await db.fund(payer, '100');
    await db.query("select admin.set_limits($1, 'USD', null, '30', 5, 'a test')", [payer.username]);
    await pay(db, payer, payee, '20');
    await db.query("update ledger.accounts set day = day - 1, hour = hour - interval '1 hour' where owner = $1", [
      payer.id,
    ]);
    expect((await limitsOf(db, payer.username)).slice(1)).toEqual([
      line('per_day', '30.00', 'person', '0.00', '30.00'),
      line('per_hour', '5', 'person', '0', '5'),
    ]);
    const resets = 'select array_agg(resets_at > clock_timestamp()) as ahead from admin.limits_of($1, $2)';
    expect(await db.one(resets, [payer.username, 'USD'])).toEqual({ ahead: [null, true, true] });
  }));

test('who never had the currency has used nothing, and nothing is left of a limit that was lowered', () =>
  withRollback(async (db) => {
    const [payer, payee] = [await db.signUp(), await db.signUp()];
    await db.query("select admin.set_limits(null, 'JPY', '1000', null, null, 'a test')");
    expect(await limitsOf(db, payer.username, 'JPY')).toEqual([
      line('per_transfer', '1000', 'everybody', null, '1000'),
      line('per_day', null, 'nobody', '0', null),
      line('per_hour', null, 'nobody', '0', null),
    ]);
    await db.fund(payer, '100');
    await pay(db, payer, payee, '20');
    await db.query("select admin.set_limits($1, 'USD', null, '10', null, 'a test')", [payer.username]);
    expect((await limitsOf(db, payer.username))[1]).toEqual(line('per_day', '10.00', 'person', '20.00', '0.00'));
  }));

test.each([
  ['nobody', 'USD', 'users.not_found'],
  [undefined, 'XXX', 'wallet.unknown_currency'],
])('refuses %s in %s (%s)', (name, currency, code) =>
  withRollback(async (db) => {
    const { username } = await db.signUp();
    expect(await db.refusal(LIMITS, [name ?? username, currency])).toMatchObject({ code });
  }),
);
