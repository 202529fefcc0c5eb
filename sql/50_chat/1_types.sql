create type public.message_card as (
  id uuid,
  conversation_id uuid,
  seq bigint,
  sender_id uuid,
  sender jsonb,
  kind text,
  content text,
  media_urls text[],
  duration_ms int,
  waveform smallint[],
  reply_to jsonb,
  is_forwarded boolean,
  mentions uuid[],
  reactions jsonb,
  my_reaction text,
  is_read boolean,
  change bigint,
  pinned_at timestamptz,
  edited_at timestamptz,
  deleted_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz
);
comment on type public.message_card is
  'A message as its reader may see it. Deleted, disappeared or deleted for oneself: deleted_at is set and no words are left. is_read: by me, or in a direct conversation, of my own, by the other; null where nobody says.';

create type public.conversation_card as (
  id uuid,
  kind text,
  person jsonb,
  "group" jsonb,
  state text,
  can_send boolean,
  last_message jsonb,
  last_seq bigint,
  last_read_seq bigint,
  unread_count bigint,
  is_muted boolean,
  muted_until timestamptz,
  archived_at timestamptz,
  disappear_after_s int,
  topic text,
  active_at timestamptz,
  created_at timestamptz
);
comment on type public.conversation_card is
  'A conversation in a list, as its member sees it. person: the other one of a direct conversation, null when they do not exist for me any more. group: id, name, avatar_url and my role. state: accepted, requested (somebody wrote to me whom I do not follow) or declined.';

create type app_private.sending as (
  ord int,
  conversation_id uuid,
  group_id uuid,
  seq bigint,
  id uuid,
  sender_id uuid,
  receiver_id uuid,
  content text,
  request_hash bigint,
  created_at timestamptz
);
comment on type app_private.sending is
  'One of several messages that are sent together: the ord-th that was asked for. Receiver, number and time are known once its conversation is locked.';
