-- How notifications are made. Two write them, each for one person after the other in the order of ids: whoever reads the outbox
-- (90_outbox), and whoever spreads what operators say. docs/decisions/0084-notifications-are-read-from-the-log.md says why it is done so.

create function app_hidden.wants_notification(p_settings jsonb, p_kind text, p_channel text)
returns boolean
language plpgsql immutable
set search_path = ''
as $$
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
$$;
comment on function app_hidden.wants_notification(jsonb, text, text) is
  'Whether settings of notifications want a kind by a channel: what they say of the kind, else of its group, else the default, which is all but mails, and mails of security, wallet and notices.';

create function app_hidden.notification_kinds()
returns text[]
language plpgsql immutable
set search_path = ''
as $$
begin
  return '{follow,follow_request,follow_approved,like,comment,reply,mention,share,message,message_request,group_invite,group_join_request,group_approved,group_role,money_received,hold,withdrawal,payment_request,missed_call,sign_in,password_changed,target_added,webhook_disabled,notice}';
end
$$;
comment on function app_hidden.notification_kinds() is 'Every kind of notification, in the order in which settings are shown.';

create function app_private.channels_of(p_user uuid, p_kind text)
returns text[]
language plpgsql stable
set search_path = ''
as $$
begin
  return array(
    select c from public.account_settings s, unnest(array['in_app', 'push', 'email', 'webhook']) c
    where s.user_id = p_user and app_hidden.wants_notification(s.notification_settings, p_kind, c)
  );
end
$$;
comment on function app_private.channels_of(uuid, text) is 'By which channels somebody wants a kind of notification now.';

-- Money that came is told of whoever sent it: it is in the wallet, where its sender stands, too.
create function app_private.is_told_anyway(p_kind text)
returns boolean
language plpgsql immutable
set search_path = ''
as $$
begin
  return p_kind in ('money_received', 'hold', 'withdrawal', 'group_role');
end
$$;
comment on function app_private.is_told_anyway(text) is 'Whether a kind is told of also when its actor is muted or blocked, who is then not named.';

-- Who does the same thing again is not told of twice.
create function app_private.is_once_each(p_kind text)
returns boolean
language plpgsql immutable
set search_path = ''
as $$
begin
  return p_kind in ('follow', 'follow_request', 'like', 'group_join_request');
end
$$;
comment on function app_private.is_once_each(text) is 'Whether a person can stand in a notification of this kind only once, however often they do it.';

create function app_private.apply_notifications(p_drafts app_private.notification_draft[])
returns int
language plpgsql volatile
set search_path = ''
as $$
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
      array_agg(d.happened_at order by d.position) filter (where d.actor_id is not null) as ats,
      array_agg(d.data order by d.position) filter (where d.actor_id is not null) as datas
    from drafts d
    group by d.receiver, d.kind, d.group_key
    order by d.receiver, min(d.position)
  loop
    v_count := v_count + app_private.raise_notification(v.receiver, v.kind, v.group_key, v.subject_type, v.subject_id,
      v.actors, v.ats, v.data, v.total, v.events, v.at, v.datas);
  end loop;
  perform app_private.take_back_notifications(p_drafts);
  return v_count;
end
$$;
comment on function app_private.apply_notifications(app_private.notification_draft[]) is
  'Tells people what drafts say, unless they have muted or blocked who did it, and takes back what is no longer so; says how many notifications were made or moved.';

create function app_private.raise_notification(
  p_user uuid, p_kind text, p_group_key text, p_subject_type text, p_subject_id uuid,
  p_actors uuid[], p_ats timestamptz[], p_data jsonb, p_total numeric, p_events int, p_at timestamptz, p_datas jsonb[] default null)
returns int
language plpgsql volatile
set search_path = ''
as $$
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
  if v_open.created_at < now() - v_rules.group_for and (v_open.read_at is not null or app_private.is_read_there(v_open)) then
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
  -- What is one person's of several stands with them, so that it is hidden with them.
  if p_actors is not null and not app_private.is_told_anyway(p_kind) then
    p_data := p_data - '{comment_id,share_id,message_id}'::text[];
    p_subject_id := case when p_subject_type <> 'person' then p_subject_id end;
  end if;
  if p_total is not null then
    p_data := p_data || jsonb_build_object('total_minor', (p_total + coalesce((v_open.data ->> 'total_minor')::numeric, 0))::text);
  end if;
  if v_open.id is null then
    insert into public.notifications (user_id, seq, kind, group_key, subject_type, subject_id, data, has_actors, events_count, in_app, created_at, updated_at)
    values (p_user, v_seq, p_kind, p_group_key, p_subject_type, p_subject_id, p_data, p_actors is not null, p_events, 'in_app' = any (v_channels), p_at, p_at)
    returning * into v_open;
  else
    update public.notifications n
    set seq = v_seq, kind = p_kind, subject_type = p_subject_type, subject_id = p_subject_id, data = p_data,
      has_actors = n.has_actors or p_actors is not null, events_count = n.events_count + p_events,
      in_app = 'in_app' = any (v_channels), read_at = null, updated_at = p_at
    where n.id = v_open.id;
  end if;
  perform app_private.add_actors(v_open.id, p_actors, p_ats, p_datas);
  perform app_private.queue_channels(v_open.id, p_user, p_kind, v_seq, v_channels);
  if v_seq % 50 = 0 then
    perform app_private.trim_notifications(p_user, v_rules.keep_per_person);
  end if;
  return 1;
end
$$;
comment on function app_private.raise_notification(uuid, text, text, text, uuid, uuid[], timestamptz[], jsonb, numeric, int, timestamptz, jsonb[]) is
  'Makes a notification, or adds to the one of the same group that is unread or young, and gives it the next number; 0 where nobody has to be told.';

create function app_private.add_actors(p_notification uuid, p_actors uuid[], p_ats timestamptz[], p_datas jsonb[])
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_room int;
begin
  select 100 - count(*) into v_room from app_private.notification_actors a where a.notification_id = p_notification;
  with wanted as materialized (
    -- What happened in one transaction has one time; here it keeps its order.
    select u.actor_id, max(u.at + u.n * interval '1 microsecond') as at, (array_agg(coalesce(u.data, '{}') order by u.at desc, u.n desc))[1] as data,
      exists (select from app_private.notification_actors a where a.notification_id = p_notification and a.actor_id = u.actor_id) as is_known
    from unnest(p_actors, p_ats, p_datas) with ordinality u (actor_id, at, data, n) group by u.actor_id
  ), placed as materialized (
    select w.*, w.is_known or row_number() over (partition by w.is_known order by w.at, w.actor_id) <= v_room as has_room from wanted w
  ), stored as (
    insert into app_private.notification_actors as a (notification_id, actor_id, happened_at, data)
    select p_notification, p.actor_id, p.at, p.data from placed p where p.has_room
    on conflict (notification_id, actor_id) do update set happened_at = excluded.happened_at, data = excluded.data, is_gone = false
  )
  update public.notifications n set more_actors = n.more_actors + c.more
  from (select count(*)::int as more from placed p where not p.has_room) c
  where n.id = p_notification and c.more > 0;
end
$$;
comment on function app_private.add_actors(uuid, uuid[], timestamptz[], jsonb[]) is
  'Adds people to a notification: the first hundred by name, further ones as a number, which may count somebody twice.';

create function app_private.take_back_notifications(p_drafts app_private.notification_draft[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  with gone as materialized (
    select distinct d.receiver, d.group_key, d.actor_id from unnest(p_drafts) d where d.action = 'retract'
  ), named as (
    update app_private.notification_actors a set is_gone = true
    from gone g join public.notifications n on n.user_id = g.receiver and n.group_key = g.group_key
    where a.notification_id = n.id and a.actor_id = g.actor_id
    returning n.id, a.actor_id
  ), unnamed as (
    -- Of the latest alone, where they were counted last; who is quiet was not counted.
    select n.id, count(*)::int as fewer
    from gone g cross join lateral (
      select x.* from public.notifications x where x.user_id = g.receiver and x.group_key = g.group_key order by x.seq desc limit 1
    ) n
    where n.more_actors > 0 and not app_private.is_quiet(g.receiver, g.actor_id)
      and not exists (select from app_private.notification_actors a where a.notification_id = n.id and a.actor_id = g.actor_id)
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
$$;
comment on function app_private.take_back_notifications(app_private.notification_draft[]) is
  'Takes out of notifications who has taken it back, and deletes those of what is gone. Nobody is told.';

create function app_private.trim_notifications(p_user uuid, p_keep int)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  delete from public.notifications n
  where n.user_id = p_user and n.seq <= (
    select x.seq from public.notifications x where x.user_id = p_user order by x.seq desc offset p_keep limit 1);
end
$$;
comment on function app_private.trim_notifications(uuid, int) is 'Deletes all but the latest p_keep notifications of a person.';

create function app_private.prune_notifications(p_limit int)
returns int
language plpgsql volatile security definer -- the table is closed to the worker
set search_path = ''
as $$
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
  delete from app_private.push_subscriptions s where s.expires_at < now();
  delete from app_private.notification_faults f where f.at < now() - interval '90 days';
  return v_count;
end
$$;
comment on function app_private.prune_notifications(int) is 'Deletes up to p_limit notifications that are too old, read or not, and says how many.';
