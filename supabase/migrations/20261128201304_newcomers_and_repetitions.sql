-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP FUNCTION "app_private"."renew_epochs"(uuid[]);

DROP FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid);

ALTER TABLE "public"."conversations"
  ADD COLUMN "epoch_seq" bigint NOT NULL DEFAULT 0;

ALTER TABLE "public"."conversations"
  ADD COLUMN "epoch_change" bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION app_private.follow_group_members()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
    where c.group_id in (select a.group_id from changed a) and g.visibility <> 'public'
      and (c.last_seq > c.epoch_seq or c.last_change > c.epoch_change)), true);
  insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
  -- What was written in a public group everybody could have read by joining it.
  select c.id, a.user_id, case when g.visibility = 'public' then 0 else c.last_seq end, c.last_seq
  from changed a join public.conversations c on c.group_id = a.group_id join public.groups g on g.id = a.group_id
  on conflict do nothing;
  perform app_private.tell_person(a.user_id, 'conversation_added', app_private.epoch_notice(c) || '{"kind": "group", "state": "accepted"}')
  from (select * from changed limit 20) a join public.conversations c on c.group_id = a.group_id; -- each message is a subtransaction
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.open_direct (
  p_me    uuid,
  p_other uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_rules app_private.chat_rules;
  v_one public.conversations;
begin
  if p_me = p_other then
    perform app_hidden.fail(422, 'messages.to_oneself', 'Nobody writes to themselves.', 'Name somebody else.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('chat.open ' || p_me::text, 0)); -- two at once would both be within the limits
  perform app_private.lock_pairs(array[p_me], array[p_other]);
  select c.id into v_id from public.conversations c where c.low_id = least(p_me, p_other) and c.high_id = greatest(p_me, p_other);
  if found then
    return v_id;
  elsif exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = p_other) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif not app_private.may_reach(p_me, p_other, 'who_can_message') then
    perform app_private.fail_not_accepted();
  end if;
  select * into v_rules from app_private.chat_rules;
  if v_rules.conversations_per_hour is not null and exists (
      select from public.conversations c where c.opened_by = p_me and c.created_at > now() - interval '1 hour' offset v_rules.conversations_per_hour - 1)
    or v_rules.conversations_per_day is not null and exists (
      select from public.conversations c where c.opened_by = p_me and c.created_at > now() - interval '1 day' offset v_rules.conversations_per_day - 1) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have begun more conversations than a person does.', 'Wait some hours.');
  end if;
  insert into public.conversations (kind, low_id, high_id, opened_by)
  values ('direct', least(p_me, p_other), greatest(p_me, p_other), p_me) returning * into v_one;
  insert into public.conversation_members (conversation_id, user_id, state) values
    (v_one.id, p_me, 'accepted'),
    (v_one.id, p_other, case when exists (
      select from public.follows f where f.follower_id = p_other and f.followee_id = p_me) then 'accepted' else 'requested' end);
  perform app_private.tell_person(m.user_id, 'conversation_added', app_private.epoch_notice(v_one) || jsonb_build_object('kind', 'direct', 'state', m.state))
  from public.conversation_members m where m.conversation_id = v_one.id;
  return v_one.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.renew_epochs (
  p_conversations uuid[],
  p_spoken        boolean DEFAULT false
)
  RETURNS SETOF public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform from public.conversations c where c.id = any (p_conversations) order by c.id for no key update;
  return query update public.conversations c set epoch = c.epoch + 1, epoch_seq = c.last_seq, epoch_change = c.last_change
  -- Asked once they are locked: of many who come at once, the first moves the others along.
  where c.id = any (p_conversations) and (not p_spoken or c.last_seq > c.epoch_seq or c.last_change > c.epoch_change) returning c.*;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.renew_group_epochs (
  p_conversations uuid[],
  p_spoken        boolean DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.chat_notices (conversation_id, epoch)
  select c.id, c.epoch from app_private.renew_epochs(p_conversations, p_spoken) c where c.kind = 'group'
  on conflict (conversation_id) do update set epoch = excluded.epoch, told_to = null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sent_before (
  p_me      uuid,
  p_message public.messages,
  p         jsonb
)
  RETURNS public.messages
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_first public.messages;
begin
  select * into v_first from public.messages x where x.id = p_message.id;
  if found and (v_first.sender_id is distinct from p_me or v_first.request_hash <> p_message.request_hash
    or v_first.conversation_id is distinct from app_private.conversation_for(p, p_me)) then
    perform app_hidden.fail(409, 'messages.client_id_reused', 'This client_id was used for another message.',
      'Make a new UUID for each message; repeat a message unchanged.');
  end if;
  return v_first;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.renew_group_epochs(array(select distinct g.conversation_id from gone g));
  perform app_private.tell_person(g.user_id, 'conversation_removed', jsonb_build_object('conversation_id', g.conversation_id))
  -- Each message is a subtransaction. Who is removed with many others finds out by asking.
  from (select * from gone limit 20) g
  where exists (select from public.profiles p where p.id = g.user_id);
  return null;
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

COMMENT ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) IS 'Moves conversations to new topics, with p_spoken those alone where something was said in this epoch. What was sent before is waited for, and what comes later goes to the new one.';

COMMENT ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) IS 'The same for groups, whose members the worker tells.';

COMMENT ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) IS 'The message that was sent with this client_id, null when none was; 409 messages.client_id_reused when it is another one.';

COMMENT ON TABLE "public"."conversations" IS 'Direct conversations of two people (low_id and high_id in order; null: the account is gone) and those of groups. last_seq counts the messages, last_change what was changed of them afterwards; whoever counts holds the row to the end. epoch is part of the topic on which members hear of it, and changes when somebody may hear no more, or not what was said there before; it began after epoch_seq and epoch_change.';

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) TO "postgres";
