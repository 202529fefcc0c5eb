-- How two people stand to each other, and a profile as one read. Security definer: settings and follows of others are closed.

create function public.relationship(p_user uuid)
returns table (
  is_self boolean, follows boolean, is_followed boolean, is_friend boolean, requested boolean, requested_by boolean,
  blocked_by_me boolean, muted_until timestamptz, muted boolean, can_view_content boolean, can_view_lists boolean,
  can_message boolean, can_mention boolean, can_call boolean, can_invite boolean, can_comment boolean
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  r record;
  v_settings jsonb;
  v_blocked_by_me boolean := exists (select from public.blocks b where b.blocker_id = v_me and b.blocked_id = p_user);
  v_sees boolean;
begin
  select x.* into r from app_private.relation(v_me, p_user) x;
  if v_me is null or not found or (r.is_blocked and not v_blocked_by_me) then
    return;
  end if;
  select s.privacy_settings into v_settings from public.account_settings s where s.user_id = p_user;
  v_sees := r.is_self or (not r.is_blocked and (r.follows or not r.is_private));
  return query
  select r.is_self, r.follows, r.is_followed, r.follows and r.is_followed,
    exists (select from public.follow_requests q where q.requester_id = v_me and q.target_id = p_user),
    exists (select from public.follow_requests q where q.requester_id = p_user and q.target_id = v_me),
    v_blocked_by_me, m.until, m.muter_id is not null, v_sees,
    r.is_self or (v_sees and not coalesce((v_settings ->> 'hide_follower_lists')::boolean, false)),
    a.admitted[1], a.admitted[2], a.admitted[3], a.admitted[4], a.admitted[5] and v_sees
  from (
    select array_agg(
      r.is_self or (not r.is_blocked and app_private.admits(coalesce(v_settings ->> k.setting, 'everyone'), r.follows, r.is_followed))
      order by k.position) as admitted
    from unnest(array['who_can_message', 'who_can_mention', 'who_can_call', 'who_can_invite', 'who_can_comment'])
      with ordinality k (setting, position)
  ) a
  left join public.mutes m on m.muter_id = v_me and m.muted_id = p_user and (m.until is null or m.until > now());
end
$$;
comment on function public.relationship(uuid) is
  'How I stand to somebody and what I may do with them; no row for who does not exist for me. muted_until is null when muted for good. can_comment: on posts that I may see and whose own reply_control lets me.';

create function app_private.shown_profile_counts(p_viewer uuid, p_user uuid)
returns table (followers_count bigint, following_count bigint, posts_count bigint)
language plpgsql stable
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_hidden uuid[] := '{}';
begin
  -- Not where the lists are hidden: whoever blocks somebody would learn by the count whether they are in a list that is not shown.
  if app_private.has_blocks(p_viewer) and app_private.can_view_lists(p_viewer, p_user) then
    v_hidden := app_private.hidden_from(p_viewer);
  end if;
  return query
  with pending as (
    select coalesce(sum(d.delta) filter (where d.counter = 'followers_count'), 0)::bigint as followers,
      coalesce(sum(d.delta) filter (where d.counter = 'following_count'), 0)::bigint as following,
      coalesce(sum(d.delta) filter (where d.counter = 'posts_count'), 0)::bigint as posts
    from app_private.count_deltas d where d.target = p_user
  ), hidden as (
    -- Nearly nobody blocks or is blocked, and then these cost nothing.
    select count(*) filter (where h.way = 'in') as followers, count(*) filter (where h.way = 'out') as following
    from (
      select 'in' as way from public.follows f where f.followee_id = p_user and f.follower_id = any (v_hidden)
      union all
      select 'out' from public.follows f where f.follower_id = p_user and f.followee_id = any (v_hidden)
    ) h
  )
  select c.followers_count + d.followers - h.followers, c.following_count + d.following - h.following, c.posts_count + d.posts
  from public.profile_counts c, pending d, hidden h where c.user_id = p_user;
end
$$;
comment on function app_private.shown_profile_counts(uuid, uuid) is
  'The counts of a profile as a viewer sees them: with what waits to be added, without those between whom and the viewer a block stands, where the viewer sees the lists.';

create function public.profile_page(p_user uuid)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_page jsonb;
begin
  if not app_private.can_view_profile(v_me, p_user) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  select to_jsonb(p) || to_jsonb(c) into v_page
  from public.profiles p, app_private.shown_profile_counts(v_me, p.id) c where p.id = p_user;
  return v_page || jsonb_build_object('relationship', (select to_jsonb(r) from public.relationship(p_user) r));
end
$$;
comment on function public.profile_page(uuid) is
  'A profile as one read: the public facts, followers_count, following_count, posts_count and relationship (null for who is not signed in). 404 users.not_found for who does not exist for me.';
