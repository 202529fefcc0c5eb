import type { DomainEvent } from '../../contracts/events.ts';
import type { CacheChange } from '../cache/changes.ts';
import { projectAccountJob } from './account-job.ts';
import { projectGraphBlock } from './graph-block.ts';
import { projectGroupDeleted, projectGroupEvent, projectGroupModeration } from './group-event.ts';
import { projectMediaDeleted, projectMediaReady, projectMediaRefused } from './media-event.ts';
import { projectPostReported } from './post-reported.ts';
import { projectProfileUpdated } from './profile-updated.ts';
import { projectUserDeleted } from './user-deleted.ts';
import { projectUserLoggedIn } from './user-logged-in.ts';
import { projectUserPasswordChanged } from './user-password-changed.ts';
import { projectUserRegistered } from './user-registered.ts';
import { projectUserSessionRevoked } from './user-session-revoked.ts';
import { projectUserTarget } from './user-target.ts';
import { projectUserVerificationDecided } from './user-verification-decided.ts';
import { projectWalletAuditFailed } from './wallet-audit-failed.ts';
import { projectWalletDepositChanged } from './wallet-deposit-changed.ts';
import { projectWalletFrozenChanged } from './wallet-frozen-changed.ts';
import { projectWalletHoldPlaced } from './wallet-hold-placed.ts';
import { projectWalletHoldResolved } from './wallet-hold-resolved.ts';
import { projectWalletLinkedAccountChanged } from './wallet-linked-account-changed.ts';
import { projectWalletRequestChanged } from './wallet-request-changed.ts';
import { projectWalletTransferCompleted } from './wallet-transfer-completed.ts';
import { projectWalletWithdrawalChanged } from './wallet-withdrawal-changed.ts';

/** Who did what to whom, for security and money. */
export interface AuditEntry {
  readonly subject_ids: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** What one person is told on the private topic of their wallet. */
export interface Notice {
  readonly user_id: string;
  /** Whose balances are sent along; null when none changed. */
  readonly currency: string | null;
  readonly change: { readonly type: string; readonly id: string } & Readonly<Record<string, unknown>>;
}

/** What an event tells of a medium, for its document in `media`. */
export interface MediaFacts {
  readonly media_id: string;
  readonly user_id: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * What an event means outside Postgres, besides its document in `events`. It depends on nothing but the event, so that
 * applying it twice, or again years later, gives the same.
 */
export interface Projection {
  /** Null when it is neither security nor money. */
  readonly audit: AuditEntry | null;
  readonly cache: readonly CacheChange[];
  /** Only events of the wallet have any. */
  readonly notices?: readonly Notice[];
  /** Only events of media have any. */
  readonly media?: MediaFacts;
  /** Whose facts go from the documents of earlier events. */
  readonly forgets?: string;
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
    case 'user.password_changed':
      return projectUserPasswordChanged(event);
    case 'user.target_added':
    case 'user.webhook_disabled':
      return projectUserTarget(event);
    case 'user.export_ready':
    case 'user.export_failed':
    case 'user.deletion_requested':
    case 'user.deletion_cancelled':
    case 'user.deletion_refused':
      return projectAccountJob(event);
    case 'profile.updated':
      return projectProfileUpdated(event);
    case 'user.verification_decided':
      return projectUserVerificationDecided(event);
    case 'graph.blocked':
    case 'graph.unblocked':
      return projectGraphBlock(event);
    case 'post.reported':
      return projectPostReported(event);
    case 'group.member_removed':
    case 'group.role_changed':
    case 'group.banned':
    case 'group.unbanned':
      return projectGroupModeration(event);
    case 'group.deleted':
      return projectGroupDeleted(event);
    case 'group.created':
    case 'group.updated':
    case 'group.member_joined':
    case 'group.member_left':
    case 'group.join_requested':
    case 'group.invited':
      return projectGroupEvent(event);
    case 'graph.followed':
    case 'graph.unfollowed':
    case 'graph.follow_requested':
    case 'post.published':
    case 'post.changed':
    case 'post.deleted':
    case 'post.liked':
    case 'post.unliked':
    case 'comment.created':
    case 'comment.deleted':
    case 'comment.liked':
    case 'comment.unliked':
    case 'conversation.created':
    case 'conversation.request_decided':
    case 'message.created':
    case 'message.edited':
    case 'message.deleted':
    case 'message.reacted':
    case 'call.started':
    case 'call.ended':
    case 'call.missed':
      // Analytics only: feeds and counts learn of these inside Postgres, whether or not MongoDB is there (worker/feed).
      return { audit: null, cache: [] };
    case 'media.ready':
      return projectMediaReady(event);
    case 'media.refused':
      return projectMediaRefused(event);
    case 'media.deleted':
      return projectMediaDeleted(event);
    case 'wallet.transfer_completed':
      return projectWalletTransferCompleted(event);
    case 'wallet.hold_placed':
      return projectWalletHoldPlaced(event);
    case 'wallet.hold_resolved':
      return projectWalletHoldResolved(event);
    case 'wallet.withdrawal_changed':
      return projectWalletWithdrawalChanged(event);
    case 'wallet.deposit_changed':
      return projectWalletDepositChanged(event);
    case 'wallet.request_changed':
      return projectWalletRequestChanged(event);
    case 'wallet.linked_account_changed':
      return projectWalletLinkedAccountChanged(event);
    case 'wallet.frozen_changed':
      return projectWalletFrozenChanged(event);
    case 'wallet.audit_failed':
      return projectWalletAuditFailed(event);
  }
}
