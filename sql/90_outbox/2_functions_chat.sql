-- What chat tells: who wrote where, and never what. Triggers on rows, because messages come one at a time, and a row costs less than
-- the two tables of a statement. Security definer, as all triggers that write events.

-- Called by who sends a message, with what it has in hand; a trigger would have to look for it again.
create function app_private.tell_message(
  p_id uuid, p_conversation uuid, p_group uuid, p_seq bigint, p_sender uuid, p_receiver uuid, p_is_request boolean, p_kind text, p_mentions uuid[],
  p_created_at timestamptz, p_expires_at timestamptz
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := app_private.uuid_v7(); -- that of a message is its sender's
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  values (v_id, 'message.created', p_sender, jsonb_build_object(
    'message_id', p_id, 'conversation_id', p_conversation, 'conversation_kind', case when p_group is null then 'direct' else 'group' end,
    'group_id', p_group, 'seq', p_seq, 'sender_id', p_sender, 'receiver_id', p_receiver, 'is_request', p_is_request, 'kind', p_kind,
    'mentions', coalesce(to_jsonb(p_mentions), '[]'), 'created_at', p_created_at, 'expires_at', p_expires_at));
  return v_id;
end
$$;
comment on function app_private.tell_message(uuid, uuid, uuid, bigint, uuid, uuid, boolean, text, uuid[], timestamptz, timestamptz) is
  'Writes message.created, without its words; gives the id of the event.';

create function app_private.tell_messages(p_sent app_private.sending[])
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  v_told int;
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'message.created', s.sender_id, jsonb_build_object(
    'message_id', s.id, 'conversation_id', s.conversation_id, 'conversation_kind', case when s.group_id is null then 'direct' else 'group' end,
    'group_id', s.group_id, 'seq', s.seq, 'sender_id', s.sender_id, 'receiver_id', s.receiver_id, 'is_request', false, 'kind', 'text',
    'mentions', '[]'::jsonb, 'created_at', s.created_at, 'expires_at', null)
  from unnest(p_sent) s;
  get diagnostics v_told = row_count;
  return v_told;
end
$$;
comment on function app_private.tell_messages(app_private.sending[]) is
  'Writes message.created for each of several plain messages, in their order; gives how many.';

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
