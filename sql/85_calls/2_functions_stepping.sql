-- The steps of a call after its start. Each is a compare-and-set under the lock of the call: of two devices, or of an answer and a
-- hang-up at the same moment, one is first, and the other is told what became of the call. A step that was taken already answers as it did.

create function public.answer_call(p_id uuid, p_device uuid, p_join uuid default null)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_call public.calls;
  v_mine public.call_participants;
begin
  perform app_private.assert_not_suspended();
  if p_device is null then
    perform app_private.fail_call_field('`device_id`, a UUID that your client keeps for this device');
  end if;
  perform app_private.participant(v_me, p_id);
  perform app_private.lock_callers(array[v_me], (select c.group_id from public.calls c where c.id = p_id));
  perform app_private.lock_joining(p_id);
  perform app_private.lock_pairs(array_agg(v_me), array_agg(o)) from unnest(app_private.live_people(p_id)) o where o <> v_me;
  perform app_private.lock_people(array[v_me]);
  perform app_private.settle_overdue(array[v_me], p_id); -- whoever has been rung for too long has missed it
  v_call := app_private.locked_call(v_me, p_id);
  v_mine := app_private.participant(v_me, p_id);
  if v_mine.state = 'joined' then
    if v_mine.device_id <> p_device or v_mine.join_id is distinct from p_join then
      perform app_hidden.fail(409, 'calls.answered_elsewhere', 'Another device of yours is in this call.', 'Stop ringing on this one.');
    end if;
    return app_private.call_card_of(v_me, p_id);
  elsif not app_private.may_join(v_call, v_mine) then
    perform app_private.fail_call_over();
  elsif v_mine.state <> 'ringing' then
    perform app_private.assert_may_return(v_me);
  end if;
  perform app_private.join_call(v_call, v_me, p_device, p_join);
  perform app_private.forget_rings(v_mine.called_by, v_me);
  update public.calls c set state = 'active', answered_at = coalesce(c.answered_at, clock_timestamp()), version = c.version + 1 where c.id = p_id;
  perform app_private.tell_call(p_id, app_private.live_people(p_id));
  return app_private.call_card_of(v_me, p_id);
end
$$;
comment on function public.answer_call(uuid, uuid, uuid) is
  'Joins a call that rings for me, or goes on without me, with one of my devices; p_join says with which page of it. 403 auth.user_banned, 404 calls.not_found, 409 calls.answered_elsewhere, calls.over, calls.in_call, 422 calls.field_invalid, 429 rate_limit.exceeded.';

create function app_private.assert_may_return(p_me uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if app_private.free_people(array[p_me]) = '{}' then
    perform app_private.fail_in_call();
  end if;
  -- Each time all the others go to new topics.
  perform app_private.keep_pace('returns to calls', p_me, (select r.returns_per_10_minutes from app_private.call_rules r), '10 minutes', 1,
    'You go and come more often than a person does.', 'Wait ten minutes.');
end
$$;
comment on function app_private.assert_may_return(uuid) is '409 calls.in_call, 429 rate_limit.exceeded for who comes back into a call.';

create function app_private.may_join(p_call public.calls, p_mine public.call_participants)
returns boolean
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.may_join(public.calls, public.call_participants) is
  'Whether somebody who was called may join now; called with the call locked.';

create function app_private.assert_caller(p_actor uuid, p_call public.calls)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_call.caller_id is distinct from p_actor
    or (p_call.state <> 'ended' and (app_private.participant(p_actor, p_call.id)).state <> 'joined') then
    perform app_hidden.fail(403, 'calls.not_caller', 'Only who started a call and is in it may do this.', 'Leave it: POST calls/:id/end.');
  end if;
end
$$;
comment on function app_private.assert_caller(uuid, public.calls) is '403 calls.not_caller for everybody but who started a call, and for them once they are out of it.';

create function public.decline_call(p_id uuid)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function public.decline_call(uuid) is
  'Does not take a call, on none of my devices. 404 calls.not_found, 409 calls.already_answered.';

create function public.cancel_call(p_id uuid)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  perform app_private.assert_caller(v_me, v_call);
  if v_call.answered_at is not null then
    perform app_hidden.fail(409, 'calls.already_answered', 'This call was answered.', 'End it: POST calls/:id/end.');
  elsif v_call.state = 'ringing' then
    perform app_private.part_from_call(p_id, array[v_me], 'left');
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$$;
comment on function public.cancel_call(uuid) is
  'Takes back a call of mine that nobody has answered; those who were rung have missed it. 403 calls.not_caller, 404 calls.not_found, 409 calls.already_answered.';

create function public.end_call(p_id uuid, p_for_all boolean default false)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
  v_mine public.call_participants := app_private.participant(v_me, p_id);
  v_live uuid[];
begin
  if p_for_all then
    perform app_private.assert_caller(v_me, v_call);
  end if;
  if v_call.state = 'ended' then
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
$$;
comment on function public.end_call(uuid, boolean) is
  'Hangs up: I leave, and the call is over when fewer than two are left; for all only by who started it. 403 calls.not_caller, 404 calls.not_found.';

create function public.remove_from_call(p_id uuid, p_user uuid)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  perform app_private.assert_not_suspended();
  perform app_private.assert_caller(v_me, v_call);
  if p_user = v_me then
    perform app_private.fail_call_field('somebody else; to leave, POST calls/:id/end');
  end if;
  -- Also who has left: they do not come back.
  if v_call.state <> 'ended' and not app_private.part_from_call(p_id, array[p_user], 'removed') then
    update public.call_participants p set state = 'removed' where p.call_id = p_id and p.user_id = p_user;
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$$;
comment on function public.remove_from_call(uuid, uuid) is
  'Takes somebody out of a call of mine for good: they hear nothing more of it. 403 calls.not_caller, 404 calls.not_found.';

-- Being there ----------------------------------------------------------------------------------------------------------------

create function public.call_heartbeat(p_id uuid, p_device uuid)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_mine public.call_participants := app_private.participant(v_me, p_id);
  v_now timestamptz := clock_timestamp();
begin
  perform app_private.assert_not_suspended();
  if v_mine.state = 'joined' and v_mine.device_id is distinct from p_device then
    perform app_hidden.fail(409, 'calls.answered_elsewhere', 'Another device of yours is in this call.', 'Stop ringing on this one.');
  end if;
  -- The call before one's own row, as all who take steps. Mostly there is nothing to say of it, and signs of life of several wait for nobody.
  if exists (select from public.call_participants p where p.call_id = p_id and p.due_at <= v_now)
    or exists (select from public.calls c where c.id = p_id and app_private.is_too_long(c)) then
    perform app_private.locked_call(v_me, p_id);
    perform app_private.sweep_call(p_id);
  end if;
  update public.call_participants p
  set due_at = clock_timestamp() + (select r.there_for from app_private.call_rules r), heard_at = clock_timestamp()
  where p.call_id = p_id and p.user_id = v_me and p.state = 'joined' and p.due_at > clock_timestamp();
  return app_private.call_card_of(v_me, p_id);
end
$$;
comment on function public.call_heartbeat(uuid, uuid) is
  'Says that my device is in the call, every five seconds, and gives the call: whoever is not heard of for fifteen is taken out. 403 auth.user_banned, 404 calls.not_found, 409 calls.answered_elsewhere.';

-- Presence is the Realtime server's and not to be asked here; what others say they saw there is checked against the lease.
create function public.report_vanished(p_id uuid, p_user uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_now timestamptz := clock_timestamp();
  v_rules app_private.call_rules;
begin
  perform app_private.assert_not_suspended();
  if (app_private.participant(v_me, p_id)).state <> 'joined' then
    perform app_private.fail_call_over();
  end if;
  perform app_private.lock_callers(array[v_me], null);
  select * into v_rules from app_private.call_rules;
  -- Nobody is out by the word of others who says every five seconds that they are there. And they are asked once in there_for, whoever
  -- misses them, and however often they answer.
  update public.call_participants p
  set due_at = least(p.due_at, greatest(v_now, p.heard_at + v_rules.reported_after) + v_rules.reported_for), reported_at = v_now
  where p.call_id = p_id and p.user_id = p_user and p.user_id <> v_me and p.state = 'joined'
    and coalesce(p.reported_at < v_now - v_rules.there_for, true);
  if not found then
    return false;
  end if;
  perform app_private.keep_pace('reports in calls', v_me, v_rules.reports_per_10_minutes, '10 minutes', 1,
    'You miss people more often than a person does.', 'Their devices say themselves whether they are there.');
  perform app_private.tell_person(p_user, 'call_still_there', jsonb_build_object('call_id', p_id));
  return true;
end
$$;
comment on function public.report_vanished(uuid, uuid) is
  'Says that somebody in my call is no longer present. They are asked on their private topic, and taken out unless their device is heard within three seconds, or ten since it was heard last. false: they were asked already. 403 auth.user_banned, 404 calls.not_found, 409 calls.over, 429 rate_limit.exceeded.';
