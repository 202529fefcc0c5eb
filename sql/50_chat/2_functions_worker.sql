-- What the worker does, in bounded pieces that any number of workers may do side by side. Security definer: it sees no table.

create function app_private.expire_messages(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_count int;
begin
  with due as materialized (
    select x.id from public.messages x where x.expires_at <= clock_timestamp() and x.deleted_at is null
    order by x.expires_at limit least(greatest(p_limit, 1), 10000)
    for update skip locked
  ), gone as (
    -- Clients know the time as well, and nobody is told.
    update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
      pinned_at = null, deleted_at = x.expires_at
    from due where x.id = due.id returning x.conversation_id, x.seq
  ), reactions as (
    delete from public.message_reactions r using gone where r.conversation_id = gone.conversation_id and r.seq = gone.seq
  )
  select count(*) into v_count from gone;
  return v_count;
end
$$;
comment on function app_private.expire_messages(int) is 'Takes the words of up to p_limit messages whose time is over, which nobody was shown any more, and says how many.';

create function app_private.tell_epochs(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_limit int := least(greatest(p_limit, 1), 60); -- each message is a subtransaction, and 64 are as many as cost nothing more
  v_notice app_private.chat_notices;
  v_one public.conversations;
  v_people uuid[];
  v_ends boolean;
begin
  select * into v_notice from app_private.chat_notices n order by n.waits_since limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  select * into v_one from public.conversations c where c.id = v_notice.conversation_id;
  -- The second part of a round: from the first member to where it began.
  v_ends := v_notice.until is not null and (v_notice.told_to is null or v_notice.told_to < v_notice.until);
  v_people := array(
    select m.user_id from public.conversation_members m
    where m.conversation_id = v_one.id and (v_notice.told_to is null or m.user_id > v_notice.told_to) and (not v_ends or m.user_id <= v_notice.until)
    order by m.user_id limit v_limit);
  perform app_private.tell_person(u.id, 'conversation_epoch', app_private.epoch_notice(v_one)) from unnest(v_people) u (id);
  if cardinality(v_people) = v_limit and (not v_ends or v_people[v_limit] < v_notice.until) then
    update app_private.chat_notices n set told_to = v_people[v_limit], waits_since = clock_timestamp() where n.conversation_id = v_one.id;
  elsif v_ends or v_notice.until is null then
    delete from app_private.chat_notices n where n.conversation_id = v_one.id;
  else
    update app_private.chat_notices n set told_to = null, waits_since = clock_timestamp() where n.conversation_id = v_one.id;
  end if;
  return greatest(cardinality(v_people), 1);
end
$$;
comment on function app_private.tell_epochs(int) is
  'Tells up to p_limit (60) members of the group that waits longest of its new epoch; says how many, and 0 when nobody waits.';

create function app_private.wipe_messages(p_user uuid, p_limit int)
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  v_ids uuid[] := array(select x.id from public.messages x where x.sender_id = p_user order by x.created_at limit p_limit);
begin
  perform from public.conversations c where c.id in (select x.conversation_id from public.messages x where x.id = any (v_ids))
  order by c.id for no key update;
  with mine as materialized (
    select x.id, x.conversation_id, row_number() over (partition by x.conversation_id order by x.seq) as n
    from public.messages x where x.id = any (v_ids)
  ), counted as (
    update public.conversations c set last_change = c.last_change + k.number, taken_back = c.last_change + k.number
    from (select m.conversation_id, count(*) as number from mine m group by m.conversation_id) k
    where c.id = k.conversation_id returning c.id, c.last_change - k.number as base
  )
  update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
    pinned_at = null, sender_id = null, deleted_at = coalesce(x.deleted_at, clock_timestamp()), change = coalesce(c.base + m.n, x.change)
  from mine m left join counted c on c.id = m.conversation_id where x.id = m.id;
  delete from public.message_reactions r using public.messages x
  where x.id = any (v_ids) and r.conversation_id = x.conversation_id and r.seq = x.seq;
  return cardinality(v_ids);
end
$$;
comment on function app_private.wipe_messages(uuid, int) is 'Takes the words and the name of up to p_limit messages of a person who is gone.';

create function app_private.wipe_reactions(p_user uuid, p_limit int)
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  v_one public.message_reactions;
  v_count int := 0;
begin
  for v_one in
    select r.* from (select * from public.message_reactions x where x.user_id = p_user order by x.created_at limit p_limit) r
    order by r.conversation_id, r.seq
  loop
    update public.messages x set change = (app_private.next_change(v_one.conversation_id)).last_change,
      reactions = nullif(app_private.count_reaction(coalesce(x.reactions, '{}'), v_one.emoji, -1), '{}')
    where x.conversation_id = v_one.conversation_id and x.seq = v_one.seq;
    delete from public.message_reactions r where r.conversation_id = v_one.conversation_id and r.seq = v_one.seq and r.user_id = p_user;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.wipe_reactions(uuid, int) is 'Takes back up to p_limit reactions of a person who is gone.';

create function app_private.purge_messages(p_conversation uuid, p_limit int)
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  v_seqs bigint[] := array(
    select x.seq from public.messages x where x.conversation_id = p_conversation order by x.seq limit p_limit);
begin
  delete from public.message_reactions r where r.conversation_id = p_conversation and r.seq = any (v_seqs);
  delete from public.message_hides h where h.conversation_id = p_conversation and h.seq = any (v_seqs);
  delete from public.messages x where x.conversation_id = p_conversation and x.seq = any (v_seqs);
  return cardinality(v_seqs);
end
$$;
comment on function app_private.purge_messages(uuid, int) is 'Deletes up to p_limit messages of a conversation that is gone.';

create function app_private.work_chat_tasks(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_task app_private.chat_tasks;
  v_limit int := least(greatest(p_limit, 1), 1000);
  v_done int;
begin
  select * into v_task from app_private.chat_tasks t order by t.created_at limit 1 for update skip locked;
  if not found then
    return 0;
  elsif v_task.kind = 'purge' then
    v_done := app_private.purge_messages(v_task.target, v_limit);
  else
    v_done := app_private.wipe_messages(v_task.target, v_limit);
    if v_done = 0 then
      v_done := app_private.wipe_reactions(v_task.target, least(v_limit, 100));
    end if;
  end if;
  if v_done = 0 then
    delete from app_private.chat_tasks t where t.kind = v_task.kind and t.target = v_task.target;
  end if;
  return greatest(v_done, 1);
end
$$;
comment on function app_private.work_chat_tasks(int) is
  'Does a piece, up to p_limit messages (1000), of what people and conversations that are gone leave behind; says how much, and 0 when nothing is left.';
