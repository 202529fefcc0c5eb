-- What chat tells: who wrote where, and never what. Triggers on rows, because messages come one at a time, and a row costs less than
-- the two tables of a statement. Security definer, as all writers of events.

create function app_private.tell_message_created()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- The id of a message is its sender's, so the event has one of its own.
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'message.created', new.sender_id, jsonb_build_object(
    'message_id', new.id, 'conversation_id', new.conversation_id, 'conversation_kind', c.kind, 'group_id', c.group_id, 'seq', new.seq,
    'sender_id', new.sender_id, 'receiver_id', o.user_id, 'is_request', coalesce(o.state <> 'accepted', false), 'kind', new.kind,
    'mentions', coalesce(to_jsonb(new.mentions), '[]'), 'created_at', new.created_at, 'expires_at', new.expires_at)
  from public.conversations c
  left join public.conversation_members o
    on c.kind = 'direct' and o.conversation_id = c.id and o.user_id = case when c.low_id = new.sender_id then c.high_id else c.low_id end
  where c.id = new.conversation_id;
  return null;
end
$$;
comment on function app_private.tell_message_created() is 'Trigger on messages: message.created, without its words.';

create function app_private.tell_message_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Not of a message that disappeared, which its event said when, nor of an account that is gone, which user.deleted tells of.
  if new.sender_id is not null and (new.expires_at is null or new.expires_at > clock_timestamp()) then
    perform app_private.emit_event(case when new.deleted_at is null then 'message.edited' else 'message.deleted' end, app_private.acting_person(),
      jsonb_build_object('message_id', new.id, 'conversation_id', new.conversation_id, 'seq', new.seq, 'sender_id', new.sender_id));
  end if;
  return null;
end
$$;
comment on function app_private.tell_message_changed() is 'Trigger on messages: message.edited, message.deleted (for all).';

create function app_private.tell_message_reacted()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'message.reacted', new.user_id, jsonb_build_object(
    'message_id', x.id, 'conversation_id', new.conversation_id, 'seq', new.seq, 'sender_id', x.sender_id, 'user_id', new.user_id, 'emoji', new.emoji)
  from public.messages x where x.conversation_id = new.conversation_id and x.seq = new.seq;
  return null;
end
$$;
comment on function app_private.tell_message_reacted() is 'Trigger on message_reactions: message.reacted.';

create function app_private.tell_conversation_created()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('conversation.created', new.opened_by,
    jsonb_build_object('conversation_id', new.id, 'kind', new.kind, 'group_id', new.group_id, 'opened_by', new.opened_by));
  return null;
end
$$;
comment on function app_private.tell_conversation_created() is 'Trigger on conversations: conversation.created.';

create function app_private.tell_request_decided()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('conversation.request_decided', new.user_id,
    jsonb_build_object('conversation_id', new.conversation_id, 'user_id', new.user_id, 'state', new.state));
  return null;
end
$$;
comment on function app_private.tell_request_decided() is 'Trigger on conversation_members: conversation.request_decided (accepted or declined).';
