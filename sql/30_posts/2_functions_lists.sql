-- Pages of posts, newest first, by keyset: the next page begins after the time and id of the last card. At most 100, and one more
-- for who wants to know whether there is a next page. Security definer, as cards_of, which decides what is in them.

create function public.posts_by_author(p_author uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_shown text[];
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select * into r from app_private.relation(v_me, p_author);
  if r.is_self is null or r.is_blocked then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  -- Not what decides, but it keeps a page from trying each of a thousand hidden posts: each visibility is a range of its own.
  v_shown := case
    when r.is_self then '{public,friends,private}'
    when r.is_private and not r.follows then '{}'
    when r.follows and r.is_followed then '{public,friends}'
    else '{public}' end;
  return query select * from app_private.cards_of(v_me, array(
    select x.id from unnest(v_shown) v (visibility) cross join lateral (
      select p.id, p.published_at from public.posts p
      where p.author_id = p_author and p.visibility = v.visibility and p.status = 'published'
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
    ) x order by x.published_at desc, x.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$$;
comment on function public.posts_by_author(uuid, int, timestamptz, uuid) is 'What an author posted, as far as the caller may read it. 404 users.not_found.';

-- Under a tag and at a place, anybody's posts stand, and those of private accounts and of friends are hidden from most. Who hides a hundred
-- thousand there must not make it slow: a page looks at 500 and says where the next one goes on, so it may be short, or empty, before the end.
create function app_private.page_of_cards(p_cards jsonb[], p_limit int, p_last_at timestamptz, p_last_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_is_full boolean := cardinality(p_cards) > p_limit; -- one too many says that there are more
begin
  return jsonb_build_object('data', to_jsonb(p_cards[1:p_limit]), 'next', case
    when v_is_full then jsonb_build_object('before', p_cards[p_limit] -> 'published_at', 'before_id', p_cards[p_limit] -> 'id')
    when p_last_id is not null then jsonb_build_object('before', p_last_at, 'before_id', p_last_id) end);
end
$$;
comment on function app_private.page_of_cards(jsonb[], int, timestamptz, uuid) is
  '{data, next}: up to p_limit cards, and where the next page begins, {before, before_id}: after the last card shown, else after what was looked at last (p_last_id), else (null) nowhere.';

create function app_private.some_cards(p_viewer uuid, p_ids uuid[], p_limit int)
returns jsonb[]
language plpgsql stable
set search_path = ''
as $$
begin
  return array(select to_jsonb(c) from (select * from app_private.cards_of(p_viewer, p_ids) limit p_limit) c);
end
$$;
comment on function app_private.some_cards(uuid, uuid[], int) is 'As cards_of, the first p_limit of them as JSON.';

create function public.posts_by_tag(p_tag text, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_tag text := lower(ltrim(p_tag, '#') collate pg_catalog.pg_c_utf8);
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_step int := v_limit + 1;
  v_left int := 500;
  v_cards jsonb[] := '{}';
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.post_id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*)::int as count into r from (
      select t.post_id, t.published_at from public.post_tags t
      where t.tag = v_tag
        and (t.published_at, t.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by t.published_at desc, t.post_id desc limit v_step
    ) x;
    v_cards := v_cards || app_private.some_cards(v_me, r.ids, v_limit + 1 - cardinality(v_cards));
    v_left := v_left - r.count;
    if cardinality(v_cards) > v_limit or r.count < v_step or v_left <= 0 then
      return app_private.page_of_cards(v_cards, v_limit, r.last_at, case when r.count = v_step then r.ids[r.count] end);
    end if;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, v_left);
  end loop;
end
$$;
comment on function public.posts_by_tag(text, int, timestamptz, uuid) is
  'Posts with a tag, in any case and with or without its #; none that only its author may read. {data: posts, next: {before, before_id}}: a page may be short before the end, which is where next is null.';

create function public.posts_by_location(p_location text, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_step int := v_limit + 1;
  v_left int := 500;
  v_cards jsonb[] := '{}';
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*)::int as count into r from (
      select p.id, p.published_at from public.posts p
      where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published'
        and p.visibility in ('public', 'friends')
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.published_at desc, p.id desc limit v_step
    ) x;
    v_cards := v_cards || app_private.some_cards(v_me, r.ids, v_limit + 1 - cardinality(v_cards));
    v_left := v_left - r.count;
    if cardinality(v_cards) > v_limit or r.count < v_step or v_left <= 0 then
      return app_private.page_of_cards(v_cards, v_limit, r.last_at, case when r.count = v_step then r.ids[r.count] end);
    end if;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, v_left);
  end loop;
end
$$;
comment on function public.posts_by_location(text, int, timestamptz, uuid) is
  'Posts from a location, by its whole name in any case; none that only its author may read. {data, next} as of posts_by_tag.';

create function public.my_bookmarks(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.bookmarked_card
language plpgsql stable
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.post_id), array_agg(x.created_at) into v_ids, v_ats from (
    select b.post_id, b.created_at from public.bookmarks b
    where b.user_id = (select auth.uid()) and b.created_at > '-infinity' and exists (select from public.posts p where p.id = b.post_id)
      and (b.created_at, b.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by b.created_at desc, b.post_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.id, c.author, c.type, c.content, c.media_urls, c.location, c.tags, c.mentions, c.visibility, c.reply_control, c.shares_allowed,
    c.status, c.published_at, c.scheduled_for, c.pinned_at, c.edited_at, c.created_at, c.likes_count, c.comments_count, c.shares_count,
    c.liked, c.bookmarked, c.can_comment, c.poll, c.shared_post, c.reason, v_ats[array_position(v_ids, c.id)], c.group_id
  from public.post_cards(v_ids) c;
end
$$;
comment on function public.my_bookmarks(int, timestamptz, uuid) is
  'What the caller keeps, by the time it was bookmarked; p_before is the bookmarked_at of the last one. What they may not read any more is left out.';

create function public.my_drafts(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.author_id = (select auth.uid()) and p.status in ('draft', 'scheduled')
      and (p.created_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.created_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$$;
comment on function public.my_drafts(int, timestamptz, uuid) is 'Drafts and scheduled posts of the caller, by created_at.';

create function public.people_who_liked(p_post uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.person_card
language plpgsql stable security definer -- asks once whether the post may be read, instead of once a like
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_post(v_me, p_post);
  select array_agg(x.user_id), array_agg(x.created_at) into v_ids, v_ats from (
    select l.user_id, l.created_at from public.post_likes l
    where l.post_id = p_post and l.created_at > '-infinity' and not (v_blocks and app_hidden.is_blocked_pair(v_me, l.user_id))
      and (l.created_at, l.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by l.created_at desc, l.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$$;
comment on function public.people_who_liked(uuid, int, timestamptz, uuid) is 'Who likes a post; at: since when. 404 posts.not_found.';
