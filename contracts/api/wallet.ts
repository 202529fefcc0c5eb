import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';

const currency = z.string().regex(/^[A-Z]{3}$/, "must be three capital letters, like 'USD'");
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

/**
 * POST wallet/transaction: pay another user. `amount` is a decimal string, never a number: a JSON number has already lost
 * digits when it is read. The ledger alone parses it and answers `wallet.invalid_amount` or `wallet.amount_scale`.
 */
export const createTransactionRequest = z.strictObject({
  /** Id or username of another user. */
  recipient: z.string().min(1).max(64),
  amount: z.string().min(1).max(40),
  currency: currency.default('USD'),
  description: z.string().max(280).optional(),
  category: z.string().min(1).max(50).optional(),
});

export const transactionType = z.enum(['income', 'expense']);
export const transactionStatus = z.enum(['pending', 'completed', 'failed']);

/** One movement of one's own wallet. */
export const transactionSchema = z.strictObject({
  /** Id of the transfer; both sides see the same one. */
  id: z.uuid(),
  user_id: z.uuid(),
  type: transactionType,
  amount: decimal,
  currency: z.string(),
  description: z.string().nullable(),
  category: z.string().nullable(),
  status: transactionStatus,
  kind: z.string(),
  counterparty_id: z.uuid().nullable(),
  counterparty_username: z.string().nullable(),
  balance_after: decimal.nullable(),
  created_at: timestampSchema,
});
export type Transaction = z.infer<typeof transactionSchema>;

/** GET wallet?currency= */
export const walletQuery = z.strictObject({ currency: currency.optional() });

/** GET wallet: the wallet in one currency, and which other currencies the user holds. */
export const walletSchema = z.strictObject({
  user_id: z.uuid(),
  currency: z.string(),
  balance: decimal,
  pending_balance: decimal,
  total_earnings: decimal,
  linked_accounts: z.array(z.unknown()),
  is_frozen: z.boolean(),
  updated_at: timestampSchema.nullable(),
  currencies: z.array(z.string()),
});
export type Wallet = z.infer<typeof walletSchema>;

/** GET wallet/transactions?type=&status=&category=&limit=&cursor= ; newest first. */
export const transactionsQuery = z.strictObject({
  ...pageQuery,
  type: transactionType.optional(),
  status: transactionStatus.optional(),
  category: z.string().min(1).max(50).optional(),
});
export const transactionsPage = pageOf(transactionSchema);
