-- Adds what waits in count_deltas to the rows it belongs to. Row and delta change in one transaction, so a count shown with what waits
-- for it is the same before and after. Security definer: both are closed to the worker.

create function app_private.fold_counts(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_start uuid := gen_random_uuid();
  v_target uuid;
  v_oldest uuid;
  v_count int := 0;
begin
  -- From a place by chance and then once around: one whose row is always held cannot keep the others waiting.
  for v_round in 1..2 loop
    v_target := case v_round when 1 then v_start else '00000000-0000-0000-0000-000000000000' end;
    loop
      select d.target into v_target from app_private.count_deltas d
      where d.target > v_target and (v_round = 1 or d.target <= v_start)
      order by d.target limit 1;
      exit when not found;
      v_count := v_count + app_private.fold_count(v_target, false);
      if v_count >= p_limit then
        return v_count;
      end if;
    end loop;
  end loop;
  if v_count = 0 then
    -- All are held, again and again by others. Whoever waits for a row gets it next, and this holds no other.
    select d.target into v_oldest from app_private.count_deltas d order by d.id limit 1;
    if found then
      v_count := app_private.fold_count(v_oldest, true);
    end if;
  end if;
  return v_count;
end
$$;
comment on function app_private.fold_counts(int) is
  'Adds waiting changes of counts to rows that are free, until p_limit of them are done or nothing is left, and says how many.';

create function app_private.fold_count(p_target uuid, p_wait boolean)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_sums jsonb;
  v_count int;
begin
  if not app_private.lock_counts(p_target, p_wait) then
    return 0;
  end if;
  with folded as (
    delete from app_private.count_deltas d where d.target = p_target returning d.counter, d.delta
  )
  select jsonb_object_agg(s.counter, s.delta), coalesce(sum(s.changes), 0)::int into v_sums, v_count
  from (select f.counter, sum(f.delta) as delta, count(*) as changes from folded f group by f.counter) s;

  if v_sums ?| array['followers_count', 'following_count', 'posts_count'] then
    update public.profile_counts c
    set followers_count = c.followers_count + coalesce((v_sums ->> 'followers_count')::bigint, 0),
      following_count = c.following_count + coalesce((v_sums ->> 'following_count')::bigint, 0),
      posts_count = c.posts_count + coalesce((v_sums ->> 'posts_count')::bigint, 0)
    where c.user_id = p_target;
  elsif v_sums ?| array['likes_count', 'comments_count', 'shares_count'] then
    update public.post_counts c
    set likes_count = c.likes_count + coalesce((v_sums ->> 'likes_count')::bigint, 0),
      comments_count = c.comments_count + coalesce((v_sums ->> 'comments_count')::bigint, 0),
      shares_count = c.shares_count + coalesce((v_sums ->> 'shares_count')::bigint, 0)
    where c.post_id = p_target;
  elsif v_sums ?| array['comment_likes_count', 'replies_count'] then
    update public.comments c
    set likes_count = c.likes_count + coalesce((v_sums ->> 'comment_likes_count')::bigint, 0),
      replies_count = c.replies_count + coalesce((v_sums ->> 'replies_count')::bigint, 0)
    where c.id = p_target;
  end if;
  return v_count;
end
$$;
comment on function app_private.fold_count(uuid, boolean) is
  'Adds what waits for one profile, post or comment, and says how many changes that were; 0 when its row is held. What waits for something that is gone goes too.';

create function app_private.lock_counts(p_target uuid, p_wait boolean)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if p_wait then
    perform from public.profile_counts c where c.user_id = p_target for no key update;
    perform from public.post_counts c where c.post_id = p_target for no key update;
    perform from public.comments c where c.id = p_target for no key update;
    return true;
  end if;
  -- Ids of people, posts and comments are all different, so at most one of these is there.
  perform from public.profile_counts c where c.user_id = p_target for no key update skip locked;
  if found then
    return true;
  end if;
  perform from public.post_counts c where c.post_id = p_target for no key update skip locked;
  if found then
    return true;
  end if;
  perform from public.comments c where c.id = p_target for no key update skip locked;
  return found or not (
    exists (select from public.profile_counts c where c.user_id = p_target)
    or exists (select from public.post_counts c where c.post_id = p_target)
    or exists (select from public.comments c where c.id = p_target)
  );
end
$$;
comment on function app_private.lock_counts(uuid, boolean) is 'Locks the row that holds the counts of something. False: somebody holds it. True where there is none.';
