import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { transactionSchema } from './wallet.ts';
import {
  aboutInput,
  aboutSchema,
  amountInput,
  currencyInput,
  decimalSchema,
  expiresInput,
  personInput,
} from './wallet-money.ts';

/** POST wallet/requests: ask somebody for money. */
export const requestPaymentRequest = z.strictObject({
  payer: personInput,
  amount: amountInput,
  currency: currencyInput,
  expires_in_s: expiresInput,
  ...aboutInput,
});

export const paymentRequestState = z.enum(['open', 'paid', 'declined', 'cancelled', 'expired']);

/** What one person asked of another. */
export const paymentRequestSchema = z.strictObject({
  id: z.uuid(),
  requester_id: z.uuid(),
  requester_username: z.string().nullable(),
  payer_id: z.uuid(),
  payer_username: z.string().nullable(),
  currency: z.string(),
  amount: decimalSchema,
  ...aboutSchema,
  state: paymentRequestState,
  created_at: timestampSchema,
  expires_at: timestampSchema,
  resolved_at: timestampSchema.nullable(),
  /** The transfer that paid it. */
  transfer_id: z.uuid().nullable(),
});
export type PaymentRequest = z.infer<typeof paymentRequestSchema>;

/** POST wallet/requests/:id/pay: the request, and the payer's transaction. */
export const paidRequestSchema = z.strictObject({ request: paymentRequestSchema, transaction: transactionSchema });

/** GET wallet/requests; newest first. */
export const requestsQuery = z.strictObject({
  ...pageQuery,
  /** Left out: both. */
  direction: z.enum(['sent', 'received']).optional(),
  state: paymentRequestState.optional(),
});
export const requestsPage = pageOf(paymentRequestSchema);
