import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** The ledger does not add up: audited, and nobody's own business but the operators'. */
export function projectWalletAuditFailed({ payload }: EventOf<'wallet.audit_failed'>): Projection {
  return { audit: { subject_ids: [], details: payload }, cache: [] };
}
