-- What those who run a group did. Written by the functions that do it, in the same transaction; pins by a trigger on posts.

create function app_private.note_in_log(p_group uuid, p_action text, p_target uuid default null, p_details jsonb default '{}')
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into app_private.group_log (group_id, actor_id, action, target_id, details)
  values (p_group, app_private.acting_person(), p_action, p_target, p_details);
end
$$;
comment on function app_private.note_in_log(uuid, text, uuid, jsonb) is 'Notes for the moderators of a group who did what to whom.';

create function app_private.name_card(p_viewer uuid, p_user uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url)
    from public.profiles p where p.id = p_user and app_private.can_view_profile(p_viewer, p.id)
  );
end
$$;
comment on function app_private.name_card(uuid, uuid) is 'Somebody as {id, username, full_name, avatar_url}; null for who does not exist for the viewer.';

create function public.log_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns table (id uuid, action text, actor jsonb, target jsonb, details jsonb, created_at timestamptz)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'read_log');
  return query
  select l.id, l.action, app_private.name_card(v_me, l.actor_id), app_private.name_card(v_me, l.target_id), l.details, l.created_at
  from app_private.group_log l
  where l.group_id = p_group
    and (l.created_at, l.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by l.created_at desc, l.id desc limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.log_of_group(uuid, int, timestamptz, uuid) is
  'What those who run a group did in it, the latest first, for its moderators: 403 groups.members_only, groups.not_allowed, 404 groups.not_found. actor and target are null for who is gone, or does not exist for the caller.';
