import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { money } from '../../support/wallet.ts';
import { chargeFee, command, fees, people, place, refusedCommand, withParties } from './support.ts';

test('capturing all of a hold pays the payee once', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30');
    const captured = await command(db, 'capture_hold', bob, { id: hold.id, amount: null });
    expect(captured).toMatchObject({ id: hold.id, state: 'captured', captured_amount: '30.00' });
    expect(captured['transfer_id']).not.toBeNull();
    expect(await money(db, ada)).toEqual(['70.00', '0.00']);
    expect(await money(db, bob)).toEqual(['30.00', '0.00']);
    expect(await refusedCommand(db, 'capture_hold', bob, { id: hold.id })).toMatchObject({
      sqlstate: 'PT409',
      code: 'wallet.hold_resolved',
    });
  }));

test('capturing a part gives the rest back in the same transfer, which is no income', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30');
    const captured = await command(db, 'capture_hold', bob, { id: hold.id, amount: '12.5' });
    expect(captured).toMatchObject({ state: 'captured', amount: '30.00', captured_amount: '12.50' });
    expect(await money(db, ada)).toEqual(['87.50', '0.00']);
    expect(await money(db, bob)).toEqual(['12.50', '0.00']);
    const { amounts } = await db.one('select amounts from ledger.transfers where id = $1', [captured['transfer_id']]);
    expect(amounts).toEqual(['-3000', '1250', '1750']);
    const earned = 'select total_earnings from public.wallet where user_id = $1';
    expect(await db.one(earned, [ada.id])).toEqual({ total_earnings: '0.00' });
    expect(await db.one(earned, [bob.id])).toEqual({ total_earnings: '12.50' });
  }));

test('a capture is one line for the payer and one for the payee', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30', { description: 'room 7' });
    const captured = await command(db, 'capture_hold', bob, { id: hold.id, amount: '10' });
    const lines = `select id, type, amount, status, counterparty_id, description from public.transactions
      where user_id = $1 and kind <> 'funding'`;
    expect(await db.query(lines, [ada.id])).toEqual([
      {
        id: hold.id,
        type: 'expense',
        amount: '10.00',
        status: 'completed',
        counterparty_id: bob.id,
        description: 'room 7',
      },
    ]);
    expect(await db.query(lines, [bob.id])).toEqual([
      {
        id: captured['transfer_id'],
        type: 'income',
        amount: '10.00',
        status: 'completed',
        counterparty_id: ada.id,
        description: 'room 7',
      },
    ]);
  }));

test('the payer may capture too, to pay early', () =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    await command(parties.db, 'capture_hold', parties.ada, { id: hold.id });
    expect(await money(parties.db, parties.bob)).toEqual(['30.00', '0.00']);
  }));

test('a capture opens the wallet of a payee who never had this currency', () =>
  withParties(async ({ db, bob }) => {
    const [ada] = await people(db, 1, '50', 'EUR');
    if (!ada) throw new Error('no people');
    const hold = await command(db, 'place_hold', ada, { recipient: bob.id, amount: '20', currency: 'EUR' });
    await command(db, 'capture_hold', bob, { id: hold.id });
    expect(await money(db, bob, 'EUR')).toEqual(['20.00', '0.00']);
  }));

test('refuses to capture more than the hold keeps (wallet.capture_exceeds_hold)', () =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    const args = { id: hold.id, amount: '30.01' };
    expect(await refusedCommand(parties.db, 'capture_hold', parties.bob, args)).toMatchObject({
      sqlstate: 'PT422',
      code: 'wallet.capture_exceeds_hold',
    });
  }));

test.each(['capture_hold', 'void_hold'])('%s finds no hold of other people (wallet.hold_not_found)', (name) =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    const stranger = await parties.db.signUp();
    for (const id of [hold.id, randomUUID(), 'no-uuid', null]) {
      expect(await refusedCommand(parties.db, name, stranger, { id })).toMatchObject({
        sqlstate: 'PT404',
        code: 'wallet.hold_not_found',
      });
    }
  }),
);

test.each(['capture_hold', 'void_hold'])('%s leaves the hold of a withdrawal alone (wallet.hold_not_found)', (name) =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    await parties.db.query("update ledger.holds set kind = 'withdrawal', payee = null, expires_at = null");
    expect(await refusedCommand(parties.db, name, parties.ada, { id: hold.id })).toMatchObject({
      code: 'wallet.hold_not_found',
    });
  }),
);

test('the fee of a capture comes out of what the payee gets', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    await chargeFee(db, 'capture', 10, 'recipient');
    const hold = await place(parties, '30');
    await command(db, 'capture_hold', bob, { id: hold.id, amount: '20' });
    expect(await money(db, ada)).toEqual(['80.00', '0.00']);
    expect(await money(db, bob)).toEqual(['18.00', '0.00']);
    expect(await fees(db)).toBe(200);
  }));

test('a fee that the payer pays on top comes out of what the hold gives back', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    await chargeFee(db, 'capture', 10, 'sender');
    const hold = await place(parties, '30');
    await command(db, 'capture_hold', bob, { id: hold.id, amount: '20' });
    expect(await money(db, ada)).toEqual(['78.00', '0.00']);
    expect(await money(db, bob)).toEqual(['20.00', '0.00']);
    expect(await fees(db)).toBe(200);
  }));

test('a fee on top of all of a hold comes out of the balance of the payer', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    await chargeFee(db, 'capture', 10, 'sender');
    const hold = await place(parties, '90');
    await command(db, 'capture_hold', bob, { id: hold.id });
    expect(await money(db, ada)).toEqual(['1.00', '0.00']);
    expect(await money(db, bob)).toEqual(['90.00', '0.00']);
  }));

test('a fee on top for which the payer has too little says whose money it is (wallet.insufficient_funds)', () =>
  withParties(async (parties) => {
    const { db, bob } = parties;
    await chargeFee(db, 'capture', 10, 'sender');
    const hold = await place(parties, '95');
    expect(await refusedCommand(db, 'capture_hold', bob, { id: hold.id })).toMatchObject({
      code: 'wallet.insufficient_funds',
      message: 'The payer has too little for the fee of this capture.',
    });
    await command(db, 'capture_hold', bob, { id: hold.id, amount: '90' });
    expect(await money(db, bob)).toEqual(['90.00', '0.00']);
  }));

test('a fee that takes all leaves the payee no leg', () =>
  withParties(async (parties) => {
    await chargeFee(parties.db, 'capture', 100, 'recipient');
    const hold = await place(parties, '30');
    await command(parties.db, 'capture_hold', parties.bob, { id: hold.id });
    expect(await money(parties.db, parties.bob)).toEqual(['0.00', '0.00']);
    expect(await fees(parties.db)).toBe(3000);
  }));
