-- Whom somebody may call, how often, and who is free.

-- A setting, a block and nobody at all are told apart by nothing, as with messages.
create function app_private.reachable(p_me uuid, p_people uuid[])
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
begin
  return array(select u.id from unnest(p_people) with ordinality u (id, n) where app_private.may_reach(p_me, u.id, 'who_can_call') order by u.n);
end
$$;
comment on function app_private.reachable(uuid, uuid[]) is 'Of p_people, those whom somebody may call.';

create function app_private.compatible(p_people uuid[], p_in uuid[])
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_in uuid[] := p_in;
  v_one uuid;
begin
  foreach v_one in array p_people loop
    if not exists (select from unnest(v_in) o where o <> v_one and app_hidden.is_blocked_pair(o, v_one)) then
      v_in := v_in || v_one;
    end if;
  end loop;
  return array(select u from unnest(v_in) u where u <> all (p_in));
end
$$;
comment on function app_private.compatible(uuid[], uuid[]) is
  'Of p_people, those who get on with everybody in the call and with those before them. The others are busy, for all that whoever calls can tell: that two others have blocked each other is no business of theirs.';

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

-- Counted is each ring and each call to who is busy, into whatever call, so that nothing that is over or rung again is forgiven.
create function app_private.assert_may_call(p_me uuid, p_people uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_rules app_private.call_rules;
  v_one uuid;
begin
  select * into v_rules from app_private.call_rules;
  perform app_private.keep_pace('rings a minute', p_me, v_rules.rings_per_minute, '1 minute', cardinality(p_people),
    'You call more often than a person does.', 'Wait a while.');
  perform app_private.keep_pace('rings a day', p_me, v_rules.rings_per_day, '1 day', cardinality(p_people),
    'You call more often than a person does.', 'Wait a while.');
  foreach v_one in array p_people loop
    perform app_private.keep_pace('rings for ' || v_one, p_me, v_rules.unanswered_per_10_minutes, '10 minutes', 1,
      'Somebody of them does not answer.', 'Wait ten minutes, or write to them.');
    perform app_private.keep_pace('rings a day for ' || v_one, p_me, v_rules.unanswered_per_day, '1 day', 1,
      'Somebody of them does not answer.', 'Write to them, and call tomorrow.');
  end loop;
  delete from app_private.paces c where c.user_id = p_me and c.what like 'rings % for %' and c.since <= now() - interval '1 day';
  delete from app_private.paces c where c.user_id = p_me and c.what like 'rings for %' and c.since <= now() - interval '10 minutes';
end
$$;
comment on function app_private.assert_may_call(uuid, uuid[]) is
  'How much somebody calls, and how often the same people, who do not answer: 429 rate_limit.exceeded. Called under lock_people.';

create function app_private.forget_rings(p_caller uuid, p_callee uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  delete from app_private.paces c
  where c.user_id = p_caller and c.what = any (array['rings for ' || p_callee, 'rings a day for ' || p_callee]);
end
$$;
comment on function app_private.forget_rings(uuid, uuid) is 'Who answers may be called again. Called under lock_people of the callee, as what it forgets is counted.';

create function app_private.settle_overdue(p_people uuid[], p_call uuid default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_call uuid;
begin
  for v_call in
    select c.id from public.calls c
    where c.id = p_call or (
      c.id in (select p.call_id from public.call_participants p where p.user_id = any (p_people) and p.due_at is not null)
      and (app_private.is_too_long(c) or exists (select from public.call_participants o where o.call_id = c.id and o.due_at <= clock_timestamp())))
    order by c.id for no key update
  loop
    perform app_private.sweep_call(v_call);
  end loop;
end
$$;
comment on function app_private.settle_overdue(uuid[], uuid) is
  'Calls that are over but for somebody to say so keep nobody busy, also while no worker is there. Locks those of p_people, and p_call with them.';

create function app_private.free_people(p_people uuid[])
returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
begin
  return array(
    select u.id from unnest(p_people) u (id)
    where not exists (select from public.call_participants p where p.user_id = u.id and p.state in ('ringing', 'joined')));
end
$$;
comment on function app_private.free_people(uuid[]) is 'Those who are in no call and are not being rung; called under lock_people, which keeps them so.';

create function app_private.assert_may_add(p_me uuid, p_call public.calls, p_users uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if cardinality(app_private.reachable(p_me, p_users)) < cardinality(p_users)
    or (p_call.group_id is not null and exists (select from unnest(p_users) u where app_private.role_in(p_call.group_id, u) is null))
    or exists (
      select from public.call_participants p where p.call_id = p_call.id and p.user_id = any (p_users)
        and (p.state = 'declined' or (p.state = 'removed' and p_call.caller_id is distinct from p_me))) then
    perform app_private.fail_not_callable(p_me, p_users);
  elsif exists (
    select from public.call_participants p
    where p.call_id = p_call.id and p.user_id = any (p_users) and p.joined_at is null and p.left_at > now() - interval '30 seconds') then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'It rang for them a moment ago.', 'Wait half a minute.');
  end if;
  perform app_private.assert_may_call(p_me, p_users);
end
$$;
comment on function app_private.assert_may_add(uuid, public.calls, uuid[]) is
  'Whether somebody may call people into a call: such as they may call anyway, into calls of a group its members alone, nobody who declined it, and whom its starter removed only they. 403 calls.not_accepted, 409 follows.blocked, 429 rate_limit.exceeded.';
