import type { EventOf } from '../../contracts/events.ts';
import { decimalText } from './amounts.ts';
import type { Projection } from './projection.ts';

/** Money on its way in, there, or not coming: audited, and told to its owner. */
export function projectWalletDepositChanged({ payload }: EventOf<'wallet.deposit_changed'>): Projection {
  const { deposit_id, user_id, provider, state, failure, currency, exponent, amount_minor, transfer_id } = payload;
  const amount = decimalText(amount_minor, exponent);
  return {
    audit: {
      subject_ids: [user_id],
      details: { deposit_id, provider, state, failure, currency, amount_minor, transfer_id },
    },
    cache: [],
    notices: [
      {
        ...{ user_id, currency },
        change: { type: 'wallet.deposit_changed', id: deposit_id, state, failure, amount, currency, transfer_id },
      },
    ],
  };
}
