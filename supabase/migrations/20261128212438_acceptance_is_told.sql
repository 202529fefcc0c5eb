-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

REVOKE ALL ON TABLE "public"."conversations" FROM "authenticated";

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
  v_member public.conversation_members;
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
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_acceptance (
  p_conversation public.conversations,
  p_me           uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_other uuid := app_private.other_of(p_conversation, p_me);
begin
  perform app_private.tell_person(p_me, 'conversation_accepted', app_private.epoch_notice(p_conversation));
  if not app_hidden.is_blocked_pair(p_me, v_other) then
    perform app_private.tell_person(v_other, 'conversation_accepted', app_private.epoch_notice(p_conversation));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.accept_conversation (
  p_id uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_one public.conversations;
begin
  perform app_private.membership(v_me, p_id);
  -- Under its lock, as everything that decides who may write.
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  update public.conversation_members m set state = 'accepted' where m.user_id = v_me and m.conversation_id = p_id and m.state <> 'accepted';
  if found then
    perform app_private.tell_acceptance(v_one, v_me);
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

CREATE OR REPLACE FUNCTION public.ban_from_group (
  p_group  uuid,
  p_user   uuid,
  p_until  timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_reason text                     DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_reason text := nullif(btrim(p_reason, e' \t\r\n'), '');
begin
  if p_until <= now() then
    perform app_private.fail_group_field('Send `until` as a time to come, or none to ban for good.');
  elsif length(v_reason) > 500 then
    perform app_private.fail_group_field('Send `reason` of at most 500 characters.');
  end if;
  -- Also of who is no member yet, or a member hidden from the caller by a block: nobody keeps a group from closing its door.
  perform app_private.lock_target(v_me, p_group, p_user, 'ban');
  -- Who is hidden and has nothing to do with the group is not told from nobody: else banning would tell who blocked whom.
  if not exists (select from public.profiles p where p.id = p_user) or app_hidden.is_blocked_pair(v_me, p_user) and not (
    app_private.role_in(p_group, p_user) is not null
    or exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user)
    or exists (select from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user)
    or exists (select from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user)
  ) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into app_private.group_bans (group_id, user_id, banned_by, reason, until) values (p_group, p_user, v_me, v_reason, p_until)
  on conflict (group_id, user_id) do update
    set banned_by = excluded.banned_by, reason = excluded.reason, until = excluded.until, created_at = now();
  perform app_private.note_in_log(p_group, 'banned', p_user, jsonb_build_object('until', p_until, 'reason', v_reason));
  return app_private.membership(p_group, p_user, 'banned') || jsonb_build_object('until', p_until);
end
$function$;

COMMENT ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) IS 'Tells both sides of a direct conversation that somebody accepted it: there is a typing topic from here on.';

REVOKE ALL ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) TO "postgres";

REVOKE ALL ("active_at") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("active_at") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("disappear_after_s") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("disappear_after_s") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("group_id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("group_id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("high_id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("high_id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("kind") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("last_change") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("last_change") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("last_seq") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("last_seq") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("low_id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("low_id") ON TABLE "public"."conversations" TO "authenticated";
