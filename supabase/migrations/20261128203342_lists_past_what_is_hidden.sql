-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP FUNCTION "app_private"."count_differences"(uuid[], uuid[]);

DROP FUNCTION "app_private"."hidden_from"(uuid);

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
  v_is_hidden_from_many boolean;
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select app_private.hidden_from(p_viewer, 201),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select i from unnest(p_ids) i, lateral (select from public.bookmarks b where b.user_id = p_viewer and b.post_id = i limit 1) x),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_hidden, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  v_is_hidden_from_many := cardinality(v_hidden) > 200;
  if v_is_hidden_from_many then -- whom thousands blocked, a page asks about the people in it instead of going through all
    v_hidden := app_private.hidden_among(p_viewer, array(
      select p.author_id from public.posts p where p.id = any (p_ids)
      union
      select m.user_id from public.post_mentions m where m.post_id = any (p_ids)
    ));
  end if;
  if v_is_counting or v_is_hidden_from_many or v_hidden <> '{}' then -- nearly nobody blocks or is blocked
    select * into v_likes, v_comments, v_shares
    from app_private.count_differences(p_ids, v_hidden, case when v_is_hidden_from_many then p_viewer end);
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

CREATE OR REPLACE FUNCTION app_private.count_differences (
  p_ids              uuid[],
  p_hidden           uuid[],
  p_hidden_from_many uuid   DEFAULT NULL::uuid
)
  RETURNS TABLE (
    likes    bigint[],
    comments bigint[],
    shares   bigint[]
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
begin
  return query
  select array_agg(coalesce(d.likes, 0) - x.likes order by w.n), array_agg(coalesce(d.comments, 0) - x.comments order by w.n),
    array_agg(coalesce(d.shares, 0) - x.shares order by w.n)
  from unnest(p_ids) with ordinality w (id, n)
  left join (
    select y.target,
      (sum(y.delta) filter (where y.counter = 'likes_count'))::bigint as likes,
      (sum(y.delta) filter (where y.counter = 'comments_count'))::bigint as comments,
      (sum(y.delta) filter (where y.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas y where y.target = any (p_ids) group by y.target
  ) d on d.target = w.id
  cross join lateral (select
    case
      when p_hidden_from_many is not null then app_private.hidden_of_few(p_hidden_from_many, array(
        select l.user_id from public.post_likes l where l.post_id = w.id limit 201))
      when p_hidden <> '{}' then (select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (p_hidden))
      else 0 end as likes,
    case
      when p_hidden_from_many is not null then app_private.hidden_of_few(p_hidden_from_many, array(
        select c.author_id from public.comments c where c.post_id = w.id and c.deleted_at is null limit 201))
      when p_hidden <> '{}' then (
        select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (p_hidden) and c.deleted_at is null)
      else 0 end as comments,
    -- Only shares that everybody sees: of others, a block would tell that there is one.
    case
      when p_hidden_from_many is not null then app_private.hidden_of_few(p_hidden_from_many, array(
        select p.author_id from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.status = 'published' and p.visibility = 'public' limit 201))
      when p_hidden <> '{}' then (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.author_id = any (p_hidden) and p.status = 'published' and p.visibility = 'public')
      else 0 end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_among (
  p_viewer uuid,
  p_people uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select p.id from unnest(p_people) p (id)
    where (select true from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = p.id)
      or (select true from public.blocks b where b.blocker_id = p.id and b.blocked_id = p_viewer)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_from (
  p_viewer uuid,
  p_limit  integer DEFAULT NULL::integer
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select x.id from (
      select b.blocked_id as id from public.blocks b where b.blocker_id = p_viewer
      union all
      select b.blocker_id from public.blocks b where b.blocked_id = p_viewer
    ) x limit p_limit
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_of_few (
  p_viewer uuid,
  p_people uuid[]
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case when cardinality(p_people) > 200 then 0 else cardinality(app_private.hidden_among(p_viewer, p_people)) end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.may_be_shown (
  p_viewer     uuid,
  p_author     uuid,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_author = p_viewer then true
    when p_viewer is not null and (exists (select from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = p_author)
      or exists (select from public.blocks b where b.blocker_id = p_author and b.blocked_id = p_viewer)) then false
    when p_visibility = 'public' and (select not a.is_private from app_private.author_cards a where a.user_id = p_author) then true
    else p_viewer is not null and exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author)
  end;
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_location (
  p_location  text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count into r from (
      select p.id, p.published_at from public.posts p
      where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published'
        and p.visibility in ('public', 'friends')
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
        and app_private.may_be_shown(v_me, p.author_id, p.visibility)
      order by p.published_at desc, p.id desc limit v_step
    ) x;
    return query select * from app_private.cards_of(v_me, r.ids) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or r.count < v_step;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, 1000);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_tag (
  p_tag       text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_tag text := lower(ltrim(p_tag, '#') collate pg_catalog.pg_c_utf8);
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.post_id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count into r from (
      select t.post_id, t.published_at from public.post_tags t
      where t.tag = v_tag
        and (t.published_at, t.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
        and (select app_private.may_be_shown(v_me, p.author_id, p.visibility) from public.posts p where p.id = t.post_id)
      order by t.published_at desc, t.post_id desc limit v_step
    ) x;
    return query select * from app_private.cards_of(v_me, r.ids) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or r.count < v_step;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, 1000);
  end loop;
end
$function$;

COMMENT ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) IS 'What is to be added to the counts of posts, in their order: what waits to be counted, less what hidden people did. p_hidden_from_many: a viewer from whom so many are hidden that those who liked or answered are asked about instead, and only where these are few.';

COMMENT ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) IS 'Who of these people are hidden from somebody, as often as they are named: two probes each, however many are hidden from them in all.';

COMMENT ON FUNCTION "app_private"."hidden_from"(uuid, integer) IS 'As hidden_people, for functions that answer for one person; at most p_limit of them.';

COMMENT ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) IS 'How many of these people are hidden from somebody; 0 of more than 200, among whom it does not show and would take long.';

COMMENT ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) IS 'Whether it is worth asking if somebody may read a published post: no for nearly all that they may not. Decides nothing.';

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_from"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) TO "postgres";
