-- Blocks, removals from groups and deleted accounts reach into calls in the transaction that makes them. Triggers of other domains'
-- tables, security definer because nobody writes calls.

create function app_private.part_the_calling()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_one record;
begin
  -- part_the_blocked has locked the pair: no call brings the two together meanwhile.
  perform from public.calls c
  where c.id in (
    select p.call_id from changed b
    join public.call_participants p on p.user_id = b.blocker_id and p.state in ('ringing', 'joined')
    join public.call_participants q on q.user_id = b.blocked_id and q.call_id = p.call_id and q.state in ('ringing', 'joined'))
  order by c.id for no key update;
  for v_one in
    select c.id, c.is_direct, c.caller_id = b.blocker_id as by_caller, b.blocker_id, b.blocked_id, p.state
    from changed b
    join public.call_participants p on p.user_id = b.blocker_id and p.state in ('ringing', 'joined')
    join public.call_participants q on q.user_id = b.blocked_id and q.call_id = p.call_id and q.state in ('ringing', 'joined')
    join public.calls c on c.id = p.call_id
    order by c.id
  loop
    -- Who blocks goes, as by hanging up: nobody is put out of a call by somebody who did not start it.
    if v_one.by_caller and not v_one.is_direct then
      perform app_private.part_from_call(v_one.id, array[v_one.blocked_id], 'removed');
    else
      perform app_private.part_from_call(v_one.id, array[v_one.blocker_id], case v_one.state when 'ringing' then 'declined' else 'left' end);
    end if;
  end loop;
  return null;
end
$$;
comment on function app_private.part_the_calling() is
  'Trigger on blocks: no call goes on between the two. Who blocks leaves it; out of a call of several that they started, the other is taken.';

create function app_private.part_group_calls()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_one record;
begin
  perform from public.calls c
  where c.state <> 'ended' and c.group_id in (select g.group_id from changed g) order by c.id for no key update;
  for v_one in
    select c.id, p.user_id
    from changed g join public.calls c on c.group_id = g.group_id and c.state <> 'ended'
    join public.call_participants p on p.call_id = c.id and p.user_id = g.user_id and p.state in ('ringing', 'joined')
    order by c.id
  loop
    perform app_private.part_from_call(v_one.id, array[v_one.user_id], 'removed');
  end loop;
  return null;
end
$$;
comment on function app_private.part_group_calls() is 'Trigger on group_members: who is out of a group is out of its calls.';

create function app_private.lock_calls()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- In the order of all who take steps: profile, calls, rows of participants. Also calls that are over, whose rows the deletion touches: two
  -- who delete their accounts have called each other.
  perform from public.profiles x where x.id = old.id for update;
  perform from public.calls c where c.id in (select p.call_id from public.call_participants p where p.user_id = old.id) order by c.id for update;
  -- Counts of others name them, and refer to nobody. Two who have called each other do this one after the other, by the call.
  delete from app_private.paces c
  where c.what like 'rings%for %' and c.what = any (array['rings for ' || old.id, 'rings a day for ' || old.id]);
  return old;
end
$$;
comment on function app_private.lock_calls() is 'Trigger on profiles: who is deleted holds their calls before any row of them, and how often it rang for them goes with them.';

create function app_private.settle_departures()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_call uuid;
begin
  for v_call in
    select c.id from public.calls c where c.id in (select g.call_id from gone g where g.state in ('ringing', 'joined')) and c.state <> 'ended'
    order by c.id for no key update
  loop
    perform app_private.settle_call(v_call, array(select g.user_id from gone g where g.call_id = v_call));
  end loop;
  -- Nobody is left who could read it.
  delete from public.calls c
  where c.id in (select g.call_id from gone g) and not exists (select from public.call_participants p where p.call_id = c.id);
  return null;
end
$$;
comment on function app_private.settle_departures() is
  'Trigger on call_participants: a call goes on without a person whose account is deleted, or ends; the last one takes it along.';
