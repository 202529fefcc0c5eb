create trigger tell_message_edited after update of edited_at on public.messages
  for each row when (old.edited_at is distinct from new.edited_at) execute function app_private.tell_message_changed();
create trigger tell_message_deleted after update of deleted_at on public.messages
  for each row when (old.deleted_at is null and new.deleted_at is not null) execute function app_private.tell_message_changed();

create trigger tell_message_reacted after insert on public.message_reactions
  for each row execute function app_private.tell_message_reacted();

create trigger tell_conversation_created after insert on public.conversations
  for each row execute function app_private.tell_conversation_created();
create trigger tell_request_decided after update of state on public.conversation_members
  for each row when (old.state is distinct from new.state) execute function app_private.tell_request_decided();
