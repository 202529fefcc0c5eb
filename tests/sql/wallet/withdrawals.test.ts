import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type TestConnection, withRollback } from '../../support/database.ts';
import {
  broken,
  command,
  link,
  money,
  type ProviderEventBody,
  refusedCommand,
  tell,
  type Withdrawal,
  withdrawal,
} from '../../support/wallet.ts';

function event(w: Withdrawal, minor: string, extra: Partial<ProviderEventBody> = {}): ProviderEventBody {
  return { reference: w.id, provider_reference: `po_${w.id}`, amount_minor: minor, currency: 'USD', ...extra };
}

const state = async (db: TestConnection, w: Withdrawal) =>
  db.one('select state, failure from public.withdrawals where id = $1', [w.id]);

const claim = (db: TestConnection) =>
  db.query<{ id: string }>("select * from app_private.claim_withdrawals(1000, '1 minute')");

describe('a withdrawal', () => {
  test('sets the money aside, and the payout books it', () =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      expect(w).toMatchObject({ amount: '40.00', fee: '0.00', state: 'requested' });
      expect(await money(db, person)).toEqual(['60.00', '40.00']);
      expect(await tell(db, 'e', 'payout.paid', event(w, '4000'))).toBe('applied');
      expect(await money(db, person)).toEqual(['60.00', '0.00']);
      expect(await db.one('select status, amount from public.transactions where id = $1', [w.id])).toEqual({
        status: 'completed',
        amount: '40.00',
      });
      expect(await broken(db)).toEqual([]);
    }));

  test.each([
    ['sender', '40.00', '1.50', '41.50', '4000'],
    ['recipient', '38.50', '1.50', '40.00', '3850'],
  ])('with a fee for the %s: %s reaches the bank, %s is the fee, %s is held', (charged_to, amount, fee, held, minor) =>
    withRollback(async (db) => {
      await db.query("select admin.set_fee('USD', 'withdrawal', 0, '1.50', null, null, $1, 'a test')", [charged_to]);
      const [person, w] = await withdrawal(db);
      expect(w).toMatchObject({ amount, fee });
      expect((await money(db, person))[1]).toBe(held);
      expect(await tell(db, 'e', 'payout.paid', event(w, minor))).toBe('applied');
      const booked =
        'select t.amounts[3]::text as fee from ledger.transfers t join ledger.holds h on h.transfer_id = t.id where h.id = $1';
      expect(await db.one(booked, [w.id])).toEqual({ fee: '150' });
      expect(await broken(db)).toEqual([]);
    }),
  );

  test('refuses what the fee would take whole (wallet.invalid_amount)', () =>
    withRollback(async (db) => {
      await db.query("select admin.set_fee('USD', 'withdrawal', 0, '5', null, null, 'recipient', 'a test')");
      const person = await db.signUp();
      await db.fund(person, '100');
      const args = { linked_account_id: await link(db, person), amount: '5', currency: 'USD' };
      expect(await db.refusal(...refusedCommand('withdraw', person, args))).toMatchObject({
        code: 'wallet.invalid_amount',
      });
    }));

  test.each([
    ['100.01', 'PT402', 'wallet.insufficient_funds', null],
    ['1.005', 'PT422', 'wallet.amount_scale', null],
    ['1', 'PT403', 'wallet.frozen', 'out'],
  ])('of %s is refused with %s (%s)', (amount, sqlstate, code, freeze) =>
    withRollback(async (db) => {
      const person = await db.signUp();
      await db.fund(person, '100');
      if (freeze) await db.query("select admin.freeze_wallet($1, $2, 'a test')", [person.username, freeze]);
      const args = { linked_account_id: await link(db, person), amount, currency: 'USD' };
      expect(await db.refusal(...refusedCommand('withdraw', person, args))).toMatchObject({ sqlstate, code });
    }),
  );

  test.each([
    ['EUR', 'This account takes EUR: withdraw that, or link an account in USD.'],
    ['XXX', 'Link an account in USD.'],
  ])(
    'in another currency than its account (%s) is refused, and says what to do (wallet.linked_account_currency)',
    (currency, hint) =>
      withRollback(async (db) => {
        const person = await db.signUp();
        await db.fund(person, '10');
        const args = { linked_account_id: await link(db, person, currency), amount: '1', currency: 'USD' };
        const refusal = await db.refusal(...refusedCommand('withdraw', person, args));
        expect(refusal).toMatchObject({ sqlstate: 'PT422', code: 'wallet.linked_account_currency', hint });
        expect(await money(db, person)).toEqual(['10.00', '0.00']);
      }),
  );

  test('is refused while withdrawals are stopped, and goes on afterwards (wallet.withdrawals_stopped)', () =>
    withRollback(async (db) => {
      const [person] = await withdrawal(db);
      await db.query("select admin.stop_withdrawals('something is odd')");
      const args = { linked_account_id: await link(db, person), amount: '1', currency: 'USD' };
      const refusal = await db.refusal(...refusedCommand('withdraw', person, args));
      expect(refusal).toMatchObject({ sqlstate: 'PT503', code: 'wallet.withdrawals_stopped' });
      expect(await claim(db)).toEqual([]);
      await db.query("select admin.resume_withdrawals('it was not')");
      await command(db, 'withdraw', person, args);
      expect(await claim(db)).not.toEqual([]);
    }));
});

describe('the worker', () => {
  test('claims a withdrawal for a while, with what the provider needs', () =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      await db.as({ role: 'astra_worker' });
      const mine = (await claim(db)).find(({ id }) => id === w.id);
      expect(mine).toMatchObject({
        owner: person.id,
        provider: 'fake',
        amount_minor: '4000',
        currency: 'USD',
        exponent: 2,
        attempts: 1,
      });
      expect((await claim(db)).find(({ id }) => id === w.id)).toBeUndefined();
      await db.query("select app_private.withdrawal_retry($1, 'timeout', '-1 second')", [w.id]);
      expect((await claim(db)).find(({ id }) => id === w.id)).toMatchObject({ attempts: 2 });
      await db.query("select app_private.withdrawal_submitted($1, 'po_1')", [w.id]);
      await db.query("select app_private.withdrawal_submitted($1, 'po_1')", [w.id]);
      await db.as({ role: 'postgres' });
      expect(await state(db, w)).toEqual({ state: 'submitted', failure: null });
    }));

  test('leaves a withdrawal of a frozen wallet alone', () =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      await db.query("select admin.freeze_wallet($1, 'out', 'a test')", [person.username]);
      expect((await claim(db)).find(({ id }) => id === w.id)).toBeUndefined();
      expect(await db.one('select held_by_freeze from admin.withdrawals where id = $1', [w.id])).toEqual({
        held_by_freeze: true,
      });
    }));

  test('gives the money back when the provider refuses, once, and never after it accepted', () =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      const refuse = 'select app_private.withdrawal_refused($1, $2) as done';
      expect(await db.one(refuse, [w.id, 'account_closed'])).toEqual({ done: true });
      expect(await db.one(refuse, [w.id, 'account_closed'])).toEqual({ done: false });
      expect(await money(db, person)).toEqual(['100.00', '0.00']);
      expect(await state(db, w)).toEqual({ state: 'failed', failure: 'account_closed' });
      const [, other] = await withdrawal(db);
      await db.query("select app_private.withdrawal_submitted($1, 'po_2')", [other.id]);
      expect(await db.one(refuse, [other.id, 'late'])).toEqual({ done: false });
      expect(await broken(db)).toEqual([]);
    }));

  test('two workers never claim the same withdrawal', async () => {
    await using database = await cloneDatabase();
    const [one, other] = [await database.connect(), await database.connect()];
    const [, w] = await withdrawal(one);
    await one.query('begin');
    expect((await claim(one)).map(({ id }) => id)).toEqual([w.id]);
    expect(await claim(other)).toEqual([]);
    await one.query('rollback');
    expect((await claim(other)).map(({ id }) => id)).toEqual([w.id]);
  });
});

describe('webhooks of payouts', () => {
  test.each([
    ['another amount', { amount_minor: '4001' }, 'amount_differs'],
    ['another currency', { currency: 'EUR' }, 'amount_differs'],
    ['another reference of the provider', { provider_reference: 'po_other' }, 'reference_differs'],
  ])('with %s are kept and not applied', (_, extra, outcome) =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      await db.query('select app_private.withdrawal_submitted($1, $2)', [w.id, `po_${w.id}`]);
      expect(await tell(db, 'e-odd', 'payout.paid', event(w, '4000', extra))).toBe(outcome);
      expect(await money(db, person)).toEqual(['60.00', '40.00']);
      expect(await db.one("select outcome from admin.provider_events where event_id = 'e-odd'")).toEqual({ outcome });
    }),
  );

  test('of nothing we know are kept, and asked for again', () =>
    withRollback(async (db) => {
      const [, w] = await withdrawal(db);
      const unknown = event(w, '4000', { reference: randomUUID() });
      expect(await tell(db, 'e', 'payout.paid', unknown)).toBe('unknown_reference');
      expect(await tell(db, 'e', 'payout.paid', unknown)).toBe('unknown_reference');
      expect(await db.query("select from admin.provider_events where event_id = 'e'")).toHaveLength(1);
    }));

  test('keep what they told (ledger.append_only)', () =>
    withRollback(async (db) => {
      await tell(db, 'e', 'ignored', {} as ProviderEventBody);
      for (const sql of [
        "update ledger.provider_events set payload = '{}'::jsonb || '{\"a\":1}'",
        'delete from ledger.provider_events',
      ]) {
        expect(await db.refusal(sql)).toMatchObject({ code: 'ledger.append_only' });
      }
    }));

  const tale = fc.shuffledSubarray(['submitted', 'paid', 'paid', 'paid again', 'failed', 'failed', 'other amount'], {
    minLength: 1,
  });
  test('in any order and number, the first outcome stands, is booked once, and what contradicts it is kept', () =>
    fc.assert(
      fc.asyncProperty(tale, (steps) =>
        withRollback(async (db) => {
          const [person, w] = await withdrawal(db);
          for (const step of steps) {
            const kind = step.startsWith('paid') ? 'payout.paid' : 'payout.failed';
            if (step === 'submitted')
              await db.query('select app_private.withdrawal_submitted($1, $2)', [w.id, `po_${w.id}`]);
            else if (step === 'other amount') await tell(db, step, 'payout.paid', event(w, '1'));
            else await tell(db, step, kind, event(w, '4000'));
          }
          const first = steps.map((step) => step.slice(0, 4)).find((step) => step === 'paid' || step === 'fail');
          const expected = { paid: ['60.00', '0.00'], fail: ['100.00', '0.00'], none: ['60.00', '40.00'] };
          expect(await money(db, person)).toEqual(expected[(first as 'paid' | 'fail' | undefined) ?? 'none']);
          const both = steps.some((step) => step.startsWith('paid')) && steps.includes('failed');
          const kept = await db.query("select from admin.provider_events where outcome = 'contradicts'");
          expect(kept.length > 0).toBe(both);
          expect(await broken(db)).toEqual([]);
        }),
      ),
      { numRuns: 25, interruptAfterTimeLimit: 20_000 },
    ));

  test('end a withdrawal of somebody who left', () =>
    withRollback(async (db) => {
      const [paid, failed] = [await withdrawal(db), await withdrawal(db)];
      for (const [person] of [paid, failed]) await db.query('delete from auth.users where id = $1', [person.id]);
      expect(await tell(db, 'e1', 'payout.paid', event(paid[1], '4000'))).toBe('applied');
      expect(await tell(db, 'e2', 'payout.failed', event(failed[1], '4000'))).toBe('applied');
      expect(await broken(db)).toEqual([]);
    }));
});
