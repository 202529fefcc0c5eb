-- Calls. Who may call whom, the steps from ringing to the end, and who hears of it. People read and write calls through functions, all
-- security definer: each looks at settings, blocks and calls of others. docs/decisions/0090-calls-are-leases.md says how the vanished are found.
--
-- Locks are taken in this order: profiles, the group and memberships (lock_callers), who comes into a call (lock_joining), pairs of people,
-- people (lock_people), calls by id, and rows of participants last.

create function app_private.fail_call_field(p_what text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(422, 'calls.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', p_what));
end
$$;
comment on function app_private.fail_call_field(text) is '422 calls.field_invalid, with what to send instead.';

create function app_private.fail_call_over()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(409, 'calls.over', 'This call is over.', 'Start a new one: POST calls.');
end
$$;
comment on function app_private.fail_call_over() is '409 calls.over: the same words whether it was ended, missed, or is closed to the caller.';

-- People are in one call at a time: whoever starts one, joins one or is rung is looked at under this lock.
create function app_private.lock_people(p_people uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_key bigint;
begin
  for v_key in select distinct hashtextextended('calls of ' || p::text, 0) from unnest(p_people) p order by 1 loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
end
$$;
comment on function app_private.lock_people(uuid[]) is 'Locks in which calls people are, to the end of the transaction, always in the same order.';

create function app_private.lock_callers(p_people uuid[], p_group uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- First of all: who is being deleted holds the profile, and wants the rest.
  perform from public.profiles x where x.id = any (p_people) order by x.id for key share;
  if p_group is not null then
    -- Whoever is being removed is waited for; who is removed later is in the call by then, and leaves it with the group.
    perform from public.groups g where g.id = p_group for key share;
    perform from public.group_members m where m.group_id = p_group and m.user_id = any (p_people) order by m.user_id for key share;
  end if;
end
$$;
comment on function app_private.lock_callers(uuid[], uuid) is
  'Keeps accounts, and memberships of a group, from going before the end of the transaction.';

-- Who is brought into a call must get on with all who are in it: nobody else comes in between.
create function app_private.lock_joining(p_call uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('joining call ' || p_call::text, 0));
end
$$;
comment on function app_private.lock_joining(uuid) is 'Locks who comes into a call that goes on, to the end of the transaction; people may still leave it.';

create function app_private.participant(p_me uuid, p_call uuid)
returns public.call_participants
language plpgsql stable
set search_path = ''
as $$
declare
  v_found public.call_participants;
begin
  select * into v_found from public.call_participants p where p.call_id = p_call and p.user_id = p_me;
  if not found then
    perform app_hidden.fail(404, 'calls.not_found', 'There is no such call.', 'Take an id from GET calls.');
  end if;
  return v_found;
end
$$;
comment on function app_private.participant(uuid, uuid) is 'What somebody is in a call; 404 calls.not_found for who was never called.';

create function app_private.locked_call(p_me uuid, p_call uuid)
returns public.calls
language plpgsql volatile
set search_path = ''
as $$
declare
  v_call public.calls;
begin
  perform app_private.participant(p_me, p_call);
  select * into v_call from public.calls c where c.id = p_call for no key update;
  -- Looked at again by whoever asks: a step of somebody else may have been waited for.
  perform app_private.participant(p_me, p_call);
  return v_call;
end
$$;
comment on function app_private.locked_call(uuid, uuid) is 'Locks a call of somebody, so that one step is taken at a time; 404 calls.not_found.';

create function app_private.call_cards(p_me uuid, p_ids uuid[])
returns setof public.call_card
language plpgsql stable rows 20
set search_path = ''
as $$
declare
  v_hidden uuid[] := app_private.hidden_from(p_me);
begin
  return query
  select c.id, c.kind, c.is_direct,
    case when app_private.role_in(c.group_id, p_me) is not null then c.group_id end,
    c.state, c.end_reason, case when c.caller_id <> all (v_hidden) then c.caller_id end, m.state, m.device_id,
    -- Who is out of a call that goes on sees who was in it with them, and nothing of what these do since.
    (select coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'person', app_private.person_of(p.user_id),
        'state', case
          when m.left_at is null or c.state = 'ended' or p.left_at <= m.left_at then p.state
          when p.first_joined_at <= m.left_at then 'joined'
          else 'ringing' end,
        'joined_at', case
          when m.left_at is null or c.state = 'ended' or p.joined_at <= m.left_at then p.joined_at
          when p.first_joined_at <= m.left_at then p.first_joined_at end,
        'left_at', case when m.left_at is null or c.state = 'ended' or p.left_at <= m.left_at then p.left_at end) order by p.first_rung_at, p.user_id), '[]')
      from public.call_participants p
      where p.call_id = c.id and p.user_id <> all (v_hidden) and (m.left_at is null or p.first_rung_at <= m.left_at)),
    case when c.state <> 'ended' and m.state = 'joined' then format('call:%s:%s', c.id, c.epoch) end,
    -- Counted up, they would say that somebody came or went.
    case when c.state = 'ended' then c.epoch else coalesce(m.out_epoch, c.epoch) end,
    case when c.state = 'ended' then c.version else coalesce(m.out_version, c.version) end,
    case when m.state = 'ringing' then m.due_at end, c.created_at, c.answered_at, c.ended_at,
    case when c.answered_at is not null then extract(epoch from coalesce(c.ended_at, now()) - c.answered_at)::int end
  from unnest(p_ids) with ordinality w (id, n)
  join public.calls c on c.id = w.id
  join public.call_participants m on m.call_id = c.id and m.user_id = p_me
  order by w.n;
end
$$;
comment on function app_private.call_cards(uuid, uuid[]) is 'Calls of somebody as they see them, in the order of the ids: with those who were in a call while they were.';

create function app_private.call_card_of(p_me uuid, p_call uuid)
returns public.call_card
language plpgsql stable
set search_path = ''
as $$
begin
  return (select c from app_private.call_cards(p_me, array[p_call]) c);
end
$$;
comment on function app_private.call_card_of(uuid, uuid) is 'One call as a participant sees it.';

-- Each message is a subtransaction; a call has at most sixteen people.
create function app_private.tell_call(p_call uuid, p_people uuid[], p_rung uuid[] default '{}')
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform app_private.tell_person(p.id, case when p.id = any (p_rung) then 'call_ringing' else 'call_changed' end,
    to_jsonb(app_private.call_card_of(p.id, p_call)))
  from public.profiles p where p.id = any (p_people)
    and exists (select from public.call_participants m where m.call_id = p_call and m.user_id = p.id)
  order by p.id;
end
$$;
comment on function app_private.tell_call(uuid, uuid[], uuid[]) is
  'Tells people how a call stands now, on all their devices: call_ringing where it begins to ring, else call_changed.';

create function app_private.live_people(p_call uuid)
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
begin
  return array(select p.user_id from public.call_participants p where p.call_id = p_call and p.state in ('ringing', 'joined') order by p.user_id);
end
$$;
comment on function app_private.live_people(uuid) is 'Who is in a call or is being rung for it.';
