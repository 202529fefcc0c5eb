import { expect, test } from 'vitest';
import { withRollback } from '../../support/database.ts';
import { money } from '../../support/wallet.ts';
import { block, command, freeze, letExpire, place, refusedCommand, withParties } from './support.ts';

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

test('holds count to what may leave a wallet in an hour and in a day (wallet.limit_exceeded)', () =>
  withParties(async (parties) => {
    const { db, ada, bob } = parties;
    const args = { recipient: bob.username, amount: '10', currency: 'USD' };
    const limit = (column: string, value: number) =>
      db.query(`update ledger.accounts set ${column} = $2 where owner = $1 and purpose = 'available'`, [ada.id, value]);
    await place(parties, '10');
    await place(parties, '10');
    await limit('max_hour_count', 2);
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'wallet.limit_exceeded' });
    await limit('max_hour_count', 3);
    await limit('max_day_minor', 2999);
    expect(await refusedCommand(db, 'place_hold', ada, args)).toMatchObject({ code: 'wallet.limit_exceeded' });
    await limit('max_day_minor', 3000);
    await place(parties, '10');
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
    const expire = async () => (await db.one<{ count: number }>('select app_private.expire_holds(2) as count')).count;
    expect(await expire()).toBe(2);
    // Other tests may have left some to expire.
    while ((await expire()) > 0);
    await db.as({ role: 'postgres' });
    expect(await money(db, ada)).toEqual(['99.00', '1.00']);
    const states = 'select state from ledger.holds where owner = $1 order by amount_minor';
    expect(await db.query(states, [ada.id])).toEqual([
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
    expect(await refusedCommand(db, 'capture_hold', bob, { id: hold.id })).toMatchObject({
      code: 'wallet.frozen',
      message: 'The wallet of the payer is frozen.',
    });
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
