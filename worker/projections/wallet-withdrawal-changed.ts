import type { EventOf } from '../../contracts/events.ts';
import { decimalText } from './amounts.ts';
import type { Projection } from './projection.ts';

/** A payout on its way, paid or failed: audited, and told to its owner. */
export function projectWalletWithdrawalChanged({ payload }: EventOf<'wallet.withdrawal_changed'>): Projection {
  const { withdrawal_id, user_id, linked_account_id, state, failure, currency, exponent } = payload;
  const { amount_minor, fee_minor } = payload;
  const change = {
    ...{ type: 'wallet.withdrawal_changed', id: withdrawal_id, state, failure, linked_account_id },
    ...{ amount: decimalText(amount_minor, exponent), fee: decimalText(fee_minor, exponent), currency },
  };
  return {
    audit: {
      subject_ids: [user_id],
      details: { withdrawal_id, linked_account_id, state, failure, currency, amount_minor, fee_minor },
    },
    cache: [],
    notices: [{ user_id, currency, change }],
  };
}
