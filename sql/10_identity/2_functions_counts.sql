-- Counts of profiles. Whoever changes rows that are counted calls this from a trigger on the statement.

create function app_private.count_profile(p_counter text, p_targets uuid[], p_deltas bigint[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  with wanted as materialized (
    select u.target, sum(u.delta)::bigint as delta
    from unnest(p_targets, p_deltas) u (target, delta) group by u.target having sum(u.delta) <> 0
  ), free as materialized (
    -- Never waits, so that no order of changes can end in a deadlock, and a person whom thousands follow holds up none of them.
    select c.user_id from public.profile_counts c
    where c.user_id in (select w.target from wanted w)
    for no key update skip locked
  ), changed as (
    update public.profile_counts c set
      followers_count = c.followers_count + case p_counter when 'followers_count' then w.delta else 0 end,
      following_count = c.following_count + case p_counter when 'following_count' then w.delta else 0 end,
      posts_count = c.posts_count + case p_counter when 'posts_count' then w.delta else 0 end
    from wanted w join free f on f.user_id = w.target
    where c.user_id = w.target
    returning c.user_id
  )
  insert into app_private.count_deltas (target, counter, delta)
  select w.target, p_counter, w.delta from wanted w
  where w.target not in (select c.user_id from changed c)
    -- What the deletion of a profile takes along is not counted any more.
    and exists (select from public.profiles p where p.id = w.target);
end
$$;
comment on function app_private.count_profile(text, uuid[], bigint[]) is
  'Adds to one of the counts of profiles (followers_count, following_count, posts_count); a row that somebody holds gets it a moment later.';

create function app_private.pending_count(p_target uuid, p_counter text)
returns bigint
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((
    select sum(d.delta) from app_private.count_deltas d where d.target = p_target and d.counter = p_counter
  ), 0)::bigint;
end
$$;
comment on function app_private.pending_count(uuid, text) is 'What is still to be added to a count: shown with it, a count equals the rows.';
