create function public.my_calls(p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null, p_missed boolean default false)
returns setof public.call_card
language plpgsql stable security definer -- names those who were in a call
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_missed then
    return query select * from app_private.call_cards(v_me, array(
      select p.call_id from public.call_participants p
      where p.user_id = v_me and p.state in ('missed', 'busy')
        and (p.created_at, p.call_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.created_at desc, p.call_id desc limit least(greatest(p_limit, 1), 101)));
  else
    return query select * from app_private.call_cards(v_me, array(
      select p.call_id from public.call_participants p
      where p.user_id = v_me
        and (p.created_at, p.call_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.created_at desc, p.call_id desc limit least(greatest(p_limit, 1), 101)));
  end if;
end
$$;
comment on function public.my_calls(int, timestamptz, uuid, boolean) is
  'My calls, the latest first, or those that I missed. The next page begins after the created_at and id of the last.';

create function public.call(p_id uuid)
returns public.call_card
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app_private.participant(auth.uid(), p_id);
  return app_private.call_card_of(auth.uid(), p_id);
end
$$;
comment on function public.call(uuid) is 'A call of mine. 404 calls.not_found.';

create function public.current_call()
returns setof public.call_card
language plpgsql stable security definer rows 1
set search_path = ''
as $$
begin
  return query select * from app_private.call_cards(auth.uid(), array(
    select p.call_id from public.call_participants p
    join public.calls c on c.id = p.call_id
    -- Also while no worker is there to say that it is over.
    where p.user_id = auth.uid() and p.state in ('ringing', 'joined') and p.due_at > clock_timestamp() and not app_private.is_too_long(c)));
end
$$;
comment on function public.current_call() is 'The call that I am in or that rings for me; no row when there is none.';

-- For policies ---------------------------------------------------------------------------------------------------------------

create function app_hidden.my_call_ids()
returns setof uuid
language plpgsql stable security definer rows 100 -- the policy of call_participants asks this
set search_path = ''
as $$
begin
  return query select p.call_id from public.call_participants p
  join public.calls c on c.id = p.call_id
  where p.user_id = auth.uid() and (p.due_at is not null or c.state = 'ended');
end
$$;
comment on function app_hidden.my_call_ids() is
  'The calls that I am in, that ring for me, and those that are over of which I was, or was called to. Not those that go on without me. None for who is not signed in.';

create function app_hidden.was_in_call_since(p_call uuid, p_rung timestamptz)
returns boolean
language plpgsql stable security definer -- the policy of call_participants asks this
set search_path = ''
as $$
begin
  return exists (
    select from public.call_participants p where p.call_id = p_call and p.user_id = auth.uid() and (p.left_at is null or p_rung <= p.left_at));
end
$$;
comment on function app_hidden.was_in_call_since(uuid, timestamptz) is 'Whether I was not out of a call yet when somebody was called into it.';

-- call:{id}:{epoch}:{user}  what one participant says to the others in a call, and that they are there. Each has their own, to which nobody
-- else writes: who says something need not be believed, it is the topic.
create function app_hidden.hears_call(p_topic text, p_writes boolean default false)
returns boolean
language plpgsql stable security definer -- who else is in a call is asked past the policies
set search_path = ''
as $$
declare
  v_parts text[] := regexp_match(p_topic, '^call:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$');
  v_me uuid := auth.uid();
begin
  if v_parts is null or v_me is null or (p_writes and v_parts[3]::uuid <> v_me)
    or (p_writes and exists (select from auth.users u where u.id = v_me and u.banned_until > now())) then
    return false;
  end if;
  return exists (
    select from public.calls c
    join public.call_participants m on m.call_id = c.id and m.user_id = v_me and m.state = 'joined'
    join public.call_participants o on o.call_id = c.id and o.user_id = v_parts[3]::uuid and o.state = 'joined'
    where c.id = v_parts[1]::uuid and c.epoch = v_parts[2]::int and c.state <> 'ended' and not app_private.is_too_long(c));
end
$$;
comment on function app_hidden.hears_call(text, boolean) is
  'Whether I hear a topic of a call, or may write to it: as one who is in it now, on those of the current epoch; I write to my own, unless I am suspended.';
