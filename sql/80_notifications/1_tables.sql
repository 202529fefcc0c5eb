create table public.notifications (
  id uuid primary key default app_private.uuid_v7(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  seq bigint not null,
  kind text not null constraint kind_known check (app_hidden.notification_category(kind) is not null),
  group_key text not null,
  subject_type text,
  subject_id uuid,
  data jsonb not null default '{}',
  has_actors boolean not null default false,
  more_actors int not null default 0,
  events_count int not null default 1,
  in_app boolean not null default true,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 80);
comment on table public.notifications is
  'What people are told, the same things in one row: "Ana and 12 others". seq counts from 1 for each person, in the order of the commits; whatever is added to a row gives it the next number. Numbers between are those that rows had before. in_app: false where somebody wants it by other channels alone. more_actors: those beyond the hundred in notification_actors.';
create unique index notifications_seq_idx on public.notifications (user_id, seq);
create index notifications_group_idx on public.notifications (user_id, group_key, seq desc);
create index notifications_subject_idx on public.notifications (subject_id) where subject_id is not null;
create index notifications_updated_at_idx on public.notifications (updated_at);

create table app_private.notification_actors (
  notification_id uuid not null references public.notifications (id) on delete cascade,
  actor_id uuid not null references public.profiles (id) on delete cascade,
  happened_at timestamptz not null,
  is_gone boolean not null default false,
  data jsonb not null default '{}',
  primary key (notification_id, actor_id)
);
comment on table app_private.notification_actors is
  'Who did what a notification tells of, up to a hundred of each. is_gone: they took it back, and are remembered so that doing it again tells nobody again. data: what the kind has of the last that they did, which is hidden with them.';
create index notification_actors_latest_idx on app_private.notification_actors (notification_id, happened_at desc, actor_id desc);
create index notification_actors_actor_id_idx on app_private.notification_actors (actor_id);

-- Whoever numbers, sees or reads notifications of a person holds this row first.
create table app_private.notification_states (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  last_seq bigint not null default 0,
  seen_seq bigint not null default 0,
  told_seq bigint not null default 0,
  told_at timestamptz not null default now(),
  marks bigint not null default 0
) with (fillfactor = 50);
comment on table app_private.notification_states is
  'How far the notifications of a person are: numbered to last_seq, seen to seen_seq, told on the private topic to told_seq. marks: how often something was marked, so that streams see it.';
create index notification_states_untold_idx on app_private.notification_states (told_at) where told_seq < last_seq;

create table app_private.notification_reader (
  single boolean primary key default true check (single),
  done pg_snapshot not null,
  upto pg_snapshot,
  after_tx xid8 not null default '0',
  after_position bigint not null default 0,
  happened_to timestamptz,
  constraint batch_is_whole check (upto is not null or after_tx = '0')
);
comment on table app_private.notification_reader is
  'How far the outbox has been read for notifications, one row: everything that done saw; of what upto sees besides, everything up to (after_tx, after_position). It moves in the transaction of the notifications.';

create table app_private.notification_faults (
  event_id uuid primary key,
  type text not null,
  error text not null,
  at timestamptz not null default now()
);
comment on table app_private.notification_faults is 'Events from which no notification could be made, and why. The others went on.';

create table app_private.notification_rules (
  single boolean primary key default true check (single),
  group_for interval not null default '1 day' check (group_for >= interval '0'),
  keep_for interval not null default '90 days' check (keep_for > interval '0'),
  keep_per_person int not null default 500 check (keep_per_person between 10 and 1000),
  conversation_up_to int not null default 100 check (conversation_up_to between 2 and 1000),
  push_again_after interval not null default '30 seconds' check (push_again_after >= interval '0'),
  digest_after interval not null default '15 minutes' check (digest_after >= interval '0')
);
comment on table app_private.notification_rules is
  'Settings of the operators, one row: for how long more of the same joins a notification that was read, how long and how many are kept, and up to how many members each message of a group is told to all of them (in larger ones to whom it mentions), how long a notification to which something is added rests before it is pushed again, and how long mails gather.';

create table app_private.sign_in_devices (
  user_id uuid not null references public.profiles (id) on delete cascade,
  device bytea not null,
  seen_at timestamptz not null default now(),
  primary key (user_id, device)
);
comment on table app_private.sign_in_devices is 'From which programs and networks somebody has signed in, as hashes: a new one is told of. At most 50 of a person.';

create table app_private.notices (
  id uuid primary key default app_private.uuid_v7(),
  user_id uuid references public.profiles (id) on delete cascade,
  title text not null constraint title_length check (length(title) between 1 and 120),
  body text not null constraint body_length check (length(body) between 1 and 1000),
  url text constraint url_shape check (url ~ '^https?://' and length(url) <= 2048),
  done_to uuid,
  done_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table app_private.notices is 'What operators tell one person, or (user_id is null) everybody who has an account then. done_to: how far the worker has come.';
create index notices_user_id_idx on app_private.notices (user_id, created_at, id);
create index notices_open_idx on app_private.notices (created_at) where done_at is null;
