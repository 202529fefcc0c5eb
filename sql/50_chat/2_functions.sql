-- Who is in a conversation, and may do what there. All functions here are for others to call, which are security definer: people
-- read and write conversations through functions alone, and each asks here first.

create function app_private.membership(p_me uuid, p_conversation uuid)
returns public.conversation_members
language plpgsql stable
set search_path = ''
as $$
declare
  v_member public.conversation_members;
begin
  select * into v_member from public.conversation_members m where m.user_id = p_me and m.conversation_id = p_conversation;
  if not found then
    perform app_hidden.fail(404, 'messages.conversation_not_found', 'There is no such conversation.', 'Take an id from GET messages.');
  end if;
  return v_member;
end
$$;
comment on function app_private.membership(uuid, uuid) is 'What somebody is in a conversation; 404 messages.conversation_not_found for who is not in it.';

create function app_private.other_of(p_conversation public.conversations, p_me uuid)
returns uuid
language plpgsql immutable
set search_path = ''
as $$
begin
  return case when p_conversation.low_id = p_me then p_conversation.high_id else p_conversation.low_id end;
end
$$;
comment on function app_private.other_of(public.conversations, uuid) is 'The other one of a direct conversation; null for a group, and when the account is gone.';

create function app_private.hides(p_user uuid, p_setting text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((
    select (s.privacy_settings ->> p_setting)::boolean from public.account_settings s where s.user_id = p_user
  ), false);
end
$$;
comment on function app_private.hides(uuid, text) is 'Whether somebody set hide_presence or hide_read_receipts.';

create function app_private.fail_not_accepted()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(403, 'messages.not_accepted', 'This person cannot be written to.',
    'They decide who may write to them: show the field only where `can_send` is true.');
end
$$;
comment on function app_private.fail_not_accepted() is
  '403 messages.not_accepted: the same words for a setting, a block, a declined request and nobody at all, so that they tell none of these.';

-- Called with the conversation locked, so that a block or a decision of a moment ago is seen.
create function app_private.assert_may_write(p_conversation public.conversations, p_me uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_other uuid := app_private.other_of(p_conversation, p_me);
  v_state text;
  v_by_me boolean;
  v_by_them boolean;
begin
  if p_conversation.kind = 'group' then
    return;
  end if;
  select m.state, exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = v_other),
    exists (select from public.blocks b where b.blocker_id = v_other and b.blocked_id = p_me)
  into v_state, v_by_me, v_by_them
  from public.conversation_members m where m.user_id = v_other and m.conversation_id = p_conversation.id;
  if v_by_me then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif v_by_them or v_state = 'accepted' is not true and (
    -- Whom they let write to them is asked until they have accepted: then they agreed to this conversation.
    v_state = 'requested' is not true or not app_private.may_reach(p_me, v_other, 'who_can_message')
  ) then
    perform app_private.fail_not_accepted();
  end if;
  if v_state = 'requested' and p_conversation.last_seq > (select r.messages_in_request from app_private.chat_rules r) then
    perform app_hidden.fail(422, 'messages.request_pending', 'This person has not accepted your request yet.', 'Wait for an answer.');
  end if;
end
$$;
comment on function app_private.assert_may_write(public.conversations, uuid) is
  'Refuses who may not write in a conversation of theirs: 403 messages.not_accepted, 409 follows.blocked, 422 messages.request_pending.';

-- What is not a message, and still reaches the other side: only between people who both agreed to talk.
create function app_private.assert_may_act(p_conversation public.conversations, p_member public.conversation_members)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_member.state <> 'accepted' then
    perform app_hidden.fail(409, 'messages.request_open', 'You have not accepted this conversation.', 'Accept it first: POST messages/:conversationId/accept.');
  end if;
  perform app_private.assert_may_write(p_conversation, p_member.user_id);
end
$$;
comment on function app_private.assert_may_act(public.conversations, public.conversation_members) is
  'As assert_may_write, and 409 messages.request_open for who has not accepted the conversation.';

create function app_private.assert_staff(p_conversation public.conversations, p_me uuid, p_action text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_conversation.kind = 'group' then
    perform app_private.assert_may(p_me, p_conversation.group_id, p_action);
  end if;
end
$$;
comment on function app_private.assert_staff(public.conversations, uuid, text) is
  'In a direct conversation both may; in a group, who has the role for it (403 groups.not_allowed).';

-- Counting is locking: whoever has a number holds the conversation until it is committed, and the next waits.
create function app_private.next_change(p_conversation uuid, p_takes_back boolean default false)
returns public.conversations
language plpgsql volatile
set search_path = ''
as $$
declare
  v_conversation public.conversations;
begin
  update public.conversations c set last_change = c.last_change + 1, taken_back = case when p_takes_back then c.last_change + 1 else c.taken_back end
  where c.id = p_conversation returning * into v_conversation;
  return v_conversation;
end
$$;
comment on function app_private.next_change(uuid, boolean) is
  'Locks a conversation and counts a change in it: last_change is its number. p_takes_back: words that were sent to its topic are not there any more.';

create function app_private.readable_message(p_me uuid, p_id uuid, p_living boolean default true)
returns public.messages
language plpgsql stable
set search_path = ''
as $$
declare
  v_message public.messages;
begin
  select x.* into v_message
  from public.messages x
  join public.conversation_members m on m.user_id = p_me and m.conversation_id = x.conversation_id and x.seq > m.from_seq
  where x.id = p_id and (not p_living or (
    x.deleted_at is null and (x.expires_at is null or x.expires_at > clock_timestamp())
    and not exists (select from public.message_hides h where h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq)
    and exists (select from public.profiles p where p.id = x.sender_id)));
  if not found then
    perform app_hidden.fail(404, 'messages.not_found', 'There is no such message.', 'It may have been deleted, or is not shown to you.');
  end if;
  return v_message;
end
$$;
comment on function app_private.readable_message(uuid, uuid, boolean) is
  'A message that somebody may read, with its words unless p_living is false; else 404 messages.not_found.';

create function app_private.is_gone(p_message public.messages)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return p_message.deleted_at is not null or coalesce(p_message.expires_at <= clock_timestamp(), false);
end
$$;
comment on function app_private.is_gone(public.messages) is 'Whether a message was deleted for all or has disappeared, whether or not the worker came to it.';

-- For policies ------------------------------------------------------------------------------------------------------------

create function app_hidden.my_conversation_ids()
returns setof uuid
language plpgsql stable security definer rows 100 -- the policy of conversation_members shows one's own rows only
set search_path = ''
as $$
begin
  return query select m.conversation_id from public.conversation_members m where m.user_id = auth.uid();
end
$$;
comment on function app_hidden.my_conversation_ids() is 'The conversations that I am in. None for who is not signed in.';

create function app_hidden.is_person(p_id uuid)
returns boolean
language plpgsql stable security definer -- also of people hidden from the caller, who are there nevertheless
set search_path = ''
as $$
begin
  return exists (select from public.profiles p where p.id = p_id);
end
$$;
comment on function app_hidden.is_person(uuid) is 'Whether an account is there, and not deleted.';
