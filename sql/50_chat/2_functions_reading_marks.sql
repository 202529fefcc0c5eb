-- How far people have read. A mark only moves on, so that late and repeated calls change nothing. Receipts are not sent to the topic
-- of a conversation, where all would hear them: who hides theirs does not see those of others either.

create function app_private.tell_read(p_member public.conversation_members)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_receipt jsonb := jsonb_build_object('conversation_id', p_member.conversation_id, 'user_id', p_member.user_id, 'last_read_seq', p_member.last_read_seq);
begin
  perform app_private.tell_person(p_member.user_id, 'conversation_read', v_receipt);
  if p_member.state <> 'accepted' or app_private.hides(p_member.user_id, 'hide_read_receipts')
    -- In a large group everybody would be told of everybody. There, people ask.
    or exists (select from public.conversation_members m where m.conversation_id = p_member.conversation_id offset 16) then
    return;
  end if;
  perform app_private.tell_person(m.user_id, 'receipt', v_receipt)
  from public.conversation_members m
  where m.conversation_id = p_member.conversation_id and m.user_id <> p_member.user_id and m.state = 'accepted'
    and not app_private.hides(m.user_id, 'hide_read_receipts') and not app_hidden.is_blocked_pair(m.user_id, p_member.user_id);
end
$$;
comment on function app_private.tell_read(public.conversation_members) is
  'Tells a reader''s own devices, and the others where there are at most 16 and both sides show receipts.';

create function public.mark_read(p_id uuid, p_seq bigint default null)
returns jsonb
language plpgsql volatile security definer -- nobody writes their membership
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members;
  v_message public.messages;
  v_last bigint;
begin
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = p_id;
  if not found then
    v_message := app_private.readable_message(v_me, p_id, false);
    p_seq := v_message.seq;
    v_member := app_private.membership(v_me, v_message.conversation_id);
  end if;
  select c.last_seq into v_last from public.conversations c where c.id = v_member.conversation_id;
  update public.conversation_members m set last_read_seq = least(coalesce(p_seq, v_last), v_last)
  where m.user_id = v_me and m.conversation_id = v_member.conversation_id and m.last_read_seq < least(coalesce(p_seq, v_last), v_last)
  returning m.* into v_member;
  if found then
    perform app_private.tell_read(v_member);
  else
    v_member := app_private.membership(v_me, v_member.conversation_id);
  end if;
  return jsonb_build_object('conversation_id', v_member.conversation_id, 'last_read_seq', v_member.last_read_seq,
    'unread_count', v_last - least(greatest(v_member.last_read_seq, v_member.from_seq), v_last));
end
$$;
comment on function public.mark_read(uuid, bigint) is
  'Marks as read: a message and all before it, or of a conversation all up to a seq or everything: {conversation_id, last_read_seq, unread_count}. 404 messages.not_found.';

create function public.conversation_receipts(p_conversation uuid, p_limit int default 50, p_after_id uuid default null)
returns table (id uuid, username text, last_read_seq bigint)
language plpgsql stable security definer -- memberships and settings of others are closed
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
begin
  if v_member.state <> 'accepted' or app_private.hides(v_me, 'hide_read_receipts') then
    return;
  end if;
  return query
  select p.id, p.username::text, m.last_read_seq
  from public.conversation_members m join public.profiles p on p.id = m.user_id
  where m.conversation_id = p_conversation and m.user_id <> v_me and m.state = 'accepted'
    and m.user_id > coalesce(p_after_id, '00000000-0000-0000-0000-000000000000')
    and not app_private.hides(m.user_id, 'hide_read_receipts')
    and m.user_id not in (select app_hidden.hidden_people())
  order by m.user_id limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.conversation_receipts(uuid, int, uuid) is
  'How far the others have read, of those who show it, in the order of their ids; nobody for who hides their own receipts or has not accepted. 404 messages.conversation_not_found.';
