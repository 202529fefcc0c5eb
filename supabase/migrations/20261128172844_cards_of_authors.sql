-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP POLICY "everybody reads comments on posts they read" ON "public"."comments";

DROP POLICY "people read comments on posts they read, but not of the hidden" ON "public"."comments";

DROP INDEX "public"."posts_location_idx";

DROP FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]);

DROP FUNCTION "app_hidden"."feed_cards_of"(uuid[]);

DROP FUNCTION "app_hidden"."feed_ids"(integer, timestamp WITH time zone, uuid);

DROP FUNCTION "app_hidden"."mentions_of"(uuid);

DROP FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]);

DROP FUNCTION "app_hidden"."prepare_feed"();

DROP FUNCTION "app_hidden"."shared_cards"(uuid[]);

DROP FUNCTION "app_hidden"."shown_visibilities"(uuid);

DROP FUNCTION "app_private"."assert_calm"(text, uuid);

DROP FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid);

DROP FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer);

CREATE TABLE "app_private"."author_cards" (
  "user_id"         uuid    NOT NULL,
  "card"            jsonb   NOT NULL,
  "is_private"      boolean NOT NULL,
  "who_can_comment" text    NOT NULL DEFAULT 'everyone'::text,
  CONSTRAINT "author_cards_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "app_private"."author_cards"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."author_cards"
  SET (fillfactor=80);

CREATE TABLE "app_private"."paces" (
  "user_id" uuid                     NOT NULL,
  "what"    text                     NOT NULL,
  "since"   timestamp with time zone NOT NULL DEFAULT now(),
  "written" integer                  NOT NULL DEFAULT 1,
  CONSTRAINT "paces_pkey" PRIMARY KEY (user_id, what)
);

ALTER TABLE "app_private"."paces"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."paces"
  SET (fillfactor=50);

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
declare
  v_written int;
begin
  if auth.uid() is null then
    return; -- nobody's app: an import, a worker, an operator
  end if;
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
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select app_private.hidden_from(p_viewer),
    array(select l.post_id from public.post_likes l where l.post_id = any (p_ids) and l.user_id = p_viewer),
    array(select b.post_id from public.bookmarks b where b.user_id = p_viewer and b.post_id = any (p_ids)),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_hidden, v_liked, v_kept, v_polls, v_is_counting;
  if v_is_counting or v_hidden <> '{}' then -- nearly nobody blocks or is blocked
    select * into v_likes, v_comments, v_shares from app_private.count_differences(p_ids, v_hidden);
  end if;
  return query
  with shown as materialized (
    select p.*, a.card, a.who_can_comment, w.n
    from unnest(p_ids) with ordinality w (id, n)
    join public.posts p on p.id = w.id
    join app_private.author_cards a on a.user_id = p.author_id
    where case
        -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
        when p.status = 'published' and p.visibility = 'public' and (not a.is_private or p.author_id = any (p_authors)
          or exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.author_id))
          then p.author_id <> all (v_hidden)
        when p.status = 'published' and p.visibility = 'group' then
          p.author_id <> all (v_hidden) and app_private.can_read_group(p_viewer, p.group_id)
        else app_private.can_view_post(p_viewer, p.id)
      end
      and case when p_authors is null then true else p.status = 'published' and p.group_id is null and p.author_id = any (p_authors) end
  )
  select s.id, s.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, v_hidden) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[s.n], 0), c.comments_count + coalesce(v_comments[s.n], 0), c.shares_count + coalesce(v_shares[s.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (s.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, s.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then (
      select o.card from app_private.shared_cards(p_viewer, (select array_agg(x.shared_post_id) from shown x)) o where o.id = s.shared_post_id
    ) end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from shown s
  join public.post_counts c on c.post_id = s.id
  order by s.n;
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
  where c.author_id <> all (v_hidden)
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_changed_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
  v_deltas bigint[];
begin
  select array_agg(a.author_id), array_agg(a.shared_post_id), array_agg(case when app_private.is_counted(a.status, a.visibility) then 1 else -1 end)
  into v_authors, v_shared, v_deltas
  from after a join before b on b.id = a.id
  where app_private.is_counted(a.status, a.visibility) <> app_private.is_counted(b.status, b.visibility);
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_deleted_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
  v_deltas bigint[];
begin
  delete from app_private.count_deltas d where d.target in (select g.id from gone g);
  select array_agg(g.author_id), array_agg(g.shared_post_id), array_agg(-1)
  into v_authors, v_shared, v_deltas from gone g where app_private.is_counted(g.status, g.visibility);
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
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
      select count(*) from public.posts p
      where p.shared_post_id = w.id and p.author_id = any (p_hidden) and p.status = 'published' and p.visibility in ('public', 'friends')) end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_new_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
begin
  insert into public.post_counts (post_id) select a.id from added a;
  select array_agg(a.author_id), array_agg(a.shared_post_id) filter (where a.shared_post_id is not null)
  into v_authors, v_shared from added a where app_private.is_counted(a.status, a.visibility);
  if v_authors is not null then
    perform app_private.count_profile('posts_count', v_authors, array_fill(1::bigint, array[cardinality(v_authors)]));
  end if;
  if v_shared is not null then
    perform app_private.count_post('shares_count', v_shared, array_fill(1::bigint, array[cardinality(v_shared)]));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.feed_ids (
  p_user      uuid,
  p_limit     integer,
  p_before    timestamp with time zone,
  p_before_id uuid
)
  RETURNS TABLE (
    ids     uuid[],
    authors uuid[],
    last_at timestamp with time zone,
    last_id uuid,
    more    boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.followed_of (
  p_user    uuid,
  p_authors uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return array(select f.followee_id from public.follows f where f.follower_id = p_user and f.followee_id = any (p_authors)) || p_user;
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
      if app_hidden.is_blocked_pair(new.author_id, (select c.author_id from public.comments c where c.id = v_parent.parent_id)) then
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

CREATE OR REPLACE FUNCTION app_private.guard_report()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_accused uuid;
begin
  perform app_private.assert_oneself(new.reporter_id);
  perform app_private.assert_report(new);
  if new.post_id is not null then
    perform app_private.assert_post(new.reporter_id, new.post_id);
    select p.author_id, concat_ws(e'\n', p.content, nullif(array_to_string(p.media_urls, e'\n'), ''),
        (select string_agg('- ' || o.label, e'\n' order by o.position) from public.poll_options o where o.post_id = p.id))
      into v_accused, new.excerpt
    from public.posts p where p.id = new.post_id;
  elsif new.comment_id is not null then
    v_accused := app_private.assert_comment(new.reporter_id, new.comment_id);
    select c.content into new.excerpt from public.comments c where c.id = new.comment_id;
  else
    v_accused := new.profile_id;
    if not app_private.can_view_profile(new.reporter_id, new.profile_id) then
      perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
    end if;
    select concat_ws(e'\n', p.username, p.full_name, p.bio, p.avatar_url) into new.excerpt from public.profiles p where p.id = new.profile_id;
  end if;
  if v_accused = new.reporter_id then
    perform app_hidden.fail(422, 'reports.of_oneself', 'Nobody reports themselves.', 'Delete what is yours.');
  end if;
  new.accused_id := v_accused;
  new.subject_kind := case when new.post_id is not null then 'post' when new.comment_id is not null then 'comment' else 'profile' end;
  new.subject_id := coalesce(new.post_id, new.comment_id, new.profile_id);
  -- The second of two at once finds out here too.
  perform pg_advisory_xact_lock(hashtextextended('report ' || new.reporter_id || new.subject_id, 0));
  if exists (select from public.reports r where r.reporter_id = new.reporter_id and r.subject_id = new.subject_id) then
    perform app_hidden.fail(409, 'reports.already_reported', 'You have reported this.', 'The moderators will look at it.');
  end if;
  perform app_private.assert_calm('reports', new.reporter_id, 60, '1 day');
  return new;
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
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.index_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'UPDATE' then
    if old.status = 'published' and new.status = 'published' and app_private.reads_otherwise(old, new) then
      insert into public.post_edits (post_id, content, media_urls, location, tags, visibility)
      values (old.id, old.content, old.media_urls, old.location, old.tags, old.visibility);
    end if;
    if (old.tags, old.status, old.visibility) is distinct from (new.tags, new.status, new.visibility) then
      delete from public.post_tags t where t.post_id = new.id;
    end if;
  end if;
  -- The page of a tag is for others to find what they may read; a post in a group is found in its group.
  if app_private.is_counted(new.status, new.visibility)
    and (tg_op = 'INSERT' or (old.tags, old.status, old.visibility) is distinct from (new.tags, new.status, new.visibility)) then
    insert into public.post_tags (tag, published_at, post_id, author_id)
    select t, new.published_at, new.id, new.author_id from unnest(new.tags) t;
  end if;
  -- Again when it is published: a setting may have changed since the draft.
  if tg_op = 'INSERT' or (old.content, old.status) is distinct from (new.content, new.status) then
    if tg_op = 'UPDATE' then
      delete from public.post_mentions m
      where m.post_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content, new.group_id));
    end if;
    insert into public.post_mentions (post_id, user_id)
    select new.id, u from app_private.mentioned_in(new.author_id, new.content, new.group_id) u
    on conflict do nothing;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_counted (
  p_status     text,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_status = 'published' and p_visibility in ('public', 'friends');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_let_comment (
  p_viewer          uuid,
  p_author          uuid,
  p_post            uuid,
  p_who_can_comment text,
  p_reply_control   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when 'nobody' in (p_who_can_comment, p_reply_control) then false
    when 'friends' in (p_who_can_comment, p_reply_control)
      and not exists (select from public.follows f where f.follower_id = p_author and f.followee_id = p_viewer) then false
    when (p_who_can_comment <> 'everyone' or p_reply_control in ('followers', 'friends'))
      and not exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author) then false
    when p_reply_control = 'mentioned' then exists (select from public.post_mentions m where m.post_id = p_post and m.user_id = p_viewer)
    else true end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_author_card()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.author_cards (user_id, card, is_private, who_can_comment)
  values (
    new.id,
    jsonb_build_object('id', new.id, 'username', new.username::text, 'full_name', new.full_name, 'avatar_url', new.avatar_url,
      'is_verified', new.is_verified, 'verification_level', new.verification_level),
    new.is_private,
    coalesce((select s.privacy_settings ->> 'who_can_comment' from public.account_settings s where s.user_id = new.id), 'everyone'))
  on conflict (user_id) do update set card = excluded.card, is_private = excluded.is_private;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_author_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.author_cards c set who_can_comment = coalesce(new.privacy_settings ->> 'who_can_comment', 'everyone')
  where c.user_id = new.user_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mentions_of (
  p_post   uuid,
  p_hidden uuid[]
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
    where m.post_id = p_post and m.user_id <> all (p_hidden)
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
    last_id uuid,
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
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_posts (
  p_user      uuid,
  p_from      timestamp with time zone,
  p_before    timestamp with time zone,
  p_before_id uuid,
  p_limit     integer,
  p_without   uuid[]                   DEFAULT '{}'::uuid[]
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
    select f.followee_id as author_id from public.follows f where f.follower_id = p_user and f.followee_id <> all (p_without)
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

CREATE OR REPLACE FUNCTION app_private.search_candidates (
  p_viewer uuid,
  p_query  text
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_end text := p_query || chr(1114111); -- behind everything that begins with the query
  v_part text := '%' || regexp_replace(p_query, '([\\%_])', '\\\1', 'g') || '%';
  v_usernames int;
  v_names int;
begin
  return query
  select p.id from public.profiles p where p.username operator(extensions.=) p_query::extensions.citext;
  return query
  select p.id from public.profiles p
  where p.username::text ~>=~ p_query and p.username::text ~<~ v_end order by p.username::text using ~<~ limit 500;
  get diagnostics v_usernames = row_count;
  return query
  select p.id from public.profiles p
  where app_hidden.plain_name(p.full_name) ~>=~ p_query and app_hidden.plain_name(p.full_name) ~<~ v_end
  order by app_hidden.plain_name(p.full_name) using ~<~ limit 500;
  get diagnostics v_names = row_count;

  if greatest(v_usernames, v_names) = 500 then
    return query
    select p.id from public.follows f join public.profiles p on p.id = f.followee_id
    where f.follower_id = p_viewer and (starts_with(p.username::text, p_query) or starts_with(app_hidden.plain_name(p.full_name), p_query));
  elsif length(p_query) >= 3 then -- two letters are in too many names
    -- Half of the trigrams, so that one letter too many or too few in a short name is no more than a slip.
    perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
    return query
    select p.id from public.profiles p
    where p.username::text like v_part or p.username::text operator(extensions.%>) p_query limit 500;
    return query select p.id from public.profiles p where app_hidden.plain_name(p.full_name) like v_part limit 500;
    get diagnostics v_names = row_count;
    if v_names < 500 then
      return query select p.id from public.profiles p where app_hidden.plain_name(p.full_name) operator(extensions.%>) p_query limit 500;
    end if;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shared_cards (
  p_viewer uuid,
  p_ids    uuid[]
)
  RETURNS TABLE (
    id   uuid,
    card jsonb
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  if p_ids is not null then
    return query select c.id, to_jsonb(c) - 'shared_post' from app_private.cards_of(p_viewer, p_ids) c where c.status = 'published';
  end if;
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

CREATE OR REPLACE FUNCTION public.comment_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_posts uuid[] := array(select distinct c.post_id from public.comments c where c.id = any (p_ids[1:200]));
begin
  v_posts := array(select u from unnest(v_posts) u where app_private.can_view_post(v_me, u));
  return query select * from app_private.comment_cards_of(v_me, array(
    select u.id from unnest(p_ids[1:200]) with ordinality u (id, n) join public.comments c on c.id = u.id
    where c.post_id = any (v_posts) group by u.id order by min(u.n)
  ));
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
  select * from app_private.cards_of(v_me, v_ids, app_private.followed_of(v_me, array(
    select p.author_id from public.posts p where p.id = any (v_ids) and p.author_id <> all (v_muted)
  )));
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
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.post_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  AS $function$
begin
  return query
  select * from app_private.cards_of(auth.uid(), array(
    select u.id from unnest(p_ids[1:200]) with ordinality u (id, n) group by u.id order by min(u.n)
  ));
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
    where c.id = p_parent and c.post_id = coalesce(p_post, c.post_id) and c.author_id <> all (v_hidden);
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
    where c.post_id = p_post and c.parent_id is null and c.author_id <> all (v_hidden)
      and (c.deleted_at is null or exists (select from public.comments a where a.parent_id = c.id and a.deleted_at is null))
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
  -- Not what decides, but it keeps a page from trying each of a thousand hidden posts.
  v_shown := case
    when r.is_self then '{public,friends,private}'
    when r.is_private and not r.follows then '{}'
    when r.follows and r.is_followed then '{public,friends}'
    else '{public}' end;
  return query select * from app_private.cards_of(v_me, array(
    select p.id from public.posts p
    where p.author_id = p_author and p.status = 'published' and p.visibility = any (v_shown)
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
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

CREATE OR REPLACE FUNCTION public.request_verification (
  p jsonb
)
  RETURNS public.verification_requests
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r public.verification_requests;
begin
  perform app_hidden.assert_fields(p, '{"kind": "string", "level": "string", "statement": "string", "evidence_urls": "strings"}',
    'users.field_invalid');
  insert into public.verification_requests (kind, level, statement, evidence_urls)
  values (p ->> 'kind', p ->> 'level', p ->> 'statement',
    array(select jsonb_array_elements_text(coalesce(nullif(p -> 'evidence_urls', 'null'), '[]'))))
  returning * into r;
  return r;
exception when unique_violation then
  perform app_hidden.fail(409, 'users.verification_open', 'You have asked for this already.', 'Wait for the answer, or withdraw the open request.');
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
  v_hidden uuid[] := array(select app_hidden.hidden_people());
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
    where p.id <> all (v_hidden)
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

ALTER TABLE "app_private"."author_cards"
  ADD CONSTRAINT "author_cards_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."paces"
  ADD CONSTRAINT "paces_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX posts_location_idx ON public.posts USING btree (lower(location), published_at DESC, id DESC)
  WHERE ((status = 'published'::text) AND (location IS NOT NULL) AND (visibility = ANY (ARRAY['public'::text, 'friends'::text])));

CREATE TRIGGER keep_author_settings
  AFTER INSERT OR UPDATE OF privacy_settings ON public.account_settings
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_author_settings();

CREATE TRIGGER keep_author_card
  AFTER INSERT ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_author_card();

CREATE TRIGGER keep_changed_author_card
  AFTER UPDATE ON public.profiles
  FOR EACH ROW
  WHEN
    ((((old.username)::text IS DISTINCT FROM (new.username)::text) OR (old.full_name IS DISTINCT FROM new.full_name) OR (old.avatar_url IS DISTINCT FROM new.avatar_url) OR
    (old.is_verified IS DISTINCT FROM new.is_verified) OR (old.verification_level IS DISTINCT FROM new.verification_level) OR (old.is_private IS DISTINCT FROM new.is_private)))
  EXECUTE FUNCTION app_private.keep_author_card();

CREATE POLICY "everybody reads comments on posts they read" ON "public"."comments"
  FOR SELECT
  TO "anon"
  USING (((deleted_at IS NULL) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = comments.post_id)))));

CREATE POLICY "people read comments on posts they read, but not of the hidden" ON "public"."comments"
  FOR SELECT
  TO "authenticated"
  USING ((((deleted_at IS NULL) OR (author_id = ( SELECT auth.uid() AS uid))) AND (NOT (author_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = comments.post_id)))));

COMMENT ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) IS '429 rate_limit.exceeded for whoever is signed in and writes more within a window than a person does, whatever they delete of it. Holds for the tables too, where the functions and their limits are not in the way.';

COMMENT ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) IS 'Posts by id in the order asked for, without those that the viewer (who is signed in, or null) may not read. With p_authors as a page of their feed: published posts of these authors only, and with the reason.';

COMMENT ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) IS 'Comments by id in the order asked for, without those of hidden people. Whether the viewer reads their posts is for the caller to know.';

COMMENT ON FUNCTION "app_private"."count_changed_posts"() IS 'Trigger on posts: counts those that were published, removed, or shown to others or to nobody from now on.';

COMMENT ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) IS 'What is to be added to the counts of posts, in their order: what waits to be counted, less what hidden people did.';

COMMENT ON FUNCTION "app_private"."count_new_posts"() IS 'Trigger on posts: makes their counts, and counts them for their authors and for what they share.';

COMMENT ON FUNCTION "app_private"."feed_ids"(uuid, integer, timestamp with time zone, uuid) IS 'The next p_limit places of a feed before (p_before, p_before_id): their ids, which of their authors are followed now, the last place, and whether there may be more.';

COMMENT ON FUNCTION "app_private"."followed_of"(uuid, uuid[]) IS 'Whom of these authors somebody follows, and themselves.';

COMMENT ON FUNCTION "app_private"."hidden_from"(uuid) IS 'As hidden_people, for functions that answer for one person.';

COMMENT ON FUNCTION "app_private"."is_counted"(text, text) IS 'Whether a post is told of to others, by counts and under its tags: of drafts, of what is for its author alone and of posts in groups, nobody learns that they exist.';

COMMENT ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) IS 'As can_comment, of a published post that the viewer reads, by what its page has in hand: for twenty at once.';

COMMENT ON FUNCTION "app_private"."keep_author_card"() IS 'Trigger on profiles: what posts and comments show of their author.';

COMMENT ON FUNCTION "app_private"."keep_author_settings"() IS 'Trigger on account_settings: who may comment on the posts of an author.';

COMMENT ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) IS 'Whom a post mentions, without those hidden from whoever reads: [{id, username}].';

COMMENT ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp with time zone, uuid) IS 'As feed_ids where no inbox reaches: looked up among the posts of all whom somebody follows, in widening windows.';

COMMENT ON FUNCTION "app_private"."pull_posts"(uuid, timestamp with time zone, timestamp with time zone, uuid, integer, uuid[]) IS 'The newest p_limit posts of those whom somebody follows, and their own, from p_from on and before (p_before, p_before_id), newest first. An inbox gets muted people''s too, for a mute ends; p_without: whose are left out.';

COMMENT ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) IS 'Posts that others share, as cards without what they share themselves, which is nothing.';

COMMENT ON FUNCTION "public"."posts_by_location"(text, integer, timestamp with time zone, uuid) IS 'Posts from a location, by its whole name in any case; none that only its author may read.';

COMMENT ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp with time zone, uuid) IS 'Posts with a tag, in any case and with or without its #; none that only its author may read.';

COMMENT ON TABLE "app_private"."author_cards" IS 'What posts and comments show of their author, and what a page has to ask of them: profiles and account_settings once more, kept by triggers in the transaction of the change.';

COMMENT ON TABLE "app_private"."paces" IS 'How many posts, comments and reports somebody has written since their window began.';

COMMENT ON TABLE "public"."post_tags" IS 'The tags of published posts that others may read, by time: the page of a tag, and what is trending.';

COMMENT ON TABLE "public"."profile_counts" IS 'How many follow a person, are followed by them, and how many published posts they have that others may read. Behind the rows by what app_private.count_deltas holds for a second.';

REVOKE ALL ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."cards_of"(uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_cards_of"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_differences"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."feed_ids"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."followed_of"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."followed_of"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."followed_of"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_from"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_counted"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_counted"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_counted"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_let_comment"(uuid, uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_author_card"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_author_card"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_author_card"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_author_settings"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_author_settings"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_author_settings"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentions_of"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shared_cards"(uuid, uuid[]) TO "postgres";

-- copy of sql/10_identity/5_data.sql sha256:2f99f2ffcaeee1655a50709909968da8010ed7ee1734e6faba4885609adb40ff
with wanted (username) as (
  select unnest(string_to_array(
    'about account accounts admin administrator anonymous api app apps assets astra auth billing block blocked blog bot business call calls '
    || 'cdn chat contact dashboard dev developer developers docs download everyone explore export feed feeds follow followers '
    || 'following follows friends functions graphql group groups health help home inbox info legal login logout mail me media message '
    || 'messages moderator moderators mute muted news notification notifications null oauth official operator owner password pay payment '
    || 'payments payout payouts policy post posts postmaster press privacy profile profiles public realtime refresh register '
    || 'relationship report reports requests rest root search security self service service_role session sessions settings signin signup staff status '
    || 'storage store stories suggestions support supabase system team terms test transaction transactions trust undefined unfollow user username '
    || 'users verified verify wallet wallets web webhook webhooks webmaster withdraw www',
    ' '))
), gone as (
  delete from app_private.reserved_usernames r where not exists (select from wanted w where w.username = r.username)
)
insert into app_private.reserved_usernames (username) select w.username from wanted w
on conflict (username) do nothing;

-- People from before there were counts, private accounts and a guard of the settings: what means nothing is left out.
update public.account_settings s set
  privacy_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.privacy_settings) x
    where app_hidden.is_privacy_settings(jsonb_build_object(x.key, x.value))),
  notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.notification_settings) x
    where app_hidden.is_notification_settings(jsonb_build_object(x.key, x.value)))
where not app_hidden.is_privacy_settings(s.privacy_settings) or not app_hidden.is_notification_settings(s.notification_settings);
insert into public.profile_counts (user_id) select p.id from public.profiles p
on conflict (user_id) do nothing;
update public.profiles p set is_private = true
from public.account_settings s
where s.user_id = p.id and s.privacy_settings -> 'is_private' = 'true' and not p.is_private;

insert into app_private.account_rules default values on conflict do nothing;

-- People from before there were cards of authors.
insert into app_private.author_cards (user_id, card, is_private, who_can_comment)
select p.id,
  jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
    'is_verified', p.is_verified, 'verification_level', p.verification_level),
  p.is_private, coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone')
from public.profiles p left join public.account_settings s on s.user_id = p.id
on conflict (user_id) do nothing;

-- copy of sql/30_posts/5_data.sql sha256:e148dca11e1b8f1e91740f494ec1288e6eb68419713903c74b73939bd35478ec
-- Posts from before those that only their author may read were told of to nobody.
delete from public.post_tags t using public.posts p where p.id = t.post_id and not app_private.is_counted(p.status, p.visibility);
with counted as (
  select c.user_id, (select count(*) from public.posts p where p.author_id = c.user_id and app_private.is_counted(p.status, p.visibility))
    - coalesce((select sum(d.delta) from app_private.count_deltas d where d.target = c.user_id and d.counter = 'posts_count'), 0) as posts
  from public.profile_counts c
)
update public.profile_counts c set posts_count = n.posts from counted n where n.user_id = c.user_id and n.posts <> c.posts_count;
with counted as (
  select p.shared_post_id as id, count(*) filter (where app_private.is_counted(p.status, p.visibility))
    - coalesce((select sum(d.delta) from app_private.count_deltas d where d.target = p.shared_post_id and d.counter = 'shares_count'), 0) as shares
  from public.posts p where p.shared_post_id is not null group by p.shared_post_id
)
update public.post_counts c set shares_count = n.shares from counted n where n.id = c.post_id and n.shares <> c.shares_count;
