-- public.groups, public.group_members: not granted is any write; functions write. Members are counted in group_page and in lists.
alter table public.groups enable row level security;
grant select (id, name, description, visibility, category, avatar_url, cover_url, rules, member_cap, created_at, updated_at)
  on public.groups to anon, authenticated;
grant select on public.groups to service_role;
create policy "everybody sees groups that are not secret" on public.groups
  for select to anon using (visibility <> 'secret');
create policy "people see all groups but secret ones of others" on public.groups
  for select to authenticated using (
    visibility <> 'secret' or id in (select app_hidden.my_group_ids()) or id in (select app_hidden.my_inviting_group_ids())
  );

alter table public.group_members enable row level security;
grant select on public.group_members to authenticated, service_role;
create policy "people see who is in their groups and in public ones, but nobody hidden from them" on public.group_members
  for select to authenticated using (
    user_id not in (select app_hidden.hidden_people())
    and (
      group_id in (select app_hidden.my_group_ids())
      or exists (select from public.groups g where g.id = group_id and g.visibility = 'public')
    )
  );

-- Granted to nobody: triggers keep seats, functions the others.
alter table app_private.group_seats enable row level security;
alter table app_private.group_requests enable row level security;
alter table app_private.group_invitations enable row level security;
alter table app_private.group_links enable row level security;
alter table app_private.group_bans enable row level security;
alter table app_private.group_log enable row level security;
