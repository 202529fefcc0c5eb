import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

interface Answer {
  readonly replayed: boolean;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

interface Request {
  readonly key?: string | null;
  readonly hash?: string;
  readonly recipient: string;
  readonly amount?: string | null;
  readonly currency?: string;
}

function post(db: TestConnection, actor: string, request: Request): Promise<Answer> {
  const { key = randomUUID(), hash = 'h', recipient, amount = '10.00', currency = 'USD' } = request;
  return db.one<Answer>('select * from app_private.post_transaction($1, $2, $3, $4, $5, $6, $7, $8)', [
    actor,
    key,
    Buffer.from(hash),
    recipient,
    amount,
    currency,
    'for lunch',
    'food',
  ]);
}

/** Two people; the first has 100 USD. */
function withMoney<T>(fn: (db: TestConnection, payer: Person, payee: Person) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const [payer, payee] = [await db.signUp(), await db.signUp()];
    await db.fund(payer, '100');
    await db.as({ role: 'astra_api' });
    return await fn(db, payer, payee);
  });
}

async function balances(db: TestConnection, ...people: Person[]): Promise<unknown[]> {
  await db.as({ role: 'postgres' });
  const rows = await db.query(
    `select w.balance from unnest($1::uuid[]) with ordinality p (id, i) join public.wallet w on w.user_id = p.id
     where w.currency = 'USD' order by p.i`,
    [people.map((person) => person.id)],
  );
  await db.as({ role: 'astra_api' });
  return rows.map((row) => row['balance']);
}

describe('a transfer', () => {
  test('moves the money and answers 201 with the payer’s transaction', () =>
    withMoney(async (db, payer, payee) => {
      const answer = await post(db, payer.id, { recipient: payee.username, amount: '12.5' });
      expect(answer).toMatchObject({ replayed: false, status: 201 });
      expect(answer.body).toEqual({
        id: expect.any(String),
        user_id: payer.id,
        type: 'expense',
        kind: 'transfer',
        amount: '12.50',
        currency: 'USD',
        description: 'for lunch',
        category: 'food',
        status: 'completed',
        counterparty_id: payee.id,
        counterparty_username: payee.username,
        balance_after: '87.50',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/),
      });
      expect(await balances(db, payer, payee)).toEqual(['87.50', '12.50']);
    }));

  test('is seen by both people as their own transaction, and by nobody else', () =>
    withMoney(async (db, payer, payee) => {
      const stranger = await db.as({ role: 'postgres' }).then(() => db.signUp());
      await db.as({ role: 'astra_api' });
      const { body } = await post(db, payer.id, { recipient: payee.id });
      const seen = async (person: Person) => {
        await db.as({ role: 'authenticated', sub: person.id });
        return await db.query('select user_id, type, counterparty_id from public.transactions where id = $1', [
          body['id'],
        ]);
      };
      expect(await seen(payer)).toEqual([{ user_id: payer.id, type: 'expense', counterparty_id: payee.id }]);
      expect(await seen(payee)).toEqual([{ user_id: payee.id, type: 'income', counterparty_id: payer.id }]);
      expect(await seen(stranger)).toEqual([]);
    }));

  test('counts as earnings of the payee; money added by an operator does not', () =>
    withMoney(async (db, payer, payee) => {
      await post(db, payer.id, { recipient: payee.id });
      await db.as({ role: 'authenticated', sub: payee.id });
      expect(await db.query('select total_earnings from public.wallet')).toEqual([{ total_earnings: '10.00' }]);
      await db.as({ role: 'authenticated', sub: payer.id });
      expect(await db.query('select total_earnings from public.wallet')).toEqual([{ total_earnings: '0.00' }]);
    }));

  test('may use up the balance to the last cent', () =>
    withMoney(async (db, payer, payee) => {
      expect(await post(db, payer.id, { recipient: payee.id, amount: '100' })).toMatchObject({ status: 201 });
      expect(await balances(db, payer, payee)).toEqual(['0.00', '100.00']);
    }));

  test.each([
    ['JPY', '7', '7'],
    ['KWD', '0.125', '0.125'],
  ])('opens the payee’s account in %s on first use', (currency, amount, shown) =>
    withMoney(async (db, payer, payee) => {
      await db.as({ role: 'postgres' });
      await db.fund(payer, amount, currency);
      await db.as({ role: 'astra_api' });
      const { body } = await post(db, payer.id, { recipient: payee.id, amount, currency });
      expect(body).toMatchObject({ amount: shown, currency });
    }),
  );
});

describe('a refusal is an answer that changes nothing', () => {
  const nobody = randomUUID();
  test.each<[string, number, Partial<Request>]>([
    ['wallet.insufficient_funds', 402, { amount: '100.01' }],
    ['wallet.insufficient_funds', 402, { amount: '1', currency: 'EUR' }],
    ['wallet.recipient_not_found', 404, { recipient: nobody }],
    ['wallet.recipient_not_found', 404, { recipient: 'nobody.of.this.name' }],
    ['wallet.recipient_not_found', 404, { recipient: "'; drop table x --" }],
    ['wallet.unknown_currency', 422, { currency: 'XXX' }],
    ['wallet.amount_scale', 422, { amount: '0.001' }],
    ['wallet.amount_scale', 422, { amount: '1.500' }],
    ['wallet.amount_scale', 422, { amount: '1.0', currency: 'JPY' }],
    ...['1e3', '-1', '+1', 'NaN', 'Infinity', '0', '0.00', '', ' 1', '1 ', '1.', '.5', '01', '1,5', '0x10', '１'].map(
      (amount): [string, number, Partial<Request>] => ['wallet.invalid_amount', 422, { amount }],
    ),
    ['wallet.invalid_amount', 422, { amount: null }],
    ['wallet.invalid_amount', 422, { amount: '92233720368547758.08' }],
    ['wallet.invalid_amount', 422, { amount: '9'.repeat(41) }],
    ['wallet.insufficient_funds', 402, { amount: '92233720368547758.07' }],
  ])('%s (%i) for %j', (code, status, request) =>
    withMoney(async (db, payer, payee) => {
      const answer = await post(db, payer.id, { recipient: payee.id, ...request });
      expect(answer).toEqual({
        replayed: false,
        status,
        body: { code, detail: expect.any(String), hint: expect.any(String) },
      });
      expect(await balances(db, payer, payee)).toEqual(['100.00', '0.00']);
    }),
  );

  test('wallet.self_transfer (422) by id and by name', () =>
    withMoney(async (db, payer) => {
      for (const recipient of [payer.id, payer.id.toUpperCase(), payer.username, payer.username.toUpperCase()]) {
        const answer = await post(db, payer.id, { recipient });
        expect(answer).toMatchObject({ status: 422, body: { code: 'wallet.self_transfer' } });
      }
    }));

  test('wallet.frozen (403): money stays, while a frozen wallet still receives', () =>
    withMoney(async (db, payer, payee) => {
      await db.as({ role: 'postgres' });
      await db.query("select admin.freeze_wallet($1, 'out', 'fraud check')", [payee.username]);
      await db.as({ role: 'astra_api' });
      expect(await post(db, payer.id, { recipient: payee.id })).toMatchObject({ status: 201 });
      for (const currency of ['USD', 'EUR']) {
        const answer = await post(db, payee.id, { recipient: payer.id, amount: '1', currency });
        expect(answer).toMatchObject({ status: 403, body: { code: 'wallet.frozen' } });
      }
    }));

  test('a freeze holds for a currency that is used for the first time afterwards', () =>
    withMoney(async (db, payer, payee) => {
      await db.as({ role: 'postgres' });
      await db.query("select admin.freeze_wallet($1, 'out', 'fraud check')", [payee.username]);
      await db.fund(payee, '5', 'EUR');
      await db.as({ role: 'astra_api' });
      const answer = await post(db, payee.id, { recipient: payer.id, amount: '1', currency: 'EUR' });
      expect(answer).toMatchObject({ status: 403, body: { code: 'wallet.frozen' } });
    }));

  test('a payee whose wallet cannot hold the amount (wallet.invalid_amount)', () =>
    withMoney(async (db, payer, payee) => {
      await db.as({ role: 'postgres' });
      await db.query(
        `update ledger.accounts set earned_minor = 9223372036854775000 where owner = $1 and purpose = 'available'`,
        [payee.id],
      );
      await db.as({ role: 'astra_api' });
      const answer = await post(db, payer.id, { recipient: payee.id });
      expect(answer).toMatchObject({ status: 422, body: { code: 'wallet.invalid_amount' } });
    }));
});

describe('a retry with the same key', () => {
  test('gives the stored transaction and moves nothing again', () =>
    withMoney(async (db, payer, payee) => {
      const first = await post(db, payer.id, { key: 'k', recipient: payee.id });
      const again = await post(db, payer.id, { key: 'k', recipient: payee.id });
      expect(again).toEqual({ ...first, replayed: true });
      expect(await balances(db, payer, payee)).toEqual(['90.00', '10.00']);
    }));

  test('gives a stored refusal even after the money has come', () =>
    withMoney(async (db, payer, payee) => {
      const first = await post(db, payer.id, { key: 'k', recipient: payee.id, amount: '150' });
      await db.as({ role: 'postgres' });
      await db.fund(payer, '100');
      await db.as({ role: 'astra_api' });
      const again = await post(db, payer.id, { key: 'k', recipient: payee.id, amount: '150' });
      expect(again).toEqual({ ...first, replayed: true });
      expect(again.body).toMatchObject({ code: 'wallet.insufficient_funds' });
    }));

  test('and another body is refused (idempotency.key_reused)', () =>
    withMoney(async (db, payer, payee) => {
      await post(db, payer.id, { key: 'k', recipient: payee.id });
      const refusal = await db.refusal(
        "select app_private.post_transaction($1, 'k', 'other', $2, '10', 'USD', null, null)",
        [payer.id, payee.id],
      );
      expect(refusal).toMatchObject({ sqlstate: 'PT409', code: 'idempotency.key_reused' });
    }));

  test('without a key every request is a new one', () =>
    withMoney(async (db, payer, payee) => {
      await post(db, payer.id, { key: null, recipient: payee.id });
      await post(db, payer.id, { key: null, recipient: payee.id });
      expect(await balances(db, payer, payee)).toEqual(['80.00', '20.00']);
    }));
});

test('an error that is not a refusal is raised and nothing is stored', () =>
  withMoney(async (db, payer, payee) => {
    const sql = "select app_private.post_transaction($1, 'k', 'h', $2, '1', 'USD', repeat('x', 1001), null)";
    expect((await db.refusal(sql, [payer.id, payee.id])).sqlstate).toBe('23514');
    expect(await post(db, payer.id, { key: 'k', recipient: payee.id })).toMatchObject({ replayed: false, status: 201 });
  }));
