-- The words of a message are found within a conversation: an index over all people's words would be read through for each of them.
create extension if not exists btree_gin with schema extensions;

-- What rows may hold is said by triggers (4_triggers.sql), for the three tables that each message writes.
create table public.conversations (
  id uuid primary key default app_private.uuid_v7(),
  kind text not null,
  group_id uuid unique references public.groups (id) on delete cascade,
  low_id uuid references public.profiles (id) on delete set null,
  high_id uuid references public.profiles (id) on delete set null,
  opened_by uuid references public.profiles (id) on delete set null,
  epoch int not null default 1,
  epoch_seq bigint not null default 0,
  epoch_change bigint not null default 0,
  last_seq bigint not null default 0,
  last_change bigint not null default 0,
  active_at timestamptz not null default now(),
  disappear_after_s int,
  created_at timestamptz not null default now()
) with (fillfactor = 50); -- each message writes the row, and no index of it
comment on table public.conversations is
  'Direct conversations of two people (low_id and high_id in order; null: the account is gone) and those of groups. last_seq counts the messages, last_change what was changed of them afterwards; whoever counts holds the row to the end. epoch is part of the topic on which members hear of it, and changes when somebody may hear no more, or not what was said there before; it began after epoch_seq and epoch_change.';
create unique index conversations_pair_idx on public.conversations (low_id, high_id);
create index conversations_high_id_idx on public.conversations (high_id);
create index conversations_opened_by_idx on public.conversations (opened_by, created_at);

create table public.conversation_members (
  conversation_id uuid not null references public.conversations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  state text not null default 'accepted',
  from_seq bigint not null default 0,
  last_read_seq bigint not null default 0,
  is_muted boolean not null default false,
  muted_until timestamptz,
  archived_at timestamptz,
  joined_at timestamptz not null default now(),
  primary key (user_id, conversation_id)
) with (fillfactor = 70);
comment on table public.conversation_members is
  'Who is in which conversation. state: requested by somebody whom the member does not follow, until they accept or decline. They read messages after from_seq, and have read those up to last_read_seq. muted_until null: muted for good.';
create index conversation_members_conversation_idx on public.conversation_members (conversation_id, user_id);

-- No foreign keys: messages are written while their conversation is locked, and go piece by piece after it (app_private.chat_tasks).
create table public.messages (
  conversation_id uuid not null,
  seq bigint not null,
  id uuid not null,
  sender_id uuid,
  kind text not null,
  content text,
  media_urls text[],
  duration_ms int,
  waveform smallint[],
  reply_to_seq bigint,
  is_forwarded boolean not null default false,
  mentions uuid[],
  reactions jsonb,
  request_hash bigint not null,
  change bigint,
  pinned_at timestamptz,
  edited_at timestamptz,
  deleted_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null,
  primary key (conversation_id, seq)
) with (fillfactor = 90);
comment on table public.messages is
  'What people write to each other. seq counts from 1 without a gap, in the order of the commits; id is the client''s own, so that a repeated send finds the first. A message that was deleted or has disappeared keeps its place without its words. change: the number of its last change, null while there was none. reactions: how many of each emoji.';
create unique index messages_id_idx on public.messages (id);
create index messages_sender_idx on public.messages (sender_id, created_at) where sender_id is not null;
create unique index messages_change_idx on public.messages (conversation_id, change) where change is not null;
create index messages_pinned_idx on public.messages (conversation_id, pinned_at desc) where pinned_at is not null;
create index messages_expires_at_idx on public.messages (expires_at) where expires_at is not null and deleted_at is null;
-- What waits to be sorted in is read through by every search: kept small.
create index messages_words_idx on public.messages
  using gin (conversation_id, to_tsvector('pg_catalog.simple', content))
  with (gin_pending_list_limit = 128)
  where content is not null;

create table public.message_reactions (
  conversation_id uuid not null,
  seq bigint not null,
  user_id uuid not null,
  emoji text not null constraint emoji_length check (length(emoji) between 1 and 16),
  created_at timestamptz not null default now(),
  primary key (conversation_id, seq, user_id)
);
comment on table public.message_reactions is 'Who reacted how to a message, one emoji each.';
create index message_reactions_user_idx on public.message_reactions (user_id, created_at);

create table public.message_hides (
  user_id uuid not null references public.profiles (id) on delete cascade,
  conversation_id uuid not null,
  seq bigint not null,
  created_at timestamptz not null default now(),
  primary key (user_id, conversation_id, seq)
);
comment on table public.message_hides is 'Messages that somebody deleted for themselves.';
create index message_hides_conversation_idx on public.message_hides (conversation_id, seq);

create table app_private.chat_rules (
  single boolean primary key default true check (single),
  messages_per_minute int default 120 check (messages_per_minute > 0),
  conversations_per_hour int default 30 check (conversations_per_hour > 0),
  conversations_per_day int default 100 check (conversations_per_day > 0),
  messages_in_request int not null default 10 check (messages_in_request > 0),
  edit_within interval default '1 day' check (edit_within > interval '0'),
  delete_within interval default null check (delete_within > interval '0')
);
comment on table app_private.chat_rules is
  'Settings of the operators, one row; null means no limit: how many messages and new conversations a person may send and open, how many messages wait in a request, and how long a message can be edited, or deleted for all.';

create table app_private.chat_tasks (
  kind text not null check (kind in ('wipe', 'purge')),
  target uuid not null,
  created_at timestamptz not null default now(),
  primary key (kind, target)
);
comment on table app_private.chat_tasks is
  'What the worker takes away piece by piece: the words of a person who is gone (wipe), the messages of a conversation that is gone (purge). Nobody is shown them meanwhile.';
create index chat_tasks_created_at_idx on app_private.chat_tasks (created_at);

create table app_private.chat_notices (
  conversation_id uuid primary key references public.conversations (id) on delete cascade,
  epoch int not null,
  told_to uuid,
  created_at timestamptz not null default now()
);
comment on table app_private.chat_notices is 'Conversations of groups whose members still have to be told of a new epoch, and to whom the worker has come.';
create index chat_notices_created_at_idx on app_private.chat_notices (created_at);
