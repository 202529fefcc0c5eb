import { z } from 'zod';
import {
  userDeletionCancelled,
  userDeletionRefused,
  userDeletionRequested,
  userExportFailed,
  userExportReady,
  userPasswordChanged,
  userTargetAdded,
  userWebhookDisabled,
} from './events-accounts.ts';
import { callEnded, callMissed, callStarted } from './events-calls.ts';
import {
  conversationCreated,
  conversationRequestDecided,
  messageChanged,
  messageCreated,
  messageReacted,
} from './events-chat.ts';
import {
  groupBanned,
  groupCreated,
  groupDeleted,
  groupInvited,
  groupJoinRequested,
  groupMember,
  groupRoleChanged,
  groupUnbanned,
  groupUpdated,
} from './events-groups.ts';
import { mediaDeleted, mediaReady, mediaRefused } from './events-media.ts';
import {
  commentCreated,
  commentDeleted,
  commentLike,
  graphBlock,
  graphFollow,
  graphFollowRequested,
  postChanged,
  postDeleted,
  postLike,
  postPublished,
  postReported,
  userVerificationDecided,
} from './events-social.ts';
import {
  walletAuditFailed,
  walletDepositChanged,
  walletFrozenChanged,
  walletHoldPlaced,
  walletHoldResolved,
  walletLinkedAccountChanged,
  walletRequestChanged,
  walletTransferCompleted,
  walletWithdrawalChanged,
} from './events-wallet.ts';

const uuid = z.uuid();
const timestamp = z.iso.datetime({ offset: true });

/** What every domain event has besides its type and payload; `actor_id` is null when nobody signed in caused it. */
const envelope = {
  id: uuid,
  version: z.literal(1),
  actor_id: uuid.nullable(),
  occurred_at: timestamp,
};

// Payloads are loose on purpose (unknown keys are dropped, not refused): a producer may add a field before the worker is
// deployed, and an event in the outbox cannot be sent back. A change of meaning raises `version` instead.
const userRegistered = z.object({ user_id: uuid, username: z.string(), full_name: z.string().nullable() });

const userLoggedIn = z.object({
  user_id: uuid,
  session_id: uuid,
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
});

const userSessionRevoked = z.object({ user_id: uuid, session_id: uuid });

const userDeleted = z.object({ user_id: uuid });

const profileUpdated = z.object({
  user_id: uuid,
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  bio: z.string().nullable(),
  location: z.string().nullable(),
  website: z.string().nullable(),
  is_verified: z.boolean(),
  verification_level: z.enum(['blue', 'gold', 'premium']).nullable(),
  is_business_account: z.boolean(),
  updated_at: timestamp,
  /** Names of the columns that changed. */
  changed: z.array(z.string()),
});

/** Every event that the outbox carries, told apart by `type`. */
export const domainEventSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('user.registered'), payload: userRegistered }),
  z.object({ ...envelope, type: z.literal('user.logged_in'), payload: userLoggedIn }),
  z.object({ ...envelope, type: z.literal('user.session_revoked'), payload: userSessionRevoked }),
  z.object({ ...envelope, type: z.literal('user.deleted'), payload: userDeleted }),
  z.object({ ...envelope, type: z.literal('user.password_changed'), payload: userPasswordChanged }),
  z.object({ ...envelope, type: z.literal('user.target_added'), payload: userTargetAdded }),
  z.object({ ...envelope, type: z.literal('user.webhook_disabled'), payload: userWebhookDisabled }),
  z.object({ ...envelope, type: z.literal('user.export_ready'), payload: userExportReady }),
  z.object({ ...envelope, type: z.literal('user.export_failed'), payload: userExportFailed }),
  z.object({ ...envelope, type: z.literal('user.deletion_requested'), payload: userDeletionRequested }),
  z.object({ ...envelope, type: z.literal('user.deletion_cancelled'), payload: userDeletionCancelled }),
  z.object({ ...envelope, type: z.literal('user.deletion_refused'), payload: userDeletionRefused }),
  z.object({ ...envelope, type: z.literal('profile.updated'), payload: profileUpdated }),
  z.object({ ...envelope, type: z.literal('user.verification_decided'), payload: userVerificationDecided }),
  z.object({ ...envelope, type: z.literal('graph.followed'), payload: graphFollow }),
  z.object({ ...envelope, type: z.literal('graph.unfollowed'), payload: graphFollow }),
  z.object({ ...envelope, type: z.literal('graph.follow_requested'), payload: graphFollowRequested }),
  z.object({ ...envelope, type: z.literal('graph.blocked'), payload: graphBlock }),
  z.object({ ...envelope, type: z.literal('graph.unblocked'), payload: graphBlock }),
  z.object({ ...envelope, type: z.literal('post.published'), payload: postPublished }),
  z.object({ ...envelope, type: z.literal('post.changed'), payload: postChanged }),
  z.object({ ...envelope, type: z.literal('post.deleted'), payload: postDeleted }),
  z.object({ ...envelope, type: z.literal('post.liked'), payload: postLike }),
  z.object({ ...envelope, type: z.literal('post.unliked'), payload: postLike }),
  z.object({ ...envelope, type: z.literal('post.reported'), payload: postReported }),
  z.object({ ...envelope, type: z.literal('comment.created'), payload: commentCreated }),
  z.object({ ...envelope, type: z.literal('comment.deleted'), payload: commentDeleted }),
  z.object({ ...envelope, type: z.literal('comment.liked'), payload: commentLike }),
  z.object({ ...envelope, type: z.literal('comment.unliked'), payload: commentLike }),
  z.object({ ...envelope, type: z.literal('conversation.created'), payload: conversationCreated }),
  z.object({ ...envelope, type: z.literal('conversation.request_decided'), payload: conversationRequestDecided }),
  z.object({ ...envelope, type: z.literal('message.created'), payload: messageCreated }),
  z.object({ ...envelope, type: z.literal('message.edited'), payload: messageChanged }),
  z.object({ ...envelope, type: z.literal('message.deleted'), payload: messageChanged }),
  z.object({ ...envelope, type: z.literal('message.reacted'), payload: messageReacted }),
  z.object({ ...envelope, type: z.literal('call.started'), payload: callStarted }),
  z.object({ ...envelope, type: z.literal('call.ended'), payload: callEnded }),
  z.object({ ...envelope, type: z.literal('call.missed'), payload: callMissed }),
  z.object({ ...envelope, type: z.literal('group.created'), payload: groupCreated }),
  z.object({ ...envelope, type: z.literal('group.updated'), payload: groupUpdated }),
  z.object({ ...envelope, type: z.literal('group.deleted'), payload: groupDeleted }),
  z.object({ ...envelope, type: z.literal('group.member_joined'), payload: groupMember }),
  z.object({ ...envelope, type: z.literal('group.member_left'), payload: groupMember }),
  z.object({ ...envelope, type: z.literal('group.member_removed'), payload: groupMember }),
  z.object({ ...envelope, type: z.literal('group.role_changed'), payload: groupRoleChanged }),
  z.object({ ...envelope, type: z.literal('group.join_requested'), payload: groupJoinRequested }),
  z.object({ ...envelope, type: z.literal('group.invited'), payload: groupInvited }),
  z.object({ ...envelope, type: z.literal('group.banned'), payload: groupBanned }),
  z.object({ ...envelope, type: z.literal('group.unbanned'), payload: groupUnbanned }),
  z.object({ ...envelope, type: z.literal('media.ready'), payload: mediaReady }),
  z.object({ ...envelope, type: z.literal('media.refused'), payload: mediaRefused }),
  z.object({ ...envelope, type: z.literal('media.deleted'), payload: mediaDeleted }),
  z.object({ ...envelope, type: z.literal('wallet.transfer_completed'), payload: walletTransferCompleted }),
  z.object({ ...envelope, type: z.literal('wallet.hold_placed'), payload: walletHoldPlaced }),
  z.object({ ...envelope, type: z.literal('wallet.hold_resolved'), payload: walletHoldResolved }),
  z.object({ ...envelope, type: z.literal('wallet.withdrawal_changed'), payload: walletWithdrawalChanged }),
  z.object({ ...envelope, type: z.literal('wallet.deposit_changed'), payload: walletDepositChanged }),
  z.object({ ...envelope, type: z.literal('wallet.request_changed'), payload: walletRequestChanged }),
  z.object({ ...envelope, type: z.literal('wallet.linked_account_changed'), payload: walletLinkedAccountChanged }),
  z.object({ ...envelope, type: z.literal('wallet.frozen_changed'), payload: walletFrozenChanged }),
  z.object({ ...envelope, type: z.literal('wallet.audit_failed'), payload: walletAuditFailed }),
]);

/** A domain event as the worker handles it. */
export type DomainEvent = z.infer<typeof domainEventSchema>;

/** `user.registered`, `wallet.transfer_completed`, … */
export type DomainEventType = DomainEvent['type'];

/** The event of one type: `EventOf<'profile.updated'>`. */
export type EventOf<T extends DomainEventType> = Extract<DomainEvent, { type: T }>;

/**
 * Parses an outbox row (its `occurred_at` as an ISO string or a Date; extra columns are dropped).
 * Throws a ZodError that names the offending fields; such an event can only be dead-lettered.
 */
export function parseEvent(row: unknown): DomainEvent {
  if (isRecord(row) && row['occurred_at'] instanceof Date) {
    return domainEventSchema.parse({ ...row, occurred_at: row['occurred_at'].toISOString() });
  }
  return domainEventSchema.parse(row);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
