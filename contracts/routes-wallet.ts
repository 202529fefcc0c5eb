import { emptyRequest } from './api/common.ts';
import * as wallet from './api/wallet.ts';
import * as holds from './api/wallet-holds.ts';
import { idParams } from './api/wallet-money.ts';
import * as payments from './api/wallet-payments.ts';
import * as requests from './api/wallet-requests.ts';
import * as statement from './api/wallet-statement.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

const AMOUNT = ['wallet.invalid_amount', 'wallet.amount_scale', 'wallet.unknown_currency'] as const;
const PAYER = ['wallet.insufficient_funds', 'wallet.frozen', 'wallet.limit_exceeded'] as const;
const OTHER_SIDE = [
  'wallet.recipient_not_found',
  'wallet.self_transfer',
  'wallet.blocked',
  'wallet.recipient_unavailable',
] as const;
const HOLD = ['wallet.hold_not_found', 'wallet.hold_resolved', 'wallet.hold_expired', 'auth.forbidden'] as const;
const REQUEST = ['wallet.request_not_found', 'wallet.request_resolved', 'auth.forbidden'] as const;
const PROVIDER: readonly ErrorCode[] = ['provider.not_configured', 'provider.unavailable', 'provider.refused'];

const base = { domain: 'wallet', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const write = { ...base, method: 'post', idempotent: true } as const;

const MONEY: readonly Route[] = [
  {
    ...{ ...read, path: '' },
    summary: 'One’s own wallet in one currency.',
    query: wallet.walletQuery,
    answer: { status: 200, schema: wallet.walletSchema },
    errors: ['wallet.not_found'],
  },
  {
    ...{ ...write, path: '/transaction' },
    summary: 'Pay another user, or split an amount among several: all are paid, or none.',
    body: wallet.transactionRequest,
    answer: { status: 201, schema: wallet.paidSchema },
    errors: [...PAYER, ...OTHER_SIDE, ...AMOUNT, 'wallet.invalid_split'],
  },
  {
    ...{ ...read, path: '/transactions' },
    summary: 'One’s own transactions, the newest first.',
    query: wallet.transactionsQuery,
    answer: { status: 200, schema: wallet.transactionsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/transactions/{id}' },
    summary: 'One of one’s own transactions.',
    params: idParams,
    answer: { status: 200, schema: wallet.transactionSchema },
    errors: ['wallet.transaction_not_found'],
  },
  {
    ...{ ...write, path: '/transactions/{id}/reverse' },
    summary: 'Give a payment back that one received, as a whole and once; fees are given back too.',
    params: idParams,
    body: wallet.reverseRequest,
    answer: { status: 201, schema: wallet.transactionSchema },
    errors: [
      ...(['wallet.transaction_not_found', 'wallet.not_reversible', 'wallet.already_reversed'] as const),
      'wallet.insufficient_funds',
    ],
  },
  {
    ...{ ...write, path: '/batch' },
    summary: 'Up to 1,000 payments in one request of at most 512 KiB: all or none, or each on its own.',
    body: wallet.batchRequest,
    answer: { status: 200, schema: wallet.batchSchema },
    errors: ['wallet.batch_refused'],
  },
  {
    ...{ ...read, path: '/statement' },
    summary: 'Every entry of one’s own account in a span of time with the hash chain over them, as JSON or CSV.',
    query: statement.statementQuery,
    answer: { status: 200, schema: statement.statementSchema, otherwise: 'text/csv' },
    errors: ['wallet.not_found'],
  },
];

const HOLDS: readonly Route[] = [
  {
    ...{ ...write, path: '/holds' },
    summary: 'Set money aside for somebody, who captures it later.',
    body: holds.placeHoldRequest,
    answer: { status: 201, schema: holds.holdSchema },
    errors: [...PAYER, ...OTHER_SIDE, ...AMOUNT],
  },
  {
    ...{ ...read, path: '/holds' },
    summary: 'The holds that one gave or got, the newest first.',
    query: holds.holdsQuery,
    answer: { status: 200, schema: holds.holdsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/holds/{id}' },
    summary: 'One hold.',
    params: idParams,
    answer: { status: 200, schema: holds.holdSchema },
    errors: ['wallet.hold_not_found'],
  },
  {
    ...{ ...write, path: '/holds/{id}/capture' },
    summary: 'Take all of a hold, or less: the rest goes back to the payer.',
    params: idParams,
    body: holds.captureHoldRequest,
    answer: { status: 200, schema: holds.holdSchema },
    errors: [
      ...HOLD,
      ...(['wallet.capture_exceeds_hold', 'wallet.frozen', 'wallet.recipient_unavailable'] as const),
      ...(['wallet.insufficient_funds', 'wallet.invalid_amount', 'wallet.amount_scale'] as const),
    ],
  },
  {
    ...{ ...write, path: '/holds/{id}/void' },
    summary: 'Give a hold up that one got: its money goes back to the payer.',
    params: idParams,
    body: emptyRequest,
    answer: { status: 200, schema: holds.holdSchema },
    errors: [...HOLD],
  },
];

const REQUESTS: readonly Route[] = [
  {
    ...{ ...write, path: '/requests' },
    summary: 'Ask somebody for money.',
    body: requests.requestPaymentRequest,
    answer: { status: 201, schema: requests.paymentRequestSchema },
    errors: [...OTHER_SIDE, ...AMOUNT],
  },
  {
    ...{ ...read, path: '/requests' },
    summary: 'The payment requests that one sent or got, the newest first.',
    query: requests.requestsQuery,
    answer: { status: 200, schema: requests.requestsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/requests/{id}' },
    summary: 'One payment request.',
    params: idParams,
    answer: { status: 200, schema: requests.paymentRequestSchema },
    errors: ['wallet.request_not_found'],
  },
  {
    ...{ ...write, path: '/requests/{id}/pay' },
    summary: 'Pay what somebody asked for.',
    params: idParams,
    body: emptyRequest,
    answer: { status: 200, schema: requests.paidRequestSchema },
    errors: [...REQUEST, ...PAYER, 'wallet.blocked', 'wallet.recipient_unavailable'],
  },
  {
    ...{ ...write, path: '/requests/{id}/decline' },
    summary: 'Say no to a payment request that one got.',
    params: idParams,
    body: emptyRequest,
    answer: { status: 200, schema: requests.paymentRequestSchema },
    errors: [...REQUEST],
  },
  {
    ...{ ...write, path: '/requests/{id}/cancel' },
    summary: 'Take back a payment request that one sent.',
    params: idParams,
    body: emptyRequest,
    answer: { status: 200, schema: requests.paymentRequestSchema },
    errors: [...REQUEST],
  },
];

const PAYMENTS: readonly Route[] = [
  {
    ...{ ...write, path: '/linked-accounts' },
    summary: 'Link a bank account or a card by the token that the payment provider gave for it.',
    body: payments.linkAccountRequest,
    answer: { status: 201, schema: payments.linkedAccountSchema },
    errors: ['wallet.raw_account_number', 'wallet.linked_account_limit', ...PROVIDER],
  },
  {
    ...{ ...read, path: '/linked-accounts' },
    summary: 'Where one’s withdrawals can go, the newest first.',
    query: payments.plainQuery,
    answer: { status: 200, schema: payments.linkedAccountsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...base, method: 'delete', idempotent: true, path: '/linked-accounts/{id}' },
    summary: 'Unlink an account.',
    params: idParams,
    answer: { status: 200, schema: payments.unlinkedAccountSchema },
    errors: ['wallet.linked_account_not_found', 'wallet.linked_account_in_use'],
  },
  {
    ...{ ...write, path: '/withdraw' },
    summary: 'Send money to a linked account. It is held until the provider says how the payout ended.',
    body: payments.withdrawRequest,
    answer: { status: 201, schema: payments.withdrawalSchema },
    errors: [
      ...(['wallet.linked_account_not_found', 'wallet.withdrawals_stopped', 'wallet.insufficient_funds'] as const),
      ...(['wallet.linked_account_currency', 'wallet.frozen', 'wallet.limit_exceeded'] as const),
      ...AMOUNT,
    ],
  },
  {
    ...{ ...read, path: '/withdrawals' },
    summary: 'One’s own withdrawals, the newest first.',
    query: payments.plainQuery,
    answer: { status: 200, schema: payments.withdrawalsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/withdrawals/{id}' },
    summary: 'One withdrawal.',
    params: idParams,
    answer: { status: 200, schema: payments.withdrawalSchema },
    errors: ['wallet.withdrawal_not_found'],
  },
  {
    ...{ ...write, path: '/deposits' },
    summary: 'Open a payment into one’s own wallet; `checkout` says how to pay.',
    body: payments.createDepositRequest,
    answer: { status: 201, schema: payments.depositSchema },
    errors: [...AMOUNT, 'wallet.frozen', 'wallet.limit_exceeded', ...PROVIDER],
  },
  {
    ...{ ...read, path: '/deposits' },
    summary: 'One’s own deposits, the newest first.',
    query: payments.plainQuery,
    answer: { status: 200, schema: payments.depositsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/deposits/{id}' },
    summary: 'One deposit.',
    params: idParams,
    answer: { status: 200, schema: payments.depositSchema },
    errors: ['wallet.deposit_not_found'],
  },
  {
    ...{ domain: 'wallet', method: 'post', path: '/webhooks/{provider}', signedIn: false },
    summary: 'For payment providers: signed messages about deposits and payouts, in the provider’s own form.',
    params: payments.webhookParams,
    answer: { status: 200, schema: payments.webhookSchema },
    errors: [
      ...(['provider.webhook_invalid', 'provider.unknown_reference', 'provider.unavailable'] as const),
      ...(['request.not_found', 'request.too_large'] as const),
    ],
  },
];

/** Every operation of the wallet. */
export const WALLET_ROUTES: readonly Route[] = [...MONEY, ...HOLDS, ...REQUESTS, ...PAYMENTS];
