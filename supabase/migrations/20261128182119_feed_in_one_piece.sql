-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP INDEX "public"."bookmarks_post_id_idx";

DROP INDEX "public"."post_likes_post_idx";

DROP FUNCTION "app_private"."feed_ids"(uuid, integer, timestamp WITH time zone, uuid);

DROP FUNCTION "app_private"."followed_of"(uuid, uuid[]);

DROP FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid);

CREATE OR REPLACE FUNCTION app_private.cards_of (
  p_viewer  uuid,
  p_ids     uuid[],
  p_authors uuid[] DEFAULT NULL::uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_hidden uuid[];
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select app_private.hidden_from(p_viewer),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select i from unnest(p_ids) i, lateral (select from public.bookmarks b where b.user_id = p_viewer and b.post_id = i limit 1) x),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_hidden, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  if v_is_counting or v_hidden <> '{}' then -- nearly nobody blocks or is blocked
    select * into v_likes, v_comments, v_shares from app_private.count_differences(p_ids, v_hidden);
  end if;
  return query
  select s.id, a.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, v_hidden) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[w.n], 0), c.comments_count + coalesce(v_comments[w.n], 0), c.shares_count + coalesce(v_shares[w.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (a.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, a.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then (
      select o.card from app_private.shared_cards(p_viewer, v_shared) o where o.id = s.shared_post_id
    ) end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from unnest(p_ids) with ordinality w (id, n)
  join public.posts s on s.id = w.id
  join app_private.author_cards a on a.user_id = s.author_id
  join public.post_counts c on c.post_id = s.id
  where case
      -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
      when s.status = 'published' and s.visibility = 'public' and (not a.is_private or s.author_id = any (p_authors)
        or coalesce((select true from public.follows f where f.follower_id = p_viewer and f.followee_id = s.author_id), false))
        then s.author_id <> all (v_hidden)
      when s.status = 'published' and s.visibility = 'group' then
        s.author_id <> all (v_hidden) and app_private.can_read_group(p_viewer, s.group_id)
      else app_private.can_view_post(p_viewer, s.id)
    end
    and case when p_authors is null then true else s.status = 'published' and s.group_id is null and s.author_id = any (p_authors) end
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_cards_of (
  p_viewer uuid,
  p_ids    uuid[]
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_hidden uuid[] := app_private.hidden_from(p_viewer);
begin
  return query
  select c.id, c.post_id, c.parent_id, case when c.deleted_at is null then a.card end, c.content,
    c.likes_count + coalesce(d.likes, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comment_likes l where l.comment_id = c.id and l.user_id = any (v_hidden)) end,
    c.replies_count + coalesce(d.replies, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comments r where r.parent_id = c.id and r.author_id = any (v_hidden) and r.deleted_at is null) end,
    coalesce((select true from public.comment_likes l where l.comment_id = c.id and l.user_id = p_viewer), false),
    c.edited_at, c.deleted_at, c.created_at,
    c.deleted_at is null and p_viewer is not null and (p_viewer in (c.author_id, p.author_id)
      or (p.group_id is not null and p.group_id in (select app_hidden.my_moderated_group_ids())))
  from unnest(p_ids) with ordinality w (id, n)
  join public.comments c on c.id = w.id
  join app_private.author_cards a on a.user_id = c.author_id
  join public.posts p on p.id = c.post_id
  left join (
    select x.target,
      (sum(x.delta) filter (where x.counter = 'comment_likes_count'))::bigint as likes,
      (sum(x.delta) filter (where x.counter = 'replies_count'))::bigint as replies
    from app_private.count_deltas x where x.target = any (p_ids) group by x.target
  ) d on d.target = c.id
  where c.author_id <> all (v_hidden)
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.older_feed_ids (
  p_user      uuid,
  p_limit     integer,
  p_before    timestamp with time zone,
  p_before_id uuid
)
  RETURNS TABLE (
    ids     uuid[],
    authors uuid[],
    last_at timestamp with time zone,
    more    boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
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
      array_agg(p.author_id) as authors, count(*)::int as count, min(p.published_at) as last_at
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room, v_muted) p;
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
$function$;

CREATE OR REPLACE FUNCTION public.feed_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_ids uuid[] := array(select u.id from unnest(p_ids[1:101]) with ordinality u (id, n) group by u.id order by min(u.n));
  v_muted uuid[] := app_private.muted_by(v_me);
begin
  return query
  select * from app_private.cards_of(v_me, v_ids, v_me || array(
    select p.author_id from public.posts p
    where p.id = any (v_ids) and p.author_id <> all (v_muted)
      and (select true from public.follows f where f.follower_id = v_me and f.followee_id = p.author_id)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.home_feed (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
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
    -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises. Whom the reader muted is
    -- left out already, so that a page never goes through thousands of their posts.
    select coalesce(s.complete_since, 'infinity'), coalesce(w.ids, '{}'), w.authors, w.last_at, w.count = v_step
    into v_since, v_ids, v_authors, v_last_at, v_more
    from (select v_me as id) u
    left join public.feed_state s on s.user_id = u.id
    cross join lateral (
      select array_agg(x.post_id) as ids, array_agg(x.author_id) as authors, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count
      from (
        select i.post_id, i.author_id, i.published_at from public.feed_inbox i
        where i.user_id = u.id and (i.published_at, i.post_id) < (p_before, p_before_id) and i.published_at >= s.complete_since
          and i.author_id <> all (array(
            select m.muted_id from public.mutes m where m.muter_id = v_me and (m.until is null or m.until > now())))
        order by i.published_at desc, i.post_id desc
        limit v_step
      ) x
    ) w;
    if not v_more and v_since > '-infinity' then
      select v_ids || o.ids, v_authors || o.authors, coalesce(o.last_at, v_last_at), o.more into v_ids, v_authors, v_last_at, v_more
      from app_private.older_feed_ids(v_me, v_step - cardinality(v_ids), least(p_before, v_since),
        case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
    end if;
    return query
    select * from app_private.cards_of(v_me, v_ids, v_me || array(
      -- One probe for each author, said so that the planner does not go through all whom somebody follows.
      select a.id from unnest(v_authors) a (id), lateral (select from public.follows f where f.follower_id = v_me and f.followee_id = a.id limit 1) x
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
$function$;

CREATE OR REPLACE FUNCTION public.people_who_liked (
  p_post      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_post(v_me, p_post);
  select array_agg(x.user_id), array_agg(x.created_at) into v_ids, v_ats from (
    select l.user_id, l.created_at from public.post_likes l
    where l.post_id = p_post and l.created_at > '-infinity' and l.user_id <> all (v_hidden)
      and (l.created_at, l.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by l.created_at desc, l.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE INDEX bookmarks_post_id_idx ON public.bookmarks USING btree (post_id, user_id);

CREATE INDEX post_likes_post_idx ON public.post_likes USING btree (post_id, created_at DESC, user_id DESC)
  WHERE (created_at > '-infinity'::timestamp WITH time zone);

CREATE INDEX posts_shares_idx ON public.posts USING btree (id) INCLUDE (shared_post_id)
  WHERE (shared_post_id IS NOT NULL);

COMMENT ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp with time zone, uuid) IS 'The next p_limit places of a feed before (p_before, p_before_id) where no inbox reaches: looked up among the posts of all whom somebody follows and has not muted, in widening windows. Gives their ids and authors, the time of the last, and whether there may be more.';

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";
