import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Deposit,
  depositSchema,
  depositsPage,
  linkedAccountSchema,
  linkedAccountsPage,
  type Withdrawal,
  withdrawalSchema,
  withdrawalsPage,
} from '../../contracts/api/wallet-payments.ts';
import { ask, asOperator, balanceOf, expectProblem, type Person, signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import {
  askProvider,
  bankToken,
  bodyOf,
  get,
  linkAccount,
  openDeposit,
  payCheckout,
  post,
  postThrice,
  reaches,
  signUpWith,
  walletOf,
} from '../support/wallet-api.ts';

let ana: Person;
let stranger: Person;

beforeAll(async () => {
  [ana, stranger] = await Promise.all([signUp('ana'), signUp('sly')]);
});

const remove = (person: Person, id: string) =>
  ask(`wallet/linked-accounts/${id}`, { token: person.token, method: 'DELETE' });

describe('linked accounts', () => {
  test('are linked by a token, and shown by what may be known of them', async () => {
    const person = await signUp('bea');
    const body = { token: await bankToken('6789') };
    const answer = await postThrice(person, 'linked-accounts', body, { token: await bankToken() });
    const account = linkedAccountSchema.parse(bodyOf(answer, 201));
    expect(account).toMatchObject({ user_id: person.id, provider: 'fake', kind: 'bank_account', last4: '6789' });
    expect(linkedAccountsPage.parse(bodyOf(await get(person, 'linked-accounts'), 200)).data).toEqual([account]);
  });

  test('a refusal of the provider is stored: a token works once (provider.refused)', async () => {
    const [token, key] = [await bankToken(), randomUUID()];
    bodyOf(await post(ana, 'linked-accounts', { token }), 201);
    const first = await post(ana, 'linked-accounts', { token }, key);
    expectProblem(first, 'provider.refused');
    const again = await post(ana, 'linked-accounts', { token }, key);
    expectProblem(again, 'provider.refused');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expectProblem(await post(ana, 'linked-accounts', { token: 'tok_nobodys' }, key), 'idempotency.key_reused');
    expectProblem(await post(ana, 'linked-accounts', { token: 'tok_nobodys' }), 'provider.refused');
  });

  test('ten requests at once with one key link one account', async () => {
    const [person, token, key] = [await signUp('cay'), await bankToken(), randomUUID()];
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(person, 'linked-accounts', { token }, key)),
    );
    expect(new Set(answers.map((answer) => bodyOf<{ id: string }>(answer, 201).id)).size).toBe(1);
    expect(linkedAccountsPage.parse(bodyOf(await get(person, 'linked-accounts'), 200)).data).toHaveLength(1);
  });

  test.each([
    'DE89 3704 0044 0532 0130 07',
    'de89370400440532013000',
    '4242 4242 4242 4242',
    '4242-4242-4242-4242',
    '000123456789',
    'GB33BUKB20201555555555',
  ])('refuse the number %j (wallet.raw_account_number)', async (token) => {
    expectProblem(await post(ana, 'linked-accounts', { token }), 'wallet.raw_account_number');
  });

  test('refuse a provider that is not set up (provider.not_configured)', async () => {
    const body = { token: await bankToken(), provider: 'stripe' };
    expectProblem(await post(ana, 'linked-accounts', body), 'provider.not_configured');
    expectProblem(await post(ana, 'linked-accounts', { ...body, provider: '../fake' }), 'request.invalid');
  });

  test('are unlinked by their owner alone (wallet.linked_account_not_found)', async () => {
    const { id } = await linkAccount(ana, '8765');
    expectProblem(await remove(stranger, id), 'wallet.linked_account_not_found');
    expect(bodyOf(await remove(ana, id), 200)).toEqual({ id, removed: true });
    expectProblem(await remove(ana, id), 'wallet.linked_account_not_found');
    const { data } = linkedAccountsPage.parse(bodyOf(await get(ana, 'linked-accounts'), 200));
    expect(data.map((account) => account.id)).not.toContain(id);
    await eventually('the provider has forgotten it too', async () => {
      const at = await askProvider<{ data: { last4: string }[] }>(`/v1/accounts?user_id=${ana.id}`);
      return at.data.every(({ last4 }) => last4 !== '8765');
    });
  });
});

describe('POST wallet/deposits', () => {
  test('opens a checkout, books nothing before it is paid, and the whole amount after', async () => {
    const person = await signUp('dia');
    const deposit = await openDeposit(person, '12.34');
    expect(deposit).toMatchObject({ user_id: person.id, amount: '12.34', currency: 'USD', provider: 'fake' });
    expect(deposit.checkout).toEqual({ url: expect.stringMatching(/^http/) });
    expect((await walletOf(person))[0]).toBe('0.00');
    await payCheckout(deposit);
    const paid = depositSchema.parse(await reaches(person, `deposits/${deposit.id}`, 'completed'));
    expect(paid).toMatchObject({ id: deposit.id, failure: null });
    expect(await balanceOf(person)).toBe('12.34');
  });

  test('answers a retry with the same checkout, and another body with 409 (idempotency.key_reused)', async () => {
    const person = await signUp('eli');
    const answer = await postThrice(person, 'deposits', { amount: '5.00' }, { amount: '6.00' });
    expect(depositSchema.parse(bodyOf(answer, 201)).state).toBe('pending');
  });

  test('a retry after it was paid still gives the first answer', async () => {
    const [person, key] = [await signUp('fin'), randomUUID()];
    const first = bodyOf<Deposit>(await post(person, 'deposits', { amount: '5.00' }, key), 201);
    await payCheckout(first);
    await reaches(person, `deposits/${first.id}`, 'completed');
    expect(bodyOf(await post(person, 'deposits', { amount: '5.00' }, key), 201)).toEqual(first);
    expect(await balanceOf(person)).toBe('5.00');
  });

  test.each([
    ['-1', 'USD', 'wallet.invalid_amount'],
    ['0.001', 'USD', 'wallet.amount_scale'],
    ['1', 'XXQ', 'wallet.unknown_currency'],
    ['1', 'usd', 'request.invalid'],
  ] as const)('refuses %s %s (%s)', async (amount, currency, code) => {
    expectProblem(await post(ana, 'deposits', { amount, currency }), code);
  });

  test('speaks of yen without decimals', async () => {
    const deposit = depositSchema.parse(bodyOf(await post(ana, 'deposits', { amount: '500', currency: 'JPY' }), 201));
    expect(deposit.amount).toBe('500');
  });

  test('answers with the deposit as it is kept', async () => {
    const deposit = await openDeposit(ana, '3.00');
    expect(bodyOf(await get(ana, `deposits/${deposit.id}`), 200)).toEqual(deposit);
  });

  test('refuses more than its currency allows at once (wallet.limit_exceeded)', async () => {
    for (const amount of ['10000000000.01', '46116860184273879.04', '92233720368547758.07']) {
      const refused = await post(ana, 'deposits', { amount });
      expectProblem(refused, 'wallet.limit_exceeded');
      expect(refused.body).toMatchObject({ hint: 'Pay in at most 10000000000.00 USD.' });
    }
    expectProblem(await post(ana, 'deposits', { amount: '92233720368547758.08' }), 'wallet.invalid_amount');
  });

  test('are listed for their owner, the newest first', async () => {
    const person = await signUp('quy');
    const made: Deposit[] = [];
    for (const amount of ['1.00', '2.00', '3.00']) made.unshift(await openDeposit(person, amount));
    const first = depositsPage.parse(bodyOf(await get(person, 'deposits?limit=2'), 200));
    const second = depositsPage.parse(bodyOf(await get(person, `deposits?limit=2&cursor=${first.next_cursor}`), 200));
    expect([...first.data, ...second.data]).toEqual(made);
    expect(second.next_cursor).toBeNull();
    expect(bodyOf(await get(stranger, 'deposits'), 200)).toEqual({ data: [], next_cursor: null });
    expectProblem(await get(person, 'deposits?cursor=nonsense'), 'request.invalid_cursor');
  });

  test('strangers find no deposit of others (wallet.deposit_not_found)', async () => {
    const { id } = await openDeposit(ana, '1.00');
    expectProblem(await get(stranger, `deposits/${id}`), 'wallet.deposit_not_found');
    expectProblem(await get(ana, `deposits/${randomUUID()}`), 'wallet.deposit_not_found');
  });
});

describe('POST wallet/withdraw', () => {
  const withdraw = async (person: Person, linked_account_id: string, amount: string, key?: string) =>
    await post(person, 'withdraw', { linked_account_id, amount }, key);

  test('holds the money, and pays it out when the provider says so', async () => {
    const person = await signUpWith('gil', '50.00');
    const { id: account } = await linkAccount(person);
    const asked = withdrawalSchema.parse(bodyOf(await withdraw(person, account, '20.00'), 201));
    expect(asked).toMatchObject({ linked_account_id: account, amount: '20.00', fee: '0.00', state: 'requested' });
    expect((await walletOf(person))[0]).toBe('30.00');
    await reaches<Withdrawal>(person, `withdrawals/${asked.id}`, 'paid');
    expect(await walletOf(person)).toEqual(['30.00', '0.00']);
  });

  test('gives the money back when the payout fails, and says why', async () => {
    const person = await signUpWith('hue', '50.00');
    const { id: account } = await linkAccount(person, '0000');
    const { id } = bodyOf<Withdrawal>(await withdraw(person, account, '20.00'), 201);
    const failed = await reaches<Withdrawal>(person, `withdrawals/${id}`, 'failed');
    expect(failed.failure).toBe('account_closed');
    expect(await walletOf(person)).toEqual(['50.00', '0.00']);
  });

  test('gives the money back when the provider refuses it at once', async () => {
    const person = await signUpWith('ivy', '50.00');
    const { id: account } = await linkAccount(person, '0002');
    const { id } = bodyOf<Withdrawal>(await withdraw(person, account, '20.00'), 201);
    await reaches<Withdrawal>(person, `withdrawals/${id}`, 'failed');
    expect(await walletOf(person)).toEqual(['50.00', '0.00']);
  });

  test('answers a retry with the first outcome, and another body with 409 (idempotency.key_reused)', async () => {
    const person = await signUpWith('jay', '50.00');
    const body = { linked_account_id: (await linkAccount(person)).id, amount: '20.00' };
    await postThrice(person, 'withdraw', body, { ...body, amount: '21.00' });
    expect((await walletOf(person))[0]).toBe('30.00');
  });

  test('stores a refusal (wallet.insufficient_funds)', async () => {
    const [person, key] = [await signUpWith('kit', '5.00'), randomUUID()];
    const { id: account } = await linkAccount(person);
    expectProblem(await withdraw(person, account, '5.01', key), 'wallet.insufficient_funds');
    const again = await withdraw(person, account, '5.01', key);
    expectProblem(again, 'wallet.insufficient_funds');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('refuses accounts of others, removed ones and bad amounts', async () => {
    const person = await signUpWith('lou', '50.00');
    const { id: others } = await linkAccount(ana);
    expectProblem(await withdraw(person, others, '1.00'), 'wallet.linked_account_not_found');
    const { id: own } = await linkAccount(person);
    expectProblem(await withdraw(person, own, '0'), 'wallet.invalid_amount');
    expectProblem(await withdraw(person, own, '1.001'), 'wallet.amount_scale');
    bodyOf(await remove(person, own), 200);
    expectProblem(await withdraw(person, own, '1.00'), 'wallet.linked_account_not_found');
    expectProblem(await withdraw(person, 'DE89370400440532013000', '1.00'), 'request.invalid');
    expect(await walletOf(person)).toEqual(['50.00', '0.00']);
  });

  test('goes to accounts in its own currency only (wallet.linked_account_currency)', async () => {
    const person = await signUpWith('pam', '50.00');
    const euros = await linkAccount(person, '6789', 'EUR');
    expect(euros.currency).toBe('EUR');
    const refused = await withdraw(person, euros.id, '1.00');
    expectProblem(refused, 'wallet.linked_account_currency');
    expect(refused.body).toMatchObject({ hint: expect.stringContaining('EUR') });
    expect(await walletOf(person)).toEqual(['50.00', '0.00']);
  });

  test('keeps an account linked while money is on its way there (wallet.linked_account_in_use)', async () => {
    const person = await signUpWith('mai', '50.00');
    const { id: account } = await linkAccount(person, '0001');
    bodyOf(await withdraw(person, account, '1.00'), 201);
    expectProblem(await remove(person, account), 'wallet.linked_account_in_use');
  });

  test('lists one’s own withdrawals; strangers find none (wallet.withdrawal_not_found)', async () => {
    const person = await signUpWith('nel', '50.00');
    const { id: account } = await linkAccount(person);
    const ids: string[] = [];
    for (const amount of ['1.00', '2.00']) {
      ids.unshift(bodyOf<Withdrawal>(await withdraw(person, account, amount), 201).id);
    }
    const first = withdrawalsPage.parse(bodyOf(await get(person, 'withdrawals?limit=1'), 200));
    const second = withdrawalsPage.parse(
      bodyOf(await get(person, `withdrawals?limit=1&cursor=${first.next_cursor}`), 200),
    );
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
    expect(bodyOf(await get(stranger, 'withdrawals'), 200)).toEqual({ data: [], next_cursor: null });
    expectProblem(await get(stranger, `withdrawals/${ids[0]}`), 'wallet.withdrawal_not_found');
  });

  test('passes no freeze (wallet.frozen)', async () => {
    const person = await signUpWith('oli', '50.00');
    const { id: account } = await linkAccount(person);
    await asOperator('update ledger.accounts set frozen_out = true where owner = $1', [person.id]);
    expectProblem(await withdraw(person, account, '1.00'), 'wallet.frozen');
  });
});
