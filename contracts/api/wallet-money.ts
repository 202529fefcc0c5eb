import { z } from 'zod';

/** ISO 4217. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, "must be three capital letters, like 'USD'");

/** An amount in an answer. */
export const decimalSchema = z.string().regex(/^-?\d+(\.\d+)?$/);

/**
 * An amount in a request: a decimal string, never a number, because a JSON number has already lost digits when it is read.
 * The ledger alone parses it and answers `wallet.invalid_amount` or `wallet.amount_scale`.
 */
export const amountInput = z.string().min(1).max(40);

/** Id or username of another user. */
export const personInput = z.string().min(1).max(64);

export const currencyInput = currencySchema.default('USD');

/** What people write about a payment. */
export const aboutInput = {
  description: z.string().max(280).optional(),
  category: z.string().min(1).max(50).optional(),
};

/** The same in an answer. */
export const aboutSchema = { description: z.string().nullable(), category: z.string().nullable() };

/** Path of one thing: its id. */
export const idParams = z.strictObject({ id: z.uuid() });

/** Seconds until something ends by itself: a minute to ninety days. Left out, it is seven days. */
export const expiresInput = z
  .number()
  .int()
  .min(60)
  .max(90 * 86_400)
  .default(7 * 86_400);

/** Whether a period does not end before it begins. Left out, an end is open. */
export function isPeriod({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): boolean {
  return from === undefined || to === undefined || Date.parse(from) <= Date.parse(to);
}
export const PERIOD_FAULT = { path: ['to'], message: 'is before `from`' };
