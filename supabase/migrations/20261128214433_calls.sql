-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE TABLE "app_private"."call_rules" (
  "single"                    boolean  NOT NULL DEFAULT true,
  "max_people"                integer  NOT NULL DEFAULT 8,
  "ring_for"                  interval NOT NULL DEFAULT '00:00:45'::interval,
  "there_for"                 interval NOT NULL DEFAULT '00:00:15'::interval,
  "reported_for"              interval NOT NULL DEFAULT '00:00:03'::interval,
  "lasts_up_to"               interval NOT NULL DEFAULT '12:00:00'::interval,
  "keep_for"                  interval NOT NULL DEFAULT '1 year'::interval,
  "rings_per_minute"          integer  DEFAULT 30,
  "rings_per_day"             integer  DEFAULT 600,
  "unanswered_per_10_minutes" integer  DEFAULT 5,
  CONSTRAINT "call_rules_keep_for_check" CHECK ((keep_for > '00:00:00'::interval)),
  CONSTRAINT "call_rules_lasts_up_to_check" CHECK ((lasts_up_to > '00:00:00'::interval)),
  CONSTRAINT "call_rules_max_people_check" CHECK (((max_people >= 2) AND (max_people <= 16))),
  CONSTRAINT "call_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "call_rules_reported_for_check" CHECK (((reported_for >= '00:00:01'::interval) AND (reported_for <= '00:01:00'::interval))),
  CONSTRAINT "call_rules_ring_for_check" CHECK (((ring_for >= '00:00:05'::interval) AND (ring_for <= '00:05:00'::interval))),
  CONSTRAINT "call_rules_rings_per_day_check" CHECK ((rings_per_day > 0)),
  CONSTRAINT "call_rules_rings_per_minute_check" CHECK ((rings_per_minute > 0)),
  CONSTRAINT "call_rules_single_check" CHECK (single),
  CONSTRAINT "call_rules_there_for_check" CHECK (((there_for >= '00:00:03'::interval) AND (there_for <= '00:05:00'::interval))),
  CONSTRAINT "call_rules_unanswered_per_10_minutes_check" CHECK (((unanswered_per_10_minutes >= 1) AND (unanswered_per_10_minutes <= 100)))
);

ALTER TABLE "app_private"."call_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."call_participants" (
  "call_id"     uuid                     NOT NULL,
  "user_id"     uuid                     NOT NULL,
  "called_by"   uuid,
  "state"       text                     NOT NULL,
  "device_id"   uuid,
  "due_at"      timestamp with time zone,
  "reported_at" timestamp with time zone,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "joined_at"   timestamp with time zone,
  "left_at"     timestamp with time zone,
  CONSTRAINT "call_participants_pkey" PRIMARY KEY (call_id, user_id),
  CONSTRAINT "joined_with_a_device" CHECK (((state <> 'joined'::text) OR ((device_id IS NOT NULL) AND (joined_at IS NOT NULL)))),
  CONSTRAINT "live_until_due" CHECK (((state = ANY (ARRAY['ringing'::text, 'joined'::text])) = (due_at IS NOT NULL))),
  CONSTRAINT "state_known"
    CHECK ((state = ANY (ARRAY['ringing'::text, 'joined'::text, 'declined'::text, 'missed'::text, 'busy'::text, 'left'::text, 'removed'::text, 'lost'::text])))
);

ALTER TABLE "public"."call_participants"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."call_participants"
  SET (fillfactor=50);

REVOKE ALL ON TABLE "public"."call_participants" FROM "anon";

CREATE TABLE "public"."calls" (
  "id"           uuid                     NOT NULL,
  "kind"         text                     NOT NULL,
  "caller_id"    uuid,
  "group_id"     uuid,
  "is_direct"    boolean                  NOT NULL,
  "state"        text                     NOT NULL DEFAULT 'ringing'::text,
  "end_reason"   text,
  "epoch"        integer                  NOT NULL DEFAULT 1,
  "version"      integer                  NOT NULL DEFAULT 1,
  "request_hash" bigint                   NOT NULL,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "answered_at"  timestamp with time zone,
  "ended_at"     timestamp with time zone,
  CONSTRAINT "active_was_answered" CHECK (((state <> 'active'::text) OR (answered_at IS NOT NULL))),
  CONSTRAINT "calls_pkey" PRIMARY KEY (id),
  CONSTRAINT "end_is_told" CHECK ((((state = 'ended'::text) = (ended_at IS NOT NULL)) AND ((state = 'ended'::text) = (end_reason IS NOT NULL)))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['audio'::text, 'video'::text]))),
  CONSTRAINT "reason_known" CHECK ((end_reason = ANY (ARRAY['ended'::text, 'lost'::text, 'declined'::text, 'cancelled'::text, 'missed'::text, 'busy'::text]))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['ringing'::text, 'active'::text, 'ended'::text])))
);

ALTER TABLE "public"."calls"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."calls"
  SET (fillfactor=70);

REVOKE ALL ON TABLE "public"."calls" FROM "anon";

CREATE TYPE "public"."call_card" AS (
  "id"           uuid,
  "kind"         text,
  "is_direct"    boolean,
  "group_id"     uuid,
  "state"        text,
  "end_reason"   text,
  "caller_id"    uuid,
  "my_state"     text,
  "my_device_id" uuid,
  "participants" jsonb,
  "topic"        text,
  "epoch"        integer,
  "version"      integer,
  "rings_until"  timestamp WITH time zone,
  "created_at"   timestamp WITH time zone,
  "answered_at"  timestamp WITH time zone,
  "ended_at"     timestamp WITH time zone,
  "duration_s"   integer
);

CREATE OR REPLACE FUNCTION app_hidden.hears_call (
  p_topic  text,
  p_writes boolean DEFAULT false
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parts text[] := regexp_match(p_topic, '^call:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$');
  v_me uuid := auth.uid();
begin
  if v_parts is null or v_me is null or (p_writes and v_parts[3]::uuid <> v_me) then
    return false;
  end if;
  return exists (
    select from public.calls c
    join public.call_participants m on m.call_id = c.id and m.user_id = v_me and m.state = 'joined'
    join public.call_participants o on o.call_id = c.id and o.user_id = v_parts[3]::uuid and o.state = 'joined'
    where c.id = v_parts[1]::uuid and c.epoch = v_parts[2]::int and c.state <> 'ended');
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_call_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  AS $function$
begin
  return query select p.call_id from public.call_participants p where p.user_id = auth.uid();
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_add (
  p_me    uuid,
  p_call  public.calls,
  p_users uuid[],
  p_in    uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if cardinality(app_private.callable(p_me, p_users, p_in)) < cardinality(p_users)
    or (p_call.group_id is not null and exists (select from unnest(p_users) u where app_private.role_in(p_call.group_id, u) is null))
    or (p_call.caller_id is distinct from p_me and exists (
      select from public.call_participants p where p.call_id = p_call.id and p.user_id = any (p_users) and p.state = 'removed')) then
    perform app_private.fail_not_callable(p_me, p_users);
  elsif exists (
    select from public.call_participants p
    where p.call_id = p_call.id and p.user_id = any (p_users) and p.joined_at is null and p.left_at > now() - interval '30 seconds') then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'It rang for them a moment ago.', 'Wait half a minute.');
  end if;
  perform app_private.assert_may_call(p_me, p_users);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_call (
  p_me     uuid,
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_rules app_private.call_rules;
  v_minute int;
  v_day int;
  v_in_vain int;
begin
  select * into v_rules from app_private.call_rules;
  select count(*) filter (where p.created_at > now() - interval '1 minute'), count(*),
    count(*) filter (where p.user_id = p_people[1] and p.joined_at is null and p.created_at > now() - interval '10 minutes')
  into v_minute, v_day, v_in_vain
  from (
    select * from public.call_participants x where x.called_by = p_me and x.created_at > now() - interval '1 day'
    order by x.created_at desc limit 10000) p;
  if v_minute + cardinality(p_people) > v_rules.rings_per_minute or v_day + cardinality(p_people) > v_rules.rings_per_day then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You call more often than a person does.', 'Wait a while.');
  elsif cardinality(p_people) = 1 and v_in_vain >= v_rules.unanswered_per_10_minutes then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'This person does not answer.', 'Wait ten minutes, or write to them.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_card_of (
  p_me   uuid,
  p_call uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select c from app_private.call_cards(p_me, array[p_call]) c);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_cards (
  p_me  uuid,
  p_ids uuid[]
)
  RETURNS SETOF public.call_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  AS $function$
declare
  v_hidden uuid[] := app_private.hidden_from(p_me);
begin
  return query
  select c.id, c.kind, c.is_direct,
    case when app_private.role_in(c.group_id, p_me) is not null then c.group_id end,
    c.state, c.end_reason, case when c.caller_id <> all (v_hidden) then c.caller_id end, m.state, m.device_id,
    (select coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'person', app_private.person_of(p.user_id), 'state', p.state,
        'joined_at', p.joined_at, 'left_at', p.left_at) order by p.created_at, p.user_id), '[]')
      from public.call_participants p where p.call_id = c.id and p.user_id <> all (v_hidden)),
    case when c.state <> 'ended' and m.state = 'joined' then format('call:%s:%s', c.id, c.epoch) end,
    c.epoch, c.version, case when m.state = 'ringing' then m.due_at end, c.created_at, c.answered_at, c.ended_at,
    case when c.answered_at is not null then extract(epoch from coalesce(c.ended_at, now()) - c.answered_at)::int end
  from unnest(p_ids) with ordinality w (id, n)
  join public.calls c on c.id = w.id
  join public.call_participants m on m.call_id = c.id and m.user_id = p_me
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_from (
  p jsonb
)
  RETURNS public.calls
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
begin
  perform app_hidden.assert_fields(p, '{"client_id": "uuid", "device_id": "uuid", "kind": "string", "user_ids": "strings", "group_id": "uuid"}',
    'calls.field_invalid');
  v_call.id := coalesce((p ->> 'client_id')::uuid, app_private.uuid_v7());
  v_call.kind := coalesce(p ->> 'kind', 'audio');
  v_call.group_id := (p ->> 'group_id')::uuid;
  v_call.request_hash := hashtextextended((jsonb_strip_nulls(p) - 'device_id')::text, 0);
  if v_call.kind not in ('audio', 'video') then
    perform app_private.fail_call_field('`kind` as audio or video');
  elsif p ->> 'device_id' is null then
    perform app_private.fail_call_field('`device_id`, a UUID that your client keeps for this device');
  elsif v_call.group_id is null and coalesce(jsonb_array_length(nullif(p -> 'user_ids', 'null')), 0) = 0 then
    perform app_private.fail_call_field('`user_ids` with one person or more, or `group_id`');
  elsif jsonb_array_length(nullif(p -> 'user_ids', 'null')) > 15 or exists (
    select from jsonb_array_elements_text(nullif(p -> 'user_ids', 'null')) u (id) where not coalesce(pg_input_is_valid(u.id, 'uuid'), false)) then
    perform app_private.fail_call_field('`user_ids` as an array of up to 15 UUIDs');
  end if;
  return v_call;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.callable (
  p_me     uuid,
  p_people uuid[],
  p_in     uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_in uuid[] := p_in;
  v_one uuid;
begin
  foreach v_one in array p_people loop
    -- Nor are two brought together of whom one has blocked the other.
    if app_private.may_reach(p_me, v_one, 'who_can_call') and not exists (
      select from unnest(v_in) o where o <> v_one and app_hidden.is_blocked_pair(o, v_one)) then
      v_in := v_in || v_one;
    end if;
  end loop;
  return array(select u from unnest(v_in) u where u <> all (p_in));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.end_call_for (
  p_call   public.calls,
  p_reason text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  update public.call_participants p
  set state = case p.state when 'ringing' then 'missed' else 'left' end, due_at = null, left_at = clock_timestamp()
  where p.call_id = p_call.id and p.state in ('ringing', 'joined');
  update public.calls c set state = 'ended', end_reason = p_reason, ended_at = clock_timestamp(), epoch = c.epoch + 1, version = c.version + 1
  where c.id = p_call.id;
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
    ('media', 'public.media', 'owner_id', '{created_at,id}', '{attempts,run_after}', '{public.media.owner_id}'),
    ('media_quota', 'app_private.media_quotas', 'user_id', '{user_id}', '{user_id}', '{app_private.media_quotas.user_id}'),
    ('media_deleted', 'app_private.media_deletions', 'owner_id', '{requested_at,id}', '{owner_id,attempts,run_after,last_error}', '{app_private.media_deletions.owner_id}'),
    ('calls', $r$(select p.user_id, p.call_id, c.kind, c.is_direct, c.group_id, c.caller_id = p.user_id as called_by_me, p.state, c.end_reason,
        p.created_at, p.joined_at, p.left_at, c.ended_at,
        (select jsonb_agg(o.user_id order by o.user_id) from public.call_participants o where o.call_id = c.id and o.user_id <> p.user_id) as with_user_ids
        from public.call_participants p join public.calls c on c.id = p.call_id)$r$,
      'user_id', '{created_at,call_id}', '{user_id}', '{public.call_participants.user_id,public.calls.caller_id}'),
    ('notifications', 'public.notifications', 'user_id', '{seq}', '{user_id,in_app,group_key}', '{public.notifications.user_id}'),
    ('push_subscriptions', 'app_private.push_subscriptions', 'user_id', '{created_at,id}', '{user_id,auth}', '{app_private.push_subscriptions.user_id}'),
    ('notification_webhooks', 'app_private.notification_webhooks', 'user_id', '{url}', '{user_id,secret}', '{app_private.notification_webhooks.user_id}'),
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

CREATE OR REPLACE FUNCTION app_private.fail_call_field (
  p_what text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'calls.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', p_what));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_call_over()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(409, 'calls.over', 'This call is over.', 'Start a new one: POST calls.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_in_call()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(409, 'calls.in_call', 'You are in a call, or one rings for you.', 'End, answer or decline it first: GET calls/current.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_not_callable (
  p_me     uuid,
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if cardinality(p_people) = 1 and exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = p_people[1]) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  end if;
  perform app_hidden.fail(403, 'calls.not_accepted', 'Nobody here can be called.',
    'People decide who may call them: show the button only where `can_call` is true.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.free_people (
  p_people uuid[],
  p_call   uuid   DEFAULT NULL::uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call uuid;
begin
  -- Calls that are over but for somebody to say so keep nobody busy, also while no worker is there.
  for v_call in
    select c.id from public.calls c
    where c.id = p_call or (
      c.id in (select p.call_id from public.call_participants p where p.user_id = any (p_people) and p.due_at is not null)
      and exists (select from public.call_participants o where o.call_id = c.id and o.due_at <= clock_timestamp()))
    order by c.id for no key update
  loop
    perform app_private.sweep_call(v_call);
  end loop;
  return array(
    select u.id from unnest(p_people) u (id)
    where not exists (select from public.call_participants p where p.user_id = u.id and p.state in ('ringing', 'joined')));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.live_people (
  p_call uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select p.user_id from public.call_participants p where p.call_id = p_call and p.state in ('ringing', 'joined') order by p.user_id);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_people (
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_key bigint;
begin
  for v_key in select distinct hashtextextended('calls of ' || p::text, 0) from unnest(p_people) p order by 1 loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.locked_call (
  p_me   uuid,
  p_call uuid
)
  RETURNS public.calls
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
begin
  perform app_private.participant(p_me, p_call);
  select * into v_call from public.calls c where c.id = p_call for no key update;
  -- Looked at again by whoever asks: a step of somebody else may have been waited for.
  perform app_private.participant(p_me, p_call);
  return v_call;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.may_join (
  p_call public.calls,
  p_mine public.call_participants
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_call.state = 'ended' or p_mine.state = 'removed' then
    return false;
  elsif p_mine.state = 'ringing' then
    return true;
  end if;
  -- Back into a call that goes on: as long as others are in it, there is room, and no block has come between.
  return p_call.state = 'active' and not p_call.is_direct
    and cardinality(app_private.live_people(p_call.id)) < (select r.max_people from app_private.call_rules r)
    and (p_call.group_id is null or app_private.role_in(p_call.group_id, p_mine.user_id) is not null)
    and not exists (select from unnest(app_private.live_people(p_call.id)) o where app_hidden.is_blocked_pair(o, p_mine.user_id));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_from_call (
  p_call   uuid,
  p_people uuid[],
  p_state  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_out uuid[];
begin
  -- Compare and set: who is out already stays as they are.
  with gone as (
    update public.call_participants p set state = p_state, due_at = null, left_at = clock_timestamp()
    where p.call_id = p_call and p.user_id = any (p_people) and p.state in ('ringing', 'joined') returning p.user_id
  )
  select array_agg(g.user_id) into v_out from gone g;
  if v_out is not null then
    perform app_private.settle_call(p_call, v_out);
  end if;
  return v_out is not null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_group_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_one record;
begin
  perform from public.calls c
  where c.state <> 'ended' and c.group_id in (select g.group_id from changed g) order by c.id for no key update;
  for v_one in
    select c.id, p.user_id
    from changed g join public.calls c on c.group_id = g.group_id and c.state <> 'ended'
    join public.call_participants p on p.call_id = c.id and p.user_id = g.user_id and p.state in ('ringing', 'joined')
    order by c.id
  loop
    perform app_private.part_from_call(v_one.id, array[v_one.user_id], 'removed');
  end loop;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_the_calling()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_one record;
begin
  -- part_the_blocked has locked the pair: no call brings the two together meanwhile.
  perform from public.calls c
  where c.id in (
    select p.call_id from changed b
    join public.call_participants p on p.user_id = b.blocker_id and p.state in ('ringing', 'joined')
    join public.call_participants q on q.user_id = b.blocked_id and q.call_id = p.call_id and q.state in ('ringing', 'joined'))
  order by c.id for no key update;
  for v_one in
    select c.id, c.is_direct, c.caller_id = b.blocker_id as by_caller, b.blocker_id, b.blocked_id, p.state
    from changed b
    join public.call_participants p on p.user_id = b.blocker_id and p.state in ('ringing', 'joined')
    join public.call_participants q on q.user_id = b.blocked_id and q.call_id = p.call_id and q.state in ('ringing', 'joined')
    join public.calls c on c.id = p.call_id
    order by c.id
  loop
    -- Who blocks goes, as by hanging up: nobody is put out of a call by somebody who did not start it.
    if v_one.by_caller and not v_one.is_direct then
      perform app_private.part_from_call(v_one.id, array[v_one.blocked_id], 'removed');
    else
      perform app_private.part_from_call(v_one.id, array[v_one.blocker_id], case v_one.state when 'ringing' then 'declined' else 'left' end);
    end if;
  end loop;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.participant (
  p_me   uuid,
  p_call uuid
)
  RETURNS public.call_participants
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_found public.call_participants;
begin
  select * into v_found from public.call_participants p where p.call_id = p_call and p.user_id = p_me;
  if not found then
    perform app_hidden.fail(404, 'calls.not_found', 'There is no such call.', 'Take an id from GET calls.');
  end if;
  return v_found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.people_to_call (
  p_me    uuid,
  p_group uuid,
  p_named uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_max int := (select r.max_people - 1 from app_private.call_rules r);
  v_people uuid[];
begin
  if p_group is null then
    v_people := array(select u.id from unnest(p_named) with ordinality u (id, n) where u.id <> p_me group by u.id order by min(u.n) limit v_max + 1);
    if v_people = '{}' then
      perform app_hidden.fail(422, 'calls.to_oneself', 'Nobody calls themselves.', 'Name somebody else.');
    end if;
  else
    if app_private.role_in(p_group, p_me) is null then
      perform app_hidden.fail(404, 'groups.not_found', 'There is no such group.', 'It may have been deleted, or is not shown to you.');
    end if;
    -- Held, so that whoever is being removed from the group is rung before, and then leaves the call with it.
    v_people := array(
      select m.user_id from public.group_members m
      where m.group_id = p_group and m.user_id <> p_me and (p_named = '{}' or m.user_id = any (p_named))
      order by m.user_id limit v_max + 1 for key share);
  end if;
  if cardinality(v_people) > v_max then
    perform app_hidden.fail(422, 'calls.too_many_people', format('A call has at most %s people.', v_max + 1), 'Name fewer people in `user_ids`.');
  end if;
  return v_people;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_calls (
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
    select c.id from public.calls c
    where c.ended_at < now() - (select r.keep_for from app_private.call_rules r)
    order by c.ended_at limit least(greatest(p_limit, 1), 1000) for update skip locked
  )
  delete from public.calls c using old where c.id = old.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.reason_to_end (
  p_call public.calls
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_joined int;
  v_ringing int;
  v_is_calling boolean;
  v_states text[];
begin
  select count(*) filter (where p.state = 'joined'), count(*) filter (where p.state = 'ringing'),
    coalesce(bool_or(p.state = 'joined') filter (where p.user_id = p_call.caller_id), false), array_agg(distinct p.state)
  into v_joined, v_ringing, v_is_calling, v_states
  from public.call_participants p where p.call_id = p_call.id;
  if p_call.state = 'ringing' then
    return case
      when not v_is_calling then 'cancelled'
      when v_ringing > 0 then null
      when 'missed' = any (v_states) then 'missed'
      when 'declined' = any (v_states) then 'declined'
      when 'busy' = any (v_states) then 'busy'
      else 'ended' end; -- the only one who was called is gone, or was removed
  end if;
  return case
    when v_joined + v_ringing >= 2 and v_joined > 0 then null
    -- Nobody hung up: what is told apart is a call that broke.
    when 'lost' = any (v_states) and 'left' <> all (v_states) then 'lost'
    else 'ended' end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.ring (
  p_call   uuid,
  p_me     uuid,
  p_people uuid[],
  p_free   uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_rung uuid[] := array(select u from unnest(p_people) u where u = any (p_free));
  v_until timestamptz := clock_timestamp() + (select r.ring_for from app_private.call_rules r);
begin
  insert into public.call_participants as p (call_id, user_id, called_by, state, due_at, left_at)
  select p_call, u.id, p_me, case when u.id = any (v_rung) then 'ringing' else 'busy' end,
    case when u.id = any (v_rung) then v_until end, case when u.id <> all (v_rung) then clock_timestamp() end
  from unnest(p_people) u (id)
  on conflict (call_id, user_id) do update
  set called_by = excluded.called_by, state = excluded.state, due_at = excluded.due_at, left_at = excluded.left_at,
    created_at = now(), device_id = null, joined_at = null
  where p.state not in ('ringing', 'joined');
  return v_rung;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.settle_call (
  p_call uuid,
  p_gone uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
  v_live uuid[] := app_private.live_people(p_call);
  v_reason text;
begin
  select * into v_call from public.calls c where c.id = p_call;
  if v_call.state = 'ended' then
    return;
  end if;
  v_reason := app_private.reason_to_end(v_call);
  if v_reason is null then
    -- Who is out stays behind on topics where nobody speaks any more. Who was never in heard nothing there.
    update public.calls c set version = c.version + 1, epoch = c.epoch + case when (
        select count(*) from public.call_participants p where p.call_id = p_call and p.user_id = any (p_gone) and p.joined_at is null
      ) = cardinality(p_gone) then 0 else 1 end
    where c.id = p_call;
  else
    perform app_private.end_call_for(v_call, v_reason);
  end if;
  perform app_private.tell_call(p_call, p_gone || v_live);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.settle_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_call uuid;
begin
  for v_call in
    select c.id from public.calls c where c.id in (select g.call_id from gone g where g.state in ('ringing', 'joined')) and c.state <> 'ended'
    order by c.id for no key update
  loop
    perform app_private.settle_call(v_call, array(select g.user_id from gone g where g.call_id = v_call));
  end loop;
  -- Nobody is left who could read it.
  delete from public.calls c
  where c.id in (select g.call_id from gone g) and not exists (select from public.call_participants p where p.call_id = c.id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_call (
  p_call uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
  v_lost uuid[];
  v_missed uuid[];
  v_live uuid[];
begin
  select * into v_call from public.calls c where c.id = p_call and c.state <> 'ended';
  if not found then
    return false;
  end if;
  if v_call.created_at < clock_timestamp() - (select r.lasts_up_to from app_private.call_rules r) then
    v_live := app_private.live_people(p_call);
    perform app_private.end_call_for(v_call, 'ended');
    perform app_private.tell_call(p_call, v_live);
    return true;
  end if;
  select array_agg(p.user_id) filter (where p.state = 'joined'), array_agg(p.user_id) filter (where p.state = 'ringing') into v_lost, v_missed
  from public.call_participants p where p.call_id = p_call and p.due_at <= clock_timestamp();
  -- Asked again as they are written: a sign of life in between keeps its person in.
  with gone as (
    update public.call_participants p
    set state = case p.state when 'joined' then 'lost' else 'missed' end, due_at = null, left_at = clock_timestamp()
    where p.call_id = p_call and p.user_id = any (coalesce(v_lost, '{}') || coalesce(v_missed, '{}')) and p.due_at <= clock_timestamp()
    returning p.user_id
  )
  select array_agg(g.user_id) into v_live from gone g;
  if v_live is null then
    return false;
  end if;
  perform app_private.settle_call(p_call, v_live);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_calls (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_call uuid;
  v_count int := 0;
begin
  for v_call in
    select c.id from public.calls c
    where c.id in (
      select p.call_id from public.call_participants p where p.due_at <= clock_timestamp() order by p.due_at limit least(greatest(p_limit, 1), 1000))
      or c.id in (
        select l.id from public.calls l
        where l.state <> 'ended' and l.created_at < clock_timestamp() - (select r.lasts_up_to from app_private.call_rules r)
        order by l.created_at limit least(greatest(p_limit, 1), 1000))
    order by c.id for no key update skip locked
  loop
    v_count := v_count + app_private.sweep_call(v_call)::int;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_call (
  p_call   uuid,
  p_people uuid[],
  p_rung   uuid[] DEFAULT '{}'::uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_private.tell_person(p.id, case when p.id = any (p_rung) then 'call_ringing' else 'call_changed' end,
    to_jsonb(app_private.call_card_of(p.id, p_call)))
  from public.profiles p where p.id = any (p_people)
    and exists (select from public.call_participants m where m.call_id = p_call and m.user_id = p.id)
  order by p.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_call_missed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Null once the caller's account is gone: nobody to call back.
  if new.called_by is not null then
    perform app_private.emit_event('call.missed', new.called_by, jsonb_build_object(
      'call_id', new.call_id, 'caller_id', new.called_by, 'callee_id', new.user_id, 'kind', (select c.kind from public.calls c where c.id = new.call_id)));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('call.started', new.caller_id, jsonb_build_object(
      'call_id', new.id, 'caller_id', new.caller_id, 'kind', new.kind, 'group_id', new.group_id, 'is_direct', new.is_direct));
  else
    perform app_private.emit_event('call.ended', new.caller_id, jsonb_build_object(
      'call_id', new.id, 'caller_id', new.caller_id, 'kind', new.kind, 'group_id', new.group_id, 'is_direct', new.is_direct, 'reason', new.end_reason,
      'duration_s', coalesce(extract(epoch from new.ended_at - new.answered_at)::int, 0)));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.add_to_call (
  p_id    uuid,
  p_users uuid[]
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_users uuid[] := array(select distinct u from unnest(p_users) u where u is not null limit 16);
  v_call public.calls;
  v_in uuid[];
  v_free uuid[];
  v_rung uuid[];
begin
  if v_users = '{}' or cardinality(v_users) > 15 then
    perform app_private.fail_call_field('`user_ids` with one person or more');
  end if;
  perform app_private.participant(v_me, p_id);
  perform from public.profiles x where x.id = v_me or x.id = any (v_users) order by x.id for key share;
  v_in := app_private.live_people(p_id);
  perform app_private.lock_pairs(array_agg(a), array_agg(b)) from unnest(v_in || v_users) a, unnest(v_users) b where a <> b;
  perform app_private.lock_people(v_users || v_me);
  v_free := app_private.free_people(v_users, p_id);
  v_call := app_private.locked_call(v_me, p_id);
  if v_call.state = 'ended' or (app_private.participant(v_me, p_id)).state <> 'joined' then
    perform app_private.fail_call_over();
  end if;
  v_in := app_private.live_people(p_id);
  v_users := array(select u from unnest(v_users) u where u <> all (v_in));
  if cardinality(v_in) + cardinality(v_users) > (select r.max_people from app_private.call_rules r)
    -- However many come and go: all of them stand in the call.
    or (select count(*) from public.call_participants p where p.call_id = p_id) + cardinality(v_users) > 60 then
    perform app_hidden.fail(422, 'calls.too_many_people', 'There is no room for so many people in this call.', 'Name fewer people in `user_ids`.');
  elsif v_users <> '{}' then
    perform app_private.assert_may_add(v_me, v_call, v_users, v_in);
    v_rung := app_private.ring(p_id, v_me, v_users, v_free);
    update public.calls c set is_direct = false, version = c.version + 1 where c.id = p_id;
    perform app_private.tell_call(p_id, v_in || v_rung, v_rung);
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."add_to_call"(uuid, uuid[]) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.answer_call (
  p_id     uuid,
  p_device uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls;
  v_mine public.call_participants;
  v_live uuid[];
begin
  if p_device is null then
    perform app_private.fail_call_field('`device_id`, a UUID that your client keeps for this device');
  end if;
  perform app_private.participant(v_me, p_id);
  perform app_private.lock_people(array[v_me]);
  perform app_private.free_people(array[v_me], p_id); -- whoever has been rung for too long has missed it
  v_call := app_private.locked_call(v_me, p_id);
  v_mine := app_private.participant(v_me, p_id);
  if v_mine.state = 'joined' then
    if v_mine.device_id <> p_device then
      perform app_hidden.fail(409, 'calls.answered_elsewhere', 'Another device of yours is in this call.', 'Stop ringing on this one.');
    end if;
    return app_private.call_card_of(v_me, p_id);
  elsif not app_private.may_join(v_call, v_mine) then
    perform app_private.fail_call_over();
  elsif v_mine.state <> 'ringing' and app_private.free_people(array[v_me]) = '{}' then
    perform app_private.fail_in_call();
  end if;
  update public.call_participants p
  set state = 'joined', device_id = p_device, joined_at = clock_timestamp(), left_at = null, reported_at = null,
    due_at = clock_timestamp() + (select r.there_for from app_private.call_rules r)
  where p.call_id = p_id and p.user_id = v_me and p.state = v_mine.state;
  update public.calls c set state = 'active', answered_at = coalesce(c.answered_at, clock_timestamp()), version = c.version + 1 where c.id = p_id;
  v_live := app_private.live_people(p_id);
  perform app_private.tell_call(p_id, v_live);
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."answer_call"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.call (
  p_id uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.participant(auth.uid(), p_id);
  return app_private.call_card_of(auth.uid(), p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."call"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.call_heartbeat (
  p_id     uuid,
  p_device uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_mine public.call_participants := app_private.participant(v_me, p_id);
begin
  if v_mine.state = 'joined' and v_mine.device_id is distinct from p_device then
    perform app_hidden.fail(409, 'calls.answered_elsewhere', 'Another device of yours is in this call.', 'Stop ringing on this one.');
  end if;
  -- Without the lock of the call: signs of life of several wait for nobody.
  update public.call_participants p
  set due_at = clock_timestamp() + (select r.there_for from app_private.call_rules r), reported_at = null
  where p.call_id = p_id and p.user_id = v_me and p.state = 'joined' and p.due_at > clock_timestamp();
  if exists (select from public.call_participants p where p.call_id = p_id and p.due_at <= clock_timestamp()) then
    perform app_private.locked_call(v_me, p_id);
    perform app_private.sweep_call(p_id);
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."call_heartbeat"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.cancel_call (
  p_id uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  if v_call.caller_id is distinct from v_me then
    perform app_hidden.fail(403, 'calls.not_caller', 'Only who started a call may do this.', 'Leave it: POST calls/:id/end.');
  elsif v_call.answered_at is not null then
    perform app_hidden.fail(409, 'calls.already_answered', 'This call was answered.', 'End it: POST calls/:id/end.');
  elsif v_call.state = 'ringing' then
    perform app_private.part_from_call(p_id, array[v_me], 'left');
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."cancel_call"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.current_call()
  RETURNS SETOF public.call_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  return query select * from app_private.call_cards(auth.uid(), array(
    select p.call_id from public.call_participants p where p.user_id = auth.uid() and p.state in ('ringing', 'joined')));
end
$function$;

REVOKE ALL ON FUNCTION "public"."current_call"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.decline_call (
  p_id uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  if (app_private.participant(v_me, p_id)).state = 'joined' then
    perform app_hidden.fail(409, 'calls.already_answered', 'This call was answered.', 'End it: POST calls/:id/end.');
  elsif v_call.state <> 'ended' then
    perform app_private.part_from_call(p_id, array[v_me], 'declined');
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_call"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.end_call (
  p_id      uuid,
  p_for_all boolean DEFAULT false
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
  v_mine public.call_participants := app_private.participant(v_me, p_id);
  v_live uuid[];
begin
  if p_for_all and v_call.caller_id is distinct from v_me then
    perform app_hidden.fail(403, 'calls.not_caller', 'Only who started a call may do this.', 'Leave it: POST calls/:id/end.');
  elsif v_call.state = 'ended' then
    return app_private.call_card_of(v_me, p_id);
  elsif p_for_all then
    v_live := app_private.live_people(p_id);
    perform app_private.end_call_for(v_call, case when v_call.answered_at is null then 'cancelled' else 'ended' end);
    perform app_private.tell_call(p_id, v_live);
  else
    perform app_private.part_from_call(p_id, array[v_me], case v_mine.state when 'ringing' then 'declined' else 'left' end);
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."end_call"(uuid, boolean) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_calls (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid,
  p_missed    boolean                  DEFAULT false
)
  RETURNS SETOF public.call_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query select * from app_private.call_cards(v_me, array(
    select c.id from public.call_participants p
    join public.calls c on c.id = p.call_id
    where p.user_id = v_me
      and (c.created_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      and (not p_missed or p.state in ('missed', 'busy'))
    order by c.created_at desc, c.id desc limit least(greatest(p_limit, 1), 101)));
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.remove_from_call (
  p_id   uuid,
  p_user uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  if v_call.caller_id is distinct from v_me then
    perform app_hidden.fail(403, 'calls.not_caller', 'Only who started a call may do this.', 'Leave it: POST calls/:id/end.');
  elsif p_user = v_me then
    perform app_private.fail_call_field('somebody else; to leave, POST calls/:id/end');
  end if;
  -- Also who has left: they do not come back.
  if not app_private.part_from_call(p_id, array[p_user], 'removed') and v_call.state <> 'ended' then
    update public.call_participants p set state = 'removed' where p.call_id = p_id and p.user_id = p_user;
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_from_call"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.report_vanished (
  p_id   uuid,
  p_user uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_until timestamptz := clock_timestamp() + (select r.reported_for from app_private.call_rules r);
begin
  if (app_private.participant(v_me, p_id)).state <> 'joined' then
    perform app_private.fail_call_over();
  end if;
  -- Once until they are heard of again: the others say it at the same moment.
  update public.call_participants p set due_at = least(p.due_at, v_until), reported_at = clock_timestamp()
  where p.call_id = p_id and p.user_id = p_user and p.user_id <> v_me and p.state = 'joined' and p.reported_at is null;
  if found then
    perform app_private.tell_person(p_user, 'call_still_there', jsonb_build_object('call_id', p_id));
  end if;
  return found;
end
$function$;

REVOKE ALL ON FUNCTION "public"."report_vanished"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.start_call (
  p jsonb
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.call_from(p);
  v_found public.calls;
  v_named uuid[] := app_hidden.texts(p -> 'user_ids')::uuid[];
  v_people uuid[];
  v_callable uuid[];
  v_free uuid[];
  v_rung uuid[];
begin
  perform from public.profiles x where x.id = v_me or x.id = any (v_named) order by x.id for key share;
  v_people := app_private.people_to_call(v_me, v_call.group_id, coalesce(v_named, '{}'));
  perform app_private.lock_pairs(array_agg(a), array_agg(b)) from unnest(v_people || v_me) a, unnest(v_people || v_me) b where a < b;
  perform app_private.lock_people(v_people || v_me);
  select * into v_found from public.calls c where c.id = v_call.id;
  if found then
    if v_found.caller_id is distinct from v_me or v_found.request_hash <> v_call.request_hash then
      perform app_hidden.fail(409, 'calls.client_id_reused', 'This client_id was used for another call.', 'Make a new UUID for each call; repeat a start unchanged.');
    end if;
    return app_private.call_card_of(v_me, v_call.id);
  end if;
  v_callable := app_private.callable(v_me, v_people, array[v_me]);
  if v_callable = '{}' then
    perform app_private.fail_not_callable(v_me, v_people);
  end if;
  perform app_private.assert_may_call(v_me, v_callable);
  v_free := app_private.free_people(v_callable || v_me);
  if v_me <> all (v_free) then
    perform app_private.fail_in_call();
  end if;
  insert into public.calls (id, kind, caller_id, group_id, is_direct, request_hash)
  values (v_call.id, v_call.kind, v_me, v_call.group_id, cardinality(v_people) = 1 and v_call.group_id is null, v_call.request_hash) returning * into v_call;
  insert into public.call_participants (call_id, user_id, state, device_id, joined_at, due_at)
  values (v_call.id, v_me, 'joined', (p ->> 'device_id')::uuid, clock_timestamp(), clock_timestamp() + (select r.there_for from app_private.call_rules r));
  v_rung := app_private.ring(v_call.id, v_me, v_callable, v_free);
  if v_rung = '{}' then
    perform app_private.end_call_for(v_call, 'busy');
  end if;
  perform app_private.tell_call(v_call.id, v_rung || v_me, v_rung);
  return app_private.call_card_of(v_me, v_call.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."start_call"(jsonb) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "public"."call_participants"
  ADD CONSTRAINT "call_participants_called_by_fkey" FOREIGN KEY (called_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."call_participants"
  ADD CONSTRAINT "call_participants_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."calls"
  ADD CONSTRAINT "calls_caller_id_fkey" FOREIGN KEY (caller_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."calls"
  ADD CONSTRAINT "calls_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE SET NULL;

ALTER TABLE "public"."call_participants"
  ADD CONSTRAINT "call_participants_call_id_fkey" FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

CREATE INDEX call_participants_called_by_idx ON public.call_participants USING btree (called_by, created_at);

CREATE INDEX call_participants_due_at_idx ON public.call_participants USING btree (due_at)
  WHERE (due_at IS NOT NULL);

CREATE INDEX call_participants_history_idx ON public.call_participants USING btree (user_id, created_at DESC, call_id DESC);

CREATE UNIQUE INDEX call_participants_live_idx ON public.call_participants USING btree (user_id)
  WHERE (state = ANY (ARRAY['ringing'::text, 'joined'::text]));

CREATE INDEX calls_caller_id_idx ON public.calls USING btree (caller_id);

CREATE INDEX calls_ended_at_idx ON public.calls USING btree (ended_at);

CREATE INDEX calls_group_id_idx ON public.calls USING btree (group_id)
  WHERE (group_id IS NOT NULL);

CREATE INDEX calls_live_idx ON public.calls USING btree (created_at)
  WHERE (state <> 'ended'::text);

CREATE TRIGGER part_the_ringing
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_the_calling();

CREATE TRIGGER settle_departures
  AFTER DELETE ON public.call_participants REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.settle_departures();

CREATE TRIGGER tell_call_missed
  AFTER UPDATE OF state ON public.call_participants
  FOR EACH ROW
  WHEN (((old.state IS DISTINCT FROM new.state) AND (new.state = ANY (ARRAY['missed'::text, 'busy'::text]))))
  EXECUTE FUNCTION app_private.tell_call_missed();

CREATE TRIGGER tell_call_rung_busy
  AFTER INSERT ON public.call_participants
  FOR EACH ROW
  WHEN ((new.state = 'busy'::text))
  EXECUTE FUNCTION app_private.tell_call_missed();

CREATE TRIGGER tell_call_ended
  AFTER UPDATE OF state ON public.calls
  FOR EACH ROW
  WHEN (((old.state <> 'ended'::text) AND (new.state = 'ended'::text)))
  EXECUTE FUNCTION app_private.tell_calls();

CREATE TRIGGER tell_call_started
  AFTER INSERT ON public.calls
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_calls();

CREATE TRIGGER part_group_calls
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_group_calls();

CREATE POLICY "people see who was in a call with them, but none of the hidden" ON "public"."call_participants"
  FOR SELECT
  TO "authenticated"
  USING (((call_id IN ( SELECT app_hidden.my_call_ids() AS my_call_ids)) AND (NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people)))));

CREATE POLICY "people read calls that they are or were in" ON "public"."calls"
  FOR SELECT
  TO "authenticated"
  USING ((id IN ( SELECT app_hidden.my_call_ids() AS my_call_ids)));

CREATE POLICY "people in a call hear each other's topics of it" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING
    (((topic = ( SELECT realtime.topic() AS topic)) AND (EXTENSION = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ( SELECT app_hidden.hears_call(( SELECT realtime.topic()
    AS topic)) AS hears_call)));

CREATE POLICY "people in a call write to their own topic of it" ON "realtime"."messages"
  FOR INSERT
  TO "authenticated"
  WITH
    CHECK
    (((topic = ( SELECT realtime.topic() AS topic)) AND (extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ( SELECT app_hidden.hears_call(( SELECT realtime.topic()
    AS topic), true) AS hears_call)));

COMMENT ON FUNCTION "app_hidden"."hears_call"(text, boolean) IS 'Whether I hear a topic of a call, or may write to it: as one who is in it now, on those of the current epoch; I write to my own.';

COMMENT ON FUNCTION "app_hidden"."my_call_ids"() IS 'The calls that I am or was in, or was called to. None for who is not signed in.';

COMMENT ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[], uuid[]) IS 'Whether somebody may call people into a call: such as they may call anyway, into calls of a group its members alone, and whom its starter removed only they. 403 calls.not_accepted, 409 follows.blocked, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) IS 'How much somebody calls: 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."call_card_of"(uuid, uuid) IS 'One call as a participant sees it.';

COMMENT ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) IS 'Calls of somebody as they see them, in the order of the ids.';

COMMENT ON FUNCTION "app_private"."call_from"(jsonb) IS 'What a client wants to start, checked as far as it says all of it. 422 calls.field_invalid.';

COMMENT ON FUNCTION "app_private"."callable"(uuid, uuid[], uuid[]) IS 'Of p_people, those whom somebody may call together with those who are in the call already.';

COMMENT ON FUNCTION "app_private"."end_call_for"(public.calls, text) IS 'Ends a call for everybody; who was still being rung has missed it.';

COMMENT ON FUNCTION "app_private"."fail_call_field"(text) IS '422 calls.field_invalid, with what to send instead.';

COMMENT ON FUNCTION "app_private"."fail_call_over"() IS '409 calls.over: the same words whether it was ended, missed, or is closed to the caller.';

COMMENT ON FUNCTION "app_private"."fail_in_call"() IS '409 calls.in_call.';

COMMENT ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) IS '403 calls.not_accepted: the same words for a setting, a block and nobody at all; 409 follows.blocked for who blocked the one person themselves.';

COMMENT ON FUNCTION "app_private"."free_people"(uuid[], uuid) IS 'Those who are in no call and are not being rung; called under lock_people, which keeps them so. Locks their calls that are over, and p_call with them.';

COMMENT ON FUNCTION "app_private"."live_people"(uuid) IS 'Who is in a call or is being rung for it.';

COMMENT ON FUNCTION "app_private"."lock_people"(uuid[]) IS 'Locks in which calls people are, to the end of the transaction, always in the same order.';

COMMENT ON FUNCTION "app_private"."locked_call"(uuid, uuid) IS 'Locks a call of somebody, so that one step is taken at a time; 404 calls.not_found.';

COMMENT ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) IS 'Whether somebody who was called may join now; called with the call locked.';

COMMENT ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) IS 'Takes people out of a call, who hear nothing of it from then on, and ends it when it is at its end. false: they were out already.';

COMMENT ON FUNCTION "app_private"."part_group_calls"() IS 'Trigger on group_members: who is out of a group is out of its calls.';

COMMENT ON FUNCTION "app_private"."part_the_calling"() IS 'Trigger on blocks: no call goes on between the two. Who blocks leaves it; out of a call of several that they started, the other is taken.';

COMMENT ON FUNCTION "app_private"."participant"(uuid, uuid) IS 'What somebody is in a call; 404 calls.not_found for who was never called.';

COMMENT ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) IS 'Whom somebody wants to call: the people named, of a group those who are in it, or all of it. 404 groups.not_found, 422 calls.too_many_people, calls.to_oneself.';

COMMENT ON FUNCTION "app_private"."prune_calls"(integer) IS 'Deletes up to p_limit calls that are kept no longer, and says how many.';

COMMENT ON FUNCTION "app_private"."reason_to_end"(public.calls) IS 'Why a call is at its end, by who is left in it; null while it goes on.';

COMMENT ON FUNCTION "app_private"."ring"(uuid, uuid, uuid[], uuid[]) IS 'Puts people into a call: ringing for those of p_free, busy for the others. Says for whom it rings.';

COMMENT ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) IS 'After people went out of a call (p_gone): ends it, or moves those who stay to new topics. All of them are told.';

COMMENT ON FUNCTION "app_private"."settle_departures"() IS 'Trigger on call_participants: a call goes on without a person whose account is deleted, or ends; the last one takes it along.';

COMMENT ON FUNCTION "app_private"."sweep_call"(uuid) IS 'Takes out of a call who was rung for too long (missed) or not heard of (lost); called with the call locked.';

COMMENT ON FUNCTION "app_private"."sweep_calls"(integer) IS 'Takes out of calls whom it rang for too long and who vanished, and ends those that last too long; looks at p_limit, and says in how many it changed something.';

COMMENT ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) IS 'Tells people how a call stands now, on all their devices: call_ringing where it begins to ring, else call_changed.';

COMMENT ON FUNCTION "app_private"."tell_call_missed"() IS 'Trigger on call_participants: call.missed, by whom it rang for in vain and who was busy; not by who declined.';

COMMENT ON FUNCTION "app_private"."tell_calls"() IS 'Trigger on calls: call.started, call.ended.';

COMMENT ON FUNCTION "public"."add_to_call"(uuid, uuid[]) IS 'Calls more people into a call that I am in, also such as did not answer or have left. All of them or none: 403 calls.not_accepted, 404 calls.not_found, 409 calls.over, follows.blocked, 422 calls.too_many_people, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."answer_call"(uuid, uuid) IS 'Joins a call that rings for me, or goes on without me, with one of my devices. 404 calls.not_found, 409 calls.answered_elsewhere, calls.over, calls.in_call, 422 calls.field_invalid.';

COMMENT ON FUNCTION "public"."call"(uuid) IS 'A call of mine. 404 calls.not_found.';

COMMENT ON FUNCTION "public"."call_heartbeat"(uuid, uuid) IS 'Says that my device is in the call, every five seconds, and gives the call: whoever is not heard of for fifteen is taken out. 404 calls.not_found, 409 calls.answered_elsewhere.';

COMMENT ON FUNCTION "public"."cancel_call"(uuid) IS 'Takes back a call of mine that nobody has answered; those who were rung have missed it. 403 calls.not_caller, 404 calls.not_found, 409 calls.already_answered.';

COMMENT ON FUNCTION "public"."current_call"() IS 'The call that I am in or that rings for me; no row when there is none.';

COMMENT ON FUNCTION "public"."decline_call"(uuid) IS 'Does not take a call, on none of my devices. 404 calls.not_found, 409 calls.already_answered.';

COMMENT ON FUNCTION "public"."end_call"(uuid, boolean) IS 'Hangs up: I leave, and the call is over when fewer than two are left; for all only by who started it. 403 calls.not_caller, 404 calls.not_found.';

COMMENT ON FUNCTION "public"."my_calls"(integer, timestamp with time zone, uuid, boolean) IS 'My calls, the latest first, or those that I missed. The next page begins after the created_at and id of the last.';

COMMENT ON FUNCTION "public"."remove_from_call"(uuid, uuid) IS 'Takes somebody out of a call of mine for good: they hear nothing more of it. 403 calls.not_caller, 404 calls.not_found.';

COMMENT ON FUNCTION "public"."report_vanished"(uuid, uuid) IS 'Says that somebody in my call is no longer present. They are asked on their private topic, and taken out unless their device is heard within three seconds. 404 calls.not_found, 409 calls.over.';

COMMENT ON FUNCTION "public"."start_call"(jsonb) IS 'Calls people: {client_id, device_id, kind: audio or video, user_ids or group_id}. The same client_id again gives the call that it made. state is ringing, or ended and busy when nobody is free. 403 calls.not_accepted, 404 groups.not_found, 409 calls.in_call, calls.client_id_reused, follows.blocked, 422 calls.field_invalid, calls.too_many_people, calls.to_oneself, 429 rate_limit.exceeded.';

COMMENT ON TABLE "app_private"."call_rules" IS 'Settings of the operators, one row; null means no limit: how many are in a call, how long it rings, for how long somebody is taken to be there after their device was last heard (reported_for: after another participant missed them), how long a call lasts and is kept, for how many people somebody may let it ring, and how often within ten minutes for one who does not answer.';

COMMENT ON TABLE "public"."call_participants" IS 'Who is in a call, or was called. due_at: until when it rings, or until when who joined is taken to be there: their device moves it on. device_id: the one device that is in the call. called_by null: whoever started the call, or somebody who is gone.';

COMMENT ON TABLE "public"."calls" IS 'Calls of two people (is_direct) or of several. id is the client''s own, so that a repeated start finds the first. ringing until the first answer, active until fewer than two are left, then ended. epoch is part of the topics on which participants signal, and changes when somebody may hear no more; version counts the changes. Whoever changes a call or who is in it holds the row.';

COMMENT ON TYPE "public"."call_card" IS 'A call as one of its participants sees it. participants: who they are and how they stand to the call, without those who do not exist for me. topic: what the topics of those who are in it begin with, while I am in it. my_device_id: the one of my devices that is. version: counts the changes, the higher is the newer.';

REVOKE ALL ON FUNCTION "app_hidden"."hears_call"(text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."hears_call"(text, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."hears_call"(text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."hears_call"(text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_call_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_call_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_call_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_call_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_card_of"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_card_of"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_card_of"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_from"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_from"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_from"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."callable"(uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."callable"(uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."callable"(uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."end_call_for"(public.calls, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."end_call_for"(public.calls, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."end_call_for"(public.calls, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_call_field"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_call_field"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_call_field"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_call_over"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_call_over"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_call_over"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_in_call"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_in_call"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_in_call"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."free_people"(uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."free_people"(uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."free_people"(uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."live_people"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."live_people"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."live_people"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_people"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_people"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_people"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."locked_call"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."locked_call"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."locked_call"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_group_calls"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_group_calls"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_group_calls"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_the_calling"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_the_calling"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_the_calling"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."participant"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."participant"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."participant"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_calls"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_calls"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_calls"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_calls"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."reason_to_end"(public.calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."reason_to_end"(public.calls) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."reason_to_end"(public.calls) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."ring"(uuid, uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."ring"(uuid, uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."ring"(uuid, uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."settle_departures"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."settle_departures"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."settle_departures"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_call"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sweep_call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_call"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_calls"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."sweep_calls"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."sweep_calls"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_calls"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_call_missed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_call_missed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_call_missed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_calls"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_calls"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_calls"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_to_call"(uuid, uuid[]) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_to_call"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_to_call"(uuid, uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."answer_call"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."answer_call"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."answer_call"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."call"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."call"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."call_heartbeat"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."call_heartbeat"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."call_heartbeat"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."cancel_call"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."cancel_call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."cancel_call"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."current_call"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."current_call"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."current_call"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_call"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_call"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."end_call"(uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."end_call"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."end_call"(uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_from_call"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_from_call"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_from_call"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."report_vanished"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."report_vanished"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."report_vanished"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_call"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."start_call"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_call"(jsonb) TO "postgres";

REVOKE ALL ON TABLE "public"."call_participants" FROM "authenticated";

REVOKE ALL ("call_id") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("call_id") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("joined_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("joined_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("left_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("left_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("state") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("state") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("user_id") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("user_id") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ON TABLE "public"."call_participants" FROM "service_role";

GRANT SELECT ON TABLE "public"."call_participants" TO "service_role";

REVOKE ALL ON TABLE "public"."calls" FROM "authenticated";

REVOKE ALL ("answered_at") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("answered_at") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("caller_id") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("caller_id") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("end_reason") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("end_reason") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("ended_at") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("ended_at") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("epoch") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("epoch") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("group_id") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("group_id") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("id") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("is_direct") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("is_direct") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("kind") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("state") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("state") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("version") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("version") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ON TABLE "public"."calls" FROM "service_role";

GRANT SELECT ON TABLE "public"."calls" TO "service_role";

-- copy of sql/85_calls/5_data.sql sha256:84762ed454e3e75d306daa6d91495333f968e42decfd1c6a0dd5f8dbb6c4464b
insert into app_private.call_rules default values on conflict do nothing;
