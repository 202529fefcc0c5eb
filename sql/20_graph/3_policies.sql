-- public.blocks. Never update: a block is made or taken back. What else it does (follows end, requests go) is a trigger's.
alter table public.blocks enable row level security;
grant select, delete on public.blocks to authenticated;
grant insert (blocker_id, blocked_id) on public.blocks to authenticated;
grant select on public.blocks to service_role;
create policy "people see whom they block" on public.blocks
  for select to authenticated using (blocker_id = (select auth.uid()));
create policy "people block for themselves" on public.blocks
  for insert to authenticated with check (blocker_id = (select auth.uid()));
create policy "people take back their own blocks" on public.blocks
  for delete to authenticated using (blocker_id = (select auth.uid()));

-- public.follows: not granted are insert (follow() decides between a follow and a request) and update. Lists of others are read
-- through followers() and following(), which know who may see them.
alter table public.follows enable row level security;
grant select, delete on public.follows to authenticated;
grant select on public.follows to service_role;
create policy "people see their own follows, either way" on public.follows
  for select to authenticated using (follower_id = (select auth.uid()) or followee_id = (select auth.uid()));
create policy "people unfollow, and remove their followers" on public.follows
  for delete to authenticated using (follower_id = (select auth.uid()) or followee_id = (select auth.uid()));

-- public.follow_requests: not granted are insert and update, as above.
alter table public.follow_requests enable row level security;
grant select, delete on public.follow_requests to authenticated;
grant select on public.follow_requests to service_role;
create policy "people see the requests they made and got" on public.follow_requests
  for select to authenticated using (requester_id = (select auth.uid()) or target_id = (select auth.uid()));
create policy "people take back and decline requests" on public.follow_requests
  for delete to authenticated using (requester_id = (select auth.uid()) or target_id = (select auth.uid()));

-- public.mutes
alter table public.mutes enable row level security;
grant select, delete on public.mutes to authenticated;
grant insert (muter_id, muted_id, until), update (until) on public.mutes to authenticated;
grant select on public.mutes to service_role;
create policy "people see whom they mute" on public.mutes
  for select to authenticated using (muter_id = (select auth.uid()));
create policy "people mute for themselves" on public.mutes
  for insert to authenticated with check (muter_id = (select auth.uid()));
create policy "people change their own mutes" on public.mutes
  for update to authenticated using (muter_id = (select auth.uid())) with check (muter_id = (select auth.uid()));
create policy "people take back their own mutes" on public.mutes
  for delete to authenticated using (muter_id = (select auth.uid()));

-- public.profiles, whose other policies stand in 10_identity.
create policy "people read all profiles but those hidden from them" on public.profiles
  for select to authenticated using (id not in (select app_hidden.hidden_people()));

grant execute on function app_hidden.hidden_people() to authenticated;
