import type { Person, TestConnection } from '../support/database.ts';
import type { TableRule } from './matrix.ts';

const CLOSED = { allowed: {} } as const;

export const NOTIFICATION_TABLES: Readonly<Record<string, TableRule>> = {
  'public.notifications': {
    ownRow: 'user_id = $1',
    set: 'read_at = read_at',
    allowed: { owner: { select: 'rows' }, other: { select: 'none' }, service_role: { select: 'rows' } },
  },
  'app_private.notification_actors': { ownRow: 'actor_id = $1', set: 'is_gone = is_gone', ...CLOSED },
  'app_private.notification_states': { ownRow: 'user_id = $1', set: 'seen_seq = seen_seq', ...CLOSED },
  'app_private.notification_reader': { ownRow: 'true', set: 'after_position = after_position', ...CLOSED },
  'app_private.notification_faults': { ownRow: 'true', set: 'error = error', ...CLOSED },
  'app_private.notification_rules': { ownRow: 'true', set: 'keep_per_person = keep_per_person', ...CLOSED },
  'app_private.sign_in_devices': { ownRow: 'user_id = $1', set: 'seen_at = seen_at', ...CLOSED },
  'app_private.push_subscriptions': { ownRow: 'user_id = $1', set: 'auth = auth', ...CLOSED },
  'app_private.notification_webhooks': { ownRow: 'user_id = $1', set: 'secret = secret', ...CLOSED },
  'app_private.notification_deliveries': { ownRow: 'true', set: 'attempts = attempts', ...CLOSED },
  'app_private.notification_digests': { ownRow: 'user_id = $1', set: 'attempts = attempts', ...CLOSED },
  'app_private.notices': { ownRow: 'user_id = $1', set: 'title = title', ...CLOSED },
};

const PEOPLE = ['authenticated'] as const;
const EVERY_ACCOUNT = ['authenticated', 'service_role'] as const;
const WORKER = ['astra_worker'] as const;

export const NOTIFICATION_EXECUTE: Readonly<
  Record<string, readonly ('authenticated' | 'service_role' | 'astra_api' | 'astra_worker')[]>
> = {
  'app_hidden.is_quiet_hours': EVERY_ACCOUNT,
  'app_hidden.my_notification_ids': PEOPLE,
  'app_hidden.notification_category': EVERY_ACCOUNT,
  'app_hidden.notification_kinds': EVERY_ACCOUNT,
  'app_hidden.wants_notification': EVERY_ACCOUNT,
  'app_private.claim_deliveries': WORKER,
  'app_private.claim_digests': WORKER,
  'app_private.drop_delivery_target': WORKER,
  'app_private.finish_delivery': WORKER,
  'app_private.finish_digest': WORKER,
  'app_private.retry_delivery': WORKER,
  'app_private.retry_digest': WORKER,
  'app_private.notification_heads': ['astra_api'],
  'app_private.notification_stats': WORKER,
  'app_private.project_notifications': WORKER,
  'app_private.prune_notifications': WORKER,
  'app_private.spread_notices': WORKER,
  'app_private.tell_notifications': WORKER,
  'public.add_notification_webhook': PEOPLE,
  'public.add_push_subscription': PEOPLE,
  'public.my_notification_webhooks': PEOPLE,
  'public.my_push_subscriptions': PEOPLE,
  'public.remove_notification_webhook': PEOPLE,
  'public.remove_push_subscription': PEOPLE,
  'public.mark_all_notifications_read': PEOPLE,
  'public.mark_notifications_read': PEOPLE,
  'public.mark_notifications_seen': PEOPLE,
  'public.my_notifications': PEOPLE,
  'public.notification_counts': PEOPLE,
  'public.notification_preferences': PEOPLE,
  'public.set_notification_preferences': PEOPLE,
};

/** A notification of the owner, one that names them, and what else is kept for notifications. */
export async function withNotificationsAround(db: TestConnection, owner: Person, third: Person): Promise<void> {
  await db.query(
    "insert into app_private.push_subscriptions (user_id, session_id, endpoint, p256dh, auth) values ($1, $2, 'https://push.example/' || gen_random_uuid(), '', '')",
    [owner.id, await db.signIn(owner)],
  );
  await db.query(
    "insert into app_private.notification_webhooks (user_id, url, secret) values ($1, 'https://hook.example/', '')",
    [owner.id],
  );
  await db.query('insert into app_private.notification_digests (user_id) values ($1)', [owner.id]);
  const raise = `select app_private.raise_notification($1, 'follow', 'follow', 'person', $2, array[$2::uuid], array[now()], '{}', null, 1, now())`;
  await db.query(raise, [owner.id, third.id]);
  await db.query(raise, [third.id, owner.id]);
  await db.query("insert into app_private.notices (user_id, title, body) values ($1, 'of a test', 'of a test')", [
    owner.id,
  ]);
  await db.query("insert into app_private.sign_in_devices (user_id, device) values ($1, 'd')", [owner.id]);
  await db.query(
    "insert into app_private.notification_faults (event_id, type, error) values (gen_random_uuid(), 'of a test', 'of a test')",
  );
}
