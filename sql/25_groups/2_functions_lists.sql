-- Lists of groups and of their members, by keyset, as those of people.

create function app_private.group_card(p_group uuid, p_at timestamptz default null)
returns public.group_card
language plpgsql stable
set search_path = ''
as $$
declare
  v_card public.group_card;
begin
  select g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
    app_private.members_count(g.id, g.member_cap), g.member_cap, app_private.role_in(g.id, auth.uid()), g.created_at, g.updated_at,
    coalesce(p_at, g.created_at)
  into v_card from public.groups g where g.id = p_group;
  return v_card;
end
$$;
comment on function app_private.group_card(uuid, timestamptz) is 'The card of a group for whoever is signed in. Whether they may see it is for the caller to know.';

create function public.group_page(p_group uuid)
returns public.group_card
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app_private.assert_group(auth.uid(), p_group);
  return app_private.group_card(p_group);
end
$$;
comment on function public.group_page(uuid) is 'One group. 404 groups.not_found.';
