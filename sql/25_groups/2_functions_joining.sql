-- Ways into a group: by itself, by a request, by an invitation, by a link. Security definer, as 2_functions_groups.sql says.

create function app_private.is_banned(p_group uuid, p_user uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (
    select from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user and (b.until is null or b.until > now())
  );
end
$$;
comment on function app_private.is_banned(uuid, uuid) is 'Whether a group does not take somebody in.';

create function app_private.is_invited(p_group uuid, p_user uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (
    select from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user and i.expires_at > now()
  );
end
$$;
comment on function app_private.is_invited(uuid, uuid) is 'Whether a group asks somebody to come in.';

create function app_private.add_member(p_group uuid, p_user uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform app_private.assert_room_for_group(p_user);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into public.group_members (group_id, user_id) values (p_group, p_user);
end
$$;
comment on function app_private.add_member(uuid, uuid) is
  'Makes somebody a member whose membership and whose group the caller has locked. 409 groups.full, 422 groups.limit_reached.';

create function app_private.standing(p_group uuid, p_user uuid, p_status text)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
begin
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'status', p_status);
end
$$;
comment on function app_private.standing(uuid, uuid, text) is 'What most of these functions answer: {group_id, user_id, status}.';

create function public.join_group(p_group uuid, p_message text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_group public.groups;
  v_message text := nullif(btrim(p_message, e' \t\r\n'), '');
begin
  if length(v_message) > 500 then
    perform app_private.fail_group_field('Send `message` of at most 500 characters.');
  end if;
  perform app_private.assert_group(v_me, p_group);
  perform app_private.lock_membership(p_group, v_me);
  v_group := app_private.lock_group(v_me, p_group);
  if app_private.role_in(p_group, v_me) is not null then
    return app_private.standing(p_group, v_me, 'member');
  elsif app_private.is_banned(p_group, v_me) then
    perform app_hidden.fail(403, 'groups.join_refused', 'This group does not take you in.', 'Ask one of its moderators.');
  end if;
  -- Each coming and going moves the conversation of the group to another topic, of which all its members are told.
  perform app_private.assert_calm('entries into groups', v_me, 100, '1 hour');
  if v_group.visibility = 'public' or app_private.is_invited(p_group, v_me) then
    perform app_private.add_member(p_group, v_me);
    return app_private.standing(p_group, v_me, 'member');
  end if;
  insert into app_private.group_requests as r (group_id, user_id, message) values (p_group, v_me, v_message)
  on conflict (group_id, user_id) do update set message = coalesce(excluded.message, r.message);
  return app_private.standing(p_group, v_me, 'requested');
end
$$;
comment on function public.join_group(uuid, text) is
  'Joins a public group or one that invited the caller, or asks a private one: {group_id, user_id, status: member or requested}. 404 groups.not_found, 403 groups.join_refused, 409 groups.full, 422 groups.limit_reached, 429 rate_limit.exceeded.';

-- Requests ----------------------------------------------------------------------------------------------------------------

create function public.approve_group_request(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if app_private.lock_target(auth.uid(), p_group, p_user, 'decide_requests', false) is null then
    if not exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
      perform app_hidden.fail(404, 'groups.request_not_found', 'This person does not ask to join the group.', 'Take an id from GET groups/:id/requests.');
    end if;
    perform app_private.add_member(p_group, p_user);
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
  end if;
  return app_private.standing(p_group, p_user, 'member');
end
$$;
comment on function public.approve_group_request(uuid, uuid) is
  'Takes somebody in who asked to: {group_id, user_id, status: member}, also when they are in already. 404 groups.not_found, groups.request_not_found, 403 groups.members_only, groups.not_allowed, 409 groups.full, 422 groups.limit_reached.';

create function public.decline_group_request(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'decide_requests', false);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  if not found then
    perform app_hidden.fail(404, 'groups.request_not_found', 'This person does not ask to join the group.', 'Take an id from GET groups/:id/requests.');
  end if;
  perform app_private.note_in_log(p_group, 'request_declined', p_user);
  return app_private.standing(p_group, p_user, 'declined');
end
$$;
comment on function public.decline_group_request(uuid, uuid) is
  'Declines a request to join, without telling: {group_id, user_id, status: declined}. 404 groups.not_found, groups.request_not_found, 403 groups.members_only, groups.not_allowed.';

-- Invitations -------------------------------------------------------------------------------------------------------------

create function public.invite_to_group(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_may(v_me, p_group, 'invite');
  perform app_private.assert_person(v_me, p_user);
  if app_private.lock_target(v_me, p_group, p_user, 'invite', false) is not null then
    return app_private.standing(p_group, p_user, 'member');
  elsif app_private.is_banned(p_group, p_user) then
    perform app_hidden.fail(409, 'groups.person_banned', 'This person is banned from the group.', 'Lift the ban first: DELETE groups/:id/bans/:user_id.');
  elsif exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
    perform app_private.add_member(p_group, p_user); -- both sides want it
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
    return app_private.standing(p_group, p_user, 'member');
  elsif not app_private.may_reach(v_me, p_user, 'who_can_invite') then
    perform app_hidden.fail(403, 'groups.invitation_refused', 'This person does not let you invite them.', '`can_invite` of GET users/:id says whom you may invite.');
  end if;
  perform app_private.assert_calm('invitations', v_me, 200, '1 day');
  insert into app_private.group_invitations as i (group_id, user_id, invited_by) values (p_group, p_user, v_me)
  on conflict (group_id, user_id) do update set invited_by = excluded.invited_by, created_at = now(), expires_at = excluded.expires_at
    where i.expires_at <= now();
  if found then
    perform app_private.note_in_log(p_group, 'invited', p_user);
  end if;
  return app_private.standing(p_group, p_user, 'invited');
end
$$;
comment on function public.invite_to_group(uuid, uuid) is
  'Asks somebody to come into a group, for 30 days: {group_id, user_id, status: invited, or member}; who asked to join is let in. 404 groups.not_found, users.not_found, 403 groups.members_only, groups.not_allowed, groups.invitation_refused, 409 follows.blocked, groups.person_banned, 429 rate_limit.exceeded.';

create function public.withdraw_group_invitation(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'invite', false);
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  if not found then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.note_in_log(p_group, 'invitation_withdrawn', p_user);
  return app_private.standing(p_group, p_user, 'none');
end
$$;
comment on function public.withdraw_group_invitation(uuid, uuid) is
  'Takes an invitation back: {group_id, user_id, status: none}. 404 groups.not_found, groups.invitation_not_found, 403 groups.members_only, groups.not_allowed.';

create function app_private.fail_no_invitation()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(404, 'groups.invitation_not_found', 'There is no such invitation.', 'It may have been withdrawn, or its 30 days are over.');
end
$$;
comment on function app_private.fail_no_invitation() is '404 groups.invitation_not_found.';

create function public.accept_group_invitation(p_group uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  if not app_private.is_invited(p_group, v_me) then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.lock_membership(p_group, v_me);
  perform from public.groups g where g.id = p_group for share;
  if not app_private.is_invited(p_group, v_me) then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.add_member(p_group, v_me);
  return app_private.standing(p_group, v_me, 'member');
end
$$;
comment on function public.accept_group_invitation(uuid) is
  'Comes into a group that invited the caller: {group_id, user_id, status: member}. 404 groups.invitation_not_found, 409 groups.full, 422 groups.limit_reached.';

create function public.decline_group_invitation(p_group uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.lock_membership(p_group, v_me);
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = v_me and i.expires_at > now();
  if not found then
    perform app_private.fail_no_invitation();
  end if;
  return app_private.standing(p_group, v_me, 'declined');
end
$$;
comment on function public.decline_group_invitation(uuid) is
  'Declines an invitation of the caller: {group_id, user_id, status: declined}. 404 groups.invitation_not_found.';

create function app_private.part_inviters()
returns trigger
language plpgsql volatile security definer -- whoever blocks may not write the invitations of others
set search_path = ''
as $$
begin
  delete from app_private.group_invitations i using added a
  where (i.invited_by, i.user_id) in ((a.blocker_id, a.blocked_id), (a.blocked_id, a.blocker_id));
  return null;
end
$$;
comment on function app_private.part_inviters() is 'Trigger on blocks: an invitation between the two is gone. What groups they share stays.';
