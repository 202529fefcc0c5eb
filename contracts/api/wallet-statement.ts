import { z } from 'zod';
import { timestampSchema } from './common.ts';
import { currencyInput, decimalSchema, isPeriod, PERIOD_FAULT } from './wallet-money.ts';

/** GET wallet/statement */
export const statementQuery = z
  .strictObject({
    currency: currencyInput,
    /** At this moment or later. Left out: from the first entry. */
    from: timestampSchema.optional(),
    /** Before this moment. Left out: up to the last entry. */
    to: timestampSchema.optional(),
    format: z.enum(['json', 'csv']).default('json'),
  })
  .refine(isPeriod, PERIOD_FAULT);
export type StatementQuery = z.output<typeof statementQuery>;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Empty: there is no entry before. */
const digestOrNothing = z.string().regex(/^([0-9a-f]{64})?$/);
const count = z.string().regex(/^\d+$/);

/** One entry of the account, as booked. */
export const statementLine = z.strictObject({
  /** Counts the entries of the account from 1, without a gap. */
  seq: count,
  transaction_id: z.uuid(),
  created_at: timestampSchema,
  kind: z.string(),
  type: z.enum(['income', 'expense']),
  amount: decimalSchema,
  balance_after: decimalSchema,
  /** The same in minor units, as the hash takes it. */
  balance_minor: z.string().regex(/^-?\d+$/),
  counterparty_username: z.string().nullable(),
  category: z.string().nullable(),
  description: z.string().nullable(),
  /** What the entry says, as the hash takes it. */
  line: z.string(),
  /** sha256 of the 32 bytes of the hash before it (nothing for the first entry) and of `seq|balance_minor|line` in UTF-8. */
  hash: digest,
});
export type StatementLine = z.infer<typeof statementLine>;

/** GET wallet/statement?format=json. The CSV has a row for each line, with the same columns, the currency and the hash before. */
export const statementSchema = z.strictObject({
  user_id: z.uuid(),
  currency: z.string(),
  from: timestampSchema.nullable(),
  to: timestampSchema.nullable(),
  opening_balance: decimalSchema,
  closing_balance: decimalSchema,
  total_in: decimalSchema,
  total_out: decimalSchema,
  chain: z.strictObject({
    algorithm: z.literal('sha256'),
    /** The hash of the entry before the first line. */
    opening_hash: digestOrNothing,
    /** Where the lines end: the hash and the seq of the last one; without lines, the opening hash and null. */
    closing_hash: digestOrNothing,
    closing_seq: count.nullable(),
    /** Where the whole account ended when this was made. Keep it: what comes later must build on it. */
    head_hash: digestOrNothing,
    head_seq: count,
  }),
  lines: z.array(statementLine),
});
export type Statement = z.infer<typeof statementSchema>;
