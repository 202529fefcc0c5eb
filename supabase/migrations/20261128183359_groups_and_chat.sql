-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP POLICY "everybody reads comments on posts they read" ON "public"."comments";

DROP POLICY "people read comments on posts they read, but not of the hidden" ON "public"."comments";

DROP POLICY "everybody reads public posts of public accounts" ON "public"."posts";

DROP POLICY "people read their own posts, and those they are shown" ON "public"."posts";

DROP TRIGGER "note_post_shown" ON "public"."posts";

DROP INDEX "public"."bookmarks_post_id_idx";

DROP INDEX "public"."post_likes_post_idx";

DROP INDEX "public"."posts_location_idx";

ALTER TABLE "ledger"."holds"
  DROP CONSTRAINT "is_hold";

ALTER TABLE "public"."posts"
  DROP CONSTRAINT "visibility_known";

DROP FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb);

DROP FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]);

DROP FUNCTION "app_hidden"."feed_cards_of"(uuid[]);

DROP FUNCTION "app_hidden"."feed_ids"(integer, timestamp WITH time zone, uuid);

DROP FUNCTION "app_hidden"."mentions_of"(uuid);

DROP FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]);

DROP FUNCTION "app_hidden"."prepare_feed"();

DROP FUNCTION "app_hidden"."shared_cards"(uuid[]);

DROP FUNCTION "app_hidden"."shown_visibilities"(uuid);

DROP FUNCTION "app_private"."assert_calm"(text, uuid);

DROP FUNCTION "app_private"."assert_room_for_pin"(uuid);

DROP FUNCTION "app_private"."mentioned_in"(uuid, text);

DROP FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid);

DROP FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer);

DROP FUNCTION "ledger"."is_hold"(text, text, bigint, bigint, bigint);

CREATE EXTENSION IF NOT EXISTS "btree_gin" SCHEMA "extensions";

CREATE TABLE "app_private"."author_cards" (
  "user_id"         uuid    NOT NULL,
  "card"            jsonb   NOT NULL,
  "is_private"      boolean NOT NULL,
  "who_can_comment" text    NOT NULL DEFAULT 'everyone'::text,
  CONSTRAINT "author_cards_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "app_private"."author_cards"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."author_cards"
  SET (fillfactor=80);

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

CREATE TABLE "app_private"."group_bans" (
  "group_id"   uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "banned_by"  uuid,
  "reason"     text,
  "until"      timestamp with time zone,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_bans_pkey" PRIMARY KEY (group_id, user_id),
  CONSTRAINT "reason_length" CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);

ALTER TABLE "app_private"."group_bans"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_invitations" (
  "group_id"   uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "invited_by" uuid,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at" timestamp with time zone NOT NULL DEFAULT (now() + '30 days'::interval),
  CONSTRAINT "group_invitations_pkey" PRIMARY KEY (group_id, user_id)
);

ALTER TABLE "app_private"."group_invitations"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_links" (
  "group_id"   uuid                     NOT NULL,
  "created_by" uuid,
  "token_hash" bytea                    NOT NULL,
  "uses_left"  integer,
  "expires_at" timestamp with time zone NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_links_token_hash_key" UNIQUE (token_hash),
  CONSTRAINT "uses_bounded" CHECK (((uses_left >= 1) AND (uses_left <= 1000)))
);

ALTER TABLE "app_private"."group_links"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_log" (
  "group_id"   uuid                     NOT NULL,
  "actor_id"   uuid,
  "action"     text                     NOT NULL,
  "target_id"  uuid,
  "details"    jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  "created_at" timestamp with time zone NOT NULL DEFAULT now()
);

ALTER TABLE "app_private"."group_log"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_requests" (
  "group_id"   uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "message"    text,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_requests_pkey" PRIMARY KEY (group_id, user_id),
  CONSTRAINT "message_length" CHECK (((length(message) >= 1) AND (length(message) <= 500)))
);

ALTER TABLE "app_private"."group_requests"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_seats" (
  "id"       bigint  GENERATED ALWAYS AS IDENTITY NOT NULL,
  "group_id" uuid    NOT NULL,
  "free"     integer NOT NULL,
  CONSTRAINT "group_seats_pkey" PRIMARY KEY (id),
  CONSTRAINT "nobody_takes_what_is_not_there" CHECK ((free >= 0))
);

ALTER TABLE "app_private"."group_seats"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."group_seats"
  SET (fillfactor=50);

CREATE TABLE "app_private"."paces" (
  "user_id" uuid                     NOT NULL,
  "what"    text                     NOT NULL,
  "since"   timestamp with time zone NOT NULL DEFAULT now(),
  "written" integer                  NOT NULL DEFAULT 1,
  CONSTRAINT "paces_pkey" PRIMARY KEY (user_id, what)
);

ALTER TABLE "app_private"."paces"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."paces"
  SET (fillfactor=50);

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
  CONSTRAINT "timer_bounded" CHECK (((disappear_after_s >= 30) AND (disappear_after_s <= 7776000)))
);

ALTER TABLE "public"."conversations"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."conversations"
  SET (fillfactor=50);

REVOKE ALL ON TABLE "public"."conversations" FROM "anon";

CREATE TABLE "public"."group_members" (
  "group_id"  uuid                     NOT NULL,
  "user_id"   uuid                     NOT NULL,
  "role"      text                     NOT NULL DEFAULT 'member'::text,
  "joined_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_members_pkey" PRIMARY KEY (group_id, user_id),
  CONSTRAINT "role_known" CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'moderator'::text, 'member'::text])))
);

ALTER TABLE "public"."group_members"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."group_members" FROM "anon";

CREATE TABLE "public"."groups" (
  "name"        text                     NOT NULL,
  "description" text,
  "visibility"  text                     NOT NULL DEFAULT 'public'::text,
  "category"    text,
  "avatar_url"  text,
  "cover_url"   text,
  "rules"       text[]                   NOT NULL DEFAULT '{}'::text[],
  "member_cap"  integer                  NOT NULL DEFAULT 5000,
  "created_by"  uuid,
  "deleted_at"  timestamp with time zone,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"  timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^https?://'::text) AND (length(avatar_url) <= 2048))),
  CONSTRAINT "category_length" CHECK (((length(category) >= 1) AND (length(category) <= 50))),
  CONSTRAINT "cover_url_shape" CHECK (((cover_url ~ '^https?://'::text) AND (length(cover_url) <= 2048))),
  CONSTRAINT "description_length" CHECK ((length(description) <= 2000)),
  CONSTRAINT "member_cap_bounded" CHECK (((member_cap >= 1) AND (member_cap <= 20000))),
  CONSTRAINT "name_length" CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  CONSTRAINT "nobody_finds_what_is_deleted" CHECK (((deleted_at IS NULL) OR (visibility = 'secret'::text))),
  CONSTRAINT "rules_bounded" CHECK (((cardinality(rules) <= 20) AND (length((rules)::text) <= 12000))),
  CONSTRAINT "visibility_known" CHECK ((visibility = ANY (ARRAY['public'::text, 'private'::text, 'secret'::text]))),
  "id"          uuid                     NOT NULL DEFAULT app_hidden.new_id(),
  CONSTRAINT "groups_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."groups"
  ENABLE ROW LEVEL SECURITY;

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

ALTER TABLE "public"."posts"
  ADD COLUMN "group_id" uuid;

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

CREATE TYPE "public"."group_card" AS (
  "id"            uuid,
  "name"          text,
  "description"   text,
  "visibility"    text,
  "category"      text,
  "avatar_url"    text,
  "cover_url"     text,
  "rules"         text[],
  "members_count" integer,
  "member_cap"    integer,
  "my_role"       text,
  "created_at"    timestamp WITH time zone,
  "updated_at"    timestamp WITH time zone,
  "at"            timestamp WITH time zone,
  "my_status"     text
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

ALTER TYPE "public"."bookmarked_card" ADD ATTRIBUTE "group_id" uuid CASCADE;

ALTER TYPE "public"."post_card" ADD ATTRIBUTE "group_id" uuid CASCADE;

CREATE OR REPLACE FUNCTION app_hidden.assert_fields (
  p         jsonb,
  p_allowed jsonb,
  p_code    text  DEFAULT 'posts.field_invalid'::text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hint text;
begin
  if p is null or jsonb_typeof(p) <> 'object' then
    v_hint := 'Send one JSON object.';
  else
    select case
      when not p_allowed ? f.key then format('%L is no field; known are: %s.', left(f.key, 60), (select string_agg(k, ', ') from jsonb_object_keys(p_allowed) k))
      else format('Send `%s` as %s.', f.key, case p_allowed ->> f.key
        when 'time' then 'an ISO 8601 time with a time zone, such as 2030-01-31T12:00:00Z'
        when 'uuid' then 'a UUID'
        when 'strings' then 'an array of strings'
        else 'JSON of type ' || (p_allowed ->> f.key) end)
      end into v_hint
    from jsonb_each(p) f
    where not p_allowed ? f.key
      or (f.value <> 'null' and not app_hidden.is_of_kind(f.value, p_allowed ->> f.key))
    limit 1;
  end if;
  if v_hint is not null then
    perform app_hidden.fail(422, p_code, 'There is no such field, or it has no such value.', v_hint);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.assert_group_readable (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_group(auth.uid(), p_group);
  if not app_private.can_read_group(auth.uid(), p_group) then
    perform app_hidden.fail(403, 'groups.members_only', 'Only members of this group may do this.', 'Join it first: POST groups/:id/join.');
  end if;
end
$function$;

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

CREATE OR REPLACE FUNCTION app_hidden.my_group_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  AS $function$
begin
  return query select m.group_id from public.group_members m where m.user_id = auth.uid();
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_inviting_group_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 5
  SET search_path TO ''
  AS $function$
begin
  return query select i.group_id from app_private.group_invitations i where i.user_id = auth.uid() and i.expires_at > now();
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_moderated_group_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 5
  SET search_path TO ''
  AS $function$
begin
  return query select m.group_id from public.group_members m where m.user_id = auth.uid() and m.role in ('owner', 'admin', 'moderator');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.add_member (
  p_group uuid,
  p_user  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_room_for_group(p_user);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into public.group_members (group_id, user_id) values (p_group, p_user);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm (
  p_what   text,
  p_person uuid,
  p_limit  integer,
  p_window interval
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_written int;
begin
  if auth.uid() is null then
    return; -- nobody's app: an import, a worker, an operator
  end if;
  insert into app_private.paces as c (user_id, what) values (p_person, p_what)
  on conflict (user_id, what) do update set
    written = case when c.since > now() - p_window then c.written + 1 else 1 end,
    since = case when c.since > now() - p_window then c.since else now() end
  returning c.written into v_written;
  if v_written > p_limit then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('You have written %s %s within %s.', p_limit, p_what,
      case p_window when interval '1 hour' then 'an hour' else 'a day' end), 'Wait some time, and write less.');
  end if;
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

CREATE OR REPLACE FUNCTION app_private.assert_calm_in_groups (
  p_what  text,
  p_actor uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p_what = 'groups' and exists (
    select from public.groups g where g.created_by = p_actor and g.created_at > now() - interval '1 day' offset 19
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have founded 20 groups within a day.', 'Wait some hours.');
  elsif p_what = 'invitations' and exists (
    select from app_private.group_log l where l.actor_id = p_actor and l.action = 'invited' and l.created_at > now() - interval '1 day' offset 199
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have invited 200 people within a day.', 'Wait some hours, or make a link.');
  elsif p_what = 'joins' and (
    select count(*) from (
      (select from public.group_members m where m.user_id = p_actor and m.joined_at > now() - interval '1 hour' limit 100)
      union all
      (select from app_private.group_requests r where r.user_id = p_actor and r.created_at > now() - interval '1 hour' limit 100)
    ) x
  ) >= 100 then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have joined 100 groups within an hour.', 'Wait some minutes.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_edit (
  p_old public.posts,
  p_new public.posts
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p_old.status <> 'published' or auth.uid() is distinct from p_new.author_id or not app_private.reads_otherwise(p_old, p_new) then
    return;
  end if;
  perform app_private.assert_calm('edits', p_new.author_id, 300, '1 hour'); -- each keeps the former words
  if p_new.group_id is not null then
    -- Who was put out of a group takes their words away from there, and puts no others in their place.
    perform app_private.assert_may(p_new.author_id, p_new.group_id, 'post');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not app_private.can_view_group(p_viewer, p_group) then
    perform app_hidden.fail(404, 'groups.not_found', 'There is no such group.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may (
  p_actor  uuid,
  p_group  uuid,
  p_action text
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_role text;
begin
  perform app_private.assert_group(p_actor, p_group);
  v_role := app_private.role_in(p_group, p_actor);
  if v_role is null then
    perform app_hidden.fail(403, 'groups.members_only', 'Only members of this group may do this.', 'Join it first: POST groups/:id/join.');
  elsif app_private.rank_of(v_role) < app_private.rank_of(app_private.least_role_for(p_action)) then
    perform app_hidden.fail(403, 'groups.not_allowed', format('Your role in this group, %s, does not let you do this.', v_role),
      format('It takes the role %s at least.', app_private.least_role_for(p_action)));
  end if;
  return v_role;
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

CREATE OR REPLACE FUNCTION app_private.assert_may_edit (
  p_comment public.comments
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is distinct from p_comment.author_id then
    return;
  end if;
  -- The policy lets people change their own, also where the author of the post has blocked them since.
  perform app_private.assert_post(p_comment.author_id, p_comment.post_id);
  if exists (
    select from public.posts p
    where p.id = p_comment.post_id and p.group_id is not null and app_private.role_in(p.group_id, p_comment.author_id) is null
  ) then
    perform app_hidden.fail(403, 'posts.comments_not_allowed', 'You are not in this group any more.', 'Delete the comment, or join the group again.');
  end if;
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

CREATE OR REPLACE FUNCTION app_private.assert_outranks (
  p_role        text,
  p_target_role text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if app_private.rank_of(p_role) <= app_private.rank_of(p_target_role) then
    perform app_hidden.fail(403, 'groups.not_allowed', format('Your role in this group, %s, has no say over this person.', p_role),
      'Members are removed, banned and given roles by who has a higher role than theirs, now and afterwards.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_owned()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_group uuid := case tg_table_name when 'groups' then to_jsonb(new) ->> 'id' else to_jsonb(old) ->> 'group_id' end;
begin
  if exists (select from public.groups g where g.id = v_group and g.deleted_at is null)
    and not exists (select from public.group_members m where m.group_id = v_group and m.role = 'owner') then
    raise check_violation using message = format('group %s has no owner', v_group), hint = 'make somebody its owner in the same transaction';
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_post_fields (
  p_post public.posts
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_limit text := case
    when p_post.type is null or p_post.type not in ('text', 'image', 'video', 'reel', 'share') then '`type` as text, image, video, reel or share'
    when length(p_post.content) > 5000 then '`content` of at most 5,000 characters'
    when p_post.media_urls is null or cardinality(p_post.media_urls) > 10 then '`media_urls` as a list of at most 10'
    when length(p_post.location) > 100 then '`location` of at most 100 characters'
    when p_post.tags is null or cardinality(p_post.tags) > 30 then '`tags` as a list of at most 30'
    when p_post.visibility is null or p_post.visibility not in ('public', 'friends', 'private', 'group') then '`visibility` as public, friends or private'
    when (p_post.visibility = 'group') <> (p_post.group_id is not null)
      then '`visibility` as group with a `group_id` only, and no other with one; a post stays in its group'
    when p_post.reply_control is null or p_post.reply_control not in ('everyone', 'followers', 'friends', 'mentioned', 'nobody')
      then '`reply_control` as everyone, followers, friends, mentioned or nobody'
    when p_post.shares_allowed is null then '`shares_allowed` as true or false'
    when p_post.status is null or p_post.status not in ('draft', 'scheduled', 'published', 'removed') then '`status` as draft, scheduled or published'
    when p_post.type <> 'share' and p_post.shared_post_id is not null then '`shared_post_id` with the type share only'
    end;
begin
  if v_limit is not null then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', v_limit));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room_for_group (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if exists (select from public.group_members m where m.user_id = p_user offset 999) then
    perform app_hidden.fail(422, 'groups.limit_reached', 'Nobody is a member of more than 1,000 groups.', 'Leave another group first.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room_for_pin (
  p_author uuid,
  p_group  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Two that are pinned at once would not see each other.
  perform pg_advisory_xact_lock(hashtextextended('posts.pin ' || coalesce(p_group, p_author), 0));
  if (case
    when p_group is null then (select count(*) from public.posts p where p.author_id = p_author and p.group_id is null and p.pinned_at is not null)
    else (select count(*) from public.posts p where p.group_id = p_group and p.pinned_at is not null)
  end) >= 3 then
    perform app_hidden.fail(422, 'posts.too_many_pinned', 'At most three posts can be pinned.', 'Unpin another post first.');
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

CREATE OR REPLACE FUNCTION app_private.can_comment (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return app_private.can_view_post(p_viewer, p_post) and coalesce((
    select p_viewer is not null and p.status = 'published' and (p.group_id is null or app_private.role_in(p.group_id, p_viewer) is not null) and (
      p.author_id = p_viewer
      or (
        app_private.may_reach(p_viewer, p.author_id, 'who_can_comment')
        and case p.reply_control
          when 'mentioned' then exists (select from public.post_mentions m where m.post_id = p.id and m.user_id = p_viewer)
          else app_private.is_in_audience(p_viewer, p.author_id, p.reply_control)
        end
      )
    )
    from public.posts p where p.id = p_post
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_read_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select g.visibility = 'public' or exists (
      select from public.group_members m where m.group_id = g.id and m.user_id = p_viewer
    )
    from public.groups g where g.id = p_group
  ), false);
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

CREATE OR REPLACE FUNCTION app_private.can_view_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select g.visibility <> 'secret' or exists (
      select from public.group_members m where m.group_id = g.id and m.user_id = p_viewer
    ) or app_private.is_invited(g.id, p_viewer)
    from public.groups g where g.id = p_group
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_post (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select (r.is_self and (p.group_id is null or p.status in ('draft', 'scheduled') or app_private.can_read_group(p_viewer, p.group_id)))
      or (p.status = 'published' and not r.is_blocked and case p.visibility
        when 'public' then r.follows or not r.is_private
        when 'friends' then r.follows and r.is_followed
        when 'group' then app_private.can_read_group(p_viewer, p.group_id)
        else false end)
    from public.posts p cross join lateral app_private.relation(p_viewer, p.author_id) r
    where p.id = p_post
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.cards_of (
  p_viewer  uuid,
  p_ids     uuid[],
  p_authors uuid[] DEFAULT NULL::uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_hidden uuid[];
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select app_private.hidden_from(p_viewer),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select i from unnest(p_ids) i, lateral (select from public.bookmarks b where b.user_id = p_viewer and b.post_id = i limit 1) x),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_hidden, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  if v_is_counting or v_hidden <> '{}' then -- nearly nobody blocks or is blocked
    select * into v_likes, v_comments, v_shares from app_private.count_differences(p_ids, v_hidden);
  end if;
  return query
  select s.id, a.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, v_hidden) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[w.n], 0), c.comments_count + coalesce(v_comments[w.n], 0), c.shares_count + coalesce(v_shares[w.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (a.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, a.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then (
      select o.card from app_private.shared_cards(p_viewer, v_shared) o where o.id = s.shared_post_id
    ) end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from unnest(p_ids) with ordinality w (id, n)
  join public.posts s on s.id = w.id
  join app_private.author_cards a on a.user_id = s.author_id
  join public.post_counts c on c.post_id = s.id
  where case
      -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
      when s.status = 'published' and s.visibility = 'public' and (not a.is_private or s.author_id = any (p_authors)
        or coalesce((select true from public.follows f where f.follower_id = p_viewer and f.followee_id = s.author_id), false))
        then s.author_id <> all (v_hidden)
      when s.status = 'published' and s.visibility = 'group' then
        s.author_id <> all (v_hidden) and app_private.can_read_group(p_viewer, s.group_id)
      else app_private.can_view_post(p_viewer, s.id)
    end
    and case when p_authors is null then true else s.status = 'published' and s.group_id is null and s.author_id = any (p_authors) end
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.clean_group (
  g public.groups
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_limit text;
begin
  g.name := btrim(g.name, e' \t\r\n');
  g.description := nullif(btrim(g.description, e' \t\r\n'), '');
  g.category := nullif(lower(btrim(g.category) collate pg_catalog.pg_c_utf8), '');
  g.rules := array(select btrim(r, e' \t\r\n') from unnest(g.rules) r);
  v_limit := case
    when coalesce(length(g.name), 0) not between 1 and 80 then '`name` of 1 to 80 characters'
    when length(g.description) > 2000 then '`description` of at most 2,000 characters'
    when g.visibility is null or g.visibility not in ('public', 'private', 'secret') then '`visibility` as public, private or secret'
    when length(g.category) > 50 then '`category` of at most 50 characters'
    when g.avatar_url is not null and not app_hidden.are_addresses(array[g.avatar_url]) then '`avatar_url` as an address that begins with https:// or http://'
    when g.cover_url is not null and not app_hidden.are_addresses(array[g.cover_url]) then '`cover_url` as an address that begins with https:// or http://'
    when cardinality(g.rules) > 20 or exists (select from unnest(g.rules) r where r is null or length(r) not between 1 and 500)
      then '`rules` as a list of at most 20, each of 1 to 500 characters'
    when g.member_cap is null or g.member_cap not between 1 and 20000 then '`member_cap` between 1 and 20,000'
    end;
  if v_limit is not null then
    perform app_private.fail_group_field(format('Send %s.', v_limit));
  end if;
  return g;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_cards_of (
  p_viewer uuid,
  p_ids    uuid[]
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_hidden uuid[] := app_private.hidden_from(p_viewer);
begin
  return query
  select c.id, c.post_id, c.parent_id, case when c.deleted_at is null then a.card end, c.content,
    c.likes_count + coalesce(d.likes, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comment_likes l where l.comment_id = c.id and l.user_id = any (v_hidden)) end,
    c.replies_count + coalesce(d.replies, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comments r where r.parent_id = c.id and r.author_id = any (v_hidden) and r.deleted_at is null) end,
    coalesce((select true from public.comment_likes l where l.comment_id = c.id and l.user_id = p_viewer), false),
    c.edited_at, c.deleted_at, c.created_at,
    c.deleted_at is null and p_viewer is not null and (p_viewer in (c.author_id, p.author_id)
      or (p.group_id is not null and p.group_id in (select app_hidden.my_moderated_group_ids())))
  from unnest(p_ids) with ordinality w (id, n)
  join public.comments c on c.id = w.id
  join app_private.author_cards a on a.user_id = c.author_id
  join public.posts p on p.id = c.post_id
  left join (
    select x.target,
      (sum(x.delta) filter (where x.counter = 'comment_likes_count'))::bigint as likes,
      (sum(x.delta) filter (where x.counter = 'replies_count'))::bigint as replies
    from app_private.count_deltas x where x.target = any (p_ids) group by x.target
  ) d on d.target = c.id
  -- An emptied one is nobody's: gone with a block, it would tell whose it was.
  where c.deleted_at is not null or c.author_id <> all (v_hidden)
  order by w.n;
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

CREATE OR REPLACE FUNCTION app_private.count_changed_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
  v_deltas bigint[];
begin
  select array_agg(a.author_id), array_agg(a.shared_post_id), array_agg(case when app_private.is_counted(a.status, a.visibility) then 1 else -1 end)
  into v_authors, v_shared, v_deltas
  from after a join before b on b.id = a.id
  where app_private.is_counted(a.status, a.visibility) <> app_private.is_counted(b.status, b.visibility);
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_deleted_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
  v_deltas bigint[];
begin
  delete from app_private.count_deltas d where d.target in (select g.id from gone g);
  select array_agg(g.author_id), array_agg(g.shared_post_id), array_agg(-1)
  into v_authors, v_shared, v_deltas from gone g where app_private.is_counted(g.status, g.visibility);
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_differences (
  p_ids    uuid[],
  p_hidden uuid[]
)
  RETURNS TABLE (
    likes    bigint[],
    comments bigint[],
    shares   bigint[]
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
begin
  return query
  select array_agg(coalesce(d.likes, 0) - x.likes order by w.n), array_agg(coalesce(d.comments, 0) - x.comments order by w.n),
    array_agg(coalesce(d.shares, 0) - x.shares order by w.n)
  from unnest(p_ids) with ordinality w (id, n)
  left join (
    select y.target,
      (sum(y.delta) filter (where y.counter = 'likes_count'))::bigint as likes,
      (sum(y.delta) filter (where y.counter = 'comments_count'))::bigint as comments,
      (sum(y.delta) filter (where y.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas y where y.target = any (p_ids) group by y.target
  ) d on d.target = w.id
  cross join lateral (select
    case when p_hidden = '{}' then 0 else (
      select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (p_hidden)) end as likes,
    case when p_hidden = '{}' then 0 else (
      select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (p_hidden) and c.deleted_at is null) end as comments,
    case when p_hidden = '{}' then 0 else (
      -- Only those that everybody sees: of others, a block would tell that there is one.
      select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
      where p.shared_post_id = w.id and p.author_id = any (p_hidden) and p.status = 'published' and p.visibility = 'public') end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_new_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
begin
  insert into public.post_counts (post_id) select a.id from added a;
  select array_agg(a.author_id), array_agg(a.shared_post_id) filter (where a.shared_post_id is not null)
  into v_authors, v_shared from added a where app_private.is_counted(a.status, a.visibility);
  if v_authors is not null then
    perform app_private.count_profile('posts_count', v_authors, array_fill(1::bigint, array[cardinality(v_authors)]));
  end if;
  if v_shared is not null then
    perform app_private.count_post('shares_count', v_shared, array_fill(1::bigint, array[cardinality(v_shared)]));
  end if;
  return null;
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

CREATE OR REPLACE FUNCTION app_private.emit_post_published (
  p_ids uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.published', p.author_id, jsonb_build_object(
    'post_id', p.id, 'author_id', p.author_id, 'type', p.type, 'visibility', p.visibility, 'published_at', p.published_at,
    'tags', p.tags, 'shared_post_id', p.shared_post_id, 'group_id', p.group_id,
    'mentions', (select coalesce(jsonb_agg(m.user_id), '[]') from public.post_mentions m where m.post_id = p.id))
  from public.posts p where p.id = any (p_ids) and p.status = 'published';
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

CREATE OR REPLACE FUNCTION app_private.end_group (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Secret and without members, it exists for nobody from here on, and neither does what is in it.
  update public.groups g set deleted_at = now(), visibility = 'secret', updated_at = now() where g.id = p_group and g.deleted_at is null;
  delete from app_private.group_links l where l.group_id = p_group;
  delete from app_private.group_requests r where r.group_id = p_group;
  delete from app_private.group_invitations i where i.group_id = p_group;
  delete from public.group_members m where m.group_id = p_group;
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

CREATE OR REPLACE FUNCTION app_private.fail_group_field (
  p_hint text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', p_hint);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_no_invitation()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(404, 'groups.invitation_not_found', 'There is no such invitation.', 'It may have been withdrawn, or its 30 days are over.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_no_link()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(404, 'groups.link_invalid', 'This link lets nobody in.', 'It is wrong, used up, revoked or over. Ask for another one.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_no_member()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(404, 'groups.member_not_found', 'This group has no such member.', 'Take an id from GET groups/:id/members.');
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

CREATE OR REPLACE FUNCTION app_private.feed_oracle (
  p_viewer    uuid,
  p_limit     integer,
  p_before    timestamp with time zone DEFAULT 'infinity'::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
)
  RETURNS TABLE (
    post_id      uuid,
    published_at timestamp with time zone,
    reason       text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, case when p.author_id = p_viewer then 'self' else 'followed' end
  from public.posts p
  where p.status = 'published' and p.group_id is null and (p.published_at, p.id) < (p_before, p_before_id)
    and app_private.can_view_post(p_viewer, p.id)
    and (p.author_id = p_viewer or exists (
      select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.author_id
    ))
    and not exists (
      select from public.mutes m
      where m.muter_id = p_viewer and m.muted_id = p.author_id and (m.until is null or m.until > now())
    )
  order by p.published_at desc, p.id desc
  limit p_limit;
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

CREATE OR REPLACE FUNCTION app_private.find_link (
  p_token text,
  p_user  uuid
)
  RETURNS app_private.group_links
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_link app_private.group_links;
begin
  select l.* into v_link from app_private.group_links l
  where l.token_hash = app_private.hash_of_token(p_token) and l.expires_at > now() and not app_private.is_banned(l.group_id, p_user);
  if not found then
    perform app_private.fail_no_link();
  end if;
  return v_link;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.follow_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_gone record;
begin
  -- First all heirs, then all seats, and each in one order: the order of locks that lock_membership tells of.
  for v_gone in
    select g.group_id from gone g join public.groups x on x.id = g.group_id and x.deleted_at is null
    where g.role = 'owner' order by g.group_id
  loop
    perform app_private.inherit_group(v_gone.group_id);
  end loop;
  for v_gone in
    select g.group_id, count(*)::int as seats from gone g join public.groups x on x.id = g.group_id and x.deleted_at is null
    group by g.group_id order by g.group_id
  loop
    perform app_private.return_seats(v_gone.group_id, v_gone.seats);
  end loop;
  return null;
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

CREATE OR REPLACE FUNCTION app_private.group_card (
  p_group uuid,
  p_at    timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_card public.group_card;
begin
  select g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
    app_private.members_count(g.id, g.member_cap), g.member_cap, app_private.role_in(g.id, v_me), g.created_at, g.updated_at,
    coalesce(p_at, g.created_at), null
  into v_card from public.groups g where g.id = p_group;
  v_card.my_status := case
    when v_card.my_role is not null then 'member'
    when app_private.is_invited(p_group, v_me) then 'invited'
    when exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = v_me) then 'requested'
    else 'none' end;
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.group_of (
  p     jsonb,
  p_old public.groups
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  g public.groups := p_old;
begin
  perform app_hidden.assert_fields(p, '{"name": "string", "description": "string", "visibility": "string", "category": "string",
    "avatar_url": "string", "cover_url": "string", "rules": "strings", "member_cap": "number"}', 'groups.field_invalid');
  if p ? 'name' then g.name := p ->> 'name'; end if;
  if p ? 'description' then g.description := p ->> 'description'; end if;
  if p ? 'visibility' then g.visibility := p ->> 'visibility'; end if;
  if p ? 'category' then g.category := p ->> 'category'; end if;
  if p ? 'avatar_url' then g.avatar_url := p ->> 'avatar_url'; end if;
  if p ? 'cover_url' then g.cover_url := p ->> 'cover_url'; end if;
  if p ? 'rules' then g.rules := array(select jsonb_array_elements_text(coalesce(nullif(p -> 'rules', 'null'), '[]'))); end if;
  if p ? 'member_cap' then
    g.member_cap := case when (p ->> 'member_cap')::numeric between 1 and 20000 and (p ->> 'member_cap')::numeric % 1 = 0
      then (p ->> 'member_cap')::numeric::int end;
  end if;
  return app_private.clean_group(g);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parent public.comments;
begin
  if tg_op = 'INSERT' then
    perform app_private.assert_oneself(new.author_id);
  end if;
  new.content := btrim(new.content, e' \t\r\n');
  if new.deleted_at is null and (new.content is null or length(new.content) not between 1 and 2000) then
    perform app_hidden.fail(422, 'comments.content_invalid', 'A comment has 1 to 2,000 characters.', 'Mend `content`.');
  end if;
  if tg_op = 'UPDATE' then
    if new.content is distinct from old.content and new.deleted_at is null then
      perform app_private.assert_may_edit(new);
      new.edited_at := now();
    end if;
    return new;
  end if;
  perform app_private.assert_calm('comments', new.author_id, 600, '1 hour');
  perform app_private.assert_post(new.author_id, new.post_id);
  if new.parent_id is not null then
    perform app_private.assert_comment(new.author_id, new.parent_id);
    select * into v_parent from public.comments c where c.id = new.parent_id;
    if v_parent.post_id <> new.post_id then
      perform app_hidden.fail(404, 'comments.not_found', 'The comment to answer stands under another post.', 'Send the post_id of the comment.');
    end if;
    -- One level: an answer to an answer joins the thread, and says in its words whom it answers.
    if v_parent.parent_id is not null then
      new.parent_id := v_parent.parent_id;
      -- Of an emptied one nobody learns whose it was.
      if app_hidden.is_blocked_pair(new.author_id, (
        select c.author_id from public.comments c where c.id = v_parent.parent_id and c.deleted_at is null
      )) then
        perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
      end if;
    end if;
  end if;
  if not app_private.can_comment(new.author_id, new.post_id) then
    perform app_hidden.fail(403, 'posts.comments_not_allowed', 'You may not comment on this post.', 'Its author decides who may; can_comment of a post says whether you do.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_new boolean := tg_op = 'INSERT';
  v_was text := case when tg_op = 'UPDATE' then old.status else 'draft' end;
begin
  if v_is_new then
    perform app_private.assert_oneself(new.author_id);
    perform app_private.assert_calm('posts', new.author_id, 120, '1 hour');
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  if v_is_new and new.group_id is not null and new.visibility = 'public' then
    new.visibility := 'group'; -- nobody said otherwise
  end if;
  perform app_private.assert_post_fields(new);
  if new.group_id is not null and (v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published')) then
    perform app_private.assert_may(new.author_id, new.group_id, 'post');
  end if;
  if new.group_id is not null and not v_is_new and (new.pinned_at is null) <> (old.pinned_at is null) and auth.uid() is not null then
    perform app_private.assert_may(auth.uid(), new.group_id, 'moderate_posts');
  end if;
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_addresses(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send addresses that begin with https:// or http://, up to 2048 characters.');
  end if;

  if new.status <> 'scheduled' then
    new.scheduled_for := null;
  elsif new.scheduled_for is null or ((v_is_new or new.scheduled_for is distinct from old.scheduled_for)
    and new.scheduled_for not between now() and now() + interval '1 year') then
    perform app_hidden.fail(422, 'posts.schedule_invalid', 'A post is scheduled for a time to come, within a year.', 'Send `scheduled_for` as a time in the future.');
  end if;
  if v_was in ('published', 'removed') and new.status in ('draft', 'scheduled') then
    perform app_hidden.fail(409, 'posts.already_published', 'A published post does not become a draft again.', 'Make it private, or delete it.');
  end if;

  if new.type <> 'share' then
    if new.status in ('scheduled', 'published') then
      perform app_private.assert_complete(new);
    end if;
  elsif v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published') then
    new.shared_post_id := app_private.shared_original(new.id, new.author_id, new.shared_post_id, new.content is null);
  end if;

  case new.status
    when 'published' then new.published_at := coalesce(case when v_is_new then new.published_at else old.published_at end, now());
    when 'removed' then null; -- keeps its time, in case it comes back
    else new.published_at := null;
  end case;
  if not v_is_new then
    perform app_private.assert_edit(old, new);
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id, new.group_id);
    new.pinned_at := now();
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_report()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_accused uuid;
begin
  perform app_private.assert_oneself(new.reporter_id);
  perform app_private.assert_report(new);
  if new.post_id is not null then
    perform app_private.assert_post(new.reporter_id, new.post_id);
    select p.author_id, concat_ws(e'\n', p.content, nullif(array_to_string(p.media_urls, e'\n'), ''),
        (select string_agg('- ' || o.label, e'\n' order by o.position) from public.poll_options o where o.post_id = p.id))
      into v_accused, new.excerpt
    from public.posts p where p.id = new.post_id;
  elsif new.comment_id is not null then
    v_accused := app_private.assert_comment(new.reporter_id, new.comment_id);
    select c.content into new.excerpt from public.comments c where c.id = new.comment_id;
  else
    v_accused := new.profile_id;
    if not app_private.can_view_profile(new.reporter_id, new.profile_id) then
      perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
    end if;
    select concat_ws(e'\n', p.username, p.full_name, p.bio, p.avatar_url) into new.excerpt from public.profiles p where p.id = new.profile_id;
  end if;
  if v_accused = new.reporter_id then
    perform app_hidden.fail(422, 'reports.of_oneself', 'Nobody reports themselves.', 'Delete what is yours.');
  end if;
  new.accused_id := v_accused;
  new.subject_kind := case when new.post_id is not null then 'post' when new.comment_id is not null then 'comment' else 'profile' end;
  new.subject_id := coalesce(new.post_id, new.comment_id, new.profile_id);
  -- The second of two at once finds out here too.
  perform pg_advisory_xact_lock(hashtextextended('report ' || new.reporter_id || new.subject_id, 0));
  if exists (select from public.reports r where r.reporter_id = new.reporter_id and r.subject_id = new.subject_id) then
    perform app_hidden.fail(409, 'reports.already_reported', 'You have reported this.', 'The moderators will look at it.');
  end if;
  perform app_private.assert_calm('reports', new.reporter_id, 60, '1 day');
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hash_of_token (
  p_token text
)
  RETURNS bytea
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return sha256(convert_to(left(p_token, 200), 'utf8'));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_from (
  p_viewer uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select b.blocked_id from public.blocks b where b.blocker_id = p_viewer
    union all
    select b.blocker_id from public.blocks b where b.blocked_id = p_viewer
  );
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

CREATE OR REPLACE FUNCTION app_private.index_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_group uuid := (select p.group_id from public.posts p where p.id = new.post_id);
begin
  if tg_op = 'UPDATE' then
    delete from public.comment_mentions m
    where m.comment_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content, v_group));
  end if;
  insert into public.comment_mentions (comment_id, user_id)
  select new.id, u from app_private.mentioned_in(new.author_id, new.content, v_group) u
  on conflict do nothing;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.index_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'UPDATE' then
    if old.status = 'published' and new.status = 'published' and app_private.reads_otherwise(old, new) then
      insert into public.post_edits (post_id, content, media_urls, location, tags, visibility)
      values (old.id, old.content, old.media_urls, old.location, old.tags, old.visibility);
    end if;
    if (old.tags, old.status, old.visibility) is distinct from (new.tags, new.status, new.visibility) then
      delete from public.post_tags t where t.post_id = new.id;
    end if;
  end if;
  -- The page of a tag is for others to find what they may read; a post in a group is found in its group.
  if app_private.is_counted(new.status, new.visibility)
    and (tg_op = 'INSERT' or (old.tags, old.status, old.visibility) is distinct from (new.tags, new.status, new.visibility)) then
    insert into public.post_tags (tag, published_at, post_id, author_id)
    select t, new.published_at, new.id, new.author_id from unnest(new.tags) t;
  end if;
  -- Again when it is published: a setting may have changed since the draft.
  if tg_op = 'INSERT' or (old.content, old.status) is distinct from (new.content, new.status) then
    if tg_op = 'UPDATE' then
      delete from public.post_mentions m
      where m.post_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content, new.group_id));
    end if;
    insert into public.post_mentions (post_id, user_id)
    select new.id, u from app_private.mentioned_in(new.author_id, new.content, new.group_id) u
    on conflict do nothing;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.inherit_group (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_heir uuid;
begin
  -- Whoever joins at this moment is waited for, and may inherit.
  perform from public.groups g where g.id = p_group and g.deleted_at is null for no key update;
  if not found or exists (select from public.group_members m where m.group_id = p_group and m.role = 'owner') then
    return;
  end if;
  loop
    -- Not who is just being removed or deleted, as long as there is somebody else: two accounts that are deleted at once would wait
    -- for each other.
    select m.user_id into v_heir from public.group_members m where m.group_id = p_group
    order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1 for no key update skip locked;
    if not found then
      select m.user_id into v_heir from public.group_members m where m.group_id = p_group
      order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1 for no key update;
    end if;
    if v_heir is null then
      exit when not exists (select from public.group_members m where m.group_id = p_group);
    else
      update public.group_members m set role = 'owner' where m.group_id = p_group and m.user_id = v_heir;
      perform app_private.note_in_log(p_group, 'owner_changed', v_heir);
      return;
    end if;
  end loop;
  perform app_private.end_group(p_group);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_banned (
  p_group uuid,
  p_user  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user and (b.until is null or b.until > now())
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_counted (
  p_status     text,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_status = 'published' and p_visibility in ('public', 'friends');
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

CREATE OR REPLACE FUNCTION app_private.is_invited (
  p_group uuid,
  p_user  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user and i.expires_at > now()
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_let_comment (
  p_viewer          uuid,
  p_author          uuid,
  p_post            uuid,
  p_who_can_comment text,
  p_reply_control   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when 'nobody' in (p_who_can_comment, p_reply_control) then false
    when 'friends' in (p_who_can_comment, p_reply_control)
      and not exists (select from public.follows f where f.follower_id = p_author and f.followee_id = p_viewer) then false
    when (p_who_can_comment <> 'everyone' or p_reply_control in ('followers', 'friends'))
      and not exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author) then false
    when p_reply_control = 'mentioned' then exists (select from public.post_mentions m where m.post_id = p_post and m.user_id = p_viewer)
    else true end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_author_card()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.author_cards (user_id, card, is_private, who_can_comment)
  values (
    new.id,
    jsonb_build_object('id', new.id, 'username', new.username::text, 'full_name', new.full_name, 'avatar_url', new.avatar_url,
      'is_verified', new.is_verified, 'verification_level', new.verification_level),
    new.is_private,
    coalesce((select s.privacy_settings ->> 'who_can_comment' from public.account_settings s where s.user_id = new.id), 'everyone'))
  on conflict (user_id) do update set card = excluded.card, is_private = excluded.is_private;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_author_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.author_cards c set who_can_comment = coalesce(new.privacy_settings ->> 'who_can_comment', 'everyone')
  where c.user_id = new.user_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_seats()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_left int;
begin
  if tg_op = 'DELETE' then
    delete from app_private.group_seats s where s.group_id = old.id;
  elsif tg_op = 'INSERT' then
    insert into app_private.group_seats (group_id, free) values (new.id, new.member_cap);
  elsif new.member_cap > old.member_cap then
    perform app_private.return_seats(new.id, new.member_cap - old.member_cap);
  else
    -- Whoever joins at this moment is waited for, and then all seats are one row again.
    perform from app_private.group_seats s where s.group_id = new.id order by s.id for no key update;
    select coalesce(sum(s.free), 0) + new.member_cap - old.member_cap into v_left
    from app_private.group_seats s where s.group_id = new.id;
    if v_left < 0 then
      perform app_hidden.fail(409, 'groups.cap_too_low', 'This group has more members than that.', 'Send a `member_cap` of at least `members_count`.');
    end if;
    delete from app_private.group_seats s where s.group_id = new.id;
    insert into app_private.group_seats (group_id, free) values (new.id, v_left);
  end if;
  return null;
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

CREATE OR REPLACE FUNCTION app_private.least_role_for (
  p_action text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_action
    when 'delete' then 'owner'
    when 'transfer' then 'owner'
    when 'change_access' then 'owner'
    when 'update' then 'admin'
    when 'set_role' then 'admin'
    when 'manage_links' then 'admin'
    when 'remove_member' then 'moderator'
    when 'ban' then 'moderator'
    when 'decide_requests' then 'moderator'
    when 'invite' then 'moderator'
    when 'moderate_posts' then 'moderator'
    when 'read_log' then 'moderator'
    when 'post' then 'member'
    when 'list_members' then 'member'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_group public.groups;
begin
  -- Seen first, so that nobody waits for what does not exist for them.
  perform app_private.assert_group(p_viewer, p_group);
  select * into v_group from public.groups g where g.id = p_group for share;
  perform app_private.assert_group(p_viewer, p_group);
  return v_group;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_membership (
  p_group uuid,
  p_user  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Before anything else is held: who is being deleted holds the profile, and wants what this would hold.
  perform from public.profiles p where p.id = p_user for key share;
  perform pg_advisory_xact_lock(hashtextextended(format('group %s member %s', p_group, p_user), 0));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_target (
  p_actor  uuid,
  p_group  uuid,
  p_target uuid,
  p_action text,
  p_over   boolean DEFAULT true
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_role text;
  v_target_role text;
begin
  perform app_private.assert_may(p_actor, p_group, p_action);
  perform app_private.lock_membership(p_group, p_target);
  perform app_private.lock_group(p_actor, p_group);
  v_role := app_private.assert_may(p_actor, p_group, p_action);
  select m.role into v_target_role from public.group_members m
  where m.group_id = p_group and m.user_id = p_target for no key update;
  if p_over then
    perform app_private.assert_outranks(v_role, v_target_role);
  end if;
  return v_target_role;
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

CREATE OR REPLACE FUNCTION app_private.members_count (
  p_group uuid,
  p_cap   integer
)
  RETURNS integer
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_cap - coalesce((select sum(s.free) from app_private.group_seats s where s.group_id = p_group), 0)::int;
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

CREATE OR REPLACE FUNCTION app_private.membership (
  p_group  uuid,
  p_user   uuid,
  p_status text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'status', p_status);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mentioned_in (
  p_author  uuid,
  p_content text,
  p_group   uuid
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_content is null or strpos(p_content, '@') = 0 then
    return;
  end if;
  return query
  select p.id
  from (
    select distinct lower(m[1]) as username
    from regexp_matches(p_content, '(?<![[:alnum:]_.@/])@([a-z0-9][a-z0-9._]{1,28}[a-z0-9])(?![[:alnum:]_])', 'gi') r (m)
    limit 30
  ) named
  join public.profiles p on p.username operator(extensions.=) named.username::extensions.citext
  where app_private.may_reach(p_author, p.id, 'who_can_mention')
    and (p_group is null or app_private.can_read_group(p.id, p_group)); -- nobody else is told that there is such a group
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

CREATE OR REPLACE FUNCTION app_private.mentions_of (
  p_post   uuid,
  p_hidden uuid[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username::text) order by u.username), '[]')
    from public.post_mentions m join public.profiles u on u.id = m.user_id
    where m.post_id = p_post and m.user_id <> all (p_hidden)
  );
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

CREATE OR REPLACE FUNCTION app_private.name_card (
  p_viewer uuid,
  p_user   uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url)
    from public.profiles p where p.id = p_user and app_private.can_view_profile(p_viewer, p.id)
  );
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

CREATE OR REPLACE FUNCTION app_private.note_in_log (
  p_group   uuid,
  p_action  text,
  p_target  uuid  DEFAULT NULL::uuid,
  p_details jsonb DEFAULT '{}'::jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.group_log (group_id, actor_id, action, target_id, details)
  values (p_group, app_private.acting_person(), p_action, p_target, p_details);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    insert into app_private.feed_tasks (kind, author_id, post_id, published_at)
    select 'drop', c.author_id, c.id, c.published_at from changed c where c.published_at is not null and c.group_id is null;
    return null;
  end if;
  -- The author's own inbox has it at once.
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select c.author_id, c.published_at, c.id, c.author_id
  from changed c join public.feed_state s on s.user_id = c.author_id and s.complete_since <= c.published_at
  where c.status = 'published' and c.group_id is null
  on conflict do nothing;
  insert into app_private.feed_tasks (kind, author_id, post_id) select 'push', c.author_id, c.id from changed c where c.status = 'published' and c.group_id is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.older_feed_ids (
  p_user      uuid,
  p_limit     integer,
  p_before    timestamp with time zone,
  p_before_id uuid
)
  RETURNS TABLE (
    ids     uuid[],
    authors uuid[],
    last_at timestamp with time zone,
    more    boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_muted uuid[] := app_private.muted_by(p_user);
  v_window interval;
  v_from timestamptz;
  v_page record;
  v_room int := p_limit;
begin
  ids := '{}';
  authors := '{}';
  foreach v_window in array array['4 days', '30 days', '200 days', null]::interval[] loop
    -- A cursor from long before there were posts would leave the range of timestamps.
    v_from := case when v_window is null or p_before < '1970-01-01' then '-infinity' else least(p_before, now()) - v_window end;
    select array_agg(p.post_id order by p.published_at desc, p.post_id desc) as ids,
      array_agg(p.author_id) as authors, count(*)::int as count, min(p.published_at) as last_at
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room, v_muted) p;
    ids := ids || v_page.ids;
    authors := authors || v_page.authors;
    last_at := coalesce(v_page.last_at, last_at);
    v_room := v_room - v_page.count;
    exit when v_room = 0 or v_from = '-infinity';
    p_before := v_from;
    p_before_id := '00000000-0000-0000-0000-000000000000';
  end loop;
  more := v_room = 0;
  return next;
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

CREATE OR REPLACE FUNCTION app_private.part_inviters()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from app_private.group_invitations i using added a
  where (i.invited_by, i.user_id) in ((a.blocker_id, a.blocked_id), (a.blocked_id, a.blocker_id));
  return null;
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

CREATE OR REPLACE FUNCTION app_private.post_in_group (
  p_actor uuid,
  p_group uuid,
  p_post  uuid
)
  RETURNS public.posts
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  perform app_private.assert_may(p_actor, p_group, 'moderate_posts');
  perform app_private.lock_group(p_actor, p_group);
  perform app_private.assert_may(p_actor, p_group, 'moderate_posts');
  -- Also of an author hidden from the caller by a block: nobody keeps a group from tidying up.
  select * into v_post from public.posts p where p.id = p_post and p.group_id = p_group and p.status = 'published' for no key update;
  if not found then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  return v_post;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.post_transaction (
  p_actor           uuid,
  p_idempotency_key text,
  p_request_hash    bytea,
  p_recipient       text,
  p_amount          text,
  p_currency        text,
  p_description     text,
  p_category        text
)
  RETURNS TABLE (
    replayed boolean,
    status   integer,
    body     jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
#variable_conflict use_variable
declare
  v_to uuid := case when p_recipient like '________-____-____-____-____________' and pg_input_is_valid(p_recipient, 'uuid') then p_recipient::uuid
    else ledger.find_person(p_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_today date := v_now::date;
  v_hour timestamptz := date_trunc('hour', v_now);
  v_amount bigint;
  v_lines text[];
  w record;
  v_payer bigint;
  v_payer_seq bigint;
  v_balance bigint;
  v_payer_hash bytea;
  v_payee_seq bigint;
  v_payee_balance bigint;
  v_payee_hash bytea;
begin
  -- What is there, in one look; nothing, when anything stands in the way.
  select c.exponent, ('1e-' || c.exponent)::numeric as unit, c.max_transfer_minor, c.max_day_minor, c.max_hour_count, b.id as payee, p.username::text as username,
    9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0) as fits
  into w
  from ledger.currencies c
  join ledger.accounts b on b.owner = v_to and b.currency = p_currency and b.purpose = 'available'
  join public.profiles p on p.id = v_to
  where c.code = p_currency and v_to <> p_actor and b.closed_at is null and not b.frozen_in
    and not exists (select from ledger.fee_rules f where f.currency = p_currency and f.kind = 'transfer')
    and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
    and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_idempotency_key);

  v_amount := ledger.plain_amount(p_amount, w.exponent);
  if v_amount <= w.fits then
    v_lines := ledger.lines(v_id, 'transfer', p_currency, v_amount, v_now, p_actor, v_to, p_category, p_description);
    update ledger.accounts a set
      balance_minor = a.balance_minor - v_amount,
      seq = a.seq + 1,
      chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_lines[1]), 'UTF8')),
      day = greatest(a.day, v_today), -- who waited for the lock over midnight does not turn the day back
      day_minor = case when a.day >= v_today then a.day_minor + v_amount else v_amount end,
      hour = greatest(a.hour, v_hour),
      hour_count = case when a.hour >= v_hour then a.hour_count + 1 else 1 end,
      updated_at = v_now
    where a.owner = p_actor and a.currency = p_currency and a.purpose = 'available'
      and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
      and v_amount <= coalesce(a.max_transfer_minor, w.max_transfer_minor, v_amount)
      and case when a.day >= v_today then a.day_minor else 0 end + v_amount <= coalesce(a.max_day_minor, w.max_day_minor, 9223372036854775807)
      and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, w.max_hour_count, 2147483647)
    returning a.id, a.seq, a.balance_minor, a.chain_head into v_payer, v_payer_seq, v_balance, v_payer_hash;
  end if;
  if v_payer is null then
    return query select true, k.status, k.body from app_private.idempotency_keys k
    where k.owner = p_actor and k.key = p_idempotency_key and k.operation = 'wallet.transaction' and k.request_hash = p_request_hash
      and k.status is not null and k.claimed_at > now() - interval '24 hours';
    if found then
      return;
    end if;
    perform ledger.lock_for_transfer(p_actor, v_to, p_currency);
    return query select r.replayed, r.status, r.body from ledger.run_command(p_actor, p_idempotency_key, p_request_hash, 'transaction',
      jsonb_build_object('recipient', p_recipient, 'amount', p_amount, 'currency', p_currency, 'description', p_description,
        'category', p_category)) r;
    return;
  end if;

  update ledger.accounts b set
    balance_minor = b.balance_minor + v_amount,
    earned_minor = b.earned_minor + v_amount,
    seq = b.seq + 1,
    chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_lines[2]), 'UTF8')),
    updated_at = v_now
  where b.id = (select x.id from ledger.accounts x where x.id = w.payee for no key update skip locked)
  returning b.seq, b.balance_minor, b.chain_head into v_payee_seq, v_payee_balance, v_payee_hash;
  if v_payee_seq is null then
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_id, p_actor, 'available', 'transfer', p_currency, -v_amount, v_balance,
      v_to, p_description, p_category, v_now, v_payer_hash);
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    values (w.payee, v_id, v_to, 'available', 'transfer', p_currency, v_amount, p_actor, p_description, p_category, v_now);
  else
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_id, p_actor, 'available', 'transfer', p_currency, -v_amount, v_balance,
      v_to, p_description, p_category, v_now, v_payer_hash),
      (w.payee, v_payee_seq, v_id, v_to, 'available', 'transfer', p_currency, v_amount, v_payee_balance,
      p_actor, p_description, p_category, v_now, v_payee_hash);
  end if;
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (v_id, 'transfer', p_currency, v_amount, p_actor, v_to, array[v_payer, w.payee], array[-v_amount, v_amount],
    array[v_payer_seq, coalesce(v_payee_seq, 0)], p_description, p_category, v_now);

  replayed := false;
  status := 201;
  body := jsonb_build_object('id', v_id, 'user_id', p_actor, 'type', 'expense',
    'amount', (v_amount * w.unit)::text, 'currency', p_currency, 'description', p_description,
    'category', p_category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', v_to,
    'counterparty_username', w.username, 'balance_after', (v_balance * w.unit)::text,
    'created_at', v_now);
  if p_idempotency_key is not null then
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    values (p_actor, p_idempotency_key, 'wallet.transaction', p_request_hash, 201, body)
    on conflict do nothing;
    if not found then
      perform ledger.refuse_twin();
    end if;
  end if;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_groups (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_limit int := least(greatest(p_limit, 1), 10000);
  v_count int := 0;
  v_rows int;
begin
  delete from app_private.group_links x where x.id in (
    select l.id from app_private.group_links l where l.expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_invitations x where (x.group_id, x.user_id) in (
    select i.group_id, i.user_id from app_private.group_invitations i where i.expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_bans x where (x.group_id, x.user_id) in (
    select b.group_id, b.user_id from app_private.group_bans b where b.until <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_log x where x.id in (
    select l.id from app_private.group_log l where l.created_at <= now() - interval '1 year' limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_posts (
  p_user      uuid,
  p_from      timestamp with time zone,
  p_before    timestamp with time zone,
  p_before_id uuid,
  p_limit     integer,
  p_without   uuid[]                   DEFAULT '{}'::uuid[]
)
  RETURNS TABLE (
    post_id      uuid,
    published_at timestamp with time zone,
    author_id    uuid
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  SET jit TO 'off'
  AS $function$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, a.author_id
  from (
    select f.followee_id as author_id from public.follows f where f.follower_id = p_user and f.followee_id <> all (p_without)
    union all
    select p_user
  ) a
  -- One probe of the index for each author, newest first, however many posts there are in all.
  cross join lateral (
    select q.id, q.published_at from public.posts q
    where q.author_id = a.author_id and q.status = 'published' and q.group_id is null
      and q.published_at >= p_from and (q.published_at, q.id) < (p_before, p_before_id)
      and case q.visibility
        when 'public' then true
        when 'friends' then a.author_id = p_user
          or exists (select from public.follows f where f.follower_id = a.author_id and f.followee_id = p_user)
        else a.author_id = p_user
      end
    order by q.published_at desc, q.id desc
    limit p_limit
  ) p
  order by p.published_at desc, p.id desc
  limit p_limit;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.purge_groups (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_group uuid;
  v_count int;
begin
  select g.id into v_group from public.groups g where g.deleted_at is not null order by g.deleted_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  delete from public.posts x where x.id in (
    select p.id from public.posts p where p.group_id = v_group limit least(greatest(p_limit, 1), 1000));
  get diagnostics v_count = row_count;
  if v_count = 0 then
    delete from public.groups g where g.id = v_group;
    v_count := 1;
  end if;
  return v_count;
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

CREATE OR REPLACE FUNCTION app_private.push_post (
  p_post  uuid,
  p_after uuid,
  p_limit integer
)
  RETURNS TABLE (
    next_after uuid,
    pushed     uuid[]
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post and p.status = 'published' and p.group_id is null;
  if not found then
    return; -- deleted or taken down meanwhile
  end if;
  return query
  with followers as materialized (
    select f.follower_id from public.follows f
    where f.followee_id = v_post.author_id and not f.is_pulled
      and f.follower_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      and v_post.visibility <> 'private'
    order by f.follower_id
    limit p_limit
  ), readers as materialized (
    select s.user_id
    from (select f.follower_id from followers f union all select v_post.author_id where p_after is null) f
    join public.feed_state s on s.user_id = f.follower_id
    where s.read_at > now() - interval '31 days' and s.complete_since <= v_post.published_at
      and (v_post.visibility <> 'friends' or f.follower_id = v_post.author_id or exists (
        select from public.follows b where b.follower_id = v_post.author_id and b.followee_id = f.follower_id
      ))
  ), stored as (
    insert into public.feed_inbox (user_id, published_at, post_id, author_id)
    select r.user_id, v_post.published_at, v_post.id, v_post.author_id from readers r order by r.user_id
    on conflict do nothing
  )
  select
    (select f.follower_id from followers f order by f.follower_id offset greatest(p_limit - 1, 0)),
    (select coalesce(array_agg(r.user_id), '{}') from readers r);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.rank_of (
  p_role text
)
  RETURNS integer
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_role when 'owner' then 4 when 'admin' then 3 when 'moderator' then 2 when 'member' then 1 else 0 end;
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

CREATE OR REPLACE FUNCTION app_private.return_seats (
  p_group uuid,
  p_seats integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Never waits, so that an account that leaves many groups at once cannot end in a deadlock.
  update app_private.group_seats s set free = s.free + p_seats
  where s.id = (
    select f.id from app_private.group_seats f where f.group_id = p_group limit 1 for no key update skip locked
  );
  if not found then
    insert into app_private.group_seats (group_id, free) values (p_group, p_seats);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.role_in (
  p_group uuid,
  p_user  uuid
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select m.role from public.group_members m where m.group_id = p_group and m.user_id = p_user);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.search_candidates (
  p_viewer uuid,
  p_query  text
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_end text := p_query || chr(1114111); -- behind everything that begins with the query
  v_part text := '%' || regexp_replace(p_query, '([\\%_])', '\\\1', 'g') || '%';
  v_usernames int;
  v_names int;
begin
  return query
  select p.id from public.profiles p where p.username operator(extensions.=) p_query::extensions.citext;
  return query
  select p.id from public.profiles p
  where p.username::text ~>=~ p_query and p.username::text ~<~ v_end order by p.username::text using ~<~ limit 500;
  get diagnostics v_usernames = row_count;
  return query
  select p.id from public.profiles p
  where app_hidden.plain_name(p.full_name) ~>=~ p_query and app_hidden.plain_name(p.full_name) ~<~ v_end
  order by app_hidden.plain_name(p.full_name) using ~<~ limit 500;
  get diagnostics v_names = row_count;

  if greatest(v_usernames, v_names) = 500 then
    return query
    select p.id from public.follows f join public.profiles p on p.id = f.followee_id
    where f.follower_id = p_viewer and (starts_with(p.username::text, p_query) or starts_with(app_hidden.plain_name(p.full_name), p_query));
  elsif length(p_query) >= 3 then -- two letters are in too many names
    -- Half of the trigrams, so that one letter too many or too few in a short name is no more than a slip.
    perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
    return query
    select p.id from public.profiles p
    where p.username::text like v_part or p.username::text operator(extensions.%>) p_query limit 500;
    return query select p.id from public.profiles p where app_hidden.plain_name(p.full_name) like v_part limit 500;
    get diagnostics v_names = row_count;
    if v_names < 500 then
      return query select p.id from public.profiles p where app_hidden.plain_name(p.full_name) operator(extensions.%>) p_query limit 500;
    end if;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.seat_member()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.take_seat(new.group_id);
  return null;
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

CREATE OR REPLACE FUNCTION app_private.shared_cards (
  p_viewer uuid,
  p_ids    uuid[]
)
  RETURNS TABLE (
    id   uuid,
    card jsonb
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  if p_ids is not null then
    return query select c.id, to_jsonb(c) - 'shared_post' from app_private.cards_of(p_viewer, p_ids) c where c.status = 'published';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shared_original (
  p_share    uuid,
  p_author   uuid,
  p_post     uuid,
  p_is_plain boolean
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post;
  -- A share of a share shares what that one shares, so that there is one original and no chain.
  if v_post.type = 'share' then
    perform app_private.assert_post(p_author, p_post);
    select * into v_post from public.posts p where p.id = v_post.shared_post_id;
  end if;
  perform app_private.assert_post(p_author, v_post.id);
  if v_post.status <> 'published' or v_post.visibility in ('private', 'group') or not v_post.shares_allowed then
    perform app_hidden.fail(403, 'posts.shares_not_allowed', 'This post is not to be shared.', 'Share posts with `shares_allowed` that others may read.');
  end if;
  if p_is_plain then
    -- The second of two at once finds out here too, and not from the unique index.
    perform pg_advisory_xact_lock(hashtextextended('posts.share ' || p_author || v_post.id, 0));
    if exists (
      select from public.posts p
      where p.author_id = p_author and p.shared_post_id = v_post.id and p.type = 'share' and p.content is null and p.id <> p_share
    ) then
      perform app_hidden.fail(409, 'posts.already_shared', 'You have shared this post.', 'Share it again with words of your own.');
    end if;
  end if;
  return v_post.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_profile_counts (
  p_viewer uuid,
  p_user   uuid
)
  RETURNS TABLE (
    followers_count bigint,
    following_count bigint,
    posts_count     bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_hidden uuid[] := app_private.hidden_from(p_viewer);
begin
  if v_hidden <> '{}' and not app_private.can_view_lists(p_viewer, p_user) then
    v_hidden := '{}'; -- whoever blocks somebody would learn by the count whether they are in a list that is not shown
  end if;
  return query
  with pending as (
    select coalesce(sum(d.delta) filter (where d.counter = 'followers_count'), 0)::bigint as followers,
      coalesce(sum(d.delta) filter (where d.counter = 'following_count'), 0)::bigint as following,
      coalesce(sum(d.delta) filter (where d.counter = 'posts_count'), 0)::bigint as posts
    from app_private.count_deltas d where d.target = p_user
  ), hidden as (
    -- Nearly nobody blocks or is blocked, and then these cost nothing.
    select count(*) filter (where h.way = 'in') as followers, count(*) filter (where h.way = 'out') as following
    from (
      select 'in' as way from public.follows f where f.followee_id = p_user and f.follower_id = any (v_hidden)
      union all
      select 'out' from public.follows f where f.follower_id = p_user and f.followee_id = any (v_hidden)
    ) h
  )
  select c.followers_count + d.followers - h.followers, c.following_count + d.following - h.following, c.posts_count + d.posts
  from public.profile_counts c, pending d, hidden h where c.user_id = p_user;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.take_seat (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_seat bigint;
  v_free int;
begin
  begin
    update app_private.group_seats s set free = s.free - 1
    where s.id = (
      select f.id from app_private.group_seats f where f.group_id = p_group and f.free > 0
      limit 1 for no key update skip locked
    );
    if found then
      return;
    end if;
    raise sqlstate 'AS001';
  exception when sqlstate 'AS001' then
    null; -- a row that had just been emptied is locked by now: with the subtransaction that lock goes, too
  end;
  -- Others hold all of them. Only one at a time waits for rows: two who did would hold rows that the other waits for. Whoever holds a
  -- row without waiting in this queue waits for nothing more.
  perform pg_advisory_xact_lock(hashtextextended(format('group %s seats', p_group), 0));
  select s.id, s.free into v_seat, v_free from app_private.group_seats s
  where s.group_id = p_group and s.free > 0 order by s.free desc limit 1 for no key update;
  if not found then
    -- The last ones. Everybody who is at them is waited for, and what they leave is seen by the next statement.
    perform from app_private.group_seats s where s.group_id = p_group for no key update;
    select s.id, s.free into v_seat, v_free from app_private.group_seats s
    where s.group_id = p_group and s.free > 0 limit 1 for no key update;
  end if;
  if v_seat is null then
    perform app_hidden.fail(409, 'groups.full', 'This group has as many members as it takes.', 'Ask again when somebody has left.');
  end if;
  if v_free > 32 and (select count(*) from app_private.group_seats s where s.group_id = p_group) < 16 then
    -- Somebody had to wait here, so the next two need not.
    insert into app_private.group_seats (group_id, free) values (p_group, v_free / 2);
    v_free := v_free - v_free / 2;
  end if;
  update app_private.group_seats s set free = v_free - 1 where s.id = v_seat;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.take_use (
  p_link uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  for v_round in 1..3 loop
    delete from app_private.group_links l where l.id = p_link and l.uses_left = 1 and l.expires_at > now();
    if found then
      return true;
    end if;
    update app_private.group_links l set uses_left = l.uses_left - 1 where l.id = p_link and l.uses_left > 1 and l.expires_at > now();
    if found then
      return true;
    end if;
    -- Held, so that nobody revokes it meanwhile.
    perform from app_private.group_links l where l.id = p_link and l.uses_left is null and l.expires_at > now() for share;
    if found then
      return true;
    end if;
    -- Gone, or another one has just left it its last use: once more.
  end loop;
  return false;
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

CREATE OR REPLACE FUNCTION app_private.tell_group_ban()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op <> 'DELETE' then
    perform app_private.emit_event('group.banned', app_private.acting_person(),
      jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'until', new.until));
  elsif coalesce(old.until > now(), true) -- not of one that was over
    and exists (select from public.groups g where g.id = old.group_id and g.deleted_at is null)
    and exists (select from public.profiles p where p.id = old.user_id) then
    perform app_private.emit_event('group.unbanned', app_private.acting_person(),
      jsonb_build_object('group_id', old.group_id, 'user_id', old.user_id));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_invitation()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('group.invited', new.invited_by,
    jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'expires_at', new.expires_at));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_members()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'group.member_joined', coalesce(app_private.acting_person(), a.user_id),
      jsonb_build_object('group_id', a.group_id, 'user_id', a.user_id, 'role', a.role)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), case when app_private.acting_person() = g.user_id then 'group.member_left' else 'group.member_removed' end,
      app_private.acting_person(), jsonb_build_object('group_id', g.group_id, 'user_id', g.user_id, 'role', g.role)
    from gone g
    where exists (select from public.groups x where x.id = g.group_id and x.deleted_at is null)
      and exists (select from public.profiles p where p.id = g.user_id);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_request()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('group.join_requested', new.user_id, jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_role()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('group.role_changed', app_private.acting_person(),
    jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'old_role', old.role, 'role', new.role));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_groups()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_changed jsonb;
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('group.created', new.created_by,
      jsonb_build_object('group_id', new.id, 'owner_id', new.created_by, 'visibility', new.visibility));
    return null;
  elsif new.deleted_at is not null then
    if old.deleted_at is null then
      perform app_private.emit_event('group.deleted', app_private.acting_person(), jsonb_build_object('group_id', new.id));
    end if;
    return null;
  end if;
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(to_jsonb(new) - 'updated_at') n where n.value is distinct from to_jsonb(old) -> n.key;
  if v_changed is not null and v_changed <> '["created_by"]' then
    perform app_private.emit_event('group.updated', app_private.acting_person(),
      jsonb_build_object('group_id', new.id, 'visibility', new.visibility, 'changed', v_changed));
  end if;
  return null;
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

CREATE OR REPLACE FUNCTION app_private.uuid_v7()
  RETURNS uuid
  LANGUAGE plpgsql
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  -- Milliseconds in 12 digits, the version, and what a version 4 has behind its own: the variant and random bits.
  return (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid;
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

CREATE OR REPLACE FUNCTION ledger.assert_hold()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.kind in ('hold', 'withdrawal') and new.state in ('open', 'captured', 'voided', 'expired')
    and new.amount_minor > 0 and new.captured_minor between 0 and new.amount_minor and new.fee_minor >= 0 then
    return null;
  end if;
  raise exception 'hold % is of no known kind or state, or its amounts cannot be', new.id using errcode = 'check_violation';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_posted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  -- Nearly all are two legs of one amount, first what leaves, booked as the entries that
  -- the transfer names by their keys, or the second one queued.
  perform ledger.assert_legs(t.id, t.amount_minor, t.accounts, t.amounts, t.seqs, t.description, t.category)
  from added t
  where (t.amount_minor > 0 and t.amounts = array[-t.amount_minor, t.amount_minor] and cardinality(t.accounts) = 2 and cardinality(t.seqs) = 2
    and length(t.description) <= 1000 is not false and length(t.category) <= 100 is not false
    and exists (select from ledger.entries e
      where e.account_id = t.accounts[1] and e.seq = t.seqs[1] and e.transfer_id = t.id and e.amount_minor = -t.amount_minor)
    and case when t.seqs[2] = 0
      then exists (select from ledger.queued_entries q
        where q.account_id = t.accounts[2] and q.transfer_id = t.id and q.amount_minor = t.amount_minor)
      else exists (select from ledger.entries e
        where e.account_id = t.accounts[2] and e.seq = t.seqs[2] and e.transfer_id = t.id and e.amount_minor = t.amount_minor) end) is not true;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.book_items (
  p_items ledger.item[]
)
  RETURNS TABLE (
    ord  integer,
    body jsonb
  )
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  SET lock_timeout TO '1s'
  AS $function$
#variable_conflict use_column
declare
  v_payers bigint[];
  v_free bigint[];
  v_asked int;
  v_kept int;
begin
  -- Rule 1: payers are waited for, in the order of ids. Rule 2: the others are taken only where they are free.
  select array_agg(x.payer) into v_payers from (select distinct i.payer from unnest(p_items) i) x;
  perform from (select a.id from ledger.accounts a where a.id = any (v_payers) order by a.id for no key update) locked;
  select v_payers || array_agg(x.id) into v_free
  from (
    select a.id from unnest(p_items) i join ledger.accounts a on a.id = i.payee for no key update of a skip locked
  ) x;

  -- The statement below joins nothing but accounts by their key: with the planner's guess of ten items, a join of two steps
  -- would compare each item with each.
  for ord, body, v_asked, v_kept in
  with clock as materialized (
    select clock_timestamp() as now, (clock_timestamp() at time zone 'UTC')::date as day, date_trunc('hour', clock_timestamp(), 'UTC') as hour
  ), plain as materialized (
    select x.* from (
      select i.*, a.closed_at, a.frozen_out, a.balance_minor - a.floor_minor as spendable,
        sum(i.minor) over w as paid, count(*) over w as times,
        case when a.day = t.day then a.day_minor else 0 end as day_minor, coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807) as max_day,
        case when a.hour = t.hour then a.hour_count else 0 end as hour_count, coalesce(a.max_hour_count, c.max_hour_count, 2147483647) as max_hour
      from unnest(p_items) i
      join ledger.accounts a on a.id = i.payer
      join ledger.currencies c on c.code = a.currency
      cross join clock t
      window w as (partition by i.payer)
    ) x
    where x.closed_at is null and not x.frozen_out and x.paid <= x.spendable
      and x.day_minor + x.paid <= x.max_day and x.hour_count + x.times <= x.max_hour
  ), leg as materialized (
    select l.*, a.seq as last_seq, a.balance_minor as last_balance, a.chain_head,
      case when l.account_id in (select f.id from unnest(v_free) f (id)) then true else false end as is_free
    from (
      select i.ord, i.id, i.payer as account_id, i.actor as owner, -i.minor as minor, i.person as counterparty, i.currency, i.description, i.category,
        i.key, i.hash as request_hash, i.exponent, i.username, i.payee
      from plain i
      union all
      select i.ord, i.id, i.payee, i.person, i.minor, i.actor, i.currency, i.description, i.category, null, null, null, null, null
      from plain i
    ) l
    join ledger.accounts a on a.id = l.account_id
  ), booking as materialized (
    select b.*
    from clock t, ledger.chained((
      select array_agg(row(x.ord, x.id, x.account_id, x.owner, x.minor, x.counterparty, x.currency, x.description, x.category, x.key,
        x.request_hash, x.exponent, x.username, x.payee, x.payee_seq, x.seq, x.balance, x.chain_head)::ledger.leg order by x.account_id, x.seq)
      from (
        select y.*, coalesce(lead(y.seq) over (partition by y.id order by y.minor), 0) as payee_seq
        from (
          select l.*, l.last_seq + row_number() over w as seq, (l.last_balance + sum(l.minor) over w)::bigint as balance
          from leg l
          where l.is_free
          window w as (partition by l.account_id order by l.ord rows unbounded preceding)
        ) y
      ) x), t.now) b
  ), header as (
    insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
    select x.id, 'transfer', x.currency, -x.minor, x.owner, x.counterparty, array[x.account_id, x.payee], array[x.minor, -x.minor],
      array[x.seq, x.payee_seq], x.description, x.category, t.now
    from booking x cross join clock t
    where x.minor < 0
  ), booked as (
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    select x.account_id, x.seq, x.id, x.owner, 'available', 'transfer', x.currency, x.minor, x.balance,
      x.counterparty, x.description, x.category, t.now, x.hash
    from booking x cross join clock t
  ), queued as (
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    select l.account_id, l.id, l.owner, 'available', 'transfer', l.currency, l.minor, l.counterparty, l.description, l.category, t.now
    from leg l cross join clock t where not l.is_free order by l.ord
  ), moved as (
    update ledger.accounts a set
      balance_minor = a.balance_minor + s.minor,
      earned_minor = a.earned_minor + s.earned,
      seq = s.seq,
      chain_head = s.hash,
      day = case when s.times > 0 then t.day else a.day end,
      day_minor = case when s.times = 0 then a.day_minor when a.day = t.day then a.day_minor + s.paid else s.paid end,
      hour = case when s.times > 0 then t.hour else a.hour end,
      hour_count = case when s.times = 0 then a.hour_count when a.hour = t.hour then a.hour_count + s.times else s.times end,
      updated_at = t.now
    from (
      select x.account_id, sum(x.minor)::bigint as minor, max(x.seq) as seq, (array_agg(x.hash order by x.seq desc))[1] as hash,
        coalesce(sum(x.minor) filter (where x.minor > 0), 0)::bigint as earned,
        coalesce(-sum(x.minor) filter (where x.minor < 0), 0)::bigint as paid,
        (count(*) filter (where x.minor < 0))::int as times
      from booking x group by x.account_id
    ) s, clock t
    where a.id = s.account_id
  ), answer as materialized (
    select x.ord, x.owner, x.key, x.request_hash, jsonb_build_object('id', x.id, 'user_id', x.owner, 'type', 'expense',
      'amount', (-x.minor * ('1e-' || x.exponent)::numeric)::text, 'currency', x.currency, 'description', x.description,
      'category', x.category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', x.counterparty,
      'counterparty_username', x.username, 'balance_after', (x.balance * ('1e-' || x.exponent)::numeric)::text,
      'created_at', t.now) as body
    from booking x cross join clock t
    where x.minor < 0
  ), kept as (
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    select x.owner, x.key, 'wallet.transaction', x.request_hash, 201, x.body from answer x where x.key is not null order by x.owner, x.key
    on conflict do nothing
    returning true
  )
  select x.ord, x.body, (select count(*) from answer y where y.key is not null), (select count(*) from kept) from answer x
  loop
    if v_kept < v_asked then
      raise exception 'a request of the batch was answered meanwhile' using errcode = 'serialization_failure';
    end if;
    return next;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.capture_plain_hold (
  p_actor     uuid,
  p_session   uuid,
  p_key       text,
  p_hash      bytea,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_id uuid := ledger.id_in(p_arguments);
  v_transfer uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_whole text;
  v_lines text[];
  v_body jsonb;
  h record;
  w record;
  v_pending bigint;
  v_pending_seq bigint;
  v_pending_balance bigint;
  v_pending_hash bytea;
  v_payee_seq bigint;
  v_payee_balance bigint;
  v_payee_hash bytea;
begin
  select x.owner, x.payee, x.currency, x.amount_minor, x.description, x.category, x.created_at, x.expires_at into h
  from ledger.holds x
  where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee) and x.state = 'open' and x.expires_at > clock_timestamp()
    and p_arguments ->> 'amount' is null
  for no key update;
  select ('1e-' || c.exponent)::numeric as unit, p.username::text as username, a.id as payee into w
  from ledger.currencies c
  join public.profiles p on p.id = h.payee
  join ledger.accounts a on a.owner = h.payee and a.currency = h.currency and a.purpose = 'available'
  where c.code = h.currency and a.closed_at is null and not a.frozen_in
    and h.amount_minor <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0)
    and exists (
      select from auth.sessions s join auth.users u on u.id = s.user_id
      where s.id = p_session and s.user_id = p_actor and (s.not_after is null or s.not_after > now()) and (u.banned_until is null or u.banned_until <= now()))
    and not exists (select from ledger.fee_rules f where f.currency = h.currency and f.kind = 'capture')
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_key);
  if not found then
    return null;
  end if;

  v_lines := ledger.lines(v_transfer, 'capture', h.currency, h.amount_minor, v_now, h.owner, h.payee, h.category, h.description);
  update ledger.accounts b set
    balance_minor = b.balance_minor - h.amount_minor,
    seq = b.seq + 1,
    chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor - h.amount_minor, v_lines[1]), 'UTF8')),
    updated_at = v_now
  where b.owner = h.owner and b.currency = h.currency and b.purpose = 'pending' and not b.frozen_out and b.balance_minor >= b.floor_minor + h.amount_minor
  returning b.id, b.seq, b.balance_minor, b.chain_head into v_pending, v_pending_seq, v_pending_balance, v_pending_hash;
  if not found then
    return null;
  end if;
  update ledger.accounts a set
    balance_minor = a.balance_minor + h.amount_minor,
    earned_minor = a.earned_minor + h.amount_minor,
    seq = a.seq + 1,
    chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor + h.amount_minor, v_lines[2]), 'UTF8')),
    updated_at = v_now
  where a.id = (select x.id from ledger.accounts x where x.id = w.payee for no key update skip locked)
  returning a.seq, a.balance_minor, a.chain_head into v_payee_seq, v_payee_balance, v_payee_hash;

  -- Before the transfer, as in the general way: so its event comes first.
  update ledger.holds x set state = 'captured', captured_minor = x.amount_minor, resolved_at = v_now, transfer_id = v_transfer where x.id = v_id;

  if v_payee_seq is null then
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_pending, v_pending_seq, v_transfer, h.owner, 'pending', 'capture', h.currency, -h.amount_minor, v_pending_balance,
      h.payee, h.description, h.category, v_now, v_pending_hash);
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    values (w.payee, v_transfer, h.payee, 'available', 'capture', h.currency, h.amount_minor, h.owner, h.description, h.category, v_now);
  else
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_pending, v_pending_seq, v_transfer, h.owner, 'pending', 'capture', h.currency, -h.amount_minor, v_pending_balance,
      h.payee, h.description, h.category, v_now, v_pending_hash),
      (w.payee, v_payee_seq, v_transfer, h.payee, 'available', 'capture', h.currency, h.amount_minor, v_payee_balance,
      h.owner, h.description, h.category, v_now, v_payee_hash);
  end if;
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (v_transfer, 'capture', h.currency, h.amount_minor, h.owner, h.payee, array[v_pending, w.payee],
    array[-h.amount_minor, h.amount_minor], array[v_pending_seq, coalesce(v_payee_seq, 0)], h.description, h.category, v_now);

  v_whole := (h.amount_minor * w.unit)::text;
  v_body := jsonb_build_object('id', v_id, 'user_id', h.owner, 'payee_id', h.payee, 'payee_username', w.username, 'currency', h.currency,
    'amount', v_whole, 'captured_amount', v_whole,
    'state', 'captured', 'description', h.description, 'category', h.category, 'created_at', h.created_at, 'expires_at', h.expires_at,
    'resolved_at', v_now, 'transfer_id', v_transfer);
  if p_key is not null then
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    values (p_actor, p_key, 'wallet.capture_hold', p_hash, 200, v_body)
    on conflict do nothing;
    if not found then
      perform ledger.refuse_twin();
    end if;
  end if;
  return v_body;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.chained (
  p_legs ledger.leg[],
  p_now  timestamp with time zone
)
  RETURNS SETOF ledger.leg
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_micros bigint := (extract(epoch from p_now) * 1000000)::bigint;
  v_leg ledger.leg;
  v_account bigint;
  v_head bytea;
begin
  foreach v_leg in array coalesce(p_legs, '{}') loop
    if v_account is distinct from v_leg.account_id then
      v_account := v_leg.account_id;
      v_head := v_leg.hash;
    end if;
    -- ledger.line, without a call for each leg.
    v_head := sha256(v_head || convert_to(format('%s|%s|%s|transfer|%s|%s|%s|%s|%s|%s|%s', v_leg.seq, v_leg.balance, v_leg.id, v_leg.currency,
      v_leg.minor, v_micros, v_leg.counterparty, coalesce(length(v_leg.category), 0), v_leg.category, v_leg.description), 'UTF8'));
    v_leg.hash := v_head;
    return next v_leg;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.find_person (
  p_recipient text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  -- By its form before its digits: a pattern for both would be built anew in each transaction.
  if p_recipient like '________-____-____-____-____________' and pg_input_is_valid(p_recipient, 'uuid') then
    select p.id into v_id from public.profiles p where p.id = p_recipient::uuid;
  else
    select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_recipient::extensions.citext;
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.id_in (
  p_arguments jsonb
)
  RETURNS uuid
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if p_arguments ->> 'id' like '________-____-____-____-____________' and pg_input_is_valid(p_arguments ->> 'id', 'uuid') then
    return (p_arguments ->> 'id')::uuid;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.lines (
  p_transfer    uuid,
  p_kind        text,
  p_currency    text,
  p_amount      bigint,
  p_created_at  timestamp with time zone,
  p_from        uuid,
  p_to          uuid,
  p_category    text,
  p_description text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_start text := format('%s|%s|%s|', p_transfer, p_kind, p_currency);
  v_micros bigint := (extract(epoch from p_created_at) * 1000000)::bigint;
  v_end text := format('|%s|%s|%s', coalesce(length(p_category), 0), p_category, p_description);
begin
  return array[format('%s%s|%s|%s%s', v_start, -p_amount, v_micros, p_to, v_end), format('%s%s|%s|%s%s', v_start, p_amount, v_micros, p_from, v_end)];
end
$function$;

CREATE OR REPLACE FUNCTION ledger.lock_for_transfer (
  p_actor    uuid,
  p_to       uuid,
  p_currency text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_payer bigint;
begin
  select a.id into v_payer from ledger.accounts a where a.owner = p_actor and a.currency = p_currency and a.purpose = 'available';
  if not found then
    return;
  end if;
  if p_to <> p_actor and exists (select from public.profiles p where p.id = p_to) and not app_hidden.is_blocked_pair(p_actor, p_to) then
    begin
      perform ledger.ensure_account(p_to, p_currency, 'available');
    exception when sqlstate 'PT404' then
      null; -- they have just left, which the general way answers
    end;
  end if;
  perform from ledger.accounts a where a.id = v_payer for no key update;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.place_plain_hold (
  p_actor     uuid,
  p_session   uuid,
  p_key       text,
  p_hash      bytea,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_recipient text := p_arguments ->> 'recipient';
  v_currency text := p_arguments ->> 'currency';
  v_description text := p_arguments ->> 'description';
  v_category text := p_arguments ->> 'category';
  v_seconds int := coalesce((p_arguments ->> 'expires_in_s')::int, 7 * 86400);
  v_to uuid := case when v_recipient like '________-____-____-____-____________' and pg_input_is_valid(v_recipient, 'uuid') then v_recipient::uuid
    else ledger.find_person(v_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_transfer uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_today date := v_now::date;
  v_hour timestamptz := date_trunc('hour', v_now);
  v_expires_at timestamptz := v_now + make_interval(secs => v_seconds);
  v_amount bigint;
  v_lines text[];
  v_body jsonb;
  w record;
  v_payer bigint;
  v_payer_seq bigint;
  v_balance bigint;
  v_payer_hash bytea;
  v_pending_seq bigint;
  v_pending_balance bigint;
  v_pending_hash bytea;
begin
  select c.exponent, ('1e-' || c.exponent)::numeric as unit, c.max_transfer_minor, c.max_day_minor, c.max_hour_count, b.id as pending,
    p.username::text as username, 9223372036854775807 - b.balance_minor as fits
  into w
  from ledger.currencies c
  join public.profiles p on p.id = v_to
  join ledger.accounts b on b.owner = p_actor and b.currency = v_currency and b.purpose = 'pending'
  where c.code = v_currency and v_to <> p_actor and v_seconds between 60 and 90 * 86400 and b.closed_at is null
    and exists (
      select from auth.sessions s join auth.users u on u.id = s.user_id
      where s.id = p_session and s.user_id = p_actor and (s.not_after is null or s.not_after > now()) and (u.banned_until is null or u.banned_until <= now()))
    and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
    and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_key);
  v_amount := ledger.plain_amount(p_arguments ->> 'amount', w.exponent);
  if v_amount is null or v_amount > w.fits then
    return null;
  end if;

  v_lines := ledger.lines(v_transfer, 'hold', v_currency, v_amount, v_now, p_actor, v_to, v_category, v_description);
  update ledger.accounts a set
    balance_minor = a.balance_minor - v_amount,
    seq = a.seq + 1,
    chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_lines[1]), 'UTF8')),
    day = greatest(a.day, v_today),
    day_minor = case when a.day >= v_today then a.day_minor + v_amount else v_amount end,
    hour = greatest(a.hour, v_hour),
    hour_count = case when a.hour >= v_hour then a.hour_count + 1 else 1 end,
    updated_at = v_now
  where a.owner = p_actor and a.currency = v_currency and a.purpose = 'available'
    and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
    and v_amount <= coalesce(a.max_transfer_minor, w.max_transfer_minor, v_amount)
    and case when a.day >= v_today then a.day_minor else 0 end + v_amount <= coalesce(a.max_day_minor, w.max_day_minor, 9223372036854775807)
    and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, w.max_hour_count, 2147483647)
  returning a.id, a.seq, a.balance_minor, a.chain_head into v_payer, v_payer_seq, v_balance, v_payer_hash;
  if not found then
    return null;
  end if;
  update ledger.accounts b set
    balance_minor = b.balance_minor + v_amount,
    seq = b.seq + 1,
    chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_lines[2]), 'UTF8')),
    updated_at = v_now
  where b.id = (select x.id from ledger.accounts x where x.id = w.pending for no key update skip locked)
  returning b.seq, b.balance_minor, b.chain_head into v_pending_seq, v_pending_balance, v_pending_hash;

  if v_pending_seq is null then
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_transfer, p_actor, 'available', 'hold', v_currency, -v_amount, v_balance,
      v_to, v_description, v_category, v_now, v_payer_hash);
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    values (w.pending, v_transfer, p_actor, 'pending', 'hold', v_currency, v_amount, p_actor, v_description, v_category, v_now);
  else
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_transfer, p_actor, 'available', 'hold', v_currency, -v_amount, v_balance,
      v_to, v_description, v_category, v_now, v_payer_hash),
      (w.pending, v_pending_seq, v_transfer, p_actor, 'pending', 'hold', v_currency, v_amount, v_pending_balance,
      p_actor, v_description, v_category, v_now, v_pending_hash);
  end if;
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (v_transfer, 'hold', v_currency, v_amount, p_actor, v_to, array[v_payer, w.pending], array[-v_amount, v_amount],
    array[v_payer_seq, coalesce(v_pending_seq, 0)], v_description, v_category, v_now);
  insert into ledger.holds (id, kind, owner, payee, currency, amount_minor, description, category, created_at, expires_at)
  values (v_id, 'hold', p_actor, v_to, v_currency, v_amount, v_description, v_category, v_now, v_expires_at);

  v_body := jsonb_build_object('id', v_id, 'user_id', p_actor, 'payee_id', v_to, 'payee_username', w.username, 'currency', v_currency,
    'amount', (v_amount * w.unit)::text, 'captured_amount', (0 * w.unit)::text, 'state', 'open',
    'description', v_description, 'category', v_category, 'created_at', v_now, 'expires_at', v_expires_at, 'resolved_at', null, 'transfer_id', null);
  if p_key is not null then
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    values (p_actor, p_key, 'wallet.place_hold', p_hash, 201, v_body)
    on conflict do nothing;
    if not found then
      perform ledger.refuse_twin();
    end if;
  end if;
  return v_body;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.plain_items (
  p_actors       uuid[],
  p_keys         text[],
  p_hashes       bytea[],
  p_recipients   text[],
  p_amounts      text[],
  p_currencies   text[],
  p_descriptions text[],
  p_categories   text[]
)
  RETURNS ledger.item[]
  LANGUAGE plpgsql
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_items ledger.item[];
begin
  select array_agg(row(r.ord, app_private.uuid_v7(), a.id, b.id, m.minor, r.actor, r.person, r.key, r.hash, r.currency, c.exponent,
    r.description, r.category, p.username)::ledger.item order by r.ord)
  into v_items
  from (
    -- Twins in one batch: the first goes, the others find its answer.
    select u.*, row_number() over (partition by u.actor, u.key order by u.ord) as twin,
      case
        when u.recipient like '________-____-____-____-____________' and pg_input_is_valid(u.recipient, 'uuid') then u.recipient::uuid
        else (select n.id from public.profiles n where n.username operator(extensions.=) u.recipient::extensions.citext)
      end as person
    from unnest(p_actors, p_keys, p_hashes, p_recipients, p_amounts, p_currencies, p_descriptions, p_categories)
      with ordinality u (actor, key, hash, recipient, amount, currency, description, category, ord)
  ) r
  join ledger.currencies c on c.code = r.currency
  cross join lateral (select ledger.plain_amount(r.amount, c.exponent) as minor offset 0) m
  join public.profiles p on p.id = r.person
  join ledger.accounts a on a.owner = r.actor and a.currency = r.currency and a.purpose = 'available'
  join ledger.accounts b on b.owner = r.person and b.currency = r.currency and b.purpose = 'available'
  where (r.twin = 1 or r.key is null) and m.minor > 0 and a.id <> b.id and b.closed_at is null and not b.frozen_in
    and m.minor <= 9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0)
    and m.minor <= coalesce(a.max_transfer_minor, c.max_transfer_minor, m.minor)
    and not exists (select from ledger.fee_rules f where f.currency = r.currency and f.kind = 'transfer')
    and not exists (select from public.blocks x where x.blocker_id = r.actor and x.blocked_id = r.person)
    and not exists (select from public.blocks x where x.blocker_id = r.person and x.blocked_id = r.actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = r.actor and k.key = r.key);
  return v_items;
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

CREATE OR REPLACE FUNCTION public.accept_group_invitation (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if not app_private.is_invited(p_group, v_me) then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.lock_membership(p_group, v_me);
  perform from public.groups g where g.id = p_group for share;
  if not app_private.is_invited(p_group, v_me) then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.add_member(p_group, v_me);
  return app_private.membership(p_group, v_me, 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."accept_group_invitation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.approve_group_request (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if app_private.lock_target(auth.uid(), p_group, p_user, 'decide_requests', false) is null then
    if not exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
      perform app_hidden.fail(404, 'groups.request_not_found', 'This person does not ask to join the group.', 'Take an id from GET groups/:id/requests.');
    end if;
    perform app_private.add_member(p_group, p_user);
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
  end if;
  return app_private.membership(p_group, p_user, 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."approve_group_request"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.ban_from_group (
  p_group  uuid,
  p_user   uuid,
  p_until  timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_reason text                     DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_reason text := nullif(btrim(p_reason, e' \t\r\n'), '');
begin
  if p_until <= now() then
    perform app_private.fail_group_field('Send `until` as a time to come, or none to ban for good.');
  elsif length(v_reason) > 500 then
    perform app_private.fail_group_field('Send `reason` of at most 500 characters.');
  end if;
  -- Also of who is no member, or hidden from the caller by a block: nobody keeps a group from closing its door.
  perform app_private.lock_target(v_me, p_group, p_user, 'ban');
  if not exists (select from public.profiles p where p.id = p_user) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into app_private.group_bans (group_id, user_id, banned_by, reason, until) values (p_group, p_user, v_me, v_reason, p_until)
  on conflict (group_id, user_id) do update
    set banned_by = excluded.banned_by, reason = excluded.reason, until = excluded.until, created_at = now();
  perform app_private.note_in_log(p_group, 'banned', p_user, jsonb_build_object('until', p_until, 'reason', v_reason));
  return app_private.membership(p_group, p_user, 'banned') || jsonb_build_object('until', p_until);
end
$function$;

REVOKE ALL ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.bans_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id        uuid,
    person    jsonb,
    banned_by jsonb,
    reason    text,
    until     timestamp with time zone,
    at        timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'ban');
  return query
  select b.user_id, app_private.name_card(v_me, b.user_id), app_private.name_card(v_me, b.banned_by), b.reason, b.until, b.created_at
  from app_private.group_bans b
  where b.group_id = p_group and (b.until is null or b.until > now())
    and (b.created_at, b.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by b.created_at desc, b.user_id desc limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.comment_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_posts uuid[] := array(select distinct c.post_id from public.comments c where c.id = any (p_ids[1:200]));
begin
  v_posts := array(select u from unnest(v_posts) u where app_private.can_view_post(v_me, u));
  return query select * from app_private.comment_cards_of(v_me, array(
    select u.id from unnest(p_ids[1:200]) with ordinality u (id, n) join public.comments c on c.id = u.id
    where c.post_id = any (v_posts) group by u.id order by min(u.n)
  ));
end
$function$;

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

CREATE OR REPLACE FUNCTION public.create_group (
  p jsonb
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  g public.groups;
begin
  g.visibility := 'public';
  g.rules := '{}';
  g.member_cap := 5000;
  g := app_private.group_of(p, g);
  perform app_private.assert_calm_in_groups('groups', v_me);
  perform app_private.assert_room_for_group(v_me);
  insert into public.groups (name, description, visibility, category, avatar_url, cover_url, rules, member_cap, created_by)
  values (g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules, g.member_cap, v_me)
  returning id into g.id;
  insert into public.group_members (group_id, user_id, role) values (g.id, v_me, 'owner');
  return app_private.group_card(g.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."create_group"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.create_group_link (
  p_group uuid,
  p       jsonb DEFAULT '{}'::jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_token text := translate(encode(extensions.gen_random_bytes(18), 'base64'), '+/', '-_');
  v_link app_private.group_links;
begin
  perform app_hidden.assert_fields(p, '{"expires_at": "time", "max_uses": "number"}', 'groups.field_invalid');
  v_link.expires_at := coalesce((p ->> 'expires_at')::timestamptz, now() + interval '7 days');
  if v_link.expires_at not between now() and now() + interval '1 year' then
    perform app_private.fail_group_field('Send `expires_at` as a time to come, within a year.');
  elsif not coalesce((p ->> 'max_uses')::numeric between 1 and 1000 and (p ->> 'max_uses')::numeric % 1 = 0, true) then
    perform app_private.fail_group_field('Send `max_uses` between 1 and 1,000, or none.');
  end if;
  perform app_private.assert_may(v_me, p_group, 'manage_links');
  perform app_private.lock_group(v_me, p_group);
  perform app_private.assert_may(v_me, p_group, 'manage_links');
  perform pg_advisory_xact_lock(hashtextextended(format('group %s links', p_group), 0));
  if (select count(*) from app_private.group_links l where l.group_id = p_group and l.expires_at > now()) >= 50 then
    perform app_hidden.fail(422, 'groups.too_many_links', 'A group has at most 50 links.', 'Revoke another one first.');
  end if;
  insert into app_private.group_links (group_id, created_by, token_hash, uses_left, expires_at)
  values (p_group, v_me, app_private.hash_of_token(v_token), (p ->> 'max_uses')::numeric::int, v_link.expires_at)
  returning * into v_link;
  perform app_private.note_in_log(p_group, 'link_created', null,
    jsonb_build_object('link_id', v_link.id, 'max_uses', v_link.uses_left, 'expires_at', v_link.expires_at));
  return jsonb_build_object('id', v_link.id, 'token', v_token, 'uses_left', v_link.uses_left, 'expires_at', v_link.expires_at,
    'created_at', v_link.created_at);
end
$function$;

REVOKE ALL ON FUNCTION "public"."create_group_link"(uuid, jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.create_post (
  p jsonb
)
  RETURNS public.post_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_card public.post_card;
  v_poll jsonb := nullif(p -> 'poll', 'null');
  v_scheduled_for timestamptz;
  v_status text;
begin
  perform app_hidden.assert_fields(p, '{"type": "string", "content": "string", "media_urls": "strings", "location": "string", "tags": "strings",
    "visibility": "string", "group_id": "uuid", "reply_control": "string", "shares_allowed": "boolean", "shared_post_id": "uuid", "scheduled_for": "time",
    "draft": "boolean", "poll": "object"}');
  if p ->> 'group_id' is not null and p ->> 'visibility' <> 'group' then
    perform app_hidden.fail(422, 'posts.field_invalid', 'A post in a group is for that group.', 'Send `group_id` without `visibility`, or with group.');
  end if;
  v_scheduled_for := (p ->> 'scheduled_for')::timestamptz;
  v_status := case
    when (p ->> 'draft')::boolean then 'draft'
    when v_scheduled_for is not null then 'scheduled'
    else 'published' end;
  insert into public.posts (type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, status, scheduled_for)
  values (
    coalesce(p ->> 'type', 'text'), p ->> 'content', app_hidden.texts(p -> 'media_urls'), p ->> 'location', app_hidden.texts(p -> 'tags'),
    coalesce(p ->> 'visibility', 'public'), (p ->> 'group_id')::uuid, coalesce(p ->> 'reply_control', 'everyone'), coalesce((p ->> 'shares_allowed')::boolean, true),
    (p ->> 'shared_post_id')::uuid,
    -- A poll may be all that a post says, so it must be there before the post is published.
    case when v_poll is null then v_status else 'draft' end, v_scheduled_for)
  returning id into v_id;
  if v_poll is not null then
    perform app_hidden.set_poll(v_id, v_poll, coalesce(v_scheduled_for, now()));
    if v_status <> 'draft' then
      update public.posts x set status = v_status, scheduled_for = v_scheduled_for where x.id = v_id;
    end if;
  end if;
  select * into v_card from public.post_cards(array[v_id]);
  return v_card;
end
$function$;

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

CREATE OR REPLACE FUNCTION public.decline_group_invitation (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.lock_membership(p_group, v_me);
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = v_me and i.expires_at > now();
  if not found then
    perform app_private.fail_no_invitation();
  end if;
  return app_private.membership(p_group, v_me, 'declined');
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_group_invitation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.decline_group_request (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'decide_requests', false);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  if not found then
    perform app_hidden.fail(404, 'groups.request_not_found', 'This person does not ask to join the group.', 'Take an id from GET groups/:id/requests.');
  end if;
  perform app_private.note_in_log(p_group, 'request_declined', p_user);
  return app_private.membership(p_group, p_user, 'declined');
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_group_request"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.delete_comment (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if not exists (
    select from public.comments c join public.posts p on p.id = c.post_id
    where c.id = p_id and c.deleted_at is null
      and (auth.uid() in (c.author_id, p.author_id) or p.group_id in (select app_hidden.my_moderated_group_ids()))
  ) then
    return false;
  end if;
  delete from public.comments c where c.id = p_id;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_group (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if not app_private.can_view_group(v_me, p_id) then
    return false;
  end if;
  perform app_private.assert_may(v_me, p_id, 'delete');
  -- The owner's row before the group's, as who deletes the account of the owner has it.
  perform from public.group_members m where m.group_id = p_id and m.user_id = v_me and m.role = 'owner' for update;
  perform from public.groups g where g.id = p_id for update;
  perform app_private.assert_may(v_me, p_id, 'delete');
  perform app_private.end_group(p_id);
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_group"(uuid) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.delete_post (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from public.posts p where p.id = p_id and p.author_id = auth.uid();
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION public.discover_groups (
  p_category  text                     DEFAULT NULL::text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_category text := nullif(lower(btrim(p_category) collate pg_catalog.pg_c_utf8), '');
  v_ids uuid[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  p_before_id := coalesce(p_before_id, '00000000-0000-0000-0000-000000000000');
  p_before := coalesce(p_before, 'infinity');
  p_limit := least(greatest(p_limit, 1), 101);
  if v_category is null then
    v_ids := array(
      select g.id from public.groups g
      where g.visibility <> 'secret' and (g.created_at, g.id) < (p_before, p_before_id)
        and not exists (select from public.group_members m where m.group_id = g.id and m.user_id = v_me)
      order by g.created_at desc, g.id desc limit p_limit);
  else
    v_ids := array(
      select g.id from public.groups g
      where g.visibility <> 'secret' and g.category = v_category and (g.created_at, g.id) < (p_before, p_before_id)
        and not exists (select from public.group_members m where m.group_id = g.id and m.user_id = v_me)
      order by g.created_at desc, g.id desc limit p_limit);
  end if;
  return query
  select c.* from unnest(v_ids) with ordinality u (id, n) cross join lateral app_private.group_card(u.id) c order by u.n;
end
$function$;

REVOKE ALL ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

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

CREATE OR REPLACE FUNCTION public.feed_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_ids uuid[] := array(select u.id from unnest(p_ids[1:101]) with ordinality u (id, n) group by u.id order by min(u.n));
  v_muted uuid[] := app_private.muted_by(v_me);
begin
  return query
  select * from app_private.cards_of(v_me, v_ids, v_me || array(
    select p.author_id from public.posts p
    where p.id = any (v_ids) and p.author_id <> all (v_muted)
      and (select true from public.follows f where f.follower_id = v_me and f.followee_id = p.author_id)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.group_page (
  p_group uuid
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_group(auth.uid(), p_group);
  return app_private.group_card(p_group);
end
$function$;

REVOKE ALL ON FUNCTION "public"."group_page"(uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.home_feed (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  v_since timestamptz;
  v_ids uuid[];
  v_authors uuid[];
  v_last_at timestamptz;
  v_more boolean;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if v_me is null then
    return;
  end if;
  perform app_private.prepare_feed(v_me);
  p_before_id := case when p_before is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else coalesce(p_before_id, '00000000-0000-0000-0000-000000000000') end;
  p_before := coalesce(p_before, 'infinity');
  loop
    -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises. Whom the reader muted is
    -- left out already, so that a page never goes through thousands of their posts.
    select coalesce(s.complete_since, 'infinity'), coalesce(w.ids, '{}'), w.authors, w.last_at, w.count = v_step
    into v_since, v_ids, v_authors, v_last_at, v_more
    from (select v_me as id) u
    left join public.feed_state s on s.user_id = u.id
    cross join lateral (
      select array_agg(x.post_id) as ids, array_agg(x.author_id) as authors, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count
      from (
        select i.post_id, i.author_id, i.published_at from public.feed_inbox i
        where i.user_id = u.id and (i.published_at, i.post_id) < (p_before, p_before_id) and i.published_at >= s.complete_since
          and i.author_id <> all (array(
            select m.muted_id from public.mutes m where m.muter_id = v_me and (m.until is null or m.until > now())))
        order by i.published_at desc, i.post_id desc
        limit v_step
      ) x
    ) w;
    if not v_more and v_since > '-infinity' then
      select v_ids || o.ids, v_authors || o.authors, coalesce(o.last_at, v_last_at), o.more into v_ids, v_authors, v_last_at, v_more
      from app_private.older_feed_ids(v_me, v_step - cardinality(v_ids), least(p_before, v_since),
        case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
    end if;
    return query
    select * from app_private.cards_of(v_me, v_ids, v_me || array(
      -- One probe for each author, said so that the planner does not go through all whom somebody follows.
      select a.id from unnest(v_authors) a (id), lateral (select from public.follows f where f.follower_id = v_me and f.followee_id = a.id limit 1) x
    )) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or not v_more;
    -- Some of the inbox were gone or hidden: on to the next, in longer steps where many are. What is older is looked up as it is shown.
    p_before := v_last_at;
    p_before_id := v_ids[cardinality(v_ids)];
    v_step := least(v_step * 2, 200);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.invitations_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    invited_by         jsonb,
    expires_at         timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'invite');
  return query
  select c.*, app_private.name_card(v_me, x.invited_by), x.expires_at
  from (
    select i.* from app_private.group_invitations i
    where i.group_id = p_group and i.expires_at > now() and i.user_id not in (select app_hidden.hidden_people())
      and (i.created_at, i.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by i.created_at desc, i.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x cross join lateral app_private.person_cards(v_me, array[x.user_id], array[x.created_at]) c
  order by x.created_at desc, x.user_id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.invite_to_group (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_may(v_me, p_group, 'invite');
  perform app_private.assert_person(v_me, p_user);
  if app_private.lock_target(v_me, p_group, p_user, 'invite', false) is not null then
    return app_private.membership(p_group, p_user, 'member');
  elsif app_private.is_banned(p_group, p_user) then
    perform app_hidden.fail(409, 'groups.person_banned', 'This person is banned from the group.', 'Lift the ban first: DELETE groups/:id/bans/:user_id.');
  elsif exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
    perform app_private.add_member(p_group, p_user); -- both sides want it
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
    return app_private.membership(p_group, p_user, 'member');
  elsif not app_private.may_reach(v_me, p_user, 'who_can_invite') then
    perform app_hidden.fail(403, 'groups.invitation_refused', 'This person does not let you invite them.', '`can_invite` of GET users/:id says whom you may invite.');
  end if;
  perform app_private.assert_calm_in_groups('invitations', v_me);
  insert into app_private.group_invitations as i (group_id, user_id, invited_by) values (p_group, p_user, v_me)
  on conflict (group_id, user_id) do update set invited_by = excluded.invited_by, created_at = now(), expires_at = excluded.expires_at
    where i.expires_at <= now();
  if found then
    perform app_private.note_in_log(p_group, 'invited', p_user);
  end if;
  return app_private.membership(p_group, p_user, 'invited');
end
$function$;

REVOKE ALL ON FUNCTION "public"."invite_to_group"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.join_group (
  p_group   uuid,
  p_message text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_group public.groups;
  v_message text := nullif(btrim(p_message, e' \t\r\n'), '');
begin
  if length(v_message) > 500 then
    perform app_private.fail_group_field('Send `message` of at most 500 characters.');
  end if;
  perform app_private.assert_group(v_me, p_group);
  perform app_private.lock_membership(p_group, v_me);
  v_group := app_private.lock_group(v_me, p_group);
  if app_private.role_in(p_group, v_me) is not null then
    return app_private.membership(p_group, v_me, 'member');
  elsif app_private.is_banned(p_group, v_me) then
    perform app_hidden.fail(403, 'groups.join_refused', 'This group does not take you in.', 'Ask one of its moderators.');
  end if;
  perform app_private.assert_calm_in_groups('joins', v_me);
  if v_group.visibility = 'public' or app_private.is_invited(p_group, v_me) then
    perform app_private.add_member(p_group, v_me);
    return app_private.membership(p_group, v_me, 'member');
  end if;
  insert into app_private.group_requests as r (group_id, user_id, message) values (p_group, v_me, v_message)
  on conflict (group_id, user_id) do update set message = coalesce(excluded.message, r.message);
  return app_private.membership(p_group, v_me, 'requested');
end
$function$;

REVOKE ALL ON FUNCTION "public"."join_group"(uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.leave_group (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_group(v_me, p_group);
  perform app_private.lock_membership(p_group, v_me);
  perform app_private.lock_group(v_me, p_group);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = v_me;
  delete from public.group_members m where m.group_id = p_group and m.user_id = v_me and m.role <> 'owner';
  if not found and app_private.role_in(p_group, v_me) = 'owner' then
    perform app_hidden.fail(409, 'groups.owner_must_stay', 'A group is never without its owner.',
      'Hand it over first (POST groups/:id/transfer), or delete it.');
  end if;
  return app_private.membership(p_group, v_me, 'none');
end
$function$;

REVOKE ALL ON FUNCTION "public"."leave_group"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.links_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    created_by jsonb,
    uses_left  integer,
    expires_at timestamp with time zone,
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
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'manage_links');
  return query
  select l.id, app_private.name_card(v_me, l.created_by), l.uses_left, l.expires_at, l.created_at
  from app_private.group_links l
  where l.group_id = p_group and l.expires_at > now()
    and (l.created_at, l.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by l.created_at desc, l.id desc limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.log_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    action     text,
    actor      jsonb,
    target     jsonb,
    details    jsonb,
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
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'read_log');
  return query
  select l.id, l.action, app_private.name_card(v_me, l.actor_id), app_private.name_card(v_me, l.target_id), l.details, l.created_at
  from app_private.group_log l
  where l.group_id = p_group
    and (l.created_at, l.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by l.created_at desc, l.id desc limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
  v_id uuid;
begin
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = p_id;
  if not found then
    v_message := app_private.readable_message(v_me, p_id, false);
    p_seq := v_message.seq;
    v_member := app_private.membership(v_me, v_message.conversation_id);
  end if;
  v_id := v_member.conversation_id;
  select c.last_seq into v_last from public.conversations c where c.id = v_id;
  update public.conversation_members m set last_read_seq = least(coalesce(p_seq, v_last), v_last)
  where m.user_id = v_me and m.conversation_id = v_id and m.last_read_seq < least(coalesce(p_seq, v_last), v_last)
  returning m.* into v_member;
  if found then
    perform app_private.tell_read(v_member);
  else
    v_member := app_private.membership(v_me, v_id);
  end if;
  return jsonb_build_object('conversation_id', v_member.conversation_id, 'last_read_seq', v_member.last_read_seq,
    'unread_count', v_last - least(greatest(v_member.last_read_seq, v_member.from_seq), v_last));
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_read"(uuid, bigint) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.members_of_group (
  p_group     uuid,
  p_role      text                     DEFAULT NULL::text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    role               text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
  v_roles text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_group(v_me, p_group);
  if not app_private.can_read_group(v_me, p_group) then
    perform app_private.assert_may(v_me, p_group, 'list_members');
  end if;
  select array_agg(x.user_id), array_agg(x.joined_at), array_agg(x.role) into v_ids, v_ats, v_roles from (
    select m.user_id, m.joined_at, m.role from public.group_members m
    where m.group_id = p_group and m.user_id <> all (v_hidden) and (p_role is null or m.role = p_role)
      and (m.joined_at, m.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_roles[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

REVOKE ALL ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.my_bookmarks (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.bookmarked_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.post_id), array_agg(x.created_at) into v_ids, v_ats from (
    select b.post_id, b.created_at from public.bookmarks b
    where b.user_id = (select auth.uid()) and exists (select from public.posts p where p.id = b.post_id)
      and (b.created_at, b.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by b.created_at desc, b.post_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.id, c.author, c.type, c.content, c.media_urls, c.location, c.tags, c.mentions, c.visibility, c.reply_control, c.shares_allowed,
    c.status, c.published_at, c.scheduled_for, c.pinned_at, c.edited_at, c.created_at, c.likes_count, c.comments_count, c.shares_count,
    c.liked, c.bookmarked, c.can_comment, c.poll, c.shared_post, c.reason, v_ats[array_position(v_ids, c.id)], c.group_id
  from public.post_cards(v_ids) c;
end
$function$;

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

CREATE OR REPLACE FUNCTION public.my_group_invitations (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    at         timestamp with time zone,
    expires_at timestamp with time zone,
    invited_by jsonb,
    "group"    public.group_card
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query
  select x.group_id, x.created_at, x.expires_at, app_private.name_card(v_me, x.invited_by), app_private.group_card(x.group_id)
  from (
    select i.* from app_private.group_invitations i
    where i.user_id = v_me and i.expires_at > now()
      and (i.created_at, i.group_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by i.created_at desc, i.group_id desc limit least(greatest(p_limit, 1), 101)
  ) x order by x.created_at desc, x.group_id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_groups (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query
  select c.* from (
    select m.group_id, m.joined_at from public.group_members m
    where m.user_id = auth.uid()
      and (m.joined_at, m.group_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.group_id desc limit least(greatest(p_limit, 1), 101)
  ) x cross join lateral app_private.group_card(x.group_id, x.joined_at) c
  order by x.joined_at desc, x.group_id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.people_who_liked (
  p_post      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_post(v_me, p_post);
  select array_agg(x.user_id), array_agg(x.created_at) into v_ids, v_ats from (
    select l.user_id, l.created_at from public.post_likes l
    where l.post_id = p_post and l.created_at > '-infinity' and l.user_id <> all (v_hidden)
      and (l.created_at, l.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by l.created_at desc, l.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE OR REPLACE FUNCTION public.pin_group_post (
  p_group  uuid,
  p_post   uuid,
  p_pinned boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts := app_private.post_in_group(auth.uid(), p_group, p_post);
begin
  if (v_post.pinned_at is not null) is distinct from p_pinned then
    update public.posts p set pinned_at = case when p_pinned then now() end where p.id = p_post;
    perform app_private.note_in_log(p_group, case when p_pinned then 'post_pinned' else 'post_unpinned' end, v_post.author_id,
      jsonb_build_object('post_id', p_post));
  end if;
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'pinned', coalesce(p_pinned, false));
end
$function$;

REVOKE ALL ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.pinned_posts_of_group (
  p_group uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_group_readable(p_group);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.group_id = p_group and p.pinned_at is not null and p.status = 'published' order by p.pinned_at desc, p.id desc
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."pinned_posts_of_group"(uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.post_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  AS $function$
begin
  return query
  select * from app_private.cards_of(auth.uid(), array(
    select u.id from unnest(p_ids[1:200]) with ordinality u (id, n) group by u.id order by min(u.n)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.post_comments (
  p_post      uuid                     DEFAULT NULL::uuid,
  p_parent    uuid                     DEFAULT NULL::uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := app_private.hidden_from(v_me);
  v_limit int := least(greatest(p_limit, 1), 101);
  v_parent public.comments;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_parent is not null then
    select * into v_parent from public.comments c
    where c.id = p_parent and c.post_id = coalesce(p_post, c.post_id) and (c.deleted_at is not null or c.author_id <> all (v_hidden));
    if not found or not app_private.can_view_post(v_me, v_parent.post_id) then
      perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
    end if;
    return query select * from app_private.comment_cards_of(v_me, array(
      select c.id from public.comments c
      where c.parent_id = p_parent and c.deleted_at is null and c.author_id <> all (v_hidden)
        and (c.created_at, c.id) > (coalesce(p_before, '-infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by c.created_at, c.id limit v_limit
    ));
    return;
  end if;
  perform app_private.assert_post(v_me, p_post);
  return query select * from app_private.comment_cards_of(v_me, array(
    select c.id from public.comments c
    where c.post_id = p_post and c.parent_id is null
      and case
        when c.deleted_at is null then c.author_id <> all (v_hidden)
        else exists (select from public.comments a where a.parent_id = c.id and a.deleted_at is null)
      end
      and (c.created_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.created_at desc, c.id desc limit v_limit
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_author (
  p_author    uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_shown text[];
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select * into r from app_private.relation(v_me, p_author);
  if r.is_self is null or r.is_blocked then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  -- Not what decides, but it keeps a page from trying each of a thousand hidden posts.
  v_shown := case
    when r.is_self then '{public,friends,private}'
    when r.is_private and not r.follows then '{}'
    when r.follows and r.is_followed then '{public,friends}'
    else '{public}' end;
  return query select * from app_private.cards_of(v_me, array(
    select p.id from public.posts p
    where p.author_id = p_author and p.status = 'published' and p.visibility = any (v_shown)
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_location (
  p_location  text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count into r from (
      select p.id, p.published_at from public.posts p
      where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published'
        and p.visibility in ('public', 'friends')
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.published_at desc, p.id desc limit v_step
    ) x;
    return query select * from app_private.cards_of(v_me, r.ids) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or r.count < v_step;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, 1000);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_tag (
  p_tag       text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_tag text := lower(ltrim(p_tag, '#') collate pg_catalog.pg_c_utf8);
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.post_id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count into r from (
      select t.post_id, t.published_at from public.post_tags t
      where t.tag = v_tag
        and (t.published_at, t.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by t.published_at desc, t.post_id desc limit v_step
    ) x;
    return query select * from app_private.cards_of(v_me, r.ids) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or r.count < v_step;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, 1000);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.assert_group_readable(p_group);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.group_id = p_group and p.status = 'published'
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.preview_group_link (
  p_token text
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.group_card((app_private.find_link(p_token, auth.uid())).group_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."preview_group_link"(text) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.redeem_group_link (
  p_token text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_link app_private.group_links := app_private.find_link(p_token, v_me);
begin
  perform app_private.lock_membership(v_link.group_id, v_me);
  perform from public.groups g where g.id = v_link.group_id for share;
  if app_private.role_in(v_link.group_id, v_me) is not null then
    return app_private.membership(v_link.group_id, v_me, 'member'); -- uses nothing up
  end if;
  perform app_private.assert_calm_in_groups('joins', v_me);
  if app_private.is_banned(v_link.group_id, v_me) or not app_private.take_use(v_link.id) then
    perform app_private.fail_no_link();
  end if;
  perform app_private.add_member(v_link.group_id, v_me);
  return app_private.membership(v_link.group_id, v_me, 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."redeem_group_link"(text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.remove_group_member (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if app_private.lock_target(auth.uid(), p_group, p_user, 'remove_member') is null then
    perform app_private.fail_no_member();
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  perform app_private.note_in_log(p_group, 'member_removed', p_user);
  return app_private.membership(p_group, p_user, 'removed');
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_group_member"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.remove_group_post (
  p_group  uuid,
  p_post   uuid,
  p_reason text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  if length(p_reason) > 500 then
    perform app_private.fail_group_field('Send `reason` of at most 500 characters.');
  end if;
  v_post := app_private.post_in_group(auth.uid(), p_group, p_post);
  update public.posts p set status = 'removed' where p.id = p_post;
  perform app_private.note_in_log(p_group, 'post_removed', v_post.author_id, jsonb_build_object('post_id', p_post, 'reason', p_reason));
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'status', 'removed');
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.request_verification (
  p jsonb
)
  RETURNS public.verification_requests
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r public.verification_requests;
begin
  perform app_hidden.assert_fields(p, '{"kind": "string", "level": "string", "statement": "string", "evidence_urls": "strings"}',
    'users.field_invalid');
  insert into public.verification_requests (kind, level, statement, evidence_urls)
  values (p ->> 'kind', p ->> 'level', p ->> 'statement',
    array(select jsonb_array_elements_text(coalesce(nullif(p -> 'evidence_urls', 'null'), '[]'))))
  returning * into r;
  return r;
exception when unique_violation then
  perform app_hidden.fail(409, 'users.verification_open', 'You have asked for this already.', 'Wait for the answer, or withdraw the open request.');
end
$function$;

CREATE OR REPLACE FUNCTION public.requests_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    message            text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
  v_messages text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'decide_requests');
  select array_agg(x.user_id), array_agg(x.created_at), array_agg(x.message) into v_ids, v_ats, v_messages from (
    select r.user_id, r.created_at, r.message from app_private.group_requests r
    where r.group_id = p_group and r.user_id <> all (v_hidden)
      and (r.created_at, r.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_messages[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

REVOKE ALL ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.revoke_group_link (
  p_group uuid,
  p_link  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_may(auth.uid(), p_group, 'manage_links');
  perform app_private.lock_group(auth.uid(), p_group);
  delete from app_private.group_links l where l.id = p_link and l.group_id = p_group;
  if not found then
    perform app_hidden.fail(404, 'groups.link_not_found', 'This group has no such link.', 'It may be used up. Take an id from GET groups/:id/links.');
  end if;
  perform app_private.note_in_log(p_group, 'link_revoked', null, jsonb_build_object('link_id', p_link));
  return jsonb_build_object('id', p_link, 'revoked', true);
end
$function$;

REVOKE ALL ON FUNCTION "public"."revoke_group_link"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.search_groups (
  p_query       text,
  p_limit       integer DEFAULT 20,
  p_before_rank real    DEFAULT NULL::real,
  p_before_id   uuid    DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id            uuid,
    name          text,
    description   text,
    visibility    text,
    category      text,
    avatar_url    text,
    cover_url     text,
    rules         text[],
    members_count integer,
    member_cap    integer,
    my_role       text,
    created_at    timestamp with time zone,
    updated_at    timestamp with time zone,
    at            timestamp with time zone,
    my_status     text,
    rank          real
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_query text := app_hidden.plain_name(btrim(left(p_query, 64)));
  v_part text := '%' || regexp_replace(v_query, '([\\%_])', '\\\1', 'g') || '%';
begin
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  -- As in search_people: a slip in a short name is no more than one, and at most 500 of each kind are looked at.
  perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
  return query
  with found as materialized (
    (select g.id, g.name from public.groups g
      where g.visibility <> 'secret'
        and app_hidden.plain_name(g.name) ~>=~ v_query and app_hidden.plain_name(g.name) ~<~ (v_query || chr(1114111))
      order by app_hidden.plain_name(g.name) using ~<~ limit 500)
    union
    (select g.id, g.name from public.groups g
      where length(v_query) >= 3 and g.visibility <> 'secret'
        and (app_hidden.plain_name(g.name) like v_part or app_hidden.plain_name(g.name) operator(extensions.%>) v_query) limit 500)
    union
    (select g.id, g.name from public.group_members m join public.groups g on g.id = m.group_id
      where m.user_id = auth.uid() and app_hidden.plain_name(g.name) like v_part)
  ), ranked as (
    select f.id, (
      case when n.plain = v_query then 3 when starts_with(n.plain, v_query) then 2 when n.plain like v_part then 1 else 0 end
      + 0.4 * extensions.similarity(v_query, n.plain))::real as rank
    from found f cross join lateral (select app_hidden.plain_name(f.name)) n (plain)
  ), page as (
    select r.id, r.rank from ranked r
    where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
    order by r.rank desc, r.id desc limit least(greatest(p_limit, 1), 101)
  )
  select c.*, p.rank from page p cross join lateral app_private.group_card(p.id) c order by p.rank desc, p.id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."search_groups"(text, integer, real, uuid) FROM PUBLIC, "service_role";

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

CREATE OR REPLACE FUNCTION public.search_people (
  p_query       text,
  p_limit       integer DEFAULT 20,
  p_before_rank real    DEFAULT NULL::real,
  p_before_id   uuid    DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    rank               real
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_query text := app_hidden.plain_name(trim(leading '@' from trim(left(p_query, 64))));
begin
  -- Any time will do: the rank is here what the time is in other lists.
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  return query
  with found as materialized (
    select p.*, app_hidden.plain_name(coalesce(p.full_name, '')) as plain_name, f.follower_id is not null as is_followed
    from (select distinct c from app_private.search_candidates(v_me, v_query) c) x (id)
    join public.profiles p on p.id = x.id
    left join public.follows f on f.follower_id = v_me and f.followee_id = p.id
    where p.id <> all (v_hidden)
  ), ranked as (
    select f.*, (
      case
        when f.username::text = v_query then 3
        when starts_with(f.username::text, v_query) then 2
        when starts_with(f.plain_name, v_query) then 1
        else 0
      end
      + case when f.is_followed then 0.5 else 0 end
      + 0.4 * greatest(
        extensions.similarity(v_query, f.username::text), extensions.similarity(v_query, f.plain_name))
    )::real as rank
    from found f
  )
  select r.id, r.username::text, r.full_name, r.avatar_url, r.is_verified, r.verification_level, r.is_private, r.is_followed,
    -- Not `exists`: of one the planner may make a hash of everybody who follows me.
    coalesce((select true from public.follows b where b.follower_id = r.id and b.followee_id = v_me), false), r.created_at, r.rank
  from ranked r
  where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
  order by r.rank desc, r.id desc
  limit least(greatest(p_limit, 1), 101);
end
$function$;

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

CREATE OR REPLACE FUNCTION public.set_group_role (
  p_group uuid,
  p_user  uuid,
  p_role  text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_old text;
begin
  if coalesce(p_role not in ('admin', 'moderator', 'member'), true) then
    perform app_private.fail_group_field('Send `role` as admin, moderator or member. The owner is changed by POST groups/:id/transfer.');
  end if;
  v_old := app_private.lock_target(v_me, p_group, p_user, 'set_role');
  if v_old is null then
    perform app_private.fail_no_member();
  end if;
  perform app_private.assert_outranks(app_private.role_in(p_group, v_me), p_role);
  update public.group_members m set role = p_role where m.group_id = p_group and m.user_id = p_user and m.role <> p_role;
  if found then
    perform app_private.note_in_log(p_group, 'role_changed', p_user, jsonb_build_object('from', v_old, 'to', p_role));
  end if;
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', p_role);
end
$function$;

REVOKE ALL ON FUNCTION "public"."set_group_role"(uuid, uuid, text) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.transfer_group (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_may(v_me, p_group, 'transfer');
  perform app_private.lock_membership(p_group, p_user);
  -- First down, then up: there is one owner at any moment that others see, and of two transfers the second finds none.
  update public.group_members m set role = 'admin' where m.group_id = p_group and m.user_id = v_me and m.role = 'owner';
  perform app_private.assert_may(v_me, p_group, case when found then 'post' else 'transfer' end);
  update public.group_members m set role = 'owner' where m.group_id = p_group and m.user_id = p_user;
  if not found then
    perform app_private.fail_no_member();
  end if;
  if p_user <> v_me then
    perform app_private.note_in_log(p_group, 'owner_changed', p_user);
  end if;
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', 'owner');
end
$function$;

REVOKE ALL ON FUNCTION "public"."transfer_group"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.unban_from_group (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'ban', false);
  delete from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user;
  if found then
    perform app_private.note_in_log(p_group, 'unbanned', p_user);
  end if;
  return app_private.membership(p_group, p_user, 'none');
end
$function$;

REVOKE ALL ON FUNCTION "public"."unban_from_group"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.update_group (
  p_id uuid,
  p    jsonb
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  g public.groups;
  v_old public.groups;
  v_changed jsonb;
begin
  perform app_private.assert_may(v_me, p_id, 'update');
  select * into v_old from public.groups x where x.id = p_id for no key update;
  perform app_private.assert_may(v_me, p_id, 'update');
  if p ? 'visibility' or p ? 'member_cap' then
    perform app_private.assert_may(v_me, p_id, 'change_access');
  end if;
  g := app_private.group_of(p, v_old);
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(to_jsonb(g)) n where n.value is distinct from to_jsonb(v_old) -> n.key;
  if v_changed is null then
    return app_private.group_card(p_id);
  end if;
  update public.groups x set
    name = g.name, description = g.description, visibility = g.visibility, category = g.category, avatar_url = g.avatar_url,
    cover_url = g.cover_url, rules = g.rules, member_cap = g.member_cap, updated_at = now()
  where x.id = p_id;
  if g.visibility = 'secret' then
    delete from app_private.group_requests r where r.group_id = p_id; -- for who asked, it is not there any more
  end if;
  perform app_private.note_in_log(p_id, 'updated', null, jsonb_build_object('changed', v_changed));
  return app_private.group_card(p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."update_group"(uuid, jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.withdraw_group_invitation (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'invite', false);
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  if not found then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.note_in_log(p_group, 'invitation_withdrawn', p_user);
  return app_private.membership(p_group, p_user, 'none');
end
$function$;

REVOKE ALL ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "app_private"."author_cards"
  ADD CONSTRAINT "author_cards_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_bans"
  ADD CONSTRAINT "group_bans_banned_by_fkey" FOREIGN KEY (banned_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_bans"
  ADD CONSTRAINT "group_bans_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_invitations"
  ADD CONSTRAINT "group_invitations_invited_by_fkey" FOREIGN KEY (invited_by) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_invitations"
  ADD CONSTRAINT "group_invitations_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_links"
  ADD CONSTRAINT "group_links_created_by_fkey" FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_actor_id_fkey" FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_target_id_fkey" FOREIGN KEY (target_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_requests"
  ADD CONSTRAINT "group_requests_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."paces"
  ADD CONSTRAINT "paces_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversation_members"
  ADD CONSTRAINT "conversation_members_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_high_id_fkey" FOREIGN KEY (high_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_low_id_fkey" FOREIGN KEY (low_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_opened_by_fkey" FOREIGN KEY (opened_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."group_members"
  ADD CONSTRAINT "group_members_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."groups"
  ADD CONSTRAINT "groups_created_by_fkey" FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."message_hides"
  ADD CONSTRAINT "message_hides_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "group_of_a_group_post" CHECK (((visibility = 'group'::text) = (group_id IS NOT NULL)));

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "visibility_known" CHECK ((visibility = ANY (ARRAY['public'::text, 'friends'::text, 'private'::text, 'group'::text])));

CREATE INDEX chat_notices_created_at_idx ON app_private.chat_notices USING btree (created_at);

CREATE INDEX chat_tasks_created_at_idx ON app_private.chat_tasks USING btree (created_at);

CREATE INDEX group_bans_banned_by_idx ON app_private.group_bans USING btree (banned_by, created_at);

CREATE INDEX group_bans_latest_idx ON app_private.group_bans USING btree (group_id, created_at DESC, user_id DESC);

CREATE INDEX group_bans_until_idx ON app_private.group_bans USING btree (until)
  WHERE (until IS NOT NULL);

CREATE INDEX group_bans_user_id_idx ON app_private.group_bans USING btree (user_id);

CREATE INDEX group_invitations_expires_at_idx ON app_private.group_invitations USING btree (expires_at);

CREATE INDEX group_invitations_invited_by_idx ON app_private.group_invitations USING btree (invited_by, created_at);

CREATE INDEX group_invitations_latest_idx ON app_private.group_invitations USING btree (group_id, created_at DESC, user_id DESC);

CREATE INDEX group_invitations_user_idx ON app_private.group_invitations USING btree (user_id, created_at DESC, group_id DESC);

CREATE INDEX group_links_created_by_idx ON app_private.group_links USING btree (created_by, created_at);

CREATE INDEX group_links_expires_at_idx ON app_private.group_links USING btree (expires_at);

CREATE INDEX group_log_actor_idx ON app_private.group_log USING btree (actor_id, created_at);

CREATE INDEX group_log_created_at_idx ON app_private.group_log USING brin (created_at);

CREATE INDEX group_log_target_id_idx ON app_private.group_log USING btree (target_id);

CREATE INDEX group_requests_latest_idx ON app_private.group_requests USING btree (group_id, created_at DESC, user_id DESC);

CREATE INDEX group_requests_user_idx ON app_private.group_requests USING btree (user_id, created_at, group_id);

CREATE INDEX group_seats_group_id_idx ON app_private.group_seats USING btree (group_id);

CREATE INDEX bookmarks_post_id_idx ON public.bookmarks USING btree (post_id, user_id);

CREATE INDEX conversation_members_conversation_idx ON public.conversation_members USING btree (conversation_id, user_id);

CREATE INDEX conversations_high_id_idx ON public.conversations USING btree (high_id);

CREATE INDEX conversations_opened_by_idx ON public.conversations USING btree (opened_by, created_at);

CREATE UNIQUE INDEX conversations_pair_idx ON public.conversations USING btree (low_id, high_id);

CREATE INDEX group_members_latest_idx ON public.group_members USING btree (group_id, joined_at DESC, user_id DESC);

CREATE UNIQUE INDEX group_members_owner_idx ON public.group_members USING btree (group_id)
  WHERE (ROLE = 'owner'::text);

CREATE INDEX group_members_staff_idx ON public.group_members USING btree (group_id, ROLE, joined_at, user_id)
  WHERE (ROLE <> 'member'::text);

CREATE INDEX group_members_user_idx ON public.group_members USING btree (user_id, joined_at DESC, group_id DESC);

CREATE INDEX groups_created_by_idx ON public.groups USING btree (created_by, created_at);

CREATE INDEX groups_deleted_idx ON public.groups USING btree (deleted_at)
  WHERE (deleted_at IS NOT NULL);

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

CREATE INDEX post_likes_post_idx ON public.post_likes USING btree (post_id, created_at DESC, user_id DESC)
  WHERE (created_at > '-infinity'::timestamp WITH time zone);

CREATE INDEX posts_group_id_idx ON public.posts USING btree (group_id)
  WHERE (group_id IS NOT NULL);

CREATE INDEX posts_group_idx ON public.posts USING btree (group_id, published_at DESC, id DESC)
  WHERE ((group_id IS NOT NULL) AND (status = 'published'::text));

CREATE INDEX posts_group_pinned_idx ON public.posts USING btree (group_id)
  WHERE (pinned_at IS NOT NULL);

CREATE INDEX posts_location_idx ON public.posts USING btree (lower(location), published_at DESC, id DESC)
  WHERE ((status = 'published'::text) AND (location IS NOT NULL) AND (visibility = ANY (ARRAY['public'::text, 'friends'::text])));

CREATE INDEX posts_shares_idx ON public.posts USING btree (id) INCLUDE (shared_post_id)
  WHERE (shared_post_id IS NOT NULL);

CREATE TRIGGER tell_ban
  AFTER INSERT OR DELETE OR UPDATE OF until, created_at ON app_private.group_bans
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_group_ban();

CREATE TRIGGER tell_invitation
  AFTER INSERT OR UPDATE OF expires_at ON app_private.group_invitations
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_group_invitation();

CREATE TRIGGER tell_request
  AFTER INSERT ON app_private.group_requests
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_group_request();

CREATE TRIGGER assert_hold
  AFTER INSERT OR UPDATE ON ledger.holds
  FOR EACH ROW
  EXECUTE FUNCTION ledger.assert_hold();

CREATE TRIGGER keep_author_settings
  AFTER INSERT OR UPDATE OF privacy_settings ON public.account_settings
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_author_settings();

CREATE TRIGGER part_inviters
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_inviters();

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

CREATE CONSTRAINT TRIGGER assert_owned
  AFTER DELETE OR UPDATE OF ROLE ON public.group_members DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  WHEN ((old.role = 'owner'::text))
  EXECUTE FUNCTION app_private.assert_owned();

CREATE TRIGGER claim_seat
  AFTER INSERT ON public.group_members
  FOR EACH ROW
  EXECUTE FUNCTION app_private.seat_member();

CREATE TRIGGER follow_departures
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.follow_departures();

CREATE TRIGGER follow_gone_members
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.follow_group_members();

CREATE TRIGGER follow_new_members
  AFTER INSERT ON public.group_members REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.follow_group_members();

CREATE TRIGGER tell_members_gone
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_group_members();

CREATE TRIGGER tell_members_joined
  AFTER INSERT ON public.group_members REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_group_members();

CREATE TRIGGER tell_role
  AFTER UPDATE OF ROLE ON public.group_members
  FOR EACH ROW
  WHEN ((old.role <> new.role))
  EXECUTE FUNCTION app_private.tell_group_role();

CREATE CONSTRAINT TRIGGER assert_owned
  AFTER INSERT OR UPDATE OF deleted_at ON public.groups DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION app_private.assert_owned();

CREATE TRIGGER keep_seats
  AFTER INSERT OR DELETE OR UPDATE OF member_cap ON public.groups
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_seats();

CREATE TRIGGER tell_groups
  AFTER INSERT OR UPDATE ON public.groups
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_groups();

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

CREATE TRIGGER note_post_shown
  AFTER UPDATE OF status, visibility ON public.posts
  FOR EACH ROW
  WHEN (((new.status = 'published'::text) AND (new.group_id IS NULL) AND ((old.status IS DISTINCT FROM new.status) OR (old.visibility IS DISTINCT FROM new.visibility))))
  EXECUTE FUNCTION app_private.note_post_shown();

CREATE TRIGGER keep_author_card
  AFTER INSERT ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_author_card();

CREATE TRIGGER keep_changed_author_card
  AFTER UPDATE ON public.profiles
  FOR EACH ROW
  WHEN
    ((((old.username)::text IS DISTINCT FROM (new.username)::text) OR (old.full_name IS DISTINCT FROM new.full_name) OR (old.avatar_url IS DISTINCT FROM new.avatar_url) OR
    (old.is_verified IS DISTINCT FROM new.is_verified) OR (old.verification_level IS DISTINCT FROM new.verification_level) OR (old.is_private IS DISTINCT FROM new.is_private)))
  EXECUTE FUNCTION app_private.keep_author_card();

CREATE TRIGGER part_from_deleted
  BEFORE DELETE ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.part_from_deleted();

CREATE POLICY "everybody reads comments on posts they read" ON "public"."comments"
  FOR SELECT
  TO "anon"
  USING (((deleted_at IS NULL) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = comments.post_id)))));

CREATE POLICY "people read comments on posts they read, but not of the hidden" ON "public"."comments"
  FOR SELECT
  TO "authenticated"
  USING ((((deleted_at IS NULL) OR (author_id = ( SELECT auth.uid() AS uid))) AND (NOT (author_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = comments.post_id)))));

CREATE POLICY "people see their own memberships" ON "public"."conversation_members"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "everybody sees groups that are not secret" ON "public"."groups"
  FOR SELECT
  TO "anon"
  USING ((visibility <> 'secret'::text));

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

COMMENT ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) IS 'Refuses an argument with unknown keys or values of another kind (422 and the code): p_allowed says the kind of each, see is_of_kind. null is of every kind.';

COMMENT ON FUNCTION "app_hidden"."assert_group_readable"(uuid) IS 'Refuses who may not see what is in a group: 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "app_hidden"."hears"(text, text, boolean) IS 'Whether I hear a topic of a conversation (extension broadcast or presence), or may write to it: as a member, on that of the current epoch.';

COMMENT ON FUNCTION "app_hidden"."is_person"(uuid) IS 'Whether an account is there, and not deleted.';

COMMENT ON FUNCTION "app_hidden"."my_conversation_ids"() IS 'The conversations that I am in. None for who is not signed in.';

COMMENT ON FUNCTION "app_hidden"."my_group_ids"() IS 'The groups that I am a member of. None for who is not signed in.';

COMMENT ON FUNCTION "app_hidden"."my_inviting_group_ids"() IS 'The groups that ask me to come in.';

COMMENT ON FUNCTION "app_hidden"."my_moderated_group_ids"() IS 'The groups in which I am owner, admin or moderator.';

COMMENT ON FUNCTION "app_private"."add_member"(uuid, uuid) IS 'Makes somebody a member whose membership and whose group the caller has locked. 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) IS '429 rate_limit.exceeded for whoever is signed in and writes more within a window than a person does, whatever they delete of it. Holds for the tables too, where the functions and their limits are not in the way.';

COMMENT ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) IS '429 rate_limit.exceeded for who sends more messages in a minute than a person does (app_private.chat_rules).';

COMMENT ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) IS '429 rate_limit.exceeded for who founded (20 a day), joined (100 an hour) or invited into groups (200 a day) more than a person does.';

COMMENT ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) IS 'Refuses an author who changes what people read too often, or in a group that they are not in: 429 rate_limit.exceeded, 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "app_private"."assert_group"(uuid, uuid) IS '404 groups.not_found for a group that does not exist for a viewer: never, not any more, or because it is secret, all in the same words.';

COMMENT ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) IS 'The role of the actor in the group, where it lets them do this. 404 groups.not_found, 403 groups.members_only, 403 groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) IS 'As assert_may_write, and 409 messages.request_open for who has not accepted the conversation.';

COMMENT ON FUNCTION "app_private"."assert_may_edit"(public.comments) IS 'Refuses other words where one may not write any more: 404 posts.not_found, 403 posts.comments_not_allowed.';

COMMENT ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) IS 'Refuses who may not write in a conversation of theirs: 403 messages.not_accepted, 409 follows.blocked, 422 messages.request_pending.';

COMMENT ON FUNCTION "app_private"."assert_outranks"(text, text) IS 'Refuses (403 groups.not_allowed) who does not stand above the target.';

COMMENT ON FUNCTION "app_private"."assert_owned"() IS 'Trigger on groups and group_members, at the commit: a group is never without its owner, whoever writes.';

COMMENT ON FUNCTION "app_private"."assert_room_for_group"(uuid) IS '422 groups.limit_reached for who is in 1,000 groups: policies read them all.';

COMMENT ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) IS '422 posts.too_many_pinned from the fourth pinned post of an author, or of a group, on.';

COMMENT ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) IS 'In a direct conversation both may; in a group, who has the role for it (403 groups.not_allowed).';

COMMENT ON FUNCTION "app_private"."assert_words"(public.messages) IS 'Refuses words and media that make no message: 422 messages.content_invalid, messages.media_invalid, messages.field_invalid.';

COMMENT ON FUNCTION "app_private"."can_comment"(uuid, uuid) IS 'Whether somebody may comment on a post: its author always, others when the post and the settings of its author both let them; in a group, members only.';

COMMENT ON FUNCTION "app_private"."can_read_group"(uuid, uuid) IS 'Whether a viewer (null: nobody signed in) sees what is in a group, its members and posts: of public ones everybody, of others members.';

COMMENT ON FUNCTION "app_private"."can_send"(public.conversations, uuid) IS 'Whether a message would be taken, but for limits.';

COMMENT ON FUNCTION "app_private"."can_view_group"(uuid, uuid) IS 'Whether a group exists for a viewer (null: nobody signed in): all do but the secret ones, which do for members and for who is invited. The policy of groups says the same of whoever is signed in.';

COMMENT ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) IS 'Posts by id in the order asked for, without those that the viewer (who is signed in, or null) may not read. With p_authors as a page of their feed: published posts of these authors only, and with the reason.';

COMMENT ON FUNCTION "app_private"."clean_group"(public.groups) IS 'The fields of a group without space around them; 422 groups.field_invalid says which of them takes what.';

COMMENT ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) IS 'Comments by id in the order asked for, without those of hidden people. Whether the viewer reads their posts is for the caller to know.';

COMMENT ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) IS 'A message with what is the same for all its readers, given its sender and what it answers (null: nothing).';

COMMENT ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) IS 'Conversations that somebody is in, in the given order, as they see them.';

COMMENT ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) IS 'The conversation that is meant; null when there is none yet.';

COMMENT ON FUNCTION "app_private"."count_changed_posts"() IS 'Trigger on posts: counts those that were published, removed, or shown to others or to nobody from now on.';

COMMENT ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) IS 'What is to be added to the counts of posts, in their order: what waits to be counted, less what hidden people did.';

COMMENT ON FUNCTION "app_private"."count_new_posts"() IS 'Trigger on posts: makes their counts, and counts them for their authors and for what they share.';

COMMENT ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) IS 'Counted reactions with one more or one less; null changes nothing.';

COMMENT ON FUNCTION "app_private"."end_conversation"() IS 'Trigger on conversations: one that nobody is in any more goes, and its messages with it, piece by piece.';

COMMENT ON FUNCTION "app_private"."end_group"(uuid) IS 'Deletes a group for everybody; the worker takes away what was in it (purge_groups).';

COMMENT ON FUNCTION "app_private"."epoch_notice"(public.conversations) IS 'What members are told of a new epoch.';

COMMENT ON FUNCTION "app_private"."expire_messages"(integer) IS 'Takes the words of up to p_limit messages whose time is over, which nobody was shown any more, and says how many.';

COMMENT ON FUNCTION "app_private"."fail_field"(text) IS '422 messages.field_invalid, with what to send instead.';

COMMENT ON FUNCTION "app_private"."fail_group_field"(text) IS '422 groups.field_invalid, with a hint that says which field takes what.';

COMMENT ON FUNCTION "app_private"."fail_no_invitation"() IS '404 groups.invitation_not_found.';

COMMENT ON FUNCTION "app_private"."fail_no_link"() IS '404 groups.link_invalid.';

COMMENT ON FUNCTION "app_private"."fail_no_member"() IS '404 groups.member_not_found.';

COMMENT ON FUNCTION "app_private"."fail_not_accepted"() IS '403 messages.not_accepted: the same words for a setting, a block, a declined request and nobody at all, so that they tell none of these.';

COMMENT ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) IS 'Copies what somebody may read and may pass on. 404 messages.not_found, 422 messages.not_forwardable.';

COMMENT ON FUNCTION "app_private"."find_link"(text, uuid) IS 'The link of a token, for who is not banned; else 404 groups.link_invalid, whatever the reason.';

COMMENT ON FUNCTION "app_private"."follow_departures"() IS 'Trigger on group_members: an heir for groups whose owner went, and free seats.';

COMMENT ON FUNCTION "app_private"."follow_group_members"() IS 'Trigger on group_members: the conversation of a group has its members. Newcomers read what is written from then on, in a public group also what was before.';

COMMENT ON FUNCTION "app_private"."group_card"(uuid, timestamp with time zone) IS 'The card of a group for whoever is signed in. Whether they may see it is for the caller to know.';

COMMENT ON FUNCTION "app_private"."group_of"(jsonb, public.groups) IS 'A group with what a request names changed. 422 groups.field_invalid.';

COMMENT ON FUNCTION "app_private"."hash_of_token"(text) IS 'What is kept of the token of a link: 144 random bits need no salt.';

COMMENT ON FUNCTION "app_private"."hidden_from"(uuid) IS 'As hidden_people, for functions that answer for one person.';

COMMENT ON FUNCTION "app_private"."hide_message"(uuid, public.messages) IS 'Deletes a message for one person, on all their devices.';

COMMENT ON FUNCTION "app_private"."hides"(uuid, text) IS 'Whether somebody set hide_presence or hide_read_receipts.';

COMMENT ON FUNCTION "app_private"."inherit_group"(uuid) IS 'Gives a group without an owner to the member of the highest role, of these to who joined first; without members it is deleted.';

COMMENT ON FUNCTION "app_private"."is_banned"(uuid, uuid) IS 'Whether a group does not take somebody in.';

COMMENT ON FUNCTION "app_private"."is_counted"(text, text) IS 'Whether a post is told of to others, by counts and under its tags: of drafts, of what is for its author alone and of posts in groups, nobody learns that they exist.';

COMMENT ON FUNCTION "app_private"."is_gone"(public.messages) IS 'Whether a message was deleted for all or has disappeared, whether or not the worker came to it.';

COMMENT ON FUNCTION "app_private"."is_invited"(uuid, uuid) IS 'Whether a group asks somebody to come in.';

COMMENT ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) IS 'As can_comment, of a published post that the viewer reads, by what its page has in hand: for twenty at once.';

COMMENT ON FUNCTION "app_private"."keep_author_card"() IS 'Trigger on profiles: what posts and comments show of their author.';

COMMENT ON FUNCTION "app_private"."keep_author_settings"() IS 'Trigger on account_settings: who may comment on the posts of an author.';

COMMENT ON FUNCTION "app_private"."keep_seats"() IS 'Trigger on groups: as many seats as member_cap says. 409 groups.cap_too_low for fewer than are taken.';

COMMENT ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) IS 'The last message of a conversation, cut for a list; null when there is none to read.';

COMMENT ON FUNCTION "app_private"."least_role_for"(text) IS 'The lowest role that may do something in a group.';

COMMENT ON FUNCTION "app_private"."lock_group"(uuid, uuid) IS 'The group, as it will stay until the end of the transaction: its visibility does not change and its owner does not go meanwhile. 404 groups.not_found.';

COMMENT ON FUNCTION "app_private"."lock_membership"(uuid, uuid) IS 'Locks what somebody is in a group, to the end of the transaction.';

COMMENT ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) IS 'Locks what somebody is in a group, and gives it; null for who is no member. The actor may do this, and (p_over) stands above them. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) IS 'Locks the conversation of a message for a change to it. 403 messages.not_accepted, 409 follows.blocked, messages.request_open.';

COMMENT ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) IS 'Whether a member is on the typing topic: when both sides of a direct conversation have accepted it and no block stands between them.';

COMMENT ON FUNCTION "app_private"."members_count"(uuid, integer) IS 'How many members a group with this cap has: exactly as many as it has rows of members.';

COMMENT ON FUNCTION "app_private"."membership"(uuid, uuid) IS 'What somebody is in a conversation; 404 messages.conversation_not_found for who is not in it.';

COMMENT ON FUNCTION "app_private"."membership"(uuid, uuid, text) IS 'What most of these functions answer: {group_id, user_id, status}.';

COMMENT ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) IS 'Whom a text mentions with @username, of its first 30 names those who let its author mention them and, in a group, read it there. To all others it is plain text.';

COMMENT ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) IS 'Whom a message names with @username: members of the conversation who let its sender mention them.';

COMMENT ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) IS 'Whom a post mentions, without those hidden from whoever reads: [{id, username}].';

COMMENT ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) IS 'Messages of conversations that somebody is in, in the given order, as they may see them.';

COMMENT ON FUNCTION "app_private"."message_event"(public.message_card) IS 'What members hear of a message. is_sealed: it will disappear, so the words are not sent along and clients ask for them.';

COMMENT ON FUNCTION "app_private"."message_from"(jsonb) IS 'What a client wants to send, checked as far as it says all of it. 422 messages.field_invalid, messages.content_invalid, messages.media_invalid.';

COMMENT ON FUNCTION "app_private"."name_card"(uuid, uuid) IS 'Somebody as {id, username, full_name, avatar_url}; null for who does not exist for the viewer.';

COMMENT ON FUNCTION "app_private"."next_change"(uuid) IS 'Locks a conversation and counts a change in it: last_change is its number.';

COMMENT ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) IS 'Notes for the moderators of a group who did what to whom.';

COMMENT ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp with time zone, uuid) IS 'The next p_limit places of a feed before (p_before, p_before_id) where no inbox reaches: looked up among the posts of all whom somebody follows and has not muted, in widening windows. Gives their ids and authors, the time of the last, and whether there may be more.';

COMMENT ON FUNCTION "app_private"."open_direct"(uuid, uuid) IS 'The conversation of two people, new if there is none: a request to who does not follow the writer. 403 messages.not_accepted, 409 follows.blocked, 422 messages.to_oneself, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."other_of"(public.conversations, uuid) IS 'The other one of a direct conversation; null for a group, and when the account is gone.';

COMMENT ON FUNCTION "app_private"."part_conversations"() IS 'Trigger on blocks: the direct conversation of the two goes on in a new epoch, of which the blocker is told at once and both when no block is left.';

COMMENT ON FUNCTION "app_private"."part_from_deleted"() IS 'Trigger on profiles: who is deleted leaves direct conversations, which stay with the other, and the worker takes their words away.';

COMMENT ON FUNCTION "app_private"."part_inviters"() IS 'Trigger on blocks: an invitation between the two is gone. What groups they share stays.';

COMMENT ON FUNCTION "app_private"."person_of"(uuid) IS 'A person as messages show them; null for who is gone.';

COMMENT ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) IS 'A post of a group that the actor moderates. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."prune_groups"(integer) IS 'Deletes up to p_limit each of links, invitations and bans that are over and of what is a year old in logs, and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."pull_posts"(uuid, timestamp with time zone, timestamp with time zone, uuid, integer, uuid[]) IS 'The newest p_limit posts of those whom somebody follows, and their own, from p_from on and before (p_before, p_before_id), newest first. An inbox gets muted people''s too, for a mute ends; p_without: whose are left out.';

COMMENT ON FUNCTION "app_private"."purge_groups"(integer) IS 'Takes up to p_limit posts of a deleted group away, or the group when none is left, and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."purge_messages"(uuid, integer) IS 'Deletes up to p_limit messages of a conversation that is gone.';

COMMENT ON FUNCTION "app_private"."rank_of"(text) IS 'owner 4, admin 3, moderator 2, member 1, nobody (null) 0: who stands higher may do what those below may.';

COMMENT ON FUNCTION "app_private"."reactions_of"(jsonb) IS 'Counted reactions as a list, the most frequent first.';

COMMENT ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) IS 'A message that somebody may read, with its words unless p_living is false; else 404 messages.not_found.';

COMMENT ON FUNCTION "app_private"."renew_epochs"(uuid[]) IS 'Moves conversations to new topics. What was sent before is waited for, and what comes later goes to the new one.';

COMMENT ON FUNCTION "app_private"."return_seats"(uuid, integer) IS 'Gives seats back to a group, to a row that nobody holds or to a new one.';

COMMENT ON FUNCTION "app_private"."role_in"(uuid, uuid) IS 'What somebody is in a group; null for who is no member.';

COMMENT ON FUNCTION "app_private"."seat_member"() IS 'Trigger on group_members: a seat for each new member, whoever writes the row.';

COMMENT ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) IS 'The message that was sent with this client_id, null when none was; 409 messages.client_id_reused when it is another one.';

COMMENT ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp with time zone) IS 'The last message of a conversation before a moment; 0 when there is none.';

COMMENT ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) IS 'Posts that others share, as cards without what they share themselves, which is nothing.';

COMMENT ON FUNCTION "app_private"."shown_profile_counts"(uuid, uuid) IS 'The counts of a profile as a viewer sees them: with what waits to be added, without those between whom and the viewer a block stands, where the viewer sees the lists.';

COMMENT ON FUNCTION "app_private"."take_seat"(uuid) IS 'Takes a free seat of a group; 409 groups.full when there is none.';

COMMENT ON FUNCTION "app_private"."take_use"(uuid) IS 'Uses a link once, the last time by deleting it; false when there is no use left.';

COMMENT ON FUNCTION "app_private"."tell_changed"(public.conversations, public.messages) IS 'Tells members how a message reads now.';

COMMENT ON FUNCTION "app_private"."tell_conversation_created"() IS 'Trigger on conversations: conversation.created.';

COMMENT ON FUNCTION "app_private"."tell_departures"() IS 'Trigger on conversation_members: who is gone hears nothing from here on. Those who stay are told by the worker, those who go at once.';

COMMENT ON FUNCTION "app_private"."tell_epochs"(integer) IS 'Tells up to p_limit (60) members of one group''s conversation of its new epoch; says how many, and 0 when nobody waits.';

COMMENT ON FUNCTION "app_private"."tell_group_ban"() IS 'Trigger on group_bans: group.banned, also with another end, and group.unbanned before its end.';

COMMENT ON FUNCTION "app_private"."tell_group_invitation"() IS 'Trigger on group_invitations: group.invited, also when one that was over is made anew.';

COMMENT ON FUNCTION "app_private"."tell_group_members"() IS 'Trigger on group_members: group.member_joined, group.member_left, group.member_removed.';

COMMENT ON FUNCTION "app_private"."tell_group_request"() IS 'Trigger on group_requests: group.join_requested.';

COMMENT ON FUNCTION "app_private"."tell_group_role"() IS 'Trigger on group_members: group.role_changed, also of an owner and an heir.';

COMMENT ON FUNCTION "app_private"."tell_groups"() IS 'Trigger on groups: group.created, group.updated with the names of what changed, group.deleted.';

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

COMMENT ON FUNCTION "ledger"."assert_hold"() IS 'Trigger on holds: kind and state are known, the amount is above zero, what was captured is no more than it, and no fee is below zero.';

COMMENT ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp with time zone, uuid, uuid, text, text) IS 'The two lines of a transfer from one to another, as ledger.line has them: what left, and what came.';

COMMENT ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) IS 'Makes the wallet of a recipient if it is missing, and waits for the payer''s account.';

COMMENT ON FUNCTION "public"."accept_conversation"(uuid) IS 'Lets somebody write to me who asked to, also one that I declined; to answer does the same. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."accept_group_invitation"(uuid) IS 'Comes into a group that invited the caller: {group_id, user_id, status: member}. 404 groups.invitation_not_found, 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."approve_group_request"(uuid, uuid) IS 'Takes somebody in who asked to: {group_id, user_id, status: member}, also when they are in already. 404 groups.not_found, groups.request_not_found, 403 groups.members_only, groups.not_allowed, 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."archive_conversation"(uuid, boolean) IS 'Puts a conversation aside, where it stays until it is taken back; nobody is told. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp with time zone, text) IS 'Keeps somebody of a lower role, or no member, out of a group until a time or (null) for good: {group_id, user_id, status: banned, until}. Done again, it replaces end and reason. 404 groups.not_found, users.not_found, 403 groups.members_only, groups.not_allowed, 422 groups.field_invalid.';

COMMENT ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'Whom a group keeps out, by whom, why and until when; at: since when; id: of the person, who is null where a block stands. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."clear_conversation"(uuid) IS 'Deletes all messages of a conversation for me. A direct one is listed again with its next message. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation"(uuid) IS 'A conversation of mine. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_changes"(uuid, bigint, integer) IS 'Messages that were edited, deleted, reacted to or pinned after a change that I have, in the order of their last change. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_messages"(uuid, integer, bigint, bigint, timestamp with time zone, timestamp with time zone) IS 'Messages of a conversation of mine: the latest first, before a seq or a moment; or with p_after_seq or p_after the oldest first, which gives each exactly once. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_of_group"(uuid) IS 'The conversation of a group that I am a member of; else 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_receipts"(uuid, integer, uuid) IS 'How far the others have read, of those who show it, in the order of their ids; nobody for who hides their own receipts or has not accepted. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_topic"(uuid) IS 'Where to hear of a conversation: join both as private channels, then ask for messages after the last seq and changes after the last change that you have. typing_topic is null before both have accepted. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."conversation_with"(uuid) IS 'My direct conversation with somebody; 404 messages.conversation_not_found before the first message.';

COMMENT ON FUNCTION "public"."create_group"(jsonb) IS 'Founds a group with the caller as its owner: {name, description, visibility, category, avatar_url, cover_url, rules, member_cap}, all optional but the name. 422 groups.field_invalid, 429 rate_limit.exceeded, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."create_group_link"(uuid, jsonb) IS 'Makes a link into a group, {expires_at (a week from now), max_uses (any number)}: {id, token, uses_left, expires_at, created_at}. The token is shown here and never again. 404 groups.not_found, 403 groups.members_only, groups.not_allowed, 422 groups.field_invalid, groups.too_many_links.';

COMMENT ON FUNCTION "public"."create_post"(jsonb) IS 'Writes a post: {type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, scheduled_for, draft, poll: {options, ends_at, is_multiple}}, all optional. 422 posts.field_invalid for any other.';

COMMENT ON FUNCTION "public"."decline_conversation"(uuid) IS 'Takes no more messages from who asked to write to me, and tells nobody. 404 messages.conversation_not_found, 409 messages.no_request for one that I accepted.';

COMMENT ON FUNCTION "public"."decline_group_invitation"(uuid) IS 'Declines an invitation of the caller: {group_id, user_id, status: declined}. 404 groups.invitation_not_found.';

COMMENT ON FUNCTION "public"."decline_group_request"(uuid, uuid) IS 'Declines a request to join, without telling: {group_id, user_id, status: declined}. 404 groups.not_found, groups.request_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."delete_comment"(uuid) IS 'Deletes a comment of the caller, or on a post of the caller or in a group that they moderate; false when there is none. One with answers stays as an empty place.';

COMMENT ON FUNCTION "public"."delete_group"(uuid) IS 'Deletes a group of the caller, who must be its owner (403 groups.not_allowed), with all that is in it; false when there is none.';

COMMENT ON FUNCTION "public"."delete_message"(uuid, text) IS 'Deletes a message for me, or its words for all: of mine, or as a moderator of the group; its place stays. {id, conversation_id, seq, deleted_for}. 404 messages.not_found, 403 messages.not_yours, 422 messages.delete_too_late.';

COMMENT ON FUNCTION "public"."discover_groups"(text, integer, timestamp with time zone, uuid) IS 'Groups that I am not in and may find, of one category or of all; at: when they were founded. No secret one is among them.';

COMMENT ON FUNCTION "public"."edit_message"(uuid, text) IS 'Changes the words of a message of mine; edited_at tells everybody, the former words are not kept. 404 messages.not_found, 403 messages.not_yours, messages.not_accepted, 422 messages.edit_too_late, messages.content_invalid.';

COMMENT ON FUNCTION "public"."group_page"(uuid) IS 'One group. 404 groups.not_found.';

COMMENT ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'Whom a group asks to come in; at: since when. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."invite_to_group"(uuid, uuid) IS 'Asks somebody to come into a group, for 30 days: {group_id, user_id, status: invited, or member}; who asked to join is let in. 404 groups.not_found, users.not_found, 403 groups.members_only, groups.not_allowed, groups.invitation_refused, 409 follows.blocked, groups.person_banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."join_group"(uuid, text) IS 'Joins a public group or one that invited the caller, or asks a private one: {group_id, user_id, status: member or requested}. 404 groups.not_found, 403 groups.join_refused, 409 groups.full, 422 groups.limit_reached, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."leave_group"(uuid) IS 'Leaves a group, or takes back a request to join it: {group_id, user_id, status: none}. 404 groups.not_found, 409 groups.owner_must_stay.';

COMMENT ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'The links that let people into a group, without their tokens. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'What those who run a group did in it, the latest first, for its moderators: 403 groups.members_only, groups.not_allowed, 404 groups.not_found. actor and target are null for who is gone, or does not exist for the caller.';

COMMENT ON FUNCTION "public"."mark_read"(uuid, bigint) IS 'Marks as read: a message and all before it, or of a conversation all up to a seq or everything: {conversation_id, last_read_seq, unread_count}. 404 messages.not_found.';

COMMENT ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp with time zone, uuid) IS 'Who is in a group, of one role or of all; at: since when. Without those between whom and me a block stands. 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "public"."message"(uuid) IS 'One message, also one that is gone, without its words. 404 messages.not_found.';

COMMENT ON FUNCTION "public"."message_reactors"(uuid, integer, uuid) IS 'Who reacted how to a message, in the order of their ids, without those hidden from me. 404 messages.not_found.';

COMMENT ON FUNCTION "public"."mute_conversation"(uuid, boolean, timestamp with time zone) IS 'Keeps a conversation out of my notifications, until a time or for good, or no longer; nobody is told. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."my_conversations"(text, integer, timestamp with time zone, uuid) IS 'My conversations with their last message and how many I have not read, the latest first: the inbox, the archived, or requests of people whom I do not follow. The next page begins after the active_at and id of the last.';

COMMENT ON FUNCTION "public"."my_group_invitations"(integer, timestamp with time zone, uuid) IS 'Groups that ask me to come in; id: of the group, at: since when.';

COMMENT ON FUNCTION "public"."my_groups"(integer, timestamp with time zone, uuid) IS 'The groups that I am a member of; at: since when.';

COMMENT ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) IS 'Pins a post in a group that the caller moderates, at most three, or takes the pin away: {group_id, post_id, pinned}. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed, 422 posts.too_many_pinned.';

COMMENT ON FUNCTION "public"."pin_message"(uuid, boolean) IS 'Pins a message for everybody in the conversation, or takes the pin off; in a group, as a moderator. 404 messages.not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open, 422 messages.too_many_pinned.';

COMMENT ON FUNCTION "public"."pinned_messages"(uuid) IS 'What is pinned in a conversation, the latest pin first, up to 50. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."pinned_posts_of_group"(uuid) IS 'The pinned posts of a group, at most three, the latest pinned first. 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "public"."posts_by_location"(text, integer, timestamp with time zone, uuid) IS 'Posts from a location, by its whole name in any case; none that only its author may read.';

COMMENT ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp with time zone, uuid) IS 'Posts with a tag, in any case and with or without its #; none that only its author may read.';

COMMENT ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'What was posted in a group, as far as the caller may read it. 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "public"."preview_group_link"(text) IS 'The group into which a link leads, before one comes in. 404 groups.link_invalid.';

COMMENT ON FUNCTION "public"."react_to_message"(uuid, text) IS 'Reacts to a message with one emoji, another one in its place, or none (null). 404 messages.not_found, 403 messages.not_accepted, 409 messages.request_open, 422 messages.field_invalid, messages.too_many_reactions.';

COMMENT ON FUNCTION "public"."redeem_group_link"(text) IS 'Comes into a group by a link: {group_id, user_id, status: member}; a member uses nothing up. 404 groups.link_invalid, 409 groups.full, 422 groups.limit_reached, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."remove_group_member"(uuid, uuid) IS 'Takes somebody of a lower role out of a group: {group_id, user_id, status: removed}. They may come again, unlike who is banned. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) IS 'Takes a post out of a group that the caller moderates: {group_id, post_id, status: removed}. Its author sees that it was removed. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'Who asks to join a group, and with what words; at: since when. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."revoke_group_link"(uuid, uuid) IS 'Makes a link let nobody in any more: {id, revoked}. 404 groups.not_found, groups.link_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."search_groups"(text, integer, real, uuid) IS 'Groups by name, the best first: the very name, names that begin so, that have it in them, that resemble it, accents aside. Secret groups are found by their members alone. The next page begins after the rank and id of the last card.';

COMMENT ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp with time zone, uuid) IS 'Messages that I may read with all these words, or words that begin so, in all my conversations (the 500 latest) or one, the newest first; the next page begins after the created_at and id of the last. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."send_message"(jsonb) IS 'Sends a message: {one of conversation_id, group_id, receiver_id; client_id, a UUID of yours that makes a repetition safe and becomes the id; kind, content, media_urls, duration_ms, waveform, reply_to}, or forward_of. 404 messages.conversation_not_found, messages.not_found, 403 messages.not_accepted, 409 messages.client_id_reused, follows.blocked, 422 messages.field_invalid, messages.content_invalid, messages.media_invalid, messages.request_pending, messages.not_forwardable, messages.to_oneself, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."send_typing"(uuid) IS 'Tells the others that I am typing, for clients without a socket; false where they are not told, because I hide my presence or they have not accepted. 404 messages.conversation_not_found.';

COMMENT ON FUNCTION "public"."set_group_role"(uuid, uuid, text) IS 'Makes a member of a lower role admin, moderator or member, below the caller''s own: {group_id, user_id, role}. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."set_message_timer"(uuid, integer) IS 'Lets messages sent from now on disappear after so many seconds (30 to 7776000), or stay (null); in a group, as an admin. 404 messages.conversation_not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open.';

COMMENT ON FUNCTION "public"."transfer_group"(uuid, uuid) IS 'Makes another member the owner and the caller an admin: {group_id, user_id, role: owner}. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."unban_from_group"(uuid, uuid) IS 'Lifts a ban: {group_id, user_id, status: none}, also when there is none. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."update_group"(uuid, jsonb) IS 'Changes what p names of a group, as create_group; visibility and member_cap are the owner''s. 404 groups.not_found, 403 groups.not_allowed, 409 groups.cap_too_low.';

COMMENT ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) IS 'Takes an invitation back: {group_id, user_id, status: none}. 404 groups.not_found, groups.invitation_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON TABLE "app_private"."author_cards" IS 'What posts and comments show of their author, and what a page has to ask of them: profiles and account_settings once more, kept by triggers in the transaction of the change.';

COMMENT ON TABLE "app_private"."chat_notices" IS 'Conversations of groups whose members still have to be told of a new epoch, and to whom the worker has come.';

COMMENT ON TABLE "app_private"."chat_rules" IS 'Settings of the operators, one row; null means no limit: how many messages and new conversations a person may send and open, how many messages wait in a request, and how long a message can be edited, or deleted for all.';

COMMENT ON TABLE "app_private"."chat_tasks" IS 'What the worker takes away piece by piece: the words of a person who is gone (wipe), the messages of a conversation that is gone (purge). Nobody is shown them meanwhile.';

COMMENT ON TABLE "app_private"."group_bans" IS 'Whom a group does not take in, until a time or (null) for good. The banned see of the group what everybody outside sees.';

COMMENT ON TABLE "app_private"."group_invitations" IS 'Whom a group asks to come in; for them a secret group is there, too. Accepted, declined or withdrawn, it is gone.';

COMMENT ON TABLE "app_private"."group_links" IS 'Links that let whoever has one into a group. Only a hash of the token is kept: the link itself was shown once. uses_left: null for any number; with its last use the row is gone.';

COMMENT ON TABLE "app_private"."group_log" IS 'What those who run a group did in it: who, what, to whom, when. For its moderators, for a year.';

COMMENT ON TABLE "app_private"."group_requests" IS 'Who asks to be taken into a private group. Approved, they are a member; declined or taken back, it is gone.';

COMMENT ON TABLE "app_private"."group_seats" IS 'Free seats of groups: member_cap less the sum of these is how many members a group has.';

COMMENT ON TABLE "app_private"."paces" IS 'How many posts, comments and reports somebody has written since their window began.';

COMMENT ON TABLE "public"."conversation_members" IS 'Who is in which conversation. state: requested by somebody whom the member does not follow, until they accept or decline. They read messages after from_seq, and have read those up to last_read_seq. muted_until null: muted for good.';

COMMENT ON TABLE "public"."conversations" IS 'Direct conversations of two people (low_id and high_id in order; null: the account is gone) and those of groups. last_seq counts the messages, last_change what was changed of them afterwards; whoever counts holds the row to the end. epoch is part of the topic on which members hear of it, and changes when somebody may hear no more.';

COMMENT ON TABLE "public"."group_members" IS 'Who is in which group, and as what. Each group has one owner, until it is deleted.';

COMMENT ON TABLE "public"."groups" IS 'Groups of people. public: everybody reads its posts and may join; private: everybody sees that it is there, and joins when approved; secret: does not exist for who is neither a member nor invited. deleted_at: without members, and gone when the worker has taken its posts away.';

COMMENT ON TABLE "public"."message_hides" IS 'Messages that somebody deleted for themselves.';

COMMENT ON TABLE "public"."message_reactions" IS 'Who reacted how to a message, one emoji each.';

COMMENT ON TABLE "public"."messages" IS 'What people write to each other. seq counts from 1 without a gap, in the order of the commits; id is the client''s own, so that a repeated send finds the first. A message that was deleted or has disappeared keeps its place without its words. change: the number of its last change, null while there was none. reactions: how many of each emoji.';

COMMENT ON TABLE "public"."post_tags" IS 'The tags of published posts that others may read, by time: the page of a tag, and what is trending.';

COMMENT ON TABLE "public"."posts" IS 'What people post. Who may read one is decided by its policy alone. draft and scheduled: for the author only; removed: by a moderator. group_id: it stands on the page of that group and nowhere else. tags hold those of the content too, in lower case.';

COMMENT ON TABLE "public"."profile_counts" IS 'How many follow a person, are followed by them, and how many published posts they have that others may read. Behind the rows by what app_private.count_deltas holds for a second.';

COMMENT ON TYPE "public"."conversation_card" IS 'A conversation in a list, as its member sees it. person: the other one of a direct conversation, null when they do not exist for me any more. group: id, name, avatar_url and my role. state: accepted, requested (somebody wrote to me whom I do not follow) or declined.';

COMMENT ON TYPE "public"."group_card" IS 'A group as the caller sees it. my_role: what they are in it, null for who is no member; my_status: member, invited, requested or none. at: when what the list is ordered by happened.';

COMMENT ON TYPE "public"."message_card" IS 'A message as its reader may see it. Deleted, disappeared or deleted for oneself: deleted_at is set and no words are left. is_read: by me, or in a direct conversation, of my own, by the other; null where nobody says.';

COMMENT ON TYPE "public"."post_card" IS 'A post as the caller sees it, with its author, its counts, and what the caller did with it. poll, shared_post, reason (why it is in the feed) and group_id are null where there is none.';

REVOKE ALL ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."assert_group_readable"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_group_readable"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."assert_group_readable"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_group_readable"(uuid) TO "postgres";

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

REVOKE ALL ON FUNCTION "app_hidden"."my_group_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_group_ids"() TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_group_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_group_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_inviting_group_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_inviting_group_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_inviting_group_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_inviting_group_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_moderated_group_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_moderated_group_ids"() TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_moderated_group_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_moderated_group_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."add_member"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."add_member"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."add_member"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm_in_chat"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_act"(public.conversations, public.conversation_members) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_edit"(public.comments) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_edit"(public.comments) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_edit"(public.comments) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_write"(public.conversations, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_outranks"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_outranks"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_outranks"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_owned"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_owned"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_owned"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_group"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room_for_group"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_staff"(public.conversations, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_words"(public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_words"(public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_words"(public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_read_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_read_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_read_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_send"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_send"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_send"(public.conversations, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."clean_group"(public.groups) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."clean_group"(public.groups) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."clean_group"(public.groups) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."common_card"(public.messages, jsonb, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."conversation_cards"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."conversation_for"(jsonb, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_reaction"(jsonb, text, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."end_conversation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."end_conversation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."end_conversation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."end_group"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."end_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."end_group"(uuid) TO "postgres";

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

REVOKE ALL ON FUNCTION "app_private"."fail_group_field"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_group_field"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_group_field"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_no_invitation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_no_invitation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_no_invitation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_no_link"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_no_link"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_no_link"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_no_member"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_no_member"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_no_member"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_not_accepted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_not_accepted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_not_accepted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fill_forward"(uuid, public.messages, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."find_link"(text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."find_link"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."find_link"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow_departures"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."follow_departures"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow_departures"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow_group_members"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."follow_group_members"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow_group_members"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."group_card"(uuid, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."group_card"(uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."group_card"(uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."group_of"(jsonb, public.groups) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."group_of"(jsonb, public.groups) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."group_of"(jsonb, public.groups) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hash_of_token"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hash_of_token"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hash_of_token"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_from"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hide_message"(uuid, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hide_message"(uuid, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hide_message"(uuid, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hides"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hides"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hides"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."inherit_group"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."inherit_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."inherit_group"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_banned"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_banned"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_banned"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_counted"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_counted"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_counted"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_gone"(public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_gone"(public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_gone"(public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_invited"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_invited"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_invited"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_author_card"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_author_card"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_author_card"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_author_settings"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_author_settings"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_author_settings"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_seats"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_seats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_seats"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."last_message_of"(uuid, public.conversations, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."least_role_for"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."least_role_for"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."least_role_for"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_membership"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_membership"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_membership"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_type"(public.conversations, public.conversation_members) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."members_count"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."members_count"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."members_count"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."membership"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."membership"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentioned_in_message"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_cards"(uuid, public.messages[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_event"(public.message_card) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_event"(public.message_card) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_event"(public.message_card) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_from"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_from"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_from"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."name_card"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."name_card"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."name_card"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."next_change"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

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

REVOKE ALL ON FUNCTION "app_private"."part_inviters"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_inviters"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_inviters"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."person_of"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."person_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."person_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_groups"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_groups"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_groups"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_groups"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."purge_groups"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."purge_groups"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."purge_groups"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."purge_groups"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."purge_messages"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."purge_messages"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."purge_messages"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."rank_of"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."rank_of"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."rank_of"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."reactions_of"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."reactions_of"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."reactions_of"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."readable_message"(uuid, uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."renew_epochs"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."return_seats"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."return_seats"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."return_seats"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."role_in"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."role_in"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."role_in"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."seat_member"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."seat_member"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."seat_member"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."seq_before"(uuid, bigint, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_seat"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_seat"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_seat"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_use"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_use"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_use"(uuid) TO "postgres";

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

REVOKE ALL ON FUNCTION "app_private"."tell_group_ban"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_ban"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_ban"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_invitation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_invitation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_invitation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_members"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_members"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_members"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_request"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_request"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_request"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_role"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_role"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_role"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_groups"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_groups"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_groups"() TO "postgres";

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

REVOKE ALL ON FUNCTION "ledger"."assert_hold"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."assert_hold"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."assert_hold"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp WITH time zone, uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp WITH time zone, uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp WITH time zone, uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_conversation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."accept_conversation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_conversation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_group_invitation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."accept_group_invitation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_group_invitation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."approve_group_request"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."approve_group_request"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."approve_group_request"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."archive_conversation"(uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."archive_conversation"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."archive_conversation"(uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

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

GRANT EXECUTE ON FUNCTION "public"."create_group"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."create_group"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group_link"(uuid, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."create_group_link"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group_link"(uuid, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_conversation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_conversation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_conversation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_invitation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_group_invitation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_invitation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_request"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_group_request"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_request"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_group"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_message"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_message"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_message"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."edit_message"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."edit_message"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."edit_message"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."group_page"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."group_page"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."group_page"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."invite_to_group"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."invite_to_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."invite_to_group"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."join_group"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."join_group"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."join_group"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."leave_group"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."leave_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."leave_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_read"(uuid, bigint) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_read"(uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_read"(uuid, bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) TO "postgres";

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

GRANT EXECUTE ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_message"(uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."pin_message"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_message"(uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_messages"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."pinned_messages"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_messages"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_posts_of_group"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."pinned_posts_of_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_posts_of_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."preview_group_link"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."preview_group_link"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."preview_group_link"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."react_to_message"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."react_to_message"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."react_to_message"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."redeem_group_link"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."redeem_group_link"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."redeem_group_link"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_member"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_group_member"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_member"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."revoke_group_link"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."revoke_group_link"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."revoke_group_link"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_groups"(text, integer, real, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."search_groups"(text, integer, real, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_groups"(text, integer, real, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_messages"(text, uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_message"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."send_message"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_message"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_typing"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."send_typing"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."send_typing"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_group_role"(uuid, uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."set_group_role"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_group_role"(uuid, uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_message_timer"(uuid, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."set_message_timer"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_message_timer"(uuid, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."transfer_group"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."transfer_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."transfer_group"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."unban_from_group"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."unban_from_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."unban_from_group"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."update_group"(uuid, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."update_group"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."update_group"(uuid, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) TO "postgres";

REVOKE ALL ON TABLE "public"."conversation_members" FROM "authenticated";

GRANT SELECT ON TABLE "public"."conversation_members" TO "authenticated";

REVOKE ALL ON TABLE "public"."conversation_members" FROM "service_role";

GRANT SELECT ON TABLE "public"."conversation_members" TO "service_role";

REVOKE ALL ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ON TABLE "public"."conversations" FROM "service_role";

GRANT SELECT ON TABLE "public"."conversations" TO "service_role";

REVOKE ALL ON TABLE "public"."group_members" FROM "authenticated";

GRANT SELECT ON TABLE "public"."group_members" TO "authenticated";

REVOKE ALL ON TABLE "public"."group_members" FROM "service_role";

GRANT SELECT ON TABLE "public"."group_members" TO "service_role";

REVOKE ALL ON TABLE "public"."groups" FROM "anon";

REVOKE ALL ("avatar_url") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("avatar_url") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("category") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("category") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("cover_url") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("cover_url") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("created_at") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("created_at") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("description") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("description") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("member_cap") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("member_cap") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("name") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("name") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("rules") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("rules") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("updated_at") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("updated_at") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("visibility") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("visibility") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ON TABLE "public"."groups" FROM "authenticated";

REVOKE ALL ("avatar_url") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("avatar_url") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("category") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("category") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("cover_url") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("cover_url") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("description") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("description") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("member_cap") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("member_cap") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("name") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("name") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("rules") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("rules") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("updated_at") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("updated_at") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("visibility") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("visibility") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ON TABLE "public"."groups" FROM "service_role";

GRANT SELECT ON TABLE "public"."groups" TO "service_role";

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

REVOKE ALL ("group_id") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("group_id") ON TABLE "public"."posts" TO "authenticated";

ALTER TABLE "app_private"."group_links"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_private.uuid_v7();

ALTER TABLE "app_private"."group_links"
  ADD CONSTRAINT "group_links_pkey" PRIMARY KEY (id);

CREATE INDEX group_links_latest_idx ON app_private.group_links USING btree (group_id, created_at DESC, id DESC);

ALTER TABLE "app_private"."group_log"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_private.uuid_v7();

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_pkey" PRIMARY KEY (id);

CREATE INDEX group_log_latest_idx ON app_private.group_log USING btree (group_id, created_at DESC, id DESC);

ALTER TABLE "public"."conversations"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_private.uuid_v7();

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_pkey" PRIMARY KEY (id);

ALTER TABLE "app_private"."chat_notices"
  ADD CONSTRAINT "chat_notices_conversation_id_fkey" FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversation_members"
  ADD CONSTRAINT "conversation_members_conversation_id_fkey" FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;

CREATE POLICY "members see their conversations" ON "public"."conversations"
  FOR SELECT
  TO "authenticated"
  USING ((id IN ( SELECT app_hidden.my_conversation_ids() AS my_conversation_ids)));

ALTER TABLE "app_private"."group_bans"
  ADD CONSTRAINT "group_bans_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_invitations"
  ADD CONSTRAINT "group_invitations_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_links"
  ADD CONSTRAINT "group_links_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_requests"
  ADD CONSTRAINT "group_requests_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "public"."conversations"
  ADD CONSTRAINT "conversations_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "public"."group_members"
  ADD CONSTRAINT "group_members_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "posts_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

CREATE INDEX groups_category_idx ON public.groups USING btree (category, created_at DESC, id DESC)
  WHERE (visibility <> 'secret'::text);

CREATE INDEX groups_latest_idx ON public.groups USING btree (created_at DESC, id DESC)
  WHERE (visibility <> 'secret'::text);

CREATE POLICY "people see who is in their groups and in public ones, but nobod" ON "public"."group_members"
  FOR SELECT
  TO "authenticated"
  USING (((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND ((group_id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids)) OR (EXISTS ( SELECT
   FROM public.groups g
  WHERE ((g.id = group_members.group_id) AND (g.visibility = 'public'::text)))))));

CREATE POLICY "people see all groups but secret ones of others" ON "public"."groups"
  FOR SELECT
  TO "authenticated"
  USING
    (((visibility <> 'secret'::text) OR (id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids)) OR (id IN ( SELECT app_hidden.my_inviting_group_ids() AS
    my_inviting_group_ids))));

CREATE POLICY "everybody reads public posts of public accounts, and posts in p" ON "public"."posts"
  FOR SELECT
  TO "anon"
  USING (((status = 'published'::text) AND
CASE visibility
    WHEN 'public'::text THEN (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true))
    WHEN 'group'::text THEN COALESCE(( SELECT (g.visibility = 'public'::text)
       FROM public.groups g
      WHERE (g.id = posts.group_id)), false)
    ELSE false
END));

CREATE POLICY "people read their own posts, and those they are shown" ON "public"."posts"
  FOR SELECT
  TO "authenticated"
  USING
    ((((author_id = ( SELECT auth.uid() AS uid)) AND ((group_id IS NULL) OR (status = ANY (ARRAY['draft'::text, 'scheduled'::text])) OR (group_id IN ( SELECT
    app_hidden.my_group_ids() AS my_group_ids)) OR COALESCE(( SELECT (g.visibility = 'public'::text)
   FROM public.groups g
  WHERE (g.id = posts.group_id)), false))) OR ((status = 'published'::text) AND (NOT (author_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND
CASE visibility
    WHEN 'public'::text THEN (COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = ( SELECT auth.uid() AS uid)) AND (f.followee_id = posts.author_id))), false) OR (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true)))
    WHEN 'friends'::text THEN (COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = ( SELECT auth.uid() AS uid)) AND (f.followee_id = posts.author_id))), false) AND COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = posts.author_id) AND (f.followee_id = ( SELECT auth.uid() AS uid)))), false))
    WHEN 'group'::text THEN ((group_id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids)) OR COALESCE(( SELECT (g.visibility = 'public'::text)
       FROM public.groups g
      WHERE (g.id = posts.group_id)), false))
    ELSE false
END)));

REVOKE ALL ("id") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("id") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("id") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."groups" TO "authenticated";

CREATE INDEX groups_name_prefix_idx ON public.groups USING btree (app_hidden.plain_name(name) text_pattern_ops)
  WHERE (visibility <> 'secret'::text);

CREATE INDEX groups_name_trgm_idx ON public.groups USING gin (app_hidden.plain_name(name) extensions.gin_trgm_ops)
  WHERE (visibility <> 'secret'::text);

-- copy of sql/10_identity/5_data.sql sha256:2f99f2ffcaeee1655a50709909968da8010ed7ee1734e6faba4885609adb40ff
with wanted (username) as (
  select unnest(string_to_array(
    'about account accounts admin administrator anonymous api app apps assets astra auth billing block blocked blog bot business call calls '
    || 'cdn chat contact dashboard dev developer developers docs download everyone explore export feed feeds follow followers '
    || 'following follows friends functions graphql group groups health help home inbox info legal login logout mail me media message '
    || 'messages moderator moderators mute muted news notification notifications null oauth official operator owner password pay payment '
    || 'payments payout payouts policy post posts postmaster press privacy profile profiles public realtime refresh register '
    || 'relationship report reports requests rest root search security self service service_role session sessions settings signin signup staff status '
    || 'storage store stories suggestions support supabase system team terms test transaction transactions trust undefined unfollow user username '
    || 'users verified verify wallet wallets web webhook webhooks webmaster withdraw www',
    ' '))
), gone as (
  delete from app_private.reserved_usernames r where not exists (select from wanted w where w.username = r.username)
)
insert into app_private.reserved_usernames (username) select w.username from wanted w
on conflict (username) do nothing;

-- People from before there were counts, private accounts and a guard of the settings: what means nothing is left out.
update public.account_settings s set
  privacy_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.privacy_settings) x
    where app_hidden.is_privacy_settings(jsonb_build_object(x.key, x.value))),
  notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.notification_settings) x
    where app_hidden.is_notification_settings(jsonb_build_object(x.key, x.value)))
where not app_hidden.is_privacy_settings(s.privacy_settings) or not app_hidden.is_notification_settings(s.notification_settings);
insert into public.profile_counts (user_id) select p.id from public.profiles p
on conflict (user_id) do nothing;
update public.profiles p set is_private = true
from public.account_settings s
where s.user_id = p.id and s.privacy_settings -> 'is_private' = 'true' and not p.is_private;

insert into app_private.account_rules default values on conflict do nothing;

-- People from before there were cards of authors.
insert into app_private.author_cards (user_id, card, is_private, who_can_comment)
select p.id,
  jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
    'is_verified', p.is_verified, 'verification_level', p.verification_level),
  p.is_private, coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone')
from public.profiles p left join public.account_settings s on s.user_id = p.id
on conflict (user_id) do nothing;

-- copy of sql/30_posts/5_data.sql sha256:e148dca11e1b8f1e91740f494ec1288e6eb68419713903c74b73939bd35478ec
-- Posts from before those that only their author may read were told of to nobody.
delete from public.post_tags t using public.posts p where p.id = t.post_id and not app_private.is_counted(p.status, p.visibility);
with counted as (
  select c.user_id, (select count(*) from public.posts p where p.author_id = c.user_id and app_private.is_counted(p.status, p.visibility))
    - coalesce((select sum(d.delta) from app_private.count_deltas d where d.target = c.user_id and d.counter = 'posts_count'), 0) as posts
  from public.profile_counts c
)
update public.profile_counts c set posts_count = n.posts from counted n where n.user_id = c.user_id and n.posts <> c.posts_count;
with counted as (
  select p.shared_post_id as id, count(*) filter (where app_private.is_counted(p.status, p.visibility))
    - coalesce((select sum(d.delta) from app_private.count_deltas d where d.target = p.shared_post_id and d.counter = 'shares_count'), 0) as shares
  from public.posts p where p.shared_post_id is not null group by p.shared_post_id
)
update public.post_counts c set shares_count = n.shares from counted n where n.id = c.post_id and n.shares <> c.shares_count;

-- copy of sql/50_chat/5_data.sql sha256:5714b8f4afd7a30e14a46c783c088888485dac816a52b93637a589d2521b23cf
insert into app_private.chat_rules default values on conflict do nothing;

-- Groups from before there was chat.
insert into public.conversations (kind, group_id)
select 'group', g.id from public.groups g where g.deleted_at is null on conflict (group_id) do nothing;
insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
select c.id, m.user_id, c.last_seq, c.last_seq from public.conversations c join public.group_members m on m.group_id = c.group_id
on conflict do nothing;
