-- How inboxes are kept: what the worker calls. Everything here may run twice, in any order and at many workers at once, and may be
-- killed at any point: a step looks at follows and posts as they are, and what it inserts is there already or is not.
-- Security definer, all of them: the tables are closed to the worker.

-- Fan-out -----------------------------------------------------------------------------------------------------------------

create function app_private.push_post(p_post uuid, p_after uuid, p_limit int)
returns table (next_after uuid, pushed uuid[])
language plpgsql volatile security definer rows 1
set search_path = ''
as $$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post and p.status = 'published';
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
    (select f.follower_id from followers f order by f.follower_id offset p_limit - 1),
    (select coalesce(array_agg(r.user_id), '{}') from readers r);
end
$$;
comment on function app_private.push_post(uuid, uuid, int) is
  'Puts a post into the inboxes of its author and of the next p_limit followers after p_after who read their feed in the last month. Gives where to go on (null: that was all) and whose inboxes have it now.';

create function app_private.drop_post(p_task app_private.feed_tasks, p_limit int)
returns table (next_after uuid, dropped uuid[])
language plpgsql volatile security definer rows 1
set search_path = ''
as $$
begin
  return query
  with followers as materialized (
    select f.follower_id from public.follows f
    where f.followee_id = p_task.author_id
      and f.follower_id > coalesce(p_task.done_to, '00000000-0000-0000-0000-000000000000')
    order by f.follower_id
    limit p_limit
  ), gone as (
    delete from public.feed_inbox i
    using (select f.follower_id from followers f union all select p_task.author_id) f
    where i.user_id = f.follower_id and i.published_at = p_task.published_at and i.post_id = p_task.post_id
    returning i.user_id
  )
  select
    (select f.follower_id from followers f order by f.follower_id offset p_limit - 1),
    (select coalesce(array_agg(g.user_id), '{}') from gone g);
end
$$;
comment on function app_private.drop_post(app_private.feed_tasks, int) is
  'Takes a deleted post out of the inboxes of the next p_limit followers. Only so that inboxes do not fill up with it: nobody would see it.';

-- Skip locked: who has the state locked is another step for the same person, and a step that holds states must not wait for one.
create function app_private.backfill_feed(p_user uuid, p_author uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_since timestamptz;
  v_count int;
  v_oldest timestamptz;
begin
  select s.complete_since into v_since from public.feed_state s where s.user_id = p_user for no key update skip locked;
  if not found then
    return not exists (select from public.feed_state s where s.user_id = p_user); -- cold: built from the follows when it is read
  end if;
  with found as materialized (
    select p.id, p.published_at from public.posts p
    where p.author_id = p_author and p.status = 'published' and p.published_at >= v_since
      and exists (select from public.follows f where f.follower_id = p_user and f.followee_id = p_author)
      and (p.visibility = 'public' or (p.visibility = 'friends' and exists (
        select from public.follows b where b.follower_id = p_author and b.followee_id = p_user
      )))
    order by p.published_at desc, p.id desc
    limit 1000
  ), stored as (
    insert into public.feed_inbox (user_id, published_at, post_id, author_id)
    select p_user, f.published_at, f.id, p_author from found f
    on conflict do nothing
  )
  select count(*), min(f.published_at) into v_count, v_oldest from found f;
  if v_count = 1000 then
    update public.feed_state s set complete_since = v_oldest + interval '1 microsecond' where s.user_id = p_user;
  end if;
  return true;
end
$$;
comment on function app_private.backfill_feed(uuid, uuid) is
  'Puts the posts of somebody who is followed into a follower''s inbox, as far back as it goes. False: somebody else is at that inbox, try again.';

create function app_private.clear_author(p_user uuid, p_author uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Locked, so that a backfill of a new follow comes before or after this as a whole.
  perform from public.feed_state s where s.user_id = p_user for no key update skip locked;
  if not found then
    return not exists (select from public.feed_state s where s.user_id = p_user);
  end if;
  delete from public.feed_inbox i
  where i.user_id = p_user and i.author_id = p_author
    and not exists (select from public.follows f where f.follower_id = p_user and f.followee_id = p_author);
  return true;
end
$$;
comment on function app_private.clear_author(uuid, uuid) is 'Takes the posts of somebody who is not followed any more out of an inbox. False: try again.';

-- Tasks -------------------------------------------------------------------------------------------------------------------

create function app_private.work_feed(p_limit int, p_large_from int default 5000)
returns table (worked int, failed int, changed uuid[])
language plpgsql volatile security definer rows 1
set search_path = ''
as $$
declare
  v_task app_private.feed_tasks;
begin
  worked := 0;
  failed := 0;
  changed := '{}';
  for v_task in
    select * from app_private.feed_tasks t where t.due_at <= now()
    order by t.due_at, t.id
    limit least(greatest(p_limit, 1), 50) -- each takes a subtransaction
    for update skip locked
  loop
    begin
      changed := changed || app_private.work_feed_task(v_task, p_large_from);
    exception when others then
      failed := failed + 1;
      update app_private.feed_tasks t
      set attempts = t.attempts + 1, last_error = left(sqlerrm, 500),
        due_at = clock_timestamp() + least(interval '10 minutes', interval '1 second' * 2 ^ least(t.attempts, 20))
      where t.id = v_task.id;
    end;
    worked := worked + 1;
    exit when clock_timestamp() > statement_timestamp() + interval '1 second';
  end loop;
  return next;
end
$$;
comment on function app_private.work_feed(int, int) is
  'Does up to p_limit steps (at most 50, for a second) of what inboxes have to learn. Authors with p_large_from followers are not pushed. Gives how many steps were done, how many of them failed and are tried again later, and whose inboxes changed.';

create function app_private.work_feed_task(p_task app_private.feed_tasks, p_large_from int)
returns uuid[]
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_changed uuid[];
  v_next uuid;
  v_is_done boolean := true;
begin
  case p_task.kind
    when 'push' then
      if p_task.done_to is null and app_private.is_pulled_post(p_task, p_large_from) then
        v_changed := array[p_task.author_id];
      else
        select p.next_after, p.pushed into v_next, v_changed from app_private.push_post(p_task.post_id, p_task.done_to, 1000) p;
      end if;
    when 'drop' then
      if not exists (select from app_private.large_authors l where l.author_id = p_task.author_id) then
        select d.next_after, d.dropped into v_next, v_changed from app_private.drop_post(p_task, 1000) d;
      end if;
    when 'followed' then
      perform app_private.mark_pulled(p_task.follower_id, p_task.author_id);
      v_is_done := app_private.backfill_feed(p_task.follower_id, p_task.author_id);
      -- Two who have become friends: the other one may now see posts that are for friends.
      if exists (select from public.follows f where f.follower_id = p_task.author_id and f.followee_id = p_task.follower_id) then
        v_is_done := app_private.backfill_feed(p_task.author_id, p_task.follower_id) and v_is_done;
      end if;
      v_changed := array[p_task.follower_id, p_task.author_id];
    when 'unfollowed' then
      v_is_done := app_private.clear_author(p_task.follower_id, p_task.author_id);
      v_changed := array[p_task.follower_id];
  end case;
  if v_next is not null then
    update app_private.feed_tasks t set done_to = v_next where t.id = p_task.id;
  elsif v_is_done then
    delete from app_private.feed_tasks t where t.id = p_task.id;
  else
    update app_private.feed_tasks t set due_at = clock_timestamp() + interval '100 milliseconds' where t.id = p_task.id;
  end if;
  return coalesce(v_changed, '{}');
end
$$;
comment on function app_private.work_feed_task(app_private.feed_tasks, int) is 'One bounded step of a task, which is deleted after the last one.';

-- Large authors -------------------------------------------------------------------------------------------------------------
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
begin
  update public.follows f set is_pulled = l.state <> 'shrinking'
  from app_private.large_authors l
  where f.follower_id = p_follower and f.followee_id = p_author and l.author_id = p_author
    and f.is_pulled <> (l.state <> 'shrinking');
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

-- Upkeep --------------------------------------------------------------------------------------------------------------------

create function app_private.settle_feeds(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_state public.feed_state;
  v_found record;
  v_count int := 0;
begin
  for v_state in
    select * from public.feed_state s where not s.is_settled order by s.user_id limit p_limit for no key update skip locked
  loop
    with pulled as materialized (
      select p.post_id, p.published_at, p.author_id
      from app_private.pull_posts(v_state.user_id, v_state.complete_since, 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 1000) p
    ), stored as (
      insert into public.feed_inbox (user_id, published_at, post_id, author_id)
      select v_state.user_id, p.published_at, p.post_id, p.author_id from pulled p
      on conflict do nothing
    )
    select count(*) as count, min(p.published_at) as oldest into v_found from pulled p;
    update public.feed_state s
    set is_settled = true,
      complete_since = case when v_found.count = 1000 then v_found.oldest + interval '1 microsecond' else s.complete_since end
    where s.user_id = v_state.user_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.settle_feeds(int) is
  'Looks once more for posts of inboxes that were just built: now that the state of these is committed, whatever comes later is pushed.';

create function app_private.trim_inboxes(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_user uuid;
  v_cut timestamptz;
  v_count int := 0;
begin
  for v_user in
    select s.user_id from public.feed_state s where s.trimmed_at <= now() - interval '1 hour'
    order by s.trimmed_at limit p_limit for no key update skip locked
  loop
    select i.published_at into v_cut from public.feed_inbox i
    where i.user_id = v_user order by i.published_at desc, i.post_id desc offset 1000 limit 1;
    if found then
      -- The whole moment goes, so that what is left is complete from a moment on.
      delete from public.feed_inbox i where i.user_id = v_user and i.published_at <= v_cut;
    end if;
    update public.feed_state s
    set trimmed_at = now(), complete_since = greatest(s.complete_since, coalesce(v_cut + interval '1 microsecond', '-infinity'))
    where s.user_id = v_user;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.trim_inboxes(int) is 'Cuts up to p_limit inboxes back to 1,000 posts, each once an hour, and says how many it looked at.';

create function app_private.prune_feeds(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_states int;
  v_posts int;
begin
  with cold as materialized (
    select s.user_id from public.feed_state s where s.read_at < now() - interval '32 days' limit p_limit for update skip locked
  )
  delete from public.feed_state s using cold c where s.user_id = c.user_id;
  get diagnostics v_states = row_count;
  with old as materialized (
    select l.author_id, l.noticed_at, l.post_id from app_private.pulled_posts l
    where l.noticed_at < now() - interval '2 days' limit p_limit for update skip locked
  )
  delete from app_private.pulled_posts l using old o
  where (l.author_id, l.noticed_at, l.post_id) = (o.author_id, o.noticed_at, o.post_id);
  get diagnostics v_posts = row_count;
  return v_states + v_posts;
end
$$;
comment on function app_private.prune_feeds(int) is
  'Deletes inboxes that nobody read for a month, and what is too old to be pulled; up to p_limit of each: call again until 0.';

create function app_private.feed_stats()
returns table (
  waiting_tasks bigint, waiting_seconds double precision, failing_tasks bigint, unsettled bigint, large_authors bigint, waiting_counts bigint
)
language plpgsql stable security definer rows 1
set search_path = ''
as $$
begin
  return query
  -- Of the first 10,000: a gauge must not read a whole backlog every few seconds.
  with waiting as materialized (
    select t.due_at, t.attempts from app_private.feed_tasks t order by t.due_at limit 10000
  )
  select
    (select count(*) from waiting),
    (select coalesce(extract(epoch from clock_timestamp() - min(w.due_at)), 0)::double precision from waiting w where w.attempts = 0),
    (select count(*) from waiting w where w.attempts > 0),
    (select count(*) from (select from public.feed_state s where not s.is_settled limit 10000) s),
    (select count(*) from app_private.large_authors),
    (select count(*) from (select from app_private.count_deltas limit 10000) d);
end
$$;
comment on function app_private.feed_stats() is
  'What feeds and counts still have to learn: tasks, the age of the oldest, those that failed before, inboxes to settle, large authors, changes of counts; up to 10,000 each.';
