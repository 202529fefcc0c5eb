-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP FUNCTION "app_private"."is_actor_shown"(public.notifications, uuid, uuid[]);

DROP FUNCTION "app_private"."is_notification_shown"(public.notifications, uuid[]);

DROP FUNCTION "app_private"."shown_notifications"(uuid);

DROP FUNCTION "app_private"."when_read"(public.notifications);

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
  -- As the rows below will do one by one, but in one order and before anything else is held: who is being deleted holds their profile, and
  -- wants what hangs on it.
  perform from public.profiles p
  where p.id in (select d.receiver from unnest(p_drafts) d union select d.actor_id from unnest(p_drafts) d)
  order by p.id for key share;
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

CREATE OR REPLACE FUNCTION app_private.digest_rows (
  p_user uuid,
  p_from bigint,
  p_to   bigint
)
  RETURNS public.notifications[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_settings jsonb := (select s.notification_settings from public.account_settings s where s.user_id = p_user);
  v_ids uuid[] := array(
    select n.id from public.notifications n
    where n.user_id = p_user and n.seq > p_from and n.seq <= p_to and n.read_at is null
      and app_hidden.wants_notification(v_settings, n.kind, 'email')
    order by n.seq desc limit 500);
begin
  return array(select n from app_private.shown_notifications(p_user, v_ids) n where n.read_at is null order by n.seq desc);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_request_open (
  p_kind     text,
  p_receiver uuid,
  p_subject  uuid,
  p_actor    uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_kind
    when 'follow_request' then exists (
      select from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_receiver)
    when 'group_join_request' then exists (
      select from app_private.group_requests r where r.group_id = p_subject and r.user_id = p_actor)
      and app_private.role_in(p_subject, p_receiver) in ('owner', 'admin', 'moderator')
    else true
  end;
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
    where a.notification_id = n.id and not a.is_gone and a.actor_id <> all (v_quiet)
      and (n.kind not in ('follow_request', 'group_join_request') or app_private.is_request_open(n.kind, v_user, n.subject_id, a.actor_id))
  ) c
  cross join lateral (
    select jsonb_agg(x.card order by x.happened_at desc, x.actor_id desc) as people,
      array_agg(coalesce(x.card ->> 'full_name', x.card ->> 'username') order by x.happened_at desc, x.actor_id desc) as names
    from (
      select k.card, a.happened_at, a.actor_id
      from app_private.notification_actors a join app_private.author_cards k on k.user_id = a.actor_id
      where a.notification_id = n.id and not a.is_gone and a.actor_id <> all (v_quiet)
        and (n.kind not in ('follow_request', 'group_join_request') or app_private.is_request_open(n.kind, v_user, n.subject_id, a.actor_id))
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
declare
  r app_private.notification_reader;
begin
  select * into r from app_private.notification_reader;
  r.upto := coalesce(r.upto, pg_current_snapshot());
  return query
  select coalesce((select extract(epoch from clock_timestamp() - min(e.occurred_at))::double precision from app_private.unread_events(r, 1) e), 0),
    (select count(*) from (select from app_private.notification_faults f limit 10000) f);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sendable (
  n         public.notifications,
  p_channel text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_row public.notifications;
begin
  -- Who was away for a day has a list to look at.
  if not (p_channel = any (app_private.channels_of(n.user_id, n.kind))) or (p_channel = 'push' and n.updated_at < now() - interval '1 day') then
    return null;
  end if;
  select * into v_row from app_private.shown_notifications(n.user_id, array[n.id]);
  if v_row.id is null or v_row.read_at is not null then
    return null;
  end if;
  return (select to_jsonb(c) from app_private.notification_cards(array[v_row]) c);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_notifications (
  p_user uuid,
  p_ids  uuid[] DEFAULT NULL::uuid[]
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
  for n in
    select x.* from public.notifications x
    where x.user_id = p_user and case when p_ids is null then x.in_app else x.id = any (p_ids) end
      and (not x.has_actors or x.more_actors > 0 or app_private.is_told_anyway(x.kind) or exists (
        select from app_private.notification_actors a
        where a.notification_id = x.id and not a.is_gone and a.actor_id <> all (v_quiet)
          and (x.kind not in ('follow_request', 'group_join_request') or app_private.is_request_open(x.kind, p_user, x.subject_id, a.actor_id))))
      and (x.subject_type is distinct from 'comment' or exists (
        select from public.comments c where c.id = x.subject_id and c.deleted_at is null))
    order by x.seq desc limit 1000
  loop
    if n.read_at is null and n.kind in ('message', 'message_request') then
      -- Read where it was written.
      select n.updated_at into n.read_at from public.conversation_members m
      where m.user_id = p_user and m.conversation_id = n.subject_id and m.last_read_seq >= (n.data ->> 'seq')::bigint;
    end if;
    return next n;
  end loop;
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
  -- Whoever marks some of them holds the numbers first, too.
  perform from app_private.notification_states s
  where s.user_id in (
    select n.user_id from public.notifications n
    where n.subject_id in (select d.subject_id from unnest(p_drafts) d where d.action = 'remove'))
  order by s.user_id for no key update;
  delete from public.notifications n
  where n.subject_id in (select d.subject_id from unnest(p_drafts) d where d.action = 'remove');
end
$function$;

COMMENT ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) IS 'Whether what somebody asked for in a notification is still to be decided, by its receiver; true of kinds that ask for nothing.';

COMMENT ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) IS 'The notifications that somebody may see in the app now, the latest first; or of these (for other channels) those that still tell of anything. There are never more than a thousand. read_at also where a message was read in its conversation.';

REVOKE ALL ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) TO "postgres";
