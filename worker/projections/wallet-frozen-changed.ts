import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** A wallet was frozen by an operator, or opened again: audited, and told to its owner. */
export function projectWalletFrozenChanged({ payload }: EventOf<'wallet.frozen_changed'>): Projection {
  const { user_id, currency, frozen } = payload;
  return {
    audit: { subject_ids: [user_id], details: { currency, frozen } },
    cache: [],
    notices: [{ user_id, currency, change: { type: 'wallet.frozen_changed', id: user_id, currency, frozen } }],
  };
}
