-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP POLICY "people read their own posts, and those they are shown" ON "public"."posts";

DROP INDEX "public"."bookmarks_user_idx";

DROP INDEX "public"."follows_following_idx";

DROP INDEX "public"."mutes_muted_id_idx";

DROP FUNCTION "app_private"."count_differences"(uuid[], uuid[]);

DROP FUNCTION "app_private"."mentions_of"(uuid, uuid[]);

DROP FUNCTION "app_private"."muted_by"(uuid);

DROP FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]);

DROP FUNCTION "app_private"."shared_cards"(uuid, uuid[]);

DROP FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid);

DROP FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid);

CREATE OR REPLACE FUNCTION app_hidden.is_shown_to_me (
  p_author     uuid,
  p_group      uuid,
  p_status     text,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.is_shown(auth.uid(), p_author, p_group, p_status, p_visibility);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm (
  p_what   text,
  p_person uuid,
  p_limit  integer,
  p_window interval
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is null then
    return; -- nobody's app: an import, a worker, an operator
  end if;
  perform app_private.assert_not_suspended();
  perform app_private.keep_pace(p_what, p_person, p_limit, p_window);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_follow_more (
  p_actor uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hour_ago timestamptz := now() - interval '1 hour';
  v_lately bigint;
  v_all bigint;
begin
  select count(*) into v_lately from (
    (select from public.follows f where f.follower_id = p_actor and f.created_at > '-infinity' and f.created_at > v_hour_ago limit 200)
    union all
    (select from public.follow_requests r where r.requester_id = p_actor and r.created_at > v_hour_ago limit 200)
  ) x;
  if v_lately >= 200 then
    perform app_hidden.fail(422, 'follows.limit_reached', 'Nobody follows more than 200 people in an hour.', 'Wait, then go on.');
  end if;
  select c.following_count + app_private.pending_count(p_actor, 'following_count') + (
    select count(*) from (select from public.follow_requests r where r.requester_id = p_actor limit 7500) x
  ) into v_all from public.profile_counts c where c.user_id = p_actor;
  if v_all >= 7500 then
    perform app_hidden.fail(422, 'follows.limit_reached', 'Nobody follows more than 7,500 people.', 'Unfollow somebody first.');
  end if;
  -- Rows do not tell of who follows, unfollows and follows again, each time with a notification.
  perform app_private.keep_pace('follows', p_actor, 400, '1 day');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_not_banned (
  p_person uuid,
  p_post   uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if exists (select from public.posts p where p.id = p_post and p.group_id is not null and app_private.is_banned(p.group_id, p_person)) then
    perform app_hidden.fail(403, 'groups.banned', 'This group keeps you out.', 'You read there what everybody reads, and may take back what you did.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_not_suspended()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if v_me is not null and exists (select from auth.users u where u.id = v_me and u.banned_until > now()) then
    perform app_hidden.fail(403, 'auth.user_banned', 'This account is suspended.', 'Ask the operators of the app.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_oneself (
  p_person uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is not null and auth.uid() is distinct from p_person then
    raise insufficient_privilege using message = 'Nobody writes in the name of somebody else.';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_post (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select app_private.is_shown(p_viewer, p.author_id, p.group_id, p.status, p.visibility) from public.posts p where p.id = p_post
  ), false);
end
$function$;

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
  v_blocks boolean;
  v_hidden uuid[] := '{}';
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_originals jsonb;
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select exists (select from public.blocks b where b.blocker_id = p_viewer) or exists (select from public.blocks b where b.blocked_id = p_viewer),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select b.post_id from public.bookmarks b where b.user_id = p_viewer and b.post_id = any (p_ids)),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_blocks, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  if v_blocks then -- nearly nobody blocks or is blocked
    v_hidden := app_private.hidden_among(p_viewer, array(select p.author_id from public.posts p where p.id = any (p_ids)));
  end if;
  if v_is_counting or v_blocks then
    select * into v_likes, v_comments, v_shares from app_private.count_differences(p_ids, case when v_blocks then p_viewer end);
  end if;
  if v_shared <> '{}' then -- what they share shares nothing itself
    select jsonb_object_agg(o.id, to_jsonb(o) - 'shared_post') into v_originals
    from app_private.cards_of(p_viewer, v_shared) o where o.status = 'published';
  end if;
  return query
  select s.id, a.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, case when v_blocks then p_viewer end) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[w.n], 0), c.comments_count + coalesce(v_comments[w.n], 0), c.shares_count + coalesce(v_shares[w.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (a.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, a.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then v_originals -> s.shared_post_id::text end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from unnest(p_ids) with ordinality w (id, n)
  join public.posts s on s.id = w.id
  join app_private.author_cards a on a.user_id = s.author_id
  join public.post_counts c on c.post_id = s.id
  where case
      -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
      when s.status = 'published' and s.visibility = 'public' and (not a.is_private or s.author_id = any (p_authors)) then s.author_id <> all (v_hidden)
      else app_private.is_shown(p_viewer, s.author_id, s.group_id, s.status, s.visibility)
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
  v_blocks boolean := app_private.has_blocks(p_viewer);
  v_hidden uuid[] := '{}';
  v_all_hidden uuid[];
begin
  if v_blocks then
    v_hidden := app_private.hidden_among(p_viewer, array(select c.author_id from public.comments c where c.id = any (p_ids)));
    -- As count_differences: from the shorter side.
    if exists (select from public.comments c where c.id = any (p_ids) and greatest(c.likes_count, c.replies_count) > 50) then
      v_all_hidden := app_private.hidden_from(p_viewer);
    end if;
  end if;
  return query
  select c.id, c.post_id, c.parent_id, case when c.deleted_at is null then a.card end, c.content,
    c.likes_count + coalesce(d.likes, 0) - case when not v_blocks then 0 when c.likes_count > 50 then (
        select count(*) from public.comment_likes l where l.comment_id = c.id and l.user_id = any (v_all_hidden))
      else (select count(*) from public.comment_likes l where l.comment_id = c.id and app_hidden.is_blocked_pair(p_viewer, l.user_id)) end,
    c.replies_count + coalesce(d.replies, 0) - case when not v_blocks then 0 when c.replies_count > 50 then (
        select count(*) from public.comments r where r.parent_id = c.id and r.author_id = any (v_all_hidden) and r.deleted_at is null)
      else (
        select count(*) from public.comments r
        where r.parent_id = c.id and r.deleted_at is null and app_hidden.is_blocked_pair(p_viewer, r.author_id)) end,
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
  -- An emptied one is nobody's: gone with a block, it would tell whose it was.
  where c.deleted_at is not null or c.author_id <> all (v_hidden)
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_differences (
  p_ids    uuid[],
  p_viewer uuid
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
declare
  v_is_famous boolean := p_viewer is not null and exists (
    select from public.post_counts c where c.post_id = any (p_ids) and greatest(c.likes_count, c.comments_count, c.shares_count) > 50);
  v_hidden uuid[] := case when v_is_famous then app_private.hidden_from(p_viewer) end;
begin
  return query
  select array_agg(coalesce(d.likes, 0) - x.likes order by w.n), array_agg(coalesce(d.comments, 0) - x.comments order by w.n),
    array_agg(coalesce(d.shares, 0) - x.shares order by w.n)
  from unnest(p_ids) with ordinality w (id, n)
  left join public.post_counts k on k.post_id = w.id
  left join (
    select y.target,
      (sum(y.delta) filter (where y.counter = 'likes_count'))::bigint as likes,
      (sum(y.delta) filter (where y.counter = 'comments_count'))::bigint as comments,
      (sum(y.delta) filter (where y.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas y where y.target = any (p_ids) group by y.target
  ) d on d.target = w.id
  cross join lateral (select
    case when p_viewer is null then 0 when k.likes_count > 50 then (
        select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (v_hidden))
      else (select count(*) from public.post_likes l where l.post_id = w.id and app_hidden.is_blocked_pair(p_viewer, l.user_id)) end as likes,
    case when p_viewer is null then 0 when k.comments_count > 50 then (
        select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (v_hidden) and c.deleted_at is null)
      else (
        select count(*) from public.comments c
        where c.post_id = w.id and c.deleted_at is null and app_hidden.is_blocked_pair(p_viewer, c.author_id)) end as comments,
    -- Only those that everybody sees: of others, a block would tell that there is one.
    case when p_viewer is null then 0 when k.shares_count > 50 then (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.author_id = any (v_hidden) and p.status = 'published' and p.visibility = 'public')
      else (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.status = 'published' and p.visibility = 'public'
          and app_hidden.is_blocked_pair(p_viewer, p.author_id)) end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_block()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.blocker_id);
  perform app_private.assert_calm('blocks', new.blocker_id, 200, '1 hour');
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_bookmark()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('bookmarks', new.user_id, 1200, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  return new;
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
      perform app_private.assert_not_suspended();
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

CREATE OR REPLACE FUNCTION app_private.guard_comment_like()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1200, '1 hour');
  perform app_private.assert_comment(new.user_id, new.comment_id);
  perform app_private.assert_not_banned(new.user_id, (select c.post_id from public.comments c where c.id = new.comment_id));
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
  else
    perform app_private.assert_not_suspended();
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

CREATE OR REPLACE FUNCTION app_private.guard_post_like()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1200, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  if not exists (select from public.posts p where p.id = new.post_id and p.status = 'published') then
    perform app_hidden.fail(404, 'posts.not_found', 'This post is not published.', 'Publish it first.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_vote()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_poll public.polls;
begin
  if tg_op = 'DELETE' then
    select q.* into v_poll from public.polls q where q.post_id = old.post_id;
    -- With the poll or the voter the vote goes in any case.
    if v_poll.ends_at <= now() and exists (select from public.profiles p where p.id = old.user_id) then
      perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
    end if;
    return old;
  end if;
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('votes', new.user_id, 600, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  select q.* into v_poll from public.polls q join public.posts p on p.id = q.post_id where q.post_id = new.post_id and p.status = 'published';
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  elsif not exists (select from public.poll_options o where o.post_id = new.post_id and o.position = new.position) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'The poll has no such option.', 'Send positions of its options.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  perform app_private.lock_vote(new.post_id, new.user_id);
  if not v_poll.is_multiple and exists (
    select from public.poll_votes v where v.post_id = new.post_id and v.user_id = new.user_id and v.position <> new.position
  ) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'This poll takes one choice.', 'A vote is the whole choice: send one position, which replaces the earlier one (in the table itself, delete that first).');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.has_blocks (
  p_viewer uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (select from public.blocks b where b.blocker_id = p_viewer) or exists (select from public.blocks b where b.blocked_id = p_viewer);
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
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
begin
  return array(
    -- One probe for each, said so that the planner does not go through all of the viewer's blocks.
    select u from unnest(p_people) u, lateral (
      (select from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = u limit 1)
      union all
      (select from public.blocks b where b.blocker_id = u and b.blocked_id = p_viewer limit 1)
    ) x
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_from (
  p_viewer uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select b.blocked_id from public.blocks b where b.blocker_id = p_viewer
    union all
    select b.blocker_id from public.blocks b where b.blocked_id = p_viewer
    order by 1 -- an index goes along a sorted list, and would sort it anew for each of twenty posts
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_shown (
  p_viewer     uuid,
  p_author     uuid,
  p_group      uuid,
  p_status     text,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_author = p_viewer then
    return p_group is null or p_status in ('draft', 'scheduled') or app_private.can_read_group(p_viewer, p_group);
  elsif p_status <> 'published' or p_visibility = 'private' or (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, p_author)) then
    return false;
  elsif p_visibility = 'group' then
    return app_private.can_read_group(p_viewer, p_group);
  elsif p_visibility = 'public' and exists (select from app_private.author_cards a where a.user_id = p_author and not a.is_private) then
    return true;
  end if;
  return exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author)
    and (p_visibility = 'public' or exists (select from public.follows f where f.follower_id = p_author and f.followee_id = p_viewer));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_pace (
  p_what   text,
  p_person uuid,
  p_limit  integer,
  p_window interval
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_written int;
begin
  insert into app_private.paces as c (user_id, what) values (p_person, p_what)
  on conflict (user_id, what) do update set
    written = case when c.since > now() - p_window then c.written + 1 else 1 end,
    since = case when c.since > now() - p_window then c.since else now() end
  returning c.written into v_written;
  if v_written > p_limit then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('You have written %s %s within %s.', p_limit, p_what,
      case p_window when interval '1 hour' then 'an hour' else 'a day' end), 'Wait some time, and write less.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_target (
  p_actor  uuid,
  p_group  uuid,
  p_target uuid,
  p_action text,
  p_over   boolean DEFAULT true
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_role text;
  v_target_role text;
begin
  perform app_private.assert_not_suspended();
  perform app_private.assert_may(p_actor, p_group, p_action);
  perform app_private.lock_membership(p_group, p_target);
  perform app_private.lock_group(p_actor, p_group);
  v_role := app_private.assert_may(p_actor, p_group, p_action);
  select m.role into v_target_role from public.group_members m
  where m.group_id = p_group and m.user_id = p_target for no key update;
  if p_over then
    perform app_private.assert_outranks(v_role, v_target_role);
  end if;
  return v_target_role;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_user()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from auth.users u where u.id = auth.uid() for key share;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.log_pin()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.note_in_log(new.group_id, case when new.pinned_at is null then 'post_unpinned' else 'post_pinned' end, new.author_id,
    jsonb_build_object('post_id', new.id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mentions_of (
  p_post   uuid,
  p_viewer uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username::text) order by u.username), '[]')
    from public.post_mentions m join public.profiles u on u.id = m.user_id
    where m.post_id = p_post and not (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, m.user_id))
  );
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
$function$;

CREATE OR REPLACE FUNCTION app_private.page_of_cards (
  p_cards   jsonb[],
  p_limit   integer,
  p_last_at timestamp with time zone,
  p_last_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_is_full boolean := cardinality(p_cards) > p_limit; -- one too many says that there are more
begin
  return jsonb_build_object('data', to_jsonb(p_cards[1:p_limit]), 'next', case
    when v_is_full then jsonb_build_object('before', p_cards[p_limit] -> 'published_at', 'before_id', p_cards[p_limit] -> 'id')
    when p_last_id is not null then jsonb_build_object('before', p_last_at, 'before_id', p_last_id) end);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_posts (
  p_user          uuid,
  p_from          timestamp with time zone,
  p_before        timestamp with time zone,
  p_before_id     uuid,
  p_limit         integer,
  p_without_muted boolean                  DEFAULT false
)
  RETURNS TABLE (
    post_id      uuid,
    published_at timestamp with time zone,
    author_id    uuid
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  SET jit TO 'off'
  AS $function$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, a.author_id
  from (
    select f.followee_id as author_id from public.follows f
    where f.follower_id = p_user and (not p_without_muted or (
      select true from public.mutes m where m.muter_id = p_user and m.muted_id = f.followee_id and (m.until is null or m.until > now())) is null)
    union all
    select p_user
  ) a
  -- One probe of the index for each author, newest first, however many posts there are in all.
  cross join lateral (
    select q.id, q.published_at from public.posts q
    where q.author_id = a.author_id and q.status = 'published' and q.group_id is null
      and q.published_at >= p_from and (q.published_at, q.id) < (p_before, p_before_id)
      and case q.visibility
        when 'public' then true
        when 'friends' then a.author_id = p_user
          or exists (select from public.follows f where f.follower_id = a.author_id and f.followee_id = p_user)
        else a.author_id = p_user
      end
    order by q.published_at desc, q.id desc
    limit p_limit
  ) p
  order by p.published_at desc, p.id desc
  limit p_limit;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse_suspended()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_not_suspended();
  return case when tg_level = 'ROW' then new end;
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
$function$;

CREATE OR REPLACE FUNCTION app_private.some_cards (
  p_viewer uuid,
  p_ids    uuid[],
  p_limit  integer
)
  RETURNS jsonb[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select to_jsonb(c) from (select * from app_private.cards_of(p_viewer, p_ids) limit p_limit) c);
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
begin
  return query
  select * from app_private.cards_of(v_me, v_ids, v_me || array(
    select p.author_id from public.posts p
    where p.id = any (v_ids)
      and (select true from public.mutes m where m.muter_id = v_me and m.muted_id = p.author_id and (m.until is null or m.until > now())) is null
      and (select true from public.follows f where f.follower_id = v_me and f.followee_id = p.author_id)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.followers (
  p_user      uuid,
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
$function$;

CREATE OR REPLACE FUNCTION public.following (
  p_user      uuid,
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
$function$;

CREATE OR REPLACE FUNCTION public.friends (
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
  SET enable_seqscan TO 'off'
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
$function$;

CREATE OR REPLACE FUNCTION public.members_of_group (
  p_group     uuid,
  p_role      text                     DEFAULT NULL::text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    role               text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
  v_roles text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_group(v_me, p_group);
  if not app_private.can_read_group(v_me, p_group) then
    perform app_private.assert_may(v_me, p_group, 'list_members');
  end if;
  select array_agg(x.user_id), array_agg(x.joined_at), array_agg(x.role) into v_ids, v_ats, v_roles from (
    select m.user_id, m.joined_at, m.role from public.group_members m
    where m.group_id = p_group and not (v_blocks and app_hidden.is_blocked_pair(v_me, m.user_id)) and (p_role is null or m.role = p_role)
      and (m.joined_at, m.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_roles[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

CREATE OR REPLACE FUNCTION public.muted_people (
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
$function$;

CREATE OR REPLACE FUNCTION public.mutual_friends (
  p_user      uuid,
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
$function$;

CREATE OR REPLACE FUNCTION public.my_bookmarks (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.bookmarked_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.pin_group_post (
  p_group  uuid,
  p_post   uuid,
  p_pinned boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts := app_private.post_in_group(auth.uid(), p_group, p_post);
begin
  if (v_post.pinned_at is not null) is distinct from p_pinned then
    update public.posts p set pinned_at = case when p_pinned then now() end where p.id = p_post;
  end if;
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'pinned', coalesce(p_pinned, false));
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
  v_blocks boolean := app_private.has_blocks(v_me);
  v_limit int := least(greatest(p_limit, 1), 101);
  v_parent public.comments;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_parent is not null then
    select * into v_parent from public.comments c
    where c.id = p_parent and c.post_id = coalesce(p_post, c.post_id) and (c.deleted_at is not null or not (v_blocks and app_hidden.is_blocked_pair(v_me, c.author_id)));
    if not found or not app_private.can_view_post(v_me, v_parent.post_id) then
      perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
    end if;
    return query select * from app_private.comment_cards_of(v_me, array(
      select c.id from public.comments c
      where c.parent_id = p_parent and c.deleted_at is null and not (v_blocks and app_hidden.is_blocked_pair(v_me, c.author_id))
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
        when c.deleted_at is null then not (v_blocks and app_hidden.is_blocked_pair(v_me, c.author_id))
        else exists (select from public.comments a where a.parent_id = c.id and a.deleted_at is null)
      end
      and (c.created_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.created_at desc, c.id desc limit v_limit
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_author (
  p_author    uuid,
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
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_location (
  p_location  text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_by_tag (
  p_tag       text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_of_group (
  p_group     uuid,
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
  v_blocks boolean := app_private.has_blocks(v_me);
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.assert_group_readable(p_group);
  return query select * from app_private.cards_of(v_me, array(
    select p.id from public.posts p
    where p.group_id = p_group and p.status = 'published' and not (v_blocks and app_hidden.is_blocked_pair(v_me, p.author_id))
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.requests_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    message            text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
  v_messages text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'decide_requests');
  select array_agg(x.user_id), array_agg(x.created_at), array_agg(x.message) into v_ids, v_ats, v_messages from (
    select r.user_id, r.created_at, r.message from app_private.group_requests r
    where r.group_id = p_group and not (v_blocks and app_hidden.is_blocked_pair(v_me, r.user_id))
      and (r.created_at, r.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_messages[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

CREATE OR REPLACE FUNCTION public.search_people (
  p_query       text,
  p_limit       integer DEFAULT 20,
  p_before_rank real    DEFAULT NULL::real,
  p_before_id   uuid    DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    rank               real
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_query text := app_hidden.plain_name(trim(leading '@' from trim(left(p_query, 64))));
begin
  -- Any time will do: the rank is here what the time is in other lists.
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  return query
  with found as materialized (
    select p.*, app_hidden.plain_name(coalesce(p.full_name, '')) as plain_name, f.follower_id is not null as is_followed
    from (select distinct c from app_private.search_candidates(v_me, v_query) c) x (id)
    join public.profiles p on p.id = x.id
    left join public.follows f on f.follower_id = v_me and f.followee_id = p.id
    where not (v_blocks and app_hidden.is_blocked_pair(v_me, p.id))
  ), ranked as (
    select f.*, (
      case
        when f.username::text = v_query then 3
        when starts_with(f.username::text, v_query) then 2
        when starts_with(f.plain_name, v_query) then 1
        else 0
      end
      + case when f.is_followed then 0.5 else 0 end
      + 0.4 * greatest(
        extensions.similarity(v_query, f.username::text), extensions.similarity(v_query, f.plain_name))
    )::real as rank
    from found f
  )
  select r.id, r.username::text, r.full_name, r.avatar_url, r.is_verified, r.verification_level, r.is_private, r.is_followed,
    -- Not `exists`: of one the planner may make a hash of everybody who follows me.
    coalesce((select true from public.follows b where b.follower_id = r.id and b.followee_id = v_me), false), r.created_at, r.rank
  from ranked r
  where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
  order by r.rank desc, r.id desc
  limit least(greatest(p_limit, 1), 101);
end
$function$;

CREATE OR REPLACE FUNCTION public.suggested_people (
  p_limit integer DEFAULT 20
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    mutual_count       integer
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
begin
  return query
  with mine as materialized (
    select f.followee_id as id from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity' order by f.created_at desc, f.followee_id desc limit 100
  ), known as (
    select t.id, count(*)::int as mutual_count
    from mine m
    join public.account_settings s on s.user_id = m.id and s.privacy_settings -> 'hide_follower_lists' is distinct from 'true'
    cross join lateral (
      select f.followee_id as id from public.follows f
      where f.follower_id = m.id and f.created_at > '-infinity' order by f.created_at desc, f.followee_id desc limit 50
    ) t
    group by t.id
  ), candidates as (
    select coalesce(k.id, p.user_id) as id, coalesce(k.mutual_count, 0) as mutual_count, coalesce(p.followers_count, 0) as popularity
    from known k full join app_private.most_followed() p on p.user_id = k.id
  )
  select p.id, p.username::text, p.full_name, p.avatar_url, p.is_verified, p.verification_level, p.is_private, false,
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = v_me), p.created_at, c.mutual_count
  from candidates c join public.profiles p on p.id = c.id
  where c.id <> v_me and not (v_blocks and app_hidden.is_blocked_pair(v_me, c.id))
    and (c.mutual_count > 0 or not p.is_private)
    and not exists (select from public.follows f where f.follower_id = v_me and f.followee_id = c.id)
    and not exists (select from public.follow_requests r where r.requester_id = v_me and r.target_id = c.id)
    and not exists (select from public.mutes m where m.muter_id = v_me and m.muted_id = c.id and (m.until is null or m.until > now()))
  order by c.mutual_count desc, c.popularity desc, c.id
  limit least(greatest(p_limit, 1), 101);
end
$function$;

CREATE INDEX bookmarks_user_idx ON public.bookmarks USING btree (user_id, created_at DESC, post_id DESC)
  WHERE (created_at > '-infinity'::timestamp WITH time zone);

CREATE INDEX follows_following_idx ON public.follows USING btree (follower_id, created_at DESC, followee_id DESC)
  WHERE (created_at > '-infinity'::timestamp WITH time zone);

CREATE INDEX mutes_muted_id_idx ON public.mutes USING btree (muted_id, muter_id);

CREATE INDEX posts_author_shown_idx ON public.posts USING btree (author_id, visibility, published_at DESC, id DESC)
  WHERE (status = 'published'::text);

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON app_private.group_invitations
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON app_private.group_links
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON app_private.group_requests
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER lock_user
  BEFORE UPDATE ON public.account_settings
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.lock_user();

CREATE TRIGGER guard_block
  BEFORE INSERT ON public.blocks
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_block();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT OR UPDATE ON public.group_members
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT OR UPDATE ON public.groups
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON public.mutes
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER log_pin
  AFTER UPDATE ON public.posts
  FOR EACH ROW
  WHEN (((new.group_id IS NOT NULL) AND (old.status = 'published'::text) AND (new.status = 'published'::text) AND ((old.pinned_at IS NULL) <> (new.pinned_at IS NULL))))
  EXECUTE FUNCTION app_private.log_pin();

CREATE TRIGGER refuse_suspended
  BEFORE UPDATE ON public.profiles
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON public.verification_requests
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE POLICY "people read their own posts, and those they are shown" ON "public"."posts"
  FOR SELECT
  TO "authenticated"
  USING (
CASE
    WHEN ((status = 'published'::text) AND (visibility = 'public'::text) AND (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true))) THEN true
    WHEN ((author_id = ( SELECT auth.uid() AS uid)) AND (group_id IS NULL)) THEN true
    ELSE app_hidden.is_shown_to_me(author_id, group_id, status, visibility)
END);

COMMENT ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) IS 'Whether I may read a post of this author, group, status and visibility: what the policy of posts asks of all but the plainest.';

COMMENT ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) IS 'As keep_pace, for whoever is signed in and not suspended (403 auth.user_banned). Holds for the tables too, where the functions and their limits are not in the way.';

COMMENT ON FUNCTION "app_private"."assert_may_follow_more"(uuid) IS 'Refuses with 422 follows.limit_reached who followed 200 in the last hour or 7,500 in all, requests included, and with 429 rate_limit.exceeded who did so 400 times within a day, whatever they took back.';

COMMENT ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) IS '403 groups.banned for who would like or vote in a group, by one of its posts, that keeps them out. Comments are for members alone.';

COMMENT ON FUNCTION "app_private"."assert_not_suspended"() IS '403 auth.user_banned for whoever is signed in and was banned by an operator. One probe, and for writes only: they read on until their token ends.';

COMMENT ON FUNCTION "app_private"."count_differences"(uuid[], uuid) IS 'What is to be added to the counts of posts, in their order: what waits to be counted, less what people hidden from the viewer (null: from nobody) did.';

COMMENT ON FUNCTION "app_private"."guard_block"() IS 'Trigger on blocks: 429 rate_limit.exceeded for who blocks more than a person does, 403 auth.user_banned.';

COMMENT ON FUNCTION "app_private"."guard_bookmark"() IS 'Trigger on bookmarks: 404 posts.not_found for what one may not read, 429 rate_limit.exceeded. Also for who is banned from a group: nobody sees them.';

COMMENT ON FUNCTION "app_private"."guard_comment_like"() IS 'Trigger on comment_likes: 404 comments.not_found for what one may not read, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_post_like"() IS 'Trigger on post_likes: 404 posts.not_found for what one may not read, or nobody yet, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_vote"() IS 'Trigger on poll_votes: 404 posts.not_found, posts.no_poll, 409 posts.poll_closed, 422 posts.choice_invalid, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."has_blocks"(uuid) IS 'Whether anybody at all is hidden from a viewer: nearly never.';

COMMENT ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) IS 'Those of some people between whom and a viewer a block stands.';

COMMENT ON FUNCTION "app_private"."hidden_from"(uuid) IS 'As hidden_people, for functions that answer for one person; sorted.';

COMMENT ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) IS 'Whether a viewer (null: nobody signed in) may read a post of this author, group, status and visibility.';

COMMENT ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval) IS '429 rate_limit.exceeded for who writes more of a kind within a window than a person does, whatever they delete of it.';

COMMENT ON FUNCTION "app_private"."lock_user"() IS 'Trigger on account_settings, before its rows: who changes their settings is there until the end of the transaction. In this order: user, settings, profile, card.';

COMMENT ON FUNCTION "app_private"."log_pin"() IS 'Trigger on posts: the log of a group has each pin, by whatever way it was made.';

COMMENT ON FUNCTION "app_private"."mentions_of"(uuid, uuid) IS 'Whom a post mentions, without those hidden from the viewer (null: from nobody): [{id, username}].';

COMMENT ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp with time zone, uuid) IS '{data, next}: up to p_limit cards, and where the next page begins, {before, before_id}: after the last card shown, else after what was looked at last (p_last_id), else (null) nowhere.';

COMMENT ON FUNCTION "app_private"."pull_posts"(uuid, timestamp with time zone, timestamp with time zone, uuid, integer, boolean) IS 'The newest p_limit posts of those whom somebody follows, and their own, from p_from on and before (p_before, p_before_id), newest first. An inbox gets muted people''s too, for a mute ends.';

COMMENT ON FUNCTION "app_private"."refuse_suspended"() IS 'Trigger: 403 auth.user_banned for who writes here and is suspended.';

COMMENT ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) IS 'As cards_of, the first p_limit of them as JSON.';

COMMENT ON FUNCTION "public"."posts_by_location"(text, integer, timestamp with time zone, uuid) IS 'Posts from a location, by its whole name in any case; none that only its author may read. {data, next} as of posts_by_tag.';

COMMENT ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp with time zone, uuid) IS 'Posts with a tag, in any case and with or without its #; none that only its author may read. {data: posts, next: {before, before_id}}: a page may be short before the end, which is where next is null.';

COMMENT ON TABLE "app_private"."paces" IS 'How much of a kind (posts, likes, follows, …) somebody has written since their window began.';

REVOKE ALL ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_not_suspended"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_not_suspended"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_not_suspended"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_differences"(uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_block"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_block"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_block"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."has_blocks"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."has_blocks"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."has_blocks"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_user"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_user"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_user"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."log_pin"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."log_pin"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."log_pin"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentions_of"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse_suspended"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refuse_suspended"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse_suspended"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) TO "postgres";
