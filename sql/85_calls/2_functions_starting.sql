-- Starting a call, and calling more people into it.

create function app_private.call_from(p jsonb)
returns public.calls
language plpgsql stable
set search_path = ''
as $$
declare
  v_call public.calls;
begin
  perform app_hidden.assert_fields(p, '{"client_id": "uuid", "device_id": "uuid", "join_id": "uuid", "kind": "string", "user_ids": "strings", "group_id": "uuid"}',
    'calls.field_invalid');
  v_call.id := coalesce((p ->> 'client_id')::uuid, app_private.uuid_v7());
  v_call.kind := coalesce(p ->> 'kind', 'audio');
  v_call.group_id := (p ->> 'group_id')::uuid;
  v_call.request_hash := hashtextextended((jsonb_strip_nulls(p) - '{device_id,join_id}'::text[])::text, 0);
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
$$;
comment on function app_private.call_from(jsonb) is 'What a client wants to start, checked as far as it says all of it. 422 calls.field_invalid.';

create function app_private.assert_in_group(p_me uuid, p_group uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if app_private.role_in(p_group, p_me) is null then
    perform app_hidden.fail(404, 'groups.not_found', 'There is no such group.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$$;
comment on function app_private.assert_in_group(uuid, uuid) is '404 groups.not_found for whoever is no member.';

create function app_private.people_to_call(p_me uuid, p_group uuid, p_named uuid[])
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
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
    perform app_private.assert_in_group(p_me, p_group);
    v_people := array(
      select m.user_id from public.group_members m
      where m.group_id = p_group and m.user_id <> p_me and (p_named = '{}' or m.user_id = any (p_named))
      order by m.user_id limit v_max + 1);
  end if;
  if cardinality(v_people) > v_max then
    perform app_hidden.fail(422, 'calls.too_many_people', format('A call has at most %s people.', v_max + 1), 'Name fewer people in `user_ids`.');
  end if;
  return v_people;
end
$$;
comment on function app_private.people_to_call(uuid, uuid, uuid[]) is
  'Whom somebody wants to call: the people named, of a group those who are in it, or all of it. 404 groups.not_found, 422 calls.too_many_people, calls.to_oneself.';

create function app_private.fail_in_call()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(409, 'calls.in_call', 'You are in a call, or one rings for you.', 'End, answer or decline it first: GET calls/current.');
end
$$;
comment on function app_private.fail_in_call() is '409 calls.in_call.';

-- What rings for somebody is no reason not to call: else whoever calls them keeps them from it. But of two who call each other one answers.
create function app_private.decline_for_own(p_me uuid, p_call uuid, p_people uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if exists (
    select from public.call_participants m
    join public.call_participants o on o.call_id = m.call_id and o.user_id = any (p_people) and o.state = 'joined'
    where m.call_id = p_call and m.user_id = p_me and m.state = 'ringing') then
    perform app_private.fail_in_call();
  end if;
  perform app_private.part_from_call(p_call, array[p_me], 'declined');
end
$$;
comment on function app_private.decline_for_own(uuid, uuid, uuid[]) is
  'Declines what rings for somebody who starts a call of their own; 409 calls.in_call when it is one of p_people who calls. Called with the call locked.';

-- Rings those who are free; the others are busy, and have missed it.
create function app_private.ring(p_call public.calls, p_me uuid, p_people uuid[], p_free uuid[])
returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_rung uuid[] := array(select u from unnest(p_people) u where u = any (p_free));
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + (select r.ring_for from app_private.call_rules r);
begin
  insert into public.call_participants as p (
    call_id, user_id, called_by, state, due_at, left_at, out_epoch, out_version, created_at, first_rung_at, rung_at)
  select p_call.id, u.id, p_me, case when u.is_rung then 'ringing' else 'busy' end,
    case when u.is_rung then v_until end, case when not u.is_rung then v_now end,
    case when not u.is_rung then p_call.epoch end, case when not u.is_rung then p_call.version end, p_call.created_at, v_now, v_now
  from (select x.id, x.id = any (v_rung) as is_rung from unnest(p_people) x (id)) u
  on conflict (call_id, user_id) do update
  set called_by = excluded.called_by, state = excluded.state, due_at = excluded.due_at, left_at = excluded.left_at,
    out_epoch = excluded.out_epoch, out_version = excluded.out_version, rung_at = excluded.rung_at, device_id = null, join_id = null, joined_at = null
  where p.state not in ('ringing', 'joined');
  return v_rung;
end
$$;
comment on function app_private.ring(public.calls, uuid, uuid[], uuid[]) is
  'Puts people into a call: ringing for those of p_free, busy for the others. Says for whom it rings.';

create function app_private.join_call(p_call public.calls, p_me uuid, p_device uuid, p_join uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + (select r.there_for from app_private.call_rules r);
begin
  insert into public.call_participants as p (
    call_id, user_id, state, device_id, join_id, first_joined_at, joined_at, heard_at, due_at, created_at, first_rung_at, rung_at)
  values (p_call.id, p_me, 'joined', p_device, p_join, v_now, v_now, v_now, v_until, p_call.created_at, v_now, v_now)
  on conflict (call_id, user_id) do update
  set state = 'joined', device_id = p_device, join_id = p_join, first_joined_at = coalesce(p.first_joined_at, v_now), joined_at = v_now,
    heard_at = v_now, due_at = v_until, left_at = null, out_epoch = null, out_version = null, reported_at = null;
end
$$;
comment on function app_private.join_call(public.calls, uuid, uuid, uuid) is 'Puts somebody into a call with one of their devices; called with the call locked.';

create function public.start_call(p jsonb)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.call_from(p);
  v_found public.calls;
  v_people uuid[];
  v_reached uuid[];
  v_ringing uuid;
  v_rung uuid[];
begin
  perform app_private.assert_not_suspended();
  v_people := app_private.people_to_call(v_me, v_call.group_id, coalesce(app_hidden.texts(p -> 'user_ids')::uuid[], '{}'));
  perform app_private.lock_callers(v_people || v_me, v_call.group_id);
  if v_call.group_id is not null then
    -- Looked at again: a removal may have been waited for.
    perform app_private.assert_in_group(v_me, v_call.group_id);
    v_people := array(select u from unnest(v_people) u where app_private.role_in(v_call.group_id, u) is not null);
  end if;
  perform app_private.lock_pairs(array_agg(a), array_agg(b)) from unnest(v_people || v_me) a, unnest(v_people || v_me) b where a < b;
  perform app_private.lock_people(v_people || v_me);
  select * into v_found from public.calls c where c.id = v_call.id;
  if found then
    if v_found.caller_id is distinct from v_me or v_found.request_hash <> v_call.request_hash then
      perform app_hidden.fail(409, 'calls.client_id_reused', 'This client_id was used for another call.', 'Make a new UUID for each call; repeat a start unchanged.');
    end if;
    return app_private.call_card_of(v_me, v_call.id);
  end if;
  v_reached := app_private.reachable(v_me, v_people);
  if v_reached = '{}' then
    perform app_private.fail_not_callable(v_me, v_people);
  end if;
  select x.call_id into v_ringing from public.call_participants x where x.user_id = v_me and x.state = 'ringing';
  perform app_private.settle_overdue(v_reached || v_me, v_ringing);
  perform app_private.decline_for_own(v_me, v_ringing, v_reached);
  if app_private.free_people(array[v_me]) = '{}' then
    perform app_private.fail_in_call();
  end if;
  perform app_private.assert_may_call(v_me, v_reached);
  insert into public.calls (id, kind, caller_id, group_id, is_direct, request_hash)
  values (v_call.id, v_call.kind, v_me, v_call.group_id, cardinality(v_people) = 1 and v_call.group_id is null, v_call.request_hash) returning * into v_call;
  perform app_private.join_call(v_call, v_me, (p ->> 'device_id')::uuid, (p ->> 'join_id')::uuid);
  v_rung := app_private.ring(v_call, v_me, v_reached, app_private.compatible(app_private.free_people(v_reached), array[v_me]));
  if v_rung = '{}' then
    perform app_private.end_call_for(v_call, 'busy');
  end if;
  perform app_private.tell_call(v_call.id, v_rung || v_me, v_rung);
  return app_private.call_card_of(v_me, v_call.id);
end
$$;
comment on function public.start_call(jsonb) is
  'Calls people: {client_id, device_id, join_id, kind: audio or video, user_ids or group_id}. The same client_id again gives the call that it made. state is ringing, or ended and busy when nobody is free; what rings for me meanwhile is declined. 403 auth.user_banned, calls.not_accepted, 404 groups.not_found, 409 calls.in_call, calls.client_id_reused, follows.blocked, 422 calls.field_invalid, calls.too_many_people, calls.to_oneself, 429 rate_limit.exceeded.';

create function public.add_to_call(p_id uuid, p_users uuid[])
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_users uuid[] := array(select u.id from unnest(p_users) with ordinality u (id, n) where u.id is not null group by u.id order by min(u.n) limit 16);
  v_call public.calls;
  v_in uuid[];
  v_rung uuid[];
begin
  perform app_private.assert_not_suspended();
  if v_users = '{}' or cardinality(v_users) > 15 then
    perform app_private.fail_call_field('`user_ids` with one person or more');
  end if;
  perform app_private.participant(v_me, p_id);
  perform app_private.lock_callers(v_users || v_me, (select c.group_id from public.calls c where c.id = p_id));
  perform app_private.lock_joining(p_id);
  v_in := app_private.live_people(p_id);
  perform app_private.lock_pairs(array_agg(a), array_agg(b)) from unnest(v_in || v_users) a, unnest(v_users) b where a <> b;
  perform app_private.lock_people(v_users || v_me);
  perform app_private.settle_overdue(v_users, p_id);
  v_call := app_private.locked_call(v_me, p_id);
  if v_call.state = 'ended' or (app_private.participant(v_me, p_id)).state <> 'joined' then
    perform app_private.fail_call_over();
  end if;
  v_in := app_private.live_people(p_id);
  v_users := array(select u.id from unnest(v_users) with ordinality u (id, n) where u.id <> all (v_in) order by u.n);
  if cardinality(v_in) + cardinality(v_users) > (select r.max_people from app_private.call_rules r)
    -- However many come and go: all of them stand in the call.
    or (select count(*) from public.call_participants p where p.call_id = p_id) + cardinality(v_users) > 60 then
    perform app_hidden.fail(422, 'calls.too_many_people', 'There is no room for so many people in this call.', 'Name fewer people in `user_ids`.');
  elsif v_users <> '{}' then
    perform app_private.assert_may_add(v_me, v_call, v_users);
    v_rung := app_private.ring(v_call, v_me, v_users, app_private.compatible(app_private.free_people(v_users), v_in));
    update public.calls c set is_direct = false, version = c.version + 1 where c.id = p_id;
    perform app_private.tell_call(p_id, v_in || v_rung, v_rung);
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$$;
comment on function public.add_to_call(uuid, uuid[]) is
  'Calls more people into a call that I am in, also such as did not answer or have left. All of them or none: 403 auth.user_banned, calls.not_accepted, 404 calls.not_found, 409 calls.over, follows.blocked, 422 calls.too_many_people, 429 rate_limit.exceeded.';
