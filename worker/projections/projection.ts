import type { DomainEvent } from '../../contracts/events.ts';
import type { CacheChange } from '../cache/changes.ts';
import { projectProfileUpdated } from './profile-updated.ts';
import { projectUserDeleted } from './user-deleted.ts';
import { projectUserLoggedIn } from './user-logged-in.ts';
import { projectUserRegistered } from './user-registered.ts';
import { projectUserSessionRevoked } from './user-session-revoked.ts';
import { projectWalletTransferCompleted } from './wallet-transfer-completed.ts';

/** Who did what to whom, for security and money. */
export interface AuditEntry {
  readonly subject_ids: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * What an event means outside Postgres, besides its document in `events`. It depends on nothing but the event, so that
 * applying it twice, or again years later, gives the same.
 */
export interface Projection {
  /** Null when it is neither security nor money. */
  readonly audit: AuditEntry | null;
  readonly cache: readonly CacheChange[];
}

export function project(event: DomainEvent): Projection {
  switch (event.type) {
    case 'user.registered':
      return projectUserRegistered(event);
    case 'user.logged_in':
      return projectUserLoggedIn(event);
    case 'user.session_revoked':
      return projectUserSessionRevoked(event);
    case 'user.deleted':
      return projectUserDeleted(event);
    case 'profile.updated':
      return projectProfileUpdated(event);
    case 'wallet.transfer_completed':
      return projectWalletTransferCompleted(event);
  }
}
