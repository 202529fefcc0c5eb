-- A page of posts by keys alone. What people see is decided by the policies: the functions here that pass them by
-- give numbers and the caller's own rows, and only for posts that the statement has read under them.

-- Plans must not turn to whole tables while these are small or their statistics old, hence enable_seqscan; nor be made anew for each
-- short list of ids, which would look cheaper than the plan at hand and takes longer than the rest, hence plan_cache_mode.
create function app_hidden.post_facts(p_ids uuid[], p_authors uuid[], p_reply_controls text[])
returns table (
  post_id uuid, author jsonb, likes_count bigint, comments_count bigint, shares_count bigint, liked boolean, bookmarked boolean,
  can_comment boolean, has_poll boolean
)
language plpgsql stable security definer rows 20 -- counts that wait, settings of authors and rows of hidden people are closed to the caller
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := '{}';
begin
  if v_me is not null then
    v_hidden := array(select app_hidden.hidden_people());
  end if;
  return query
  select w.id,
    jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
      'is_verified', p.is_verified, 'verification_level', p.verification_level),
    coalesce(c.likes_count, 0) + coalesce(d.likes, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (v_hidden)) end,
    coalesce(c.comments_count, 0) + coalesce(d.comments, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comments x where x.post_id = w.id and x.author_id = any (v_hidden) and x.deleted_at is null) end,
    coalesce(c.shares_count, 0) + coalesce(d.shares, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.posts s where s.shared_post_id = w.id and s.author_id = any (v_hidden) and s.status = 'published') end,
    v_me is not null and exists (select from public.post_likes l where l.post_id = w.id and l.user_id = v_me),
    v_me is not null and exists (select from public.bookmarks b where b.post_id = w.id and b.user_id = v_me),
    v_me is not null and (w.author_id = v_me or (
      a.allowed <> 'nobody' and w.reply_control <> 'nobody'
      and case when 'friends' not in (a.allowed, w.reply_control) then true else
        exists (select from public.follows f where f.follower_id = w.author_id and f.followee_id = v_me) end
      and case when a.allowed = 'everyone' and w.reply_control in ('everyone', 'mentioned') then true else
        exists (select from public.follows f where f.follower_id = v_me and f.followee_id = w.author_id) end
      and case when w.reply_control <> 'mentioned' then true else
        exists (select from public.post_mentions m where m.post_id = w.id and m.user_id = v_me) end)),
    exists (select from public.polls q where q.post_id = w.id)
  from unnest(p_ids, p_authors, p_reply_controls) w (id, author_id, reply_control)
  join public.profiles p on p.id = w.author_id
  left join public.post_counts c on c.post_id = w.id
  left join (
    select x.target,
      (sum(x.delta) filter (where x.counter = 'likes_count'))::bigint as likes,
      (sum(x.delta) filter (where x.counter = 'comments_count'))::bigint as comments,
      (sum(x.delta) filter (where x.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas x where x.target = any (p_ids) group by x.target
  ) d on d.target = w.id
  left join public.account_settings s on s.user_id = w.author_id
  cross join lateral (select coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone')) a (allowed);
end
$$;
comment on function app_hidden.post_facts(uuid[], uuid[], text[]) is
  'Of posts that the caller has read, with their authors and reply controls: the author as cards show them, exact counts without those of hidden people, whether the caller likes and keeps them and may comment, and whether there is a poll.';

create function app_hidden.poll_tally(p_post uuid)
returns table ("position" smallint, votes bigint, mine boolean)
language plpgsql stable security definer rows 4 -- votes of others are closed to the caller
set search_path = ''
as $$
begin
  return query
  select o.position,
    coalesce((select sum(t.votes) from app_private.poll_tallies t where t.post_id = o.post_id and t.position = o.position), 0)::bigint,
    exists (select from public.poll_votes v where v.post_id = o.post_id and v.position = o.position and v.user_id = auth.uid())
  from public.poll_options o where o.post_id = p_post;
end
$$;
comment on function app_hidden.poll_tally(uuid) is 'How many votes each option of a poll has, and which are the caller''s.';

create function app_hidden.poll_of(p_post uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'ends_at', q.ends_at, 'is_multiple', q.is_multiple, 'is_over', q.ends_at <= now(),
      'votes_count', sum(t.votes)::bigint,
      'options', jsonb_agg(jsonb_build_object('position', o.position, 'label', o.label, 'votes_count', t.votes, 'mine', t.mine) order by o.position))
    from public.polls q
    join public.poll_options o on o.post_id = q.post_id
    join app_hidden.poll_tally(p_post) t on t.position = o.position
    where q.post_id = p_post
    group by q.post_id
  );
end
$$;
comment on function app_hidden.poll_of(uuid) is 'The poll of a post as the caller sees it; null where there is none. votes_count: of all options together.';

create function app_hidden.mentions_of(p_post uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username::text) order by u.username), '[]')
    from public.post_mentions m join public.profiles u on u.id = m.user_id
    where m.post_id = p_post
  );
end
$$;
comment on function app_hidden.mentions_of(uuid) is 'Whom a post mentions, as the caller may know of them: [{id, username}].';

create function public.post_cards(p_ids uuid[])
returns setof public.post_card
language plpgsql stable rows 20 -- stable: all its statements see what the caller's statement sees
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_posts public.posts[];
  v_ids uuid[];
  v_authors uuid[];
  v_reply_controls text[];
  v_shared uuid[];
begin
  select array_agg(p), array_agg(p.id), array_agg(p.author_id), array_agg(p.reply_control),
    array_agg(p.shared_post_id) filter (where p.shared_post_id is not null)
  into v_posts, v_ids, v_authors, v_reply_controls, v_shared
  from (select distinct u.id from unnest(p_ids[1:200]) u (id)) w join public.posts p on p.id = w.id;
  if v_ids is null then
    return;
  end if;
  return query
  select s.id, f.author, s.type, s.content, s.media_urls, s.location, s.tags,
    -- A call only for the few posts that mention somebody, or have a poll.
    case when strpos(s.content, '@') > 0 then app_hidden.mentions_of(s.id) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    f.likes_count, f.comments_count, f.shares_count, f.liked, f.bookmarked,
    f.can_comment and s.status = 'published' and (s.group_id is null or s.group_id in (select app_hidden.my_group_ids())),
   
    case when f.has_poll then app_hidden.poll_of(s.id) end, o.card, null::text, s.group_id
  from unnest(v_posts) s
  join app_hidden.post_facts(v_ids, v_authors, v_reply_controls) f on f.post_id = s.id
  left join app_hidden.shared_cards(v_shared) o on o.id = s.shared_post_id
  order by array_position(p_ids, s.id);
end
$$;
comment on function public.post_cards(uuid[]) is
  'Posts by id, in the order asked for and without those that the caller may not read; of a list longer than 200 the first 200.';

create function app_hidden.shared_cards(p_ids uuid[])
returns table (id uuid, card jsonb)
language plpgsql stable rows 1
set search_path = ''
as $$
begin
  if p_ids is not null then
    return query select c.id, to_jsonb(c) - 'shared_post' from public.post_cards(p_ids) c where c.status = 'published';
  end if;
end
$$;
comment on function app_hidden.shared_cards(uuid[]) is 'Posts that others share, as cards without what they share themselves, which is nothing.';
