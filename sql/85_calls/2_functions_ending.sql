-- How people go out of a call, and when it ends. Called with the call locked.

create function app_private.part_from_call(p_call uuid, p_people uuid[], p_state text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
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
$$;
comment on function app_private.part_from_call(uuid, uuid[], text) is
  'Takes people out of a call, who hear nothing of it from then on, and ends it when it is at its end. false: they were out already.';

create function app_private.reason_to_end(p_call public.calls)
returns text
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.reason_to_end(public.calls) is 'Why a call is at its end, by who is left in it; null while it goes on.';

create function app_private.settle_call(p_call uuid, p_gone uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
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
    where c.id = p_call returning * into v_call;
    update public.call_participants p set out_epoch = v_call.epoch, out_version = v_call.version
    where p.call_id = p_call and p.user_id = any (p_gone);
  else
    perform app_private.end_call_for(v_call, v_reason);
  end if;
  perform app_private.tell_call(p_call, p_gone || v_live);
end
$$;
comment on function app_private.settle_call(uuid, uuid[]) is
  'After people went out of a call (p_gone): ends it, or moves those who stay to new topics. All of them are told.';

create function app_private.end_call_for(p_call public.calls, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  update public.call_participants p
  set state = case p.state when 'ringing' then 'missed' else 'left' end, due_at = null, left_at = clock_timestamp()
  where p.call_id = p_call.id and p.state in ('ringing', 'joined');
  update public.calls c set state = 'ended', end_reason = p_reason, ended_at = clock_timestamp(), epoch = c.epoch + 1, version = c.version + 1
  where c.id = p_call.id;
end
$$;
comment on function app_private.end_call_for(public.calls, text) is 'Ends a call for everybody; who was still being rung has missed it.';

create function app_private.is_too_long(p_call public.calls)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return p_call.state <> 'ended' and p_call.created_at < clock_timestamp() - (select r.lasts_up_to from app_private.call_rules r);
end
$$;
comment on function app_private.is_too_long(public.calls) is 'Whether a call is over because nobody talks for so long, although nobody has said so yet.';

-- Whose time is over: rung for too long, or not heard of. What the worker does every second, those in the call do for themselves.
create function app_private.sweep_call(p_call uuid)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
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
  if app_private.is_too_long(v_call) then
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
$$;
comment on function app_private.sweep_call(uuid) is 'Takes out of a call who was rung for too long (missed) or not heard of (lost); called with the call locked.';
