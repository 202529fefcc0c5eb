-- Pages of the home feed: ids from the inbox in one range of its index, then one hydrate as the caller.

-- Security definer: one statement over inbox, follows and mutes of the caller, who may see all of these, without a policy for each.
create function app_hidden.feed_ids(p_limit int, p_before timestamptz, p_before_id uuid)
returns table (ids uuid[], last_at timestamptz, last_id uuid, more boolean)
language plpgsql stable security definer rows 1
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_muted uuid[] := app_private.muted_by(v_me);
  v_since timestamptz;
  v_count int;
begin
  -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises.
  select
    coalesce(array_agg(w.post_id order by w.published_at desc, w.post_id desc) filter (where w.is_shown), '{}'),
    count(*), min(w.published_at), (array_agg(w.post_id order by w.published_at, w.post_id))[1],
    coalesce((select s.complete_since from public.feed_state s where s.user_id = v_me), 'infinity')
  into ids, v_count, last_at, last_id, v_since
  from (
    select i.post_id, i.published_at, i.author_id = v_me or (
      exists (select from public.follows f where f.follower_id = v_me and f.followee_id = i.author_id)
      and i.author_id <> all (v_muted)
    ) as is_shown
    from public.feed_inbox i
    where i.user_id = v_me and (i.published_at, i.post_id) < (p_before, p_before_id)
      and i.published_at >= (select s.complete_since from public.feed_state s where s.user_id = v_me)
    order by i.published_at desc, i.post_id desc
    limit p_limit
  ) w;
  more := v_count = p_limit;
  if not more and v_since > '-infinity' then
    return query
    select feed_ids.ids || o.ids, coalesce(o.last_at, feed_ids.last_at), coalesce(o.last_id, feed_ids.last_id), o.more
    from app_private.older_feed_ids(v_me, p_limit - v_count,
      least(p_before, v_since), case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
  else
    return next;
  end if;
end
$$;
comment on function app_hidden.feed_ids(int, timestamptz, uuid) is
  'The next p_limit places of my feed before (p_before, p_before_id): the ids of those to show, the last place looked at, and whether there may be more.';

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
returns table (ids uuid[], last_at timestamptz, last_id uuid, more boolean)
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
  foreach v_window in array array['4 days', '30 days', '200 days', null]::interval[] loop
    -- A cursor from long before there were posts would leave the range of timestamps.
    v_from := case when v_window is null or p_before < '1970-01-01' then '-infinity' else least(p_before, now()) - v_window end;
    select array_agg(p.post_id order by p.published_at desc, p.post_id desc) filter (where p.author_id <> all (v_muted)) as ids,
      count(*)::int as count, min(p.published_at) as last_at,
      (array_agg(p.post_id order by p.published_at, p.post_id))[1] as last_id
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room) p;
    ids := ids || v_page.ids;
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

create function public.home_feed(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql volatile
set search_path = ''
as $$
declare
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_limit;
  v_count int := 0;
  v_shown int;
  v_page record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.prepare_feed();
  p_before_id := case when p_before is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else coalesce(p_before_id, '00000000-0000-0000-0000-000000000000') end;
  p_before := coalesce(p_before, 'infinity');
  loop
    select * into v_page from app_hidden.feed_ids(v_step, p_before, p_before_id);
    return query select * from app_hidden.feed_cards_of(v_page.ids) limit v_limit - v_count;
    get diagnostics v_shown = row_count;
    v_count := v_count + v_shown;
    exit when v_count = v_limit or not v_page.more;
    -- Some were gone or hidden: on to the next, in longer steps where many are.
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
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  select * from app_hidden.feed_cards_of(array(
    select p.id from unnest(p_ids[1:101]) with ordinality u (id, n)
    join public.posts p on p.id = u.id
    where p.author_id = (select auth.uid())
      or (
        exists (select from public.follows f where f.follower_id = (select auth.uid()) and f.followee_id = p.author_id)
        and not exists (
          select from public.mutes m
          where m.muter_id = (select auth.uid()) and m.muted_id = p.author_id and (m.until is null or m.until > now())
        )
      )
    order by u.n
  ));
end
$$;
comment on function public.feed_cards(uuid[]) is
  'Ids that were in my home feed a moment ago as cards, in their order, without those that are not in it any more. At most 101.';

create function app_hidden.feed_cards_of(p_ids uuid[])
returns setof public.post_card
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  select c.id, c.author, c.type, c.content, c.media_urls, c.location, c.tags, c.mentions, c.visibility, c.reply_control, c.shares_allowed,
    c.status, c.published_at, c.scheduled_for, c.pinned_at, c.edited_at, c.created_at, c.likes_count, c.comments_count, c.shares_count,
    c.liked, c.bookmarked, c.can_comment, c.poll, c.shared_post,
    case when c.author ->> 'id' = (select auth.uid()::text) then 'self' else 'followed' end, c.group_id
  from public.post_cards(p_ids) c
  where c.status = 'published'; -- a post of mine that was taken down is not in the feed
end
$$;
comment on function app_hidden.feed_cards_of(uuid[]) is 'Posts as cards of a feed, each with why it is there.';
