-- Read by the tables or by functions, under the same rules; written by functions alone, so no insert, update or delete is granted.

grant execute on function app_hidden.my_call_ids() to authenticated;
grant execute on function app_hidden.was_in_call_since(uuid, timestamptz) to authenticated;
grant execute on function app_hidden.hears_call(text, boolean) to authenticated;

-- public.calls: not granted are request_hash, which is of no use to anybody else, and caller_id and group_id, which may be hidden from
-- somebody in the call: call_card says them where they are not.
alter table public.calls enable row level security;
grant select (id, kind, is_direct, state, end_reason, epoch, version, created_at, answered_at, ended_at) on public.calls to authenticated;
grant select on public.calls to service_role;
create policy "people read calls that they are in, and those they were in once they are over" on public.calls
  for select to authenticated using (id in (select app_hidden.my_call_ids()));

-- public.call_participants: not granted are devices and leases, which are for their owner (call_card.my_device_id) and for the worker,
-- who called whom, which may name somebody hidden, and what only call_card goes by: when they first came, and how the call stood as they went.
alter table public.call_participants enable row level security;
grant select (call_id, user_id, state, created_at, rung_at, joined_at, left_at) on public.call_participants to authenticated;
grant select on public.call_participants to service_role;
create policy "people see who was in a call with them, but none of the hidden" on public.call_participants
  for select to authenticated using (
    call_id in (select app_hidden.my_call_ids()) and user_id not in (select app_hidden.hidden_people())
    and app_hidden.was_in_call_since(call_id, first_rung_at)
  );

-- app_private.call_rules: granted to nobody. Operators change them as their owner.
alter table app_private.call_rules enable row level security;

grant execute on function public.start_call(jsonb) to authenticated;
grant execute on function public.add_to_call(uuid, uuid[]) to authenticated;
grant execute on function public.answer_call(uuid, uuid, uuid) to authenticated;
grant execute on function public.decline_call(uuid) to authenticated;
grant execute on function public.cancel_call(uuid) to authenticated;
grant execute on function public.end_call(uuid, boolean) to authenticated;
grant execute on function public.remove_from_call(uuid, uuid) to authenticated;
grant execute on function public.call_heartbeat(uuid, uuid) to authenticated;
grant execute on function public.report_vanished(uuid, uuid) to authenticated;
grant execute on function public.my_calls(int, timestamptz, uuid, boolean) to authenticated;
grant execute on function public.call(uuid) to authenticated;
grant execute on function public.current_call() to authenticated;
grant execute on function app_private.sweep_calls(int) to astra_worker;
grant execute on function app_private.prune_calls(int) to astra_worker;
grant execute on function app_private.prune_rings(int) to astra_worker;
