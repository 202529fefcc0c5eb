import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { amountInput, currencyInput, decimalSchema } from './wallet-money.ts';

/** The name of a payment provider. */
const providerName = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be the name of a payment provider');

/** POST wallet/linked-accounts: the token that the provider gave the user's device for an account. Never the account's number. */
export const linkAccountRequest = z.strictObject({
  token: z.string().min(1).max(255),
  /** Left out: the provider that is in use. */
  provider: providerName.optional(),
});

/** Where withdrawals can go. */
export const linkedAccountSchema = z.strictObject({
  id: z.uuid(),
  user_id: z.uuid(),
  provider: z.string(),
  kind: z.enum(['bank_account', 'card']),
  bank_name: z.string().nullable(),
  last4: z.string().nullable(),
  currency: z.string().nullable(),
  created_at: timestampSchema,
});
export type LinkedAccount = z.infer<typeof linkedAccountSchema>;
export const linkedAccountsPage = pageOf(linkedAccountSchema);

/** DELETE wallet/linked-accounts/:id */
export const unlinkedAccountSchema = z.strictObject({ id: z.uuid(), removed: z.literal(true) });

/** GET lists without filters of their own. */
export const plainQuery = z.strictObject({ ...pageQuery });

/** POST wallet/withdraw: send money to a linked account. */
export const withdrawRequest = z.strictObject({
  linked_account_id: z.uuid(),
  amount: amountInput,
  currency: currencyInput,
});

/** A payout: requested here, submitted to the provider, then paid or failed as its webhook says. */
export const withdrawalSchema = z.strictObject({
  id: z.uuid(),
  user_id: z.uuid(),
  linked_account_id: z.uuid(),
  currency: z.string(),
  amount: decimalSchema,
  fee: decimalSchema,
  state: z.enum(['requested', 'submitted', 'paid', 'failed']),
  failure: z.string().nullable(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type Withdrawal = z.infer<typeof withdrawalSchema>;
export const withdrawalsPage = pageOf(withdrawalSchema);

/** POST wallet/deposits: open a payment into one's own wallet. */
export const createDepositRequest = z.strictObject({ amount: amountInput, currency: currencyInput });

/** Money on its way in. While it is pending, `checkout` says how to pay: a page to open, or what the provider's client library needs. */
export const depositSchema = z.strictObject({
  id: z.uuid(),
  user_id: z.uuid(),
  currency: z.string(),
  amount: decimalSchema,
  provider: z.string(),
  checkout: z.union([z.strictObject({ url: z.url() }), z.strictObject({ client_secret: z.string() })]).nullable(),
  state: z.enum(['pending', 'completed', 'failed']),
  failure: z.string().nullable(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type Deposit = z.infer<typeof depositSchema>;
export const depositsPage = pageOf(depositSchema);

/** POST wallet/webhooks/:provider */
export const webhookParams = z.strictObject({ provider: z.string().min(1).max(40) });
export const webhookSchema = z.strictObject({ outcome: z.string() });
