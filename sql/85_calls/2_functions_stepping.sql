-- The steps of a call after its start. Each is a compare-and-set under the lock of the call: of two devices, or of an answer and a
-- hang-up at the same moment, one is first, and the other is told what became of the call. A step that was taken already answers as it did.

create function public.answer_call(p_id uuid, p_device uuid)
returns public.call_card
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function public.answer_call(uuid, uuid) is
  'Joins a call that rings for me, or goes on without me, with one of my devices. 404 calls.not_found, 409 calls.answered_elsewhere, calls.over, calls.in_call, 422 calls.field_invalid.';

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
  if p_call.caller_id is distinct from p_actor then
    perform app_hidden.fail(403, 'calls.not_caller', 'Only who started a call may do this.', 'Leave it: POST calls/:id/end.');
  end if;
end
$$;
comment on function app_private.assert_caller(uuid, public.calls) is '403 calls.not_caller for everybody but who started a call.';

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
  perform app_private.assert_caller(v_me, v_call);
  if p_user = v_me then
    perform app_private.fail_call_field('somebody else; to leave, POST calls/:id/end');
  end if;
  -- Also who has left: they do not come back.
  if not app_private.part_from_call(p_id, array[p_user], 'removed') and v_call.state <> 'ended' then
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
$$;
comment on function public.call_heartbeat(uuid, uuid) is
  'Says that my device is in the call, every five seconds, and gives the call: whoever is not heard of for fifteen is taken out. 404 calls.not_found, 409 calls.answered_elsewhere.';

-- Presence is the Realtime server's and not to be asked here; what others say they saw there is checked against the lease.
create function public.report_vanished(p_id uuid, p_user uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function public.report_vanished(uuid, uuid) is
  'Says that somebody in my call is no longer present. They are asked on their private topic, and taken out unless their device is heard within three seconds. 404 calls.not_found, 409 calls.over.';
