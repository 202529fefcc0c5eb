import type { EventOf } from '../../contracts/events.ts';
import { decimalText } from './amounts.ts';
import type { Projection } from './projection.ts';

/** Money set aside: audited, and told to the payer and to the payee. */
export function projectWalletHoldPlaced({ payload }: EventOf<'wallet.hold_placed'>): Projection {
  const { hold_id, user_id, payee_id, currency, exponent, amount_minor, expires_at } = payload;
  const change = {
    ...{ type: 'wallet.hold_placed', id: hold_id, state: 'open', user_id, payee_id },
    ...{ amount: decimalText(amount_minor, exponent), currency, expires_at },
  };
  return {
    audit: { subject_ids: [user_id, payee_id], details: { hold_id, currency, amount_minor, expires_at } },
    cache: [],
    notices: [user_id, payee_id].map((person) => ({ user_id: person, currency, change })),
  };
}
