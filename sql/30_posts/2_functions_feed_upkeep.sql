-- What the worker does with inboxes from time to time. Any number of workers may: each passes over what another one has locked.
-- Security definer, all of them: the tables are closed to the worker.

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
