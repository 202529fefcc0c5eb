-- Starting a call, and calling more people into it.

create function app_private.call_from(p jsonb)
returns public.calls
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.call_from(jsonb) is 'What a client wants to start, checked as far as it says all of it. 422 calls.field_invalid.';

create function app_private.people_to_call(p_me uuid, p_group uuid, p_named uuid[])
returns uuid[]
language plpgsql volatile
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
$$;
comment on function app_private.people_to_call(uuid, uuid, uuid[]) is
  'Whom somebody wants to call: the people named, of a group those who are in it, or all of it. 404 groups.not_found, 422 calls.too_many_people, calls.to_oneself.';

-- A setting, a block and nobody at all are told apart by nothing, as with messages.
create function app_private.callable(p_me uuid, p_people uuid[], p_in uuid[])
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.callable(uuid, uuid[], uuid[]) is
  'Of p_people, those whom somebody may call together with those who are in the call already.';

create function app_private.fail_not_callable(p_me uuid, p_people uuid[])
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if cardinality(p_people) = 1 and exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = p_people[1]) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  end if;
  perform app_hidden.fail(403, 'calls.not_accepted', 'Nobody here can be called.',
    'People decide who may call them: show the button only where `can_call` is true.');
end
$$;
comment on function app_private.fail_not_callable(uuid, uuid[]) is
  '403 calls.not_accepted: the same words for a setting, a block and nobody at all; 409 follows.blocked for who blocked the one person themselves.';

create function app_private.assert_may_call(p_me uuid, p_people uuid[])
returns void
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.assert_may_call(uuid, uuid[]) is 'How much somebody calls: 429 rate_limit.exceeded.';

create function app_private.free_people(p_people uuid[], p_call uuid default null)
returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
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
$$;
comment on function app_private.free_people(uuid[], uuid) is
  'Those who are in no call and are not being rung; called under lock_people, which keeps them so. Locks their calls that are over, and p_call with them.';

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

-- Rings those who are free; the others are busy, and have missed it.
create function app_private.ring(p_call uuid, p_me uuid, p_people uuid[], p_free uuid[])
returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
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
$$;
comment on function app_private.ring(uuid, uuid, uuid[], uuid[]) is
  'Puts people into a call: ringing for those of p_free, busy for the others. Says for whom it rings.';

create function public.start_call(p jsonb)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function public.start_call(jsonb) is
  'Calls people: {client_id, device_id, kind: audio or video, user_ids or group_id}. The same client_id again gives the call that it made. state is ringing, or ended and busy when nobody is free. 403 calls.not_accepted, 404 groups.not_found, 409 calls.in_call, calls.client_id_reused, follows.blocked, 422 calls.field_invalid, calls.too_many_people, calls.to_oneself, 429 rate_limit.exceeded.';

create function public.add_to_call(p_id uuid, p_users uuid[])
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function public.add_to_call(uuid, uuid[]) is
  'Calls more people into a call that I am in, also such as did not answer or have left. All of them or none: 403 calls.not_accepted, 404 calls.not_found, 409 calls.over, follows.blocked, 422 calls.too_many_people, 429 rate_limit.exceeded.';

create function app_private.assert_may_add(p_me uuid, p_call public.calls, p_users uuid[], p_in uuid[])
returns void
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.assert_may_add(uuid, public.calls, uuid[], uuid[]) is
  'Whether somebody may call people into a call: such as they may call anyway, into calls of a group its members alone, and whom its starter removed only they. 403 calls.not_accepted, 409 follows.blocked, 429 rate_limit.exceeded.';
