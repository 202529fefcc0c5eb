-- Other ways to reach people than the app. Closed to every client: functions show each of them their own.

create table app_private.push_subscriptions (
  id uuid primary key default app_private.uuid_v7(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  session_id uuid not null references auth.sessions (id) on delete cascade,
  endpoint text not null unique,
  p256dh text not null,
  auth text not null,
  user_agent text,
  expires_at timestamptz,
  failures int not null default 0,
  failing_since timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  created_at timestamptz not null default now()
);
comment on table app_private.push_subscriptions is
  'Browsers and apps that take push messages (RFC 8030): where, and the keys with which only they can read them. They go with the session that made them. An endpoint belongs to who used it last. Up to 20 of a person. expires_at: when the browser says that it ends. failures and failing_since as those of webhooks.';
create index push_subscriptions_user_id_idx on app_private.push_subscriptions (user_id, created_at, id);
create index push_subscriptions_session_id_idx on app_private.push_subscriptions (session_id);
create index push_subscriptions_expires_at_idx on app_private.push_subscriptions (expires_at) where expires_at is not null;

create table app_private.notification_webhooks (
  id uuid primary key default app_private.uuid_v7(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  url text not null,
  secret text not null,
  failures int not null default 0,
  failing_since timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  created_at timestamptz not null default now(),
  unique (user_id, url)
);
comment on table app_private.notification_webhooks is
  'Addresses of people that take their notifications, signed with a secret of each. failures: messages given up since the last one that was taken, failing_since: the first try of them that failed. After ten, or three days, the webhook is disabled.';

create table app_private.notification_deliveries (
  id uuid primary key default app_private.uuid_v7(),
  notification_id uuid not null references public.notifications (id) on delete cascade,
  channel text not null check (channel in ('push', 'webhook')),
  target_id uuid not null,
  seq bigint not null,
  sent_seq bigint not null default 0,
  sent_at timestamptz,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  unique (notification_id, target_id)
) with (fillfactor = 80);
comment on table app_private.notification_deliveries is
  'What goes to whom by which way: a notification as it was at seq. What is added to it before it is sent goes with it. sent_seq: what the target has, or what was given up.';
create index notification_deliveries_due_idx on app_private.notification_deliveries (channel, next_attempt_at) where sent_seq < seq;
create index notification_deliveries_target_idx on app_private.notification_deliveries (target_id);

create table app_private.notification_digests (
  user_id uuid not null references public.profiles (id) on delete cascade,
  is_security boolean not null default false,
  due_at timestamptz,
  again_at timestamptz,
  from_seq bigint not null default 0,
  to_seq bigint,
  attempts int not null default 0,
  last_error text,
  primary key (user_id, is_security)
);
comment on table app_private.notification_digests is
  'Mails about what somebody has not read: what guards the account goes at once in mails of its own. due_at: when the next one goes, null for nothing to mail. to_seq: up to where the mail in hand tells, the same at each try, so that it is the same mail. again_at: what came meanwhile.';
create index notification_digests_due_at_idx on app_private.notification_digests (due_at) where due_at is not null;
