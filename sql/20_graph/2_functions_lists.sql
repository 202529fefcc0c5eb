-- Lists of people, newest first, by keyset: the next page begins after the `at` and id of the last card. At most 100, and one
-- more for who wants to know whether there is a next page. All are security definer: who follows whom is closed to others, and
-- each function says first who may see it.

create function app_private.person_cards(p_viewer uuid, p_ids uuid[], p_ats timestamptz[])
returns setof public.person_card
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  select p.id, p.username::text, p.full_name, p.avatar_url, p.is_verified, p.verification_level, p.is_private,
    exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.id),
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = p_viewer),
    u.at
  from unnest(p_ids, p_ats) with ordinality u (id, at, position)
  join public.profiles p on p.id = u.id
  order by u.position;
end
$$;
comment on function app_private.person_cards(uuid, uuid[], timestamptz[]) is 'The cards of people in the given order, as a viewer sees them. Whether the viewer may see them is for the caller to know.';

create function app_private.assert_lists(p_viewer uuid, p_owner uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not app_private.can_view_profile(p_viewer, p_owner) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  elsif not app_private.can_view_lists(p_viewer, p_owner) then
    perform app_hidden.fail(403, 'users.lists_hidden', 'This person does not show who follows them and whom they follow.',
      'Of a private account, followers see the lists, unless it hides them from everybody. Its counts are on the profile.');
  end if;
end
$$;
comment on function app_private.assert_lists(uuid, uuid) is 'Refuses who does not exist for the viewer (404 users.not_found) or hides these lists from them (403 users.lists_hidden).';

create function public.followers(p_user uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_blocks boolean;
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_blocks := app_private.has_blocks(v_me);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.follower_id as id, f.created_at as at from public.follows f
    where f.followee_id = p_user and not (v_blocks and app_hidden.is_blocked_pair(v_me, f.follower_id))
      and (f.created_at, f.follower_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.follower_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.followers(uuid, int, timestamptz, uuid) is
  'Who follows somebody; at: since when. Refuses with users.not_found and users.lists_hidden.';

create function public.following(p_user uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_blocks boolean;
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_blocks := app_private.has_blocks(v_me);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = p_user and f.created_at > '-infinity' and not (v_blocks and app_hidden.is_blocked_pair(v_me, f.followee_id))
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.following(uuid, int, timestamptz, uuid) is
  'Whom somebody follows; at: since when. Refuses with users.not_found and users.lists_hidden.';

create function public.friends(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity'
      and exists (select from public.follows b where b.follower_id = f.followee_id and b.followee_id = v_me)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.friends(int, timestamptz, uuid) is 'My friends: whom I follow and who follow me; at: since when I follow them.';

create function public.mutual_friends(p_user uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_blocks boolean;
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_blocks := app_private.has_blocks(v_me);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity' and not (v_blocks and app_hidden.is_blocked_pair(v_me, f.followee_id))
      and exists (select from public.follows b where b.follower_id = f.followee_id and b.followee_id = v_me)
      and exists (select from public.follows t where t.follower_id = f.followee_id and t.followee_id = p_user)
      and exists (select from public.follows t where t.follower_id = p_user and t.followee_id = f.followee_id)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.mutual_friends(uuid, int, timestamptz, uuid) is
  'My friends who are friends of somebody too (friends follow each other); at: since when I follow them. Refuses with users.not_found and users.lists_hidden.';

create function public.follow_requests_received(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select r.requester_id as id, r.created_at as at from public.follow_requests r
    where r.target_id = v_me
      and (r.created_at, r.requester_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.requester_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.follow_requests_received(int, timestamptz, uuid) is 'Who asks to follow me; at: since when.';

create function public.follow_requests_sent(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select r.target_id as id, r.created_at as at from public.follow_requests r
    where r.requester_id = v_me
      and (r.created_at, r.target_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.target_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.follow_requests_sent(int, timestamptz, uuid) is 'Whom I ask to let me follow them; at: since when.';

create function public.blocked_people(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select b.blocked_id as id, b.created_at as at from public.blocks b
    where b.blocker_id = v_me
      and (b.created_at, b.blocked_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by b.created_at desc, b.blocked_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.blocked_people(int, timestamptz, uuid) is 'Whom I block, who are to be seen nowhere else; at: since when.';

create function public.muted_people(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select m.muted_id as id, m.created_at as at from public.mutes m
    where m.muter_id = v_me and (m.until is null or m.until > now()) and not (v_blocks and app_hidden.is_blocked_pair(v_me, m.muted_id))
      and (m.created_at, m.muted_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.created_at desc, m.muted_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.muted_people(int, timestamptz, uuid) is 'Whom I mute now; at: since when. public.mutes says until when.';
