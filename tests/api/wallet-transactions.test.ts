import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  batchSchema,
  MAX_BATCH,
  splitSchema,
  type Transaction,
  transactionSchema,
  transactionsPage,
  walletSchema,
} from '../../contracts/api/wallet.ts';
import { ask, asOperator, balanceOf, expectProblem, fund, type Person, signUp } from '../support/api.ts';
import { block, bodyOf, get, post, postThrice, signUpWith, walletOf } from '../support/wallet-api.ts';

let ana: Person;
let ben: Person;
let cem: Person;

beforeAll(async () => {
  [ana, ben, cem] = await Promise.all([signUpWith('ana', '10000.00'), signUp('ben'), signUp('cem')]);
});

async function pay(
  from: Person,
  to: Person,
  amount: string,
  about: Record<string, unknown> = {},
): Promise<Transaction> {
  const answer = await post(from, 'transaction', { recipient: to.id, amount, ...about });
  return transactionSchema.parse(bodyOf(answer, 201));
}

describe('POST wallet/transaction between a blocked pair', () => {
  test('is refused, whoever blocked, in the same words (wallet.blocked)', async () => {
    const [one, other] = await Promise.all([signUpWith('dan', '5.00'), signUpWith('eva', '5.00')]);
    await block(one, other);
    const answers = [
      await post(one, 'transaction', { recipient: other.username, amount: '1.00' }),
      await post(other, 'transaction', { recipient: one.id, amount: '1.00' }),
    ];
    for (const answer of answers) expectProblem(answer, 'wallet.blocked');
    const [mine, theirs] = answers.map(({ body }) => ({ ...(body as object), instance: '' }));
    expect(mine).toEqual(theirs);
    expect([await balanceOf(one), await balanceOf(other)]).toEqual(['5.00', '5.00']);
  });
});

describe('POST wallet/transaction with several recipients', () => {
  const split = (body: Record<string, unknown>) => post(ana, 'transaction', { amount: '10.00', ...body });

  test('pays each the amount stated, in one transaction of the payer', async () => {
    const [from, x, y] = await Promise.all([signUpWith('fay', '50.00'), signUp('gil'), signUp('hue')]);
    const recipients = [
      { recipient: x.username, amount: '7.25' },
      { recipient: y.id, amount: '2.75' },
    ];
    const answer = await post(from, 'transaction', { recipients, amount: '10.00', description: 'Dinner' });
    const { transaction, splits } = splitSchema.parse(bodyOf(answer, 201));
    expect(transaction).toMatchObject({ user_id: from.id, type: 'expense', amount: '10.00', description: 'Dinner' });
    expect(splits).toEqual([
      { recipient_id: x.id, username: x.username, amount: '7.25' },
      { recipient_id: y.id, username: y.username, amount: '2.75' },
    ]);
    expect(await Promise.all([from, x, y].map(balanceOf))).toEqual(['40.00', '7.25', '2.75']);
    const { data } = transactionsPage.parse(bodyOf(await get(x, 'transactions'), 200));
    expect(data).toMatchObject([{ id: transaction.id, type: 'income', amount: '7.25', counterparty_id: from.id }]);
  });

  test('divides by shares to the last cent', async () => {
    const people = await Promise.all([signUp('ida'), signUp('jon'), signUp('kim')]);
    const recipients = people.map(({ id }) => ({ recipient: id, share: 1 }));
    const { splits } = splitSchema.parse(bodyOf(await split({ recipients, amount: '1.00' }), 201));
    expect(splits.map(({ amount }) => amount)).toEqual(['0.34', '0.33', '0.33']);
    expect(await Promise.all(people.map(balanceOf))).toEqual(['0.34', '0.33', '0.33']);
  });

  test('answers a retry with the first outcome, and another body with 409 (idempotency.key_reused)', async () => {
    const body = { recipients: [{ recipient: ben.id, share: 1 }], amount: '1.00' };
    const before = await balanceOf(ana);
    await postThrice(ana, 'transaction', body, { ...body, amount: '2.00' });
    expect(Number(before) - Number(await balanceOf(ana))).toBeCloseTo(1);
  });

  test.each([
    ['parts that do not add up', [{ amount: '1.00' }, { amount: '2.00' }], 'wallet.invalid_split'],
    ['amounts and shares mixed', [{ amount: '5.00' }, { share: 1 }], 'wallet.invalid_split'],
    ['a part with too many decimals', [{ amount: '9.999' }, { amount: '0.001' }], 'wallet.amount_scale'],
    ['a part of nothing', [{ amount: '10.00' }, { amount: '0' }], 'wallet.invalid_amount'],
    ['a share of nothing', [{ share: 1 }, { share: 0 }], 'request.invalid'],
    ['half a share', [{ share: 1 }, { share: 0.5 }], 'request.invalid'],
    ['neither amount nor share', [{ share: 1 }, {}], 'request.invalid'],
  ] as const)('refuses %s and pays nobody', async (_what, parts, code) => {
    const before = await Promise.all([ben, cem].map(balanceOf));
    const recipients = parts.map((part, n) => ({ recipient: [ben, cem][n]?.id, ...part }));
    expectProblem(await split({ recipients }), code);
    expect(await Promise.all([ben, cem].map(balanceOf))).toEqual(before);
  });

  test('refuses somebody named twice, nobody at all, oneself, and a list without end', async () => {
    const twice = [ben.id, ben.username].map((recipient) => ({ recipient, share: 1 }));
    const answer = await split({ recipients: twice });
    expectProblem(answer, 'wallet.invalid_split');
    expect(answer.body).toMatchObject({ errors: [{ path: 'body.recipients.1', code: 'wallet.invalid_split' }] });
    expectProblem(await split({ recipients: [] }), 'request.invalid');
    expectProblem(await split({ recipients: [{ recipient: ana.id, share: 1 }] }), 'wallet.self_transfer');
    expectProblem(await split({ recipients: [{ recipient: randomUUID(), share: 1 }] }), 'wallet.recipient_not_found');
    const endless = Array.from({ length: 101 }, () => ({ recipient: ben.id, share: 1 }));
    expectProblem(await split({ recipients: endless }), 'request.invalid');
    expectProblem(await split({ recipients: twice, recipient: ben.id }), 'request.invalid');
  });
});

describe('GET wallet/transactions/:id', () => {
  test('gives both sides their own view', async () => {
    const sent = await pay(ana, ben, '3.00', { description: 'Tea' });
    expect(bodyOf(await get(ana, `transactions/${sent.id}`), 200)).toEqual(sent);
    expect(bodyOf(await get(ben, `transactions/${sent.id}`), 200)).toMatchObject({
      ...{ id: sent.id, user_id: ben.id, type: 'income', amount: '3.00', counterparty_username: ana.username },
    });
  });

  test('tells strangers nothing (wallet.transaction_not_found)', async () => {
    const { id } = await pay(ana, ben, '1.00');
    expectProblem(await get(cem, `transactions/${id}`), 'wallet.transaction_not_found');
    expectProblem(await get(ana, `transactions/${randomUUID()}`), 'wallet.transaction_not_found');
    expectProblem(await get(ana, 'transactions/ffffffff-ffff-7fff-bfff-ffffffffffff'), 'wallet.transaction_not_found');
    expectProblem(await get(ana, 'transactions/last'), 'request.invalid');
  });
});

describe('GET wallet/transactions with filters', () => {
  let rio: Person;
  let sue: Person;
  let times: string[];

  beforeAll(async () => {
    [rio, sue] = await Promise.all([signUpWith('rio', '100.00'), signUp('sue')]);
    await fund(rio, '50', 'JPY');
    const sent = [await pay(rio, sue, '1.00'), await pay(rio, ben, '2.00'), await pay(rio, sue, '3.00')];
    times = sent.map(({ created_at }) => created_at);
  });

  const amounts = async (query: Record<string, string>) => {
    const answer = await get(rio, `transactions?${new URLSearchParams(query)}`);
    return transactionsPage.parse(bodyOf(answer, 200)).data.map(({ amount }) => amount);
  };

  test('by counterparty, as id or username', async () => {
    expect(await amounts({ counterparty: sue.id })).toEqual(['3.00', '1.00']);
    expect(await amounts({ counterparty: sue.username.toUpperCase() })).toEqual(['3.00', '1.00']);
    expect(await amounts({ counterparty: 'nobody.of.that.name' })).toEqual([]);
  });

  test('by kind and currency', async () => {
    expect(await amounts({ kind: 'transfer' })).toEqual(['3.00', '2.00', '1.00']);
    expect(await amounts({ kind: 'funding', currency: 'JPY' })).toEqual(['50']);
    expect(await amounts({ currency: 'EUR' })).toEqual([]);
  });

  test('by time: from a moment on, and before another', async () => {
    const [first = '', , third = ''] = times;
    expect(await amounts({ from: first, to: third, kind: 'transfer' })).toEqual(['2.00', '1.00']);
    expect(await amounts({ from: third })).toEqual(['3.00']);
    expect(await amounts({ to: '2000-01-01T00:00:00Z' })).toEqual([]);
  });

  test('and pages through what is left', async () => {
    const query = `transactions?limit=1&counterparty=${sue.id}`;
    const first = transactionsPage.parse(bodyOf(await get(rio, query), 200));
    const second = transactionsPage.parse(bodyOf(await get(rio, `${query}&cursor=${first.next_cursor}`), 200));
    expect([first, second].map(({ data }) => data.map(({ amount }) => amount))).toEqual([['3.00'], ['1.00']]);
    expect(second.next_cursor).toBeNull();
  });

  test.each([
    'from=yesterday',
    'to=2026-01-01',
    'from=2026-01-01T00:00:00',
    'from=2026-01-02T00:00:00Z&to=2026-01-02T00:30:00%2B01:00',
    'kind=gift',
    'currency=usd',
    'counterparty=',
  ])('refuses ?%s (request.invalid)', async (query) => {
    expectProblem(await get(rio, `transactions?${query}`), 'request.invalid');
  });
});

describe('POST wallet/transactions/:id/reverse', () => {
  test('gives a payment back, once', async () => {
    const [from, to] = await Promise.all([signUpWith('tia', '20.00'), signUp('uma')]);
    const { id } = await pay(from, to, '8.00');
    const answer = await postThrice(to, `transactions/${id}/reverse`, { reason: 'Sold out' }, { reason: 'Broken' });
    expect(transactionSchema.parse(bodyOf(answer, 201))).toMatchObject({
      ...{ user_id: to.id, kind: 'reversal', type: 'expense', amount: '8.00', description: 'Sold out' },
    });
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['20.00', '0.00']);
    const again = await post(to, `transactions/${id}/reverse`, { reason: 'Once more' });
    expectProblem(again, 'wallet.already_reversed');
  });

  test('is for who received it (auth.forbidden), and strangers find nothing (wallet.transaction_not_found)', async () => {
    const { id } = await pay(ana, ben, '1.00');
    const reverse = (person: Person) => post(person, `transactions/${id}/reverse`, { reason: 'Mine' });
    expectProblem(await reverse(ana), 'auth.forbidden');
    expectProblem(await reverse(cem), 'wallet.transaction_not_found');
    expectProblem(await post(ben, `transactions/${id}/reverse`, {}), 'request.invalid');
    expectProblem(await post(ben, `transactions/${id}/reverse`, { reason: '  ' }), 'request.invalid');
  });

  test('needs the money (wallet.insufficient_funds)', async () => {
    const [from, to] = await Promise.all([signUpWith('val', '20.00'), signUp('wim')]);
    const { id } = await pay(from, to, '8.00');
    await pay(to, ben, '0.01');
    expectProblem(await post(to, `transactions/${id}/reverse`, { reason: 'Late' }), 'wallet.insufficient_funds');
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['12.00', '7.99']);
  });

  test('is for payments alone (wallet.not_reversible)', async () => {
    const xia = await signUpWith('xia', '1.00');
    const { data } = transactionsPage.parse(bodyOf(await get(xia, 'transactions'), 200));
    expect(data).toMatchObject([{ kind: 'funding' }]);
    expectProblem(await post(xia, `transactions/${data[0]?.id}/reverse`, { reason: 'No' }), 'wallet.not_reversible');
  });
});

describe('POST wallet/batch', () => {
  const transfers = (amounts: readonly string[], to: Person = ben) =>
    amounts.map((amount) => ({ recipient: to.username, amount }));

  test('independent: each transfer succeeds or fails on its own, in order', async () => {
    const [from, to] = await Promise.all([signUpWith('yan', '10.00'), signUp('zoe')]);
    const body = { mode: 'independent', transfers: transfers(['6.00', '6.00', 'x', '4.00', '0.01'], to) };
    const { results } = batchSchema.parse(bodyOf(await post(from, 'batch', body), 200));
    expect(results.map(({ index, status }) => [index, status])).toEqual([
      [0, 201],
      [1, 402],
      [2, 422],
      [3, 201],
      [4, 402],
    ]);
    expect(results[2]).toMatchObject({ error: { code: 'wallet.invalid_amount' } });
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['0.00', '10.00']);
  });

  test('atomic: one refusal refuses all (wallet.batch_refused)', async () => {
    const [from, to] = await Promise.all([signUpWith('abe', '10.00'), signUp('bob')]);
    const answer = await post(from, 'batch', { mode: 'atomic', transfers: transfers(['6.00', '6.00'], to) });
    expectProblem(answer, 'wallet.batch_refused');
    const errors = [{ path: 'body.transfers.1', code: 'wallet.insufficient_funds' }];
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('wallet.insufficient_funds'), errors });
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['10.00', '0.00']);
    bodyOf(await post(from, 'batch', { mode: 'atomic', transfers: transfers(['6.00', '4.00'], to) }), 200);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual(['0.00', '10.00']);
  });

  test('answers a retry with the first outcome, and another body with 409 (idempotency.key_reused)', async () => {
    const body = { mode: 'independent', transfers: transfers(['1.00']) };
    const before = await balanceOf(ben);
    await postThrice(ana, 'batch', body, { ...body, mode: 'atomic' });
    expect(Number(await balanceOf(ben)) - Number(before)).toBeCloseTo(1);
  });

  test('takes a thousand transfers with long descriptions, and not one more', async () => {
    const [from, to] = await Promise.all([signUpWith('cat', '2000.00'), signUp('doc')]);
    const many = Array.from({ length: MAX_BATCH }, (_, n) => ({
      ...{ recipient: to.id, amount: '1.00', description: `${n} `.padEnd(280, 'x') },
    }));
    const { results } = batchSchema.parse(bodyOf(await post(from, 'batch', { mode: 'atomic', transfers: many }), 200));
    expect(results.filter(({ status }) => status === 201)).toHaveLength(MAX_BATCH);
    expect(await walletOf(from)).toEqual(['1000.00', '0.00']);
    const oneMore = { mode: 'atomic', transfers: [...many, ...transfers(['1.00'])] };
    expectProblem(await post(from, 'batch', oneMore), 'request.invalid');
  });

  test('takes up to 512 KiB, and other routes no more than before (request.too_large)', async () => {
    const blank = ' '.repeat(600 * 1024);
    expectProblem(await ask('wallet/batch', { token: ana.token, raw: `{}${blank}` }), 'request.too_large');
    expectProblem(
      await ask('wallet/transaction', { token: ana.token, raw: `{}${' '.repeat(70 * 1024)}` }),
      'request.too_large',
    );
  });

  test('refuses an unknown mode and an empty list (request.invalid)', async () => {
    expectProblem(await post(ana, 'batch', { mode: 'some', transfers: transfers(['1.00']) }), 'request.invalid');
    expectProblem(await post(ana, 'batch', { transfers: transfers(['1.00']) }), 'request.invalid');
    expectProblem(await post(ana, 'batch', { mode: 'atomic', transfers: [] }), 'request.invalid');
  });
});

describe('GET wallet', () => {
  test('says which way a wallet is frozen', async () => {
    const person = await signUpWith('eli', '1.00');
    await asOperator('update ledger.accounts set frozen_out = true where owner = $1', [person.id]);
    expect(walletSchema.parse(bodyOf(await get(person, ''), 200))).toMatchObject({ is_frozen: true, frozen: 'out' });
    expectProblem(await post(person, 'holds', { recipient: ben.id, amount: '1.00' }), 'wallet.frozen');
  });
});
