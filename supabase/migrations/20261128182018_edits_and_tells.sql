-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION app_private.assert_edit (
  p_old public.posts,
  p_new public.posts
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p_old.status <> 'published' or auth.uid() is distinct from p_new.author_id or not app_private.reads_otherwise(p_old, p_new) then
    return;
  end if;
  perform app_private.assert_calm('edits', p_new.author_id, 300, '1 hour'); -- each keeps the former words
  if p_new.group_id is not null then
    -- Who was put out of a group takes their words away from there, and puts no others in their place.
    perform app_private.assert_may(p_new.author_id, p_new.group_id, 'post');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_edit (
  p_comment public.comments
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is distinct from p_comment.author_id then
    return;
  end if;
  -- The policy lets people change their own, also where the author of the post has blocked them since.
  perform app_private.assert_post(p_comment.author_id, p_comment.post_id);
  if exists (
    select from public.posts p
    where p.id = p_comment.post_id and p.group_id is not null and app_private.role_in(p.group_id, p_comment.author_id) is null
  ) then
    perform app_hidden.fail(403, 'posts.comments_not_allowed', 'You are not in this group any more.', 'Delete the comment, or join the group again.');
  end if;
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
    p_viewer is not null and exists (select from public.comment_likes l where l.comment_id = c.id and l.user_id = p_viewer),
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
  -- An emptied one is nobody's: gone with a block, it would tell whose it was.
  where c.deleted_at is not null or c.author_id <> all (v_hidden)
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_differences (
  p_ids    uuid[],
  p_hidden uuid[]
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
    case when p_hidden = '{}' then 0 else (
      select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (p_hidden)) end as likes,
    case when p_hidden = '{}' then 0 else (
      select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (p_hidden) and c.deleted_at is null) end as comments,
    case when p_hidden = '{}' then 0 else (
      -- Only those that everybody sees: of others, a block would tell that there is one.
      select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
      where p.shared_post_id = w.id and p.author_id = any (p_hidden) and p.status = 'published' and p.visibility = 'public') end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parent public.comments;
begin
  if tg_op = 'INSERT' then
    perform app_private.assert_oneself(new.author_id);
  end if;
  new.content := btrim(new.content, e' \t\r\n');
  if new.deleted_at is null and (new.content is null or length(new.content) not between 1 and 2000) then
    perform app_hidden.fail(422, 'comments.content_invalid', 'A comment has 1 to 2,000 characters.', 'Mend `content`.');
  end if;
  if tg_op = 'UPDATE' then
    if new.content is distinct from old.content and new.deleted_at is null then
      perform app_private.assert_may_edit(new);
      new.edited_at := now();
    end if;
    return new;
  end if;
  perform app_private.assert_calm('comments', new.author_id, 600, '1 hour');
  perform app_private.assert_post(new.author_id, new.post_id);
  if new.parent_id is not null then
    perform app_private.assert_comment(new.author_id, new.parent_id);
    select * into v_parent from public.comments c where c.id = new.parent_id;
    if v_parent.post_id <> new.post_id then
      perform app_hidden.fail(404, 'comments.not_found', 'The comment to answer stands under another post.', 'Send the post_id of the comment.');
    end if;
    -- One level: an answer to an answer joins the thread, and says in its words whom it answers.
    if v_parent.parent_id is not null then
      new.parent_id := v_parent.parent_id;
      -- Of an emptied one nobody learns whose it was.
      if app_hidden.is_blocked_pair(new.author_id, (
        select c.author_id from public.comments c where c.id = v_parent.parent_id and c.deleted_at is null
      )) then
        perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
      end if;
    end if;
  end if;
  if not app_private.can_comment(new.author_id, new.post_id) then
    perform app_hidden.fail(403, 'posts.comments_not_allowed', 'You may not comment on this post.', 'Its author decides who may; can_comment of a post says whether you do.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_new boolean := tg_op = 'INSERT';
  v_was text := case when tg_op = 'UPDATE' then old.status else 'draft' end;
begin
  if v_is_new then
    perform app_private.assert_oneself(new.author_id);
    perform app_private.assert_calm('posts', new.author_id, 120, '1 hour');
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  if v_is_new and new.group_id is not null and new.visibility = 'public' then
    new.visibility := 'group'; -- nobody said otherwise
  end if;
  perform app_private.assert_post_fields(new);
  if new.group_id is not null and (v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published')) then
    perform app_private.assert_may(new.author_id, new.group_id, 'post');
  end if;
  if new.group_id is not null and not v_is_new and (new.pinned_at is null) <> (old.pinned_at is null) and auth.uid() is not null then
    perform app_private.assert_may(auth.uid(), new.group_id, 'moderate_posts');
  end if;
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_addresses(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send addresses that begin with https:// or http://, up to 2048 characters.');
  end if;

  if new.status <> 'scheduled' then
    new.scheduled_for := null;
  elsif new.scheduled_for is null or ((v_is_new or new.scheduled_for is distinct from old.scheduled_for)
    and new.scheduled_for not between now() and now() + interval '1 year') then
    perform app_hidden.fail(422, 'posts.schedule_invalid', 'A post is scheduled for a time to come, within a year.', 'Send `scheduled_for` as a time in the future.');
  end if;
  if v_was in ('published', 'removed') and new.status in ('draft', 'scheduled') then
    perform app_hidden.fail(409, 'posts.already_published', 'A published post does not become a draft again.', 'Make it private, or delete it.');
  end if;

  if new.type <> 'share' then
    if new.status in ('scheduled', 'published') then
      perform app_private.assert_complete(new);
    end if;
  elsif v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published') then
    new.shared_post_id := app_private.shared_original(new.id, new.author_id, new.shared_post_id, new.content is null);
  end if;

  case new.status
    when 'published' then new.published_at := coalesce(case when v_is_new then new.published_at else old.published_at end, now());
    when 'removed' then null; -- keeps its time, in case it comes back
    else new.published_at := null;
  end case;
  if not v_is_new then
    perform app_private.assert_edit(old, new);
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id, new.group_id);
    new.pinned_at := now();
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_profile_counts (
  p_viewer uuid,
  p_user   uuid
)
  RETURNS TABLE (
    followers_count bigint,
    following_count bigint,
    posts_count     bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_hidden uuid[] := app_private.hidden_from(p_viewer);
begin
  if v_hidden <> '{}' and not app_private.can_view_lists(p_viewer, p_user) then
    v_hidden := '{}'; -- whoever blocks somebody would learn by the count whether they are in a list that is not shown
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
$function$;

CREATE OR REPLACE FUNCTION public.post_comments (
  p_post      uuid                     DEFAULT NULL::uuid,
  p_parent    uuid                     DEFAULT NULL::uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := app_private.hidden_from(v_me);
  v_limit int := least(greatest(p_limit, 1), 101);
  v_parent public.comments;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_parent is not null then
    select * into v_parent from public.comments c
    where c.id = p_parent and c.post_id = coalesce(p_post, c.post_id) and (c.deleted_at is not null or c.author_id <> all (v_hidden));
    if not found or not app_private.can_view_post(v_me, v_parent.post_id) then
      perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
    end if;
    return query select * from app_private.comment_cards_of(v_me, array(
      select c.id from public.comments c
      where c.parent_id = p_parent and c.deleted_at is null and c.author_id <> all (v_hidden)
        and (c.created_at, c.id) > (coalesce(p_before, '-infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by c.created_at, c.id limit v_limit
    ));
    return;
  end if;
  perform app_private.assert_post(v_me, p_post);
  return query select * from app_private.comment_cards_of(v_me, array(
    select c.id from public.comments c
    where c.post_id = p_post and c.parent_id is null
      and case
        when c.deleted_at is null then c.author_id <> all (v_hidden)
        else exists (select from public.comments a where a.parent_id = c.id and a.deleted_at is null)
      end
      and (c.created_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.created_at desc, c.id desc limit v_limit
  ));
end
$function$;

COMMENT ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) IS 'Refuses an author who changes what people read too often, or in a group that they are not in: 429 rate_limit.exceeded, 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "app_private"."assert_may_edit"(public.comments) IS 'Refuses other words where one may not write any more: 404 posts.not_found, 403 posts.comments_not_allowed.';

COMMENT ON FUNCTION "app_private"."shown_profile_counts"(uuid, uuid) IS 'The counts of a profile as a viewer sees them: with what waits to be added, without those between whom and the viewer a block stands, where the viewer sees the lists.';

REVOKE ALL ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_edit"(public.posts, public.posts) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_edit"(public.comments) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_edit"(public.comments) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_edit"(public.comments) TO "postgres";
