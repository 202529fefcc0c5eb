-- Members of groups are members of their conversations, and who is gone leaves theirs. Triggers of other domains' tables, security
-- definer because nobody writes conversations.

create function app_private.follow_group_members()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    -- The conversation first, as whoever sends has it, and members after it.
    perform from public.conversations c where c.group_id in (select g.group_id from changed g) order by c.id for no key update;
    delete from public.conversation_members m using changed g join public.conversations c on c.group_id = g.group_id
    where m.conversation_id = c.id and m.user_id = g.user_id;
    return null;
  end if;
  insert into public.conversations (kind, group_id) select distinct 'group', a.group_id from changed a on conflict (group_id) do nothing;
  -- What was said on the topic the Realtime server would repeat to whoever joins it. Who may not read that joins a topic where nothing was said.
  perform app_private.renew_group_epochs(array(
    select c.id from public.conversations c join public.groups g on g.id = c.group_id
    where c.group_id in (select a.group_id from changed a)
      and (c.taken_back > c.epoch_change or g.visibility <> 'public' and (c.last_seq > c.epoch_seq or c.last_change > c.epoch_change))), true);
  insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
  -- What was written while a group was public everybody could have read by joining it.
  select c.id, a.user_id, case when g.visibility = 'public' then c.open_after_seq else c.last_seq end, c.last_seq
  from changed a join public.conversations c on c.group_id = a.group_id join public.groups g on g.id = a.group_id
  on conflict do nothing;
  perform app_private.tell_person(a.user_id, 'conversation_added', app_private.epoch_notice(c) || '{"kind": "group", "state": "accepted"}')
  from (select * from changed limit 20) a join public.conversations c on c.group_id = a.group_id; -- each message is a subtransaction
  return null;
end
$$;
comment on function app_private.follow_group_members() is
  'Trigger on group_members: the conversation of a group has its members. Newcomers read what is written from then on, in a public group also what was written since it is public.';

create function app_private.open_group_conversation()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Locks the conversation, so last_seq stays, and what was said before is on a topic that nobody joins any more.
  perform app_private.renew_group_epochs(array(select c.id from public.conversations c where c.group_id = new.id), true);
  update public.conversations c set open_after_seq = c.last_seq where c.group_id = new.id;
  return null;
end
$$;
comment on function app_private.open_group_conversation() is
  'Trigger on groups: of one that becomes public, newcomers read what is written from then on. Its members wrote the rest for themselves.';

create function app_private.part_from_deleted()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform from public.conversations c where old.id in (c.low_id, c.high_id) order by c.id for no key update;
  delete from public.conversation_members m using public.conversations c
  where m.user_id = old.id and c.id = m.conversation_id and c.kind = 'direct';
  insert into app_private.chat_tasks (kind, target) values ('wipe', old.id) on conflict do nothing;
  return old;
end
$$;
comment on function app_private.part_from_deleted() is
  'Trigger on profiles: who is deleted leaves direct conversations, which stay with the other, and the worker takes their words away.';

create function app_private.end_conversation()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    delete from public.conversations c where c.id = new.id;
  else
    insert into app_private.chat_tasks (kind, target) values ('purge', old.id) on conflict do nothing;
  end if;
  return null;
end
$$;
comment on function app_private.end_conversation() is 'Trigger on conversations: one that nobody is in any more goes, and its messages with it, piece by piece.';
