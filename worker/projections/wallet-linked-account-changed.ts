import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** An account at a bank was linked or removed: audited, because money may leave to it, and told to its owner. */
export function projectWalletLinkedAccountChanged({ payload }: EventOf<'wallet.linked_account_changed'>): Projection {
  const { linked_account_id, user_id, state, provider, kind, bank_name, last4 } = payload;
  return {
    audit: { subject_ids: [user_id], details: { linked_account_id, state, provider, kind, last4 } },
    cache: [],
    notices: [
      {
        ...{ user_id, currency: null },
        change: { type: 'wallet.linked_account_changed', id: linked_account_id, state, kind, bank_name, last4 },
      },
    ],
  };
}
