create trigger keep_seats after insert or delete or update of member_cap on public.groups
  for each row execute function app_private.keep_seats();
create trigger part_inviters after insert on public.blocks
  referencing new table as added
  for each statement execute function app_private.part_inviters();

-- Triggers fire by their names: seats come before the conversation of the group, for who comes as for who goes.
create trigger claim_seat after insert on public.group_members
  for each row execute function app_private.seat_member();
create trigger follow_departures after delete on public.group_members
  referencing old table as gone
  for each statement execute function app_private.follow_departures();

-- At the commit, because a founder becomes the owner, and an owner hands over, in two statements.
create constraint trigger assert_owned after insert or update of deleted_at on public.groups
  deferrable initially deferred for each row execute function app_private.assert_owned();
create constraint trigger assert_owned after delete or update of role on public.group_members
  deferrable initially deferred for each row when (old.role = 'owner') execute function app_private.assert_owned();

-- For each statement: what is asked is who writes.
create trigger refuse_suspended before insert or update on public.groups
  for each statement execute function app_private.refuse_suspended();
create trigger refuse_suspended before insert or update on public.group_members
  for each statement execute function app_private.refuse_suspended();
create trigger refuse_suspended before insert on app_private.group_requests
  for each statement execute function app_private.refuse_suspended();
create trigger refuse_suspended before insert on app_private.group_invitations
  for each statement execute function app_private.refuse_suspended();
create trigger refuse_suspended before insert on app_private.group_links
  for each statement execute function app_private.refuse_suspended();
