create trigger assert_conversation after insert or update of kind, group_id, low_id, high_id, disappear_after_s on public.conversations
  for each row execute function app_private.assert_conversation();
create trigger assert_member after insert or update of state on public.conversation_members
  for each row execute function app_private.assert_member();
create trigger assert_message before insert or update of kind, content, media_urls, duration_ms, waveform, mentions on public.messages
  for each row execute function app_private.assert_message();

-- After part_the_blocked, which has locked the pair.
create trigger part_the_conversations after insert on public.blocks
  referencing new table as changed
  for each statement execute function app_private.part_conversations();
create trigger rejoin_the_conversations after delete on public.blocks
  referencing old table as changed
  for each statement execute function app_private.part_conversations();

create trigger follow_new_members after insert on public.group_members
  referencing new table as changed
  for each statement execute function app_private.follow_group_members();
create trigger follow_gone_members after delete on public.group_members
  referencing old table as changed
  for each statement execute function app_private.follow_group_members();

create trigger part_from_deleted before delete on public.profiles
  for each row execute function app_private.part_from_deleted();
create trigger tell_departures after delete on public.conversation_members
  referencing old table as gone
  for each statement execute function app_private.tell_departures();

create trigger end_without_members after update of low_id, high_id on public.conversations
  for each row when (new.kind = 'direct' and new.low_id is null and new.high_id is null)
  execute function app_private.end_conversation();
create trigger end_conversation after delete on public.conversations
  for each row execute function app_private.end_conversation();
