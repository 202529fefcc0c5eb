-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE TABLE "app_private"."notices" (
  "user_id"    uuid,
  "title"      text                     NOT NULL,
  "body"       text                     NOT NULL,
  "url"        text,
  "done_to"    uuid,
  "done_at"    timestamp with time zone,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "body_length" CHECK (((length(body) >= 1) AND (length(body) <= 1000))),
  CONSTRAINT "title_length" CHECK (((length(title) >= 1) AND (length(title) <= 120))),
  CONSTRAINT "url_shape" CHECK (((url ~ '^https?://'::text) AND (length(url) <= 2048))),
  "id"         uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "notices_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."notices"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_actors" (
  "notification_id" uuid                     NOT NULL,
  "actor_id"        uuid                     NOT NULL,
  "happened_at"     timestamp with time zone NOT NULL,
  "is_gone"         boolean                  NOT NULL DEFAULT false,
  CONSTRAINT "notification_actors_pkey" PRIMARY KEY (notification_id, actor_id)
);

ALTER TABLE "app_private"."notification_actors"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_faults" (
  "event_id" uuid                     NOT NULL,
  "type"     text                     NOT NULL,
  "error"    text                     NOT NULL,
  "at"       timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "notification_faults_pkey" PRIMARY KEY (event_id)
);

ALTER TABLE "app_private"."notification_faults"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_reader" (
  "single"         boolean                  NOT NULL DEFAULT true,
  "done"           pg_snapshot              NOT NULL,
  "upto"           pg_snapshot,
  "after_tx"       xid8                     NOT NULL DEFAULT '0'::xid8,
  "after_position" bigint                   NOT NULL DEFAULT 0,
  "happened_to"    timestamp with time zone,
  CONSTRAINT "batch_is_whole" CHECK (((upto IS NOT NULL) OR (after_tx = '0'::xid8))),
  CONSTRAINT "notification_reader_pkey" PRIMARY KEY (single),
  CONSTRAINT "notification_reader_single_check" CHECK (single)
);

ALTER TABLE "app_private"."notification_reader"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_rules" (
  "single"             boolean  NOT NULL DEFAULT true,
  "group_for"          interval NOT NULL DEFAULT '1 day'::interval,
  "keep_for"           interval NOT NULL DEFAULT '90 days'::interval,
  "keep_per_person"    integer  NOT NULL DEFAULT 500,
  "conversation_up_to" integer  NOT NULL DEFAULT 100,
  CONSTRAINT "notification_rules_conversation_up_to_check" CHECK (((conversation_up_to >= 2) AND (conversation_up_to <= 1000))),
  CONSTRAINT "notification_rules_group_for_check" CHECK ((group_for >= '00:00:00'::interval)),
  CONSTRAINT "notification_rules_keep_for_check" CHECK ((keep_for > '00:00:00'::interval)),
  CONSTRAINT "notification_rules_keep_per_person_check" CHECK (((keep_per_person >= 10) AND (keep_per_person <= 1000))),
  CONSTRAINT "notification_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "notification_rules_single_check" CHECK (single)
);

ALTER TABLE "app_private"."notification_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_states" (
  "user_id"  uuid   NOT NULL,
  "last_seq" bigint NOT NULL DEFAULT 0,
  "seen_seq" bigint NOT NULL DEFAULT 0,
  "told_seq" bigint NOT NULL DEFAULT 0,
  CONSTRAINT "notification_states_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "app_private"."notification_states"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."notification_states"
  SET (fillfactor=50);

CREATE TABLE "app_private"."sign_in_devices" (
  "user_id" uuid                     NOT NULL,
  "device"  bytea                    NOT NULL,
  "seen_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "sign_in_devices_pkey" PRIMARY KEY (user_id, device)
);

ALTER TABLE "app_private"."sign_in_devices"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."notifications" (
  "user_id"      uuid                     NOT NULL,
  "seq"          bigint                   NOT NULL,
  "kind"         text                     NOT NULL,
  "group_key"    text                     NOT NULL,
  "subject_type" text,
  "subject_id"   uuid,
  "data"         jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  "has_actors"   boolean                  NOT NULL DEFAULT false,
  "more_actors"  integer                  NOT NULL DEFAULT 0,
  "events_count" integer                  NOT NULL DEFAULT 1,
  "in_app"       boolean                  NOT NULL DEFAULT true,
  "read_at"      timestamp with time zone,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "id"           uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "notifications_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."notifications"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."notifications"
  SET (fillfactor=80);

REVOKE ALL ON TABLE "public"."notifications" FROM "anon";

CREATE TYPE "app_private"."notification_draft" AS (
  "action"       text,
  "receiver"     uuid,
  "kind"         text,
  "group_key"    text,
  "subject_type" text,
  "subject_id"   uuid,
  "actor_id"     uuid,
  "data"         jsonb,
  "happened_at"  timestamp WITH time zone
);

CREATE TYPE "public"."notification_card" AS (
  "id"           uuid,
  "seq"          bigint,
  "kind"         text,
  "category"     text,
  "actors"       jsonb,
  "actors_count" bigint,
  "events_count" integer,
  "subject"      jsonb,
  "data"         jsonb,
  "text"         text,
  "is_seen"      boolean,
  "is_read"      boolean,
  "created_at"   timestamp WITH time zone,
  "updated_at"   timestamp WITH time zone
);

CREATE OR REPLACE FUNCTION admin.send_notice (
  p_username text,
  p_title    text,
  p_body     text,
  p_reason   text,
  p_url      text DEFAULT NULL::text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_user uuid := case when p_username is not null then admin.person(p_username) end;
begin
  perform admin.require_reason(p_reason);
  insert into app_private.notices (user_id, title, body, url) values (v_user, p_title, p_body, p_url) returning id into v_id;
  insert into admin.audit_log (action, target, reason, after)
  values ('send_notice', coalesce(v_user::text, 'everybody'), p_reason, jsonb_build_object('id', v_id, 'title', p_title));
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_notification_settings (
  p_settings jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where s.key <> 'quiet_hours' and (
      jsonb_typeof(s.value) <> 'object'
      or (app_hidden.notification_category(s.key) is null and s.key not in (
        'follows', 'likes', 'comments', 'mentions', 'shares', 'messages', 'groups', 'wallet', 'calls', 'security', 'notices')))
  ) and not exists (
    select from jsonb_each(p_settings - 'quiet_hours') s,
      lateral jsonb_each(case jsonb_typeof(s.value) when 'object' then s.value else '{}' end) c
    where c.key not in ('in_app', 'push', 'email', 'webhook') or jsonb_typeof(c.value) <> 'boolean'
  ) and (not p_settings ? 'quiet_hours' or app_hidden.is_quiet_hours(p_settings -> 'quiet_hours'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_quiet_hours (
  p_value jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_value = 'null' or (
    jsonb_typeof(p_value) = 'object'
    and not exists (select from jsonb_object_keys(p_value) k where k not in ('from', 'to', 'time_zone'))
    and coalesce(p_value ->> 'from' ~ '^([01]\d|2[0-3]):[0-5]\d$' and p_value ->> 'to' ~ '^([01]\d|2[0-3]):[0-5]\d$', false)
    and p_value ->> 'from' <> p_value ->> 'to'
    and exists (select from pg_catalog.pg_timezone_names z where z.name = p_value ->> 'time_zone'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_notification_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  AS $function$
begin
  return query select n.id from app_private.shown_notifications(auth.uid()) n;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.notification_category (
  p_kind text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_kind in ('follow', 'follow_request', 'follow_approved') then 'follows'
    when p_kind = 'like' then 'likes'
    when p_kind in ('comment', 'reply') then 'comments'
    when p_kind = 'mention' then 'mentions'
    when p_kind = 'share' then 'shares'
    when p_kind in ('message', 'message_request') then 'messages'
    when p_kind in ('group_invite', 'group_join_request', 'group_approved', 'group_role') then 'groups'
    when p_kind in ('money_received', 'hold', 'withdrawal', 'payment_request') then 'wallet'
    when p_kind = 'missed_call' then 'calls'
    when p_kind in ('sign_in', 'password_changed') then 'security'
    when p_kind = 'notice' then 'notices'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.notification_kinds()
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return '{follow,follow_request,follow_approved,like,comment,reply,mention,share,message,message_request,group_invite,group_join_request,group_approved,group_role,money_received,hold,withdrawal,payment_request,missed_call,sign_in,password_changed,notice}';
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.wants_notification (
  p_settings jsonb,
  p_kind     text,
  p_channel  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_category text := app_hidden.notification_category(p_kind);
begin
  -- What guards the account, and what operators say, cannot be turned off where nobody else reads it.
  if p_channel = 'in_app' and v_category in ('security', 'notices') then
    return true;
  end if;
  return coalesce(
    (p_settings -> p_kind ->> p_channel)::boolean,
    (p_settings -> v_category ->> p_channel)::boolean,
    p_channel <> 'email' or v_category in ('security', 'wallet', 'notices'));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.add_actors (
  p_notification uuid,
  p_actors       uuid[],
  p_ats          timestamp with time zone[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_room int;
begin
  select 100 - count(*) into v_room from app_private.notification_actors a where a.notification_id = p_notification;
  with wanted as materialized (
    -- What happened in one transaction has one time; here it keeps its order.
    select u.actor_id, max(u.at + u.n * interval '1 microsecond') as at,
      exists (select from app_private.notification_actors a where a.notification_id = p_notification and a.actor_id = u.actor_id) as is_known
    from unnest(p_actors, p_ats) with ordinality u (actor_id, at, n) group by u.actor_id
  ), placed as materialized (
    select w.*, w.is_known or row_number() over (partition by w.is_known order by w.at, w.actor_id) <= v_room as has_room from wanted w
  ), stored as (
    insert into app_private.notification_actors as a (notification_id, actor_id, happened_at)
    select p_notification, p.actor_id, p.at from placed p where p.has_room
    on conflict (notification_id, actor_id) do update set happened_at = excluded.happened_at, is_gone = false
  )
  update public.notifications n set more_actors = n.more_actors + c.more
  from (select count(*)::int as more from placed p where not p.has_room) c
  where n.id = p_notification and c.more > 0;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.amount_of (
  p_data  jsonb,
  p_field text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return app_hidden.format_amount((p_data ->> p_field)::bigint, (p_data ->> 'exponent')::smallint) || ' ' || (p_data ->> 'currency');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.apply_notifications (
  p_drafts app_private.notification_draft[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v record;
  v_count int := 0;
begin
  for v in
    with drafts as materialized (
      select d.receiver, d.kind, d.group_key, d.subject_type, d.subject_id, d.data, d.happened_at, d.position,
        case when a.id is not null and not (app_private.is_told_anyway(d.kind) and app_hidden.is_blocked_pair(d.receiver, a.id)) then a.id end as actor_id
      from unnest(p_drafts) with ordinality
        d (action, receiver, kind, group_key, subject_type, subject_id, actor_id, data, happened_at, position)
      join public.profiles r on r.id = d.receiver
      left join public.profiles a on a.id = d.actor_id
      where d.action = 'raise' and d.actor_id is distinct from d.receiver
        and (d.actor_id is null or app_private.is_told_anyway(d.kind) or (
          a.id is not null and not app_hidden.is_blocked_pair(d.receiver, d.actor_id)
          and not exists (
            select from public.mutes m
            where m.muter_id = d.receiver and m.muted_id = d.actor_id and (m.until is null or m.until > now()))))
    )
    select d.receiver, d.kind, d.group_key, count(*)::int as events, max(d.happened_at) as at,
      (array_agg(d.subject_type order by d.position desc))[1] as subject_type,
      (array_agg(d.subject_id order by d.position desc))[1] as subject_id,
      (array_agg(d.data order by d.position desc))[1] as data,
      sum(case when d.kind = 'money_received' then (d.data ->> 'amount_minor')::numeric end) as total,
      array_agg(d.actor_id order by d.position) filter (where d.actor_id is not null) as actors,
      array_agg(d.happened_at order by d.position) filter (where d.actor_id is not null) as ats
    from drafts d
    group by d.receiver, d.kind, d.group_key
    order by d.receiver, min(d.position)
  loop
    v_count := v_count + app_private.raise_notification(v.receiver, v.kind, v.group_key, v.subject_type, v.subject_id,
      v.actors, v.ats, v.data, v.total, v.events, v.at);
  end loop;
  perform app_private.take_back_notifications(p_drafts);
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if e.type <> 'call.missed' then
    return '{}';
  end if;
  return array[app_private.draft('raise', (e.payload ->> 'callee_id')::uuid, 'missed_call', 'missed_call:' || (e.payload ->> 'caller_id'), 'call',
    (e.payload ->> 'call_id')::uuid, (e.payload ->> 'caller_id')::uuid, e.occurred_at, jsonb_build_object('kind', e.payload -> 'kind'))];
end
$function$;

CREATE OR REPLACE FUNCTION app_private.channels_of (
  p_user uuid,
  p_kind text
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select c from public.account_settings s, unnest(array['in_app', 'push', 'email', 'webhook']) c
    where s.user_id = p_user and app_hidden.wants_notification(s.notification_settings, p_kind, c)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := e.payload ->> 'comment_id';
  v_post uuid := e.payload ->> 'post_id';
  v_author uuid := e.payload ->> 'author_id';
  v_parent uuid;
begin
  if e.type in ('comment.liked', 'comment.unliked') then
    return app_private.comment_like_drafts(e);
  elsif e.type = 'comment.deleted' then
    return array[app_private.draft('remove', null, null, null, null, v_id, null, null)] || array(
      select app_private.draft('retract', p.author_id, null, 'comment:' || v_post, null, null, v_author, null) from public.posts p
      where p.id = v_post and not exists (
        select from public.comments c where c.post_id = v_post and c.author_id = v_author and c.parent_id is null and c.deleted_at is null));
  elsif e.type <> 'comment.created' or not exists (select from public.comments c where c.id = v_id and c.deleted_at is null) then
    return '{}';
  end if;
  v_parent := e.payload ->> 'parent_id';
  return array(
    -- Each of them once, by what is most about them.
    select distinct on (w.receiver)
      app_private.draft('raise', w.receiver, w.kind, w.group_key, w.subject_type, w.subject_id, v_author, e.occurred_at,
        jsonb_build_object('post_id', v_post, 'comment_id', v_id))
    from (
      select 1 as rank, m::uuid as receiver, 'mention' as kind, 'mention:' || v_id as group_key, 'comment' as subject_type, v_id as subject_id
      from jsonb_array_elements_text(e.payload -> 'mentions') m
      union all
      select 2, c.author_id, 'reply', 'reply:' || c.id, 'comment', c.id from public.comments c where c.id = v_parent and c.deleted_at is null
      union all
      select 3, (e.payload ->> 'post_author_id')::uuid, 'comment', 'comment:' || v_post, 'post', v_post
    ) w
    where w.receiver <> v_author and app_private.can_view_post(w.receiver, v_post)
    order by w.receiver, w.rank);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_like_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := e.payload ->> 'comment_id';
  v_user uuid := e.payload ->> 'user_id';
  v_likes boolean := exists (select from public.comment_likes l where l.comment_id = v_id and l.user_id = v_user);
begin
  if e.type = 'comment.liked' and v_likes then
    return array[app_private.draft('raise', (e.payload ->> 'author_id')::uuid, 'like', 'like:' || v_id, 'comment', v_id, v_user, e.occurred_at,
      jsonb_build_object('what', 'comment', 'post_id', e.payload -> 'post_id'))];
  elsif e.type = 'comment.unliked' and not v_likes then
    return array[app_private.draft('retract', (e.payload ->> 'author_id')::uuid, null, 'like:' || v_id, null, null, v_user, null)];
  end if;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.counts_of (
  p_user uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  s app_private.notification_states;
begin
  select * into s from app_private.notification_states x where x.user_id = p_user;
  return (
    select jsonb_build_object('unread_count', count(*) filter (where n.read_at is null),
      'unseen_count', count(*) filter (where n.read_at is null and n.seq > coalesce(s.seen_seq, 0)),
      'last_seq', coalesce(s.last_seq, 0), 'seen_seq', coalesce(s.seen_seq, 0))
    from app_private.shown_notifications(p_user) n
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.draft (
  p_action       text,
  p_receiver     uuid,
  p_kind         text,
  p_group_key    text,
  p_subject_type text,
  p_subject_id   uuid,
  p_actor        uuid,
  p_at           timestamp with time zone,
  p_data         jsonb                    DEFAULT '{}'::jsonb
)
  RETURNS app_private.notification_draft
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return row(p_action, p_receiver, p_kind, p_group_key, p_subject_type, p_subject_id, p_actor, p_data, p_at)::app_private.notification_draft;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.drafts_of (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return case split_part(e.type, '.', 1)
    when 'graph' then app_private.graph_drafts(e)
    when 'post' then app_private.post_drafts(e)
    when 'comment' then app_private.comment_drafts(e)
    when 'group' then app_private.group_drafts(e)
    when 'message' then app_private.message_drafts(e)
    when 'wallet' then app_private.wallet_drafts(e)
    when 'user' then app_private.user_drafts(e)
    when 'call' then app_private.call_drafts(e)
    else '{}'::app_private.notification_draft[]
  end;
exception
  when transaction_rollback or insufficient_resources or object_not_in_prerequisite_state or operator_intervention or system_error then
    raise;
  when others then
    insert into app_private.notification_faults (event_id, type, error) values (e.id, e.type, left(sqlerrm, 2000)) on conflict do nothing;
    return '{}';
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
    ('notifications', 'public.notifications', 'user_id', '{seq}', '{user_id,in_app,group_key}', '{public.notifications.user_id}'),
    ('notices', 'app_private.notices', 'user_id', '{created_at,id}', '{user_id,done_to,done_at}', '{app_private.notices.user_id}'),
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

CREATE OR REPLACE FUNCTION app_private.graph_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_follower uuid := e.payload ->> 'follower_id';
  v_followee uuid := e.payload ->> 'followee_id';
  v_follows boolean := exists (select from public.follows f where f.follower_id = v_follower and f.followee_id = v_followee);
begin
  if e.type = 'graph.followed' and v_follows then
    if e.actor_id = v_followee then
      return array[app_private.draft('raise', v_follower, 'follow_approved', 'follow_approved', 'person', v_followee, v_followee, e.occurred_at)];
    end if;
    return array[app_private.draft('raise', v_followee, 'follow', 'follow', 'person', v_follower, v_follower, e.occurred_at)];
  elsif e.type = 'graph.unfollowed' and not v_follows then
    return array[app_private.draft('retract', v_followee, null, 'follow', null, null, v_follower, null)];
  elsif e.type = 'graph.follow_requested' and exists (
    select from public.follow_requests r
    where r.requester_id = (e.payload ->> 'requester_id')::uuid and r.target_id = (e.payload ->> 'target_id')::uuid
  ) then
    return array[app_private.draft('raise', (e.payload ->> 'target_id')::uuid, 'follow_request', 'follow_request', 'person',
      (e.payload ->> 'requester_id')::uuid, (e.payload ->> 'requester_id')::uuid, e.occurred_at)];
  end if;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.group_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_group uuid := e.payload ->> 'group_id';
  v_user uuid := e.payload ->> 'user_id';
begin
  case e.type
    when 'group.invited' then
      if app_private.is_invited(v_group, v_user) then
        return array[app_private.draft('raise', v_user, 'group_invite', 'group_invite:' || v_group, 'group', v_group, e.actor_id, e.occurred_at)];
      end if;
    when 'group.join_requested' then
      if exists (select from app_private.group_requests r where r.group_id = v_group and r.user_id = v_user) then
        return array(
          select app_private.draft('raise', m.user_id, 'group_join_request', 'group_join_request:' || v_group, 'group', v_group, v_user, e.occurred_at)
          from (
            select x.user_id from public.group_members x
            where x.group_id = v_group and x.role in ('owner', 'admin', 'moderator') order by x.joined_at limit 50
          ) m);
      end if;
    when 'group.member_joined' then
      if e.actor_id <> v_user and app_private.role_in(v_group, v_user) is not null then
        return array[app_private.draft('raise', v_user, 'group_approved', 'group_approved:' || v_group, 'group', v_group, e.actor_id, e.occurred_at)];
      end if;
    when 'group.role_changed' then
      if e.actor_id is distinct from v_user and app_private.role_in(v_group, v_user) = e.payload ->> 'role' then
        return array[app_private.draft('raise', v_user, 'group_role', 'group_role:' || v_group, 'group', v_group, e.actor_id, e.occurred_at,
          jsonb_build_object('role', e.payload -> 'role', 'old_role', e.payload -> 'old_role'))];
      end if;
    when 'group.deleted' then
      return array[app_private.draft('remove', null, null, null, null, v_group, null, null)];
    else null;
  end case;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hold_notifications (
  p_user uuid
)
  RETURNS app_private.notification_states
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  s app_private.notification_states;
begin
  insert into app_private.notification_states (user_id) values (p_user) on conflict (user_id) do nothing;
  select * into s from app_private.notification_states x where x.user_id = p_user for no key update;
  return s;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_actor_shown (
  p_notification public.notifications,
  p_actor        uuid,
  p_quiet        uuid[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_actor <> all (p_quiet) and case p_notification.kind
    when 'follow_request' then exists (
      select from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_notification.user_id)
    when 'group_join_request' then exists (
      select from app_private.group_requests r where r.group_id = p_notification.subject_id and r.user_id = p_actor)
      and app_private.role_in(p_notification.subject_id, p_notification.user_id) in ('owner', 'admin', 'moderator')
    else true
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_new_device (
  p_user       uuid,
  p_ip         text,
  p_user_agent text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_network text := coalesce(host(network(set_masklen(p_ip::inet, case family(p_ip::inet) when 4 then 16 else 32 end))), '');
  v_device bytea := sha256(convert_to(v_network || ' ' || coalesce(p_user_agent, ''), 'utf8'));
  v_had_any boolean := exists (select from app_private.sign_in_devices d where d.user_id = p_user);
  v_is_new boolean;
begin
  if not exists (select from public.profiles p where p.id = p_user) then
    return false;
  end if;
  insert into app_private.sign_in_devices as d (user_id, device) values (p_user, v_device)
  on conflict (user_id, device) do update set seen_at = now()
  returning xmax = 0 into v_is_new;
  if v_is_new then
    delete from app_private.sign_in_devices d
    where d.user_id = p_user and d.device in (
      select x.device from app_private.sign_in_devices x where x.user_id = p_user order by x.seen_at desc, x.device offset 50);
  end if;
  return v_is_new and v_had_any;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_once_each (
  p_kind text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_kind in ('follow', 'follow_request', 'like', 'group_join_request');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_told_anyway (
  p_kind text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_kind in ('money_received', 'hold', 'withdrawal', 'group_role');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.message_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_conversation uuid := e.payload ->> 'conversation_id';
  v_seq bigint := (e.payload ->> 'seq')::bigint;
  v_sender uuid := e.payload ->> 'sender_id';
  v_data jsonb := jsonb_build_object('message_id', e.payload -> 'message_id', 'seq', v_seq, 'group_id', e.payload -> 'group_id');
  v_mentions uuid[];
  v_is_large boolean := false;
begin
  if e.type <> 'message.created' or not exists (
    select from public.messages m where m.conversation_id = v_conversation and m.seq = v_seq and m.deleted_at is null
      and (m.expires_at is null or m.expires_at > now())
  ) then
    return '{}';
  end if;
  v_mentions := array(select jsonb_array_elements_text(e.payload -> 'mentions')::uuid);
  if e.payload ->> 'conversation_kind' = 'group' then
    v_is_large := exists (
      select from public.conversation_members m where m.conversation_id = v_conversation
      offset (select r.conversation_up_to from app_private.notification_rules r));
  end if;
  return array(
    select case
      when m.user_id = any (v_mentions) then
        app_private.draft('raise', m.user_id, 'mention', 'mention:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      when m.state = 'requested' then
        app_private.draft('raise', m.user_id, 'message_request', 'message_request:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      else
        app_private.draft('raise', m.user_id, 'message', 'message:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      end
    from public.conversation_members m
    where m.conversation_id = v_conversation and m.user_id <> v_sender and m.state <> 'declined'
      and m.from_seq < v_seq and m.last_read_seq < v_seq -- whoever has the conversation open has read it by now
      and (m.user_id = any (v_mentions)
        or (not v_is_large and not (m.is_muted and (m.muted_until is null or m.muted_until > now())))));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.money_text (
  p_kind   text,
  p_who    text,
  p_events integer,
  p_data   jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_amount text := app_private.amount_of(p_data, 'amount_minor');
begin
  case p_kind
    when 'money_received' then
      v_amount := app_private.amount_of(p_data, 'total_minor');
      return case when p_who = 'Somebody' then format('You received %s.', v_amount) else format('%s sent you %s.', p_who, v_amount) end;
    when 'hold' then
      return case p_data ->> 'state'
        when 'placed' then format('%s set %s aside for you.', p_who, v_amount)
        when 'captured' then format('%s of the %s set aside went to %s.', app_private.amount_of(p_data, 'captured_minor'), v_amount, p_who)
        when 'voided' then format('%s released the %s set aside.', p_who, v_amount)
        else format('The time of %s set aside is over.', v_amount) end;
    when 'withdrawal' then
      return case p_data ->> 'state'
        when 'requested' then format('A withdrawal of %s was asked for.', v_amount)
        when 'paid' then format('Your withdrawal of %s was paid out.', v_amount)
        else format('Your withdrawal of %s failed; the money is back in your wallet.', v_amount) end;
    else
      return case p_data ->> 'state'
        when 'open' then format('%s asks you for %s.', p_who, v_amount)
        when 'paid' then format('%s paid the %s that you asked for.', p_who, v_amount)
        when 'declined' then format('%s declined to pay %s.', p_who, v_amount)
        when 'cancelled' then format('A request for %s was taken back.', v_amount)
        else format('A request for %s was not answered in time.', v_amount) end;
  end case;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.notification_cards (
  p_notifications public.notifications[]
)
  RETURNS SETOF public.notification_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_user uuid := p_notifications[1].user_id;
  v_quiet uuid[] := app_private.quiet_people(v_user);
  v_seen bigint := (select s.seen_seq from app_private.notification_states s where s.user_id = v_user);
begin
  return query
  select n.id, n.seq, n.kind, app_hidden.notification_category(n.kind), coalesce(p.people, '[]'), c.actors, n.events_count,
    app_private.subject_of(n), n.data, app_private.notification_text(n.kind, p.names, c.actors, n.events_count, n.data),
    n.seq <= v_seen, n.read_at is not null, n.created_at, n.updated_at
  from unnest(p_notifications) with ordinality u
  cross join lateral (select (p_notifications[u.ordinality]).*) n
  cross join lateral (
    select count(*) + n.more_actors as actors from app_private.notification_actors a
    where a.notification_id = n.id and not a.is_gone and app_private.is_actor_shown(p_notifications[u.ordinality], a.actor_id, v_quiet)
  ) c
  cross join lateral (
    select jsonb_agg(x.card order by x.happened_at desc, x.actor_id desc) as people,
      array_agg(coalesce(x.card ->> 'full_name', x.card ->> 'username') order by x.happened_at desc, x.actor_id desc) as names
    from (
      select k.card, a.happened_at, a.actor_id
      from app_private.notification_actors a join app_private.author_cards k on k.user_id = a.actor_id
      where a.notification_id = n.id and not a.is_gone and app_private.is_actor_shown(p_notifications[u.ordinality], a.actor_id, v_quiet)
      order by a.happened_at desc, a.actor_id desc limit 3
    ) x
  ) p
  order by u.ordinality;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.notification_stats()
  RETURNS TABLE (
    lag_seconds double precision,
    faults      bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return query
  select coalesce((
      select extract(epoch from clock_timestamp() - min(e.occurred_at))::double precision
      from app_private.notification_reader r
      cross join lateral (
        select x.occurred_at from app_private.unread_events((r.single, r.done, coalesce(r.upto, pg_current_snapshot()), r.after_tx, r.after_position, r.happened_to)::app_private.notification_reader, 1) x
      ) e
    ), 0),
    (select count(*) from (select from app_private.notification_faults f limit 10000) f);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.notification_text (
  p_kind   text,
  p_names  text[],
  p_count  bigint,
  p_events integer,
  p_data   jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_who text := app_private.who_did(p_names, p_count);
begin
  return case p_kind
    when 'follow' then format('%s started following you.', v_who)
    when 'follow_request' then format('%s asked to follow you.', v_who)
    when 'follow_approved' then format('%s let you follow them.', v_who)
    when 'like' then format('%s liked your %s.', v_who, coalesce(p_data ->> 'what', 'post'))
    when 'comment' then format('%s commented on your post.', v_who)
    when 'reply' then format('%s replied to your comment.', v_who)
    when 'mention' then format('%s mentioned you.', v_who)
    when 'share' then format('%s shared your post.', v_who)
    when 'message' then format(case when p_events > 1 then '%s sent you %s messages.' else '%s sent you a message.' end, v_who, p_events)
    when 'message_request' then format('%s would like to write to you.', v_who)
    when 'group_invite' then format('%s invited you to a group.', v_who)
    when 'group_join_request' then format('%s asked to join your group.', v_who)
    when 'group_approved' then 'You were taken into a group.'
    when 'group_role' then format('You are now %s of a group.', p_data ->> 'role')
    when 'missed_call' then format(case when p_events > 1 then '%s called you %s times.' else '%s called you.' end, v_who, p_events)
    when 'sign_in' then 'Somebody signed in to your account from a new device.'
    when 'password_changed' then 'Your password was changed.'
    when 'notice' then p_data ->> 'title'
    else app_private.money_text(p_kind, v_who, p_events, p_data)
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.post_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_post uuid := e.payload ->> 'post_id';
  v_author uuid := e.payload ->> 'author_id';
  v_user uuid := e.payload ->> 'user_id';
  v_likes boolean;
begin
  if e.type in ('post.liked', 'post.unliked') then
    v_likes := exists (select from public.post_likes l where l.post_id = v_post and l.user_id = v_user);
    if e.type = 'post.liked' and v_likes then
      return array[app_private.draft('raise', v_author, 'like', 'like:' || v_post, 'post', v_post, v_user, e.occurred_at)];
    elsif e.type = 'post.unliked' and not v_likes then
      return array[app_private.draft('retract', v_author, null, 'like:' || v_post, null, null, v_user, null)];
    end if;
    return '{}';
  elsif e.type = 'post.deleted' then
    return array[app_private.draft('remove', null, null, null, null, v_post, null, null)];
  elsif e.type <> 'post.published' then
    return '{}';
  end if;
  return array(
    select app_private.draft('raise', m.id, 'mention', 'mention:' || v_post, 'post', v_post, v_author, e.occurred_at)
    from (select x::uuid as id from jsonb_array_elements_text(e.payload -> 'mentions') x) m
    where app_private.can_view_post(m.id, v_post)
  ) || array(
    select app_private.draft('raise', p.author_id, 'share', 'share:' || p.id, 'post', p.id, v_author, e.occurred_at, jsonb_build_object('share_id', v_post))
    from public.posts p where p.id = (e.payload ->> 'shared_post_id')::uuid and app_private.can_view_post(p.author_id, v_post)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.project_notifications (
  p_limit integer
)
  RETURNS TABLE (
    done integer,
    more boolean
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  r app_private.notification_reader;
  e app_private.outbox_events;
  v_drafts app_private.notification_draft[] := '{}';
  v_limit int := least(greatest(p_limit, 1), 5000);
  v_count int := 0;
  v_is_older boolean;
begin
  -- One reader at a time: whoever comes meanwhile has nothing to do.
  select * into r from app_private.notification_reader x for update skip locked;
  if not found then
    return query select 0, false;
    return;
  end if;
  v_is_older := r.upto is not null; -- then there may be more than it saw
  r.upto := coalesce(r.upto, pg_current_snapshot());
  for e in select * from app_private.unread_events(r, v_limit) loop
    v_count := v_count + 1;
    v_drafts := v_drafts || app_private.drafts_of(e);
    r.after_tx := e.tx_id;
    r.after_position := e.position;
    r.happened_to := e.occurred_at;
    exit when cardinality(v_drafts) >= 2000; -- a message to many is one event
  end loop;
  if v_count = 0 and r.after_tx = '0' and pg_snapshot_xmax(r.upto) = pg_snapshot_xmax(r.done) then
    return query select 0, false;
    return;
  end if;
  perform app_private.apply_notifications(v_drafts);
  if v_count < v_limit and cardinality(v_drafts) < 2000 then
    r.done := r.upto;
    r.upto := null;
    r.after_tx := '0';
    r.after_position := 0;
  end if;
  update app_private.notification_reader x
  set done = r.done, upto = r.upto, after_tx = r.after_tx, after_position = r.after_position, happened_to = r.happened_to;
  return query select v_count, v_is_older or r.upto is not null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_notifications (
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
  with old as materialized (
    select n.id from public.notifications n
    where n.updated_at < now() - (select r.keep_for from app_private.notification_rules r)
    order by n.updated_at limit least(greatest(p_limit, 1), 10000)
    for update skip locked
  )
  delete from public.notifications n using old where n.id = old.id;
  get diagnostics v_count = row_count;
  delete from app_private.notification_faults f where f.at < now() - interval '90 days';
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.quiet_people (
  p_user uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return app_private.hidden_from(p_user) || array(
    select m.muted_id from public.mutes m where m.muter_id = p_user and (m.until is null or m.until > now()));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.raise_notification (
  p_user         uuid,
  p_kind         text,
  p_group_key    text,
  p_subject_type text,
  p_subject_id   uuid,
  p_actors       uuid[],
  p_ats          timestamp with time zone[],
  p_data         jsonb,
  p_total        numeric,
  p_events       integer,
  p_at           timestamp with time zone
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_channels text[] := app_private.channels_of(p_user, p_kind);
  v_rules app_private.notification_rules;
  v_open public.notifications;
  v_seq bigint;
  v_new uuid[];
begin
  if v_channels = '{}' then
    return 0;
  end if;
  select * into v_rules from app_private.notification_rules;
  insert into app_private.notification_states (user_id) values (p_user) on conflict (user_id) do nothing;
  perform from app_private.notification_states s where s.user_id = p_user for no key update;

  select * into v_open from public.notifications n
  where n.user_id = p_user and n.group_key = p_group_key order by n.seq desc limit 1;
  if v_open.read_at is not null and v_open.created_at < now() - v_rules.group_for then
    v_open := null;
  end if;
  if v_open.id is not null and app_private.is_once_each(p_kind) then
    update app_private.notification_actors a set is_gone = false where a.notification_id = v_open.id and a.actor_id = any (p_actors) and a.is_gone;
    v_new := array(
      select x from unnest(p_actors) x
      where not exists (select from app_private.notification_actors a where a.notification_id = v_open.id and a.actor_id = x));
    if v_new = '{}' then
      return 0;
    end if;
    p_events := cardinality(v_new);
  end if;

  update app_private.notification_states s set last_seq = s.last_seq + 1 where s.user_id = p_user returning s.last_seq into v_seq;
  if p_total is not null then
    p_data := p_data || jsonb_build_object('total_minor', (p_total + coalesce((v_open.data ->> 'total_minor')::numeric, 0))::text);
  end if;
  if v_open.id is null then
    insert into public.notifications (user_id, seq, kind, group_key, subject_type, subject_id, data, has_actors, events_count, in_app, updated_at)
    values (p_user, v_seq, p_kind, p_group_key, p_subject_type, p_subject_id, p_data, p_actors is not null, p_events, 'in_app' = any (v_channels), p_at)
    returning * into v_open;
  else
    update public.notifications n
    set seq = v_seq, kind = p_kind, subject_type = p_subject_type, subject_id = p_subject_id, data = p_data,
      has_actors = n.has_actors or p_actors is not null, events_count = n.events_count + p_events,
      in_app = 'in_app' = any (v_channels), read_at = null, updated_at = p_at
    where n.id = v_open.id;
  end if;
  perform app_private.add_actors(v_open.id, p_actors, p_ats);
  if v_seq % 50 = 0 then
    perform app_private.trim_notifications(p_user, v_rules.keep_per_person);
  end if;
  return 1;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_notifications (
  p_user uuid
)
  RETURNS SETOF public.notifications
  LANGUAGE plpgsql
  STABLE
  ROWS 100
  SET search_path TO ''
  AS $function$
declare
  v_quiet uuid[] := app_private.quiet_people(p_user);
  n public.notifications;
begin
  for n in select * from public.notifications x where x.user_id = p_user and x.in_app order by x.seq desc limit 1000 loop
    continue when n.has_actors and n.more_actors = 0 and not app_private.is_told_anyway(n.kind) and not exists (
      select from app_private.notification_actors a
      where a.notification_id = n.id and not a.is_gone and app_private.is_actor_shown(n, a.actor_id, v_quiet));
    continue when n.subject_type = 'comment' and not exists (
      select from public.comments c where c.id = n.subject_id and c.deleted_at is null);
    if n.read_at is null and n.kind in ('message', 'message_request') then
      -- Read where it was written.
      select n.updated_at into n.read_at from public.conversation_members m
      where m.user_id = p_user and m.conversation_id = n.subject_id and m.last_read_seq >= (n.data ->> 'seq')::bigint;
    end if;
    return next n;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.spread_notices (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_notice app_private.notices;
  v_people uuid[];
begin
  select * into v_notice from app_private.notices n where n.done_at is null order by n.created_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  v_people := array(
    select p.id from public.profiles p
    where (v_notice.user_id is null or p.id = v_notice.user_id) and (v_notice.done_to is null or p.id > v_notice.done_to)
      and p.created_at <= v_notice.created_at
    order by p.id limit least(greatest(p_limit, 1), 1000));
  perform app_private.apply_notifications(array(
    select row('raise', x, 'notice', 'notice:' || v_notice.id, null, null, null,
      jsonb_build_object('title', v_notice.title, 'body', v_notice.body, 'url', v_notice.url), now())::app_private.notification_draft
    from unnest(v_people) x));
  update app_private.notices n
  set done_to = coalesce(v_people[cardinality(v_people)], n.done_to), done_at = case when cardinality(v_people) < least(greatest(p_limit, 1), 1000) then now() end
  where n.id = v_notice.id;
  return greatest(cardinality(v_people), 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.subject_of (
  p_notification public.notifications
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := p_notification.user_id;
  v_id uuid := p_notification.subject_id;
  v_more jsonb;
begin
  if v_id is null then
    return null;
  end if;
  case p_notification.subject_type
    when 'post' then
      select jsonb_build_object('preview', left(p.content, 100)) into v_more from public.posts p
      where p.id = v_id and app_private.can_view_post(v_me, p.id);
    when 'comment' then
      select jsonb_build_object('post_id', c.post_id, 'preview', left(c.content, 100)) into v_more from public.comments c
      where c.id = v_id and c.deleted_at is null and app_private.can_view_post(v_me, c.post_id);
    when 'group' then
      select jsonb_build_object('preview', g.name) into v_more from public.groups g
      where g.id = v_id and app_private.can_view_group(v_me, g.id);
    else null;
  end case;
  return jsonb_build_object('type', p_notification.subject_type, 'id', v_id, 'preview', null) || coalesce(v_more, '{}');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.take_back_notifications (
  p_drafts app_private.notification_draft[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  with gone as materialized (
    select distinct d.receiver, d.group_key, d.actor_id from unnest(p_drafts) d where d.action = 'retract'
  ), named as (
    update app_private.notification_actors a set is_gone = true
    from gone g join public.notifications n on n.user_id = g.receiver and n.group_key = g.group_key
    where a.notification_id = n.id and a.actor_id = g.actor_id
    returning n.id, a.actor_id
  ), unnamed as (
    select n.id, count(*)::int as fewer
    from gone g join public.notifications n on n.user_id = g.receiver and n.group_key = g.group_key
    where n.more_actors > 0 and not exists (select from named x where x.id = n.id and x.actor_id = g.actor_id)
    group by n.id
  )
  update public.notifications n set more_actors = greatest(n.more_actors - u.fewer, 0) from unnamed u where n.id = u.id;
  delete from public.notifications n
  where n.subject_id in (select d.subject_id from unnest(p_drafts) d where d.action = 'remove');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_comment_likes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), case tg_op when 'INSERT' then 'comment.liked' else 'comment.unliked' end, x.user_id,
    jsonb_build_object('comment_id', x.comment_id, 'post_id', c.post_id, 'author_id', c.author_id, 'user_id', x.user_id)
  -- A deleted comment or person is told of by its own event, and not by each like.
  from changed x join public.comments c on c.id = x.comment_id join public.profiles u on u.id = x.user_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_marked (
  p_user uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_counts jsonb := app_private.counts_of(p_user);
begin
  perform realtime.send(v_counts, 'notifications_marked', app_private.topic_of_notifications(p_user), true);
  return v_counts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_password_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Never anything of the password itself.
  perform app_private.emit_event('user.password_changed', new.id, jsonb_build_object('user_id', new.id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.topic_of_notifications (
  p_user uuid
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return 'notifications:' || p_user::text;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.transfer_drafts (
  e       app_private.outbox_events,
  p_money jsonb
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  p jsonb := e.payload;
  v_from uuid := p ->> 'from_user_id';
begin
  if p ->> 'kind' = 'withdrawal' then
    return '{}'; -- and what comes back of one that failed: its own event tells of it
  end if;
  return array(
    select app_private.draft('raise', w.receiver, 'money_received', 'money_received:' || (p ->> 'currency'), 'transfer', (p ->> 'transfer_id')::uuid,
      v_from, e.occurred_at, p_money || jsonb_build_object('amount_minor', w.amount, 'kind', p -> 'kind', 'transfer_id', p -> 'transfer_id'))
    from (
      select (l ->> 'user_id')::uuid as receiver, l ->> 'amount_minor' as amount from jsonb_array_elements(p -> 'legs') l
      union all
      select (p ->> 'to_user_id')::uuid, p ->> 'amount_minor' where not p ? 'legs'
    ) w
    where w.receiver is distinct from v_from and w.receiver is not null and w.amount::numeric > 0);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.trim_notifications (
  p_user uuid,
  p_keep integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  delete from public.notifications n
  where n.user_id = p_user and n.seq <= (
    select x.seq from public.notifications x where x.user_id = p_user order by x.seq desc offset p_keep limit 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.unread_events (
  p_reader app_private.notification_reader,
  p_limit  integer
)
  RETURNS SETOF app_private.outbox_events
  LANGUAGE plpgsql
  STABLE
  ROWS 500
  SET search_path TO ''
  AS $function$
begin
  return query
  -- Those whose transactions ran when the earlier snapshot was taken, then those that began later: two ranges of the index.
  (select e.* from app_private.outbox_events e
   where e.tx_id = any (array(select pg_snapshot_xip(p_reader.done)))
     and (e.tx_id, e.position) > (p_reader.after_tx, p_reader.after_position)
     and pg_visible_in_snapshot(e.tx_id, p_reader.upto)
   order by e.tx_id, e.position limit p_limit)
  union all
  (select e.* from app_private.outbox_events e
   where e.tx_id >= pg_snapshot_xmax(p_reader.done) and e.tx_id < pg_snapshot_xmax(p_reader.upto)
     and (e.tx_id, e.position) > (p_reader.after_tx, p_reader.after_position)
     and pg_visible_in_snapshot(e.tx_id, p_reader.upto)
   order by e.tx_id, e.position limit p_limit)
  order by tx_id, "position" limit p_limit;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.user_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := e.payload ->> 'user_id';
begin
  if e.type = 'user.password_changed' then
    return array[app_private.draft('raise', v_user, 'password_changed', 'password_changed:' || e.id, null, null, null, e.occurred_at)];
  elsif e.type = 'user.logged_in' and app_private.is_new_device(v_user, e.payload ->> 'ip', e.payload ->> 'user_agent') then
    return array[app_private.draft('raise', v_user, 'sign_in', 'sign_in:' || (e.payload ->> 'session_id'), 'session', (e.payload ->> 'session_id')::uuid,
      null, e.occurred_at, jsonb_build_object('ip', e.payload -> 'ip', 'user_agent', left(e.payload ->> 'user_agent', 200)))];
  end if;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wallet_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  p jsonb := e.payload;
  v_money jsonb := jsonb_build_object('currency', p -> 'currency', 'exponent', p -> 'exponent', 'amount_minor', p -> 'amount_minor');
  v_state text := p ->> 'state';
  v_user uuid := p ->> 'user_id';
  v_payee uuid := p ->> 'payee_id';
begin
  case e.type
    when 'wallet.transfer_completed' then
      return app_private.transfer_drafts(e, v_money);
    when 'wallet.hold_placed' then
      return array[app_private.draft('raise', v_payee, 'hold', 'hold:' || (p ->> 'hold_id'), 'hold', (p ->> 'hold_id')::uuid, v_user, e.occurred_at,
        v_money || '{"state": "placed"}')];
    when 'wallet.hold_resolved' then
      v_money := v_money || jsonb_build_object('state', v_state, 'captured_minor', p -> 'captured_minor');
      return array(
        select app_private.draft('raise', w.receiver, 'hold', 'hold:' || (p ->> 'hold_id'), 'hold', (p ->> 'hold_id')::uuid,
          case when v_state <> 'expired' then v_payee end, e.occurred_at, v_money)
        from unnest(array[v_user, v_payee]) w (receiver) where w.receiver = v_user or v_state = 'expired');
    when 'wallet.withdrawal_changed' then
      if v_state <> 'submitted' then
        return array[app_private.draft('raise', v_user, 'withdrawal', 'withdrawal:' || (p ->> 'withdrawal_id'), 'withdrawal',
          (p ->> 'withdrawal_id')::uuid, null, e.occurred_at, v_money || jsonb_build_object('state', v_state, 'failure', p -> 'failure'))];
      end if;
    when 'wallet.request_changed' then
      return array(
        select app_private.draft('raise', case when v_state in ('open', 'cancelled') then w.payer else w.requester end,
          'payment_request', 'payment_request:' || (p ->> 'request_id'), 'payment_request', (p ->> 'request_id')::uuid,
          case when v_state in ('open', 'cancelled') then w.requester when v_state <> 'expired' then w.payer end,
          e.occurred_at, v_money || jsonb_build_object('state', v_state, 'description', p -> 'description'))
        from (select (p ->> 'payer_id')::uuid as payer, (p ->> 'requester_id')::uuid as requester) w);
    else null;
  end case;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.who_did (
  p_names text[],
  p_count bigint
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_count <= 0 or p_names is null then 'Somebody'
    when p_count = 1 then p_names[1]
    when p_count = 2 and cardinality(p_names) >= 2 then format('%s and %s', p_names[1], p_names[2])
    when p_count = 2 then format('%s and 1 other', p_names[1])
    else format('%s and %s others', p_names[1], p_count - 1)
  end;
end
$function$;

CREATE OR REPLACE FUNCTION public.mark_all_notifications_read (
  p_seq bigint DEFAULT NULL::bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  s app_private.notification_states := app_private.hold_notifications(v_me);
  v_seq bigint := least(coalesce(p_seq, s.last_seq), s.last_seq);
begin
  update app_private.notification_states x set seen_seq = greatest(x.seen_seq, v_seq) where x.user_id = v_me;
  update public.notifications n set read_at = now() where n.user_id = v_me and n.seq <= v_seq and n.read_at is null;
  return app_private.tell_marked(v_me);
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_all_notifications_read"(bigint) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.mark_notifications_read (
  p_ids uuid[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if p_ids is null or cardinality(p_ids) not between 1 and 100 then
    perform app_hidden.fail(422, 'notifications.field_invalid', 'These are no or too many ids.', 'Send 1 to 100 ids.');
  end if;
  perform app_private.hold_notifications(v_me);
  if exists (select unnest(p_ids) except select n.id from app_private.shown_notifications(v_me) n) then
    perform app_hidden.fail(404, 'notifications.not_found', 'There is no such notification.', 'Take ids from GET notifications; the oldest are not kept.');
  end if;
  update public.notifications n set read_at = now() where n.user_id = v_me and n.id = any (p_ids) and n.read_at is null;
  return case when found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_notifications_read"(uuid[]) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.mark_notifications_seen (
  p_seq bigint DEFAULT NULL::bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  s app_private.notification_states := app_private.hold_notifications(v_me);
begin
  update app_private.notification_states x set seen_seq = least(coalesce(p_seq, s.last_seq), s.last_seq)
  where x.user_id = v_me and x.seen_seq < least(coalesce(p_seq, s.last_seq), s.last_seq);
  return case when found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_notifications_seen"(bigint) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_notifications (
  p_limit      integer DEFAULT 20,
  p_before_seq bigint  DEFAULT NULL::bigint,
  p_after_seq  bigint  DEFAULT NULL::bigint,
  p_unread     boolean DEFAULT false,
  p_category   text    DEFAULT NULL::text
)
  RETURNS SETOF public.notification_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(p_limit, 1), 101);
  v_rows public.notifications[];
begin
  if p_after_seq is not null then
    v_rows := array(
      select n from app_private.shown_notifications(v_me) n
      where n.seq > p_after_seq and (p_before_seq is null or n.seq < p_before_seq) and (p_category is null or app_hidden.notification_category(n.kind) = p_category)
        and not (p_unread and n.read_at is not null)
      order by n.seq limit v_limit);
  else
    v_rows := array(
      select n from app_private.shown_notifications(v_me) n
      where (p_before_seq is null or n.seq < p_before_seq) and (p_category is null or app_hidden.notification_category(n.kind) = p_category)
        and not (p_unread and n.read_at is not null)
      order by n.seq desc limit v_limit);
  end if;
  if v_rows <> '{}' then
    return query select * from app_private.notification_cards(v_rows);
  end if;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.notification_counts()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.counts_of(auth.uid());
end
$function$;

REVOKE ALL ON FUNCTION "public"."notification_counts"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.notification_preferences()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_settings jsonb := coalesce((select s.notification_settings from public.account_settings s where s.user_id = auth.uid()), '{}');
begin
  return jsonb_build_object(
    'quiet_hours', v_settings -> 'quiet_hours',
    'kinds', (
      select jsonb_object_agg(k, jsonb_build_object('category', app_hidden.notification_category(k)) || (
        select jsonb_object_agg(c, app_hidden.wants_notification(v_settings, k, c)) from unnest(array['in_app', 'push', 'email', 'webhook']) c))
      from unnest(app_hidden.notification_kinds()) k));
end
$function$;

REVOKE ALL ON FUNCTION "public"."notification_preferences"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.set_notification_preferences (
  p jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p is null or jsonb_typeof(p) <> 'object' then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'These are no settings.', 'Send one JSON object.');
  end if;
  -- Of each kind only the channels that are sent; a kind sent as null goes back to its default.
  update public.account_settings s set notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}')
    from (
      select coalesce(o.key, n.key) as key,
        case when jsonb_typeof(o.value) = 'object' and jsonb_typeof(n.value) = 'object' and coalesce(o.key, n.key) <> 'quiet_hours'
          then o.value || n.value else coalesce(n.value, o.value) end as value
      from jsonb_each(s.notification_settings) o full join jsonb_each(p) n on n.key = o.key
    ) x
    where x.value <> 'null')
  where s.user_id = auth.uid();
  return public.notification_preferences();
end
$function$;

REVOKE ALL ON FUNCTION "public"."set_notification_preferences"(jsonb) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "app_private"."notices"
  ADD CONSTRAINT "notices_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_actors"
  ADD CONSTRAINT "notification_actors_actor_id_fkey" FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_states"
  ADD CONSTRAINT "notification_states_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."sign_in_devices"
  ADD CONSTRAINT "sign_in_devices_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."notifications"
  ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX notices_open_idx ON app_private.notices USING btree (created_at)
  WHERE (done_at IS NULL);

CREATE INDEX notification_actors_actor_id_idx ON app_private.notification_actors USING btree (actor_id);

CREATE INDEX notification_actors_latest_idx ON app_private.notification_actors USING btree (notification_id, happened_at DESC, actor_id DESC);

CREATE INDEX notifications_group_idx ON public.notifications USING btree (user_id, group_key, seq DESC);

CREATE UNIQUE INDEX notifications_seq_idx ON public.notifications USING btree (user_id, seq);

CREATE INDEX notifications_subject_idx ON public.notifications USING btree (subject_id)
  WHERE (subject_id IS NOT NULL);

CREATE INDEX notifications_updated_at_idx ON public.notifications USING btree (updated_at);

CREATE TRIGGER tell_password_changed
  AFTER UPDATE OF encrypted_password ON auth.users
  FOR EACH ROW
  WHEN (((old.encrypted_password)::text IS DISTINCT FROM (new.encrypted_password)::text))
  EXECUTE FUNCTION app_private.tell_password_changed();

CREATE TRIGGER tell_comment_likes
  AFTER INSERT ON public.comment_likes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_comment_likes();

CREATE TRIGGER tell_comment_unlikes
  AFTER DELETE ON public.comment_likes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_comment_likes();

CREATE POLICY "people hear of their own notifications" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING
    (((EXTENSION = 'broadcast'::text) AND (topic = ('notifications:'::text || (( SELECT auth.uid() AS uid))::text)) AND (( SELECT realtime.topic() AS topic) =
    ('notifications:'::text || (( SELECT auth.uid() AS uid))::text))));

COMMENT ON FUNCTION "admin"."send_notice"(text, text, text, text, text) IS 'Tells one person (null: everybody) something by their notifications: title up to 120 and body up to 1,000 characters, perhaps an address. The worker spreads it.';

COMMENT ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) IS 'Whether only known kinds and groups of kinds are there, each with in_app, push, email and webhook as booleans or without, and perhaps quiet_hours. A missing key means its default.';

COMMENT ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) IS 'Whether this says when to be quiet: {from: "22:00", to: "07:00", time_zone: "Europe/Belgrade"}, or null for never.';

COMMENT ON FUNCTION "app_hidden"."my_notification_ids"() IS 'The notifications that I may see, for the policy of the table.';

COMMENT ON FUNCTION "app_hidden"."notification_category"(text) IS 'To which group of the settings a kind of notification belongs; null for what is no kind.';

COMMENT ON FUNCTION "app_hidden"."notification_kinds"() IS 'Every kind of notification, in the order in which settings are shown.';

COMMENT ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) IS 'Whether settings of notifications want a kind by a channel: what they say of the kind, else of its group, else the default, which is all but mails, and mails of security, wallet and notices.';

COMMENT ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp with time zone[]) IS 'Adds people to a notification: the first hundred by name, further ones as a number, which may count somebody twice.';

COMMENT ON FUNCTION "app_private"."amount_of"(jsonb, text) IS 'An amount in the data of a notification with its currency: 12.50 USD.';

COMMENT ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) IS 'Tells people what drafts say, unless they have muted or blocked who did it, and takes back what is no longer so; says how many notifications were made or moved.';

COMMENT ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) IS 'Of calls: missed_call.';

COMMENT ON FUNCTION "app_private"."channels_of"(uuid, text) IS 'By which channels somebody wants a kind of notification now.';

COMMENT ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) IS 'Of events of comments: mention, reply, comment, like; of a deleted one they go.';

COMMENT ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) IS 'Of likes of comments.';

COMMENT ON FUNCTION "app_private"."counts_of"(uuid) IS 'How many notifications somebody has not read and not seen, and how far their numbers are.';

COMMENT ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp with time zone, jsonb) IS 'One draft.';

COMMENT ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) IS 'What an event means to whom. It is looked up whether it still is so: a like that was taken back meanwhile is told to nobody. An event that makes no sense is noted and passed over.';

COMMENT ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) IS 'Of events of the graph: follow, follow_request, follow_approved.';

COMMENT ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) IS 'Of events of groups: group_invite, group_join_request (to up to 50 who decide), group_approved, group_role; those about a deleted group go.';

COMMENT ON FUNCTION "app_private"."hold_notifications"(uuid) IS 'Holds the numbers of a person to the end of the transaction; before any of their notifications, as whoever adds one does.';

COMMENT ON FUNCTION "app_private"."is_actor_shown"(public.notifications, uuid, uuid[]) IS 'Whether somebody is named in a notification: no longer when muted or blocked, or when what they asked for was decided or taken back.';

COMMENT ON FUNCTION "app_private"."is_new_device"(uuid, text, text) IS 'Remembers from where somebody signed in, the last fifty, and says whether it is new; the very first is not.';

COMMENT ON FUNCTION "app_private"."is_once_each"(text) IS 'Whether a person can stand in a notification of this kind only once, however often they do it.';

COMMENT ON FUNCTION "app_private"."is_told_anyway"(text) IS 'Whether a kind is told of also when its actor is muted or blocked, who is then not named.';

COMMENT ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) IS 'Of messages: message, message_request, mention, to those who have not read them; not to who muted the conversation, and of a large group only to whom it mentions.';

COMMENT ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) IS 'What a notification of the wallet says.';

COMMENT ON FUNCTION "app_private"."notification_cards"(public.notifications[]) IS 'Notifications of one person as they see them, in the given order.';

COMMENT ON FUNCTION "app_private"."notification_stats"() IS 'How far notifications are behind the outbox, and from how many events none could be made, up to 10,000.';

COMMENT ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) IS 'What a notification says, given up to three names of those who did it, how many they are and how often it was.';

COMMENT ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) IS 'Of events of posts: like, mention, share; those about a deleted post go.';

COMMENT ON FUNCTION "app_private"."project_notifications"(integer) IS 'Reads up to p_limit events and tells people what they mean to them, once; says how many it read and whether there are more. Any number of workers may call it.';

COMMENT ON FUNCTION "app_private"."prune_notifications"(integer) IS 'Deletes up to p_limit notifications that are too old, read or not, and says how many.';

COMMENT ON FUNCTION "app_private"."quiet_people"(uuid) IS 'Of whom somebody is not told: whom they mute, and everybody between whom and them a block stands.';

COMMENT ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp with time zone[], jsonb, numeric, integer, timestamp
  with time zone) IS 'Makes a notification, or adds to the one of the same group that is unread or young, and gives it the next number; 0 where nobody has to be told.';

COMMENT ON FUNCTION "app_private"."shown_notifications"(uuid) IS 'The notifications that somebody may see now, the latest first; there are never more than a thousand. read_at also where a message was read in its conversation.';

COMMENT ON FUNCTION "app_private"."spread_notices"(integer) IS 'Tells the next p_limit people what operators say, each once, and says how many; 0 when there is nothing to tell. Call again until 0.';

COMMENT ON FUNCTION "app_private"."subject_of"(public.notifications) IS 'What a notification is about: {type, id, preview}; preview is up to 100 characters of a post or a comment, or the name of a group, as far as the reader may see it now.';

COMMENT ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) IS 'Takes out of notifications who has taken it back, and deletes those of what is gone. Nobody is told.';

COMMENT ON FUNCTION "app_private"."tell_comment_likes"() IS 'Trigger on comment_likes: comment.liked and comment.unliked.';

COMMENT ON FUNCTION "app_private"."tell_marked"(uuid) IS 'Tells the devices of a person how many notifications are unread now, and gives it.';

COMMENT ON FUNCTION "app_private"."tell_password_changed"() IS 'Trigger on auth.users: user.password_changed, also when somebody gets a first one.';

COMMENT ON FUNCTION "app_private"."topic_of_notifications"(uuid) IS 'The private topic on which somebody hears of their notifications.';

COMMENT ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) IS 'Whoever has more money by a transfer is told, with their own part of it.';

COMMENT ON FUNCTION "app_private"."trim_notifications"(uuid, integer) IS 'Deletes all but the latest p_keep notifications of a person.';

COMMENT ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) IS 'The next events that have not been read for notifications, in the order of the log.';

COMMENT ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) IS 'Of events of accounts: password_changed, and sign_in from a new device.';

COMMENT ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) IS 'Of events of the wallet: money_received, hold, withdrawal, payment_request.';

COMMENT ON FUNCTION "app_private"."who_did"(text[], bigint) IS 'Ana; Ana and Ben; Ana and 12 others.';

COMMENT ON FUNCTION "public"."mark_all_notifications_read"(bigint) IS 'Marks my notifications up to a number, or all, as seen and read, and gives the counts. With the number of the latest that was shown, none is marked that came meanwhile.';

COMMENT ON FUNCTION "public"."mark_notifications_read"(uuid[]) IS 'Marks 1 to 100 of my notifications as read, and gives the counts. 404 notifications.not_found when one of them is not there.';

COMMENT ON FUNCTION "public"."mark_notifications_seen"(bigint) IS 'Marks my notifications up to a number, or all, as seen, and gives the counts. A mark only moves on.';

COMMENT ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) IS 'My notifications, the latest first, from a number backwards; after a number the oldest first: whoever has all up to it misses nothing so. At most 100, and one more.';

COMMENT ON FUNCTION "public"."notification_counts"() IS 'Of my notifications: {unread_count, unseen_count, last_seq, seen_seq}.';

COMMENT ON FUNCTION "public"."notification_preferences"() IS 'What my settings mean, defaults included: {quiet_hours, kinds: {like: {category, in_app, push, email, webhook}, …}}.';

COMMENT ON FUNCTION "public"."set_notification_preferences"(jsonb) IS 'Changes my settings key by key, {likes: {push: false}, reply: {email: true}, quiet_hours: {from, to, time_zone}}, null for the default, and gives what they mean now. 422 users.notification_settings_invalid.';

COMMENT ON TABLE "app_private"."notices" IS 'What operators tell one person, or (user_id is null) everybody who has an account then. done_to: how far the worker has come.';

COMMENT ON TABLE "app_private"."notification_actors" IS 'Who did what a notification tells of, up to a hundred of each. is_gone: they took it back, and are remembered so that doing it again tells nobody again.';

COMMENT ON TABLE "app_private"."notification_faults" IS 'Events from which no notification could be made, and why. The others went on.';

COMMENT ON TABLE "app_private"."notification_reader" IS 'How far the outbox has been read for notifications, one row: everything that done saw; of what upto sees besides, everything up to (after_tx, after_position). It moves in the transaction of the notifications.';

COMMENT ON TABLE "app_private"."notification_rules" IS 'Settings of the operators, one row: for how long more of the same joins a notification that was read, how long and how many are kept, and up to how many members each message of a group is told to all of them (in larger ones to whom it mentions).';

COMMENT ON TABLE "app_private"."notification_states" IS 'How far the notifications of a person are: numbered to last_seq, seen to seen_seq, told on the private topic to told_seq.';

COMMENT ON TABLE "app_private"."sign_in_devices" IS 'From which programs and networks somebody has signed in, as hashes: a new one is told of. At most 50 of a person.';

COMMENT ON TABLE "public"."notifications" IS 'What people are told, the same things in one row: "Ana and 12 others". seq counts from 1 for each person, in the order of the commits; whatever is added to a row gives it the next number. Numbers between are those that rows had before. in_app: false where somebody wants it by other channels alone. more_actors: those beyond the hundred in notification_actors.';

COMMENT ON TYPE "app_private"."notification_draft" IS 'What an event means to one person. action: raise (tell them), retract (the actor has taken it back), remove (the subject is gone, for everybody).';

COMMENT ON TYPE "public"."notification_card" IS 'A notification as its receiver may see it. actors: up to three who did it last, of actors_count; seq: its place, which moves to the end when something is added to it.';

REVOKE ALL ON FUNCTION "admin"."send_notice"(text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."send_notice"(text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."send_notice"(text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."my_notification_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_notification_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_notification_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_notification_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."notification_category"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_category"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."notification_category"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_category"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_category"(text) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."notification_kinds"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_kinds"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."notification_kinds"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_kinds"() TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_kinds"() TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp WITH time zone[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp WITH time zone[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp WITH time zone[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."amount_of"(jsonb, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."amount_of"(jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."amount_of"(jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."channels_of"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."channels_of"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."channels_of"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."counts_of"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."counts_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."counts_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp WITH time zone, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp WITH time zone, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp WITH time zone, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hold_notifications"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hold_notifications"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hold_notifications"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_actor_shown"(public.notifications, uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_actor_shown"(public.notifications, uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_actor_shown"(public.notifications, uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_new_device"(uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_new_device"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_new_device"(uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_once_each"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_once_each"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_once_each"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_told_anyway"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_told_anyway"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_told_anyway"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_cards"(public.notifications[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."notification_cards"(public.notifications[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_cards"(public.notifications[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_stats"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."notification_stats"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."notification_stats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_stats"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."project_notifications"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."project_notifications"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."project_notifications"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."project_notifications"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_notifications"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_notifications"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_notifications"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_notifications"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."quiet_people"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."quiet_people"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."quiet_people"(uuid) TO "postgres";

REVOKE ALL
  ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp WITH time zone[], jsonb, numeric, integer, timestamp WITH time zone)
  FROM PUBLIC;

REVOKE ALL
  ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp WITH time zone[], jsonb, numeric, integer, timestamp WITH time zone)
  FROM "postgres";

GRANT EXECUTE
  ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp WITH time zone[], jsonb, numeric, integer, timestamp WITH time zone)
  TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shown_notifications"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shown_notifications"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shown_notifications"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."spread_notices"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."spread_notices"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."spread_notices"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."spread_notices"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."subject_of"(public.notifications) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."subject_of"(public.notifications) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."subject_of"(public.notifications) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_comment_likes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_comment_likes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_comment_likes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_marked"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_marked"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_marked"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_password_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_password_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_password_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."topic_of_notifications"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."topic_of_notifications"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."topic_of_notifications"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."trim_notifications"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."trim_notifications"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."trim_notifications"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."who_did"(text[], bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."who_did"(text[], bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."who_did"(text[], bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_all_notifications_read"(bigint) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_all_notifications_read"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_all_notifications_read"(bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_read"(uuid[]) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_notifications_read"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_read"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_seen"(bigint) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_notifications_seen"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_seen"(bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_counts"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."notification_counts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_counts"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_preferences"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."notification_preferences"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_preferences"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_notification_preferences"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."set_notification_preferences"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_notification_preferences"(jsonb) TO "postgres";

REVOKE ALL ON TABLE "public"."notifications" FROM "authenticated";

GRANT SELECT ON TABLE "public"."notifications" TO "authenticated";

REVOKE ALL ON TABLE "public"."notifications" FROM "service_role";

GRANT SELECT ON TABLE "public"."notifications" TO "service_role";

CREATE INDEX notices_user_id_idx ON app_private.notices USING btree (user_id, created_at, id);

ALTER TABLE "app_private"."notification_actors"
  ADD CONSTRAINT "notification_actors_notification_id_fkey" FOREIGN KEY (notification_id) REFERENCES public.notifications(id) ON DELETE CASCADE;

CREATE POLICY "people read their own notifications, but those of people hidden" ON "public"."notifications"
  FOR SELECT
  TO "authenticated"
  USING (((user_id = ( SELECT auth.uid() AS uid)) AND (id IN ( SELECT app_hidden.my_notification_ids() AS my_notification_ids))));

ALTER TABLE "public"."notifications"
  ADD CONSTRAINT "kind_known" CHECK ((app_hidden.notification_category(kind) IS NOT NULL));

-- copy of sql/80_notifications/5_data.sql sha256:3b2072efa26d83be4f89cd440e991c6f7c75cdf7c03a2955b6643772940bcfd3
insert into app_private.notification_rules default values on conflict do nothing;
-- Nobody is told of what was before there were notifications.
insert into app_private.notification_reader (done) values (pg_current_snapshot()) on conflict do nothing;
