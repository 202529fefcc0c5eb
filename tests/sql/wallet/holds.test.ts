import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import {
  type Body,
  block,
  chargeFee,
  command,
  expectSound,
  fees,
  freeze,
  letExpire,
  money,
  people,
  refusedCommand,
} from './support.ts';

interface Parties {
  readonly db: TestConnection;
  readonly ada: Person;
  readonly bob: Person;
}

/** Ada has 100.00, bob nothing of his own. The books are checked at the end. */
function withParties(fn: (parties: Parties) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    const [ada] = await people(db, 1, '100');
    if (!ada) throw new Error('no people');
    await fn({ db, ada, bob: await db.signUp() });
    await expectSound(db);
  });
}

function place({ db, ada, bob }: Parties, amount: string, more: Record<string, unknown> = {}): Promise<Body> {
  return command(db, 'place_hold', ada, { recipient: bob.username, amount, currency: 'USD', ...more });
}

test('placing a hold sets money aside and answers the hold', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30', { description: 'room 7', category: 'travel', expires_in_s: 3600 });
    expect(hold).toMatchObject({
      user_id: ada.id,
      payee_id: bob.id,
      payee_username: bob.username,
      amount: '30.00',
      captured_amount: '0.00',
      currency: 'USD',
      state: 'open',
      description: 'room 7',
      category: 'travel',
      resolved_at: null,
      transfer_id: null,
    });
    const lasts_ms = Date.parse(String(hold['expires_at'])) - Date.parse(String(hold['created_at']));
    expect(Math.round(lasts_ms / 1000)).toBe(3600);
    expect(await money(db, ada)).toEqual(['70.00', '30.00']);
    expect(await money(db, bob)).toEqual(['0.00', '0.00']);
  }));

test('a hold lasts seven days unless said otherwise', () =>
  withParties(async (parties) => {
    const hold = await place(parties, '1');
    const lasts_ms = Date.parse(String(hold['expires_at'])) - Date.parse(String(hold['created_at']));
    expect(Math.round(lasts_ms / 1000)).toBe(7 * 86_400);
  }));

test.each([59, 90 * 86_400 + 1])('refuses a hold of %i seconds (request.unprocessable)', (seconds) =>
  withParties(async ({ db, ada, bob }) => {
    const args = { recipient: bob.username, amount: '1', currency: 'USD', expires_in_s: seconds };
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'request.unprocessable' });
  }),
);

test.each([
  ['more than there is', { amount: '100.01' }, 'wallet.insufficient_funds'],
  ['a currency that the payer never had', { currency: 'EUR' }, 'wallet.insufficient_funds'],
  ['an unknown currency', { currency: 'XXX' }, 'wallet.unknown_currency'],
  ['nothing', { amount: '0' }, 'wallet.invalid_amount'],
  ['a tenth of a cent', { amount: '0.001' }, 'wallet.amount_scale'],
  ['money for nobody', { recipient: 'nobody.here' }, 'wallet.recipient_not_found'],
])('refuses to hold %s (%s)', (_what, args, code) =>
  withParties(async ({ db, ada, bob }) => {
    const all = { recipient: bob.username, amount: '1', currency: 'USD', ...args };
    expect(await refusedCommand(db, 'place_hold', ada, all)).toMatchObject({ code });
  }),
);

test('refuses to hold money for oneself (wallet.self_transfer)', () =>
  withParties(async ({ db, ada }) => {
    const args = { recipient: ada.username, amount: '1', currency: 'USD' };
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'wallet.self_transfer' });
  }));

test.each(['the payer', 'the payee'])('refuses a hold when %s blocked the other (wallet.blocked)', (who) =>
  withParties(async ({ db, ada, bob }) => {
    await (who === 'the payer' ? block(db, ada, bob) : block(db, bob, ada));
    const args = { recipient: bob.username, amount: '1', currency: 'USD' };
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'wallet.blocked' });
  }),
);

test('a hold placed before a block is still captured', () =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    await block(parties.db, parties.ada, parties.bob);
    await command(parties.db, 'capture_hold', parties.bob, { id: hold.id });
    expect(await money(parties.db, parties.bob)).toEqual(['30.00', '0.00']);
  }));

test('refuses a hold above the limit of one transfer (wallet.limit_exceeded)', () =>
  withParties(async ({ db, ada, bob }) => {
    await db.query("update ledger.accounts set max_transfer_minor = 999 where owner = $1 and purpose = 'available'", [
      ada.id,
    ]);
    const args = { recipient: bob.username, amount: '10', currency: 'USD' };
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'wallet.limit_exceeded' });
  }));

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

test('a fee that takes all leaves the payee no leg', () =>
  withParties(async (parties) => {
    await chargeFee(parties.db, 'capture', 100, 'recipient');
    const hold = await place(parties, '30');
    await command(parties.db, 'capture_hold', parties.bob, { id: hold.id });
    expect(await money(parties.db, parties.bob)).toEqual(['0.00', '0.00']);
    expect(await fees(parties.db)).toBe(3000);
  }));

test('the payee voids a hold, once, and the money is back at once (wallet.hold_resolved)', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30');
    expect(await command(db, 'void_hold', bob, { id: hold.id })).toMatchObject({ state: 'voided', transfer_id: null });
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
    for (const name of ['void_hold', 'capture_hold']) {
      expect(await refusedCommand(db, name, bob, { id: hold.id })).toMatchObject({ code: 'wallet.hold_resolved' });
    }
    expect(await db.query('select status from public.transactions where id = $1', [hold.id])).toEqual([
      { status: 'failed' },
    ]);
  }));

test('the payer may not void (auth.forbidden)', () =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    expect(await refusedCommand(parties.db, 'void_hold', parties.ada, { id: hold.id })).toMatchObject({
      sqlstate: 'PT403',
      code: 'auth.forbidden',
    });
  }));

test.each(['capture_hold', 'void_hold'])(
  'an expired hold refuses %s before and after its release (wallet.hold_expired)',
  (name) =>
    withParties(async (parties) => {
      const { db, ada, bob } = parties;
      const hold = await place(parties, '30');
      await letExpire(db, 'holds', hold.id);
      expect(await money(db, ada)).toEqual(['100.00', '0.00']);
      expect(await refusedCommand(db, name, bob, { id: hold.id })).toMatchObject({ code: 'wallet.hold_expired' });
      await db.query('select app_private.expire_holds(10)');
      expect(await refusedCommand(db, name, bob, { id: hold.id })).toMatchObject({
        sqlstate: 'PT409',
        code: 'wallet.hold_expired',
      });
    }),
);

test('the worker expires what is over, as many as it asked for, and nothing else', () =>
  withParties(async (parties) => {
    const { db, ada } = parties;
    const holds = [
      await place(parties, '1'),
      await place(parties, '2'),
      await place(parties, '4'),
      await place(parties, '8'),
    ];
    for (const hold of holds.slice(1)) await letExpire(db, 'holds', hold.id);
    await db.as({ role: 'astra_worker' });
    expect(await db.one('select app_private.expire_holds(2) as count')).toEqual({ count: 2 });
    expect(await db.one('select app_private.expire_holds(2) as count')).toEqual({ count: 1 });
    expect(await db.one('select app_private.expire_holds(2) as count')).toEqual({ count: 0 });
    await db.as({ role: 'postgres' });
    expect(await money(db, ada)).toEqual(['99.00', '1.00']);
    expect(await db.query('select state from ledger.holds order by amount_minor')).toEqual([
      { state: 'open' },
      { state: 'expired' },
      { state: 'expired' },
      { state: 'expired' },
    ]);
  }));

test('only the worker may expire holds (42501)', () =>
  withRollback(async (db) => {
    for (const role of ['anon', 'authenticated', 'service_role', 'astra_api'] as const) {
      await db.as({ role });
      expect((await db.refusal('select app_private.expire_holds(1)')).sqlstate).toBe('42501');
    }
  }));

test('whoever is short of money gets expired holds back without waiting for the worker', () =>
  withParties(async (parties) => {
    const { db, ada } = parties;
    const hold = await place(parties, '80');
    await letExpire(db, 'holds', hold.id);
    await place(parties, '90');
    expect(await money(db, ada)).toEqual(['10.00', '90.00']);
    expect(await db.one('select state from ledger.holds where id = $1', [hold.id])).toEqual({ state: 'expired' });
  }));

test('a frozen payer places no hold and none is captured (wallet.frozen), but one is voided', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30');
    await freeze(db, ada, false, true);
    const args = { recipient: bob.id, amount: '1', currency: 'USD' };
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'wallet.frozen' });
    expect(await refusedCommand(db, 'capture_hold', bob, { id: hold.id })).toMatchObject({ code: 'wallet.frozen' });
    await command(db, 'void_hold', bob, { id: hold.id });
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  }));

test('a payee who may receive nothing captures nothing (wallet.recipient_unavailable)', () =>
  withParties(async (parties) => {
    const hold = await place(parties, '30');
    await freeze(parties.db, parties.bob, true, false);
    expect(await refusedCommand(parties.db, 'capture_hold', parties.bob, { id: hold.id })).toMatchObject({
      code: 'wallet.recipient_unavailable',
    });
  }));

test('a payer who may receive nothing still gets the rest of a hold back', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30');
    await freeze(db, ada, true, false);
    await command(db, 'capture_hold', bob, { id: hold.id, amount: '10' });
    expect(await money(db, ada)).toEqual(['90.00', '0.00']);
  }));

test('a hold outlives the account of its payer: captured, or given back when it expires', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const [first, second] = [await place(parties, '30'), await place(parties, '20')];
    await db.query('delete from auth.users where id = $1', [ada.id]);
    await command(db, 'capture_hold', bob, { id: first.id, amount: '10' });
    await letExpire(db, 'holds', second.id);
    expect(await db.one('select app_private.expire_holds(10) as count')).toEqual({ count: 1 });
    expect(await money(db, bob)).toEqual(['10.00', '0.00']);
    expect(await money(db, ada)).toEqual(['90.00', '0.00']);
  }));

test('refuses to capture for a payee who left (wallet.recipient_not_found)', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const hold = await place(parties, '30');
    await db.query('delete from auth.users where id = $1', [bob.id]);
    expect(await refusedCommand(db, 'capture_hold', ada, { id: hold.id })).toMatchObject({
      code: 'wallet.recipient_not_found',
    });
  }));
