-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION app_private.send_any_message (
  p_me uuid,
  p    jsonb
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.messages := app_private.message_from(p);
  v_id uuid := app_private.conversation_for(p, p_me);
  v_first public.messages;
  v_reply public.messages;
  v_conversation public.conversations;
  v_other uuid;
  v_card public.message_card;
begin
  if m.id is null then
    m.id := app_private.uuid_v7();
  else
    v_first := app_private.sent_before(p_me, m, p);
    if v_first.id is not null then
      perform app_private.membership(p_me, v_first.conversation_id);
      return (select c from app_private.message_cards(p_me, array[v_first]) c);
    end if;
  end if;
  perform app_private.assert_calm_in_chat(p_me);
  if m.is_forwarded then
    m := app_private.fill_forward(p_me, m, (p ->> 'forward_of')::uuid);
  end if;
  if v_id is null and p ->> 'receiver_id' is not null then
    v_id := app_private.open_direct(p_me, (p ->> 'receiver_id')::uuid);
  end if;
  -- Whose conversation it is not waits for nobody in it, locks nobody out, and is answered as of one that never was.
  perform app_private.membership(p_me, coalesce(v_id, m.id));

  -- From here to the commit nobody else sends or is removed here, so numbers follow each other in the order of the commits.
  update public.conversations c set last_seq = c.last_seq + 1, active_at = greatest(clock_timestamp(), c.active_at)
  where c.id = v_id returning * into v_conversation;
  -- Who writes has read what was there, and has accepted the conversation.
  update public.conversation_members x set last_read_seq = v_conversation.last_seq, state = 'accepted'
  where x.user_id = p_me and x.conversation_id = v_id;
  if not found then
    perform app_private.membership(p_me, v_id);
  end if;
  v_other := app_private.other_of(v_conversation, p_me);
  perform app_private.assert_may_write(v_conversation, p_me);
  if p ->> 'reply_to' is not null then
    v_reply := app_private.readable_message(p_me, (p ->> 'reply_to')::uuid);
    if v_reply.conversation_id <> v_id then
      perform app_hidden.fail(404, 'messages.not_found', 'There is no such message in this conversation.', 'Answer a message where it was written, or forward it.');
    end if;
  end if;

  m.conversation_id := v_id;
  m.seq := v_conversation.last_seq;
  m.sender_id := p_me;
  m.reply_to_seq := v_reply.seq;
  m.mentions := app_private.mentioned_in_message(p_me, v_id, m.content);
  m.created_at := v_conversation.active_at;
  m.expires_at := m.created_at + make_interval(secs => v_conversation.disappear_after_s);
  insert into public.messages select m.* on conflict (id) do nothing;
  if not found then
    -- Its twin was a moment faster. The number was seen by nobody.
    update public.conversations c set last_seq = c.last_seq - 1 where c.id = v_id;
    update public.conversation_members x set last_read_seq = v_conversation.last_seq - 1 where x.user_id = p_me and x.conversation_id = v_id;
    v_first := app_private.sent_before(p_me, m, p);
    return (select c from app_private.message_cards(p_me, array[v_first]) c);
  end if;
  perform app_private.tell_message(m.id, v_id, v_conversation.group_id, m.seq, p_me, v_other, coalesce((
    select o.state <> 'accepted' from public.conversation_members o where o.user_id = v_other and o.conversation_id = v_id), false),
    m.kind, m.mentions, m.created_at, m.expires_at);
  v_card := app_private.common_card(m, app_private.person_of(p_me), v_reply);
  perform app_private.tell_members(v_conversation, 'message_created', app_private.message_event(v_card));
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION public.send_message (
  p jsonb
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_content text := p ->> 'content';
  v_words jsonb;
  v_to jsonb;
  v_target text := coalesce(p ->> 'conversation_id', p ->> 'receiver_id', p ->> 'group_id');
  v_since timestamptz := clock_timestamp() - interval '1 minute';
  v_id uuid;
  v_message uuid;
  v_group uuid;
  v_other uuid;
  v_epoch int;
  v_seq bigint;
  v_at timestamptz;
  v_sender jsonb;
  v_event uuid;
begin
  -- Only what is certain: a first character that can be seen saves looking for one.
  if jsonb_typeof(p -> 'content') = 'string' and length(v_content) <= 4000 and (ascii(v_content) between 33 and 126 or v_content ~ '\S')
    and strpos(v_content, '@') = 0 and pg_input_is_valid(v_target, 'uuid')
    and (not p ? 'client_id' or jsonb_typeof(p -> 'client_id') = 'string' and pg_input_is_valid(p ->> 'client_id', 'uuid')) then
    v_words := p - '{conversation_id,group_id,receiver_id}'::text[];
    v_to := p - '{content,client_id}'::text[];
    v_message := coalesce((p ->> 'client_id')::uuid, app_private.uuid_v7());
    if v_to = jsonb_build_object('conversation_id', v_target) then
      v_id := v_target;
    elsif v_to = jsonb_build_object('receiver_id', v_target) then
      select c.id into v_id from public.conversations c where c.low_id = least(v_me, v_target::uuid) and c.high_id = greatest(v_me, v_target::uuid);
    elsif v_to = jsonb_build_object('group_id', v_target) then
      select c.id into v_id from public.conversations c where c.group_id = v_target::uuid;
    end if;
    -- From here to the commit nobody else sends or is removed here, so numbers follow each other in the order of the commits. Whose
    -- conversation it is not locks nothing, and as much is asked about one that never was.
    update public.conversations c set last_seq = c.last_seq + 1, active_at = greatest(clock_timestamp(), c.active_at)
    where c.id = (select m.conversation_id from public.conversation_members m where m.user_id = v_me and m.conversation_id = coalesce(v_id, v_message))
      and c.disappear_after_s is null and not exists (select from public.messages x where x.id = v_message)
    returning c.group_id, case when c.low_id = v_me then c.high_id else c.low_id end, c.epoch, c.last_seq, c.active_at
    into v_group, v_other, v_epoch, v_seq, v_at;
  end if;
  if v_seq is null then
    return app_private.send_any_message(v_me, p);
  end if;

  -- Who may write, asked with the conversation locked, so that a block or a removal of a moment ago is seen. Who writes has read what was there.
  update public.conversation_members m set last_read_seq = v_seq
  where m.user_id = v_me and m.conversation_id = v_id and m.state = 'accepted'
    and (v_group is not null
      or exists (select from public.conversation_members o where o.user_id = v_other and o.conversation_id = v_id and o.state = 'accepted')
        and not exists (select from public.blocks b where b.blocker_id = v_me and b.blocked_id = v_other)
        and not exists (select from public.blocks b where b.blocker_id = v_other and b.blocked_id = v_me))
    and ((select r.messages_per_minute is null from app_private.chat_rules r) or not exists (
      select from public.messages x where x.sender_id = v_me and x.created_at > v_since
      offset (select r.messages_per_minute - 1 from app_private.chat_rules r)))
  returning (
    select jsonb_build_object('id', y.id, 'username', y.username::text, 'full_name', y.full_name, 'avatar_url', y.avatar_url,
      'is_verified', y.is_verified, 'verification_level', y.verification_level)
    from public.profiles y where y.id = v_me) into v_sender;
  if v_sender is not null then
    insert into public.messages (conversation_id, seq, id, sender_id, kind, content, is_forwarded, request_hash, created_at)
    values (v_id, v_seq, v_message, v_me, 'text', v_content, false, hashtextextended(v_words::text, 0), v_at)
    on conflict (id) do nothing;
  end if;
  if v_sender is null or not found then
    -- The number was seen by nobody.
    update public.conversations c set last_seq = c.last_seq - 1 where c.id = v_id;
    update public.conversation_members m set last_read_seq = v_seq - 1 where m.user_id = v_me and m.conversation_id = v_id and m.last_read_seq = v_seq;
    return app_private.send_any_message(v_me, p);
  end if;

  -- Expressions, where `perform` would be statements.
  v_event := app_private.tell_message(v_message, v_id, v_group, v_seq, v_me, v_other, false, 'text', null, v_at, null);
  if realtime.send(
    '{"kind": "text", "media_urls": [], "duration_ms": null, "waveform": null, "reply_to": null, "is_forwarded": false, "mentions": [], "reactions": [],
      "change": null, "pinned_at": null, "edited_at": null, "deleted_at": null, "expires_at": null, "is_sealed": false}'
    || jsonb_build_object('id', v_message, 'conversation_id', v_id, 'seq', v_seq, 'sender_id', v_me, 'sender', v_sender, 'content', v_content,
      'created_at', v_at),
    'message_created', format('conversation:%s:%s', v_id, v_epoch), true) is null then
    null;
  end if;
  return row(v_message, v_id, v_seq, v_me, v_sender, 'text', v_content, '{}'::text[], null::int, null::smallint[], null::jsonb, false, '{}'::uuid[],
    '[]'::jsonb, null::text, null::boolean, null::bigint, null::timestamptz, null::timestamptz, null::timestamptz, null::timestamptz, v_at)::public.message_card;
end
$function$;
