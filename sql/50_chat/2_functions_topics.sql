-- Who hears what. docs/decisions/0065-epochs.md says why topics change their names.
--
-- conversation:{id}:{epoch}  messages and their changes, sent by the database alone
-- typing:{id}:{epoch}        who is typing and who is there, sent by the members' clients; nobody takes messages from it
-- user:{id}                  what one person alone is told, such as a new epoch

create function app_private.topic_of(p_conversation public.conversations)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return format('conversation:%s:%s', p_conversation.id, p_conversation.epoch);
end
$$;
comment on function app_private.topic_of(public.conversations) is 'The topic on which members hear of a conversation now.';

create function app_private.tell_members(p_conversation public.conversations, p_event text, p_payload jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform realtime.send(p_payload, p_event, app_private.topic_of(p_conversation), true);
end
$$;
comment on function app_private.tell_members(public.conversations, text, jsonb) is 'Broadcasts to whoever is on the topic of a conversation.';

create function app_private.tell_person(p_user uuid, p_event text, p_payload jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform realtime.send(p_payload, p_event, 'user:' || p_user::text, true);
end
$$;
comment on function app_private.tell_person(uuid, text, jsonb) is 'Broadcasts to one person, on all their devices.';

create function app_private.may_type(p_conversation public.conversations, p_member public.conversation_members)
returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  v_other uuid := app_private.other_of(p_conversation, p_member.user_id);
begin
  return p_member.state = 'accepted' and (p_conversation.kind = 'group' or (
    exists (
      select from public.conversation_members m
      where m.user_id = v_other and m.conversation_id = p_conversation.id and m.state = 'accepted')
    and not app_hidden.is_blocked_pair(p_member.user_id, v_other)));
end
$$;
comment on function app_private.may_type(public.conversations, public.conversation_members) is
  'Whether a member is on the typing topic: when both sides of a direct conversation have accepted it and no block stands between them.';

create function app_hidden.hears(p_topic text, p_extension text, p_writes boolean default false)
returns boolean
language plpgsql stable security definer -- conversations and settings of others are closed to the caller
set search_path = ''
as $$
declare
  v_parts text[] := regexp_match(p_topic, '^(conversation|typing):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9})$');
  v_me uuid := auth.uid();
  v_conversation public.conversations;
  v_member public.conversation_members;
begin
  if v_parts is null or v_me is null then
    return false;
  end if;
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = v_parts[2]::uuid and m.state <> 'declined';
  if not found or p_writes and exists (select from auth.users u where u.id = v_me and u.banned_until > now()) then
    return false;
  end if;
  select * into v_conversation from public.conversations c where c.id = v_parts[2]::uuid and c.epoch = v_parts[3]::int;
  if not found then
    return false;
  elsif v_parts[1] = 'conversation' then
    -- Nobody but the database sends here, so a message on it is one.
    return p_extension = 'broadcast' and not p_writes;
  end if;
  return app_private.may_type(v_conversation, v_member)
    -- Who hides their presence neither shows it, by typing neither, nor sees that of others.
    and (p_extension = 'broadcast' and not p_writes or not app_private.hides(v_me, 'hide_presence'));
end
$$;
comment on function app_hidden.hears(text, text, boolean) is
  'Whether I hear a topic of a conversation (extension broadcast or presence), or may write to it: as a member, on that of the current epoch.';

create function public.conversation_topic(p_conversation uuid)
returns table (topic text, typing_topic text, epoch int, last_seq bigint, last_change bigint)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_member public.conversation_members := app_private.membership(auth.uid(), p_conversation);
  v_conversation public.conversations;
begin
  select * into v_conversation from public.conversations c where c.id = p_conversation;
  return query select app_private.topic_of(v_conversation),
    case when app_private.may_type(v_conversation, v_member) then format('typing:%s:%s', p_conversation, v_conversation.epoch) end,
    v_conversation.epoch, v_conversation.last_seq, v_conversation.last_change;
end
$$;
comment on function public.conversation_topic(uuid) is
  'Where to hear of a conversation: join both as private channels, then ask for messages after the last seq and changes after the last change that you have. typing_topic is null before both have accepted. 404 messages.conversation_not_found.';

create function public.send_typing(p_conversation uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_conversation public.conversations;
  v_member public.conversation_members;
begin
  -- In this order: who is removed in between is found out, or writes to the topic that the others have left.
  select * into v_conversation from public.conversations c where c.id = p_conversation;
  v_member := app_private.membership(v_me, p_conversation);
  if not app_private.may_type(v_conversation, v_member) or app_private.hides(v_me, 'hide_presence') then
    return false;
  end if;
  perform app_private.assert_calm('signs of typing', v_me, 3600, '1 hour');
  perform realtime.send(jsonb_build_object('user_id', v_me), 'typing', format('typing:%s:%s', p_conversation, v_conversation.epoch), true);
  return true;
end
$$;
comment on function public.send_typing(uuid) is
  'Tells the others that I am typing, for clients without a socket; false where they are not told, because I hide my presence or they have not accepted. 404 messages.conversation_not_found, 429 rate_limit.exceeded.';

-- A new epoch: whoever may hear no more stays behind on the old topic, where nothing is sent after the commit ------------------

create function app_private.renew_epochs(p_conversations uuid[], p_spoken boolean default false)
returns setof public.conversations
language plpgsql volatile
set search_path = ''
as $$
begin
  perform from public.conversations c where c.id = any (p_conversations) order by c.id for no key update;
  return query update public.conversations c set epoch = c.epoch + 1, epoch_seq = c.last_seq, epoch_change = c.last_change
  -- Asked once they are locked: of many who come at once, the first moves the others along.
  where c.id = any (p_conversations) and (not p_spoken or c.last_seq > c.epoch_seq or c.last_change > c.epoch_change) returning c.*;
end
$$;
comment on function app_private.renew_epochs(uuid[], boolean) is
  'Moves conversations to new topics, with p_spoken those alone where something was said in this epoch. What was sent before is waited for, and what comes later goes to the new one.';

create function app_private.renew_group_epochs(p_conversations uuid[], p_spoken boolean default false)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Not from the first member again: where epochs follow each other faster than a round takes, the last would never be told.
  insert into app_private.chat_notices as n (conversation_id)
  select c.id from app_private.renew_epochs(p_conversations, p_spoken) c where c.kind = 'group'
  on conflict (conversation_id) do update set until = n.told_to;
end
$$;
comment on function app_private.renew_group_epochs(uuid[], boolean) is 'The same for groups, whose members the worker tells.';

create function app_private.epoch_notice(p_conversation public.conversations)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
begin
  return jsonb_build_object('conversation_id', p_conversation.id, 'epoch', p_conversation.epoch,
    'topic', app_private.topic_of(p_conversation), 'last_seq', p_conversation.last_seq, 'last_change', p_conversation.last_change);
end
$$;
comment on function app_private.epoch_notice(public.conversations) is 'What members are told of a new epoch.';

create function app_private.tell_acceptance(p_conversation public.conversations, p_me uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_other uuid := app_private.other_of(p_conversation, p_me);
begin
  perform app_private.tell_person(p_me, 'conversation_accepted', app_private.epoch_notice(p_conversation));
  if not app_hidden.is_blocked_pair(p_me, v_other) then
    perform app_private.tell_person(v_other, 'conversation_accepted', app_private.epoch_notice(p_conversation));
  end if;
end
$$;
comment on function app_private.tell_acceptance(public.conversations, uuid) is
  'Tells both sides of a direct conversation that somebody accepted it: there is a typing topic from here on.';

create function app_private.part_conversations()
returns trigger
language plpgsql volatile security definer -- conversations are nobody's to write, and the other side's too
set search_path = ''
as $$
declare
  v_pairs uuid[];
  v_one public.conversations;
begin
  v_pairs := array(
    select c.id from changed b
    join public.conversations c on c.low_id = least(b.blocker_id, b.blocked_id) and c.high_id = greatest(b.blocker_id, b.blocked_id));
  if tg_op = 'INSERT' then
    for v_one in select * from app_private.renew_epochs(v_pairs) loop
      -- Who blocks leaves the topics, so that the other sees nothing of them there. The other is not told of anything.
      perform app_private.tell_person(b.blocker_id, 'conversation_epoch', app_private.epoch_notice(v_one))
      from changed b where least(b.blocker_id, b.blocked_id) = v_one.low_id and greatest(b.blocker_id, b.blocked_id) = v_one.high_id;
    end loop;
    return null;
  end if;
  for v_one in select * from public.conversations c where c.id = any (v_pairs) and not app_hidden.is_blocked_pair(c.low_id, c.high_id) loop
    perform app_private.tell_person(v_one.low_id, 'conversation_epoch', app_private.epoch_notice(v_one));
    perform app_private.tell_person(v_one.high_id, 'conversation_epoch', app_private.epoch_notice(v_one));
  end loop;
  return null;
end
$$;
comment on function app_private.part_conversations() is
  'Trigger on blocks: the direct conversation of the two goes on in a new epoch, of which the blocker is told at once and both when no block is left.';

create function app_private.tell_departures()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.renew_group_epochs(array(select distinct g.conversation_id from gone g));
  perform app_private.tell_person(g.user_id, 'conversation_removed', jsonb_build_object('conversation_id', g.conversation_id))
  -- Each message is a subtransaction. Who is removed with many others finds out by asking.
  from (select * from gone limit 20) g
  where exists (select from public.profiles p where p.id = g.user_id);
  return null;
end
$$;
comment on function app_private.tell_departures() is
  'Trigger on conversation_members: who is gone hears nothing from here on. Those who stay are told by the worker, those who go at once.';
