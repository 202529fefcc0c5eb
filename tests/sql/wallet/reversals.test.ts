import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection, withRollback } from '../../support/database.ts';
import { untilWaiting } from '../../support/races.ts';
import { money } from '../../support/wallet.ts';
import {
  block,
  chargeFee,
  command,
  connections,
  expectSound,
  fees,
  freeze,
  people,
  refusedCommand,
} from './support.ts';

interface Paid {
  readonly db: TestConnection;
  readonly ada: Person;
  readonly bob: Person;
  /** Id of ada's payment of 40.00 to bob. */
  readonly id: string;
}

async function pay(db: TestConnection, from: Person, to: Person, amount: string): Promise<string> {
  const sql = "select ledger.transfer($1, $2, $3, 'USD', 'lunch', 'food') as id";
  return (await db.one<{ id: string }>(sql, [from.id, to.id, amount])).id;
}

/** Ada had 100.00 and paid bob 40.00, under the fee if there is one. The books are checked at the end. */
function withPayment(fn: (paid: Paid) => Promise<void>, fee?: 'sender' | 'recipient'): Promise<void> {
  return withRollback(async (db) => {
    const [ada] = await people(db, 1, '100');
    if (!ada) throw new Error('no people');
    const bob = await db.signUp();
    if (fee) await chargeFee(db, 'transfer', 10, fee);
    await fn({ db, ada, bob, id: await pay(db, ada, bob, '40') });
    await expectSound(db);
  });
}

test('the payee gives a payment back, and both see why', () =>
  withPayment(async ({ db, ada, bob, id }) => {
    const reversal = await command(db, 'reverse', bob, { id, reason: 'wrong table' });
    expect(reversal).toMatchObject({
      type: 'expense',
      kind: 'reversal',
      amount: '40.00',
      description: 'wrong table',
      category: 'food',
      counterparty_id: ada.id,
      status: 'completed',
    });
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
    expect(await money(db, bob)).toEqual(['0.00', '0.00']);
    const seen =
      'select type, amount, description, counterparty_id from public.transactions where user_id = $1 and id = $2';
    expect(await db.one(seen, [ada.id, reversal.id])).toEqual({
      type: 'income',
      amount: '40.00',
      description: 'wrong table',
      counterparty_id: bob.id,
    });
    expect(await db.one('select reversal_id, reason from ledger.reversals where transfer_id = $1', [id])).toEqual({
      reversal_id: reversal.id,
      reason: 'wrong table',
    });
  }));

test('a payment is reversed once (wallet.already_reversed)', () =>
  withPayment(async ({ db, bob, id }) => {
    await db.fund(bob, '100');
    await command(db, 'reverse', bob, { id, reason: 'first' });
    expect(await refusedCommand(db, 'reverse', bob, { id, reason: 'second' })).toMatchObject({
      sqlstate: 'PT409',
      code: 'wallet.already_reversed',
    });
    expect((await db.refusal("select admin.reverse_transfer($1, 'third time')", [id])).code).toBe(
      'wallet.already_reversed',
    );
  }));

test.each([
  ['recipient', '60.00', '36.00'],
  ['sender', '56.00', '40.00'],
] as const)('the fee that the %s paid is given back too', (chargedTo, adaHas, bobHas) =>
  withPayment(async ({ db, ada, bob, id }) => {
    expect([(await money(db, ada))[0], (await money(db, bob))[0], await fees(db)]).toEqual([adaHas, bobHas, 400]);
    await command(db, 'reverse', bob, { id, reason: 'refund' });
    expect([(await money(db, ada))[0], (await money(db, bob))[0], await fees(db)]).toEqual(['100.00', '0.00', 0]);
  }, chargedTo),
);

test.each([
  ['recipient', '30'],
  ['recipient', '12.34'],
  ['sender', '30'],
  ['sender', '12.34'],
] as const)('a capture whose fee the %s paid is reversed to what the payer can spend (%s of 30)', (chargedTo, amount) =>
  withPayment(async ({ db, ada, bob }) => {
    await chargeFee(db, 'capture', 10, chargedTo);
    const hold = await command(db, 'place_hold', ada, { recipient: bob.id, amount: '30', currency: 'USD' });
    const captured = await command(db, 'capture_hold', bob, { id: hold.id, amount });
    await command(db, 'reverse', bob, { id: captured['transfer_id'], reason: 'refund' });
    expect([await money(db, ada), await money(db, bob)]).toEqual([
      ['60.00', '0.00'],
      ['40.00', '0.00'],
    ]);
    expect(await fees(db)).toBe(0);
  }),
);

test('the payee can give back only what they have (wallet.insufficient_funds)', () =>
  withPayment(async ({ db, bob, id }) => {
    await pay(db, bob, await db.signUp(), '0.01');
    expect(await refusedCommand(db, 'reverse', bob, { id, reason: 'refund' })).toMatchObject({
      sqlstate: 'PT402',
      code: 'wallet.insufficient_funds',
    });
    await db.fund(bob, '0.01');
    await command(db, 'reverse', bob, { id, reason: 'refund' });
  }));

test('the payer may not take a payment back (auth.forbidden)', () =>
  withPayment(async ({ db, ada, id }) => {
    expect(await refusedCommand(db, 'reverse', ada, { id, reason: 'regret' })).toMatchObject({
      sqlstate: 'PT403',
      code: 'auth.forbidden',
    });
  }));

test('the payer may not take a capture back, by neither of its ids (auth.forbidden)', () =>
  withPayment(async ({ db, ada, bob }) => {
    const hold = await command(db, 'place_hold', ada, { recipient: bob.id, amount: '30', currency: 'USD' });
    const captured = await command(db, 'capture_hold', bob, { id: hold.id });
    for (const id of [hold.id, captured['transfer_id']]) {
      expect(await refusedCommand(db, 'reverse', ada, { id, reason: 'regret' })).toMatchObject({
        code: 'auth.forbidden',
      });
    }
  }));

test('nobody else knows of the payment (wallet.transaction_not_found)', () =>
  withPayment(async ({ db, ada, bob, id }) => {
    const stranger = await db.signUp();
    const hold = await command(db, 'place_hold', ada, { recipient: bob.id, amount: '30', currency: 'USD' });
    const asked: [Person, unknown][] = [
      [stranger, id],
      [bob, randomUUID()],
      [bob, 'no-uuid'],
      [bob, hold.id],
      [ada, hold.id],
    ];
    for (const [person, what] of asked) {
      expect(await refusedCommand(db, 'reverse', person, { id: what, reason: 'x' })).toMatchObject({
        sqlstate: 'PT404',
        code: 'wallet.transaction_not_found',
      });
    }
  }));

test('only payments and captures are reversed (wallet.not_reversible)', () =>
  withPayment(async ({ db, ada, bob, id }) => {
    const funding = await db.fund(bob, '5');
    const reversal = await command(db, 'reverse', bob, { id, reason: 'refund' });
    const asked: [Person, string][] = [
      [bob, funding],
      [bob, reversal.id],
      [ada, reversal.id],
    ];
    for (const [person, what] of asked) {
      expect(await refusedCommand(db, 'reverse', person, { id: what, reason: 'x' })).toMatchObject({
        sqlstate: 'PT422',
        code: 'wallet.not_reversible',
      });
    }
    expect((await db.refusal("select admin.reverse_transfer($1, 'because')", [funding])).code).toBe(
      'wallet.not_reversible',
    );
  }));

test('nobody reverses a split for the others (wallet.not_reversible), but an operator reverses it whole', () =>
  withPayment(async ({ db, ada, bob }) => {
    const eve = await db.signUp();
    const recipients = [
      { recipient: bob.id, amount: '20' },
      { recipient: eve.id, amount: '10' },
    ];
    const split = await command(db, 'split', ada, { amount: '30', currency: 'USD', recipients });
    const { id } = split['transaction'] as { id: string };
    expect(await refusedCommand(db, 'reverse', eve, { id, reason: 'x' })).toMatchObject({
      code: 'wallet.not_reversible',
    });
    await db.query("select admin.reverse_transfer($1, 'a mistake')", [id]);
    expect([await money(db, ada), await money(db, eve)]).toEqual([
      ['60.00', '0.00'],
      ['0.00', '0.00'],
    ]);
  }));

test('an operator reverses a payment with a reason, which the audit log keeps', () =>
  withPayment(async ({ db, ada, id }) => {
    const { reversal } = await db.one("select admin.reverse_transfer($1, 'fraud') as reversal", [id]);
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
    expect(await db.one("select * from admin.audit_log where action = 'reverse_transfer'")).toMatchObject({
      operator: 'postgres',
      target: id,
      reason: 'fraud',
      before: { id, amount_minor: 4000 },
      after: { reversal_id: reversal },
    });
  }));

test('an operator too finds no transfer that is not there (wallet.transaction_not_found)', () =>
  withRollback(async (db) => {
    expect((await db.refusal("select admin.reverse_transfer($1, 'because')", [randomUUID()])).code).toBe(
      'wallet.transaction_not_found',
    );
  }));

test('an operator reverses nothing without a reason (admin.reason_required)', () =>
  withPayment(async ({ db, id }) => {
    expect(await db.refusal("select admin.reverse_transfer($1, ' ')", [id])).toMatchObject({
      code: 'admin.reason_required',
    });
  }));

test('neither a block nor a freeze of who gets it keeps money from being given back', () =>
  withPayment(async ({ db, ada, bob, id }) => {
    await block(db, ada, bob);
    await freeze(db, ada, true, true);
    await command(db, 'reverse', bob, { id, reason: 'refund' });
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  }));

test('money in a frozen wallet is not given back by its owner (wallet.frozen), but by an operator', () =>
  withPayment(async ({ db, ada, bob, id }) => {
    await freeze(db, bob, false, true);
    expect(await refusedCommand(db, 'reverse', bob, { id, reason: 'refund' })).toMatchObject({ code: 'wallet.frozen' });
    await db.query("select admin.reverse_transfer($1, 'stolen money')", [id]);
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  }));

test('refuses to give money back to a payer who left (wallet.recipient_not_found)', () =>
  withPayment(async ({ db, ada, bob, id }) => {
    await db.query('delete from auth.users where id = $1', [ada.id]);
    expect(await refusedCommand(db, 'reverse', bob, { id, reason: 'refund' })).toMatchObject({
      code: 'wallet.recipient_not_found',
    });
  }));

test('of two reversals at once one waits and is refused (wallet.already_reversed)', async () => {
  await using database = await cloneDatabase();
  const [db, first, second] = (await connections(database, 3)) as [TestConnection, TestConnection, TestConnection];
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  const id = await pay(db, ada, bob, '40');
  await first.query('begin');
  await command(first, 'reverse', bob, { id, reason: 'refund' });
  const twin = command(second, 'reverse', bob, { id, reason: 'refund' }).then(() => null, refusalOf);
  await untilWaiting(db, second);
  await first.query('commit');
  expect(await twin).toMatchObject({ code: 'wallet.already_reversed' });
  expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  await expectSound(db);
});

test('a reversal that was rolled back leaves the payment to be reversed', async () => {
  await using database = await cloneDatabase();
  const [db, first, second] = (await connections(database, 3)) as [TestConnection, TestConnection, TestConnection];
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  const id = await pay(db, ada, bob, '40');
  await first.query('begin');
  await command(first, 'reverse', bob, { id, reason: 'refund' });
  const twin = command(second, 'reverse', bob, { id, reason: 'refund' });
  await untilWaiting(db, second);
  await first.query('rollback');
  expect(await twin).toMatchObject({ kind: 'reversal' });
  expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  await expectSound(db);
});
