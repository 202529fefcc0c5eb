create trigger queue_clean_up after delete on auth.users
  for each row execute function app_private.queue_clean_up();

create trigger tell_account_job after insert or update of state on public.account_jobs
  for each row execute function app_private.tell_account_job();
