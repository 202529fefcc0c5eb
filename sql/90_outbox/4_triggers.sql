create trigger wake_worker after insert on app_private.outbox_events
  for each statement execute function app_private.wake_worker();

create trigger tell_user_registered after insert on public.profiles
  for each row execute function app_private.tell_user_registered();
create trigger tell_profile_updated after update on public.profiles
  for each row when (old.* is distinct from new.*) execute function app_private.tell_profile_updated();
create trigger tell_user_deleted after delete on auth.users
  for each row execute function app_private.tell_user_deleted();
create trigger tell_session after insert or delete on auth.sessions
  for each row execute function app_private.tell_session();
create trigger tell_transfer_completed after insert on ledger.transfers
  referencing new table as added
  for each statement execute function app_private.tell_transfer_completed();
