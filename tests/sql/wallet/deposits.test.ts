import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { broken, command, money, type ProviderEventBody, refusedCommand, tell } from '../../support/wallet.ts';

interface Deposit {
  readonly id: string;
  readonly state: string;
  readonly checkout: unknown;
  readonly updated_at?: string;
}

async function deposit(db: TestConnection, amount = '25.00', currency = 'USD'): Promise<[Person, Deposit]> {
  const person = await db.signUp();
  return [person, await command<Deposit>(db, 'open_deposit', person, { amount, currency, provider: 'fake' })];
}

const event = (d: Deposit, extra: Partial<ProviderEventBody> = {}): ProviderEventBody => ({
  reference: d.id,
  provider_reference: `pi_${d.id}`,
  amount_minor: '2500',
  currency: 'USD',
  ...extra,
});

const attach = (db: TestConnection, d: Deposit) =>
  db.one<{ row: Deposit }>('select app_private.attach_deposit($1, $2, $3) as row', [
    d.id,
    `pi_${d.id}`,
    { url: 'https://pay' },
  ]);

const stateOf = async (db: TestConnection, d: Deposit) =>
  (await db.one<{ state: string }>('select state from public.deposits where id = $1', [d.id])).state;

test('books what the provider has received, and nothing before', () =>
  withRollback(async (db) => {
    const [person, d] = await deposit(db);
    expect(d).toMatchObject({ state: 'pending', checkout: null });
    expect((await attach(db, d)).row).toMatchObject({ id: d.id, checkout: { url: 'https://pay' } });
    await attach(db, d);
    expect(await money(db, person)).toEqual(['0.00', '0.00']);
    await db.as({ role: 'astra_api' });
    expect(await tell(db, 'e', 'deposit.succeeded', event(d))).toBe('applied');
    await db.as({ role: 'postgres' });
    expect(await money(db, person)).toEqual(['25.00', '0.00']);
    expect(await stateOf(db, d)).toBe('completed');
    expect(await broken(db)).toEqual([]);
  }));

test.each([
  ['0', 'USD', 'wallet.invalid_amount'],
  ['1.001', 'USD', 'wallet.amount_scale'],
  ['1', 'XXX', 'wallet.unknown_currency'],
])('refuses a deposit of %s %s (%s)', (amount, currency, code) =>
  withRollback(async (db) => {
    const refused = refusedCommand('open_deposit', await db.signUp(), { amount, currency, provider: 'fake' });
    expect(await db.refusal(...refused)).toMatchObject({ code });
  }),
);

test.each([
  ['10000000000.01', 'USD', 'Pay in at most 10000000000.00 USD.'],
  ['46116860184273879.04', 'USD', 'Pay in at most 10000000000.00 USD.'],
  ['1000000000001', 'JPY', 'Pay in at most 1000000000000 JPY.'],
])('refuses a deposit of %s %s, more than the books are made for (wallet.limit_exceeded)', (amount, currency, hint) =>
  withRollback(async (db) => {
    const refused = refusedCommand('open_deposit', await db.signUp(), { amount, currency, provider: 'fake' });
    expect(await db.refusal(...refused)).toMatchObject({ sqlstate: 'PT422', code: 'wallet.limit_exceeded', hint });
  }),
);

test('books the largest deposit, and no currency may allow one that funding could not owe many times', () =>
  withRollback(async (db) => {
    const [person, d] = await deposit(db, '10000000000.00');
    expect(await tell(db, 'e', 'deposit.succeeded', event(d, { amount_minor: '1000000000000' }))).toBe('applied');
    expect(await money(db, person)).toEqual(['10000000000.00', '0.00']);
    const beyond = "update ledger.currencies set max_deposit_minor = 1000000000000001 where code = 'USD'";
    expect((await db.refusal(beyond)).sqlstate).toBe('23514');
  }));

test('money that the funding account can owe no more is kept until an operator applies it', () =>
  withRollback(async (db) => {
    const [person, d] = await deposit(db, '25.000', 'TND');
    const paid = event(d, { amount_minor: '25000', currency: 'TND' });
    // Nobody else uses this currency meanwhile.
    await db.query(
      "update ledger.accounts set floor_minor = balance_minor where owner is null and purpose = 'funding' and currency = 'TND'",
    );
    expect(await tell(db, 'e', 'deposit.succeeded', paid)).toBe('beyond_the_books');
    expect(await stateOf(db, d)).toBe('pending');
    expect(await db.query("select from admin.provider_events where event_id = 'e'")).toHaveLength(1);
    await db.query(
      "update ledger.accounts set floor_minor = -4611686018427387904 where owner is null and purpose = 'funding' and currency = 'TND'",
    );
    const retry = "select admin.retry_provider_event('fake', 'e', 'room was made') as outcome";
    expect(await db.one(retry)).toEqual({ outcome: 'applied' });
    expect(await money(db, person, 'TND')).toEqual(['25.000', '0.000']);
  }));

test('the answer to a retry has the checkout and the time of the first answer, whatever happened since', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const [session, key] = [await db.signIn(person), randomUUID()];
    const open = () =>
      db.one<{ replayed: boolean; body: Deposit }>('select * from app_private.wallet_command($1, $2, $3, $4, $5, $6)', [
        person.id,
        session,
        key,
        Buffer.from('h'),
        'open_deposit',
        { amount: '1', currency: 'USD', provider: 'fake' },
      ]);
    const { body: opened } = await open();
    expect((await open()).body).toEqual(opened);
    const attachTo = 'select app_private.attach_deposit($1, $2, $3, $4) as body';
    const values = [opened.id, `pi_${opened.id}`, { url: 'https://pay' }, key];
    const { body: first } = await db.one<{ body: Deposit }>(attachTo, values);
    expect(first).toEqual({ ...opened, checkout: { url: 'https://pay' }, updated_at: first.updated_at });
    expect(await tell(db, 'e', 'deposit.succeeded', event(opened, { amount_minor: '100' }))).toBe('applied');
    expect(await db.one(attachTo, values)).toEqual({ body: first });
    expect(await open()).toMatchObject({ replayed: true, body: first });
    const [, other] = await deposit(db);
    await attach(db, other);
    expect((await open()).body).toEqual(first);
  }));

test('refuses a deposit into a frozen wallet (wallet.frozen)', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.query("select admin.freeze_wallet($1, 'in', 'a test')", [person.username]);
    const refused = refusedCommand('open_deposit', person, { amount: '1', currency: 'USD', provider: 'fake' });
    expect(await db.refusal(...refused)).toMatchObject({ sqlstate: 'PT403', code: 'wallet.frozen' });
  }));

test('a deposit that the provider would not take has failed', () =>
  withRollback(async (db) => {
    const [, d] = await deposit(db);
    await db.query("select app_private.deposit_refused($1, 'amount_too_small')", [d.id]);
    expect(await stateOf(db, d)).toBe('failed');
  }));

test.each([
  ['another amount', { amount_minor: '2501' }, 'amount_differs'],
  ['an amount beyond a bigint', { amount_minor: '9999999999999999999' }, 'amount_differs'],
  ['another currency', { currency: 'EUR' }, 'amount_differs'],
  ['another reference', { provider_reference: 'pi_other' }, 'reference_differs'],
  ['a deposit that we do not know', { reference: randomUUID() }, 'unknown_reference'],
])('an event with %s is kept and books nothing', (_, extra, outcome) =>
  withRollback(async (db) => {
    const [person, d] = await deposit(db);
    await attach(db, d);
    expect(await tell(db, 'e', 'deposit.succeeded', event(d, extra))).toBe(outcome);
    expect(await money(db, person)).toEqual(['0.00', '0.00']);
    expect(await db.one("select outcome from admin.provider_events where event_id = 'e'")).toEqual({ outcome });
  }),
);

test('an event that overtook our own record is applied by its next delivery, as it first came', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const early = { id: randomUUID(), state: '', checkout: null };
    expect(await tell(db, 'e', 'deposit.succeeded', event(early))).toBe('unknown_reference');
    await db.query(
      "insert into ledger.deposits (id, owner, currency, amount_minor, provider) values ($1, $2, 'USD', 2500, 'fake')",
      [early.id, person.id],
    );
    expect(await tell(db, 'e', 'deposit.succeeded', event(early, { amount_minor: '1' }))).toBe('applied');
    expect(await tell(db, 'e', 'deposit.succeeded', event(early))).toBe('duplicate');
    expect(await money(db, person)).toEqual(['25.00', '0.00']);
  }));

test('money for a frozen wallet is kept until an operator applies it', () =>
  withRollback(async (db) => {
    const [person, d] = await deposit(db);
    await db.query("select admin.freeze_wallet($1, 'in', 'a test')", [person.username]);
    expect(await tell(db, 'e', 'deposit.succeeded', event(d))).toBe('wallet_unavailable');
    expect(await stateOf(db, d)).toBe('pending');
    const retry = "select admin.retry_provider_event('fake', 'e', 'looked at it') as outcome";
    expect(await db.one(retry)).toEqual({ outcome: 'wallet_unavailable' });
    await db.query("select admin.freeze_wallet($1, 'none', 'a test')", [person.username]);
    expect(await db.one(retry)).toEqual({ outcome: 'applied' });
    expect(await db.one(retry)).toEqual({ outcome: 'duplicate' });
    expect(await money(db, person)).toEqual(['25.00', '0.00']);
    expect(
      await db.query("select from admin.audit_log where action = 'retry_provider_event' and target = 'fake e'"),
    ).toHaveLength(3);
  }));

test('money for somebody who left is kept', () =>
  withRollback(async (db) => {
    const [person, d] = await deposit(db);
    await db.query('delete from auth.users where id = $1', [person.id]);
    expect(await tell(db, 'e', 'deposit.succeeded', event(d))).toBe('wallet_unavailable');
    expect(await db.query("select from admin.provider_events where event_id = 'e'")).toHaveLength(1);
  }));

test('events of another provider do not touch a deposit', () =>
  withRollback(async (db) => {
    const [, d] = await deposit(db);
    const sql = "select app_private.apply_provider_event('other', 'e', 'deposit.succeeded', $1) as outcome";
    expect(await db.one(sql, [event(d)])).toEqual({ outcome: 'unknown_reference' });
  }));

const tale = fc.shuffledSubarray(
  ['attach', 'succeeded', 'succeeded', 'other succeeded', 'failed', 'failed', 'ignored'],
  { minLength: 1 },
);
test('in any order and number, a deposit that succeeded is booked once, whatever else is told', () =>
  fc.assert(
    fc.asyncProperty(tale, (steps) =>
      withRollback(async (db) => {
        const [person, d] = await deposit(db);
        for (const step of steps) {
          if (step === 'attach') await attach(db, d);
          else await tell(db, step, step === 'ignored' ? step : `deposit.${step.replace('other ', '')}`, event(d));
        }
        const succeeded = steps.some((step) => step.endsWith('succeeded'));
        expect(await money(db, person)).toEqual([succeeded ? '25.00' : '0.00', '0.00']);
        expect(await stateOf(db, d)).toBe(succeeded ? 'completed' : steps.includes('failed') ? 'failed' : 'pending');
        expect(await broken(db)).toEqual([]);
      }),
    ),
    { numRuns: 25, interruptAfterTimeLimit: 20_000 },
  ));
