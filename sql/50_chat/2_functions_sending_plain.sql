-- The common message: words and nothing else, in a conversation that is open to both and has no timer. It is written in small statements,
-- each of which Postgres prepares anew (docs/decisions/0055-plain-messages.md). Everything that is asked for otherwise, is refused, or was
-- sent before leaves it without a trace and goes the general way (app_private.send_any_message).

create function public.send_message(p jsonb)
returns public.message_card
language plpgsql volatile security definer -- writes what nobody may write, of the caller's own
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- planned while a table was empty, it would read the whole of it for ever after
as $$
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
    and not exists (select from auth.users u where u.id = v_me and u.banned_until > now())
    and ((select r.messages_per_minute is null from app_private.chat_rules r) or not exists (
      select from public.messages x where x.sender_id = v_me and x.created_at > v_since
      offset (select r.messages_per_minute - 1 from app_private.chat_rules r)))
  returning (
    select a.card from app_private.author_cards a where a.user_id = v_me) into v_sender;
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
$$;
comment on function public.send_message(jsonb) is
  'Sends a message: {one of conversation_id, group_id, receiver_id; client_id, a UUID of yours that makes a repetition safe and becomes the id; kind, content, media_urls, duration_ms, waveform, reply_to}, or forward_of. 404 messages.conversation_not_found, messages.not_found, 403 messages.not_accepted, 409 messages.client_id_reused, follows.blocked, 422 messages.field_invalid, messages.content_invalid, messages.media_invalid, messages.request_pending, messages.not_forwardable, messages.to_oneself, 429 rate_limit.exceeded.';
