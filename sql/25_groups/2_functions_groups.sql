-- Making, changing and ending groups. Security definer, all that people call here and in the files beside: nobody writes the tables
-- but by these functions, which say first who may.

create function app_private.clean_group(g public.groups)
returns public.groups
language plpgsql volatile
set search_path = ''
as $$
declare
  v_limit text;
begin
  g.name := btrim(g.name, e' \t\r\n');
  g.description := nullif(btrim(g.description, e' \t\r\n'), '');
  g.category := nullif(lower(btrim(g.category) collate pg_catalog.pg_c_utf8), '');
  g.rules := array(select btrim(r, e' \t\r\n') from unnest(g.rules) r);
  v_limit := case
    when coalesce(length(g.name), 0) not between 1 and 80 then '`name` of 1 to 80 characters'
    when length(g.description) > 2000 then '`description` of at most 2,000 characters'
    when g.visibility is null or g.visibility not in ('public', 'private', 'secret') then '`visibility` as public, private or secret'
    when length(g.category) > 50 then '`category` of at most 50 characters'
    when g.avatar_url is not null and not app_hidden.are_media(array[g.avatar_url]) then '`avatar_url` as media:<id> of what you uploaded, or an address that begins with https:// or http://'
    when g.cover_url is not null and not app_hidden.are_media(array[g.cover_url]) then '`cover_url` as media:<id> of what you uploaded, or an address that begins with https:// or http://'
    when cardinality(g.rules) > 20 or exists (select from unnest(g.rules) r where r is null or length(r) not between 1 and 500)
      then '`rules` as a list of at most 20, each of 1 to 500 characters'
    when g.member_cap is null or g.member_cap not between 1 and 20000 then '`member_cap` between 1 and 20,000'
    end;
  if v_limit is not null then
    perform app_private.fail_group_field(format('Send %s.', v_limit));
  end if;
  return g;
end
$$;
comment on function app_private.clean_group(public.groups) is
  'The fields of a group without space around them; 422 groups.field_invalid says which of them takes what.';

create function app_private.group_of(p jsonb, p_old public.groups)
returns public.groups
language plpgsql volatile
set search_path = ''
as $$
declare
  g public.groups := p_old;
begin
  perform app_hidden.assert_fields(p, '{"name": "string", "description": "string", "visibility": "string", "category": "string",
    "avatar_url": "string", "cover_url": "string", "rules": "strings", "member_cap": "number"}', 'groups.field_invalid');
  if p ? 'name' then g.name := p ->> 'name'; end if;
  if p ? 'description' then g.description := p ->> 'description'; end if;
  if p ? 'visibility' then g.visibility := p ->> 'visibility'; end if;
  if p ? 'category' then g.category := p ->> 'category'; end if;
  if p ? 'avatar_url' then g.avatar_url := p ->> 'avatar_url'; end if;
  if p ? 'cover_url' then g.cover_url := p ->> 'cover_url'; end if;
  if p ? 'rules' then g.rules := array(select jsonb_array_elements_text(coalesce(nullif(p -> 'rules', 'null'), '[]'))); end if;
  if p ? 'member_cap' then
    g.member_cap := case when (p ->> 'member_cap')::numeric between 1 and 20000 and (p ->> 'member_cap')::numeric % 1 = 0
      then (p ->> 'member_cap')::numeric::int end;
  end if;
  return app_private.clean_group(g);
end
$$;
comment on function app_private.group_of(jsonb, public.groups) is 'A group with what a request names changed. 422 groups.field_invalid.';

create function public.create_group(p jsonb)
returns public.group_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  g public.groups;
begin
  g.visibility := 'public';
  g.rules := '{}';
  g.member_cap := 5000;
  g := app_private.group_of(p, g);
  perform app_private.assert_calm('groups', v_me, 20, '1 day');
  perform app_private.assert_room_for_group(v_me);
  insert into public.groups (name, description, visibility, category, avatar_url, cover_url, rules, member_cap, created_by)
  values (g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules, g.member_cap, v_me)
  returning id into g.id;
  insert into public.group_members (group_id, user_id, role) values (g.id, v_me, 'owner');
  return app_private.group_card(g.id);
end
$$;
comment on function public.create_group(jsonb) is
  'Founds a group with the caller as its owner: {name, description, visibility, category, avatar_url, cover_url, rules, member_cap}, all optional but the name. 422 groups.field_invalid, 429 rate_limit.exceeded, 422 groups.limit_reached.';

create function public.update_group(p_id uuid, p jsonb)
returns public.group_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  g public.groups;
  v_old public.groups;
  v_changed jsonb;
begin
  perform app_private.assert_calm('changes of groups', v_me, 200, '1 hour');
  perform app_private.assert_may(v_me, p_id, 'update');
  select * into v_old from public.groups x where x.id = p_id for no key update;
  perform app_private.assert_may(v_me, p_id, 'update');
  if p ? 'visibility' or p ? 'member_cap' then
    perform app_private.assert_may(v_me, p_id, 'change_access');
  end if;
  g := app_private.group_of(p, v_old);
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(to_jsonb(g)) n where n.value is distinct from to_jsonb(v_old) -> n.key;
  if v_changed is null then
    return app_private.group_card(p_id);
  end if;
  update public.groups x set
    name = g.name, description = g.description, visibility = g.visibility, category = g.category, avatar_url = g.avatar_url,
    cover_url = g.cover_url, rules = g.rules, member_cap = g.member_cap, updated_at = now()
  where x.id = p_id;
  if g.visibility = 'secret' then
    delete from app_private.group_requests r where r.group_id = p_id; -- for who asked, it is not there any more
  end if;
  perform app_private.note_in_log(p_id, 'updated', null, jsonb_build_object('changed', v_changed));
  return app_private.group_card(p_id);
end
$$;
comment on function public.update_group(uuid, jsonb) is
  'Changes what p names of a group, as create_group; visibility and member_cap are the owner''s. 404 groups.not_found, 403 groups.not_allowed, 409 groups.cap_too_low.';

create function app_private.end_group(p_group uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Secret and without members, it exists for nobody from here on, and neither does what is in it.
  update public.groups g set deleted_at = now(), visibility = 'secret', updated_at = now() where g.id = p_group and g.deleted_at is null;
  delete from app_private.group_links l where l.group_id = p_group;
  delete from app_private.group_requests r where r.group_id = p_group;
  delete from app_private.group_invitations i where i.group_id = p_group;
  delete from public.group_members m where m.group_id = p_group;
end
$$;
comment on function app_private.end_group(uuid) is 'Deletes a group for everybody; the worker takes away what was in it (purge_groups).';

create function public.delete_group(p_id uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  if not app_private.can_view_group(v_me, p_id) then
    return false;
  end if;
  perform app_private.assert_may(v_me, p_id, 'delete');
  -- The owner's row before the group's, as who deletes the account of the owner has it.
  perform from public.group_members m where m.group_id = p_id and m.user_id = v_me and m.role = 'owner' for update;
  perform from public.groups g where g.id = p_id for update;
  perform app_private.assert_may(v_me, p_id, 'delete');
  perform app_private.end_group(p_id);
  return true;
end
$$;
comment on function public.delete_group(uuid) is
  'Deletes a group of the caller, who must be its owner (403 groups.not_allowed), with all that is in it; false when there is none.';

create function app_private.assert_room_for_group(p_user uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if exists (select from public.group_members m where m.user_id = p_user offset 999) then
    perform app_hidden.fail(422, 'groups.limit_reached', 'Nobody is a member of more than 1,000 groups.', 'Leave another group first.');
  end if;
end
$$;
comment on function app_private.assert_room_for_group(uuid) is '422 groups.limit_reached for who is in 1,000 groups: policies read them all.';
