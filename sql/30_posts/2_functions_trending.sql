-- From Postgres, not from MongoDB: what is trending must be gone when its posts are deleted, hidden or made private, and post_tags has the
-- tags of each hour in one range of an index. Security definer: the tables are closed to the worker.

create function app_private.refresh_trending()
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_period record;
  v_count int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('trending', 0)) then
    return 0; -- another worker is at it
  end if;
  for v_period in
    -- The longer the window, the less a minute changes it.
    select p.period, p.reach
    from (values ('hour', interval '1 hour', interval '1 minute'), ('day', '1 day', '10 minutes'), ('week', '7 days', '1 hour'))
      p (period, reach, every)
    where not exists (
      -- A little before its time: the worker's own pauses are not exact.
      select from public.trending_tags t where t.period = p.period and t.computed_at > now() - p.every * 0.9
    )
  loop
    delete from public.trending_tags t where t.period = v_period.period;
    insert into public.trending_tags (period, rank, tag, posts_count, people_count)
    select v_period.period, row_number() over (order by c.people desc, c.posts desc, c.tag), c.tag, c.posts, c.people
    from (
      select t.tag, count(*) as posts, count(distinct t.author_id) as people
      from public.post_tags t
      join public.posts p on p.id = t.post_id
      join public.profiles a on a.id = p.author_id
      where t.published_at > now() - v_period.reach
        and p.status = 'published' and p.visibility = 'public' and not a.is_private
      group by t.tag
      order by people desc, posts desc, t.tag
      limit 50
    ) c;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.refresh_trending() is
  'Computes the 50 tags that most people used in public posts of the last hour (each minute), day (each 10 minutes) and week (each hour), and says how many of these were due.';
