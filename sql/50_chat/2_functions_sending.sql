-- Sending. Nobody inserts into the tables: what a message is checked for would have to be done twice, and its place in the
-- conversation be given by a trigger. docs/decisions/0066-seq.md says why one row is locked.

create function app_private.fail_field(p_what text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(422, 'messages.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', p_what));
end
$$;
comment on function app_private.fail_field(text) is '422 messages.field_invalid, with what to send instead.';

create function app_private.assert_words(p_message public.messages)
returns void
language plpgsql immutable
set search_path = ''
as $$
declare
  v_media int := coalesce(cardinality(p_message.media_urls), 0);
begin
  if length(p_message.content) > 4000 or p_message.kind = 'text' and coalesce(p_message.content !~ '\S', true) then
    perform app_hidden.fail(422, 'messages.content_invalid', 'A message has 1 to 4,000 characters.', 'Mend `content`.');
  elsif p_message.kind = 'text' and v_media > 0 or p_message.kind <> 'text' and v_media not between 1 and 10
    or p_message.kind = 'audio' and v_media <> 1 or v_media > 0 and not app_hidden.are_media(p_message.media_urls) then
    perform app_hidden.fail(422, 'messages.media_invalid', 'A message of this kind does not take these media.',
      'Send `media_urls` as media:<id> of what you uploaded, or https:// or http:// addresses: 1 to 10 for image and video, one for audio, none for text.');
  elsif (p_message.kind in ('audio', 'video')) < (p_message.duration_ms is not null) or p_message.kind = 'audio' and p_message.duration_ms is null
    or p_message.duration_ms not between 1 and 86400000 then
    perform app_private.fail_field('`duration_ms` as milliseconds up to a day, with every audio and, if you know it, video');
  elsif p_message.waveform is not null and (p_message.kind <> 'audio' or cardinality(p_message.waveform) not between 1 and 128
    or 0 > any (p_message.waveform) or 100 < any (p_message.waveform)) then
    perform app_private.fail_field('`waveform` with an audio, as 1 to 128 whole numbers from 0 to 100');
  end if;
end
$$;
comment on function app_private.assert_words(public.messages) is
  'Refuses words and media that make no message: 422 messages.content_invalid, messages.media_invalid, messages.field_invalid.';

create function app_private.message_from(p jsonb)
returns public.messages
language plpgsql stable
set search_path = ''
as $$
declare
  m public.messages;
begin
  perform app_hidden.assert_fields(p, '{"conversation_id": "uuid", "group_id": "uuid", "receiver_id": "uuid", "client_id": "uuid", "kind": "string",
    "content": "string", "media_urls": "strings", "duration_ms": "number", "waveform": "array", "reply_to": "uuid", "forward_of": "uuid"}',
    'messages.field_invalid');
  if num_nonnulls(p ->> 'conversation_id', p ->> 'group_id', p ->> 'receiver_id') <> 1 then
    perform app_private.fail_field('one of `conversation_id`, `group_id` and `receiver_id`');
  end if;
  m.id := (p ->> 'client_id')::uuid;
  -- What makes a repetition: the same words to the same people, however those are named.
  m.request_hash := hashtextextended((jsonb_strip_nulls(p) - '{conversation_id,group_id,receiver_id}'::text[])::text, 0);
  m.is_forwarded := p ->> 'forward_of' is not null;
  if m.is_forwarded then
    if num_nonnulls(p ->> 'kind', p ->> 'content', p ->> 'media_urls', p ->> 'duration_ms', p ->> 'waveform', p ->> 'reply_to') > 0 then
      perform app_private.fail_field('`forward_of` without words or media of your own');
    end if;
    return m;
  end if;
  m.kind := coalesce(p ->> 'kind', 'text');
  if m.kind not in ('text', 'image', 'video', 'audio') then
    perform app_private.fail_field('`kind` as text, image, video or audio');
  elsif jsonb_path_exists(p, 'strict $.waveform[*] ? (@.type() != "number")', '{}', true) or p ->> 'duration_ms' ~ '[^0-9]' or length(p ->> 'duration_ms') > 9
    or jsonb_array_length(nullif(p -> 'waveform', 'null')) > 128 or p ->> 'waveform' ~ '[.eE-]|\d{4}' then
    perform app_private.fail_field('`duration_ms` and `waveform` as whole numbers');
  end if;
  m.content := p ->> 'content';
  m.media_urls := nullif(app_hidden.texts(p -> 'media_urls'), '{}');
  m.duration_ms := (p ->> 'duration_ms')::int;
  if jsonb_typeof(p -> 'waveform') = 'array' then
    m.waveform := array(select w::smallint from jsonb_array_elements_text(p -> 'waveform') with ordinality a (w, n) order by n);
  end if;
  perform app_private.assert_words(m);
  return m;
end
$$;
comment on function app_private.message_from(jsonb) is
  'What a client wants to send, checked as far as it says all of it. 422 messages.field_invalid, messages.content_invalid, messages.media_invalid.';

-- Direct conversations are made by their first message. Two who write to each other at once wait for one another here; a block that
-- is just being made is waited for too (app_private.part_the_blocked locks the pair).
create function app_private.open_direct(p_me uuid, p_other uuid)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
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
$$;
comment on function app_private.open_direct(uuid, uuid) is
  'The conversation of two people, new if there is none: a request to who does not follow the writer. 403 messages.not_accepted, 409 follows.blocked, 422 messages.to_oneself, 429 rate_limit.exceeded.';

create function app_private.conversation_for(p jsonb, p_me uuid)
returns uuid
language plpgsql stable
set search_path = ''
as $$
begin
  return case
    when p ->> 'conversation_id' is not null then (p ->> 'conversation_id')::uuid
    when p ->> 'group_id' is not null then (select c.id from public.conversations c where c.group_id = (p ->> 'group_id')::uuid)
    else (
      select c.id from public.conversations c
      where c.low_id = least(p_me, (p ->> 'receiver_id')::uuid) and c.high_id = greatest(p_me, (p ->> 'receiver_id')::uuid))
  end;
end
$$;
comment on function app_private.conversation_for(jsonb, uuid) is 'The conversation that is meant; null when there is none yet.';

create function app_private.sent_before(p_me uuid, p_message public.messages, p jsonb)
returns public.messages
language plpgsql stable -- looks once: who sees the message sees its conversation, which a first message makes in the same transaction
set search_path = ''
as $$
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
$$;
comment on function app_private.sent_before(uuid, public.messages, jsonb) is
  'The message that was sent with this client_id, null when none was; 409 messages.client_id_reused when it is another one.';

create function app_private.assert_calm_in_chat(p_me uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_limit int := (select r.messages_per_minute from app_private.chat_rules r);
  v_since timestamptz := clock_timestamp() - interval '1 minute'; -- a function that is volatile would not be looked up in the index
begin
  if v_limit is not null and exists (
    select from public.messages x where x.sender_id = p_me and x.created_at > v_since offset v_limit - 1
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('You have sent %s messages within a minute.', v_limit), 'Wait a moment.');
  end if;
end
$$;
comment on function app_private.assert_calm_in_chat(uuid) is '429 rate_limit.exceeded for who sends more messages in a minute than a person does (app_private.chat_rules).';

create function app_private.fill_forward(p_me uuid, p_message public.messages, p_source uuid)
returns public.messages
language plpgsql stable
set search_path = ''
as $$
declare
  v_source public.messages := app_private.readable_message(p_me, p_source);
begin
  if v_source.expires_at is not null then
    perform app_hidden.fail(422, 'messages.not_forwardable', 'A message that disappears is not forwarded.', 'Forward messages without `expires_at`.');
  end if;
  p_message.kind := v_source.kind;
  p_message.content := v_source.content;
  p_message.media_urls := v_source.media_urls;
  p_message.duration_ms := v_source.duration_ms;
  p_message.waveform := v_source.waveform;
  return p_message;
end
$$;
comment on function app_private.fill_forward(uuid, public.messages, uuid) is
  'Copies what somebody may read and may pass on. 404 messages.not_found, 422 messages.not_forwardable.';

create function app_private.mentioned_in_message(p_sender uuid, p_conversation uuid, p_content text)
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
begin
  if p_content is null or strpos(p_content, '@') = 0 then
    return null;
  end if;
  return nullif(array(
    select m.id from app_private.mentioned_in(p_sender, p_content, null) m (id)
    where exists (select from public.conversation_members c where c.user_id = m.id and c.conversation_id = p_conversation)
  ), '{}');
end
$$;
comment on function app_private.mentioned_in_message(uuid, uuid, text) is 'Whom a message names with @username: members of the conversation who let its sender mention them.';

create function app_private.send_any_message(p_me uuid, p jsonb)
returns public.message_card
language plpgsql volatile
set search_path = ''
as $$
declare
  m public.messages := app_private.message_from(p);
  v_id uuid := app_private.conversation_for(p, p_me);
  v_first public.messages;
  v_reply public.messages;
  v_member public.conversation_members;
  v_conversation public.conversations;
  v_other uuid;
  v_card public.message_card;
begin
  perform app_private.assert_not_suspended();
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
  v_member := app_private.membership(p_me, coalesce(v_id, m.id));

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
  if v_member.state <> 'accepted' then
    perform app_private.tell_acceptance(v_conversation, p_me);
  end if;
  v_card := app_private.common_card(m, app_private.person_of(p_me), v_reply);
  perform app_private.tell_members(v_conversation, 'message_created', app_private.message_event(v_card));
  return v_card;
end
$$;
comment on function app_private.send_any_message(uuid, jsonb) is
  'Sends what public.send_message is asked to send, whatever it is and whatever stands in its way: all refusals are made here.';
