import type { EventOf } from '../../contracts/events.ts';
import { decimalText } from './amounts.ts';
import type { Projection } from './projection.ts';

/** Somebody asked for money, or it was paid, declined, cancelled or came to its end: audited, and told to both. */
export function projectWalletRequestChanged({ payload }: EventOf<'wallet.request_changed'>): Projection {
  const { request_id, requester_id, payer_id, state, currency, exponent, amount_minor, transfer_id } = payload;
  const change = {
    ...{ type: 'wallet.request_changed', id: request_id, state, requester_id, payer_id, transfer_id },
    ...{ amount: decimalText(amount_minor, exponent), currency },
  };
  return {
    audit: {
      subject_ids: [requester_id, payer_id],
      details: { request_id, state, currency, amount_minor, transfer_id },
    },
    cache: [],
    notices: [requester_id, payer_id].map((user_id) => ({ user_id, currency, change })),
  };
}
