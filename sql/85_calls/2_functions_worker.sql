-- What the worker does, in bounded pieces that any number of workers may do side by side. Security definer: it sees no table.

create function app_private.sweep_calls(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_call uuid;
  v_count int := 0;
begin
  for v_call in
    select c.id from public.calls c
    where c.id in (
      select p.call_id from public.call_participants p where p.due_at <= clock_timestamp() order by p.due_at limit least(greatest(p_limit, 1), 1000))
      or c.id in (
        select l.id from public.calls l
        where l.state <> 'ended' and l.created_at < clock_timestamp() - (select r.lasts_up_to from app_private.call_rules r)
        order by l.created_at limit least(greatest(p_limit, 1), 1000))
    order by c.id for no key update skip locked
  loop
    v_count := v_count + app_private.sweep_call(v_call)::int;
  end loop;
  return v_count;
end
$$;
comment on function app_private.sweep_calls(int) is
  'Takes out of calls whom it rang for too long and who vanished, and ends those that last too long; looks at p_limit, and says in how many it changed something.';

create function app_private.prune_calls(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_count int;
begin
  with old as materialized (
    select c.id from public.calls c
    where c.ended_at < now() - (select r.keep_for from app_private.call_rules r)
    order by c.ended_at limit least(greatest(p_limit, 1), 1000) for update skip locked
  )
  delete from public.calls c using old where c.id = old.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app_private.prune_calls(int) is 'Deletes up to p_limit calls that are kept no longer, and says how many.';

create function app_private.prune_rings(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_count int;
begin
  with old as materialized (
    select c.user_id, c.what from app_private.paces c
    where c.what like 'rings%for %' and c.since <= now() - interval '10 minutes'
      and (c.what like 'rings for %' or c.since <= now() - interval '1 day')
    order by c.since limit least(greatest(p_limit, 1), 1000) for update skip locked
  )
  delete from app_private.paces c using old where c.user_id = old.user_id and c.what = old.what;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app_private.prune_rings(int) is
  'Deletes up to p_limit counts of how often somebody called another, whose ten minutes or day are over, and says how many: who called whom is kept no longer than it counts.';
