import type { EventOf } from '../../contracts/events.ts';
import { decimalText } from './amounts.ts';
import type { Projection } from './projection.ts';

/** A hold that was captured, voided or expired: audited, and told to the payer and to the payee. */
export function projectWalletHoldResolved({ payload }: EventOf<'wallet.hold_resolved'>): Projection {
  const { hold_id, user_id, payee_id, state, currency, exponent, amount_minor, captured_minor, transfer_id } = payload;
  const change = {
    ...{ type: 'wallet.hold_resolved', id: hold_id, state, user_id, payee_id, transfer_id },
    ...{
      amount: decimalText(amount_minor, exponent),
      captured_amount: decimalText(captured_minor, exponent),
      currency,
    },
  };
  return {
    audit: {
      subject_ids: [user_id, payee_id],
      details: { hold_id, state, currency, amount_minor, captured_minor, transfer_id },
    },
    cache: [],
    notices: [user_id, payee_id].map((person) => ({ user_id: person, currency, change })),
  };
}
