-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE EXTENSION IF NOT EXISTS "btree_gin" SCHEMA "extensions";

CREATE TABLE "app_private"."chat_notices" (
  "conversation_id" uuid                     NOT NULL,
  "epoch"           integer                  NOT NULL,
  "told_to"         uuid,
  "created_at"      timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "chat_notices_pkey" PRIMARY KEY (conversation_id)
);

ALTER TABLE "app_private"."chat_notices"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."chat_rules" (
  "single"                 boolean  NOT NULL DEFAULT true,
  "messages_per_minute"    integer  DEFAULT 120,
  "conversations_per_hour" integer  DEFAULT 30,
  "conversations_per_day"  integer  DEFAULT 100,
  "messages_in_request"    integer  NOT NULL DEFAULT 10,
  "edit_within"            interval DEFAULT '1 day'::interval,
  "delete_within"          interval,
  CONSTRAINT "chat_rules_conversations_per_day_check" CHECK ((conversations_per_day > 0)),
  CONSTRAINT "chat_rules_conversations_per_hour_check" CHECK ((conversations_per_hour > 0)),
  CONSTRAINT "chat_rules_delete_within_check" CHECK ((delete_within > '00:00:00'::interval)),
  CONSTRAINT "chat_rules_edit_within_check" CHECK ((edit_within > '00:00:00'::interval)),
  CONSTRAINT "chat_rules_messages_in_request_check" CHECK ((messages_in_request > 0)),
  CONSTRAINT "chat_rules_messages_per_minute_check" CHECK ((messages_per_minute > 0)),
  CONSTRAINT "chat_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "chat_rules_single_check" CHECK (single)
);

ALTER TABLE "app_private"."chat_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."chat_tasks" (
  "kind"       text                     NOT NULL,
  "target"     uuid                     NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "chat_tasks_kind_check" CHECK ((kind = ANY (ARRAY['wipe'::text, 'purge'::text]))),
  CONSTRAINT "chat_tasks_pkey" PRIMARY KEY (kind, target)
);

ALTER TABLE "app_private"."chat_tasks"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."conversation_members" (
  "conversation_id" uuid                     NOT NULL,
  "user_id"         uuid                     NOT NULL,
  "state"           text                     NOT NULL DEFAULT 'accepted'::text,
  "from_seq"        bigint                   NOT NULL DEFAULT 0,
  "last_read_seq"   bigint                   NOT NULL DEFAULT 0,
  "is_muted"        boolean                  NOT NULL DEFAULT false,
  "muted_until"     timestamp with time zone,
  "archived_at"     timestamp with time zone,
  "joined_at"       timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "conversation_members_pkey" PRIMARY KEY (user_id, conversation_id),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['accepted'::text, 'requested'::text, 'declined'::text])))
);

ALTER TABLE "public"."conversation_members"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."conversation_members"
  SET (fillfactor=70);

REVOKE ALL ON TABLE "public"."conversation_members" FROM "anon";

CREATE TABLE "public"."conversations" (
  "kind"              text                     NOT NULL,
  "group_id"          uuid,
  "low_id"            uuid,
  "high_id"           uuid,
  "opened_by"         uuid,
  "epoch"             integer                  NOT NULL DEFAULT 1,
  "last_seq"          bigint                   NOT NULL DEFAULT 0,
  "last_change"       bigint                   NOT NULL DEFAULT 0,
  "active_at"         timestamp with time zone NOT NULL DEFAULT now(),
  "disappear_after_s" integer,
  "created_at"        timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "conversations_group_id_key" UNIQUE (group_id),
  CONSTRAINT "group_of_a_group" CHECK (((kind = 'group'::text) = (group_id IS NOT NULL))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['direct'::text, 'group'::text]))),
  CONSTRAINT "pair_in_order" CHECK ((low_id < high_id)),
  CONSTRAINT "timer_bounded" CHECK (((disappear_after_s >= 30) AND (disappear_after_s <= 7776000))),
  "id"                uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "conversations_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."conversations"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."conversations"
  SET (fillfactor=50);

REVOKE ALL ON TABLE "public"."conversations" FROM "anon";

CREATE TABLE "public"."message_hides" (
  "user_id"         uuid                     NOT NULL,
  "conversation_id" uuid                     NOT NULL,
  "seq"             bigint                   NOT NULL,
  "created_at"      timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "message_hides_pkey" PRIMARY KEY (user_id, conversation_id, seq)
);

ALTER TABLE "public"."message_hides"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."message_hides" FROM "anon";

CREATE TABLE "public"."message_reactions" (
  "conversation_id" uuid                     NOT NULL,
  "seq"             bigint                   NOT NULL,
  "user_id"         uuid                     NOT NULL,
  "emoji"           text                     NOT NULL,
  "created_at"      timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "emoji_length" CHECK (((length(emoji) >= 1) AND (length(emoji) <= 16))),
  CONSTRAINT "message_reactions_pkey" PRIMARY KEY (conversation_id, seq, user_id)
);

ALTER TABLE "public"."message_reactions"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."message_reactions" FROM "anon";

CREATE TABLE "public"."messages" (
  "conversation_id" uuid                     NOT NULL,
  "seq"             bigint                   NOT NULL,
  "id"              uuid                     NOT NULL,
  "sender_id"       uuid,
  "kind"            text                     NOT NULL,
  "content"         text,
  "media_urls"      text[],
  "duration_ms"     integer,
  "waveform"        smallint[],
  "reply_to_seq"    bigint,
  "is_forwarded"    boolean                  NOT NULL DEFAULT false,
  "mentions"        uuid[],
  "reactions"       jsonb,
  "request_hash"    bigint                   NOT NULL,
  "change"          bigint,
  "pinned_at"       timestamp with time zone,
  "edited_at"       timestamp with time zone,
  "deleted_at"      timestamp with time zone,
  "expires_at"      timestamp with time zone,
  "created_at"      timestamp with time zone NOT NULL,
  CONSTRAINT "content_length" CHECK ((length(content) <= 4000)),
  CONSTRAINT "duration_bounded" CHECK (((duration_ms >= 1) AND (duration_ms <= 86400000))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['text'::text, 'image'::text, 'video'::text, 'audio'::text]))),
  CONSTRAINT "media_bounded" CHECK ((cardinality(media_urls) <= 10)),
  CONSTRAINT "mentions_bounded" CHECK ((cardinality(mentions) <= 30)),
  CONSTRAINT "messages_pkey" PRIMARY KEY (conversation_id, seq),
  CONSTRAINT "waveform_bounded" CHECK ((cardinality(waveform) <= 128))
);

ALTER TABLE "public"."messages"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."messages"
  SET (fillfactor=90);

REVOKE ALL ON TABLE "public"."messages" FROM "anon";

CREATE TYPE "public"."conversation_card" AS (
  "id"                uuid,
  "kind"              text,
  "person"            jsonb,
  "group"             jsonb,
  "state"             text,
  "can_send"          boolean,
  "last_message"      jsonb,
  "last_seq"          bigint,
  "last_read_seq"     bigint,
  "unread_count"      bigint,
  "is_muted"          boolean,
  "muted_until"       timestamp WITH time zone,
  "archived_at"       timestamp WITH time zone,
  "disappear_after_s" integer,
  "topic"             text,
  "active_at"         timestamp WITH time zone,
  "created_at"        timestamp WITH time zone
);

CREATE TYPE "public"."message_card" AS (
  "id"              uuid,
  "conversation_id" uuid,
  "seq"             bigint,
  "sender_id"       uuid,
  "sender"          jsonb,
  "kind"            text,
  "content"         text,
  "media_urls"      text[],
  "duration_ms"     integer,
  "waveform"        smallint[],
  "reply_to"        jsonb,
  "is_forwarded"    boolean,
  "mentions"        uuid[],
  "reactions"       jsonb,
  "my_reaction"     text,
  "is_read"         boolean,
  "change"          bigint,
  "pinned_at"       timestamp WITH time zone,
  "edited_at"       timestamp WITH time zone,
  "deleted_at"      timestamp WITH time zone,
  "expires_at"      timestamp WITH time zone,
  "created_at"      timestamp WITH time zone
);

CREATE OR REPLACE FUNCTION app_hidden.hears (
  p_topic     text,
  p_extension text,
  p_writes    boolean DEFAULT false
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parts text[] := regexp_match(p_topic, '^(conversation|typing):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9})$');
  v_me uuid := auth.uid();
  v_conversation public.conversations;
  v_member public.conversation_members;
begin
  if v_parts is null or v_me is null then
    return false;
  end if;
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = v_parts[2]::uuid and m.state <> 'declined';
  if not found then
    return false;
  end if;
  select * into v_conversation from public.conversations c where c.id = v_parts[2]::uuid and c.epoch = v_parts[3]::int;
  if not found then
    return false;
  elsif v_parts[1] = 'conversation' then
    -- Nobody but the database sends here, so a message on it is one.
    return p_extension = 'broadcast' and not p_writes;
  end if;
  return app_private.may_type(v_conversation, v_member)
    -- Who hides their presence neither shows it, by typing neither, nor sees that of others.
    and (p_extension = 'broadcast' and not p_writes or not app_private.hides(v_me, 'hide_presence'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_person (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return exists (select from public.profiles p where p.id = p_id);
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_conversation_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  AS $function$
begin
  return query select m.conversation_id from public.conversation_members m where m.user_id = auth.uid();
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm_in_chat (
  p_me uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_limit int := (select r.messages_per_minute from app_private.chat_rules r);
begin
  if v_limit is not null and exists (
    select from public.messages x where x.sender_id = p_me and x.created_at > clock_timestamp() - interval '1 minute' offset v_limit - 1
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('You have sent %s messages within a minute.', v_limit), 'Wait a moment.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_act (
  p_conversation public.conversations,
  p_member       public.conversation_members
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_member.state <> 'accepted' then
    perform app_hidden.fail(409, 'messages.request_open', 'You have not accepted this conversation.', 'Accept it first: POST messages/:conversationId/accept.');
  end if;
  perform app_private.assert_may_write(p_conversation, p_member.user_id);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_write (
  p_conversation public.conversations,
  p_me           uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_other uuid := app_private.other_of(p_conversation, p_me);
  v_state text;
  v_by_me boolean;
  v_by_them boolean;
begin
  if p_conversation.kind = 'group' then
    return;
  end if;
  select m.state, exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = v_other),
    exists (select from public.blocks b where b.blocker_id = v_other and b.blocked_id = p_me)
  into v_state, v_by_me, v_by_them
  from public.conversation_members m where m.user_id = v_other and m.conversation_id = p_conversation.id;
  if v_by_me then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif v_by_them or v_state = 'accepted' is not true and (
    -- Whom they let write to them is asked until they have accepted: then they agreed to this conversation.
    v_state = 'requested' is not true or not app_private.may_reach(p_me, v_other, 'who_can_message')
  ) then
    perform app_private.fail_not_accepted();
  end if;
  if v_state = 'requested' and p_conversation.last_seq > (select r.messages_in_request from app_private.chat_rules r) then
    perform app_hidden.fail(422, 'messages.request_pending', 'This person has not accepted your request yet.', 'Wait for an answer.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_staff (
  p_conversation public.conversations,
  p_me           uuid,
  p_action       text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_conversation.kind = 'group' then
    perform app_private.assert_may(p_me, p_conversation.group_id, p_action);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_words (
  p_message public.messages
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_media int := coalesce(cardinality(p_message.media_urls), 0);
begin
  if length(p_message.content) > 4000 or p_message.kind = 'text' and coalesce(p_message.content !~ '\S', true) then
    perform app_hidden.fail(422, 'messages.content_invalid', 'A message has 1 to 4,000 characters.', 'Mend `content`.');
  elsif p_message.kind = 'text' and v_media > 0 or p_message.kind <> 'text' and v_media not between 1 and 10
    or p_message.kind = 'audio' and v_media <> 1 or v_media > 0 and not app_hidden.are_addresses(p_message.media_urls) then
    perform app_hidden.fail(422, 'messages.media_invalid', 'A message of this kind does not take these media.',
      'Send `media_urls` as https:// or http:// addresses: 1 to 10 for image and video, one for audio, none for text.');
  elsif (p_message.kind in ('audio', 'video')) < (p_message.duration_ms is not null) or p_message.kind = 'audio' and p_message.duration_ms is null
    or p_message.duration_ms not between 1 and 86400000 then
    perform app_private.fail_field('`duration_ms` as milliseconds up to a day, with every audio and, if you know it, video');
  elsif p_message.waveform is not null and (p_message.kind <> 'audio' or cardinality(p_message.waveform) not between 1 and 128
    or 0 > any (p_message.waveform) or 100 < any (p_message.waveform)) then
    perform app_private.fail_field('`waveform` with an audio, as 1 to 128 whole numbers from 0 to 100');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_send (
  p_conversation public.conversations,
  p_me           uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_conversation.kind = 'group' then
    return true;
  end if;
  return coalesce((
    select m.state = 'accepted' or m.state = 'requested' and app_private.may_reach(p_me, m.user_id, 'who_can_message')
    from public.conversation_members m
    where m.conversation_id = p_conversation.id and m.user_id = app_private.other_of(p_conversation, p_me)
      and not app_hidden.is_blocked_pair(p_me, m.user_id)
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.common_card (
  p_message public.messages,
  p_sender  jsonb,
  p_reply   public.messages
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_card public.message_card;
begin
  v_card.id := p_message.id;
  v_card.conversation_id := p_message.conversation_id;
  v_card.seq := p_message.seq;
  v_card.sender_id := p_message.sender_id;
  v_card.sender := p_sender;
  v_card.kind := p_message.kind;
  v_card.content := p_message.content;
  v_card.media_urls := coalesce(p_message.media_urls, '{}');
  v_card.duration_ms := p_message.duration_ms;
  v_card.waveform := p_message.waveform;
  if p_reply.id is not null then
    -- Without its words, which not every member may read.
    v_card.reply_to := jsonb_build_object('id', p_reply.id, 'seq', p_reply.seq, 'sender_id', p_reply.sender_id, 'kind', p_reply.kind, 'content', null);
  end if;
  v_card.is_forwarded := p_message.is_forwarded;
  v_card.mentions := coalesce(p_message.mentions, '{}');
  v_card.reactions := app_private.reactions_of(p_message.reactions);
  v_card.change := p_message.change;
  v_card.pinned_at := p_message.pinned_at;
  v_card.edited_at := p_message.edited_at;
  v_card.deleted_at := p_message.deleted_at;
  v_card.expires_at := p_message.expires_at;
  v_card.created_at := p_message.created_at;
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.conversation_cards (
  p_me  uuid,
  p_ids uuid[]
)
  RETURNS SETOF public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
#variable_conflict use_column
begin
  return query
  select c.id, c.kind,
    case when c.kind = 'direct' and not exists (
      select from public.blocks b where b.blocker_id = app_private.other_of(c, p_me) and b.blocked_id = p_me)
      then app_private.person_of(app_private.other_of(c, p_me)) end,
    case when c.kind = 'group' then (
      select jsonb_build_object('id', g.id, 'name', g.name, 'avatar_url', g.avatar_url, 'role', gm.role)
      from public.groups g left join public.group_members gm on gm.group_id = g.id and gm.user_id = p_me
      where g.id = c.group_id) end,
    m.state, app_private.can_send(c, p_me), app_private.last_message_of(p_me, c, m.from_seq), c.last_seq,
    m.last_read_seq, c.last_seq - least(greatest(m.last_read_seq, m.from_seq), c.last_seq),
    m.is_muted and (m.muted_until is null or m.muted_until > now()),
    case when m.muted_until > now() then m.muted_until end,
    m.archived_at, c.disappear_after_s, app_private.topic_of(c), c.active_at, c.created_at
  from unnest(p_ids) with ordinality u (id, n)
  join public.conversations c on c.id = u.id
  join public.conversation_members m on m.user_id = p_me and m.conversation_id = c.id
  order by u.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.conversation_for (
  p    jsonb,
  p_me uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p ->> 'conversation_id' is not null then (p ->> 'conversation_id')::uuid
    when p ->> 'group_id' is not null then (select c.id from public.conversations c where c.group_id = (p ->> 'group_id')::uuid)
    else (
      select c.id from public.conversations c
      where c.low_id = least(p_me, (p ->> 'receiver_id')::uuid) and c.high_id = greatest(p_me, (p ->> 'receiver_id')::uuid))
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_reaction (
  p_counts jsonb,
  p_emoji  text,
  p_by     integer
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_count int := coalesce((p_counts ->> p_emoji)::int, 0) + p_by;
begin
  if p_emoji is null then
    return p_counts;
  elsif v_count <= 0 then
    return p_counts - p_emoji;
  end if;
  return p_counts || jsonb_build_object(p_emoji, v_count);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.end_conversation()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'UPDATE' then
    delete from public.conversations c where c.id = new.id;
  else
    insert into app_private.chat_tasks (kind, target) values ('purge', old.id) on conflict do nothing;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.epoch_notice (
  p_conversation public.conversations
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object('conversation_id', p_conversation.id, 'epoch', p_conversation.epoch,
    'topic', app_private.topic_of(p_conversation), 'last_seq', p_conversation.last_seq, 'last_change', p_conversation.last_change);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.expire_messages (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_count int;
begin
  with due as materialized (
    select x.id from public.messages x where x.expires_at <= clock_timestamp() and x.deleted_at is null
    order by x.expires_at limit least(greatest(p_limit, 1), 10000)
    for update skip locked
  ), gone as (
    -- Clients know the time as well, and nobody is told.
    update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
      pinned_at = null, deleted_at = x.expires_at
    from due where x.id = due.id returning x.conversation_id, x.seq
  ), reactions as (
    delete from public.message_reactions r using gone where r.conversation_id = gone.conversation_id and r.seq = gone.seq
  )
  select count(*) into v_count from gone;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.export_sections()
  RETURNS TABLE (
    section  text,
    relation text,
    person   text,
    keys     text[],
    hidden   text[],
    covers   text[]
  )
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return query values
    ('account', $r$(select u.id, u.email, u.phone, u.email_confirmed_at, u.phone_confirmed_at, u.last_sign_in_at, u.created_at, u.updated_at,
        u.raw_user_meta_data as user_metadata, u.raw_app_meta_data as app_metadata from auth.users u)$r$,
      'id', '{id}'::text[], '{}'::text[], '{auth.users.id}'::text[]),
    ('identities', $r$(select i.user_id, i.provider, i.provider_id, i.identity_data, i.last_sign_in_at, i.created_at from auth.identities i)$r$,
      'user_id', '{provider,provider_id}', '{user_id}', '{auth.identities.user_id}'),
    ('sessions', $r$(select s.user_id, s.id, s.created_at, s.updated_at, s.user_agent, host(s.ip) as ip from auth.sessions s)$r$,
      'user_id', '{id}', '{user_id}', '{auth.sessions.user_id}'),
    ('profile', 'public.profiles', 'id', '{id}', '{}', '{public.profiles.id}'),
    ('settings', 'public.account_settings', 'user_id', '{user_id}', '{}', '{public.account_settings.user_id}'),
    ('counts', 'public.profile_counts', 'user_id', '{user_id}', '{}', '{public.profile_counts.user_id}'),
    ('former_usernames', 'app_private.former_usernames', 'user_id', '{username}', '{user_id}', '{app_private.former_usernames.user_id}'),
    ('verification_requests', 'public.verification_requests', 'user_id', '{created_at,id}', '{}', '{public.verification_requests.user_id}'),
    ('jobs', 'public.account_jobs', 'user_id', '{created_at,id}', '{user_id,file_path,attempts,last_error}', '{public.account_jobs.user_id}'),
    ('files', $r$(select coalesce(o.owner_id, o.owner::text) as user_id, o.bucket_id, o.name, o.metadata, o.created_at from storage.objects o)$r$,
      'user_id', '{bucket_id,name}', '{user_id}', '{storage.objects.owner,storage.objects.owner_id}'),
    ('following', $r$(select f.follower_id, f.followee_id as user_id, p.username, f.created_at
        from public.follows f join public.profiles p on p.id = f.followee_id)$r$,
      'follower_id', '{created_at,user_id}', '{follower_id}', '{public.follows.follower_id}'),
    ('followers', $r$(select f.followee_id, f.follower_id as user_id, p.username, f.created_at
        from public.follows f join public.profiles p on p.id = f.follower_id)$r$,
      'followee_id', '{created_at,user_id}', '{followee_id}', '{public.follows.followee_id}'),
    ('follow_requests_sent', $r$(select f.requester_id, f.target_id as user_id, p.username, f.created_at
        from public.follow_requests f join public.profiles p on p.id = f.target_id)$r$,
      'requester_id', '{created_at,user_id}', '{requester_id}', '{public.follow_requests.requester_id}'),
    ('follow_requests_received', $r$(select f.target_id, f.requester_id as user_id, p.username, f.created_at
        from public.follow_requests f join public.profiles p on p.id = f.requester_id)$r$,
      'target_id', '{created_at,user_id}', '{target_id}', '{public.follow_requests.target_id}'),
    ('blocked', $r$(select b.blocker_id, b.blocked_id as user_id, p.username, b.created_at
        from public.blocks b join public.profiles p on p.id = b.blocked_id)$r$,
      'blocker_id', '{created_at,user_id}', '{blocker_id}', '{public.blocks.blocker_id}'),
    ('muted', $r$(select m.muter_id, m.muted_id as user_id, p.username, m.until, m.created_at
        from public.mutes m join public.profiles p on p.id = m.muted_id)$r$,
      'muter_id', '{created_at,user_id}', '{muter_id}', '{public.mutes.muter_id}'),
    ('groups', $r$(select m.user_id, m.group_id, g.name, m.role, m.joined_at
        from public.group_members m join public.groups g on g.id = m.group_id)$r$,
      'user_id', '{joined_at,group_id}', '{user_id}', '{public.group_members.user_id}'),
    ('groups_founded', $r$(select g.created_by, g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
        g.member_cap, g.created_at, g.updated_at from public.groups g where g.deleted_at is null)$r$,
      'created_by', '{created_at,id}', '{created_by}', '{public.groups.created_by}'),
    ('group_requests', 'app_private.group_requests', 'user_id', '{created_at,group_id}', '{user_id}', '{app_private.group_requests.user_id}'),
    ('group_invitations_received', $r$(select i.user_id, i.group_id, g.name, i.created_at, i.expires_at
        from app_private.group_invitations i join public.groups g on g.id = i.group_id)$r$,
      'user_id', '{created_at,group_id}', '{user_id}', '{app_private.group_invitations.user_id}'),
    ('group_invitations_sent', $r$(select i.invited_by, i.group_id, i.user_id, p.username, i.created_at, i.expires_at
        from app_private.group_invitations i join public.profiles p on p.id = i.user_id)$r$,
      'invited_by', '{created_at,group_id,user_id}', '{invited_by}', '{app_private.group_invitations.invited_by}'),
    ('group_links', 'app_private.group_links', 'created_by', '{created_at,id}', '{created_by,token_hash}', '{app_private.group_links.created_by}'),
    ('group_bans_made', 'app_private.group_bans', 'banned_by', '{created_at,group_id,user_id}', '{banned_by}', '{app_private.group_bans.banned_by}'),
    ('group_log', 'app_private.group_log', 'actor_id', '{created_at,id}', '{actor_id}', '{app_private.group_log.actor_id}'),
    ('posts', 'public.posts', 'author_id', '{id}', '{}', '{public.posts.author_id}'),
    ('post_edits', $r$(select p.author_id, e.* from public.posts p join public.post_edits e on e.post_id = p.id)$r$,
      'author_id', '{post_id,replaced_at,id}', '{author_id}', '{}'),
    ('polls', $r$(select p.author_id, l.*, (select jsonb_agg(to_jsonb(o) - 'post_id' order by o.position) from public.poll_options o where o.post_id = l.post_id) as options
        from public.posts p join public.polls l on l.post_id = p.id)$r$,
      'author_id', '{post_id}', '{author_id}', '{}'),
    ('mentions_in_posts', 'public.post_mentions', 'user_id', '{post_id}', '{user_id}', '{public.post_mentions.user_id}'),
    ('likes', 'public.post_likes', 'user_id', '{created_at,post_id}', '{user_id}', '{public.post_likes.user_id}'),
    ('bookmarks', 'public.bookmarks', 'user_id', '{created_at,post_id}', '{user_id}', '{public.bookmarks.user_id}'),
    ('votes', 'public.poll_votes', 'user_id', '{post_id,position}', '{user_id}', '{public.poll_votes.user_id}'),
    ('comments', 'public.comments', 'author_id', '{created_at,id}', '{}', '{public.comments.author_id}'),
    ('mentions_in_comments', 'public.comment_mentions', 'user_id', '{comment_id}', '{user_id}', '{public.comment_mentions.user_id}'),
    ('comment_likes', 'public.comment_likes', 'user_id', '{comment_id}', '{user_id}', '{public.comment_likes.user_id}'),
    ('reports', 'public.reports', 'reporter_id', '{id}', '{excerpt,accused_id}', '{public.reports.reporter_id}'),
    ('conversations', $r$(select m.user_id, m.conversation_id, c.kind, c.group_id, p.id as with_user_id, p.username as with_username, m.state,
        m.last_read_seq, m.is_muted, m.muted_until, m.archived_at, m.joined_at, coalesce(c.opened_by = m.user_id, false) as opened_by_me
        from public.conversation_members m join public.conversations c on c.id = m.conversation_id
        left join public.profiles p on p.id = case c.low_id when m.user_id then c.high_id else c.low_id end)$r$,
      'user_id', '{conversation_id}', '{user_id}', '{public.conversation_members.user_id,public.conversations.low_id,public.conversations.high_id,public.conversations.opened_by}'),
    -- Without those whose time is over and that the worker has still to come to.
    ('messages', $r$(select x.* from public.messages x where x.expires_at is null or x.expires_at > now())$r$,
      'sender_id', '{created_at,id}', '{request_hash}', '{public.messages.sender_id}'),
    ('message_reactions', $r$(select r.user_id, x.id as message_id, r.conversation_id, r.seq, r.emoji, r.created_at
        from public.message_reactions r join public.messages x on x.conversation_id = r.conversation_id and x.seq = r.seq)$r$,
      'user_id', '{created_at,conversation_id,seq}', '{user_id}', '{public.message_reactions.user_id}'),
    ('messages_deleted_for_oneself', 'public.message_hides', 'user_id', '{conversation_id,seq}', '{user_id}', '{public.message_hides.user_id}'),
    ('wallet_accounts', 'ledger.accounts', 'owner', '{id}', '{}', '{ledger.accounts.owner}'),
    ('wallet_entries', $r$(select * from ledger.entries e where e.purpose = 'available')$r$,
      'owner', '{created_at,transfer_id,account_id,seq}', '{}', '{ledger.entries.owner}'),
    ('wallet_entries_of_held_money', $r$(select e.* from ledger.accounts a join ledger.entries e on e.account_id = a.id and e.owner = a.owner where a.purpose = 'pending')$r$,
      'owner', '{account_id,seq}', '{}', '{ledger.entries.owner}'),
    ('wallet_entries_waiting', $r$(select q.* from ledger.accounts a join ledger.queued_entries q on q.account_id = a.id and q.owner = a.owner)$r$,
      'owner', '{account_id,transfer_id}', '{}', '{ledger.queued_entries.owner}'),
    ('holds_given', 'ledger.holds', 'owner', '{created_at,id}', '{}', '{ledger.holds.owner}'),
    ('holds_received', 'ledger.holds', 'payee', '{created_at,id}', '{}', '{ledger.holds.payee}'),
    ('payment_requests_sent', 'ledger.payment_requests', 'requester', '{created_at,id}', '{}', '{ledger.payment_requests.requester}'),
    ('payment_requests_received', 'ledger.payment_requests', 'payer', '{created_at,id}', '{}', '{ledger.payment_requests.payer}'),
    -- The token pays out to a bank: it is for the provider alone.
    ('linked_accounts', 'ledger.linked_accounts', 'owner', '{id}', '{provider_token}', '{ledger.linked_accounts.owner}'),
    ('withdrawals', 'ledger.withdrawals', 'owner', '{created_at,id}', '{provider_reference,attempts,next_attempt_at,last_error}', '{ledger.withdrawals.owner}'),
    ('deposits', 'ledger.deposits', 'owner', '{created_at,id}', '{provider_reference,checkout}', '{ledger.deposits.owner}');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_field (
  p_what text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'messages.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', p_what));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_not_accepted()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(403, 'messages.not_accepted', 'This person cannot be written to.',
    'They decide who may write to them: show the field only where `can_send` is true.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fill_forward (
  p_me      uuid,
  p_message public.messages,
  p_source  uuid
)
  RETURNS public.messages
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_source public.messages := app_private.readable_message(p_me, p_source);
begin
  if v_source.expires_at is not null then
    perform app_hidden.fail(422, 'messages.not_forwardable', 'A message that disappears is not forwarded.', 'Forward messages without `expires_at`.');
  end if;
  p_message.kind := v_source.kind;
  p_message.content := v_source.content;
  p_message.media_urls := v_source.media_urls;
  p_message.duration_ms := v_source.duration_ms;
  p_message.waveform := v_source.waveform;
  return p_message;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.follow_group_members()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    -- The conversation first, as whoever sends has it, and members after it.
    perform from public.conversations c where c.group_id in (select g.group_id from changed g) order by c.id for no key update;
    delete from public.conversation_members m using changed g join public.conversations c on c.group_id = g.group_id
    where m.conversation_id = c.id and m.user_id = g.user_id;
    return null;
  end if;
  insert into public.conversations (kind, group_id) select distinct 'group', a.group_id from changed a on conflict (group_id) do nothing;
  insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
  -- What was written in a public group everybody could have read by joining it.
  select c.id, a.user_id, case when g.visibility = 'public' then 0 else c.last_seq end, c.last_seq
  from changed a join public.conversations c on c.group_id = a.group_id join public.groups g on g.id = a.group_id
  on conflict do nothing;
  perform app_private.tell_person(a.user_id, 'conversation_added', app_private.epoch_notice(c) || '{"kind": "group", "state": "accepted"}')
  from (select * from changed limit 20) a join public.conversations c on c.group_id = a.group_id; -- each message is a subtransaction
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hide_message (
  p_me      uuid,
  p_message public.messages
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into public.message_hides (user_id, conversation_id, seq) values (p_me, p_message.conversation_id, p_message.seq) on conflict do nothing;
  if found then
    perform app_private.tell_person(p_me, 'message_hidden',
      jsonb_build_object('id', p_message.id, 'conversation_id', p_message.conversation_id, 'seq', p_message.seq));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hides (
  p_user    uuid,
  p_setting text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select (s.privacy_settings ->> p_setting)::boolean from public.account_settings s where s.user_id = p_user
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_gone (
  p_message public.messages
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_message.deleted_at is not null or coalesce(p_message.expires_at <= clock_timestamp(), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.last_message_of (
  p_me           uuid,
  p_conversation public.conversations,
  p_from         bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object('id', x.id, 'seq', x.seq, 'sender_id', x.sender_id, 'kind', x.kind, 'created_at', x.created_at,
      'content', case when not g.is_gone then left(x.content, 200) end, 'is_deleted', g.is_gone)
    from public.messages x
    cross join lateral (
      select app_private.is_gone(x) or not exists (select from public.profiles p where p.id = x.sender_id)
        or exists (select from public.message_hides h where h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq)
    ) g (is_gone)
    where x.conversation_id = p_conversation.id and x.seq = p_conversation.last_seq and x.seq > p_from
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_to_act (
  p_me      uuid,
  p_message public.messages
)
  RETURNS public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_conversation public.conversations := app_private.next_change(p_message.conversation_id);
begin
  perform app_private.assert_may_act(v_conversation, app_private.membership(p_me, p_message.conversation_id));
  return v_conversation;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.may_type (
  p_conversation public.conversations,
  p_member       public.conversation_members
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_other uuid := app_private.other_of(p_conversation, p_member.user_id);
begin
  return p_member.state = 'accepted' and (p_conversation.kind = 'group' or (
    exists (
      select from public.conversation_members m
      where m.user_id = v_other and m.conversation_id = p_conversation.id and m.state = 'accepted')
    and not app_hidden.is_blocked_pair(p_member.user_id, v_other)));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.membership (
  p_me           uuid,
  p_conversation uuid
)
  RETURNS public.conversation_members
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_member public.conversation_members;
begin
  select * into v_member from public.conversation_members m where m.user_id = p_me and m.conversation_id = p_conversation;
  if not found then
    perform app_hidden.fail(404, 'messages.conversation_not_found', 'There is no such conversation.', 'Take an id from GET messages.');
  end if;
  return v_member;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mentioned_in_message (
  p_sender       uuid,
  p_conversation uuid,
  p_content      text
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_content is null or strpos(p_content, '@') = 0 then
    return null;
  end if;
  return nullif(array(
    select m.id from app_private.mentioned_in(p_sender, p_content, null) m (id)
    where exists (select from public.conversation_members c where c.user_id = m.id and c.conversation_id = p_conversation)
  ), '{}');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.message_cards (
  p_me       uuid,
  p_messages public.messages[]
)
  RETURNS SETOF public.message_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
#variable_conflict use_column
begin
  return query
  with rooms as materialized (
    select c.id, me.from_seq, me.last_read_seq as my_read,
      case when c.kind = 'direct' and me.state = 'accepted' and o.state = 'accepted'
        and not app_private.hides(p_me, 'hide_read_receipts') and not app_private.hides(o.user_id, 'hide_read_receipts')
        then o.last_read_seq end as their_read,
      c.kind = 'direct' and exists (
        select from public.blocks b where b.blocker_id = app_private.other_of(c, p_me) and b.blocked_id = p_me) as is_hidden
    from (select distinct y.conversation_id from unnest(p_messages) y) d
    join public.conversations c on c.id = d.conversation_id
    join public.conversation_members me on me.user_id = p_me and me.conversation_id = c.id
    left join public.conversation_members o
      on c.kind = 'direct' and o.user_id = app_private.other_of(c, p_me) and o.conversation_id = c.id
  )
  select x.id, x.conversation_id, x.seq, x.sender_id,
    case when p.id is not null and (not r.is_hidden or p.id = p_me) then
      jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
        'is_verified', p.is_verified, 'verification_level', p.verification_level) end,
    x.kind,
    case when g.at is null then x.content end,
    case when g.at is null then coalesce(x.media_urls, '{}') else '{}' end,
    case when g.at is null then x.duration_ms end,
    case when g.at is null then x.waveform end,
    case when q.id is not null and g.at is null then jsonb_build_object('id', q.id, 'seq', q.seq, 'sender_id', q.sender_id, 'kind', q.kind,
      'content', case when q.seq > r.from_seq and not app_private.is_gone(q) and q.sender_id is not null
        and not exists (select from public.message_hides n where n.user_id = p_me and n.conversation_id = q.conversation_id and n.seq = q.seq)
        and exists (select from public.profiles w where w.id = q.sender_id)
        then left(q.content, 200) end) end,
    x.is_forwarded,
    case when g.at is null then coalesce(x.mentions, '{}') else '{}' end,
    case when g.at is null then app_private.reactions_of(x.reactions) else '[]' end,
    case when g.at is null then mine.emoji end,
    case when x.sender_id = p_me then x.seq <= r.their_read else x.seq <= r.my_read end,
    x.change,
    case when g.at is null then x.pinned_at end,
    x.edited_at, g.at, x.expires_at, x.created_at
  from unnest(p_messages) with ordinality x
  join rooms r on r.id = x.conversation_id
  left join public.profiles p on p.id = x.sender_id
  left join public.message_hides h on h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq
  left join public.message_reactions mine on mine.conversation_id = x.conversation_id and mine.seq = x.seq and mine.user_id = p_me
  left join public.messages q on q.conversation_id = x.conversation_id and q.seq = x.reply_to_seq
  cross join lateral (
    select coalesce(x.deleted_at, h.created_at, case when x.expires_at <= clock_timestamp() then x.expires_at end,
      -- Of an account that is gone, whose words the worker has still to take away.
      case when p.id is null then x.created_at end)
  ) g (at)
  order by x.ordinality;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.message_event (
  p_card public.message_card
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_event jsonb := to_jsonb(p_card) - '{my_reaction,is_read}'::text[];
begin
  if p_card.expires_at is not null then
    return v_event || '{"content": null, "media_urls": [], "duration_ms": null, "waveform": null, "is_sealed": true}';
  end if;
  return v_event || '{"is_sealed": false}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.message_from (
  p jsonb
)
  RETURNS public.messages
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  m public.messages;
begin
  perform app_hidden.assert_fields(p, '{"conversation_id": "uuid", "group_id": "uuid", "receiver_id": "uuid", "client_id": "uuid", "kind": "string",
    "content": "string", "media_urls": "strings", "duration_ms": "number", "waveform": "array", "reply_to": "uuid", "forward_of": "uuid"}',
    'messages.field_invalid');
  if num_nonnulls(p ->> 'conversation_id', p ->> 'group_id', p ->> 'receiver_id') <> 1 then
    perform app_private.fail_field('one of `conversation_id`, `group_id` and `receiver_id`');
  end if;
  m.id := (p ->> 'client_id')::uuid;
  -- What makes a repetition: the same words to the same people, however those are named.
  m.request_hash := hashtextextended((jsonb_strip_nulls(p) - '{conversation_id,group_id,receiver_id}'::text[])::text, 0);
  m.is_forwarded := p ->> 'forward_of' is not null;
  if m.is_forwarded then
    if num_nonnulls(p ->> 'kind', p ->> 'content', p ->> 'media_urls', p ->> 'duration_ms', p ->> 'waveform', p ->> 'reply_to') > 0 then
      perform app_private.fail_field('`forward_of` without words or media of your own');
    end if;
    return m;
  end if;
  m.kind := coalesce(p ->> 'kind', 'text');
  if m.kind not in ('text', 'image', 'video', 'audio') then
    perform app_private.fail_field('`kind` as text, image, video or audio');
  elsif jsonb_path_exists(p, 'strict $.waveform[*] ? (@.type() != "number")', '{}', true) or p ->> 'duration_ms' ~ '[^0-9]' or length(p ->> 'duration_ms') > 9
    or jsonb_array_length(nullif(p -> 'waveform', 'null')) > 128 or p ->> 'waveform' ~ '[.eE-]|\d{4}' then
    perform app_private.fail_field('`duration_ms` and `waveform` as whole numbers');
  end if;
  m.content := p ->> 'content';
  m.media_urls := nullif(app_hidden.texts(p -> 'media_urls'), '{}');
  m.duration_ms := (p ->> 'duration_ms')::int;
  if jsonb_typeof(p -> 'waveform') = 'array' then
    m.waveform := array(select w::smallint from jsonb_array_elements_text(p -> 'waveform') with ordinality a (w, n) order by n);
  end if;
  perform app_private.assert_words(m);
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.next_change (
  p_conversation uuid
)
  RETURNS public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_conversation public.conversations;
begin
  update public.conversations c set last_change = c.last_change + 1 where c.id = p_conversation returning * into v_conversation;
  return v_conversation;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.open_direct (
  p_me    uuid,
  p_other uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_rules app_private.chat_rules;
  v_one public.conversations;
begin
  if p_me = p_other then
    perform app_hidden.fail(422, 'messages.to_oneself', 'Nobody writes to themselves.', 'Name somebody else.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('chat.open ' || p_me::text, 0)); -- two at once would both be within the limits
  perform app_private.lock_pairs(array[p_me], array[p_other]);
  select c.id into v_id from public.conversations c where c.low_id = least(p_me, p_other) and c.high_id = greatest(p_me, p_other);
  if found then
    return v_id;
  elsif exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = p_other) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif not app_private.may_reach(p_me, p_other, 'who_can_message') then
    perform app_private.fail_not_accepted();
  end if;
  select * into v_rules from app_private.chat_rules;
  if exists (select from public.conversations c where c.opened_by = p_me and c.created_at > now() - interval '1 hour' offset v_rules.conversations_per_hour - 1)
    or exists (select from public.conversations c where c.opened_by = p_me and c.created_at > now() - interval '1 day' offset v_rules.conversations_per_day - 1) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have begun more conversations than a person does.', 'Wait some hours.');
  end if;
  insert into public.conversations (kind, low_id, high_id, opened_by)
  values ('direct', least(p_me, p_other), greatest(p_me, p_other), p_me) returning * into v_one;
  insert into public.conversation_members (conversation_id, user_id, state) values
    (v_one.id, p_me, 'accepted'),
    (v_one.id, p_other, case when exists (
      select from public.follows f where f.follower_id = p_other and f.followee_id = p_me) then 'accepted' else 'requested' end);
  perform app_private.tell_person(m.user_id, 'conversation_added', app_private.epoch_notice(v_one) || jsonb_build_object('kind', 'direct', 'state', m.state))
  from public.conversation_members m where m.conversation_id = v_one.id;
  return v_one.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.other_of (
  p_conversation public.conversations,
  p_me           uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case when p_conversation.low_id = p_me then p_conversation.high_id else p_conversation.low_id end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_conversations()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_pairs uuid[];
  v_one public.conversations;
begin
  v_pairs := array(
    select c.id from changed b
    join public.conversations c on c.low_id = least(b.blocker_id, b.blocked_id) and c.high_id = greatest(b.blocker_id, b.blocked_id));
  if tg_op = 'INSERT' then
    for v_one in select * from app_private.renew_epochs(v_pairs) loop
      -- Who blocks leaves the topics, so that the other sees nothing of them there. The other is not told of anything.
      perform app_private.tell_person(b.blocker_id, 'conversation_epoch', app_private.epoch_notice(v_one))
      from changed b where least(b.blocker_id, b.blocked_id) = v_one.low_id and greatest(b.blocker_id, b.blocked_id) = v_one.high_id;
    end loop;
    return null;
  end if;
  for v_one in select * from public.conversations c where c.id = any (v_pairs) and not app_hidden.is_blocked_pair(c.low_id, c.high_id) loop
    perform app_private.tell_person(v_one.low_id, 'conversation_epoch', app_private.epoch_notice(v_one));
    perform app_private.tell_person(v_one.high_id, 'conversation_epoch', app_private.epoch_notice(v_one));
  end loop;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_from_deleted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.conversations c where old.id in (c.low_id, c.high_id) order by c.id for no key update;
  delete from public.conversation_members m using public.conversations c
  where m.user_id = old.id and c.id = m.conversation_id and c.kind = 'direct';
  insert into app_private.chat_tasks (kind, target) values ('wipe', old.id) on conflict do nothing;
  return old;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.person_of (
  p_person uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
      'is_verified', p.is_verified, 'verification_level', p.verification_level)
    from public.profiles p where p.id = p_person
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.purge_messages (
  p_conversation uuid,
  p_limit        integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_seqs bigint[] := array(
    select x.seq from public.messages x where x.conversation_id = p_conversation order by x.seq limit p_limit);
begin
  delete from public.message_reactions r where r.conversation_id = p_conversation and r.seq = any (v_seqs);
  delete from public.message_hides h where h.conversation_id = p_conversation and h.seq = any (v_seqs);
  delete from public.messages x where x.conversation_id = p_conversation and x.seq = any (v_seqs);
  return cardinality(v_seqs);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.reactions_of (
  p_reactions jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if p_reactions is null then
    return '[]';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('emoji', r.key, 'count', r.value) order by r.value desc, r.key), '[]') from jsonb_each(p_reactions) r
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.readable_message (
  p_me     uuid,
  p_id     uuid,
  p_living boolean DEFAULT true
)
  RETURNS public.messages
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_message public.messages;
begin
  select x.* into v_message
  from public.messages x
  join public.conversation_members m on m.user_id = p_me and m.conversation_id = x.conversation_id and x.seq > m.from_seq
  where x.id = p_id and (not p_living or (
    x.deleted_at is null and (x.expires_at is null or x.expires_at > clock_timestamp())
    and not exists (select from public.message_hides h where h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq)
    and exists (select from public.profiles p where p.id = x.sender_id)));
  if not found then
    perform app_hidden.fail(404, 'messages.not_found', 'There is no such message.', 'It may have been deleted, or is not shown to you.');
  end if;
  return v_message;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.renew_epochs (
  p_conversations uuid[]
)
  RETURNS SETOF public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform from public.conversations c where c.id = any (p_conversations) order by c.id for no key update;
  return query update public.conversations c set epoch = c.epoch + 1 where c.id = any (p_conversations) returning c.*;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sent_before (
  p_me           uuid,
  p_message      public.messages,
  p_conversation uuid
)
  RETURNS public.messages
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_first public.messages;
begin
  select * into v_first from public.messages x where x.id = p_message.id;
  if found and (v_first.sender_id is distinct from p_me or v_first.request_hash <> p_message.request_hash
    or v_first.conversation_id is distinct from p_conversation) then
    perform app_hidden.fail(409, 'messages.client_id_reused', 'This client_id was used for another message.',
      'Make a new UUID for each message; repeat a message unchanged.');
  end if;
  return v_first;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.seq_before (
  p_conversation uuid,
  p_last         bigint,
  p_at           timestamp with time zone
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_low bigint := 0;
  v_high bigint := p_last;
  v_middle bigint;
  v_at timestamptz;
begin
  while v_low < v_high loop
    v_middle := (v_low + v_high + 1) / 2;
    select x.created_at into v_at from public.messages x where x.conversation_id = p_conversation and x.seq = v_middle;
    if v_at < p_at then
      v_low := v_middle;
    else
      v_high := v_middle - 1;
    end if;
  end loop;
  return v_low;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_changed (
  p_conversation public.conversations,
  p_message      public.messages
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_reply public.messages;
begin
  if p_message.reply_to_seq is not null then
    select * into v_reply from public.messages x where x.conversation_id = p_message.conversation_id and x.seq = p_message.reply_to_seq;
  end if;
  perform app_private.tell_members(p_conversation, 'message_changed',
    app_private.message_event(app_private.common_card(p_message, app_private.person_of(p_message.sender_id), v_reply)));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_conversation_created()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('conversation.created', new.opened_by,
    jsonb_build_object('conversation_id', new.id, 'kind', new.kind, 'group_id', new.group_id, 'opened_by', new.opened_by));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.chat_notices (conversation_id, epoch)
  select c.id, c.epoch from app_private.renew_epochs(array(select distinct g.conversation_id from gone g)) c where c.kind = 'group'
  on conflict (conversation_id) do update set epoch = excluded.epoch, told_to = null;
  perform app_private.tell_person(g.user_id, 'conversation_removed', jsonb_build_object('conversation_id', g.conversation_id))
  -- Each message is a subtransaction. Who is removed with many others finds out by asking.
  from (select * from gone limit 20) g
  where exists (select from public.profiles p where p.id = g.user_id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_epochs (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_notice app_private.chat_notices;
  v_one public.conversations;
  v_people uuid[];
begin
  select * into v_notice from app_private.chat_notices n order by n.created_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  select * into v_one from public.conversations c where c.id = v_notice.conversation_id;
  v_people := array(
    select m.user_id from public.conversation_members m
    where m.conversation_id = v_one.id and m.user_id > coalesce(v_notice.told_to, '00000000-0000-0000-0000-000000000000')
    order by m.user_id limit least(greatest(p_limit, 1), 60)); -- each message is a subtransaction, and 64 are as many as cost nothing more
  perform app_private.tell_person(u.id, 'conversation_epoch', app_private.epoch_notice(v_one)) from unnest(v_people) u (id);
  if cardinality(v_people) < least(greatest(p_limit, 1), 60) then
    delete from app_private.chat_notices n where n.conversation_id = v_one.id;
  else
    update app_private.chat_notices n set told_to = v_people[cardinality(v_people)] where n.conversation_id = v_one.id;
  end if;
  return greatest(cardinality(v_people), 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_members (
  p_conversation public.conversations,
  p_event        text,
  p_payload      jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform realtime.send(p_payload, p_event, app_private.topic_of(p_conversation), true);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_message_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Not of a message that disappeared, which its event said when, nor of an account that is gone, which user.deleted tells of.
  if new.sender_id is not null and (new.expires_at is null or new.expires_at > clock_timestamp()) then
    perform app_private.emit_event(case when new.deleted_at is null then 'message.edited' else 'message.deleted' end, app_private.acting_person(),
      jsonb_build_object('message_id', new.id, 'conversation_id', new.conversation_id, 'seq', new.seq, 'sender_id', new.sender_id));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_message_created()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- The id of a message is its sender's, so the event has one of its own.
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'message.created', new.sender_id, jsonb_build_object(
    'message_id', new.id, 'conversation_id', new.conversation_id, 'conversation_kind', c.kind, 'group_id', c.group_id, 'seq', new.seq,
    'sender_id', new.sender_id, 'receiver_id', o.user_id, 'is_request', coalesce(o.state <> 'accepted', false), 'kind', new.kind,
    'mentions', coalesce(to_jsonb(new.mentions), '[]'), 'created_at', new.created_at, 'expires_at', new.expires_at)
  from public.conversations c
  left join public.conversation_members o
    on c.kind = 'direct' and o.conversation_id = c.id and o.user_id = case when c.low_id = new.sender_id then c.high_id else c.low_id end
  where c.id = new.conversation_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_message_reacted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'message.reacted', new.user_id, jsonb_build_object(
    'message_id', x.id, 'conversation_id', new.conversation_id, 'seq', new.seq, 'sender_id', x.sender_id, 'user_id', new.user_id, 'emoji', new.emoji)
  from public.messages x where x.conversation_id = new.conversation_id and x.seq = new.seq;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_person (
  p_user    uuid,
  p_event   text,
  p_payload jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform realtime.send(p_payload, p_event, 'user:' || p_user::text, true);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_read (
  p_member public.conversation_members
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_receipt jsonb := jsonb_build_object('conversation_id', p_member.conversation_id, 'user_id', p_member.user_id, 'last_read_seq', p_member.last_read_seq);
begin
  perform app_private.tell_person(p_member.user_id, 'conversation_read', v_receipt);
  if p_member.state <> 'accepted' or app_private.hides(p_member.user_id, 'hide_read_receipts')
    -- In a large group everybody would be told of everybody. There, people ask.
    or exists (select from public.conversation_members m where m.conversation_id = p_member.conversation_id offset 16) then
    return;
  end if;
  perform app_private.tell_person(m.user_id, 'receipt', v_receipt)
  from public.conversation_members m
  where m.conversation_id = p_member.conversation_id and m.user_id <> p_member.user_id and m.state = 'accepted'
    and not app_private.hides(m.user_id, 'hide_read_receipts') and not app_hidden.is_blocked_pair(m.user_id, p_member.user_id);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_request_decided()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('conversation.request_decided', new.user_id,
    jsonb_build_object('conversation_id', new.conversation_id, 'user_id', new.user_id, 'state', new.state));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.topic_of (
  p_conversation public.conversations
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return format('conversation:%s:%s', p_conversation.id, p_conversation.epoch);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wipe_messages (
  p_user  uuid,
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_ids uuid[] := array(select x.id from public.messages x where x.sender_id = p_user order by x.created_at limit p_limit);
begin
  perform from public.conversations c where c.id in (select x.conversation_id from public.messages x where x.id = any (v_ids))
  order by c.id for no key update;
  with mine as materialized (
    select x.id, x.conversation_id, row_number() over (partition by x.conversation_id order by x.seq) as n
    from public.messages x where x.id = any (v_ids)
  ), counted as (
    update public.conversations c set last_change = c.last_change + k.number
    from (select m.conversation_id, count(*) as number from mine m group by m.conversation_id) k
    where c.id = k.conversation_id returning c.id, c.last_change - k.number as base
  )
  update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
    pinned_at = null, sender_id = null, deleted_at = coalesce(x.deleted_at, clock_timestamp()), change = coalesce(c.base + m.n, x.change)
  from mine m left join counted c on c.id = m.conversation_id where x.id = m.id;
  delete from public.message_reactions r using public.messages x
  where x.id = any (v_ids) and r.conversation_id = x.conversation_id and r.seq = x.seq;
  return cardinality(v_ids);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wipe_reactions (
  p_user  uuid,
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_one public.message_reactions;
  v_count int := 0;
begin
  for v_one in
    select r.* from (select * from public.message_reactions x where x.user_id = p_user order by x.created_at limit p_limit) r
    order by r.conversation_id, r.seq
  loop
    update public.messages x set change = (app_private.next_change(v_one.conversation_id)).last_change,
      reactions = nullif(app_private.count_reaction(coalesce(x.reactions, '{}'), v_one.emoji, -1), '{}')
    where x.conversation_id = v_one.conversation_id and x.seq = v_one.seq;
    delete from public.message_reactions r where r.conversation_id = v_one.conversation_id and r.seq = v_one.seq and r.user_id = p_user;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.work_chat_tasks (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_task app_private.chat_tasks;
  v_limit int := least(greatest(p_limit, 1), 1000);
  v_done int;
begin
  select * into v_task from app_private.chat_tasks t order by t.created_at limit 1 for update skip locked;
  if not found then
    return 0;
  elsif v_task.kind = 'purge' then
    v_done := app_private.purge_messages(v_task.target, v_limit);
  else
    v_done := app_private.wipe_messages(v_task.target, v_limit);
    if v_done = 0 then
      v_done := app_private.wipe_reactions(v_task.target, least(v_limit, 100));
    end if;
  end if;
  if v_done = 0 then
    delete from app_private.chat_tasks t where t.kind = v_task.kind and t.target = v_task.target;
  end if;
  return greatest(v_done, 1);
end
$function$;

CREATE OR REPLACE FUNCTION public.accept_conversation (
  p_id uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_one public.conversations;
begin
  perform app_private.membership(v_me, p_id);
  -- Under its lock, as everything that decides who may write.
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  update public.conversation_members m set state = 'accepted' where m.user_id = v_me and m.conversation_id = p_id and m.state <> 'accepted';
  if found and not app_hidden.is_blocked_pair(v_me, app_private.other_of(v_one, v_me)) then
    perform app_private.tell_person(app_private.other_of(v_one, v_me), 'conversation_accepted', app_private.epoch_notice(v_one));
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."accept_conversation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.archive_conversation (
  p_id       uuid,
  p_archived boolean DEFAULT true
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.membership(v_me, p_id);
  update public.conversation_members m set archived_at = case when p_archived then coalesce(m.archived_at, now()) end
  where m.user_id = v_me and m.conversation_id = p_id;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."archive_conversation"(uuid, boolean) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.clear_conversation (
  p_id uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.membership(v_me, p_id);
  update public.conversation_members m set from_seq = greatest(m.from_seq, c.last_seq), last_read_seq = greatest(m.last_read_seq, c.last_seq)
  from public.conversations c
  where m.user_id = v_me and m.conversation_id = p_id and c.id = p_id;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."clear_conversation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation (
  p_id uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.membership(auth.uid(), p_id);
  return (select c from app_private.conversation_cards(auth.uid(), array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_changes (
  p_conversation uuid,
  p_after_change bigint  DEFAULT 0,
  p_limit        integer DEFAULT 50
)
  RETURNS SETOF public.message_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
begin
  return query select * from app_private.message_cards(v_me, array(
    select x from public.messages x
    where x.conversation_id = p_conversation and x.change > coalesce(p_after_change, 0) and x.seq > v_member.from_seq
    order by x.change limit least(greatest(p_limit, 1), 101)));
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation_changes"(uuid, bigint, integer) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_messages (
  p_conversation uuid,
  p_limit        integer                  DEFAULT 50,
  p_before_seq   bigint                   DEFAULT NULL::bigint,
  p_after_seq    bigint                   DEFAULT NULL::bigint,
  p_before       timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_after        timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS SETOF public.message_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
  v_last bigint := (select c.last_seq from public.conversations c where c.id = p_conversation);
  v_limit int := least(greatest(p_limit, 1), 101);
  v_from bigint := greatest(v_member.from_seq, p_after_seq);
  v_below bigint := least(v_last + 1, p_before_seq);
  v_messages public.messages[];
begin
  if p_before is not null then
    v_below := least(v_below, app_private.seq_before(p_conversation, v_last, p_before) + 1);
  end if;
  if p_after is not null then
    -- Those of the moment itself are not after it.
    v_from := greatest(v_from, app_private.seq_before(p_conversation, v_last, p_after + interval '1 microsecond'));
  end if;
  if p_after_seq is null and p_after is null then
    v_messages := array(
      select x from public.messages x where x.conversation_id = p_conversation and x.seq > v_from and x.seq < v_below
      order by x.seq desc limit v_limit);
  else
    v_messages := array(
      select x from public.messages x where x.conversation_id = p_conversation and x.seq > v_from and x.seq < v_below
      order by x.seq limit v_limit);
  end if;
  return query select * from app_private.message_cards(v_me, v_messages);
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation_messages"(uuid, integer, bigint, bigint, timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_of_group (
  p_group uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := (select c.id from public.conversations c where c.group_id = p_group);
begin
  perform app_private.membership(auth.uid(), v_id);
  return (select c from app_private.conversation_cards(auth.uid(), array[v_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation_of_group"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_receipts (
  p_conversation uuid,
  p_limit        integer DEFAULT 50,
  p_after_id     uuid    DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id            uuid,
    username      text,
    last_read_seq bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
begin
  if v_member.state <> 'accepted' or app_private.hides(v_me, 'hide_read_receipts') then
    return;
  end if;
  return query
  select p.id, p.username::text, m.last_read_seq
  from public.conversation_members m join public.profiles p on p.id = m.user_id
  where m.conversation_id = p_conversation and m.user_id <> v_me and m.state = 'accepted'
    and m.user_id > coalesce(p_after_id, '00000000-0000-0000-0000-000000000000')
    and not app_private.hides(m.user_id, 'hide_read_receipts')
    and m.user_id not in (select app_hidden.hidden_people())
  order by m.user_id limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation_receipts"(uuid, integer, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_topic (
  p_conversation uuid
)
  RETURNS TABLE (
    topic        text,
    typing_topic text,
    epoch        integer,
    last_seq     bigint,
    last_change  bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_member public.conversation_members := app_private.membership(auth.uid(), p_conversation);
  v_conversation public.conversations;
begin
  select * into v_conversation from public.conversations c where c.id = p_conversation;
  return query select app_private.topic_of(v_conversation),
    case when app_private.may_type(v_conversation, v_member) then format('typing:%s:%s', p_conversation, v_conversation.epoch) end,
    v_conversation.epoch, v_conversation.last_seq, v_conversation.last_change;
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation_topic"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_with (
  p_user uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_id uuid := (select c.id from public.conversations c where c.low_id = least(v_me, p_user) and c.high_id = greatest(v_me, p_user));
begin
  perform app_private.membership(v_me, v_id);
  return (select c from app_private.conversation_cards(v_me, array[v_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."conversation_with"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.decline_conversation (
  p_id uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_id);
begin
  perform from public.conversations c where c.id = p_id for no key update;
  update public.conversation_members m set state = 'declined' where m.user_id = v_me and m.conversation_id = p_id and m.state = 'requested';
  if not found and (app_private.membership(v_me, p_id)).state = 'accepted' then
    perform app_hidden.fail(409, 'messages.no_request', 'You have accepted this conversation.', 'Mute, archive or clear it, or block the person.');
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_conversation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.delete_message (
  p_id  uuid,
  p_for text DEFAULT 'all'::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id, false);
  v_within interval := (select r.delete_within from app_private.chat_rules r);
  v_conversation public.conversations;
begin
  if p_for = 'me' then
    perform app_private.hide_message(v_me, m);
  elsif p_for <> 'all' then
    perform app_private.fail_field('`for` as me or all');
  else
    select * into v_conversation from public.conversations c where c.id = m.conversation_id;
    if m.sender_id is distinct from v_me and (v_conversation.kind = 'direct'
      or app_private.rank_of(app_private.role_in(v_conversation.group_id, v_me)) < app_private.rank_of(app_private.least_role_for('moderate_posts'))) then
      perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message deletes it for all, and in a group its moderators.',
        'Delete it for yourself: `for` as me.');
    elsif m.sender_id = v_me and m.created_at + v_within <= now() then
      perform app_hidden.fail(422, 'messages.delete_too_late', 'This message is too old to be deleted for all.', 'Delete it for yourself: `for` as me.');
    end if;
    if m.deleted_at is null then
      -- Also while a block stands: to take something back is always allowed.
      v_conversation := app_private.next_change(m.conversation_id);
      update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
        pinned_at = null, deleted_at = clock_timestamp(), change = v_conversation.last_change
      where x.id = p_id and x.deleted_at is null returning * into m;
      if found then
        delete from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq;
        perform app_private.tell_changed(v_conversation, m);
      end if;
    end if;
  end if;
  return jsonb_build_object('id', p_id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'deleted_for', p_for);
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_message"(uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.edit_message (
  p_id      uuid,
  p_content text
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_within interval := (select r.edit_within from app_private.chat_rules r);
  v_conversation public.conversations;
begin
  if m.sender_id <> v_me or m.is_forwarded then
    perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message changes it.', 'Answer it, or delete it for yourself.');
  elsif m.created_at + v_within <= now() then
    perform app_hidden.fail(422, 'messages.edit_too_late', 'This message is too old to be changed.', 'Delete it, or write another one.');
  end if;
  v_conversation := app_private.lock_to_act(v_me, m);
  m := app_private.readable_message(v_me, p_id);
  m.content := p_content;
  perform app_private.assert_words(m);
  update public.messages x set content = p_content, edited_at = clock_timestamp(), change = v_conversation.last_change,
    mentions = app_private.mentioned_in_message(v_me, x.conversation_id, p_content)
  where x.id = p_id returning * into m;
  perform app_private.tell_changed(v_conversation, m);
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."edit_message"(uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.mark_read (
  p_id  uuid,
  p_seq bigint DEFAULT NULL::bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members;
  v_message public.messages;
  v_last bigint;
begin
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = p_id;
  if not found then
    v_message := app_private.readable_message(v_me, p_id, false);
    p_seq := v_message.seq;
    v_member := app_private.membership(v_me, v_message.conversation_id);
  end if;
  select c.last_seq into v_last from public.conversations c where c.id = v_member.conversation_id;
  update public.conversation_members m set last_read_seq = least(coalesce(p_seq, v_last), v_last)
  where m.user_id = v_me and m.conversation_id = v_member.conversation_id and m.last_read_seq < least(coalesce(p_seq, v_last), v_last)
  returning m.* into v_member;
  if found then
    perform app_private.tell_read(v_member);
  else
    v_member := app_private.membership(v_me, v_member.conversation_id);
  end if;
  return jsonb_build_object('conversation_id', v_member.conversation_id, 'last_read_seq', v_member.last_read_seq,
    'unread_count', v_last - least(greatest(v_member.last_read_seq, v_member.from_seq), v_last));
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_read"(uuid, bigint) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.message (
  p_id uuid
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return (select c from app_private.message_cards(auth.uid(), array[app_private.readable_message(auth.uid(), p_id, false)]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."message"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.message_reactors (
  p_id       uuid,
  p_limit    integer DEFAULT 50,
  p_after_id uuid    DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    username   text,
    full_name  text,
    avatar_url text,
    emoji      text,
    created_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
begin
  return query
  select p.id, p.username::text, p.full_name, p.avatar_url, r.emoji, r.created_at
  from public.message_reactions r join public.profiles p on p.id = r.user_id
  where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id > coalesce(p_after_id, '00000000-0000-0000-0000-000000000000')
    and r.user_id not in (select app_hidden.hidden_people())
  order by r.user_id limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."message_reactors"(uuid, integer, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.mute_conversation (
  p_id    uuid,
  p_muted boolean                  DEFAULT true,
  p_until timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.membership(v_me, p_id);
  if p_muted and p_until <= now() then
    perform app_private.fail_field('`until` as a time to come, or none to mute for good');
  end if;
  update public.conversation_members m set is_muted = coalesce(p_muted, true), muted_until = case when p_muted then p_until end
  where m.user_id = v_me and m.conversation_id = p_id;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."mute_conversation"(uuid, boolean, timestamp WITH time zone) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_conversations (
  p_box       text                     DEFAULT 'inbox'::text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if coalesce(p_box not in ('inbox', 'archived', 'requests'), true) then
    perform app_private.fail_field('`box` as inbox, archived or requests');
  end if;
  -- All of one's conversations are looked at: an index by their times would be written by each message, for each member.
  return query select * from app_private.conversation_cards(v_me, array(
    select c.id from public.conversation_members m
    join public.conversations c on c.id = m.conversation_id
    where m.user_id = v_me
      and case p_box
        when 'requests' then m.state = 'requested' and not app_hidden.is_blocked_pair(v_me, app_private.other_of(c, v_me))
        else m.state = 'accepted' and (m.archived_at is not null) = (p_box = 'archived') end
      -- One that was cleared is back with its next message.
      and (c.last_seq > m.from_seq or c.kind = 'group')
      and (c.active_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.active_at desc, c.id desc limit least(greatest(p_limit, 1), 101)));
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_conversations"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.pin_message (
  p_id     uuid,
  p_pinned boolean DEFAULT true
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_conversation public.conversations;
begin
  if p_pinned is distinct from (m.pinned_at is not null) then
    v_conversation := app_private.lock_to_act(v_me, m);
    perform app_private.assert_staff(v_conversation, v_me, 'moderate_posts');
    m := app_private.readable_message(v_me, p_id);
    if p_pinned and exists (select from public.messages x where x.conversation_id = m.conversation_id and x.pinned_at is not null offset 49) then
      perform app_hidden.fail(422, 'messages.too_many_pinned', 'At most 50 messages of a conversation can be pinned.', 'Unpin another message first.');
    end if;
    update public.messages x set pinned_at = case when p_pinned then clock_timestamp() end, change = v_conversation.last_change
    where x.id = p_id returning * into m;
    perform app_private.tell_changed(v_conversation, m);
  end if;
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."pin_message"(uuid, boolean) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.pinned_messages (
  p_conversation uuid
)
  RETURNS SETOF public.message_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
begin
  return query select * from app_private.message_cards(v_me, array(
    select x from public.messages x
    where x.conversation_id = p_conversation and x.pinned_at is not null and x.seq > v_member.from_seq
    order by x.pinned_at desc, x.seq desc limit 50));
end
$function$;

REVOKE ALL ON FUNCTION "public"."pinned_messages"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.react_to_message (
  p_id    uuid,
  p_emoji text
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_conversation public.conversations;
  v_old text;
  v_counts jsonb;
begin
  -- Letters, spaces and marks of a sentence would make a second, unsearched conversation of it.
  if length(p_emoji) not between 1 and 16 or p_emoji ~ '[[:space:][:cntrl:]a-zA-Z<>&"]' then
    perform app_private.fail_field('`emoji` as one emoji');
  end if;
  select r.emoji into v_old from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
  if v_old is distinct from p_emoji then
    v_conversation := app_private.lock_to_act(v_me, m);
    m := app_private.readable_message(v_me, p_id);
    select r.emoji into v_old from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
    v_counts := app_private.count_reaction(app_private.count_reaction(coalesce(m.reactions, '{}'), v_old, -1), p_emoji, 1);
    if (select count(*) from jsonb_object_keys(v_counts)) > 20 then
      perform app_hidden.fail(422, 'messages.too_many_reactions', 'A message takes 20 different reactions.', 'Choose one that is there.');
    end if;
    if p_emoji is null then
      delete from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
    else
      insert into public.message_reactions (conversation_id, seq, user_id, emoji) values (m.conversation_id, m.seq, v_me, p_emoji)
      on conflict (conversation_id, seq, user_id) do update set emoji = excluded.emoji, created_at = excluded.created_at;
    end if;
    update public.messages x set reactions = nullif(v_counts, '{}'), change = v_conversation.last_change where x.id = p_id returning * into m;
    perform app_private.tell_changed(v_conversation, m);
  end if;
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."react_to_message"(uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.search_messages (
  p_query        text,
  p_conversation uuid                     DEFAULT NULL::uuid,
  p_limit        integer                  DEFAULT 20,
  p_before       timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id    uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.message_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_custom_plan'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(p_limit, 1), 101);
  v_words text[] := (tsvector_to_array(to_tsvector('pg_catalog.simple', left(p_query, 200))))[1:8];
  v_query tsquery;
  v_messages public.messages[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_conversation is not null then
    perform app_private.membership(v_me, p_conversation);
  end if;
  if coalesce(cardinality(v_words), 0) = 0 then
    return;
  end if;
  -- Each word may still be being typed.
  v_query := (select string_agg(quote_literal(w) || ':*', ' & ') from unnest(v_words) w)::tsquery;
  v_messages := array(
    select row(f.*)::public.messages
    from (
      select m.conversation_id, m.from_seq from public.conversation_members m
      join public.conversations c on c.id = m.conversation_id
      where m.user_id = v_me and m.state <> 'declined' and (p_conversation is null or m.conversation_id = p_conversation)
      order by c.active_at desc limit 500
    ) mine
    cross join lateral (
      select x.* from public.messages x
      where x.conversation_id = mine.conversation_id and to_tsvector('pg_catalog.simple', x.content) @@ v_query and x.content is not null
        and x.seq > mine.from_seq and x.deleted_at is null and (x.expires_at is null or x.expires_at > clock_timestamp())
        and (x.created_at, x.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
        and not exists (select from public.message_hides h where h.user_id = v_me and h.conversation_id = x.conversation_id and h.seq = x.seq)
        and exists (select from public.profiles p where p.id = x.sender_id)
      order by x.seq desc limit v_limit
    ) f
    order by f.created_at desc, f.id desc limit v_limit);
  return query select * from app_private.message_cards(v_me, v_messages);
end
$function$;

REVOKE ALL ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.send_message (
  p jsonb
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.message_from(p);
  v_id uuid := app_private.conversation_for(p, v_me);
  v_first public.messages;
  v_reply public.messages;
  v_conversation public.conversations;
  v_card public.message_card;
begin
  if m.id is null then
    m.id := app_private.uuid_v7();
  else
    v_first := app_private.sent_before(v_me, m, v_id);
    if v_first.id is not null then
      perform app_private.membership(v_me, v_id);
      return (select c from app_private.message_cards(v_me, array[v_first]) c);
    end if;
  end if;
  perform app_private.assert_calm_in_chat(v_me);
  if m.is_forwarded then
    m := app_private.fill_forward(v_me, m, (p ->> 'forward_of')::uuid);
  end if;
  if v_id is null and p ->> 'receiver_id' is not null then
    v_id := app_private.open_direct(v_me, (p ->> 'receiver_id')::uuid);
  end if;

  -- From here to the commit nobody else sends or is removed here, so numbers follow each other in the order of the commits.
  update public.conversations c set last_seq = c.last_seq + 1, active_at = greatest(clock_timestamp(), c.active_at)
  where c.id = v_id returning * into v_conversation;
  -- Who writes has read what was there, and has accepted the conversation.
  update public.conversation_members x set last_read_seq = v_conversation.last_seq, state = 'accepted'
  where x.user_id = v_me and x.conversation_id = v_id;
  if not found then
    perform app_private.membership(v_me, v_id);
  end if;
  perform app_private.assert_may_write(v_conversation, v_me);
  if p ->> 'reply_to' is not null then
    v_reply := app_private.readable_message(v_me, (p ->> 'reply_to')::uuid);
    if v_reply.conversation_id <> v_id then
      perform app_hidden.fail(404, 'messages.not_found', 'There is no such message in this conversation.', 'Answer a message where it was written, or forward it.');
    end if;
  end if;

  m.conversation_id := v_id;
  m.seq := v_conversation.last_seq;
  m.sender_id := v_me;
  m.reply_to_seq := v_reply.seq;
  m.mentions := app_private.mentioned_in_message(v_me, v_id, m.content);
  m.created_at := v_conversation.active_at;
  m.expires_at := m.created_at + make_interval(secs => v_conversation.disappear_after_s);
  insert into public.messages select m.* on conflict (id) do nothing;
  if not found then
    -- Its twin was a moment faster. The number was seen by nobody.
    update public.conversations c set last_seq = c.last_seq - 1 where c.id = v_id;
    update public.conversation_members x set last_read_seq = v_conversation.last_seq - 1 where x.user_id = v_me and x.conversation_id = v_id;
    v_first := app_private.sent_before(v_me, m, v_id);
    return (select c from app_private.message_cards(v_me, array[v_first]) c);
  end if;
  v_card := app_private.common_card(m, app_private.person_of(v_me), v_reply);
  perform app_private.tell_members(v_conversation, 'message_created', app_private.message_event(v_card));
  return v_card;
end
$function$;

REVOKE ALL ON FUNCTION "public"."send_message"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.send_typing (
  p_conversation uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
  v_conversation public.conversations;
begin
  select * into v_conversation from public.conversations c where c.id = p_conversation;
  if not app_private.may_type(v_conversation, v_member) or app_private.hides(v_me, 'hide_presence') then
    return false;
  end if;
  perform realtime.send(jsonb_build_object('user_id', v_me), 'typing', format('typing:%s:%s', p_conversation, v_conversation.epoch), true);
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."send_typing"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.set_message_timer (
  p_id      uuid,
  p_seconds integer
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_id);
  v_one public.conversations;
begin
  if p_seconds not between 30 and 7776000 then
    perform app_private.fail_field('`seconds` from 30 to 7776000 (90 days), or null');
  end if;
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  perform app_private.assert_may_act(v_one, v_member);
  perform app_private.assert_staff(v_one, v_me, 'update');
  if v_one.disappear_after_s is distinct from p_seconds then
    update public.conversations c set disappear_after_s = p_seconds where c.id = p_id returning * into v_one;
    perform app_private.tell_members(v_one, 'conversation_changed',
      jsonb_build_object('conversation_id', p_id, 'disappear_after_s', p_seconds, 'by', v_me));
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

REVOKE ALL ON FUNCTION "public"."set_message_timer"(uuid, integer) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "public"."conversation_members"
  ADD CONSTRAINT "conversation_members_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_high_id_fkey" FOREIGN KEY (high_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_low_id_fkey" FOREIGN KEY (low_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_opened_by_fkey" FOREIGN KEY (opened_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."message_hides"
  ADD CONSTRAINT "message_hides_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX chat_notices_created_at_idx ON app_private.chat_notices USING btree (created_at);

CREATE INDEX chat_tasks_created_at_idx ON app_private.chat_tasks USING btree (created_at);

CREATE INDEX conversation_members_conversation_idx ON public.conversation_members USING btree (conversation_id, user_id);

CREATE INDEX conversations_high_id_idx ON public.conversations USING btree (high_id);

CREATE INDEX conversations_opened_by_idx ON public.conversations USING btree (opened_by, created_at);

CREATE UNIQUE INDEX conversations_pair_idx ON public.conversations USING btree (low_id, high_id);

CREATE INDEX message_hides_conversation_idx ON public.message_hides USING btree (conversation_id, seq);

CREATE INDEX message_reactions_user_idx ON public.message_reactions USING btree (user_id, created_at);

CREATE UNIQUE INDEX messages_change_idx ON public.messages USING btree (conversation_id, change)
  WHERE (change IS NOT NULL);

CREATE INDEX messages_expires_at_idx ON public.messages USING btree (expires_at)
  WHERE ((expires_at IS NOT NULL) AND (deleted_at IS NULL));

CREATE UNIQUE INDEX messages_id_idx ON public.messages USING btree (id);

CREATE INDEX messages_pinned_idx ON public.messages USING btree (conversation_id, pinned_at DESC)
  WHERE (pinned_at IS NOT NULL);

CREATE INDEX messages_sender_idx ON public.messages USING btree (sender_id, created_at)
  WHERE (sender_id IS NOT NULL);

CREATE INDEX messages_words_idx ON public.messages USING gin (conversation_id, to_tsvector('simple'::regconfig, content))
  WITH (gin_pending_list_limit='128')
  WHERE (content IS NOT NULL);

CREATE TRIGGER part_the_conversations
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_conversations();

CREATE TRIGGER rejoin_the_conversations
  AFTER DELETE ON public.blocks REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_conversations();

CREATE TRIGGER tell_departures
  AFTER DELETE ON public.conversation_members REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_departures();

CREATE TRIGGER tell_request_decided
  AFTER UPDATE OF state ON public.conversation_members
  FOR EACH ROW
  WHEN ((old.state IS DISTINCT FROM new.state))
  EXECUTE FUNCTION app_private.tell_request_decided();

CREATE TRIGGER end_conversation
  AFTER DELETE ON public.conversations
  FOR EACH ROW
  EXECUTE FUNCTION app_private.end_conversation();

CREATE TRIGGER end_without_members
  AFTER UPDATE OF low_id, high_id ON public.conversations
  FOR EACH ROW
  WHEN (((new.kind = 'direct'::text) AND (new.low_id IS NULL) AND (new.high_id IS NULL)))
  EXECUTE FUNCTION app_private.end_conversation();

CREATE TRIGGER tell_conversation_created
  AFTER INSERT ON public.conversations
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_conversation_created();

CREATE TRIGGER follow_gone_members
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.follow_group_members();

CREATE TRIGGER follow_new_members
  AFTER INSERT ON public.group_members REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.follow_group_members();

CREATE TRIGGER tell_message_reacted
  AFTER INSERT ON public.message_reactions
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_message_reacted();

CREATE TRIGGER tell_message_created
  AFTER INSERT ON public.messages
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_message_created();

CREATE TRIGGER tell_message_deleted
  AFTER UPDATE OF deleted_at ON public.messages
  FOR EACH ROW
  WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL)))
  EXECUTE FUNCTION app_private.tell_message_changed();

CREATE TRIGGER tell_message_edited
  AFTER UPDATE OF edited_at ON public.messages
  FOR EACH ROW
  WHEN ((old.edited_at IS DISTINCT FROM new.edited_at))
  EXECUTE FUNCTION app_private.tell_message_changed();

CREATE TRIGGER part_from_deleted
  BEFORE DELETE ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.part_from_deleted();

CREATE POLICY "people see their own memberships" ON "public"."conversation_members"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see what they deleted for themselves" ON "public"."message_hides"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "whoever reads a message sees reactions to it, but none of the h" ON "public"."message_reactions"
  FOR SELECT
  TO "authenticated"
  USING (((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.messages x
  WHERE ((x.conversation_id = message_reactions.conversation_id) AND (x.seq = message_reactions.seq))))));

CREATE POLICY "members read messages since they joined, while these last" ON "public"."messages"
  FOR SELECT
  TO "authenticated"
  USING (((EXISTS ( SELECT
   FROM public.conversation_members m
  WHERE ((m.user_id = ( SELECT auth.uid() AS uid)) AND (m.conversation_id = messages.conversation_id) AND (messages.seq > m.from_seq)))) AND
    ((expires_at IS NULL) OR (expires_at > statement_timestamp())) AND (NOT (EXISTS ( SELECT
   FROM public.message_hides h
  WHERE ((h.user_id = ( SELECT auth.uid() AS uid)) AND (h.conversation_id = messages.conversation_id) AND (h.seq = messages.seq))))) AND
    ((sender_id IS NULL) OR app_hidden.is_person(sender_id))));

CREATE POLICY "members hear the current topics of their conversations" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING (((topic = ( SELECT realtime.topic() AS topic)) AND
CASE EXTENSION
    WHEN 'broadcast'::text THEN ( SELECT app_hidden.hears(( SELECT realtime.topic() AS topic), 'broadcast'::text) AS hears)
    WHEN 'presence'::text THEN ( SELECT app_hidden.hears(( SELECT realtime.topic() AS topic), 'presence'::text) AS hears)
    ELSE false
END));

CREATE POLICY "members write to the typing topics of their conversations" ON "realtime"."messages"
  FOR INSERT
  TO "authenticated"
  WITH
    CHECK
    (((topic = ( SELECT realtime.topic() AS topic)) AND (extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ( SELECT app_hidden.hears(( SELECT realtime.topic() AS
    topic), messages.extension, true) AS hears)));

CREATE POLICY "people hear what they alone are told" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING
    (((EXTENSION = 'broadcast'::text) AND (topic = ('user:'::text || (( SELECT auth.uid() AS uid))::text)) AND (( SELECT realtime.topic() AS topic) = ('user:'::text || (( SELECT
    auth.uid() AS uid))::text))));

COMMENT ON EXTENSION "btree_gin" IS 'support for indexing common datatypes in GIN';

COMMENT ON FUNCTION "app_hidden"."hears"(text, text, boolean) IS 'Whether I hear a topic of a conversation (extension broadcast or presence), or may write to it: as a member, on that of the current epoch.';

COMMENT ON FUNCTION "app_hidden"."is_person"(uuid) IS 'Whether an account is there, and not deleted.';

COMMENT ON FUNCTION "app_hidden"."my_conversation_ids"() IS 'The conversations that I am in. None for who is not signed in.';

COMMENT ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) IS '429 rate_limit.exceeded for who sends more messages in a minute than a person does (app_private.chat_rules).';

COMMENT ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) IS 'As assert_may_write, and 409 messages.request_open for who has not accepted the conversation.';

COMMENT ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) IS 'Refuses who may not write in a conversation of theirs: 403 messages.not_accepted, 409 follows.blocked, 422 messages.request_pending.';

COMMENT ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) IS 'In a direct conversation both may; in a group, who has the role for it (403 groups.not_allowed).';

COMMENT ON FUNCTION "app_private"."assert_words"(public.messages) IS 'Refuses words and media that make no message: 422 messages.content_invalid, messages.media_invalid, messages.field_invalid.';

COMMENT ON FUNCTION "app_private"."can_send"(public.conversations, uuid) IS 'Whether a message would be taken, but for limits.';

COMMENT ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) IS 'A message with what is the same for all its readers, given its sender and what it answers (null: nothing).';

COMMENT ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) IS 'Conversations that somebody is in, in the given order, as they see them.';

COMMENT ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) IS 'The conversation that is meant; null when there is none yet.';

COMMENT ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) IS 'Counted reactions with one more or one less; null changes nothing.';

COMMENT ON FUNCTION "app_private"."end_conversation"() IS 'Trigger on conversations: one that nobody is in any more goes, and its messages with it, piece by piece.';

COMMENT ON FUNCTION "app_private"."epoch_notice"(public.conversations) IS 'What members are told of a new epoch.';

COMMENT ON FUNCTION "app_private"."expire_messages"(integer) IS 'Takes the words of up to p_limit messages whose time is over, which nobody was shown any more, and says how many.';

COMMENT ON FUNCTION "app_private"."fail_field"(text) IS '422 messages.field_invalid, with what to send instead.';

COMMENT ON FUNCTION "app_private"."fail_not_accepted"() IS '403 messages.not_accepted: the same words for a setting, a block, a declined request and nobody at all, so that they tell none of these.';

COMMENT ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) IS 'Copies what somebody may read and may pass on. 404 messages.not_found, 422 messages.not_forwardable.';

COMMENT ON FUNCTION "app_private"."follow_group_members"() IS 'Trigger on group_members: the conversation of a group has its members. Newcomers read what is written from then on, in a public group also what was before.';

COMMENT ON FUNCTION "app_private"."hide_message"(uuid, public.messages) IS 'Deletes a message for one person, on all their devices.';

COMMENT ON FUNCTION "app_private"."hides"(uuid, text) IS 'Whether somebody set hide_presence or hide_read_receipts.';

COMMENT ON FUNCTION "app_private"."is_gone"(public.messages) IS 'Whether a message was deleted for all or has disappeared, whether or not the worker came to it.';

COMMENT ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) IS 'The last message of a conversation, cut for a list; null when there is none to read.';

COMMENT ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) IS 'Locks the conversation of a message for a change to it. 403 messages.not_accepted, 409 follows.blocked, messages.request_open.';

COMMENT ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) IS 'Whether a member is on the typing topic: when both sides of a direct conversation have accepted it and no block stands between them.';

COMMENT ON FUNCTION "app_private"."membership"(uuid, uuid) IS 'What somebody is in a conversation; 404 messages.conversation_not_found for who is not in it.';

COMMENT ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) IS 'Whom a message names with @username: members of the conversation who let its sender mention them.';

COMMENT ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) IS 'Messages of conversations that somebody is in, in the given order, as they may see them.';

COMMENT ON FUNCTION "app_private"."message_event"(public.message_card) IS 'What members hear of a message. is_sealed: it will disappear, so the words are not sent along and clients ask for them.';

COMMENT ON FUNCTION "app_private"."message_from"(jsonb) IS 'What a client wants to send, checked as far as it says all of it. 422 messages.field_invalid, messages.content_invalid, messages.media_invalid.';

COMMENT ON FUNCTION "app_private"."next_change"(uuid) IS 'Locks a conversation and counts a change in it: last_change is its number.';

COMMENT ON FUNCTION "app_private"."open_direct"(uuid, uuid) IS 'The conversation of two people, new if there is none: a request to who does not follow the writer. 403 messages.not_accepted, 409 follows.blocked, 422 messages.to_oneself, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."other_of"(public.conversations, uuid) IS 'The other one of a direct conversation; null for a group, and when the account is gone.';

COMMENT ON FUNCTION "app_private"."part_conversations"() IS 'Trigger on blocks: the direct conversation of the two goes on in a new epoch, of which the blocker is told at once and both when no block is left.';

COMMENT ON FUNCTION "app_private"."part_from_deleted"() IS 'Trigger on profiles: who is deleted leaves direct conversations, which stay with the other, and the worker takes their words away.';

COMMENT ON FUNCTION "app_private"."person_of"(uuid) IS 'A person as messages show them; null for who is gone.';

COMMENT ON FUNCTION "app_private"."purge_messages"(uuid, integer) IS 'Deletes up to p_limit messages of a conversation that is gone.';

COMMENT ON FUNCTION "app_private"."reactions_of"(jsonb) IS 'Counted reactions as a list, the most frequent first.';

COMMENT ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) IS 'A message that somebody may read, with its words unless p_living is false; else 404 messages.not_found.';

COMMENT ON FUNCTION "app_private"."renew_epochs"(uuid[]) IS 'Moves conversations to new topics. What was sent before is waited for, and what comes later goes to the new one.';

COMMENT ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) IS 'The message that was sent with this client_id, null when none was; 409 messages.client_id_reused when it is another one.';

COMMENT ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp with time zone) IS 'The last message of a conversation before a moment; 0 when there is none.';

COMMENT ON FUNCTION "app_private"."tell_changed"(public.conversations, public.messages) IS 'Tells members how a message reads now.';

COMMENT ON FUNCTION "app_private"."tell_conversation_created"() IS 'Trigger on conversations: conversation.created.';

COMMENT ON FUNCTION "app_private"."tell_departures"() IS 'Trigger on conversation_members: who is gone hears nothing from here on. Those who stay are told by the worker, those who go at once.';

COMMENT ON FUNCTION "app_private"."tell_epochs"(integer) IS 'Tells up to p_limit (60) members of one group''s conversation of its new epoch; says how many, and 0 when nobody waits.';

COMMENT ON FUNCTION "app_private"."tell_members"(public.conversations, text, jsonb) IS 'Broadcasts to whoever is on the topic of a conversation.';

COMMENT ON FUNCTION "app_private"."tell_message_changed"() IS 'Trigger on messages: message.edited, message.deleted (for all).';

COMMENT ON FUNCTION "app_private"."tell_message_created"() IS 'Trigger on messages: message.created, without its words.';

COMMENT ON FUNCTION "app_private"."tell_message_reacted"() IS 'Trigger on message_reactions: message.reacted.';

COMMENT ON FUNCTION "app_private"."tell_person"(uuid, text, jsonb) IS 'Broadcasts to one person, on all their devices.';

COMMENT ON FUNCTION "app_private"."tell_read"(public.conversation_members) IS 'Tells a reader''s own devices, and the others where there are at most 16 and both sides show receipts.';

COMMENT ON FUNCTION "app_private"."tell_request_decided"() IS 'Trigger on conversation_members: conversation.request_decided (accepted or declined).';

COMMENT ON FUNCTION "app_private"."topic_of"(public.conversations) IS 'The topic on which members hear of a conversation now.';

COMMENT ON FUNCTION "app_private"."wipe_messages"(uuid, integer) IS 'Takes the words and the name of up to p_limit messages of a person who is gone.';

COMMENT ON FUNCTION "app_private"."wipe_reactions"(uuid, integer) IS 'Takes back up to p_limit reactions of a person who is gone.';

COMMENT ON FUNCTION "app_private"."work_chat_tasks"(integer) IS 'Does a piece, up to p_limit messages (1000), of what people and conversations that are gone leave behind; says how much, and 0 when nothing is left.';

COMMENT ON FUNCTION "public"."accept_conversation"(uuid) IS 'Lets somebody write to me who asked to, also one that I declined; to answer does the same. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."archive_conversation"(uuid, boolean) IS 'Puts a conversation aside, where it stays until it is taken back; nobody is told. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."clear_conversation"(uuid) IS 'Deletes all messages of a conversation for me. A direct one is listed again with its next message. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation"(uuid) IS 'A conversation of mine. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_changes"(uuid, bigint, integer) IS 'Messages that were edited, deleted, reacted to or pinned after a change that I have, in the order of their last change. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_messages"(uuid, integer, bigint, bigint, timestamp with time zone, timestamp with time zone) IS 'Messages of a conversation of mine: the latest first, before a seq or a moment; or with p_after_seq or p_after the oldest first, which gives each exactly once. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_of_group"(uuid) IS 'The conversation of a group that I am a member of; else 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_receipts"(uuid, integer, uuid) IS 'How far the others have read, of those who show it, in the order of their ids; nobody for who hides their own receipts or has not accepted. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_topic"(uuid) IS 'Where to hear of a conversation: join both as private channels, then ask for messages after the last seq and changes after the last change that you have. typing_topic is null before both have accepted. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_with"(uuid) IS 'My direct conversation with somebody; 404 messages.conversation_not_found before the first message.';

COMMENT ON FUNCTION "public"."decline_conversation"(uuid) IS 'Takes no more messages from who asked to write to me, and tells nobody. 404 messages.conversation_not_found, 409 messages.no_request for one that I accepted.';

COMMENT ON FUNCTION "public"."delete_message"(uuid, text) IS 'Deletes a message for me, or its words for all: of mine, or as a moderator of the group; its place stays. {id, conversation_id, seq, deleted_for}. 404 messages.not_found, 403 messages.not_yours, 422 messages.delete_too_late.';

COMMENT ON FUNCTION "public"."edit_message"(uuid, text) IS 'Changes the words of a message of mine; edited_at tells everybody, the former words are not kept. 404 messages.not_found, 403 messages.not_yours, messages.not_accepted, 422 messages.edit_too_late, messages.content_invalid.';

COMMENT ON FUNCTION "public"."mark_read"(uuid, bigint) IS 'Marks as read: a message and all before it, or of a conversation all up to a seq or everything: {conversation_id, last_read_seq, unread_count}. 404 messages.not_found.';

COMMENT ON FUNCTION "public"."message"(uuid) IS 'One message, also one that is gone, without its words. 404 messages.not_found.';

COMMENT ON FUNCTION "public"."message_reactors"(uuid, integer, uuid) IS 'Who reacted how to a message, in the order of their ids, without those hidden from me. 404 messages.not_found.';

COMMENT ON FUNCTION "public"."mute_conversation"(uuid, boolean, timestamp with time zone) IS 'Keeps a conversation out of my notifications, until a time or for good, or no longer; nobody is told. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."my_conversations"(text, integer, timestamp with time zone, uuid) IS 'My conversations with their last message and how many I have not read, the latest first: the inbox, the archived, or requests of people whom I do not follow. The next page begins after the active_at and id of the last.';

COMMENT ON FUNCTION "public"."pin_message"(uuid, boolean) IS 'Pins a message for everybody in the conversation, or takes the pin off; in a group, as a moderator. 404 messages.not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open, 422 messages.too_many_pinned.';

COMMENT ON FUNCTION "public"."pinned_messages"(uuid) IS 'What is pinned in a conversation, the latest pin first, up to 50. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."react_to_message"(uuid, text) IS 'Reacts to a message with one emoji, another one in its place, or none (null). 404 messages.not_found, 403 messages.not_accepted, 409 messages.request_open, 422 messages.field_invalid, messages.too_many_reactions.';

COMMENT ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp with time zone, uuid) IS 'Messages that I may read with all these words, or words that begin so, in all my conversations (the 500 latest) or one, the newest first; the next page begins after the created_at and id of the last. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."send_message"(jsonb) IS 'Sends a message: {one of conversation_id, group_id, receiver_id; client_id, a UUID of yours that makes a repetition safe and becomes the id; kind, content, media_urls, duration_ms, waveform, reply_to}, or forward_of. 404 messages.conversation_not_found, messages.not_found, 403 messages.not_accepted, 409 messages.client_id_reused, follows.blocked, 422 messages.field_invalid, messages.content_invalid, messages.media_invalid, messages.request_pending, messages.not_forwardable, messages.to_oneself, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."send_typing"(uuid) IS 'Tells the others that I am typing, for clients without a socket; false where they are not told, because I hide my presence or they have not accepted. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."set_message_timer"(uuid, integer) IS 'Lets messages sent from now on disappear after so many seconds (30 to 7776000), or stay (null); in a group, as an admin. 404 messages.conversation_not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open.';

COMMENT ON TABLE "app_private"."chat_notices" IS 'Conversations of groups whose members still have to be told of a new epoch, and to whom the worker has come.';

COMMENT ON TABLE "app_private"."chat_rules" IS 'Settings of the operators, one row; null means no limit: how many messages and new conversations a person may send and open, how many messages wait in a request, and how long a message can be edited, or deleted for all.';

COMMENT ON TABLE "app_private"."chat_tasks" IS 'What the worker takes away piece by piece: the words of a person who is gone (wipe), the messages of a conversation that is gone (purge). Nobody is shown them meanwhile.';

COMMENT ON TABLE "public"."conversation_members" IS 'Who is in which conversation. state: requested by somebody whom the member does not follow, until they accept or decline. They read messages after from_seq, and have read those up to last_read_seq. muted_until null: muted for good.';

COMMENT ON TABLE "public"."conversations" IS 'Direct conversations of two people (low_id and high_id in order; null: the account is gone) and those of groups. last_seq counts the messages, last_change what was changed of them afterwards; whoever counts holds the row to the end. epoch is part of the topic on which members hear of it, and changes when somebody may hear no more.';

COMMENT ON TABLE "public"."message_hides" IS 'Messages that somebody deleted for themselves.';

COMMENT ON TABLE "public"."message_reactions" IS 'Who reacted how to a message, one emoji each.';

COMMENT ON TABLE "public"."messages" IS 'What people write to each other. seq counts from 1 without a gap, in the order of the commits; id is the client''s own, so that a repeated send finds the first. A message that was deleted or has disappeared keeps its place without its words. change: the number of its last change, null while there was none. reactions: how many of each emoji.';

COMMENT ON TYPE "public"."conversation_card" IS 'A conversation in a list, as its member sees it. person: the other one of a direct conversation, null when they do not exist for me any more. group: id, name, avatar_url and my role. state: accepted, requested (somebody wrote to me whom I do not follow) or declined.';

COMMENT ON TYPE "public"."message_card" IS 'A message as its reader may see it. Deleted, disappeared or deleted for oneself: deleted_at is set and no words are left. is_read: by me, or in a direct conversation, of my own, by the other; null where nobody says.';

REVOKE ALL ON FUNCTION "app_hidden"."hears"(text, text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."hears"(text, text, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."hears"(text, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."hears"(text, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."is_person"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_person"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_person"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_person"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_conversation_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_conversation_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_conversation_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_conversation_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_words"(public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_words"(public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_words"(public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_send"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_send"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_send"(public.conversations, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."end_conversation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."end_conversation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."end_conversation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."epoch_notice"(public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."epoch_notice"(public.conversations) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."epoch_notice"(public.conversations) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."expire_messages"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."expire_messages"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."expire_messages"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."expire_messages"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_field"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_field"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_field"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_not_accepted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_not_accepted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_not_accepted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow_group_members"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."follow_group_members"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow_group_members"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hide_message"(uuid, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hide_message"(uuid, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hide_message"(uuid, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hides"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hides"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hides"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_gone"(public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_gone"(public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_gone"(public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."membership"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_event"(public.message_card) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_event"(public.message_card) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_event"(public.message_card) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_from"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_from"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_from"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."next_change"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."open_direct"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."open_direct"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."open_direct"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."other_of"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."other_of"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."other_of"(public.conversations, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_conversations"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_conversations"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_conversations"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_from_deleted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_from_deleted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_from_deleted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."person_of"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."person_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."person_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."purge_messages"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."purge_messages"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."purge_messages"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."reactions_of"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."reactions_of"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."reactions_of"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."renew_epochs"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_changed"(public.conversations, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_changed"(public.conversations, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_changed"(public.conversations, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_conversation_created"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_conversation_created"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_conversation_created"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_departures"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_departures"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_departures"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_epochs"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."tell_epochs"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."tell_epochs"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_epochs"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_members"(public.conversations, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_members"(public.conversations, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_members"(public.conversations, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_message_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_message_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_message_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_message_created"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_message_created"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_message_created"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_message_reacted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_message_reacted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_message_reacted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_person"(uuid, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_person"(uuid, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_person"(uuid, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_read"(public.conversation_members) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_read"(public.conversation_members) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_read"(public.conversation_members) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_request_decided"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_request_decided"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_request_decided"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."topic_of"(public.conversations) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."topic_of"(public.conversations) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."topic_of"(public.conversations) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wipe_messages"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."wipe_messages"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wipe_messages"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wipe_reactions"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."wipe_reactions"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wipe_reactions"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."work_chat_tasks"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."work_chat_tasks"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."work_chat_tasks"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."work_chat_tasks"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_conversation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."accept_conversation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_conversation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."archive_conversation"(uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."archive_conversation"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."archive_conversation"(uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."clear_conversation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."clear_conversation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."clear_conversation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_changes"(uuid, bigint, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation_changes"(uuid, bigint, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_changes"(uuid, bigint, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_messages"(uuid, integer, bigint, bigint, timestamp WITH time zone, timestamp WITH time zone) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation_messages"(uuid, integer, bigint, bigint, timestamp WITH time zone, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_messages"(uuid, integer, bigint, bigint, timestamp WITH time zone, timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_of_group"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation_of_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_of_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_receipts"(uuid, integer, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation_receipts"(uuid, integer, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_receipts"(uuid, integer, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_topic"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation_topic"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_topic"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_with"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."conversation_with"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."conversation_with"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_conversation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_conversation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_conversation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_message"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_message"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_message"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."edit_message"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."edit_message"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."edit_message"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_read"(uuid, bigint) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_read"(uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_read"(uuid, bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."message"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."message"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."message"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."message_reactors"(uuid, integer, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."message_reactors"(uuid, integer, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."message_reactors"(uuid, integer, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mute_conversation"(uuid, boolean, timestamp WITH time zone) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mute_conversation"(uuid, boolean, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mute_conversation"(uuid, boolean, timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_conversations"(text, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_conversations"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_conversations"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_message"(uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."pin_message"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_message"(uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_messages"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."pinned_messages"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_messages"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."react_to_message"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."react_to_message"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."react_to_message"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_message"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."send_message"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_message"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_typing"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."send_typing"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_typing"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_message_timer"(uuid, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."set_message_timer"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_message_timer"(uuid, integer) TO "postgres";

REVOKE ALL ON TABLE "public"."conversation_members" FROM "authenticated";

GRANT SELECT ON TABLE "public"."conversation_members" TO "authenticated";

REVOKE ALL ON TABLE "public"."conversation_members" FROM "service_role";

GRANT SELECT ON TABLE "public"."conversation_members" TO "service_role";

REVOKE ALL ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ON TABLE "public"."conversations" FROM "service_role";

GRANT SELECT ON TABLE "public"."conversations" TO "service_role";

REVOKE ALL ON TABLE "public"."message_hides" FROM "authenticated";

GRANT SELECT ON TABLE "public"."message_hides" TO "authenticated";

REVOKE ALL ON TABLE "public"."message_hides" FROM "service_role";

GRANT SELECT ON TABLE "public"."message_hides" TO "service_role";

REVOKE ALL ON TABLE "public"."message_reactions" FROM "authenticated";

GRANT SELECT ON TABLE "public"."message_reactions" TO "authenticated";

REVOKE ALL ON TABLE "public"."message_reactions" FROM "service_role";

GRANT SELECT ON TABLE "public"."message_reactions" TO "service_role";

REVOKE ALL ON TABLE "public"."messages" FROM "authenticated";

REVOKE ALL ("change") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("change") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("content") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("content") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("conversation_id") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("conversation_id") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("deleted_at") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("deleted_at") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("duration_ms") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("duration_ms") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("edited_at") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("edited_at") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("expires_at") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("expires_at") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("id") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("is_forwarded") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("is_forwarded") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("kind") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("media_urls") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("media_urls") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("mentions") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("mentions") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("pinned_at") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("pinned_at") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("reactions") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("reactions") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("reply_to_seq") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("reply_to_seq") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("sender_id") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("sender_id") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("seq") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("seq") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ("waveform") ON TABLE "public"."messages" FROM "authenticated";

GRANT SELECT ("waveform") ON TABLE "public"."messages" TO "authenticated";

REVOKE ALL ON TABLE "public"."messages" FROM "service_role";

GRANT SELECT ON TABLE "public"."messages" TO "service_role";

ALTER TABLE "app_private"."chat_notices"
  ADD CONSTRAINT "chat_notices_conversation_id_fkey" FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversation_members"
  ADD CONSTRAINT "conversation_members_conversation_id_fkey" FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

CREATE POLICY "members see their conversations" ON "public"."conversations"
  FOR SELECT
  TO "authenticated"
  USING ((id IN ( SELECT app_hidden.my_conversation_ids() AS my_conversation_ids)));

-- copy of sql/50_chat/5_data.sql sha256:5714b8f4afd7a30e14a46c783c088888485dac816a52b93637a589d2521b23cf
insert into app_private.chat_rules default values on conflict do nothing;

-- Groups from before there was chat.
insert into public.conversations (kind, group_id)
select 'group', g.id from public.groups g where g.deleted_at is null on conflict (group_id) do nothing;
insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
select c.id, m.user_id, c.last_seq, c.last_seq from public.conversations c join public.group_members m on m.group_id = c.group_id
on conflict do nothing;
