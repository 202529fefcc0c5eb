import type { Actor } from '../support/database.ts';

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
  'public.wallet': { ownRow: 'user_id = $1', set: 'currency = currency', allowed: OWN_ROWS },
  'public.transactions': { ownRow: 'user_id = $1', set: 'kind = kind', allowed: OWN_ROWS },
  'ledger.accounts': { ownRow: 'owner = $1', set: 'floor_minor = floor_minor', allowed: OWN_ROWS },
  'ledger.entries': { ownRow: 'owner = $1', set: 'owner = owner', allowed: OWN_ROWS },
  'ledger.transfers': { ownRow: 'to_owner = $1', set: 'category = category', ...CLOSED },
  'ledger.currencies': {
    ownRow: 'true',
    set: 'name = name',
    allowed: { owner: { select: 'rows' }, other: { select: 'rows' }, service_role: { select: 'rows' } },
  },
  'app_private.idempotency_keys': { ownRow: 'owner = $1', set: 'status = status', ...CLOSED },
  'app_private.reserved_usernames': { ownRow: 'true', set: 'username = username', ...CLOSED },
  'app_private.outbox_events': { ownRow: 'actor_id = $1', set: 'attempts = attempts', ...CLOSED },
  'admin.audit_log': { ownRow: 'true', set: 'reason = reason', ...OPERATORS_READ },
  'admin.outbox_lag': { ownRow: 'true', set: 'dead = dead', ...OPERATORS_READ },
  'admin.dead_letters': { ownRow: 'true', set: 'attempts = attempts', ...OPERATORS_READ },
  'admin.ledger_audit': { ownRow: 'true', set: 'ok = ok', ...OPERATORS_READ },
};

/** Schemas whose tables and functions are ours. `graphile_worker` belongs to the library that migrates it. */
export const SCHEMAS = ['public', 'app_hidden', 'app_private', 'ledger', 'admin'] as const;

/** Every function that a role other than its owner may execute. All others must be closed to all of them. */
export const EXECUTE: Readonly<Record<string, readonly Actor['role'][]>> = {
  'app_hidden.fail': ['anon', 'astra_api', 'astra_worker', 'authenticated', 'service_role'],
  'app_hidden.format_amount': ['authenticated', 'service_role'],
  'app_private.assert_session': ['astra_api'],
  'app_private.claim_idempotency_key': ['astra_api'],
  'app_private.list_sessions': ['astra_api'],
  'app_private.post_transaction': ['astra_api'],
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
  'ledger.audit': ['service_role'],
};
