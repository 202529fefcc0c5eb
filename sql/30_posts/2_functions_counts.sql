-- Counts of posts and comments, as those of profiles: whose row is held by somebody gets the change a moment later, and whoever
-- shows a count adds what waits. Triggers are security definer, because people may not write counts.

create function app_private.is_counted(p_status text, p_visibility text)
returns boolean
language plpgsql immutable
set search_path = ''
as $$
begin
  return p_status = 'published' and p_visibility in ('public', 'friends');
end
$$;
comment on function app_private.is_counted(text, text) is
  'Whether a post is told of to others, by counts and under its tags: of drafts, of what is for its author alone and of posts in groups, nobody learns that they exist.';

create function app_private.count_post(p_counter text, p_targets uuid[], p_deltas bigint[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  with wanted as materialized (
    select u.target, sum(u.delta)::bigint as delta
    from unnest(p_targets, p_deltas) u (target, delta) where u.target is not null group by u.target having sum(u.delta) <> 0
  ), free as materialized (
    select c.post_id from public.post_counts c
    where c.post_id in (select w.target from wanted w)
    for no key update skip locked
  ), changed as (
    update public.post_counts c set
      likes_count = c.likes_count + case p_counter when 'likes_count' then w.delta else 0 end,
      comments_count = c.comments_count + case p_counter when 'comments_count' then w.delta else 0 end,
      shares_count = c.shares_count + case p_counter when 'shares_count' then w.delta else 0 end
    from wanted w join free f on f.post_id = w.target
    where c.post_id = w.target
    returning c.post_id
  )
  insert into app_private.count_deltas (target, counter, delta)
  select w.target, p_counter, w.delta from wanted w
  where w.target not in (select c.post_id from changed c)
    -- What the deletion of a post takes along is not counted any more.
    and exists (select from public.posts p where p.id = w.target);
end
$$;
comment on function app_private.count_post(text, uuid[], bigint[]) is
  'Adds to one of the counts of posts (likes_count, comments_count, shares_count); a row that somebody holds gets it a moment later.';

create function app_private.count_comment(p_counter text, p_targets uuid[], p_deltas bigint[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  with wanted as materialized (
    select u.target, sum(u.delta)::bigint as delta
    from unnest(p_targets, p_deltas) u (target, delta) where u.target is not null group by u.target having sum(u.delta) <> 0
  ), free as materialized (
    select c.id from public.comments c
    where c.id in (select w.target from wanted w)
    for no key update skip locked
  ), changed as (
    update public.comments c set
      likes_count = c.likes_count + case p_counter when 'comment_likes_count' then w.delta else 0 end,
      replies_count = c.replies_count + case p_counter when 'replies_count' then w.delta else 0 end
    from wanted w join free f on f.id = w.target
    where c.id = w.target
    returning c.id
  )
  insert into app_private.count_deltas (target, counter, delta)
  select w.target, p_counter, w.delta from wanted w
  where w.target not in (select c.id from changed c) and exists (select from public.comments c where c.id = w.target);
end
$$;
comment on function app_private.count_comment(text, uuid[], bigint[]) is
  'Adds to one of the counts of comments (comment_likes_count, replies_count); a row that somebody holds gets it a moment later.';

create function app_private.count_new_posts()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function app_private.count_new_posts() is 'Trigger on posts: makes their counts, and counts them for their authors and for what they share.';

create function app_private.count_changed_posts()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function app_private.count_changed_posts() is 'Trigger on posts: counts those that were published, removed, or shown to others or to nobody from now on.';

create function app_private.count_deleted_posts()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
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
$$;
comment on function app_private.count_deleted_posts() is 'Trigger on posts: counts those that are gone.';

create function app_private.count_post_likes()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_posts uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.post_id), array_agg(1) into v_posts, v_deltas from added a;
  else
    select array_agg(g.post_id), array_agg(-1) into v_posts, v_deltas from gone g;
  end if;
  if v_deltas is not null then
    perform app_private.count_post('likes_count', v_posts, v_deltas);
  end if;
  return null;
end
$$;
comment on function app_private.count_post_likes() is 'Trigger on post_likes: counts them for their posts.';

create function app_private.count_comment_likes()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_comments uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.comment_id), array_agg(1) into v_comments, v_deltas from added a;
  else
    select array_agg(g.comment_id), array_agg(-1) into v_comments, v_deltas from gone g;
  end if;
  if v_deltas is not null then
    perform app_private.count_comment('comment_likes_count', v_comments, v_deltas);
  end if;
  return null;
end
$$;
comment on function app_private.count_comment_likes() is 'Trigger on comment_likes: counts them for their comments.';

create function app_private.count_comments()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_posts uuid[];
  v_parents uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.post_id), array_agg(a.parent_id), array_agg(1) into v_posts, v_parents, v_deltas
    from added a where a.deleted_at is null;
  else
    delete from app_private.count_deltas d where d.target in (select g.id from gone g);
    select array_agg(g.post_id), array_agg(g.parent_id), array_agg(-1) into v_posts, v_parents, v_deltas
    from gone g where g.deleted_at is null;
  end if;
  if v_deltas is not null then
    perform app_private.count_post('comments_count', v_posts, v_deltas);
    perform app_private.count_comment('replies_count', v_parents, v_deltas);
  end if;
  return null;
end
$$;
comment on function app_private.count_comments() is 'Trigger on comments: counts them for their posts, and answers for what they answer.';

create function app_private.count_emptied_comment()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.count_post('comments_count', array[new.post_id], array[-1]);
  perform app_private.count_comment('replies_count', array[new.parent_id], array[-1]);
  return null;
end
$$;
comment on function app_private.count_emptied_comment() is 'Trigger on comments: one that was deleted but stays as an empty place is not counted any more.';

create function app_private.count_votes()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_option record;
begin
  -- Options of one poll go up and down together when somebody changes their mind, so each is a row of its own to hold.
  for v_option in
    select v.post_id, v.position, v.delta from (
      select c.post_id, c.position, count(*) * case tg_op when 'INSERT' then 1 else -1 end as delta from changed c group by c.post_id, c.position
    ) v
    where exists (select from public.poll_options o where o.post_id = v.post_id and o.position = v.position)
  loop
    update app_private.poll_tallies t set votes = t.votes + v_option.delta
    where t.id = (
      select f.id from app_private.poll_tallies f
      where f.post_id = v_option.post_id and f.position = v_option.position
      limit 1 for no key update skip locked
    );
    if not found then
      insert into app_private.poll_tallies (post_id, position, votes) values (v_option.post_id, v_option.position, v_option.delta);
    end if;
  end loop;
  return null;
end
$$;
comment on function app_private.count_votes() is 'Trigger on poll_votes: adds to a row of the option''s tally that nobody holds.';
