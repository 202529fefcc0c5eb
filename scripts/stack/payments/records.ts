import { z } from 'zod';

const amount = {
  amount_minor: z.string().regex(/^[1-9]\d{0,18}$/),
  currency: z.string().regex(/^[A-Z][A-Z0-9]{2,9}$/),
  exponent: z.number().int().min(0).max(18),
};

/** What happens to payouts to an account, told by the last digits of its number. */
export const OUTCOMES = ['paid', 'account_closed', 'by_hand', 'refused'] as const;

/** A bank account behind a token. Its number is forgotten once the token is made. */
const token = z.object({
  id: z.string(),
  bank_name: z.string(),
  last4: z.string(),
  currency: amount.currency,
  outcome: z.enum(OUTCOMES),
  /** The account that it became; a token works once. */
  account: z.string().nullable(),
  created_at: z.string(),
});

const account = z.object({
  id: z.string(),
  user_id: z.string(),
  bank_name: z.string(),
  last4: z.string(),
  currency: amount.currency,
  outcome: z.enum(OUTCOMES),
  removed: z.boolean(),
  created_at: z.string(),
});

const deposit = z.object({
  id: z.string(),
  reference: z.string(),
  user_id: z.string(),
  ...amount,
  status: z.enum(['open', 'paid', 'declined']),
  created_at: z.string(),
});

const payout = z.object({
  id: z.string(),
  reference: z.string(),
  user_id: z.string(),
  account: z.string(),
  ...amount,
  status: z.enum(['processing', 'paid', 'failed']),
  reason: z.string().nullable(),
  created_at: z.string(),
});

/** One webhook: the body that every copy of it has, and how its delivery goes. */
const event = z.object({
  id: z.string(),
  type: z.string(),
  reference: z.string(),
  body: z.string(),
  state: z.enum(['pending', 'delivered', 'failed']),
  /** Requests sent since it was made or last taken up again. */
  attempts: z.number().int(),
  /** Copies that were answered with 2xx. */
  deliveries: z.number().int(),
  last_answer: z.string().nullable(),
  created_at: z.string(),
});

/** The stored answer of an Idempotency-Key. */
const answer = z.object({ id: z.string(), body_hash: z.string(), status: z.number().int(), body: z.unknown() });

export const TABLES = {
  tokens: token,
  accounts: account,
  deposits: deposit,
  payouts: payout,
  events: event,
  answers: answer,
};
export type TableName = keyof typeof TABLES;
export type Row<T extends TableName> = z.infer<(typeof TABLES)[T]>;

export type BankToken = Row<'tokens'>;
export type BankAccount = Row<'accounts'>;
export type DepositRecord = Row<'deposits'>;
export type PayoutRecord = Row<'payouts'>;
export type WebhookEvent = Row<'events'>;

/** A refusal with the status and the code that the caller sees. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: 400 | 401 | 404 | 409 | 422;
  readonly code: string;

  constructor(status: Refused['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
