import type { Actor } from '../support/database.ts';
import { CALL_EXECUTE, CALL_TABLES } from './matrix-calls.ts';
import { CHAT_EXECUTE, CHAT_TABLES } from './matrix-chat.ts';
import { FEED_EXECUTE, FEED_TABLES } from './matrix-feed.ts';
import { GROUPS_EXECUTE, GROUPS_TABLES } from './matrix-groups.ts';
import { MEDIA_EXECUTE, MEDIA_TABLES } from './matrix-media.ts';
import { NOTIFICATION_EXECUTE, NOTIFICATION_TABLES } from './matrix-notifications.ts';
import { POSTS_EXECUTE, POSTS_TABLES } from './matrix-posts.ts';

/**
 * Who may do what to which table, tried out for real by matrix.test.ts. A table or view of ours that is not listed fails the
 * test. What is not listed must be refused.
 * `owner` is the person whose row it is, `other` another one, both `authenticated`.
 */
export const ACTORS = ['anon', 'owner', 'other', 'service_role', 'astra_api', 'astra_worker'] as const;
export type ActorName = (typeof ACTORS)[number];

export const COMMANDS = ['select', 'insert', 'update', 'delete', 'truncate'] as const;
export type Command = (typeof COMMANDS)[number];

/** `rows`: the command runs and finds the owner's row. `none`: it runs, and row-level security hides the owner's row. */
export type Outcome = 'rows' | 'none';

export interface TableRule {
  /** Picks the owner's row; `$1` is the owner's id. `true` where rows have no owner. */
  readonly ownRow: string;
  /** What an insert writes, columns and values, where some may insert; the row is then their own. */
  readonly insert?: string;
  /** What an update sets; the first allowed column. */
  readonly set: string;
  readonly allowed: Readonly<Partial<Record<ActorName, Readonly<Partial<Record<Command, Outcome>>>>>>;
  /** Columns that may be updated, by role; every other column must be refused. */
  readonly updatable?: Readonly<Partial<Record<Actor['role'], readonly string[]>>>;
}

const CLOSED = { allowed: {} } as const;
const OWN_ROWS = {
  owner: { select: 'rows' },
  other: { select: 'none' },
  service_role: { select: 'rows' },
} as const;
const PROFILE_COLUMNS = ['username', 'full_name', 'avatar_url', 'bio', 'location', 'website', 'business_info'] as const;
/** Studio on the local stack reads as `service_role`. */
const OPERATORS_READ = { allowed: { service_role: { select: 'rows' } } } as const;
const SETTINGS_COLUMNS = ['privacy_settings', 'notification_settings'] as const;

export const TABLES: Readonly<Record<string, TableRule>> = {
  'public.profiles': {
    ownRow: 'id = $1',
    set: 'bio = bio',
    allowed: {
      anon: { select: 'rows' },
      owner: { select: 'rows', update: 'rows' },
      other: { select: 'rows', update: 'none' },
      service_role: { select: 'rows', update: 'rows' },
    },
    updatable: {
      authenticated: PROFILE_COLUMNS,
      service_role: [...PROFILE_COLUMNS, 'is_business_account', 'is_verified', 'verification_level'],
    },
  },
  'public.account_settings': {
    ownRow: 'user_id = $1',
    set: 'privacy_settings = privacy_settings',
    allowed: {
      owner: { select: 'rows', update: 'rows' },
      other: { select: 'none', update: 'none' },
      service_role: { select: 'rows', update: 'rows' },
    },
    updatable: { authenticated: SETTINGS_COLUMNS, service_role: SETTINGS_COLUMNS },
  },
  // An insert names whom it blocks; without that it is refused here by the policy.
  'public.blocks': {
    ownRow: 'blocker_id = $1',
    set: 'blocked_id = blocked_id',
    allowed: {
      owner: { select: 'rows', delete: 'rows' },
      other: { select: 'none', delete: 'none' },
      service_role: { select: 'rows' },
    },
  },
  'public.profile_counts': {
    ownRow: 'user_id = $1',
    set: 'followers_count = 0',
    allowed: {
      anon: { select: 'rows' },
      owner: { select: 'rows' },
      other: { select: 'rows' },
      service_role: { select: 'rows' },
    },
  },
  'public.follows': {
    ownRow: 'follower_id = $1',
    set: 'is_pulled = is_pulled',
    allowed: {
      owner: { select: 'rows', delete: 'rows' },
      other: { select: 'none', delete: 'none' },
      service_role: { select: 'rows' },
    },
  },
  'public.follow_requests': {
    ownRow: 'requester_id = $1',
    set: 'created_at = created_at',
    allowed: {
      owner: { select: 'rows', delete: 'rows' },
      other: { select: 'none', delete: 'none' },
      service_role: { select: 'rows' },
    },
  },
  'public.mutes': {
    ownRow: 'muter_id = $1',
    set: 'until = until',
    allowed: {
      owner: { select: 'rows', update: 'rows', delete: 'rows' },
      other: { select: 'none', update: 'none', delete: 'none' },
      service_role: { select: 'rows' },
    },
    updatable: { authenticated: ['until'] },
  },
  'public.verification_requests': {
    ownRow: 'user_id = $1',
    insert: "(kind, statement) values ('business', 'of a test, by a test')",
    set: "state = 'withdrawn'",
    allowed: {
      owner: { select: 'rows', insert: 'rows', update: 'rows' },
      other: { select: 'none', insert: 'rows', update: 'none' },
      service_role: { select: 'rows' },
    },
    updatable: { authenticated: ['state'] },
  },
  'public.account_jobs': { ownRow: 'user_id = $1', set: 'state = state', allowed: OWN_ROWS },
  'public.wallet': { ownRow: 'user_id = $1', set: 'currency = currency', allowed: OWN_ROWS },
  'public.transactions': { ownRow: 'user_id = $1', set: 'kind = kind', allowed: OWN_ROWS },
  'public.holds': { ownRow: 'user_id = $1', set: 'state = state', allowed: OWN_ROWS },
  'public.payment_requests': { ownRow: 'requester_id = $1', set: 'state = state', allowed: OWN_ROWS },
  'public.linked_accounts': { ownRow: 'user_id = $1', set: 'provider = provider', allowed: OWN_ROWS },
  'public.withdrawals': { ownRow: 'user_id = $1', set: 'state = state', allowed: OWN_ROWS },
  'public.deposits': { ownRow: 'user_id = $1', set: 'state = state', allowed: OWN_ROWS },
  'ledger.accounts': { ownRow: 'owner = $1', set: 'floor_minor = floor_minor', allowed: OWN_ROWS },
  'ledger.entries': { ownRow: 'owner = $1', set: 'owner = owner', allowed: OWN_ROWS },
  'ledger.transfers': { ownRow: 'to_owner = $1', set: 'category = category', ...CLOSED },
  'ledger.currencies': {
    ownRow: 'true',
    set: 'name = name',
    allowed: { owner: { select: 'rows' }, other: { select: 'rows' }, service_role: { select: 'rows' } },
  },
  'ledger.queued_entries': { ownRow: 'owner = $1', set: 'owner = owner', allowed: OWN_ROWS },
  'ledger.holds': { ownRow: 'owner = $1', set: 'state = state', allowed: OWN_ROWS },
  'ledger.payment_requests': { ownRow: 'requester = $1', set: 'state = state', allowed: OWN_ROWS },
  'ledger.linked_accounts': { ownRow: 'owner = $1', set: 'removed_at = removed_at', allowed: OWN_ROWS },
  'ledger.withdrawals': { ownRow: 'owner = $1', set: 'state = state', allowed: OWN_ROWS },
  'ledger.deposits': { ownRow: 'owner = $1', set: 'state = state', allowed: OWN_ROWS },
  'ledger.fee_rules': {
    ownRow: 'true',
    set: 'percent = percent',
    allowed: { owner: { select: 'rows' }, other: { select: 'rows' }, service_role: { select: 'rows' } },
  },
  'ledger.reversals': { ownRow: 'true', set: 'reason = reason', ...CLOSED },
  'ledger.controls': { ownRow: 'true', set: 'withdrawals_stopped_at = null', ...CLOSED },
  'ledger.provider_events': { ownRow: 'true', set: 'outcome = outcome', ...CLOSED },
  'ledger.audits': { ownRow: 'true', set: 'ok = ok', ...CLOSED },
  'ledger.audit_marks': { ownRow: 'true', set: 'seq = seq', ...CLOSED },
  'app_private.idempotency_keys': { ownRow: 'owner = $1', set: 'status = status', ...CLOSED },
  'app_private.reserved_usernames': { ownRow: 'true', set: 'username = username', ...CLOSED },
  'app_private.count_deltas': { ownRow: 'target = $1', set: 'delta = delta', ...CLOSED },
  'app_private.former_usernames': { ownRow: 'user_id = $1', set: 'until = until', ...CLOSED },
  'app_private.account_rules': { ownRow: 'true', set: 'single = single', ...CLOSED },
  'app_private.author_cards': { ownRow: 'user_id = $1', set: 'card = card', ...CLOSED },
  'app_private.popular_people': { ownRow: 'user_id = $1', set: 'followers_count = 0', ...CLOSED },
  'app_private.outbox_events': { ownRow: 'actor_id = $1', set: 'attempts = attempts', ...CLOSED },
  'admin.audit_log': { ownRow: 'true', set: 'reason = reason', ...OPERATORS_READ },
  'admin.outbox_lag': { ownRow: 'true', set: 'dead = dead', ...OPERATORS_READ },
  'admin.dead_letters': { ownRow: 'true', set: 'attempts = attempts', ...OPERATORS_READ },
  'admin.ledger_audit': { ownRow: 'true', set: 'ok = ok', ...OPERATORS_READ },
  'admin.ledger_audits': { ownRow: 'true', set: 'ok = ok', ...OPERATORS_READ },
  'admin.provider_events': { ownRow: 'true', set: 'outcome = outcome', ...OPERATORS_READ },
  'admin.withdrawals': { ownRow: 'user_id = $1', set: 'state = state', ...OPERATORS_READ },
  'admin.verification_queue': { ownRow: 'user_id = $1', set: 'kind = kind', ...OPERATORS_READ },
  'admin.frozen_wallets': { ownRow: 'user_id = $1', set: 'frozen_in = frozen_in', ...OPERATORS_READ },
  'admin.corrections': { ownRow: 'user_id = $1', set: 'reason = reason', ...OPERATORS_READ },
  'admin.operators': { ownRow: 'true', set: 'removed_at = removed_at', ...CLOSED },
  ...GROUPS_TABLES,
  ...CHAT_TABLES,
  ...POSTS_TABLES,
  ...FEED_TABLES,
  ...MEDIA_TABLES,
  ...CALL_TABLES,
  ...NOTIFICATION_TABLES,
};

/** Schemas whose tables and functions are ours. `graphile_worker` belongs to the library that migrates it. */
export const SCHEMAS = ['public', 'app_hidden', 'app_private', 'ledger', 'admin'] as const;

/** Every function that a role other than its owner may execute. All others must be closed to all of them. */
export const EXECUTE: Readonly<Record<string, readonly Actor['role'][]>> = {
  'app_hidden.are_addresses': ['authenticated', 'service_role'],
  'app_hidden.assert_cursor': ['anon', 'authenticated', 'service_role'],
  'app_hidden.plain_line': ['authenticated', 'service_role'],
  'app_hidden.plain_name': ['authenticated', 'service_role'],
  'app_hidden.assert_fields': ['authenticated'],
  'app_hidden.is_of_kind': ['authenticated'],
  'app_hidden.fail': ['anon', 'astra_api', 'astra_worker', 'authenticated', 'service_role'],
  'app_hidden.hidden_people': ['authenticated'],
  'app_hidden.is_shown_to_me': ['authenticated'],
  'app_hidden.is_notification_settings': ['authenticated', 'service_role'],
  'app_hidden.is_privacy_settings': ['authenticated', 'service_role'],
  'app_hidden.new_id': ['authenticated', 'service_role'],
  'app_hidden.format_amount': ['authenticated', 'service_role'],
  'app_private.assert_session': ['astra_api'],
  'app_private.claim_idempotency_key': ['astra_api'],
  'app_private.follow': ['astra_api'],
  'app_private.unfollow': ['astra_api'],
  'app_private.remove_follower': ['astra_api'],
  'app_private.approve_follow_request': ['astra_api'],
  'app_private.decline_follow_request': ['astra_api'],
  'app_private.approve_all_follow_requests': ['astra_api'],
  'app_private.block_person': ['astra_api'],
  'app_private.unblock_person': ['astra_api'],
  'app_private.mute_person': ['astra_api'],
  'app_private.unmute_person': ['astra_api'],
  'app_private.privacy_change_preview': ['astra_api'],
  'app_private.find_user': ['astra_api'],
  'app_private.request_export': ['astra_api'],
  'app_private.request_deletion': ['astra_api'],
  'app_private.cancel_deletion': ['astra_api'],
  'app_private.is_fresh_session': ['astra_api'],
  'app_private.claim_account_jobs': ['astra_worker'],
  'app_private.keep_account_job': ['astra_worker'],
  'app_private.finish_export': ['astra_worker'],
  'app_private.finish_account_job': ['astra_worker'],
  'app_private.retry_account_job': ['astra_worker'],
  'app_private.expired_exports': ['astra_worker'],
  'app_private.forget_export_files': ['astra_worker'],
  'app_private.prune_account_jobs': ['astra_worker'],
  'app_private.export_sections': ['astra_worker'],
  'app_private.export_page': ['astra_worker'],
  'app_private.delete_account': ['astra_worker'],
  'app_private.forget_person': ['astra_worker'],
  'app_private.person_files': ['astra_worker'],
  'app_private.prune_former_usernames': ['astra_worker'],
  'app_private.refresh_popular_people': ['astra_worker'],
  'app_private.list_sessions': ['astra_api'],
  'app_private.post_transaction': ['astra_api'],
  'app_private.apply_provider_event': ['astra_api'],
  'app_private.attach_deposit': ['astra_api'],
  'app_private.deposit_refused': ['astra_api'],
  'app_private.post_transactions': ['astra_api'],
  'app_private.send_messages': ['astra_api'],
  'app_private.statement': ['astra_api'],
  'app_private.statement_header': ['astra_api'],
  'app_private.wallet_command': ['astra_api'],
  'app_private.revoke_other_sessions': ['astra_api'],
  'app_private.revoke_session': ['astra_api'],
  'app_private.store_idempotent_response': ['astra_api'],
  'app_private.username_status': ['astra_api'],
  'app_private.claim_outbox': ['astra_worker'],
  'app_private.complete_outbox': ['astra_worker'],
  'app_private.fail_outbox': ['astra_worker'],
  'app_private.outbox_stats': ['astra_worker', 'service_role'],
  'app_private.prune_idempotency_keys': ['astra_worker'],
  'app_private.prune_outbox': ['astra_worker'],
  'app_private.read_outbox_log': ['astra_worker'],
  'app_private.replay_outbox': ['astra_worker'],
  'app_private.audit_ledger': ['astra_worker'],
  'app_private.broadcast_wallet': ['astra_worker'],
  'app_private.account_unlinked': ['astra_worker'],
  'app_private.claim_unlinked_accounts': ['astra_worker'],
  'app_private.claim_withdrawals': ['astra_worker'],
  'app_private.expire_holds': ['astra_worker'],
  'app_private.expire_payment_requests': ['astra_worker'],
  'app_private.fold_queued_entries': ['astra_worker'],
  'app_private.prune_provider_events': ['astra_worker'],
  'app_private.unlink_retry': ['astra_worker'],
  'app_private.wallet_stats': ['astra_worker'],
  'app_private.withdrawal_refused': ['astra_worker'],
  'app_private.withdrawal_retry': ['astra_worker'],
  'app_private.withdrawal_submitted': ['astra_worker'],
  'public.followers': ['anon', 'authenticated'],
  'public.following': ['anon', 'authenticated'],
  'public.profile_page': ['anon', 'authenticated'],
  'public.search_people': ['anon', 'authenticated'],
  'public.relationship': ['authenticated'],
  'public.find_person': ['anon', 'authenticated'],
  'public.friends': ['authenticated'],
  'public.mutual_friends': ['authenticated'],
  'public.follow_requests_received': ['authenticated'],
  'public.follow_requests_sent': ['authenticated'],
  'public.blocked_people': ['authenticated'],
  'public.muted_people': ['authenticated'],
  'public.suggested_people': ['authenticated'],
  'public.request_verification': ['authenticated'],
  'ledger.audit': ['service_role'],
  ...GROUPS_EXECUTE,
  ...CHAT_EXECUTE,
  ...POSTS_EXECUTE,
  ...FEED_EXECUTE,
  ...MEDIA_EXECUTE,
  ...CALL_EXECUTE,
  ...NOTIFICATION_EXECUTE,
};
