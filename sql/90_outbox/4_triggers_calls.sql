create trigger tell_call_started after insert on public.calls
  for each row execute function app_private.tell_calls();
create trigger tell_call_ended after update of state on public.calls
  for each row when (old.state <> 'ended' and new.state = 'ended') execute function app_private.tell_calls();

create trigger tell_call_rung_busy after insert on public.call_participants
  for each row when (new.state = 'busy') execute function app_private.tell_call_missed();
create trigger tell_call_missed after update of state on public.call_participants
  for each row when (old.state is distinct from new.state and new.state in ('missed', 'busy')) execute function app_private.tell_call_missed();
