-- Who may see and do what in a group. docs/groups.md has the same as a table, and a test tries each line of it.

-- For policies: one call per statement, however many rows it reads.
create function app_hidden.my_group_ids()
returns setof uuid
language plpgsql stable security definer rows 20 -- the policy of group_members asks here and must not ask itself
set search_path = ''
as $$
begin
  return query select m.group_id from public.group_members m where m.user_id = auth.uid();
end
$$;
comment on function app_hidden.my_group_ids() is 'The groups that I am a member of. None for who is not signed in.';

create function app_hidden.my_moderated_group_ids()
returns setof uuid
language plpgsql stable security definer rows 5 -- as above
set search_path = ''
as $$
begin
  return query select m.group_id from public.group_members m where m.user_id = auth.uid() and m.role in ('owner', 'admin', 'moderator');
end
$$;
comment on function app_hidden.my_moderated_group_ids() is 'The groups in which I am owner, admin or moderator.';

create function app_hidden.my_inviting_group_ids()
returns setof uuid
language plpgsql stable security definer rows 5 -- invitations are closed
set search_path = ''
as $$
begin
  return query select i.group_id from app_private.group_invitations i where i.user_id = auth.uid() and i.expires_at > now();
end
$$;
comment on function app_hidden.my_inviting_group_ids() is 'The groups that ask me to come in.';

create function app_private.fail_group_field(p_hint text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', p_hint);
end
$$;
comment on function app_private.fail_group_field(text) is '422 groups.field_invalid, with a hint that says which field takes what.';

create function app_private.rank_of(p_role text)
returns int
language plpgsql immutable
set search_path = ''
as $$
begin
  return case p_role when 'owner' then 4 when 'admin' then 3 when 'moderator' then 2 when 'member' then 1 else 0 end;
end
$$;
comment on function app_private.rank_of(text) is 'owner 4, admin 3, moderator 2, member 1, nobody (null) 0: who stands higher may do what those below may.';

create function app_private.least_role_for(p_action text)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return case p_action
    when 'delete' then 'owner'
    when 'transfer' then 'owner'
    when 'change_access' then 'owner'
    when 'update' then 'admin'
    when 'set_role' then 'admin'
    when 'manage_links' then 'admin'
    when 'remove_member' then 'moderator'
    when 'ban' then 'moderator'
    when 'decide_requests' then 'moderator'
    when 'invite' then 'moderator'
    when 'moderate_posts' then 'moderator'
    when 'read_log' then 'moderator'
    when 'post' then 'member'
    when 'list_members' then 'member'
  end;
end
$$;
comment on function app_private.least_role_for(text) is 'The lowest role that may do something in a group.';

create function app_private.role_in(p_group uuid, p_user uuid)
returns text
language plpgsql stable
set search_path = ''
as $$
begin
  return (select m.role from public.group_members m where m.group_id = p_group and m.user_id = p_user);
end
$$;
comment on function app_private.role_in(uuid, uuid) is 'What somebody is in a group; null for who is no member.';

create function app_private.can_view_group(p_viewer uuid, p_group uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if (select g.visibility from public.groups g where g.id = p_group) <> 'secret' then
    return true;
  end if;
  -- Asked of what never was as well, so that a secret group is looked for no longer: nobody is a member of it or invited.
  return exists (select from public.group_members m where m.group_id = p_group and m.user_id = p_viewer)
    or app_private.is_invited(p_group, p_viewer);
end
$$;
comment on function app_private.can_view_group(uuid, uuid) is
  'Whether a group exists for a viewer (null: nobody signed in): all do but the secret ones, which do for members and for who is invited. The policy of groups says the same of whoever is signed in.';

create function app_private.can_read_group(p_viewer uuid, p_group uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if (select g.visibility from public.groups g where g.id = p_group) = 'public' then
    return true;
  end if;
  return exists (select from public.group_members m where m.group_id = p_group and m.user_id = p_viewer);
end
$$;
comment on function app_private.can_read_group(uuid, uuid) is
  'Whether a viewer (null: nobody signed in) sees what is in a group, its members and posts: of public ones everybody, of others members.';

create function app_private.assert_group(p_viewer uuid, p_group uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not app_private.can_view_group(p_viewer, p_group) then
    perform app_hidden.fail(404, 'groups.not_found', 'There is no such group.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$$;
comment on function app_private.assert_group(uuid, uuid) is
  '404 groups.not_found for a group that does not exist for a viewer: never, not any more, or because it is secret, all in the same words.';

create function app_private.assert_may(p_actor uuid, p_group uuid, p_action text)
returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_role text;
begin
  perform app_private.assert_group(p_actor, p_group);
  v_role := app_private.role_in(p_group, p_actor);
  if v_role is null then
    perform app_hidden.fail(403, 'groups.members_only', 'Only members of this group may do this.', 'Join it first: POST groups/:id/join.');
  elsif app_private.rank_of(v_role) < app_private.rank_of(app_private.least_role_for(p_action)) then
    perform app_hidden.fail(403, 'groups.not_allowed', format('Your role in this group, %s, does not let you do this.', v_role),
      format('It takes the role %s at least.', app_private.least_role_for(p_action)));
  end if;
  return v_role;
end
$$;
comment on function app_private.assert_may(uuid, uuid, text) is
  'The role of the actor in the group, where it lets them do this. 404 groups.not_found, 403 groups.members_only, 403 groups.not_allowed.';

create function app_private.assert_outranks(p_role text, p_target_role text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if app_private.rank_of(p_role) <= app_private.rank_of(p_target_role) then
    perform app_hidden.fail(403, 'groups.not_allowed', format('Your role in this group, %s, has no say over this person.', p_role),
      'Members are removed, banned and given roles by who has a higher role than theirs, now and afterwards.');
  end if;
end
$$;
comment on function app_private.assert_outranks(text, text) is 'Refuses (403 groups.not_allowed) who does not stand above the target.';

-- One membership is locked by whoever changes it or what decides of it, so that a ban and a join, an approval and a withdrawal happen
-- one after the other. Locks are taken in this order: profile, membership, group, seats; rows of members come last.
create function app_private.lock_membership(p_group uuid, p_user uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Before anything else is held: who is being deleted holds the profile, and wants what this would hold.
  perform from public.profiles p where p.id = p_user for key share;
  perform pg_advisory_xact_lock(hashtextextended(format('group %s member %s', p_group, p_user), 0));
end
$$;
comment on function app_private.lock_membership(uuid, uuid) is 'Locks what somebody is in a group, to the end of the transaction.';

create function app_private.lock_group(p_viewer uuid, p_group uuid)
returns public.groups
language plpgsql volatile
set search_path = ''
as $$
declare
  v_group public.groups;
begin
  -- Seen first, so that nobody waits for what does not exist for them.
  perform app_private.assert_group(p_viewer, p_group);
  select * into v_group from public.groups g where g.id = p_group for share;
  perform app_private.assert_group(p_viewer, p_group);
  return v_group;
end
$$;
comment on function app_private.lock_group(uuid, uuid) is
  'The group, as it will stay until the end of the transaction: its visibility does not change and its owner does not go meanwhile. 404 groups.not_found.';
