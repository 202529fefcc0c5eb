-- What calls tell. Security definer, as all writers of events.

create function app_private.tell_calls()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('call.started', new.caller_id, jsonb_build_object(
      'call_id', new.id, 'caller_id', new.caller_id, 'kind', new.kind, 'group_id', new.group_id, 'is_direct', new.is_direct));
  else
    perform app_private.emit_event('call.ended', new.caller_id, jsonb_build_object(
      'call_id', new.id, 'caller_id', new.caller_id, 'kind', new.kind, 'group_id', new.group_id, 'is_direct', new.is_direct, 'reason', new.end_reason,
      'duration_s', coalesce(extract(epoch from new.ended_at - new.answered_at)::int, 0)));
  end if;
  return null;
end
$$;
comment on function app_private.tell_calls() is 'Trigger on calls: call.started, call.ended.';

create function app_private.tell_call_missed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Null once the caller's account is gone: nobody to call back.
  if new.called_by is not null then
    perform app_private.emit_event('call.missed', new.called_by, jsonb_build_object(
      'call_id', new.call_id, 'caller_id', new.called_by, 'callee_id', new.user_id, 'kind', (select c.kind from public.calls c where c.id = new.call_id)));
  end if;
  return null;
end
$$;
comment on function app_private.tell_call_missed() is
  'Trigger on call_participants: call.missed, by whom it rang for in vain and who was busy; not by who declined.';
