alter table public.blocks enable row level security;
-- Never update: a block is made or taken back.
grant select, delete on public.blocks to authenticated;
grant insert (blocker_id, blocked_id) on public.blocks to authenticated;
grant select on public.blocks to service_role;
create policy "people see whom they block" on public.blocks
  for select to authenticated using (blocker_id = (select auth.uid()));
create policy "people block for themselves" on public.blocks
  for insert to authenticated with check (blocker_id = (select auth.uid()));
create policy "people take back their own blocks" on public.blocks
  for delete to authenticated using (blocker_id = (select auth.uid()));
