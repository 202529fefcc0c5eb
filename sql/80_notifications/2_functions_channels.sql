-- Push messages, webhooks and mails: what waits to be sent, and what became of it. The worker sends. At least once: who takes one sees by its
-- id and number that it came before. Security definer: the worker sees no table.

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
end
$$;
comment on function app_private.quiet_until(jsonb, timestamptz) is 'When the quiet hours of these settings end, in the person''s own time; null when it is not quiet.';

create function app_private.queue_channels(p_notification uuid, p_user uuid, p_kind text, p_seq bigint, p_channels text[])
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_rules app_private.notification_rules;
  v_is_urgent boolean := app_hidden.notification_category(p_kind) = 'security';
  v_quiet timestamptz;
  v_again interval;
begin
  select * into v_rules from app_private.notification_rules;
  if not v_is_urgent then
    v_quiet := app_private.quiet_until((select s.notification_settings from public.account_settings s where s.user_id = p_user), now());
  end if;
  v_again := case when p_kind in ('message', 'message_request') then least(interval '3 seconds', v_rules.push_again_after) else v_rules.push_again_after end;
  insert into app_private.notification_deliveries as d (notification_id, channel, target_id, seq, next_attempt_at)
  select p_notification, t.channel, t.id, p_seq, case when t.channel = 'push' then greatest(now(), v_quiet) else now() end
  from (
    select 'push' as channel, s.id from app_private.push_subscriptions s where s.user_id = p_user and 'push' = any (p_channels)
    union all
    select 'webhook', w.id from app_private.notification_webhooks w where w.user_id = p_user and w.disabled_at is null and 'webhook' = any (p_channels)
  ) t
  -- Of what waits, or is on its way, the time stays: what is added goes with it, or after it.
  on conflict (notification_id, target_id) do update set seq = excluded.seq,
    attempts = case when d.sent_seq < d.seq then d.attempts else 0 end,
    next_attempt_at = case when d.sent_seq < d.seq then d.next_attempt_at
      else greatest(excluded.next_attempt_at, d.sent_at + case when d.channel = 'push' then v_again else interval '1 second' end) end;
  if 'email' = any (p_channels) then
    insert into app_private.notification_digests as g (user_id, due_at)
    values (p_user, case when v_is_urgent then now() else greatest(now() + v_rules.digest_after, v_quiet) end)
    on conflict (user_id) do update set
      due_at = case when g.to_seq is null then least(g.due_at, excluded.due_at) else g.due_at end,
      again_at = case when g.to_seq is not null then least(g.again_at, excluded.due_at) end;
  end if;
end
$$;
comment on function app_private.queue_channels(uuid, uuid, text, bigint, text[]) is
  'Queues what is to be sent of a notification that was made or moved: pushes and mails after the quiet hours, but for those of security; a mail with what gathers.';

create function app_private.sendable(n public.notifications, p_channel text)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  if app_private.when_read(n) is not null or not (p_channel = any (app_private.channels_of(n.user_id, n.kind)))
    or not app_private.is_notification_shown(n, app_private.quiet_people(n.user_id))
    -- Who was away for a day has a list to look at.
    or (p_channel = 'push' and n.updated_at < now() - interval '1 day') then
    return null;
  end if;
  return (select to_jsonb(c) from app_private.notification_cards(array[n]) c);
end
$$;
comment on function app_private.sendable(public.notifications, text) is
  'A notification as it is sent by a channel; null when it was read, hidden or not wanted meanwhile.';

create function app_private.claim_deliveries(p_channel text, p_limit int, p_lease interval)
returns table (id uuid, attempts int, seq bigint, notification_id uuid, target jsonb, card jsonb)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select d.id from app_private.notification_deliveries d
    where d.channel = p_channel and d.sent_seq < d.seq and d.next_attempt_at <= now()
    order by d.next_attempt_at limit least(greatest(p_limit, 1), 100)
    for update skip locked
  ), claimed as (
    update app_private.notification_deliveries d set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from due where d.id = due.id
    returning d.*
  )
  select c.id, c.attempts, n.seq, n.id, t.target, case when t.target is not null then app_private.sendable(n, p_channel) end
  from claimed c join public.notifications n on n.id = c.notification_id
  left join lateral (
    select jsonb_build_object('id', s.id, 'url', s.endpoint, 'p256dh', s.p256dh, 'auth', s.auth) as target
    from app_private.push_subscriptions s where p_channel = 'push' and s.id = c.target_id
    union all
    select jsonb_build_object('id', w.id, 'url', w.url, 'secret', w.secret)
    from app_private.notification_webhooks w where p_channel = 'webhook' and w.id = c.target_id and w.disabled_at is null
  ) t on true;
end
$$;
comment on function app_private.claim_deliveries(text, int, interval) is
  'Takes up to p_limit messages of a channel that are due for p_lease: {target: {id, url, keys or secret}, card}; card is null when there is nothing to be sent any more.';

create function app_private.finish_delivery(p_id uuid, p_attempts int, p_seq bigint, p_error text default null)
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
  if d.channel = 'webhook' then
    update app_private.notification_webhooks w
    set failures = case when p_error is null then 0 else w.failures + 1 end,
      disabled_at = case when p_error is not null and w.failures + 1 >= 10 then now() end,
      disabled_reason = case when p_error is not null and w.failures + 1 >= 10 then left(p_error, 200) end
    where w.id = d.target_id and w.disabled_at is null and (p_error is not null or w.failures > 0);
  end if;
  return true;
end
$$;
comment on function app_private.finish_delivery(uuid, int, bigint, text) is
  'Notes that a message was taken, or (with the reason) given up; false when another worker has it. What was added meanwhile goes a while later. Ten given up in a row disable a webhook.';

create function app_private.retry_delivery(p_id uuid, p_attempts int, p_error text, p_retry_in interval)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update app_private.notification_deliveries d set last_error = left(p_error, 500), next_attempt_at = clock_timestamp() + p_retry_in
  where d.id = p_id and d.attempts = p_attempts and d.sent_seq < d.seq;
  return found;
end
$$;
comment on function app_private.retry_delivery(uuid, int, text, interval) is 'Notes why a message was not taken and when it is tried again.';

create function app_private.drop_delivery_target(p_channel text, p_target uuid, p_reason text)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if p_channel = 'push' then
    delete from app_private.push_subscriptions s where s.id = p_target;
  else
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = left(p_reason, 200) where w.id = p_target;
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_target;
end
$$;
comment on function app_private.drop_delivery_target(text, uuid, text) is
  'What says of itself that it is gone gets nothing any more: a push subscription is deleted, a webhook disabled for its owner to see.';
