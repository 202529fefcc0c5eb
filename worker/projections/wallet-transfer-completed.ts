import type { EventOf } from '../../contracts/events.ts';
import type { CacheChange } from '../cache/changes.ts';
import type { Projection } from './projection.ts';

/** Money that moved: audited, and the newest entry in the activity of both sides. */
export function projectWalletTransferCompleted({ payload }: EventOf<'wallet.transfer_completed'>): Projection {
  const { from_user_id, to_user_id, transfer_id, kind, currency, exponent, amount_minor } = payload;
  const { description, category, created_at } = payload;
  const side = (user_id: string, type: 'income' | 'expense', counterparty_id: string | null): CacheChange => ({
    kind: 'wallet_activity',
    user_id,
    created_at,
    // Always the same text for the same transfer: it is a member of a set, so applying it again adds nothing.
    entry: JSON.stringify({
      ...{ id: transfer_id, type, kind, amount: decimalText(amount_minor, exponent), currency },
      ...{ description, category, counterparty_id, created_at },
    }),
  });
  return {
    audit: {
      subject_ids: [from_user_id, to_user_id].filter((id) => id !== null),
      details: { transfer_id, kind, currency, amount_minor, from_user_id, to_user_id },
    },
    cache: [
      ...(from_user_id === null ? [] : [side(from_user_id, 'expense', to_user_id)]),
      ...(to_user_id === null ? [] : [side(to_user_id, 'income', from_user_id)]),
    ],
  };
}

/** Minor units as the decimal text that the API shows: ('1250', 2) is '12.50', ('5', 0) is '5'. */
export function decimalText(amount_minor: string, exponent: number): string {
  if (exponent === 0) return amount_minor;
  const digits = amount_minor.padStart(exponent + 1, '0');
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
