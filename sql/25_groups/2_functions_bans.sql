-- Keeping people out. Security definer, as 2_functions_groups.sql says.

create function public.ban_from_group(p_group uuid, p_user uuid, p_until timestamptz default null, p_reason text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_reason text := nullif(btrim(p_reason, e' \t\r\n'), '');
begin
  if p_until <= now() then
    perform app_private.fail_group_field('Send `until` as a time to come, or none to ban for good.');
  elsif length(v_reason) > 500 then
    perform app_private.fail_group_field('Send `reason` of at most 500 characters.');
  end if;
  -- Also of who is no member yet, or a member hidden from the caller by a block: nobody keeps a group from closing its door.
  perform app_private.lock_target(v_me, p_group, p_user, 'ban');
  -- Who is hidden and has nothing to do with the group is not told from nobody: else banning would tell who blocked whom.
  if not exists (select from public.profiles p where p.id = p_user) or app_hidden.is_blocked_pair(v_me, p_user) and not (
    app_private.role_in(p_group, p_user) is not null
    or exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user)
    or exists (select from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user)
    or exists (select from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user)
  ) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into app_private.group_bans (group_id, user_id, banned_by, reason, until) values (p_group, p_user, v_me, v_reason, p_until)
  on conflict (group_id, user_id) do update
    set banned_by = excluded.banned_by, reason = excluded.reason, until = excluded.until, created_at = now();
  perform app_private.note_in_log(p_group, 'banned', p_user, jsonb_build_object('until', p_until, 'reason', v_reason));
  return app_private.standing(p_group, p_user, 'banned') || jsonb_build_object('until', p_until);
end
$$;
comment on function public.ban_from_group(uuid, uuid, timestamptz, text) is
  'Keeps somebody of a lower role, or no member, out of a group until a time or (null) for good: {group_id, user_id, status: banned, until}. Done again, it replaces end and reason. 404 groups.not_found, users.not_found, 403 groups.members_only, groups.not_allowed, 422 groups.field_invalid.';

create function public.unban_from_group(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'ban', false);
  delete from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user;
  if found then
    perform app_private.note_in_log(p_group, 'unbanned', p_user);
  end if;
  return app_private.standing(p_group, p_user, 'none');
end
$$;
comment on function public.unban_from_group(uuid, uuid) is
  'Lifts a ban: {group_id, user_id, status: none}, also when there is none. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';
