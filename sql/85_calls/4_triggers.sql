-- After part_the_blocked and part_the_conversations, by its name.
create trigger part_the_ringing after insert on public.blocks
  referencing new table as changed
  for each statement execute function app_private.part_the_calling();

create trigger part_group_calls after delete on public.group_members
  referencing old table as changed
  for each statement execute function app_private.part_group_calls();

create trigger settle_departures after delete on public.call_participants
  referencing old table as gone
  for each statement execute function app_private.settle_departures();

create trigger lock_calls before delete on public.profiles
  for each row execute function app_private.lock_calls();
