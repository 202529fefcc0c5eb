-- Lists of groups and of people in them, newest first, by keyset, as those of people in 20_graph. Security definer, all of them: members
-- and what waits are closed to others, and each function says first who may see it.

create function app_private.group_card(p_group uuid, p_at timestamptz default null)
returns public.group_card
language plpgsql stable
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_card public.group_card;
begin
  select g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
    app_private.members_count(g.id, g.member_cap), g.member_cap, app_private.role_in(g.id, v_me), g.created_at, g.updated_at,
    coalesce(p_at, g.created_at), null
  into v_card from public.groups g where g.id = p_group;
  v_card.my_status := case
    when v_card.my_role is not null then 'member'
    when app_private.is_invited(p_group, v_me) then 'invited'
    when exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = v_me) then 'requested'
    else 'none' end;
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

create function public.my_groups(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.group_card
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query
  select c.* from (
    select m.group_id, m.joined_at from public.group_members m
    where m.user_id = auth.uid()
      and (m.joined_at, m.group_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.group_id desc limit least(greatest(p_limit, 1), 101)
  ) x cross join lateral app_private.group_card(x.group_id, x.joined_at) c
  order by x.joined_at desc, x.group_id desc;
end
$$;
comment on function public.my_groups(int, timestamptz, uuid) is 'The groups that I am a member of; at: since when.';

create function public.discover_groups(
  p_category text default null, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null
)
returns setof public.group_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_category text := nullif(lower(btrim(p_category) collate pg_catalog.pg_c_utf8), '');
  v_ids uuid[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  p_before_id := coalesce(p_before_id, '00000000-0000-0000-0000-000000000000');
  p_before := coalesce(p_before, 'infinity');
  p_limit := least(greatest(p_limit, 1), 101);
  if v_category is null then
    v_ids := array(
      select g.id from public.groups g
      where g.visibility <> 'secret' and (g.created_at, g.id) < (p_before, p_before_id)
        and not exists (select from public.group_members m where m.group_id = g.id and m.user_id = v_me)
      order by g.created_at desc, g.id desc limit p_limit);
  else
    v_ids := array(
      select g.id from public.groups g
      where g.visibility <> 'secret' and g.category = v_category and (g.created_at, g.id) < (p_before, p_before_id)
        and not exists (select from public.group_members m where m.group_id = g.id and m.user_id = v_me)
      order by g.created_at desc, g.id desc limit p_limit);
  end if;
  return query
  select c.* from unnest(v_ids) with ordinality u (id, n) cross join lateral app_private.group_card(u.id) c order by u.n;
end
$$;
comment on function public.discover_groups(text, int, timestamptz, uuid) is
  'Groups that I am not in and may find, of one category or of all; at: when they were founded. No secret one is among them.';

create function public.search_groups(p_query text, p_limit int default 20, p_before_rank real default null, p_before_id uuid default null)
returns table (
  id uuid, name text, description text, visibility text, category text, avatar_url text, cover_url text, rules text[],
  members_count int, member_cap int, my_role text, created_at timestamptz, updated_at timestamptz, at timestamptz, my_status text, rank real
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_query text := app_hidden.plain_name(btrim(left(p_query, 64)));
  v_part text := '%' || regexp_replace(v_query, '([\\%_])', '\\\1', 'g') || '%';
begin
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  -- As in search_people: a slip in a short name is no more than one, and at most 500 of each kind are looked at.
  perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
  return query
  with found as materialized (
    (select g.id, g.name from public.groups g
      where g.visibility <> 'secret'
        and app_hidden.plain_name(g.name) ~>=~ v_query and app_hidden.plain_name(g.name) ~<~ (v_query || chr(1114111))
      order by app_hidden.plain_name(g.name) using ~<~ limit 500)
    union
    (select g.id, g.name from public.groups g
      where length(v_query) >= 3 and g.visibility <> 'secret'
        and (app_hidden.plain_name(g.name) like v_part or app_hidden.plain_name(g.name) operator(extensions.%>) v_query) limit 500)
    union
    (select g.id, g.name from public.group_members m join public.groups g on g.id = m.group_id
      where m.user_id = auth.uid() and app_hidden.plain_name(g.name) like v_part)
  ), ranked as (
    select f.id, (
      case when n.plain = v_query then 3 when starts_with(n.plain, v_query) then 2 when n.plain like v_part then 1 else 0 end
      + 0.4 * extensions.similarity(v_query, n.plain))::real as rank
    from found f cross join lateral (select app_hidden.plain_name(f.name)) n (plain)
  ), page as (
    select r.id, r.rank from ranked r
    where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
    order by r.rank desc, r.id desc limit least(greatest(p_limit, 1), 101)
  )
  select c.*, p.rank from page p cross join lateral app_private.group_card(p.id) c order by p.rank desc, p.id desc;
end
$$;
comment on function public.search_groups(text, int, real, uuid) is
  'Groups by name, the best first: the very name, names that begin so, that have it in them, that resemble it, accents aside. Secret groups are found by their members alone. The next page begins after the rank and id of the last card.';

create function public.members_of_group(
  p_group uuid, p_role text default null, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null
)
returns table (
  id uuid, username text, full_name text, avatar_url text, is_verified boolean, verification_level text, is_private boolean,
  followed_by_me boolean, follows_me boolean, at timestamptz, role text
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
  v_roles text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_group(v_me, p_group);
  if not app_private.can_read_group(v_me, p_group) then
    perform app_private.assert_may(v_me, p_group, 'list_members');
  end if;
  select array_agg(x.user_id), array_agg(x.joined_at), array_agg(x.role) into v_ids, v_ats, v_roles from (
    select m.user_id, m.joined_at, m.role from public.group_members m
    where m.group_id = p_group and not (v_blocks and app_hidden.is_blocked_pair(v_me, m.user_id)) and (p_role is null or m.role = p_role)
      and (m.joined_at, m.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_roles[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$$;
comment on function public.members_of_group(uuid, text, int, timestamptz, uuid) is
  'Who is in a group, of one role or of all; at: since when. Without those between whom and me a block stands. 404 groups.not_found, 403 groups.members_only.';

create function public.requests_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns table (
  id uuid, username text, full_name text, avatar_url text, is_verified boolean, verification_level text, is_private boolean,
  followed_by_me boolean, follows_me boolean, at timestamptz, message text
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
  v_messages text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'decide_requests');
  select array_agg(x.user_id), array_agg(x.created_at), array_agg(x.message) into v_ids, v_ats, v_messages from (
    select r.user_id, r.created_at, r.message from app_private.group_requests r
    where r.group_id = p_group and not (v_blocks and app_hidden.is_blocked_pair(v_me, r.user_id))
      and (r.created_at, r.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_messages[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$$;
comment on function public.requests_of_group(uuid, int, timestamptz, uuid) is
  'Who asks to join a group, and with what words; at: since when. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

create function public.invitations_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns table (
  id uuid, username text, full_name text, avatar_url text, is_verified boolean, verification_level text, is_private boolean,
  followed_by_me boolean, follows_me boolean, at timestamptz, invited_by jsonb, expires_at timestamptz
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'invite');
  return query
  select c.*, app_private.name_card(v_me, x.invited_by), x.expires_at
  from (
    select i.* from app_private.group_invitations i
    where i.group_id = p_group and i.expires_at > now() and i.user_id not in (select app_hidden.hidden_people())
      and (i.created_at, i.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by i.created_at desc, i.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x cross join lateral app_private.person_cards(v_me, array[x.user_id], array[x.created_at]) c
  order by x.created_at desc, x.user_id desc;
end
$$;
comment on function public.invitations_of_group(uuid, int, timestamptz, uuid) is
  'Whom a group asks to come in; at: since when. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

create function public.my_group_invitations(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns table (id uuid, at timestamptz, expires_at timestamptz, invited_by jsonb, "group" public.group_card)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query
  select x.group_id, x.created_at, x.expires_at, app_private.name_card(v_me, x.invited_by), app_private.group_card(x.group_id)
  from (
    select i.* from app_private.group_invitations i
    where i.user_id = v_me and i.expires_at > now()
      and (i.created_at, i.group_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by i.created_at desc, i.group_id desc limit least(greatest(p_limit, 1), 101)
  ) x order by x.created_at desc, x.group_id desc;
end
$$;
comment on function public.my_group_invitations(int, timestamptz, uuid) is 'Groups that ask me to come in; id: of the group, at: since when.';

create function public.bans_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns table (id uuid, person jsonb, banned_by jsonb, reason text, until timestamptz, at timestamptz)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'ban');
  return query
  select b.user_id, app_private.name_card(v_me, b.user_id), app_private.name_card(v_me, b.banned_by), b.reason, b.until, b.created_at
  from app_private.group_bans b
  where b.group_id = p_group and (b.until is null or b.until > now())
    and (b.created_at, b.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by b.created_at desc, b.user_id desc limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.bans_of_group(uuid, int, timestamptz, uuid) is
  'Whom a group keeps out, by whom, why and until when; at: since when; id: of the person, who is null where a block stands. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';
