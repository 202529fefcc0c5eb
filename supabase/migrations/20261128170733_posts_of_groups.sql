-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP POLICY "everybody reads public posts of public accounts" ON "public"."posts";

DROP POLICY "people read their own posts, and those they are shown" ON "public"."posts";

DROP TRIGGER "note_post_shown" ON "public"."posts";

ALTER TABLE "public"."posts"
  DROP CONSTRAINT "visibility_known";

DROP FUNCTION "app_private"."assert_room_for_pin"(uuid);

DROP FUNCTION "app_private"."mentioned_in"(uuid, text);

ALTER TABLE "public"."posts"
  ADD COLUMN "group_id" uuid;

ALTER TYPE "public"."bookmarked_card" ADD ATTRIBUTE "group_id" uuid CASCADE;

ALTER TYPE "public"."post_card" ADD ATTRIBUTE "group_id" uuid CASCADE;

CREATE OR REPLACE FUNCTION app_hidden.assert_group_readable (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_group(auth.uid(), p_group);
  if not app_private.can_read_group(auth.uid(), p_group) then
    perform app_hidden.fail(403, 'groups.members_only', 'Only members of this group may do this.', 'Join it first: POST groups/:id/join.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.feed_cards_of (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  select c.id, c.author, c.type, c.content, c.media_urls, c.location, c.tags, c.mentions, c.visibility, c.reply_control, c.shares_allowed,
    c.status, c.published_at, c.scheduled_for, c.pinned_at, c.edited_at, c.created_at, c.likes_count, c.comments_count, c.shares_count,
    c.liked, c.bookmarked, c.can_comment, c.poll, c.shared_post,
    case when c.author ->> 'id' = (select auth.uid()::text) then 'self' else 'followed' end, c.group_id
  from public.post_cards(p_ids) c
  where c.status = 'published'; -- a post of mine that was taken down is not in the feed
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_moderated_group_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 5
  SET search_path TO ''
  AS $function$
begin
  return query select m.group_id from public.group_members m where m.user_id = auth.uid() and m.role in ('owner', 'admin', 'moderator');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_post_fields (
  p_post public.posts
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_limit text := case
    when p_post.type is null or p_post.type not in ('text', 'image', 'video', 'reel', 'share') then '`type` as text, image, video, reel or share'
    when length(p_post.content) > 5000 then '`content` of at most 5,000 characters'
    when p_post.media_urls is null or cardinality(p_post.media_urls) > 10 then '`media_urls` as a list of at most 10'
    when length(p_post.location) > 100 then '`location` of at most 100 characters'
    when p_post.tags is null or cardinality(p_post.tags) > 30 then '`tags` as a list of at most 30'
    when p_post.visibility is null or p_post.visibility not in ('public', 'friends', 'private', 'group') then '`visibility` as public, friends or private'
    when (p_post.visibility = 'group') <> (p_post.group_id is not null)
      then '`visibility` as group with a `group_id` only, and no other with one; a post stays in its group'
    when p_post.reply_control is null or p_post.reply_control not in ('everyone', 'followers', 'friends', 'mentioned', 'nobody')
      then '`reply_control` as everyone, followers, friends, mentioned or nobody'
    when p_post.shares_allowed is null then '`shares_allowed` as true or false'
    when p_post.status is null or p_post.status not in ('draft', 'scheduled', 'published', 'removed') then '`status` as draft, scheduled or published'
    when p_post.type <> 'share' and p_post.shared_post_id is not null then '`shared_post_id` with the type share only'
    end;
begin
  if v_limit is not null then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', v_limit));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room_for_pin (
  p_author uuid,
  p_group  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Two that are pinned at once would not see each other.
  perform pg_advisory_xact_lock(hashtextextended('posts.pin ' || coalesce(p_group, p_author), 0));
  if (case
    when p_group is null then (select count(*) from public.posts p where p.author_id = p_author and p.group_id is null and p.pinned_at is not null)
    else (select count(*) from public.posts p where p.group_id = p_group and p.pinned_at is not null)
  end) >= 3 then
    perform app_hidden.fail(422, 'posts.too_many_pinned', 'At most three posts can be pinned.', 'Unpin another post first.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_comment (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return app_private.can_view_post(p_viewer, p_post) and coalesce((
    select p_viewer is not null and p.status = 'published' and (p.group_id is null or app_private.role_in(p.group_id, p_viewer) is not null) and (
      p.author_id = p_viewer
      or (
        app_private.may_reach(p_viewer, p.author_id, 'who_can_comment')
        and case p.reply_control
          when 'mentioned' then exists (select from public.post_mentions m where m.post_id = p.id and m.user_id = p_viewer)
          else app_private.is_in_audience(p_viewer, p.author_id, p.reply_control)
        end
      )
    )
    from public.posts p where p.id = p_post
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_read_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select g.visibility = 'public' or exists (
      select from public.group_members m where m.group_id = g.id and m.user_id = p_viewer
    )
    from public.groups g where g.id = p_group
  ), false);
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
    select (r.is_self and (p.group_id is null or p.status in ('draft', 'scheduled') or app_private.can_read_group(p_viewer, p.group_id)))
      or (p.status = 'published' and not r.is_blocked and case p.visibility
        when 'public' then r.follows or not r.is_private
        when 'friends' then r.follows and r.is_followed
        when 'group' then app_private.can_read_group(p_viewer, p.group_id)
        else false end)
    from public.posts p cross join lateral app_private.relation(p_viewer, p.author_id) r
    where p.id = p_post
  ), false);
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
  select array_agg(case when a.group_id is null then a.author_id end), array_agg(a.shared_post_id),
    array_agg(case a.status when 'published' then 1 else -1 end)
  into v_authors, v_shared, v_deltas
  from after a join before b on b.id = a.id
  where (a.status = 'published') <> (b.status = 'published');
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
  select array_agg(case when g.group_id is null then g.author_id end), array_agg(g.shared_post_id), array_agg(-1)
  into v_authors, v_shared, v_deltas from gone g where g.status = 'published';
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
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
  -- The count of a profile is for everybody, and tells nothing of posts in groups.
  select array_agg(a.author_id) filter (where a.group_id is null), array_agg(a.shared_post_id) filter (where a.shared_post_id is not null)
  into v_authors, v_shared from added a where a.status = 'published';
  if v_authors is not null then
    perform app_private.count_profile('posts_count', v_authors, array_fill(1::bigint, array[cardinality(v_authors)]));
  end if;
  if v_shared is not null then
    perform app_private.count_post('shares_count', v_shared, array_fill(1::bigint, array[cardinality(v_shared)]));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.emit_post_published (
  p_ids uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.published', p.author_id, jsonb_build_object(
    'post_id', p.id, 'author_id', p.author_id, 'type', p.type, 'visibility', p.visibility, 'published_at', p.published_at,
    'tags', p.tags, 'shared_post_id', p.shared_post_id, 'group_id', p.group_id,
    'mentions', (select coalesce(jsonb_agg(m.user_id), '[]') from public.post_mentions m where m.post_id = p.id))
  from public.posts p where p.id = any (p_ids) and p.status = 'published';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.feed_oracle (
  p_viewer    uuid,
  p_limit     integer,
  p_before    timestamp with time zone DEFAULT 'infinity'::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
)
  RETURNS TABLE (
    post_id      uuid,
    published_at timestamp with time zone,
    reason       text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, case when p.author_id = p_viewer then 'self' else 'followed' end
  from public.posts p
  where p.status = 'published' and p.group_id is null and (p.published_at, p.id) < (p_before, p_before_id)
    and app_private.can_view_post(p_viewer, p.id)
    and (p.author_id = p_viewer or exists (
      select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.author_id
    ))
    and not exists (
      select from public.mutes m
      where m.muter_id = p_viewer and m.muted_id = p.author_id and (m.until is null or m.until > now())
    )
  order by p.published_at desc, p.id desc
  limit p_limit;
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
    perform app_private.assert_calm('posts', new.author_id);
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

CREATE OR REPLACE FUNCTION app_private.index_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_group uuid := (select p.group_id from public.posts p where p.id = new.post_id);
begin
  if tg_op = 'UPDATE' then
    delete from public.comment_mentions m
    where m.comment_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content, v_group));
  end if;
  insert into public.comment_mentions (comment_id, user_id)
  select new.id, u from app_private.mentioned_in(new.author_id, new.content, v_group) u
  on conflict do nothing;
  return null;
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
    if (old.tags, old.status) is distinct from (new.tags, new.status) then
      delete from public.post_tags t where t.post_id = new.id;
    end if;
  end if;
  if new.status = 'published' and (tg_op = 'INSERT' or (old.tags, old.status) is distinct from (new.tags, new.status)) then
    insert into public.post_tags (tag, published_at, post_id, author_id)
    -- The page of a tag is for everybody; a post in a group is found in its group.
    select t, new.published_at, new.id, new.author_id from unnest(new.tags) t where new.group_id is null;
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

CREATE OR REPLACE FUNCTION app_private.mentioned_in (
  p_author  uuid,
  p_content text,
  p_group   uuid
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_content is null or strpos(p_content, '@') = 0 then
    return;
  end if;
  return query
  select p.id
  from (
    select distinct lower(m[1]) as username
    from regexp_matches(p_content, '(?<![[:alnum:]_.@/])@([a-z0-9][a-z0-9._]{1,28}[a-z0-9])(?![[:alnum:]_])', 'gi') r (m)
    limit 30
  ) named
  join public.profiles p on p.username operator(extensions.=) named.username::extensions.citext
  where app_private.may_reach(p_author, p.id, 'who_can_mention')
    and (p_group is null or app_private.can_read_group(p.id, p_group)); -- nobody else is told that there is such a group
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    insert into app_private.feed_tasks (kind, author_id, post_id, published_at)
    select 'drop', c.author_id, c.id, c.published_at from changed c where c.published_at is not null and c.group_id is null;
    return null;
  end if;
  -- The author's own inbox has it at once.
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select c.author_id, c.published_at, c.id, c.author_id
  from changed c join public.feed_state s on s.user_id = c.author_id and s.complete_since <= c.published_at
  where c.status = 'published' and c.group_id is null
  on conflict do nothing;
  insert into app_private.feed_tasks (kind, author_id, post_id) select 'push', c.author_id, c.id from changed c where c.status = 'published' and c.group_id is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_posts (
  p_user      uuid,
  p_from      timestamp with time zone,
  p_before    timestamp with time zone,
  p_before_id uuid,
  p_limit     integer
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
    select f.followee_id as author_id from public.follows f where f.follower_id = p_user
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

CREATE OR REPLACE FUNCTION app_private.push_post (
  p_post  uuid,
  p_after uuid,
  p_limit integer
)
  RETURNS TABLE (
    next_after uuid,
    pushed     uuid[]
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post and p.status = 'published' and p.group_id is null;
  if not found then
    return; -- deleted or taken down meanwhile
  end if;
  return query
  with followers as materialized (
    select f.follower_id from public.follows f
    where f.followee_id = v_post.author_id and not f.is_pulled
      and f.follower_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      and v_post.visibility <> 'private'
    order by f.follower_id
    limit p_limit
  ), readers as materialized (
    select s.user_id
    from (select f.follower_id from followers f union all select v_post.author_id where p_after is null) f
    join public.feed_state s on s.user_id = f.follower_id
    where s.read_at > now() - interval '31 days' and s.complete_since <= v_post.published_at
      and (v_post.visibility <> 'friends' or f.follower_id = v_post.author_id or exists (
        select from public.follows b where b.follower_id = v_post.author_id and b.followee_id = f.follower_id
      ))
  ), stored as (
    insert into public.feed_inbox (user_id, published_at, post_id, author_id)
    select r.user_id, v_post.published_at, v_post.id, v_post.author_id from readers r order by r.user_id
    on conflict do nothing
  )
  select
    (select f.follower_id from followers f order by f.follower_id offset greatest(p_limit - 1, 0)),
    (select coalesce(array_agg(r.user_id), '{}') from readers r);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shared_original (
  p_share    uuid,
  p_author   uuid,
  p_post     uuid,
  p_is_plain boolean
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post;
  -- A share of a share shares what that one shares, so that there is one original and no chain.
  if v_post.type = 'share' then
    perform app_private.assert_post(p_author, p_post);
    select * into v_post from public.posts p where p.id = v_post.shared_post_id;
  end if;
  perform app_private.assert_post(p_author, v_post.id);
  if v_post.status <> 'published' or v_post.visibility in ('private', 'group') or not v_post.shares_allowed then
    perform app_hidden.fail(403, 'posts.shares_not_allowed', 'This post is not to be shared.', 'Share posts with `shares_allowed` that others may read.');
  end if;
  if p_is_plain then
    -- The second of two at once finds out here too, and not from the unique index.
    perform pg_advisory_xact_lock(hashtextextended('posts.share ' || p_author || v_post.id, 0));
    if exists (
      select from public.posts p
      where p.author_id = p_author and p.shared_post_id = v_post.id and p.type = 'share' and p.content is null and p.id <> p_share
    ) then
      perform app_hidden.fail(409, 'posts.already_shared', 'You have shared this post.', 'Share it again with words of your own.');
    end if;
  end if;
  return v_post.id;
end
$function$;

CREATE OR REPLACE FUNCTION public.comment_cards (
  p_ids uuid[]
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
  v_comments public.comments[];
  v_ids uuid[];
  v_authors uuid[];
begin
  select array_agg(c), array_agg(c.id), array_agg(c.author_id) into v_comments, v_ids, v_authors
  from unnest(p_ids[1:200]) u (id) join public.comments c on c.id = u.id;
  if v_ids is null then
    return;
  end if;
  return query
  select c.id, c.post_id, c.parent_id, case when c.deleted_at is null then f.author end, c.content,
    c.likes_count + f.likes_added, c.replies_count + f.replies_added, f.liked, c.edited_at, c.deleted_at, c.created_at,
    c.deleted_at is null and (coalesce((select auth.uid()) in (c.author_id, p.author_id), false)
      or (p.group_id is not null and p.group_id in (select app_hidden.my_moderated_group_ids())))
  from unnest(v_comments) c
  join app_hidden.comment_facts(v_ids, v_authors) f on f.comment_id = c.id
  join public.posts p on p.id = c.post_id
  order by array_position(p_ids, c.id);
end
$function$;

CREATE OR REPLACE FUNCTION public.create_post (
  p jsonb
)
  RETURNS public.post_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_card public.post_card;
  v_poll jsonb := nullif(p -> 'poll', 'null');
  v_scheduled_for timestamptz;
  v_status text;
begin
  perform app_hidden.assert_fields(p, '{"type": "string", "content": "string", "media_urls": "strings", "location": "string", "tags": "strings",
    "visibility": "string", "group_id": "uuid", "reply_control": "string", "shares_allowed": "boolean", "shared_post_id": "uuid", "scheduled_for": "time",
    "draft": "boolean", "poll": "object"}');
  if p ->> 'group_id' is not null and p ->> 'visibility' <> 'group' then
    perform app_hidden.fail(422, 'posts.field_invalid', 'A post in a group is for that group.', 'Send `group_id` without `visibility`, or with group.');
  end if;
  v_scheduled_for := (p ->> 'scheduled_for')::timestamptz;
  v_status := case
    when (p ->> 'draft')::boolean then 'draft'
    when v_scheduled_for is not null then 'scheduled'
    else 'published' end;
  insert into public.posts (type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, status, scheduled_for)
  values (
    coalesce(p ->> 'type', 'text'), p ->> 'content', app_hidden.texts(p -> 'media_urls'), p ->> 'location', app_hidden.texts(p -> 'tags'),
    coalesce(p ->> 'visibility', 'public'), (p ->> 'group_id')::uuid, coalesce(p ->> 'reply_control', 'everyone'), coalesce((p ->> 'shares_allowed')::boolean, true),
    (p ->> 'shared_post_id')::uuid,
    -- A poll may be all that a post says, so it must be there before the post is published.
    case when v_poll is null then v_status else 'draft' end, v_scheduled_for)
  returning id into v_id;
  if v_poll is not null then
    perform app_hidden.set_poll(v_id, v_poll, coalesce(v_scheduled_for, now()));
    if v_status <> 'draft' then
      update public.posts x set status = v_status, scheduled_for = v_scheduled_for where x.id = v_id;
    end if;
  end if;
  select * into v_card from public.post_cards(array[v_id]);
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_comment (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if not exists (
    select from public.comments c join public.posts p on p.id = c.post_id
    where c.id = p_id and c.deleted_at is null
      and (auth.uid() in (c.author_id, p.author_id) or p.group_id in (select app_hidden.my_moderated_group_ids()))
  ) then
    return false;
  end if;
  delete from public.comments c where c.id = p_id;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_post (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from public.posts p where p.id = p_id and p.author_id = auth.uid();
  return found;
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
    where b.user_id = (select auth.uid()) and exists (select from public.posts p where p.id = b.post_id)
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

CREATE OR REPLACE FUNCTION public.pinned_posts_of_group (
  p_group uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_group_readable(p_group);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.group_id = p_group and p.pinned_at is not null and p.status = 'published' order by p.pinned_at desc, p.id desc
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."pinned_posts_of_group"(uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.post_cards (
  p_ids uuid[]
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
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published' and p.group_id is null
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.assert_group_readable(p_group);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.group_id = p_group and p.status = 'published'
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "group_of_a_group_post" CHECK (((visibility = 'group'::text) = (group_id IS NOT NULL)));

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "posts_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "visibility_known" CHECK ((visibility = ANY (ARRAY['public'::text, 'friends'::text, 'private'::text, 'group'::text])));

CREATE INDEX posts_group_id_idx ON public.posts USING btree (group_id)
  WHERE (group_id IS NOT NULL);

CREATE INDEX posts_group_idx ON public.posts USING btree (group_id, published_at DESC, id DESC)
  WHERE ((group_id IS NOT NULL) AND (status = 'published'::text));

CREATE INDEX posts_group_pinned_idx ON public.posts USING btree (group_id)
  WHERE (pinned_at IS NOT NULL);

CREATE TRIGGER note_post_shown
  AFTER UPDATE OF status, visibility ON public.posts
  FOR EACH ROW
  WHEN (((new.status = 'published'::text) AND (new.group_id IS NULL) AND ((old.status IS DISTINCT FROM new.status) OR (old.visibility IS DISTINCT FROM new.visibility))))
  EXECUTE FUNCTION app_private.note_post_shown();

CREATE POLICY "everybody reads public posts of public accounts, and posts in p" ON "public"."posts"
  FOR SELECT
  TO "anon"
  USING (((status = 'published'::text) AND
CASE visibility
    WHEN 'public'::text THEN (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true))
    WHEN 'group'::text THEN COALESCE(( SELECT (g.visibility = 'public'::text)
       FROM public.groups g
      WHERE (g.id = posts.group_id)), false)
    ELSE false
END));

CREATE POLICY "people read their own posts, and those they are shown" ON "public"."posts"
  FOR SELECT
  TO "authenticated"
  USING
    ((((author_id = ( SELECT auth.uid() AS uid)) AND ((group_id IS NULL) OR (status = ANY (ARRAY['draft'::text, 'scheduled'::text])) OR (group_id IN ( SELECT
    app_hidden.my_group_ids() AS my_group_ids)) OR COALESCE(( SELECT (g.visibility = 'public'::text)
   FROM public.groups g
  WHERE (g.id = posts.group_id)), false))) OR ((status = 'published'::text) AND (NOT (author_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND
CASE visibility
    WHEN 'public'::text THEN (COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = ( SELECT auth.uid() AS uid)) AND (f.followee_id = posts.author_id))), false) OR (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true)))
    WHEN 'friends'::text THEN (COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = ( SELECT auth.uid() AS uid)) AND (f.followee_id = posts.author_id))), false) AND COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = posts.author_id) AND (f.followee_id = ( SELECT auth.uid() AS uid)))), false))
    WHEN 'group'::text THEN ((group_id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids)) OR COALESCE(( SELECT (g.visibility = 'public'::text)
       FROM public.groups g
      WHERE (g.id = posts.group_id)), false))
    ELSE false
END)));

COMMENT ON FUNCTION "app_hidden"."assert_group_readable"(uuid) IS 'Refuses who may not see what is in a group: 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "app_hidden"."my_moderated_group_ids"() IS 'The groups in which I am owner, admin or moderator.';

COMMENT ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) IS '422 posts.too_many_pinned from the fourth pinned post of an author, or of a group, on.';

COMMENT ON FUNCTION "app_private"."can_comment"(uuid, uuid) IS 'Whether somebody may comment on a post: its author always, others when the post and the settings of its author both let them; in a group, members only.';

COMMENT ON FUNCTION "app_private"."can_read_group"(uuid, uuid) IS 'Whether a viewer (null: nobody signed in) sees what is in a group, its members and posts: of public ones everybody, of others members.';

COMMENT ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) IS 'Whom a text mentions with @username, of its first 30 names those who let its author mention them and, in a group, read it there. To all others it is plain text.';

COMMENT ON FUNCTION "public"."create_post"(jsonb) IS 'Writes a post: {type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, scheduled_for, draft, poll: {options, ends_at, is_multiple}}, all optional. 422 posts.field_invalid for any other.';

COMMENT ON FUNCTION "public"."delete_comment"(uuid) IS 'Deletes a comment of the caller, or on a post of the caller or in a group that they moderate; false when there is none. One with answers stays as an empty place.';

COMMENT ON FUNCTION "public"."pinned_posts_of_group"(uuid) IS 'The pinned posts of a group, at most three, the latest pinned first. 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'What was posted in a group, as far as the caller may read it. 404 groups.not_found, 403 groups.members_only.';

COMMENT ON TABLE "public"."posts" IS 'What people post. Who may read one is decided by its policy alone. draft and scheduled: for the author only; removed: by a moderator. group_id: it stands on the page of that group and nowhere else. tags hold those of the content too, in lower case.';

COMMENT ON TYPE "public"."post_card" IS 'A post as the caller sees it, with its author, its counts, and what the caller did with it. poll, shared_post, reason (why it is in the feed) and group_id are null where there is none.';

REVOKE ALL ON FUNCTION "app_hidden"."assert_group_readable"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_group_readable"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."assert_group_readable"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_group_readable"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_group_ids"() FROM "anon";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_group_ids"() TO "anon";

REVOKE ALL ON FUNCTION "app_hidden"."my_moderated_group_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_moderated_group_ids"() TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_moderated_group_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_moderated_group_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room_for_pin"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_read_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_read_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_read_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentioned_in"(uuid, text, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_posts_of_group"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."pinned_posts_of_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pinned_posts_of_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ("group_id") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("group_id") ON TABLE "public"."posts" TO "authenticated";
