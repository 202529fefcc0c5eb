-- What groups tell. Triggers on statements, as those of the graph, and security definer as all writers of events. actor_id is who did it:
-- of who was taken in, whoever approved; null where nobody did, as when an owner's account is gone. Names stay in the tables, and nothing
-- is told of what goes with a group or a person: group.deleted and user.deleted say it.

create function app_private.tell_groups()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_changed jsonb;
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('group.created', new.created_by,
      jsonb_build_object('group_id', new.id, 'owner_id', new.created_by, 'visibility', new.visibility));
    return null;
  elsif new.deleted_at is not null then
    if old.deleted_at is null then
      perform app_private.emit_event('group.deleted', app_private.acting_person(), jsonb_build_object('group_id', new.id));
    end if;
    return null;
  end if;
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(to_jsonb(new) - 'updated_at') n where n.value is distinct from to_jsonb(old) -> n.key;
  if v_changed is not null and v_changed <> '["created_by"]' then
    perform app_private.emit_event('group.updated', app_private.acting_person(),
      jsonb_build_object('group_id', new.id, 'visibility', new.visibility, 'changed', v_changed));
  end if;
  return null;
end
$$;
comment on function app_private.tell_groups() is 'Trigger on groups: group.created, group.updated with the names of what changed, group.deleted.';

create function app_private.tell_group_members()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'group.member_joined', coalesce(app_private.acting_person(), a.user_id),
      jsonb_build_object('group_id', a.group_id, 'user_id', a.user_id, 'role', a.role)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), case when app_private.acting_person() = g.user_id then 'group.member_left' else 'group.member_removed' end,
      app_private.acting_person(), jsonb_build_object('group_id', g.group_id, 'user_id', g.user_id, 'role', g.role)
    from gone g
    where exists (select from public.groups x where x.id = g.group_id and x.deleted_at is null)
      and exists (select from public.profiles p where p.id = g.user_id);
  end if;
  return null;
end
$$;
comment on function app_private.tell_group_members() is 'Trigger on group_members: group.member_joined, group.member_left, group.member_removed.';

create function app_private.tell_group_role()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('group.role_changed', app_private.acting_person(),
    jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'old_role', old.role, 'role', new.role));
  return null;
end
$$;
comment on function app_private.tell_group_role() is 'Trigger on group_members: group.role_changed, also of an owner and an heir.';

create function app_private.tell_group_request()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('group.join_requested', new.user_id, jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id));
  return null;
end
$$;
comment on function app_private.tell_group_request() is 'Trigger on group_requests: group.join_requested.';

create function app_private.tell_group_invitation()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('group.invited', new.invited_by,
    jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'expires_at', new.expires_at));
  return null;
end
$$;
comment on function app_private.tell_group_invitation() is 'Trigger on group_invitations: group.invited, also when one that was over is made anew.';

create function app_private.tell_group_ban()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op <> 'DELETE' then
    perform app_private.emit_event('group.banned', app_private.acting_person(),
      jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'until', new.until));
  elsif coalesce(old.until > now(), true) -- not of one that was over
    and exists (select from public.groups g where g.id = old.group_id and g.deleted_at is null)
    and exists (select from public.profiles p where p.id = old.user_id) then
    perform app_private.emit_event('group.unbanned', app_private.acting_person(),
      jsonb_build_object('group_id', old.group_id, 'user_id', old.user_id));
  end if;
  return null;
end
$$;
comment on function app_private.tell_group_ban() is 'Trigger on group_bans: group.banned, also with another end, and group.unbanned before its end.';
