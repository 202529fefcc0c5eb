import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitOpen, requireUser } from '../_shared/guards.ts';
import { getWallet } from './balance.ts';
import { allowLargeBody, postBatch } from './batch.ts';
import { captureHold, getHold, listHolds, placeHold, voidHold } from './holds.ts';
import {
  createDeposit,
  getDeposit,
  getWithdrawal,
  linkAccount,
  listDeposits,
  listLinkedAccounts,
  listWithdrawals,
  unlinkAccount,
  withdraw,
} from './payments.ts';
import { answerRequest, getRequest, listRequests, requestPayment } from './requests.ts';
import { getStatement } from './statement.ts';
import { getTransaction, listTransactions, postTransaction, reverseTransaction } from './transactions.ts';
import { createTransfers } from './transfers.ts';
import { receiveWebhook } from './webhooks.ts';

/** The `wallet` function: balance, payments, holds, requests, deposits, withdrawals and the statement. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('wallet', deps);
  const signedIn = requireUser(deps);
  const transfers = createTransfers(deps.db);

  app.get('/', signedIn, async (c) => c.json(await getWallet(c, deps)));

  app.post('/transaction', signedIn, (c) => postTransaction(c, deps, transfers));
  app.get('/transactions', signedIn, async (c) => c.json(await listTransactions(c, deps)));
  app.get('/transactions/:id', signedIn, async (c) => c.json(await getTransaction(c, deps)));
  app.post('/transactions/:id/reverse', signedIn, (c) => reverseTransaction(c, deps));
  app.post('/batch', signedIn, allowLargeBody, (c) => postBatch(c, deps));
  app.get('/statement', signedIn, (c) => getStatement(c, deps));

  app.post('/holds', signedIn, (c) => placeHold(c, deps));
  app.get('/holds', signedIn, async (c) => c.json(await listHolds(c, deps)));
  app.get('/holds/:id', signedIn, async (c) => c.json(await getHold(c, deps)));
  app.post('/holds/:id/capture', signedIn, (c) => captureHold(c, deps));
  app.post('/holds/:id/void', signedIn, (c) => voidHold(c, deps));

  app.post('/requests', signedIn, (c) => requestPayment(c, deps));
  app.get('/requests', signedIn, async (c) => c.json(await listRequests(c, deps)));
  app.get('/requests/:id', signedIn, async (c) => c.json(await getRequest(c, deps)));
  app.post('/requests/:id/pay', signedIn, (c) => answerRequest(c, deps, 'pay_request'));
  app.post('/requests/:id/decline', signedIn, (c) => answerRequest(c, deps, 'decline_request'));
  app.post('/requests/:id/cancel', signedIn, (c) => answerRequest(c, deps, 'cancel_request'));

  app.post('/linked-accounts', signedIn, (c) => linkAccount(c, deps));
  app.get('/linked-accounts', signedIn, async (c) => c.json(await listLinkedAccounts(c, deps)));
  app.delete('/linked-accounts/:id', signedIn, (c) => unlinkAccount(c, deps));
  app.post('/withdraw', signedIn, (c) => withdraw(c, deps));
  app.get('/withdrawals', signedIn, async (c) => c.json(await listWithdrawals(c, deps)));
  app.get('/withdrawals/:id', signedIn, async (c) => c.json(await getWithdrawal(c, deps)));
  app.post('/deposits', signedIn, (c) => createDeposit(c, deps));
  app.get('/deposits', signedIn, async (c) => c.json(await listDeposits(c, deps)));
  app.get('/deposits/:id', signedIn, async (c) => c.json(await getDeposit(c, deps)));
  // Whoever knows the provider's secret may ask, as often as an address may.
  app.post('/webhooks/:provider', limitOpen(deps), (c) => receiveWebhook(c, deps));

  return app;
}
