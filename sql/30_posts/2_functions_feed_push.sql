-- How inboxes are kept: what the worker calls. Everything here may run twice, in any order and at many workers at once, and may be
-- killed at any point: a step looks at follows and posts as they are, and what it inserts is there already or is not.
-- Security definer, all of them: the tables are closed to the worker.

create function app_private.push_post(p_post uuid, p_after uuid, p_limit int)
returns table (next_after uuid, pushed uuid[])
language plpgsql volatile security definer rows 1
set search_path = ''
as $$
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

-- In one transaction, two posts in one order would wait for an inbox that is built in the other: the worker takes one task at a time.
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
  v_limit int;
  v_is_done boolean := true;
begin
  case p_task.kind
    when 'push' then
      -- The author's own inbox in any case: it may have been built while the post was written.
      v_limit := case when p_task.done_to is null and app_private.is_pulled_post(p_task, p_large_from) then 0 else 1000 end;
      select p.next_after, p.pushed into v_next, v_changed from app_private.push_post(p_task.post_id, p_task.done_to, v_limit) p;
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
