import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import {
  aboutInput,
  aboutSchema,
  amountInput,
  currencyInput,
  decimalSchema,
  expiresInput,
  personInput,
} from './wallet-money.ts';

/** POST wallet/holds: set money aside for somebody, who captures it later. */
export const placeHoldRequest = z.strictObject({
  recipient: personInput,
  amount: amountInput,
  currency: currencyInput,
  expires_in_s: expiresInput,
  ...aboutInput,
});

/** POST wallet/holds/:id/capture: all of it, or less; the rest goes back to the payer. */
export const captureHoldRequest = z.strictObject({ amount: amountInput.optional() });

export const holdState = z.enum(['open', 'captured', 'voided', 'expired']);

/** Money set aside by `user_id` for `payee_id`. */
export const holdSchema = z.strictObject({
  id: z.uuid(),
  user_id: z.uuid(),
  payee_id: z.uuid(),
  payee_username: z.string().nullable(),
  currency: z.string(),
  amount: decimalSchema,
  captured_amount: decimalSchema,
  state: holdState,
  ...aboutSchema,
  created_at: timestampSchema,
  expires_at: timestampSchema.nullable(),
  resolved_at: timestampSchema.nullable(),
  /** The transfer of the capture. */
  transfer_id: z.uuid().nullable(),
});
export type Hold = z.infer<typeof holdSchema>;

/** GET wallet/holds; newest first. */
export const holdsQuery = z.strictObject({
  ...pageQuery,
  /** As whom: who set money aside, or for whom. Left out: both. */
  role: z.enum(['payer', 'payee']).optional(),
  state: holdState.optional(),
});
export const holdsPage = pageOf(holdSchema);
