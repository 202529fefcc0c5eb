-- Comments and the answers to them.

create function app_private.assert_comment(p_viewer uuid, p_comment uuid)
returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_author uuid;
begin
  select c.author_id into v_author from public.comments c
  where c.id = p_comment and c.deleted_at is null
    and app_private.can_view_post(p_viewer, c.post_id) and app_private.can_view_profile(p_viewer, c.author_id);
  if not found then
    perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
  end if;
  return v_author;
end
$$;
comment on function app_private.assert_comment(uuid, uuid) is 'The author of a comment that a viewer may read; else 404 comments.not_found.';

create function app_private.guard_comment()
returns trigger
language plpgsql volatile security definer -- looks at people, settings and comments that the caller may not see
set search_path = ''
as $$
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
$$;
comment on function app_private.guard_comment() is
  'Trigger on comments: who may comment and answer what. 404 posts.not_found, comments.not_found, 403 posts.comments_not_allowed, 422 comments.content_invalid, 429 rate_limit.exceeded.';

create function app_private.assert_may_edit(p_comment public.comments)
returns void
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function app_private.assert_may_edit(public.comments) is
  'Refuses other words where one may not write any more: 404 posts.not_found, 403 posts.comments_not_allowed.';

create function app_private.keep_thread()
returns trigger
language plpgsql volatile security definer -- people may not empty a comment by themselves
set search_path = ''
as $$
begin
  -- When the post or the author goes, the comment goes whole, whoever answered.
  if exists (select from public.comments c where c.parent_id = old.id)
    and exists (select from public.posts p where p.id = old.post_id) and exists (select from public.profiles p where p.id = old.author_id) then
    update public.comments c set content = null, deleted_at = now() where c.id = old.id and c.deleted_at is null;
    return null;
  end if;
  return old;
end
$$;
comment on function app_private.keep_thread() is 'Trigger on comments: one that was answered is emptied instead of deleted, so that its thread holds together.';

create function app_private.tidy_threads()
returns trigger
language plpgsql volatile security definer -- an emptied comment may be anybody's
set search_path = ''
as $$
declare
  v_empty uuid[] := array(
    select c.id from public.comments c
    where c.id in (select g.parent_id from gone g where g.parent_id is not null) and c.deleted_at is not null
      and not exists (select from public.comments a where a.parent_id = c.id)
  );
begin
  if v_empty <> '{}' then -- a deletion of nothing would fire this again, and so on
    delete from public.comments c where c.id = any (v_empty);
  end if;
  return null;
end
$$;
comment on function app_private.tidy_threads() is 'Trigger on comments: with its last answer an emptied comment goes too.';

create function app_private.index_comment()
returns trigger
language plpgsql volatile security definer -- people may not write mentions themselves
set search_path = ''
as $$
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
$$;
comment on function app_private.index_comment() is 'Trigger on comments: whom they mention.';

create function app_private.guard_comment_like()
returns trigger
language plpgsql volatile security definer -- looks at people and posts that the caller may not see
set search_path = ''
as $$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1200, '1 hour');
  perform app_private.assert_comment(new.user_id, new.comment_id);
  perform app_private.assert_not_banned(new.user_id, (select c.post_id from public.comments c where c.id = new.comment_id));
  return new;
end
$$;
comment on function app_private.guard_comment_like() is 'Trigger on comment_likes: 404 comments.not_found for what one may not read, 403 groups.banned, 429 rate_limit.exceeded.';

-- Reading -------------------------------------------------------------------------------------------------------------------

create function app_private.comment_cards_of(p_viewer uuid, p_ids uuid[])
returns setof public.comment_card
language plpgsql stable rows 20
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
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
$$;
comment on function app_private.comment_cards_of(uuid, uuid[]) is
  'Comments by id in the order asked for, without those of hidden people. Whether the viewer reads their posts is for the caller to know.';

create function public.comment_cards(p_ids uuid[])
returns setof public.comment_card
language plpgsql stable security definer rows 20 -- the place of an emptied comment is shown, and its row, which says whose it was, is not
set search_path = ''
as $$
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
$$;
comment on function public.comment_cards(uuid[]) is 'Comments by id, in the order asked for, as far as the caller may read them.';

create function public.post_comments(
  p_post uuid default null, p_parent uuid default null, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null
)
returns setof public.comment_card
language plpgsql stable security definer -- asks once whether the post may be read, instead of once a comment
set search_path = ''
as $$
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
$$;
comment on function public.post_comments(uuid, uuid, int, timestamptz, uuid) is
  'Comments on a post, the newest first; with p_parent the answers to one, the oldest first (p_before is then the last one read). 404 posts.not_found, comments.not_found.';
