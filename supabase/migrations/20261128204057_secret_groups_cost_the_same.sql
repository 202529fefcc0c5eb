-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION app_private.can_read_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if (select g.visibility from public.groups g where g.id = p_group) = 'public' then
    return true;
  end if;
  return exists (select from public.group_members m where m.group_id = p_group and m.user_id = p_viewer);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if (select g.visibility from public.groups g where g.id = p_group) <> 'secret' then
    return true;
  end if;
  -- Asked of what never was as well, so that a secret group is looked for no longer: nobody is a member of it or invited.
  return exists (select from public.group_members m where m.group_id = p_group and m.user_id = p_viewer)
    or app_private.is_invited(p_group, p_viewer);
end
$function$;

CREATE OR REPLACE FUNCTION public.conversation_of_group (
  p_group uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := (select c.id from public.conversations c where c.group_id = p_group);
begin
  -- Without a conversation as much is asked as with that of others.
  perform app_private.membership(auth.uid(), coalesce(v_id, p_group));
  return (select c from app_private.conversation_cards(auth.uid(), array[v_id]) c);
end
$function$;

CREATE OR REPLACE FUNCTION public.send_message (
  p jsonb
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.message_from(p);
  v_id uuid := app_private.conversation_for(p, v_me);
  v_first public.messages;
  v_reply public.messages;
  v_conversation public.conversations;
  v_card public.message_card;
begin
  if m.id is null then
    m.id := app_private.uuid_v7();
  else
    v_first := app_private.sent_before(v_me, m, p);
    if v_first.id is not null then
      perform app_private.membership(v_me, v_first.conversation_id);
      return (select c from app_private.message_cards(v_me, array[v_first]) c);
    end if;
  end if;
  perform app_private.assert_calm_in_chat(v_me);
  if m.is_forwarded then
    m := app_private.fill_forward(v_me, m, (p ->> 'forward_of')::uuid);
  end if;
  if v_id is null and p ->> 'receiver_id' is not null then
    v_id := app_private.open_direct(v_me, (p ->> 'receiver_id')::uuid);
  end if;
  -- Whose conversation it is not waits for nobody in it, locks nobody out, and is answered as of one that never was.
  perform app_private.membership(v_me, coalesce(v_id, m.id));

  -- From here to the commit nobody else sends or is removed here, so numbers follow each other in the order of the commits.
  update public.conversations c set last_seq = c.last_seq + 1, active_at = greatest(clock_timestamp(), c.active_at)
  where c.id = v_id returning * into v_conversation;
  -- Who writes has read what was there, and has accepted the conversation.
  update public.conversation_members x set last_read_seq = v_conversation.last_seq, state = 'accepted'
  where x.user_id = v_me and x.conversation_id = v_id;
  if not found then
    perform app_private.membership(v_me, v_id);
  end if;
  perform app_private.assert_may_write(v_conversation, v_me);
  if p ->> 'reply_to' is not null then
    v_reply := app_private.readable_message(v_me, (p ->> 'reply_to')::uuid);
    if v_reply.conversation_id <> v_id then
      perform app_hidden.fail(404, 'messages.not_found', 'There is no such message in this conversation.', 'Answer a message where it was written, or forward it.');
    end if;
  end if;

  m.conversation_id := v_id;
  m.seq := v_conversation.last_seq;
  m.sender_id := v_me;
  m.reply_to_seq := v_reply.seq;
  m.mentions := app_private.mentioned_in_message(v_me, v_id, m.content);
  m.created_at := v_conversation.active_at;
  m.expires_at := m.created_at + make_interval(secs => v_conversation.disappear_after_s);
  insert into public.messages select m.* on conflict (id) do nothing;
  if not found then
    -- Its twin was a moment faster. The number was seen by nobody.
    update public.conversations c set last_seq = c.last_seq - 1 where c.id = v_id;
    update public.conversation_members x set last_read_seq = v_conversation.last_seq - 1 where x.user_id = v_me and x.conversation_id = v_id;
    v_first := app_private.sent_before(v_me, m, p);
    return (select c from app_private.message_cards(v_me, array[v_first]) c);
  end if;
  v_card := app_private.common_card(m, app_private.person_of(v_me), v_reply);
  perform app_private.tell_members(v_conversation, 'message_created', app_private.message_event(v_card));
  return v_card;
end
$function$;
