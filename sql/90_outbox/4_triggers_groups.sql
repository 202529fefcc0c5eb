create trigger tell_groups after insert or update on public.groups
  for each row execute function app_private.tell_groups();

create trigger tell_members_joined after insert on public.group_members
  referencing new table as added
  for each statement execute function app_private.tell_group_members();
create trigger tell_members_gone after delete on public.group_members
  referencing old table as gone
  for each statement execute function app_private.tell_group_members();
create trigger tell_role after update of role on public.group_members
  for each row when (old.role <> new.role) execute function app_private.tell_group_role();

create trigger tell_request after insert on app_private.group_requests
  for each row execute function app_private.tell_group_request();
create trigger tell_invitation after insert or update of expires_at on app_private.group_invitations
  for each row execute function app_private.tell_group_invitation();
create trigger tell_ban after insert or update of until, created_at or delete on app_private.group_bans
  for each row execute function app_private.tell_group_ban();
