create table public.calls (
  id uuid primary key,
  kind text not null constraint kind_known check (kind in ('audio', 'video')),
  caller_id uuid references public.profiles (id) on delete set null,
  group_id uuid references public.groups (id) on delete set null,
  is_direct boolean not null,
  state text not null default 'ringing' constraint state_known check (state in ('ringing', 'active', 'ended')),
  end_reason text constraint reason_known check (end_reason in ('ended', 'lost', 'declined', 'cancelled', 'missed', 'busy')),
  epoch int not null default 1,
  version int not null default 1,
  request_hash bigint not null,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  ended_at timestamptz,
  constraint end_is_told check ((state = 'ended') = (ended_at is not null) and (state = 'ended') = (end_reason is not null)),
  constraint active_was_answered check (state <> 'active' or answered_at is not null)
) with (fillfactor = 70);
comment on table public.calls is
  'Calls of two people (is_direct) or of several. id is the client''s own, so that a repeated start finds the first. ringing until the first answer, active until fewer than two are left, then ended. epoch is part of the topics on which participants signal, and changes when somebody may hear no more; version counts the changes. Whoever changes a call or who is in it holds the row.';
create index calls_caller_id_idx on public.calls (caller_id);
create index calls_group_id_idx on public.calls (group_id) where group_id is not null;
create index calls_live_idx on public.calls (created_at) where state <> 'ended';
create index calls_ended_at_idx on public.calls (ended_at);

create table public.call_participants (
  call_id uuid not null references public.calls (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  called_by uuid references public.profiles (id) on delete set null,
  state text not null constraint state_known check (state in ('ringing', 'joined', 'declined', 'missed', 'busy', 'left', 'removed', 'lost')),
  device_id uuid,
  join_id uuid,
  due_at timestamptz,
  heard_at timestamptz,
  reported_at timestamptz,
  created_at timestamptz not null,
  first_rung_at timestamptz not null default clock_timestamp(),
  rung_at timestamptz not null default clock_timestamp(),
  first_joined_at timestamptz,
  joined_at timestamptz,
  left_at timestamptz,
  out_epoch int,
  out_version int,
  primary key (call_id, user_id),
  constraint live_until_due check ((state in ('ringing', 'joined')) = (due_at is not null)),
  constraint joined_with_a_device check (state <> 'joined' or (device_id is not null and joined_at is not null and heard_at is not null))
) with (fillfactor = 50);
comment on table public.call_participants is
  'Who is in a call, or was called. due_at: until when it rings, or until when who joined is taken to be there: their device moves it on. device_id: the one device that is in the call, join_id: the one page of it. heard_at, reported_at: when their device was last heard, and last missed by another participant. created_at: that of the call, by which their history is in order; first_rung_at, rung_at: when they were called into it, the first and the last time; first_joined_at, joined_at: when they came into it. out_epoch, out_version: of the call as they went out of it, which is all that they learn of either while it goes on. called_by null: whoever started the call, or somebody who is gone.';
-- Nobody is in two calls, however many ask at once. Whom it rings for is busy too.
create unique index call_participants_live_idx on public.call_participants (user_id) where state in ('ringing', 'joined');
create index call_participants_history_idx on public.call_participants (user_id, created_at desc, call_id desc);
create index call_participants_missed_idx on public.call_participants (user_id, created_at desc, call_id desc) where state in ('missed', 'busy');
create index call_participants_called_by_idx on public.call_participants (called_by);
create index call_participants_due_at_idx on public.call_participants (due_at) where due_at is not null;

-- Who called whom in vain, counted by pair ('rings for <id>', 'rings a day for <id>'): found when its time is over, and when the one who was
-- called is deleted; their own rows go by user_id.
create index paces_rings_since_idx on app_private.paces (since) where what like 'rings%for %';
create index paces_rings_what_idx on app_private.paces (what) where what like 'rings%for %';

create table app_private.call_rules (
  single boolean primary key default true check (single),
  max_people int not null default 8 check (max_people between 2 and 16),
  ring_for interval not null default '45 seconds' check (ring_for between interval '5 seconds' and interval '5 minutes'),
  there_for interval not null default '15 seconds' check (there_for between interval '3 seconds' and interval '5 minutes'),
  reported_for interval not null default '3 seconds' check (reported_for between interval '1 second' and interval '1 minute'),
  reported_after interval not null default '7 seconds' check (reported_after between interval '0' and interval '5 minutes'),
  lasts_up_to interval not null default '12 hours' check (lasts_up_to > interval '0'),
  keep_for interval not null default '1 year' check (keep_for > interval '0'),
  rings_per_minute int default 30 check (rings_per_minute > 0),
  rings_per_day int default 600 check (rings_per_day > 0),
  unanswered_per_10_minutes int default 5 check (unanswered_per_10_minutes > 0),
  unanswered_per_day int default 30 check (unanswered_per_day > 0),
  returns_per_10_minutes int default 20 check (returns_per_10_minutes > 0),
  reports_per_10_minutes int default 60 check (reports_per_10_minutes > 0)
);
comment on table app_private.call_rules is
  'Settings of the operators, one row; null means no limit: how many are in a call, how long it rings, for how long somebody is taken to be there after their device was last heard (reported_for: after another participant missed them, and never sooner than reported_for after they were silent for reported_after), how long a call lasts and is kept, for how many people somebody may let it ring, how often for one who does not answer, how often they come back into calls, and how often they say that somebody vanished.';
