-- Push messages, webhooks and mails: what waits to be sent, and what became of it. The worker sends. At least once: who takes one sees by its
-- id and number that it came before. Security definer: the worker sees no table.

create function app_private.host_of(p_url text)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  -- A port, a final dot and capitals make no other host of it.
  return lower(rtrim(substring(p_url from '^[a-z]+://(\[[^]]*\]|[^][/?#:\\]+)'), '.'));
end
$$;
comment on function app_private.host_of(text) is 'To which host an address leads, without the port.';

create function app_private.quiet_until(p_settings jsonb, p_now timestamptz)
returns timestamptz
language plpgsql stable
set search_path = ''
as $$
declare
  q jsonb := nullif(p_settings -> 'quiet_hours', 'null');
  v_zone text := q ->> 'time_zone';
  v_local timestamp;
  v_from time := q ->> 'from';
  v_to time := q ->> 'to';
begin
  if q is null then
    return null;
  end if;
  v_local := p_now at time zone v_zone;
  if v_from < v_to then
    return case when v_local::time >= v_from and v_local::time < v_to then (v_local::date + v_to) at time zone v_zone end;
  elsif v_local::time >= v_from then
    return (v_local::date + 1 + v_to) at time zone v_zone;
  elsif v_local::time < v_to then
    return (v_local::date + v_to) at time zone v_zone;
  end if;
  return null;
exception
  -- Time zones come and go with the server: of one that is gone, nobody knows when it is night there.
  when invalid_parameter_value then
    return null;
end
$$;
comment on function app_private.quiet_until(jsonb, timestamptz) is 'When the quiet hours of these settings end, in the person''s own time; null when it is not quiet, or the time zone is none any more.';

create function app_private.queue_channels(p_notification uuid, p_user uuid, p_kind text, p_seq bigint, p_channels text[])
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_rules app_private.notification_rules;
  v_again interval;
begin
  select * into v_rules from app_private.notification_rules;
  v_again := case when p_kind in ('message', 'message_request') then least(interval '3 seconds', v_rules.push_again_after) else v_rules.push_again_after end;
  insert into app_private.notification_deliveries as d (notification_id, channel, target_id, seq)
  select p_notification, t.channel, t.id, p_seq
  from (
    select 'push' as channel, s.id from app_private.push_subscriptions s where s.user_id = p_user and s.disabled_at is null and 'push' = any (p_channels)
    union all
    select 'webhook', w.id from app_private.notification_webhooks w where w.user_id = p_user and w.disabled_at is null and 'webhook' = any (p_channels)
  ) t
  -- Of what waits, or is on its way, the time stays: what is added goes with it, or after it.
  on conflict (notification_id, target_id) do update set seq = excluded.seq,
    attempts = case when d.sent_seq < d.seq then d.attempts else 0 end,
    next_attempt_at = case when d.sent_seq < d.seq then d.next_attempt_at
      else greatest(excluded.next_attempt_at, d.sent_at + case when d.channel = 'push' then v_again else interval '1 second' end) end;
  if 'email' = any (p_channels) then
    insert into app_private.notification_digests as g (user_id, is_security, due_at)
    select p_user, x.is_security, case when x.is_security then now() else now() + v_rules.digest_after end
    from (select app_hidden.notification_category(p_kind) = 'security' as is_security) x
    on conflict (user_id, is_security) do update set
      due_at = case when g.to_seq is null then least(g.due_at, excluded.due_at) else g.due_at end,
      again_at = case when g.to_seq is not null then least(g.again_at, excluded.due_at) end;
  end if;
end
$$;
comment on function app_private.queue_channels(uuid, uuid, text, bigint, text[]) is
  'Queues what is to be sent of a notification that was made or moved; a mail with what gathers. Quiet hours are asked when it is taken.';

create function app_private.sendable(n public.notifications, p_channel text)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_row public.notifications;
begin
  -- Who was away for a day has a list to look at, and what was refused for a day is not tried for ever.
  if not (p_channel = any (app_private.channels_of(n.user_id, n.kind))) or n.updated_at < now() - interval '1 day' then
    return null;
  end if;
  select * into v_row from app_private.shown_notifications(n.user_id, array[n.id]);
  if v_row.id is null or v_row.read_at is not null then
    return null;
  end if;
  return (select to_jsonb(c) from app_private.notification_cards(array[v_row]) c);
end
$$;
comment on function app_private.sendable(public.notifications, text) is
  'A notification as it is sent by a channel; null when it was read, hidden or not wanted meanwhile.';

create function app_private.targets_of(p_channel text, p_ids uuid[])
returns table (id uuid, host text, target jsonb)
language plpgsql stable
set search_path = ''
as $$
#variable_conflict use_column
begin
  if p_channel = 'push' then
    return query
    select s.id, app_private.host_of(s.endpoint),
      jsonb_build_object('id', s.id, 'url', s.endpoint, 'host', app_private.host_of(s.endpoint), 'p256dh', s.p256dh, 'auth', s.auth)
    from app_private.push_subscriptions s join auth.sessions x on x.id = s.session_id
    where s.id = any (p_ids) and s.disabled_at is null and (s.expires_at is null or s.expires_at > now()) and (x.not_after is null or x.not_after > now());
  else
    return query
    select w.id, app_private.host_of(w.url), jsonb_build_object('id', w.id, 'url', w.url, 'host', app_private.host_of(w.url), 'secret', w.secret)
    from app_private.notification_webhooks w where w.id = any (p_ids) and w.disabled_at is null;
  end if;
end
$$;
comment on function app_private.targets_of(text, uuid[]) is
  'Those of some targets that take messages now: neither disabled nor over, and of a push subscription the session lives.';

create function app_private.claim_deliveries(p_channel text, p_limit int, p_lease interval, p_rooms jsonb default '{}', p_closed jsonb default '{}')
returns table (id uuid, attempts int, seq bigint, user_id uuid, notification_id uuid, target jsonb, card jsonb)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with looked as materialized (
    select d.* from app_private.notification_deliveries d
    where d.channel = p_channel and d.sent_seq < d.seq and d.next_attempt_at <= now()
    order by d.next_attempt_at limit 300
    for update skip locked
  ), known as materialized (
    select l.id, l.next_attempt_at, n.user_id, t.host, t.target,
      coalesce(
        now() + greatest((p_closed ->> ('host ' || t.host))::int, (p_closed ->> ('target ' || t.id))::int) * interval '1 second',
        -- At most a quarter of an hour: the hours may be changed meanwhile.
        case when p_channel = 'push' and app_hidden.notification_category(n.kind) <> 'security' and q.until is not null then
          least(q.until, now() + interval '15 minutes') end) as not_before
    from looked l join public.notifications n on n.id = l.notification_id
    left join public.account_settings s on s.user_id = n.user_id
    cross join lateral (select app_private.quiet_until(s.notification_settings, now()) as until) q
    left join app_private.targets_of(p_channel, array(select x.target_id from looked x)) t on t.id = l.target_id
  ), of_people as (
    select k.*, row_number() over (partition by k.user_id order by k.next_attempt_at, k.id) as place from known k where k.not_before is null
  ), of_hosts as (
    select p.*, row_number() over (partition by p.host order by p.next_attempt_at, p.id) as place_of_host
    from of_people p where p.place <= coalesce((p_rooms ->> ('person ' || p.user_id))::int, 2)
  ), taken as materialized (
    select h.id from of_hosts h where h.host is null or h.place_of_host <= coalesce((p_rooms ->> ('host ' || h.host))::int, 2)
    order by h.next_attempt_at limit least(greatest(p_limit, 1), 100)
  ), put_off as (
    -- Where all that was looked at is for who has no room, it makes way for what is behind it.
    update app_private.notification_deliveries d set next_attempt_at = coalesce(k.not_before, now() + interval '1 second')
    from known k
    where d.id = k.id and k.id not in (select t.id from taken t)
      and (k.not_before is not null or ((select count(*) from taken) < p_limit and (select count(*) from looked) = 300))
  ), claimed as (
    update app_private.notification_deliveries d set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from taken t where d.id = t.id
    returning d.*
  )
  select c.id, c.attempts, n.seq, n.user_id, n.id, k.target, case when k.target is not null then app_private.sendable(n, p_channel) end
  from claimed c join known k on k.id = c.id join public.notifications n on n.id = c.notification_id;
end
$$;
comment on function app_private.claim_deliveries(text, int, interval, jsonb, jsonb) is
  'Takes up to p_limit messages of a channel that are due for p_lease: {target: {id, url, host, keys or secret}, card}; card is null when there is nothing to be sent any more. Two for each person and host, or as many as p_rooms says of `person id` or `host name`; of each `host name` and `target id` in p_closed none for so many seconds. Pushes wait while it is quiet, but for those of security.';

create function app_private.note_target(p_channel text, p_target uuid, p_error text, p_is_given_up boolean)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if p_error is null then
    if p_channel = 'push' then
      update app_private.push_subscriptions s set failures = 0, failing_since = null where s.id = p_target and s.failing_since is not null;
    else
      update app_private.notification_webhooks w set failures = 0, failing_since = null where w.id = p_target and w.failing_since is not null;
    end if;
  elsif p_channel = 'push' then
    update app_private.push_subscriptions s
    set failures = s.failures + p_is_given_up::int, failing_since = coalesce(s.failing_since, now())
    where s.id = p_target and s.disabled_at is null;
    update app_private.push_subscriptions s set disabled_at = now(), disabled_reason = left(p_error, 200)
    where s.id = p_target and s.disabled_at is null and (s.failures >= 10 or s.failing_since < now() - interval '3 days');
  else
    update app_private.notification_webhooks w
    set failures = w.failures + p_is_given_up::int, failing_since = coalesce(w.failing_since, now())
    where w.id = p_target and w.disabled_at is null;
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = left(p_error, 200)
    where w.id = p_target and w.disabled_at is null and (w.failures >= 10 or w.failing_since < now() - interval '3 days');
  end if;
end
$$;
comment on function app_private.note_target(text, uuid, text, boolean) is
  'Counts what a target did not take, and disables one that has taken nothing of ten messages, or for three days; what it takes makes up for all.';

create function app_private.finish_delivery(p_id uuid, p_attempts int, p_seq bigint, p_error text default null, p_was_sent boolean default true)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  d app_private.notification_deliveries;
begin
  update app_private.notification_deliveries x
  set sent_seq = greatest(x.sent_seq, p_seq), sent_at = clock_timestamp(), attempts = 0, last_error = left(p_error, 500),
    next_attempt_at = clock_timestamp() + (select r.push_again_after from app_private.notification_rules r)
  where x.id = p_id and x.attempts = p_attempts
  returning * into d;
  if not found then
    return false;
  end if;
  -- Where there was nothing to say, nobody was asked: it makes up for no failure.
  if p_was_sent then
    perform app_private.note_target(d.channel, d.target_id, p_error, true);
  end if;
  return true;
end
$$;
comment on function app_private.finish_delivery(uuid, int, bigint, text, boolean) is
  'Notes that a message was taken, (with the reason) given up, or not sent as there was nothing to say any more; false when another worker has it. What was added meanwhile goes a while later. Ten given up in a row disable the target.';

create function app_private.retry_delivery(p_id uuid, p_attempts int, p_error text, p_retry_in interval)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  d app_private.notification_deliveries;
begin
  update app_private.notification_deliveries x set last_error = left(p_error, 500), next_attempt_at = clock_timestamp() + p_retry_in
  where x.id = p_id and x.attempts = p_attempts and x.sent_seq < x.seq
  returning * into d;
  if not found then
    return false;
  end if;
  perform app_private.note_target(d.channel, d.target_id, p_error, false);
  return true;
end
$$;
comment on function app_private.retry_delivery(uuid, int, text, interval) is 'Notes why a message was not taken and when it is tried again.';

create function app_private.drop_delivery_target(p_channel text, p_target uuid, p_reason text, p_is_gone boolean)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if p_channel = 'webhook' then
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = left(p_reason, 200) where w.id = p_target;
  elsif p_is_gone then
    delete from app_private.push_subscriptions s where s.id = p_target;
  else
    update app_private.push_subscriptions s set disabled_at = now(), disabled_reason = left(p_reason, 200) where s.id = p_target;
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_target;
end
$$;
comment on function app_private.drop_delivery_target(text, uuid, text, boolean) is
  'What says of itself that it is gone, or can take no message, gets nothing any more: a push subscription that is gone is deleted, what else is disabled for its owner to see.';
