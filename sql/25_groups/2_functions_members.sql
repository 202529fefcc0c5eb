-- Going, and what members are. Security definer, as 2_functions_groups.sql says.

create function public.leave_group(p_group uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_group(v_me, p_group);
  perform app_private.lock_membership(p_group, v_me);
  perform app_private.lock_group(v_me, p_group);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = v_me;
  delete from public.group_members m where m.group_id = p_group and m.user_id = v_me and m.role <> 'owner';
  if not found and app_private.role_in(p_group, v_me) = 'owner' then
    perform app_hidden.fail(409, 'groups.owner_must_stay', 'A group is never without its owner.',
      'Hand it over first (POST groups/:id/transfer), or delete it.');
  end if;
  return app_private.standing(p_group, v_me, 'none');
end
$$;
comment on function public.leave_group(uuid) is
  'Leaves a group, or takes back a request to join it: {group_id, user_id, status: none}. 404 groups.not_found, 409 groups.owner_must_stay.';

create function app_private.lock_target(p_actor uuid, p_group uuid, p_target uuid, p_action text, p_over boolean default true)
returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  v_role text;
  v_target_role text;
begin
  perform app_private.assert_calm('decisions about members', p_actor, 600, '1 hour');
  perform app_private.assert_may(p_actor, p_group, p_action);
  perform app_private.lock_membership(p_group, p_target);
  perform app_private.lock_group(p_actor, p_group);
  v_role := app_private.assert_may(p_actor, p_group, p_action);
  select m.role into v_target_role from public.group_members m
  where m.group_id = p_group and m.user_id = p_target for no key update;
  if p_over then
    perform app_private.assert_outranks(v_role, v_target_role);
  end if;
  return v_target_role;
end
$$;
comment on function app_private.lock_target(uuid, uuid, uuid, text, boolean) is
  'Locks what somebody is in a group, and gives it; null for who is no member. The actor may do this, and (p_over) stands above them. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

create function app_private.fail_no_member()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(404, 'groups.member_not_found', 'This group has no such member.', 'Take an id from GET groups/:id/members.');
end
$$;
comment on function app_private.fail_no_member() is '404 groups.member_not_found.';

create function public.remove_group_member(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if app_private.lock_target(auth.uid(), p_group, p_user, 'remove_member') is null then
    perform app_private.fail_no_member();
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  perform app_private.note_in_log(p_group, 'member_removed', p_user);
  return app_private.standing(p_group, p_user, 'removed');
end
$$;
comment on function public.remove_group_member(uuid, uuid) is
  'Takes somebody of a lower role out of a group: {group_id, user_id, status: removed}. They may come again, unlike who is banned. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

create function public.set_group_role(p_group uuid, p_user uuid, p_role text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_old text;
begin
  if coalesce(p_role not in ('admin', 'moderator', 'member'), true) then
    perform app_private.fail_group_field('Send `role` as admin, moderator or member. The owner is changed by POST groups/:id/transfer.');
  end if;
  v_old := app_private.lock_target(v_me, p_group, p_user, 'set_role');
  if v_old is null then
    perform app_private.fail_no_member();
  end if;
  perform app_private.assert_outranks(app_private.role_in(p_group, v_me), p_role);
  update public.group_members m set role = p_role where m.group_id = p_group and m.user_id = p_user and m.role <> p_role;
  if found then
    perform app_private.note_in_log(p_group, 'role_changed', p_user, jsonb_build_object('from', v_old, 'to', p_role));
  end if;
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', p_role);
end
$$;
comment on function public.set_group_role(uuid, uuid, text) is
  'Makes a member of a lower role admin, moderator or member, below the caller''s own: {group_id, user_id, role}. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

create function public.transfer_group(p_group uuid, p_user uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_calm('decisions about members', v_me, 600, '1 hour');
  perform app_private.assert_may(v_me, p_group, 'transfer');
  perform app_private.lock_membership(p_group, p_user);
  -- First down, then up: there is one owner at any moment that others see, and of two transfers the second finds none.
  update public.group_members m set role = 'admin' where m.group_id = p_group and m.user_id = v_me and m.role = 'owner';
  perform app_private.assert_may(v_me, p_group, case when found then 'post' else 'transfer' end);
  update public.group_members m set role = 'owner' where m.group_id = p_group and m.user_id = p_user;
  if not found then
    perform app_private.fail_no_member();
  end if;
  if p_user <> v_me then
    perform app_private.note_in_log(p_group, 'owner_changed', p_user);
  end if;
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', 'owner');
end
$$;
comment on function public.transfer_group(uuid, uuid) is
  'Makes another member the owner and the caller an admin: {group_id, user_id, role: owner}. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

-- Who goes, whatever took them: they leave, are removed, or their account is deleted -------------------------------------------

create function app_private.inherit_group(p_group uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_heir uuid;
begin
  -- Whoever joins at this moment is waited for, and may inherit.
  perform from public.groups g where g.id = p_group and g.deleted_at is null for no key update;
  if not found or exists (select from public.group_members m where m.group_id = p_group and m.role = 'owner') then
    return;
  end if;
  loop
    -- Not who is just being removed or deleted, as long as there is somebody else: two accounts that are deleted at once would wait
    -- for each other. Who is deleted holds their profile first, and their membership later.
    select m.user_id into v_heir from public.group_members m join public.profiles p on p.id = m.user_id where m.group_id = p_group
    order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1 for key share of p skip locked for no key update of m skip locked;
    if not found then
      select m.user_id into v_heir from public.group_members m where m.group_id = p_group
      order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1;
      perform from public.profiles p where p.id = v_heir for key share;
      select m.user_id into v_heir from public.group_members m where m.group_id = p_group and m.user_id = v_heir for no key update;
    end if;
    if v_heir is null then
      exit when not exists (select from public.group_members m where m.group_id = p_group);
    else
      update public.group_members m set role = 'owner' where m.group_id = p_group and m.user_id = v_heir;
      perform app_private.note_in_log(p_group, 'owner_changed', v_heir);
      return;
    end if;
  end loop;
  perform app_private.end_group(p_group);
end
$$;
comment on function app_private.inherit_group(uuid) is
  'Gives a group without an owner to the member of the highest role, of these to who joined first; without members it is deleted.';

create function app_private.follow_departures()
returns trigger
language plpgsql volatile security definer -- the members that remain are not the departed's to change, nor are seats
set search_path = ''
as $$
declare
  v_gone record;
begin
  -- First all heirs, then all seats, and each in one order: the order of locks that lock_membership tells of.
  for v_gone in
    select g.group_id from gone g join public.groups x on x.id = g.group_id and x.deleted_at is null
    where g.role = 'owner' order by g.group_id
  loop
    perform app_private.inherit_group(v_gone.group_id);
  end loop;
  for v_gone in
    select g.group_id, count(*)::int as seats from gone g join public.groups x on x.id = g.group_id and x.deleted_at is null
    group by g.group_id order by g.group_id
  loop
    perform app_private.return_seats(v_gone.group_id, v_gone.seats);
  end loop;
  return null;
end
$$;
comment on function app_private.follow_departures() is 'Trigger on group_members: an heir for groups whose owner went, and free seats.';

create function app_private.assert_owned()
returns trigger
language plpgsql volatile security definer -- looks at all members
set search_path = ''
as $$
declare
  v_group uuid := case tg_table_name when 'groups' then to_jsonb(new) ->> 'id' else to_jsonb(old) ->> 'group_id' end;
begin
  if exists (select from public.groups g where g.id = v_group and g.deleted_at is null)
    and not exists (select from public.group_members m where m.group_id = v_group and m.role = 'owner') then
    raise check_violation using message = format('group %s has no owner', v_group), hint = 'make somebody its owner in the same transaction';
  end if;
  return null;
end
$$;
comment on function app_private.assert_owned() is 'Trigger on groups and group_members, at the commit: a group is never without its owner, whoever writes.';
