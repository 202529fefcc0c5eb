import { createHash, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { transactionSchema, transactionsPage, walletSchema } from '../../contracts/api/wallet.ts';
import { type Hold, holdSchema } from '../../contracts/api/wallet-holds.ts';
import { type Withdrawal, withdrawalSchema } from '../../contracts/api/wallet-payments.ts';
import { statementSchema } from '../../contracts/api/wallet-statement.ts';
import { signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { bodyOf, get, linkAccount, openDeposit, payCheckout, post, reaches, walletOf } from '../support/wallet-api.ts';

test('the life of money: deposit, transfer, hold, capture, withdrawal, statement', async () => {
  const [ana, shop] = await Promise.all([signUp('ana'), signUp('shop')]);

  const deposit = await openDeposit(ana, '100.00');
  expect(await walletOf(ana)).toEqual(['0.00', '0.00']);
  await payCheckout(deposit);
  await reaches(ana, `deposits/${deposit.id}`, 'completed');
  expect(await walletOf(ana)).toEqual(['100.00', '0.00']);

  const key = randomUUID();
  const payment = { recipient: shop.username, amount: '30.00', description: 'Shoes', category: 'clothes' };
  const sent = transactionSchema.parse(bodyOf(await post(ana, 'transaction', payment, key), 201));
  expect(bodyOf(await post(ana, 'transaction', payment, key), 201)).toEqual(sent);

  const hold = holdSchema.parse(bodyOf(await post(ana, 'holds', { recipient: shop.id, amount: '25.00' }), 201));
  expect(await walletOf(ana)).toEqual(['45.00', '25.00']);
  const captured = bodyOf<Hold>(await post(shop, `holds/${hold.id}/capture`, { amount: '20.00' }), 200);
  expect(captured).toMatchObject({ state: 'captured', amount: '25.00', captured_amount: '20.00' });
  expect([await walletOf(ana), await walletOf(shop)]).toEqual([
    ['50.00', '0.00'],
    ['50.00', '0.00'],
  ]);

  const account = await linkAccount(shop, '6789');
  const order = { linked_account_id: account.id, amount: '50.00' };
  const asked = withdrawalSchema.parse(bodyOf(await post(shop, 'withdraw', order), 201));
  expect(asked).toMatchObject({ state: 'requested', amount: '50.00' });
  await reaches<Withdrawal>(shop, `withdrawals/${asked.id}`, 'paid');
  const wallet = walletSchema.parse(bodyOf(await get(shop, ''), 200));
  expect(wallet).toMatchObject({ balance: '0.00', pending_balance: '0.00', total_earnings: '50.00' });
  expect(wallet.linked_accounts).toMatchObject([{ id: account.id, last4: '6789' }]);

  const history = await eventually('all of it is in the shop’s history', async () => {
    const { data } = transactionsPage.parse(bodyOf(await get(shop, 'transactions'), 200));
    return data.length >= 3 ? data : null;
  });
  expect(history.map(({ kind, type, amount, status }) => [kind, type, amount, status])).toEqual([
    ['withdrawal', 'expense', '50.00', 'completed'],
    ['capture', 'income', '20.00', 'completed'],
    ['transfer', 'income', '30.00', 'completed'],
  ]);

  for (const [person, closing] of [
    [ana, '50.00'],
    [shop, '0.00'],
  ] as const) {
    const { lines, chain, closing_balance } = statementSchema.parse(bodyOf(await get(person, 'statement'), 200));
    expect(closing_balance).toBe(closing);
    const head = lines.reduce(
      (hash, { seq, balance_minor, line }) =>
        createHash('sha256').update(hash).update(`${seq}|${balance_minor}|${line}`).digest(),
      Buffer.from(chain.opening_hash, 'hex'),
    );
    expect(head.toString('hex')).toBe(chain.head_hash);
  }
}, 90_000);
