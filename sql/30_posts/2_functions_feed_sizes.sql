-- Authors with more followers than are pushed to. Security definer, all of them: the tables are closed to the worker.
-- A follow is either pushed or pulled (follows.is_pulled). A new large author's follows are switched over in steps, then the inboxes of
-- all who read are filled from the posts: what was published before a switch is in them then, what is published after it goes the new way.

create function app_private.is_pulled_post(p_task app_private.feed_tasks, p_large_from int)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_state text;
begin
  select l.state into v_state from app_private.large_authors l where l.author_id = p_task.author_id;
  if not found then
    if not exists (
      select from public.profile_counts c where c.user_id = p_task.author_id and c.followers_count >= p_large_from
    ) then
      return false;
    end if;
    insert into app_private.large_authors (author_id) values (p_task.author_id) on conflict do nothing;
    v_state := 'growing';
  end if;
  insert into app_private.pulled_posts (author_id, post_id, published_at)
  select p.author_id, p.id, p.published_at from public.posts p
  where p.id = p_task.post_id and p.status = 'published' and p.visibility <> 'private';
  return v_state <> 'shrinking'; -- some of their followers are pushed to again
end
$$;
comment on function app_private.is_pulled_post(app_private.feed_tasks, int) is
  'Notes a post for those who pull, when its author is large or has just become so; true: nobody is to be pushed to.';

create function app_private.mark_pulled(p_follower uuid, p_author uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_state text;
begin
  -- Held until the commit: else the author's follows could all be switched back in between, and this one would stay as it is for ever.
  select l.state into v_state from app_private.large_authors l where l.author_id = p_author for share;
  update public.follows f set is_pulled = v_state <> 'shrinking'
  where f.follower_id = p_follower and f.followee_id = p_author and f.is_pulled <> (v_state <> 'shrinking');
end
$$;
comment on function app_private.mark_pulled(uuid, uuid) is 'Says of a new follow that its followee is pulled.';

create function app_private.resize_authors(p_limit int, p_small_below int default 4000)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_author app_private.large_authors;
  v_moved record;
  v_count int := 0;
begin
  select * into v_author from app_private.large_authors l where l.state <> 'large' order by l.since limit 1 for update skip locked;
  if not found then
    update app_private.large_authors l set state = 'shrinking', since = now()
    from public.profile_counts c
    where c.user_id = l.author_id and l.state = 'large' and c.followers_count < p_small_below;
    get diagnostics v_count = row_count;
    return v_count;
  end if;
  for v_moved in
    select f.follower_id, f.created_at from public.follows f
    where f.followee_id = v_author.author_id and (f.created_at, f.follower_id) < (v_author.moved_at, v_author.moved_id)
    order by f.created_at desc, f.follower_id desc
    limit p_limit
  loop
    if v_author.is_filling then
      -- Somebody else is at this inbox: from here on again in the next step.
      exit when not app_private.backfill_feed(v_moved.follower_id, v_author.author_id);
    else
      update public.follows f set is_pulled = v_author.state = 'growing'
      where f.follower_id = v_moved.follower_id and f.followee_id = v_author.author_id
        and f.is_pulled <> (v_author.state = 'growing');
    end if;
    v_author.moved_at := v_moved.created_at;
    v_author.moved_id := v_moved.follower_id;
    v_count := v_count + 1;
  end loop;
  perform app_private.note_resize(v_author, exists (
    select from public.follows f
    where f.followee_id = v_author.author_id and (f.created_at, f.follower_id) < (v_author.moved_at, v_author.moved_id)
  ));
  return greatest(v_count, 1);
end
$$;
comment on function app_private.resize_authors(int, int) is
  'Takes one author who became large, or has fewer than p_small_below followers, a step of p_limit follows further, and says how far it came: call again until 0.';

create function app_private.note_resize(p_author app_private.large_authors, p_has_more boolean)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if p_has_more then
    update app_private.large_authors l set moved_at = p_author.moved_at, moved_id = p_author.moved_id
    where l.author_id = p_author.author_id;
  elsif p_author.is_filling and p_author.state = 'shrinking' then
    delete from app_private.large_authors l where l.author_id = p_author.author_id;
  else
    update app_private.large_authors l
    set is_filling = not p_author.is_filling, state = case when p_author.is_filling then 'large' else l.state end,
      moved_at = 'infinity', moved_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    where l.author_id = p_author.author_id;
  end if;
end
$$;
comment on function app_private.note_resize(app_private.large_authors, boolean) is 'Writes down how far an author''s change of size is: first every follow, then every inbox.';
