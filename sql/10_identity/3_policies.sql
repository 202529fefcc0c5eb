-- public.profiles: not granted are insert and delete (the sign-up makes a profile, deleting the user deletes it) and
-- is_verified, verification_level, is_business_account (operators only, in Studio or as service_role).
alter table public.profiles enable row level security;
grant select on public.profiles to anon, authenticated, service_role;
grant update (username, full_name, avatar_url, bio, location, website, business_info)
  on public.profiles to authenticated;
grant update (username, full_name, avatar_url, bio, location, website, business_info, is_business_account, is_verified, verification_level)
  on public.profiles to service_role;

create policy "everybody reads profiles" on public.profiles
  for select to anon using (true);
create policy "people change their own profile" on public.profiles
  for update to authenticated using (id = (select auth.uid())) with check (id = (select auth.uid()));

-- public.account_settings: not granted are insert and delete (as above) and email, phone (changed through Auth, which
-- asks for a confirmation).
alter table public.account_settings enable row level security;
grant select on public.account_settings to authenticated, service_role;
grant update (privacy_settings, notification_settings) on public.account_settings to authenticated, service_role;

create policy "people read their own settings" on public.account_settings
  for select to authenticated using (user_id = (select auth.uid()));
create policy "people change their own settings" on public.account_settings
  for update to authenticated using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- app_private.reserved_usernames: granted to nobody; username_status answers for it.
alter table app_private.reserved_usernames enable row level security;

grant execute on function app_private.username_status(text) to astra_api;
grant execute on function app_private.assert_session(uuid, uuid) to astra_api;
grant execute on function app_private.list_sessions(uuid) to astra_api;
grant execute on function app_private.revoke_session(uuid, uuid) to astra_api;
grant execute on function app_private.revoke_other_sessions(uuid, uuid) to astra_api;
grant execute on function app_private.prune_former_usernames() to astra_worker;
grant execute on function public.request_verification(jsonb) to authenticated;
-- guard_settings runs as whoever writes the settings.
grant execute on function app_hidden.plain_line(text) to authenticated, service_role;
grant execute on function app_hidden.is_privacy_settings(jsonb) to authenticated, service_role;
grant execute on function app_hidden.is_notification_settings(jsonb) to authenticated, service_role;
grant execute on function app_hidden.notification_category(text) to authenticated, service_role;
grant execute on function app_hidden.is_quiet_hours(jsonb) to authenticated, service_role;
-- Not granted: trigger functions and username_from. A trigger needs no grant to fire.

-- public.profile_counts: not granted is any write; triggers count.
alter table public.profile_counts enable row level security;
grant select on public.profile_counts to anon, authenticated, service_role;
create policy "whoever sees a profile sees its counts" on public.profile_counts
  for select to anon, authenticated using (exists (select from public.profiles p where p.id = user_id));

-- app_private.author_cards, app_private.count_deltas, app_private.former_usernames and app_private.paces: granted to nobody.
alter table app_private.author_cards enable row level security;
alter table app_private.count_deltas enable row level security;
alter table app_private.former_usernames enable row level security;
alter table app_private.paces enable row level security;

-- public.verification_requests: not granted are delete, and of update everything but to withdraw. Operators decide in `admin`.
alter table public.verification_requests enable row level security;
grant select on public.verification_requests to authenticated, service_role;
grant insert (kind, level, statement, evidence_urls), update (state) on public.verification_requests to authenticated;
create policy "people see what they asked the operators for" on public.verification_requests
  for select to authenticated using (user_id = (select auth.uid()));
create policy "people ask the operators for themselves" on public.verification_requests
  for insert to authenticated with check (user_id = (select auth.uid()) and state = 'open');
create policy "people withdraw what they asked for" on public.verification_requests
  for update to authenticated using (user_id = (select auth.uid()) and state = 'open')
  with check (user_id = (select auth.uid()) and state = 'withdrawn');

-- public.account_jobs: not granted are any write (functions queue and cancel) and what only the worker needs to know.
alter table public.account_jobs enable row level security;
grant select (id, user_id, kind, state, run_after, reason, expires_at, created_at, finished_at) on public.account_jobs to authenticated;
grant select on public.account_jobs to service_role;
create policy "people see their own jobs" on public.account_jobs
  for select to authenticated using (user_id = (select auth.uid()));

-- app_private.account_rules: granted to nobody. Operators change it as its owner.
alter table app_private.account_rules enable row level security;

grant execute on function app_private.request_export(uuid) to astra_api;
grant execute on function app_private.cancel_deletion(uuid) to astra_api;
grant execute on function app_private.is_fresh_session(uuid, uuid) to astra_api;
grant execute on function app_private.claim_account_jobs(int, interval) to astra_worker;
grant execute on function app_private.keep_account_job(uuid, int, interval) to astra_worker;
grant execute on function app_private.finish_export(uuid, int, text) to astra_worker;
grant execute on function app_private.finish_account_job(uuid, int, text, text) to astra_worker;
grant execute on function app_private.retry_account_job(uuid, int, text, interval) to astra_worker;
grant execute on function app_private.expired_exports(int) to astra_worker;
grant execute on function app_private.forget_export_files(uuid[]) to astra_worker;
grant execute on function app_private.prune_account_jobs() to astra_worker;
