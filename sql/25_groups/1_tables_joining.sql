-- How people come into a group and are kept out of it. Closed to every client: functions tell each of them what they may know.

create table app_private.group_requests (
  group_id uuid not null references public.groups (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  message text constraint message_length check (length(message) between 1 and 500),
  created_at timestamptz not null default now(),
  primary key (group_id, user_id)
);
comment on table app_private.group_requests is 'Who asks to be taken into a private group. Approved, they are a member; declined or taken back, it is gone.';
create index group_requests_latest_idx on app_private.group_requests (group_id, created_at desc, user_id desc);
create index group_requests_user_idx on app_private.group_requests (user_id, created_at, group_id);

create table app_private.group_invitations (
  group_id uuid not null references public.groups (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  invited_by uuid references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '30 days',
  primary key (group_id, user_id)
);
comment on table app_private.group_invitations is 'Whom a group asks to come in; for them a secret group is there, too. Accepted, declined or withdrawn, it is gone.';
create index group_invitations_latest_idx on app_private.group_invitations (group_id, created_at desc, user_id desc);
create index group_invitations_user_idx on app_private.group_invitations (user_id, created_at desc, group_id desc);
create index group_invitations_invited_by_idx on app_private.group_invitations (invited_by, created_at);
create index group_invitations_expires_at_idx on app_private.group_invitations (expires_at);

create table app_private.group_links (
  id uuid primary key default app_private.uuid_v7(),
  group_id uuid not null references public.groups (id) on delete cascade,
  created_by uuid references public.profiles (id) on delete set null,
  token_hash bytea not null unique,
  uses_left int constraint uses_bounded check (uses_left between 1 and 1000),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
comment on table app_private.group_links is
  'Links that let whoever has one into a group. Only a hash of the token is kept: the link itself was shown once. uses_left: null for any number; with its last use the row is gone.';
create index group_links_latest_idx on app_private.group_links (group_id, created_at desc, id desc);
create index group_links_created_by_idx on app_private.group_links (created_by, created_at);
create index group_links_expires_at_idx on app_private.group_links (expires_at);

create table app_private.group_bans (
  group_id uuid not null references public.groups (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  banned_by uuid references public.profiles (id) on delete set null,
  reason text constraint reason_length check (length(reason) between 1 and 500),
  until timestamptz,
  created_at timestamptz not null default now(),
  primary key (group_id, user_id)
);
comment on table app_private.group_bans is 'Whom a group does not take in, until a time or (null) for good. The banned see of the group what everybody outside sees.';
create index group_bans_latest_idx on app_private.group_bans (group_id, created_at desc, user_id desc);
create index group_bans_user_id_idx on app_private.group_bans (user_id);
create index group_bans_banned_by_idx on app_private.group_bans (banned_by, created_at);
create index group_bans_until_idx on app_private.group_bans (until) where until is not null;

create table app_private.group_log (
  id uuid primary key default app_private.uuid_v7(),
  group_id uuid not null references public.groups (id) on delete cascade,
  actor_id uuid references public.profiles (id) on delete set null,
  action text not null,
  target_id uuid references public.profiles (id) on delete set null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now()
);
comment on table app_private.group_log is 'What those who run a group did in it: who, what, to whom, when. For its moderators, for a year.';
create index group_log_latest_idx on app_private.group_log (group_id, created_at desc, id desc);
create index group_log_actor_idx on app_private.group_log (actor_id, created_at);
create index group_log_target_id_idx on app_private.group_log (target_id);
create index group_log_created_at_idx on app_private.group_log using brin (created_at);
