-- Pages of the home feed: ids from the inbox in one range of its index, then one hydrate, which decides what is shown.

-- Security definer: inbox, follows and mutes are read for one person, the caller, and posts as cards_of lets them. In one piece, because a
-- page takes half a millisecond and each function that it calls two hundredths.
create function public.home_feed(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off -- as in cards_of: the first page of all is planned while there is no inbox
set plan_cache_mode = force_generic_plan
as $$
declare
  v_me uuid := auth.uid();
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  v_since timestamptz;
  v_ids uuid[];
  v_authors uuid[];
  v_last_at timestamptz;
  v_more boolean;
  v_is_ready boolean;
begin
  if p_before is null and p_before_id is not null then
    perform app_hidden.assert_cursor(p_before, p_before_id);
  elsif v_me is null then
    return;
  end if;
  p_before_id := case when p_before is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else coalesce(p_before_id, '00000000-0000-0000-0000-000000000000') end;
  p_before := coalesce(p_before, 'infinity');
  loop
    -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises. Whom the reader muted is
    -- left out already, so that a page never hydrates thousands of their posts.
    select coalesce(s.complete_since, 'infinity'), coalesce(w.ids, '{}'), w.authors, w.last_at, w.count = v_step,
      v_is_ready or (s.read_at > now() - interval '1 hour' and s.pulled_at > now() - interval '30 seconds')
    into v_since, v_ids, v_authors, v_last_at, v_more, v_is_ready
    from (select v_me as id, exists (select from public.mutes m where m.muter_id = v_me) as mutes) u
    left join public.feed_state s on s.user_id = u.id
    cross join lateral (
      select array_agg(x.post_id) as ids, array_agg(x.author_id) as authors, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count
      from (
        select i.post_id, i.author_id, i.published_at from public.feed_inbox i
        where i.user_id = u.id and (i.published_at, i.post_id) < (p_before, p_before_id) and i.published_at >= s.complete_since
          and case when u.mutes then (
            -- A probe for each post, not a list of all whom somebody muted.
            select true from public.mutes m where m.muter_id = v_me and m.muted_id = i.author_id and (m.until is null or m.until > now())
          ) is null else true end
        order by i.published_at desc, i.post_id desc
        limit v_step
      ) x
    ) w;
    if v_is_ready is distinct from true then
      perform app_private.prepare_feed(v_me);
      v_is_ready := true;
      continue;
    end if;
    if not v_more and v_since > '-infinity' then
      select v_ids || o.ids, v_authors || o.authors, coalesce(o.last_at, v_last_at), o.more into v_ids, v_authors, v_last_at, v_more
      from app_private.older_feed_ids(v_me, v_step - cardinality(v_ids), least(p_before, v_since),
        case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
    end if;
    return query
    select * from app_private.cards_of(v_me, v_ids, v_me || array(
      select f.followee_id from public.follows f where f.follower_id = v_me and f.followee_id = any (v_authors)
    )) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or not v_more;
    -- Some of the inbox were gone or hidden: on to the next, in longer steps where many are. What is older is looked up as it is shown.
    p_before := v_last_at;
    p_before_id := v_ids[cardinality(v_ids)];
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
begin
  return query
  select * from app_private.cards_of(v_me, v_ids, v_me || array(
    select p.author_id from public.posts p
    where p.id = any (v_ids)
      and (select true from public.mutes m where m.muter_id = v_me and m.muted_id = p.author_id and (m.until is null or m.until > now())) is null
      and (select true from public.follows f where f.follower_id = v_me and f.followee_id = p.author_id)
  ));
end
$$;
comment on function public.feed_cards(uuid[]) is
  'Ids that were in my home feed a moment ago as cards, in their order, without those that are not in it any more. At most 101.';

-- Security definer, as pull_posts.
create function app_private.older_feed_ids(p_user uuid, p_limit int, p_before timestamptz, p_before_id uuid)
returns table (ids uuid[], authors uuid[], last_at timestamptz, more boolean)
language plpgsql stable security definer rows 1
set search_path = ''
as $$
declare
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
      array_agg(p.author_id) as authors, count(*)::int as count, min(p.published_at) as last_at
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room, true) p;
    ids := ids || v_page.ids;
    authors := authors || v_page.authors;
    last_at := coalesce(v_page.last_at, last_at);
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
  'The next p_limit places of a feed before (p_before, p_before_id) where no inbox reaches: looked up among the posts of all whom somebody follows and has not muted, in widening windows. Gives their ids and authors, the time of the last, and whether there may be more.';
