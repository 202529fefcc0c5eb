import { z } from 'zod';

const uuid = z.uuid();
const timestamp = z.iso.datetime({ offset: true });
/** Minor units as decimal digits: a bigint does not fit a JSON number. */
const minor = z.string().regex(/^\d{1,19}$/);
const signedMinor = z.string().regex(/^-?\d{1,19}$/);

/** `amount_minor` 1250 with exponent 2 is 12.50. */
const money = { currency: z.string(), exponent: z.number().int().min(0).max(8), amount_minor: minor };

export const walletTransferCompleted = z.object({
  transfer_id: uuid,
  kind: z.string(),
  ...money,
  from_user_id: uuid.nullable(),
  to_user_id: uuid.nullable(),
  description: z.string().nullable(),
  category: z.string().nullable(),
  created_at: timestamp,
  /** What it did to each wallet, when that is more than an amount from one to another (fees, splits, partial captures). */
  legs: z.array(z.object({ user_id: uuid, amount_minor: signedMinor })).optional(),
});

export const walletHoldPlaced = z.object({
  hold_id: uuid,
  user_id: uuid,
  payee_id: uuid,
  ...money,
  description: z.string().nullable(),
  category: z.string().nullable(),
  created_at: timestamp,
  expires_at: timestamp,
});

export const walletHoldResolved = z.object({
  hold_id: uuid,
  user_id: uuid,
  payee_id: uuid,
  state: z.enum(['captured', 'voided', 'expired']),
  ...money,
  captured_minor: minor,
  /** The capture. */
  transfer_id: uuid.nullable(),
  resolved_at: timestamp,
});

export const walletWithdrawalChanged = z.object({
  withdrawal_id: uuid,
  user_id: uuid,
  linked_account_id: uuid,
  state: z.enum(['requested', 'submitted', 'paid', 'failed']),
  failure: z.string().nullable(),
  ...money,
  fee_minor: minor,
  created_at: timestamp,
  updated_at: timestamp,
});

export const walletDepositChanged = z.object({
  deposit_id: uuid,
  user_id: uuid,
  provider: z.string(),
  state: z.enum(['pending', 'completed', 'failed']),
  failure: z.string().nullable(),
  ...money,
  transfer_id: uuid.nullable(),
  created_at: timestamp,
  updated_at: timestamp,
});

export const walletRequestChanged = z.object({
  request_id: uuid,
  requester_id: uuid,
  payer_id: uuid,
  state: z.enum(['open', 'paid', 'declined', 'cancelled', 'expired']),
  ...money,
  description: z.string().nullable(),
  category: z.string().nullable(),
  transfer_id: uuid.nullable(),
  created_at: timestamp,
  expires_at: timestamp,
  resolved_at: timestamp.nullable(),
});

export const walletLinkedAccountChanged = z.object({
  linked_account_id: uuid,
  user_id: uuid,
  state: z.enum(['linked', 'removed']),
  provider: z.string(),
  kind: z.string(),
  bank_name: z.string().nullable(),
  last4: z.string().nullable(),
});

export const walletFrozenChanged = z.object({
  user_id: uuid,
  currency: z.string(),
  frozen: z.enum(['none', 'in', 'out', 'both']),
});

export const walletAuditFailed = z.object({
  /** Of ledger.audits; a bigint as digits. */
  audit_id: z.string(),
  scope: z.string(),
  /** How often what did not hold. */
  violations: z.array(z.looseObject({ invariant: z.string() })),
});
