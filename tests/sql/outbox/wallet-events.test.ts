import { expect, test } from 'vitest';
import { parseEvent } from '../../../contracts/events.ts';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

/** The wallet's events of this transaction, in order, parsed as the worker parses them; transfers are left out. */
async function told(db: TestConnection, after = 0) {
  const rows = await db.query(
    `select * from app_private.outbox_events
     where tx_id = pg_current_xact_id() and type like 'wallet.%' and type <> 'wallet.transfer_completed' order by position`,
  );
  return rows.slice(after).map((row) => {
    const { type, actor_id, payload } = parseEvent({ ...row, tx_id: String(row['tx_id']) });
    return { type, actor_id, payload };
  });
}

async function run<T = { id: string }>(db: TestConnection, operation: string, actor: Person, args: object): Promise<T> {
  const { made } = await db.one<{ made: T }>(`select ledger.${operation}($1, $2) as made`, [actor.id, args]);
  return made;
}

async function twoPeople(db: TestConnection): Promise<[Person, Person]> {
  const people: [Person, Person] = [await db.signUp(), await db.signUp()];
  await db.fund(people[0], '10.00');
  return people;
}

test('a hold tells wallet.hold_placed, and its end wallet.hold_resolved once', () =>
  withRollback(async (db) => {
    const [ana, ben] = await twoPeople(db);
    const place = (amount: string) =>
      run(db, 'place_hold', ana, { recipient: ben.id, amount, currency: 'USD', description: 'Room' });
    const captured = await place('4.00');
    const voided = await place('1.00');
    const expired = await place('2.00');
    await run(db, 'capture_hold', ben, { id: captured.id, amount: '3.00' });
    await run(db, 'void_hold', ben, { id: voided.id });
    await db.query('update ledger.holds set expires_at = clock_timestamp() where id = $1', [expired.id]);
    await db.query('select app_private.expire_holds(10)');
    const of = { user_id: ana.id, payee_id: ben.id, currency: 'USD', exponent: 2 };
    const placed = { type: 'wallet.hold_placed', actor_id: ana.id };
    const resolved = 'wallet.hold_resolved';
    expect(await told(db)).toMatchObject([
      { ...placed, payload: { ...of, hold_id: captured.id, amount_minor: '400', description: 'Room' } },
      { ...placed, payload: { hold_id: voided.id } },
      { ...placed, payload: { hold_id: expired.id } },
      {
        ...{ type: resolved, actor_id: null },
        payload: {
          ...of,
          hold_id: captured.id,
          state: 'captured',
          captured_minor: '300',
          transfer_id: expect.any(String),
        },
      },
      {
        type: resolved,
        actor_id: ben.id,
        payload: { ...of, hold_id: voided.id, state: 'voided', transfer_id: null },
      },
      { type: resolved, actor_id: null, payload: { ...of, hold_id: expired.id, state: 'expired' } },
    ]);
  }));

test('a withdrawal tells each new state, and not each attempt', () =>
  withRollback(async (db) => {
    const [ana] = await twoPeople(db);
    const linked = await run(db, 'link_account', ana, {
      ...{ provider: 'fake', provider_token: 'ba_x', kind: 'bank_account', bank_name: 'Bank', last4: '6789' },
      currency: 'USD',
    });
    const { id } = await run(db, 'withdraw', ana, { linked_account_id: linked.id, amount: '4.00', currency: 'USD' });
    await db.query(`select app_private.claim_withdrawals(10, '1 minute')`);
    await db.query(`select app_private.withdrawal_retry($1, 'timeout', '1 second')`, [id]);
    await db.query(`select app_private.withdrawal_submitted($1, 'po_1')`, [id]);
    const paid = { reference: id, provider_reference: 'po_1', amount_minor: '400', currency: 'USD' };
    await db.query(`select app_private.apply_provider_event('fake', 'evt_1', 'payout.paid', $1)`, [paid]);
    await db.query('update ledger.linked_accounts set removed_at = now() where id = $1', [linked.id]);
    const of = { withdrawal_id: id, user_id: ana.id, currency: 'USD', amount_minor: '400', fee_minor: '0' };
    const account = { linked_account_id: linked.id, user_id: ana.id, last4: '6789' };
    const events = await told(db);
    expect(events).toMatchObject([
      { type: 'wallet.linked_account_changed', actor_id: ana.id, payload: { ...account, state: 'linked' } },
      { type: 'wallet.withdrawal_changed', actor_id: ana.id, payload: { ...of, state: 'requested' } },
      { type: 'wallet.withdrawal_changed', actor_id: null, payload: { ...of, state: 'submitted' } },
      { type: 'wallet.withdrawal_changed', actor_id: null, payload: { ...of, state: 'paid' } },
      { type: 'wallet.linked_account_changed', payload: { ...account, state: 'removed' } },
    ]);
    expect(JSON.stringify(events)).not.toContain('ba_x');
  }));

test('a deposit and a payment request tell each new state', () =>
  withRollback(async (db) => {
    const [ana, ben] = await twoPeople(db);
    const { id } = await run(db, 'open_deposit', ana, { amount: '5.00', currency: 'USD', provider: 'fake' });
    const paid = { reference: id, provider_reference: 'dep_1', amount_minor: '500', currency: 'USD' };
    await db.query(`select app_private.apply_provider_event('fake', 'evt_2', 'deposit.succeeded', $1)`, [paid]);
    const ask = () => run(db, 'request_payment', ben, { payer: ana.id, amount: '1.00', currency: 'USD' });
    const [first, second] = [await ask(), await ask()];
    await run(db, 'pay_request', ana, { id: first.id });
    await run(db, 'decline_request', ana, { id: second.id });
    const deposit = {
      type: 'wallet.deposit_changed',
      payload: { deposit_id: id, user_id: ana.id, amount_minor: '500' },
    };
    const asked = { requester_id: ben.id, payer_id: ana.id, amount_minor: '100' };
    const type = 'wallet.request_changed';
    expect(await told(db)).toMatchObject([
      { ...deposit, actor_id: ana.id, payload: { ...deposit.payload, state: 'pending' } },
      { ...deposit, actor_id: null, payload: { ...deposit.payload, state: 'completed' } },
      { type, actor_id: ben.id, payload: { ...asked, request_id: first.id, state: 'open' } },
      { type, actor_id: ben.id, payload: { ...asked, request_id: second.id, state: 'open' } },
      { type, actor_id: ana.id, payload: { ...asked, request_id: first.id, state: 'paid' } },
      { type, actor_id: ana.id, payload: { ...asked, request_id: second.id, state: 'declined' } },
    ]);
  }));

test('a freeze tells wallet.frozen_changed of each currency, and a booking does not', () =>
  withRollback(async (db) => {
    const [ana] = await twoPeople(db);
    await db.query('update ledger.accounts set frozen_out = true where owner = $1', [ana.id]);
    await db.query('update ledger.accounts set frozen_out = true, updated_at = now() where owner = $1', [ana.id]);
    await db.fund(ana, '1.00');
    expect(await told(db)).toEqual([
      {
        type: 'wallet.frozen_changed',
        actor_id: null,
        payload: { user_id: ana.id, currency: 'USD', frozen: 'out' },
      },
    ]);
  }));

test('a transfer with a fee tells what each wallet has more or less of', () =>
  withRollback(async (db) => {
    const [ana, ben] = await twoPeople(db);
    await db.query(
      `insert into ledger.fee_rules (currency, kind, percent, charged_to) values ('USD', 'transfer', 10, 'recipient')
       on conflict (currency, kind) do update set percent = 10, charged_to = 'recipient'`,
    );
    await db.query(`select app_private.post_transaction($1, null, null, $2, '5.00', 'USD', null, null)`, [
      ana.id,
      ben.id,
    ]);
    const { payload } = await db.one<{ payload: { legs: unknown[] } }>(
      `select payload from app_private.outbox_events where tx_id = pg_current_xact_id() and payload ->> 'kind' = 'transfer'`,
    );
    expect(payload.legs).toHaveLength(2);
    expect(payload.legs).toEqual(
      expect.arrayContaining([
        { user_id: ana.id, amount_minor: '-500' },
        { user_id: ben.id, amount_minor: '450' },
      ]),
    );
  }));
