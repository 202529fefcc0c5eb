-- Pages of the home feed: ids from the inbox in one range of its index, then one hydrate, which decides what is shown.

-- Whom the reader muted is left out here already, so that a page never goes through thousands of posts for the next one to show.
create function app_private.feed_ids(p_user uuid, p_limit int, p_before timestamptz, p_before_id uuid)
returns table (ids uuid[], authors uuid[], last_at timestamptz, last_id uuid, more boolean)
language plpgsql stable security definer rows 1
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
  v_since timestamptz;
  v_count int;
begin
  -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises.
  select s.complete_since, w.* into v_since, ids, authors, last_at, last_id, v_count
  from (select p_user as id) u
  left join public.feed_state s on s.user_id = u.id
  cross join lateral (
    select array_agg(x.post_id), array_agg(x.author_id), (array_agg(x.published_at))[count(*)], (array_agg(x.post_id))[count(*)], count(*)::int
    from (
      select i.post_id, i.author_id, i.published_at from public.feed_inbox i
      where i.user_id = u.id and (i.published_at, i.post_id) < (p_before, p_before_id) and i.published_at >= s.complete_since
        and i.author_id <> all (array(
          select m.muted_id from public.mutes m where m.muter_id = p_user and (m.until is null or m.until > now())))
      order by i.published_at desc, i.post_id desc
      limit p_limit
    ) x
  ) w;
  more := v_count = p_limit;
  if not more and v_since is distinct from '-infinity' then
    v_since := coalesce(v_since, 'infinity'); -- no inbox
    return query
    select feed_ids.ids || o.ids, app_private.followed_of(p_user, feed_ids.authors || o.authors), coalesce(o.last_at, feed_ids.last_at), coalesce(o.last_id, feed_ids.last_id), o.more
    from app_private.older_feed_ids(p_user, p_limit - v_count,
      least(p_before, v_since), case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
  else
    authors := app_private.followed_of(p_user, authors);
    return next;
  end if;
end
$$;
comment on function app_private.feed_ids(uuid, int, timestamptz, uuid) is
  'The next p_limit places of a feed before (p_before, p_before_id): their ids, which of their authors are followed now, the last place, and whether there may be more.';

create function app_private.followed_of(p_user uuid, p_authors uuid[])
returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return array(select f.followee_id from public.follows f where f.follower_id = p_user and f.followee_id = any (p_authors)) || p_user;
end
$$;
comment on function app_private.followed_of(uuid, uuid[]) is 'Whom of these authors somebody follows, and themselves.';

create function app_private.muted_by(p_user uuid)
returns uuid[]
language plpgsql stable security definer -- people's own
set search_path = ''
as $$
begin
  return array(
    select m.muted_id from public.mutes m where m.muter_id = p_user and (m.until is null or m.until > now())
  );
end
$$;
comment on function app_private.muted_by(uuid) is 'Whose posts somebody does not want to see now.';

-- Security definer, as pull_posts.
create function app_private.older_feed_ids(p_user uuid, p_limit int, p_before timestamptz, p_before_id uuid)
returns table (ids uuid[], authors uuid[], last_at timestamptz, last_id uuid, more boolean)
language plpgsql stable security definer rows 1
set search_path = ''
as $$
declare
  v_muted uuid[] := app_private.muted_by(p_user);
  v_window interval;
  v_from timestamptz;
  v_page record;
  v_room int := p_limit;
begin
  ids := '{}';
  authors := '{}';
  foreach v_window in array array['4 days', '30 days', '200 days', null]::interval[] loop
    -- A cursor from long before there were posts would leave the range of timestamps.
    v_from := case when v_window is null or p_before < '1970-01-01' then '-infinity' else least(p_before, now()) - v_window end;
    select array_agg(p.post_id order by p.published_at desc, p.post_id desc) as ids,
      array_agg(p.author_id) as authors, count(*)::int as count, min(p.published_at) as last_at,
      (array_agg(p.post_id order by p.published_at, p.post_id))[1] as last_id
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room, v_muted) p;
    ids := ids || v_page.ids;
    authors := authors || v_page.authors;
    last_at := coalesce(v_page.last_at, last_at);
    last_id := coalesce(v_page.last_id, last_id);
    v_room := v_room - v_page.count;
    exit when v_room = 0 or v_from = '-infinity';
    p_before := v_from;
    p_before_id := '00000000-0000-0000-0000-000000000000';
  end loop;
  more := v_room = 0;
  return next;
end
$$;
comment on function app_private.older_feed_ids(uuid, int, timestamptz, uuid) is
  'As feed_ids where no inbox reaches: looked up among the posts of all whom somebody follows, in widening windows.';

-- Security definer: inbox, follows and mutes are read for one person, the caller, and posts as cards_of lets them.
create function public.home_feed(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_limit;
  v_count int := 0;
  v_shown int;
  v_page record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if v_me is null then
    return;
  end if;
  perform app_private.prepare_feed(v_me);
  p_before_id := case when p_before is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else coalesce(p_before_id, '00000000-0000-0000-0000-000000000000') end;
  p_before := coalesce(p_before, 'infinity');
  loop
    select * into v_page from app_private.feed_ids(v_me, v_step, p_before, p_before_id);
    return query select * from app_private.cards_of(v_me, v_page.ids, v_page.authors) limit v_limit - v_count;
    get diagnostics v_shown = row_count;
    v_count := v_count + v_shown;
    exit when v_count = v_limit or not v_page.more;
    -- Some of the inbox were gone or hidden: on to the next, in longer steps where many are. What is older is looked up as it is shown.
    p_before := v_page.last_at;
    p_before_id := v_page.last_id;
    v_step := least(v_step * 2, 200);
  end loop;
end
$$;
comment on function public.home_feed(int, timestamptz, uuid) is
  'My home feed, newest first: posts of those I follow and my own, as I see them now. The next page: published_at and id of the last card as p_before and p_before_id. Fewer than p_limit (at most 101): the feed ends.';

create function public.feed_cards(p_ids uuid[])
returns setof public.post_card
language plpgsql stable security definer -- as home_feed
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_ids uuid[] := array(select u.id from unnest(p_ids[1:101]) with ordinality u (id, n) group by u.id order by min(u.n));
  v_muted uuid[] := app_private.muted_by(v_me);
begin
  return query
  select * from app_private.cards_of(v_me, v_ids, app_private.followed_of(v_me, array(
    select p.author_id from public.posts p where p.id = any (v_ids) and p.author_id <> all (v_muted)
  )));
end
$$;
comment on function public.feed_cards(uuid[]) is
  'Ids that were in my home feed a moment ago as cards, in their order, without those that are not in it any more. At most 101.';
