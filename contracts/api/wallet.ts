import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import {
  aboutInput,
  aboutSchema,
  amountInput,
  currencyInput,
  currencySchema,
  decimalSchema,
  isPeriod,
  PERIOD_FAULT,
  personInput,
} from './wallet-money.ts';

/** POST wallet/transaction: pay another user. */
export const createTransactionRequest = z.strictObject({
  recipient: personInput,
  amount: amountInput,
  currency: currencyInput,
  ...aboutInput,
});

const part = z.union([
  z.strictObject({ recipient: personInput, amount: amountInput }),
  /** Parts in proportion: shares 1, 1, 2 of 10.00 are 2.50, 2.50, 5.00. */
  z.strictObject({ recipient: personInput, share: z.number().int().min(1).max(1_000_000) }),
]);

/** POST wallet/transaction with several recipients: all are paid in one transfer, or none. */
export const splitTransactionRequest = z.strictObject({
  recipients: z.array(part).min(1).max(100),
  /** The whole; parts given as amounts must add up to it. */
  amount: amountInput,
  currency: currencyInput,
  ...aboutInput,
});

export const transactionRequest = z.union([createTransactionRequest, splitTransactionRequest]);

export const transactionType = z.enum(['income', 'expense']);
export const transactionStatus = z.enum(['pending', 'completed', 'failed']);
export const transactionKind = z.enum([
  'transfer',
  'hold',
  'capture',
  'withdrawal',
  'deposit',
  'funding',
  'correction',
  'reversal',
]);

/** One movement of one's own wallet. */
export const transactionSchema = z.strictObject({
  /** Id of the transfer; both sides see the same one. */
  id: z.uuid(),
  user_id: z.uuid(),
  type: transactionType,
  amount: decimalSchema,
  currency: z.string(),
  ...aboutSchema,
  status: transactionStatus,
  kind: z.string(),
  counterparty_id: z.uuid().nullable(),
  counterparty_username: z.string().nullable(),
  balance_after: decimalSchema.nullable(),
  created_at: timestampSchema,
});
export type Transaction = z.infer<typeof transactionSchema>;

/** The answer of a split: the payer's transaction, and who got what of it. */
export const splitSchema = z.strictObject({
  transaction: transactionSchema,
  splits: z.array(z.strictObject({ recipient_id: z.uuid(), username: z.string(), amount: decimalSchema })),
});

export const paidSchema = z.union([transactionSchema, splitSchema]);

/** POST wallet/transactions/:id/reverse */
export const reverseRequest = z.strictObject({ reason: z.string().trim().min(1).max(280) });

/** GET wallet?currency= */
export const walletQuery = z.strictObject({ currency: currencySchema.optional() });

/** GET wallet: the wallet in one currency, and which other currencies the user holds. */
export const walletSchema = z.strictObject({
  user_id: z.uuid(),
  currency: z.string(),
  balance: decimalSchema,
  pending_balance: decimalSchema,
  total_earnings: decimalSchema,
  linked_accounts: z.array(z.unknown()),
  is_frozen: z.boolean(),
  /** Which way no money goes, by decision of the operators. */
  frozen: z.enum(['none', 'in', 'out', 'both']),
  updated_at: timestampSchema.nullable(),
  currencies: z.array(z.string()),
});
export type Wallet = z.infer<typeof walletSchema>;

/** GET wallet/transactions; newest first. */
export const transactionsQuery = z
  .strictObject({
    ...pageQuery,
    type: transactionType.optional(),
    status: transactionStatus.optional(),
    kind: transactionKind.optional(),
    category: z.string().min(1).max(50).optional(),
    currency: currencySchema.optional(),
    /** Id or username. */
    counterparty: personInput.optional(),
    /** At this moment or later. */
    from: timestampSchema.optional(),
    /** Before this moment. */
    to: timestampSchema.optional(),
  })
  .refine(isPeriod, PERIOD_FAULT);
export const transactionsPage = pageOf(transactionSchema);

/** The most transfers of one batch. */
export const MAX_BATCH = 1_000;

/** POST wallet/batch: many transfers of one payer, in the order given. */
export const batchRequest = z.strictObject({
  /** `atomic`: all, or none with 422 `wallet.batch_refused`. `independent`: each succeeds or fails on its own. */
  mode: z.enum(['atomic', 'independent']),
  /** Of the transfers that name none. */
  currency: currencyInput,
  transfers: z
    .array(
      z.strictObject({
        recipient: personInput,
        amount: amountInput,
        currency: currencySchema.optional(),
        ...aboutInput,
      }),
    )
    .min(1)
    .max(MAX_BATCH),
});

/** One result for each transfer, in their order. */
export const batchSchema = z.strictObject({
  results: z.array(
    z.union([
      z.strictObject({ index: z.number().int(), status: z.literal(201), transaction: transactionSchema }),
      z.strictObject({
        index: z.number().int(),
        status: z.number().int(),
        error: z.strictObject({ code: z.string(), detail: z.string(), hint: z.string() }),
      }),
    ]),
  ),
});
