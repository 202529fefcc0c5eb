import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { transactionSchema, transactionsPage, walletSchema } from '../../contracts/api/wallet.ts';
import { ask, balanceOf, expectProblem, fund, type Person, signUp } from '../support/api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  await fund(ana, '1000.00');
});

/** Pays `to` as `from`; other fields replace the defaults. */
function pay(from: Person, to: Person, body: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  return ask('wallet/transaction', {
    token: from.token,
    body: { recipient: to.username, amount: '1.00', ...body },
    headers,
  });
}

describe('GET wallet', () => {
  test('shows balance, pending balance and earnings as decimal strings', async () => {
    const cleo = await signUp('cleo');
    await fund(cleo, '12.50');
    const answer = await ask('wallet', { token: cleo.token });
    expect(answer.status).toBe(200);
    expect(walletSchema.parse(answer.body)).toMatchObject({
      user_id: cleo.id,
      currency: 'USD',
      balance: '12.50',
      pending_balance: '0.00',
      linked_accounts: [],
      is_frozen: false,
      currencies: ['USD'],
    });
  });

  test('answers a currency that the user does not hold (wallet.not_found)', async () => {
    expectProblem(await ask('wallet?currency=EUR', { token: ana.token }), 'wallet.not_found');
  });

  test('refuses what is not a currency code (request.invalid)', async () => {
    expectProblem(await ask('wallet?currency=usd', { token: ana.token }), 'request.invalid');
  });
});

describe('POST wallet/transaction', () => {
  test('moves money to a user named by username and shows the sender’s side', async () => {
    const [from, to] = await Promise.all([signUp('dan'), signUp('eve')]);
    await fund(from, '50.00');
    const answer = await pay(from, to, { amount: '12.34', description: 'Lunch', category: 'food' });
    expect(answer.status).toBe(201);
    expect(transactionSchema.parse(answer.body)).toMatchObject({
      user_id: from.id,
      type: 'expense',
      amount: '12.34',
      currency: 'USD',
      description: 'Lunch',
      category: 'food',
      status: 'completed',
      counterparty_id: to.id,
      counterparty_username: to.username,
      balance_after: '37.66',
    });
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['37.66', '12.34']);
  });

  test('moves money to a user named by id', async () => {
    const to = await signUp('fay');
    const answer = await pay(ana, to, { recipient: to.id });
    expect(answer.status).toBe(201);
    expect(await balanceOf(to)).toBe('1.00');
  });

  test('refuses an overdraft and books nothing (wallet.insufficient_funds)', async () => {
    const [from, to] = await Promise.all([signUp('gus'), signUp('hal')]);
    await fund(from, '5.00');
    expectProblem(await pay(from, to, { amount: '5.01' }), 'wallet.insufficient_funds');
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['5.00', '0.00']);
  });

  test('refuses an unknown recipient (wallet.recipient_not_found)', async () => {
    expectProblem(await pay(ana, ben, { recipient: 'nobody.of.that.name' }), 'wallet.recipient_not_found');
    expectProblem(await pay(ana, ben, { recipient: randomUUID() }), 'wallet.recipient_not_found');
  });

  test('refuses a payment to oneself (wallet.self_transfer)', async () => {
    expectProblem(await pay(ana, ana), 'wallet.self_transfer');
  });

  test('refuses an unknown currency (wallet.unknown_currency)', async () => {
    expectProblem(await pay(ana, ben, { currency: 'XXQ' }), 'wallet.unknown_currency');
  });

  test.each(['1e3', '-1', 'NaN', 'Infinity', '0', '0.00', '+1', '1,5', ' 1', '1.', '0x10', '١', '--1', 'one'])(
    'refuses the amount %j and books nothing (wallet.invalid_amount)',
    async (amount) => {
      const before = await balanceOf(ben);
      expectProblem(await pay(ana, ben, { amount }), 'wallet.invalid_amount');
      expect(await balanceOf(ben)).toBe(before);
    },
  );

  test.each(['0.001', '1.999'])(
    'refuses the amount %j in a currency with two decimals (wallet.amount_scale)',
    async (amount) => {
      expectProblem(await pay(ana, ben, { amount }), 'wallet.amount_scale');
    },
  );

  test.each([
    ['a number as amount', { amount: 5 }],
    ['null as amount', { amount: null }],
    ['an empty amount', { amount: '' }],
    ['an amount of 41 digits', { amount: '1'.repeat(41) }],
    ['an object as recipient', { recipient: { id: 1 } }],
    ['a recipient that is too long', { recipient: 'x'.repeat(65) }],
    ['a description that is too long', { description: 'x'.repeat(281) }],
    ['a NUL in the description', { description: 'a\u0000b' }],
    ['half a surrogate pair', { description: '\ud800' }],
    ['a currency in lower case', { currency: 'usd' }],
    ['an unknown field', { from: 'somebody else' }],
    ['somebody else as actor', { user_id: '00000000-0000-4000-8000-000000000000' }],
  ])('refuses %s and books nothing (request.invalid)', async (_what, body) => {
    const before = await balanceOf(ben);
    const answer = await pay(ana, ben, body);
    expectProblem(answer, 'request.invalid');
    expect((answer.body as { errors: unknown[] }).errors).not.toHaveLength(0);
    expect(await balanceOf(ben)).toBe(before);
  });
});

describe('Idempotency-Key', () => {
  test('answers a repeated payment with the stored response and books it once', async () => {
    const [from, to] = await Promise.all([signUp('ida'), signUp('jon')]);
    await fund(from, '10.00');
    const headers = { 'Idempotency-Key': randomUUID() };
    const first = await pay(from, to, { amount: '4.00' }, headers);
    const second = await pay(from, to, { amount: '4.00' }, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers: h }) => h.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await balanceOf(from)).toBe('6.00');
  });

  test('books twenty payments at once with one key a single time', async () => {
    const [from, to] = await Promise.all([signUp('kim'), signUp('leo')]);
    await fund(from, '10.00');
    const headers = { 'Idempotency-Key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(from, to, { amount: '1.00' }, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    expect(await balanceOf(from)).toBe('9.00');
  });

  test('stores a refusal: money that arrives later does not flip the outcome', async () => {
    const [from, to] = await Promise.all([signUp('mia'), signUp('ned')]);
    const headers = { 'Idempotency-Key': randomUUID() };
    expectProblem(await pay(from, to, { amount: '3.00' }, headers), 'wallet.insufficient_funds');
    await fund(from, '10.00');
    const again = await pay(from, to, { amount: '3.00' }, headers);
    expectProblem(again, 'wallet.insufficient_funds');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await balanceOf(from)).toBe('10.00');
  });

  test('refuses the same key with another body (idempotency.key_reused)', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    expect((await pay(ana, ben, { amount: '1.00' }, headers)).status).toBe(201);
    expectProblem(await pay(ana, ben, { amount: '2.00' }, headers), 'idempotency.key_reused');
  });

  test('treats a body with its fields in another order as the same', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const raw = (text: string) => ask('wallet/transaction', { token: ana.token, raw: text, headers });
    const first = await raw(`{"recipient":"${ben.username}","amount":"1.00"}`);
    const second = await raw(`{ "amount": "1.00", "recipient": "${ben.username}" }`);
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
  });

  test('keeps the keys of two users apart', async () => {
    const [from, to] = await Promise.all([signUp('oda'), signUp('pia')]);
    await Promise.all([fund(from, '5.00'), fund(to, '5.00')]);
    const headers = { 'Idempotency-Key': randomUUID() };
    const answers = [await pay(from, to, {}, headers), await pay(to, from, {}, headers)];
    expect(answers.map(({ headers: h }) => h.get('idempotency-replayed'))).toEqual([null, null]);
  });

  test.each(['é', 'x'.repeat(256)])('refuses the key %j (idempotency.invalid_key)', async (key) => {
    const latin1 = Buffer.from(key, 'utf8').toString('latin1');
    expectProblem(await pay(ana, ben, {}, { 'Idempotency-Key': latin1 }), 'idempotency.invalid_key');
  });
});

describe('GET wallet/transactions', () => {
  let rio: Person;

  beforeAll(async () => {
    rio = await signUp('rio');
    await fund(rio, '100.00');
    for (const [index, category] of ['food', 'rent', 'food', 'fun', 'food'].entries()) {
      expect((await pay(rio, ben, { amount: `${index + 1}.00`, category })).status).toBe(201);
    }
  });

  test('gives pages, newest first, each row once', async () => {
    const ids: string[] = [];
    const amounts: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const answer = await ask(`wallet/transactions?limit=2${query}`, { token: rio.token });
      const page = transactionsPage.parse(answer.body);
      ids.push(...page.data.map(({ id }) => id));
      amounts.push(...page.data.map(({ amount }) => amount));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(amounts).toEqual(['5.00', '4.00', '3.00', '2.00', '1.00', '100.00']);
    expect(new Set(ids).size).toBe(6);
  });

  test('filters by type, status and category', async () => {
    const list = async (query: string) => {
      const answer = await ask(`wallet/transactions?${query}`, { token: rio.token });
      return transactionsPage.parse(answer.body).data.map(({ amount }) => amount);
    };
    expect(await list('type=income')).toEqual(['100.00']);
    expect(await list('type=expense&category=food')).toEqual(['5.00', '3.00', '1.00']);
    expect(await list('status=failed')).toEqual([]);
  });

  test('shows nobody else’s transactions', async () => {
    const stranger = await signUp('sue');
    const answer = await ask('wallet/transactions', { token: stranger.token });
    expect(answer.body).toEqual({ data: [], next_cursor: null });
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=1e1',
    'limit=-1',
    'type=gift',
    'status=done',
    'limit=1&limit=2',
    'offset=3',
  ])('refuses ?%s (request.invalid)', async (query) => {
    expectProblem(await ask(`wallet/transactions?${query}`, { token: rio.token }), 'request.invalid');
  });

  test.each(['x', 'e30', Buffer.from('["now","; drop table"]').toString('base64url')])(
    'refuses the cursor %j (request.invalid_cursor)',
    async (cursor) => {
      expectProblem(await ask(`wallet/transactions?cursor=${cursor}`, { token: rio.token }), 'request.invalid_cursor');
    },
  );
});
