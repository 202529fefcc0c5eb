-- Messages of many people in one call: the throughput path, for whoever has several requests at hand (docs/decisions/0056-messages-together.md).
-- A message is plain, as in 2_functions_sending_plain.sql, or left alone: then nothing of it was touched, and it is sent by itself.

create function app_private.plain_sendings(p_senders uuid[], p_sessions uuid[], p_messages jsonb[])
returns app_private.sending[]
language plpgsql volatile -- ids are new at each call
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
set enable_hashjoin = off
set enable_seqscan = off
as $$
declare
  v_items app_private.sending[];
begin
  with asked as materialized (
    select u.ord, u.sender, u.session, u.p ->> 'content' as content, u.p - '{conversation_id,group_id,receiver_id}'::text[] as words,
      u.p - '{content,client_id}'::text[] as "to", coalesce(u.p ->> 'conversation_id', u.p ->> 'receiver_id', u.p ->> 'group_id') as target,
      case
        when not u.p ? 'client_id' then app_private.uuid_v7()
        when jsonb_typeof(u.p -> 'client_id') = 'string' and pg_input_is_valid(u.p ->> 'client_id', 'uuid') then (u.p ->> 'client_id')::uuid
      end as id
    from unnest(p_senders, p_sessions, p_messages) with ordinality u (sender, session, p, ord)
    where jsonb_typeof(u.p) = 'object' and jsonb_typeof(u.p -> 'content') = 'string'
  ), meant as materialized (
    select a.*, row_number() over (partition by a.id order by a.ord) as twin,
      case
        when pg_input_is_valid(a.target, 'uuid') is not true then null
        when a.to = jsonb_build_object('conversation_id', a.target) then a.target::uuid
        when a.to = jsonb_build_object('receiver_id', a.target) then (
          select c.id from public.conversations c where c.low_id = least(a.sender, a.target::uuid) and c.high_id = greatest(a.sender, a.target::uuid))
        when a.to = jsonb_build_object('group_id', a.target) then (
          select c.id from public.conversations c where c.group_id = a.target::uuid)
      end as conversation_id
    from asked a
  )
  select array_agg(row(a.ord, a.conversation_id, null, null, a.id, a.sender, null, a.content, hashtextextended(a.words::text, 0), null)::app_private.sending)
  into v_items
  from meant a
  -- Whose conversation it is not locks nothing.
  join public.conversation_members m on m.user_id = a.sender and m.conversation_id = a.conversation_id
  where a.id is not null and a.twin = 1 and length(a.content) <= 4000 and (ascii(a.content) between 33 and 126 or a.content ~ '\S')
    and strpos(a.content, '@') = 0
    and exists (select from auth.sessions s where s.id = a.session and s.user_id = a.sender and (s.not_after is null or s.not_after > now()));
  return v_items;
end
$$;
comment on function app_private.plain_sendings(uuid[], uuid[], jsonb[]) is
  'Those of the requested messages that may be plain, of whoever is signed in and a member, without looking at what only a lock makes certain; null when there is none.';

create function app_private.write_sendings(p_items app_private.sending[])
returns table (ord int, card json)
language plpgsql volatile
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
set enable_hashjoin = off
set enable_seqscan = off
set lock_timeout = '1s' -- a conversation that is held for long must not hold up the rest: then all go alone
as $$
#variable_conflict use_column
declare
  v_rooms uuid[];
  v_since timestamptz := clock_timestamp() - interval '1 minute';
  v_now timestamptz;
  v_missing int;
begin
  -- From here to the commit nobody else sends or is removed in these conversations. Who locks several does it in the order of their ids.
  v_rooms := array(select distinct i.conversation_id from unnest(p_items) i);
  perform from (select c.id from public.conversations c where c.id = any (v_rooms) order by c.id for no key update) locked;
  v_now := clock_timestamp();

  for ord, card, v_missing in
  with plain as materialized (
    select i.ord, i.conversation_id, c.group_id, c.last_seq + row_number() over (partition by i.conversation_id order by i.ord) as seq,
      i.id, i.sender_id, o.id as receiver_id, i.content, i.request_hash, greatest(v_now, c.active_at) as created_at, c.epoch,
      a.card as sender
    from (select u.*, count(*) over (partition by u.sender_id) as times from unnest(p_items) u) i
    join public.conversations c on c.id = i.conversation_id
    cross join lateral (select case when c.low_id = i.sender_id then c.high_id else c.low_id end as id offset 0) o
    join app_private.author_cards a on a.user_id = i.sender_id
    cross join app_private.chat_rules r
    where c.disappear_after_s is null and not exists (select from public.messages x where x.id = i.id)
      and not exists (select from auth.users u where u.id = i.sender_id and u.banned_until > now())
      and exists (
        select from public.conversation_members m where m.user_id = i.sender_id and m.conversation_id = i.conversation_id and m.state = 'accepted')
      and (c.group_id is not null
        or exists (select from public.conversation_members m where m.user_id = o.id and m.conversation_id = i.conversation_id and m.state = 'accepted')
          and not exists (select from public.blocks b where b.blocker_id = i.sender_id and b.blocked_id = o.id)
          and not exists (select from public.blocks b where b.blocker_id = o.id and b.blocked_id = i.sender_id))
      and (r.messages_per_minute is null or i.times <= r.messages_per_minute and not exists (
        select from public.messages x where x.sender_id = i.sender_id and x.created_at > v_since offset r.messages_per_minute - i.times))
  ), counted as (
    update public.conversations c set last_seq = g.seq, active_at = g.at
    from (select p.conversation_id as id, max(p.seq) as seq, max(p.created_at) as at from plain p group by p.conversation_id) g
    where c.id = g.id
  ), marks as materialized (
    select p.sender_id, p.conversation_id, max(p.seq) as seq from plain p group by p.sender_id, p.conversation_id
  ), marked as (
    -- Who writes has read what was there.
    update public.conversation_members m set last_read_seq = k.seq
    from marks k where m.user_id = k.sender_id and m.conversation_id = k.conversation_id and m.state = 'accepted'
    returning true
  ), written as (
    insert into public.messages (conversation_id, seq, id, sender_id, kind, content, is_forwarded, request_hash, created_at)
    -- In the order of ids, so that two batches with the same ones, in other conversations, do not wait for each other.
    select p.conversation_id, p.seq, p.id, p.sender_id, 'text', p.content, false, p.request_hash, p.created_at from plain p order by p.id
    on conflict (id) do nothing
    returning true
  ), broadcast as (
    -- What realtime.send does, which would do it in a subtransaction each. Times apart, since the server repeats them in their order.
    insert into realtime.messages (topic, event, private, extension, inserted_at, payload)
    select format('conversation:%s:%s', p.conversation_id, p.epoch), 'message_created', true, 'broadcast',
      localtimestamp + p.ord * interval '1 microsecond',
      '{"kind": "text", "media_urls": [], "duration_ms": null, "waveform": null, "reply_to": null, "is_forwarded": false, "mentions": [], "reactions": [],
        "change": null, "pinned_at": null, "edited_at": null, "deleted_at": null, "expires_at": null, "is_sealed": false}'
      || jsonb_build_object('id', p.id, 'conversation_id', p.conversation_id, 'seq', p.seq, 'sender_id', p.sender_id, 'sender', p.sender,
        'content', p.content, 'created_at', p.created_at)
    from plain p order by p.ord
  )
  select p.ord, to_json(row(p.id, p.conversation_id, p.seq, p.sender_id, p.sender, 'text', p.content, '{}'::text[], null::int, null::smallint[],
      null::jsonb, false, '{}'::uuid[], '[]'::jsonb, null::text, null::boolean, null::bigint, null::timestamptz, null::timestamptz, null::timestamptz,
      null::timestamptz, p.created_at)::public.message_card),
    e.told + (select count(*) from marks) - (select count(*) from marked) - (select count(*) from written)
  from plain p
  cross join (
    select app_private.tell_messages(array_agg(row(p.ord, p.conversation_id, p.group_id, p.seq, p.id, p.sender_id, p.receiver_id, null, null,
      p.created_at)::app_private.sending order by p.ord)) as told
    from plain p
  ) e
  loop
    if v_missing <> 0 then
      raise exception 'a message of the batch was sent, or its sender removed, meanwhile' using errcode = 'serialization_failure';
    end if;
    return next;
  end loop;
end
$$;
comment on function app_private.write_sendings(app_private.sending[]) is
  'Sends those messages that are still plain when their conversations are locked, and gives the card of each. Numbers follow each other without a gap, in the order in which the messages were asked for.';

create function app_private.send_messages(p_senders uuid[], p_sessions uuid[], p_messages jsonb[])
returns table (ord int, card json)
language plpgsql volatile security definer -- writes what nobody may write; who the senders are, its caller has asked their tokens
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_items app_private.sending[];
begin
  if greatest(cardinality(p_senders), cardinality(p_sessions), cardinality(p_messages)) > 512 then
    raise exception 'a batch has at most 512 messages' using errcode = 'program_limit_exceeded';
  end if;
  v_items := app_private.plain_sendings(p_senders, p_sessions, p_messages);
  if v_items is not null then
    return query select w.ord, w.card from app_private.write_sendings(v_items) w;
  end if;
end
$$;
comment on function app_private.send_messages(uuid[], uuid[], jsonb[]) is
  'Sends for many, up to 512 messages, each as public.send_message would for its sender; gives the card (ord from 1) of each that is plain. The others were not touched.';
