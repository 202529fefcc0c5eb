-- Conversations as their members list and keep them.

create function public.my_conversations(
  p_box text default 'inbox', p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null
)
returns setof public.conversation_card
language plpgsql stable security definer -- looks at both sides of direct conversations
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if coalesce(p_box not in ('inbox', 'archived', 'requests'), true) then
    perform app_private.fail_field('`box` as inbox, archived or requests');
  end if;
  -- All of one's conversations are looked at: an index by their times would be written by each message, for each member.
  return query select * from app_private.conversation_cards(v_me, array(
    select c.id from public.conversation_members m
    join public.conversations c on c.id = m.conversation_id
    where m.user_id = v_me
      and case p_box
        when 'requests' then m.state = 'requested' and not app_hidden.is_blocked_pair(v_me, app_private.other_of(c, v_me))
        else m.state = 'accepted' and (m.archived_at is not null) = (p_box = 'archived') end
      -- One that was cleared is back with its next message.
      and (c.last_seq > m.from_seq or c.kind = 'group')
      and (c.active_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.active_at desc, c.id desc limit least(greatest(p_limit, 1), 101)));
end
$$;
comment on function public.my_conversations(text, int, timestamptz, uuid) is
  'My conversations with their last message and how many I have not read, the latest first: the inbox, the archived, or requests of people whom I do not follow. The next page begins after the active_at and id of the last.';

create function public.conversation(p_id uuid)
returns public.conversation_card
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app_private.membership(auth.uid(), p_id);
  return (select c from app_private.conversation_cards(auth.uid(), array[p_id]) c);
end
$$;
comment on function public.conversation(uuid) is 'A conversation of mine. 404 messages.conversation_not_found.';

create function public.conversation_with(p_user uuid)
returns public.conversation_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_id uuid := (select c.id from public.conversations c where c.low_id = least(v_me, p_user) and c.high_id = greatest(v_me, p_user));
begin
  perform app_private.membership(v_me, v_id);
  return (select c from app_private.conversation_cards(v_me, array[v_id]) c);
end
$$;
comment on function public.conversation_with(uuid) is 'My direct conversation with somebody; 404 messages.conversation_not_found before the first message.';

create function public.conversation_of_group(p_group uuid)
returns public.conversation_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_id uuid := (select c.id from public.conversations c where c.group_id = p_group);
begin
  -- Without a conversation as much is asked as with that of others.
  perform app_private.membership(auth.uid(), coalesce(v_id, p_group));
  return (select c from app_private.conversation_cards(auth.uid(), array[v_id]) c);
end
$$;
comment on function public.conversation_of_group(uuid) is 'The conversation of a group that I am a member of; else 404 messages.conversation_not_found.';

-- For each person alone ----------------------------------------------------------------------------------------------------

create function public.mute_conversation(p_id uuid, p_muted boolean default true, p_until timestamptz default null)
returns public.conversation_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.membership(v_me, p_id);
  if p_muted and p_until <= now() then
    perform app_private.fail_field('`until` as a time to come, or none to mute for good');
  end if;
  update public.conversation_members m set is_muted = coalesce(p_muted, true), muted_until = case when p_muted then p_until end
  where m.user_id = v_me and m.conversation_id = p_id;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$$;
comment on function public.mute_conversation(uuid, boolean, timestamptz) is
  'Keeps a conversation out of my notifications, until a time or for good, or no longer; nobody is told. 404 messages.conversation_not_found.';

create function public.archive_conversation(p_id uuid, p_archived boolean default true)
returns public.conversation_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.membership(v_me, p_id);
  update public.conversation_members m set archived_at = case when p_archived then coalesce(m.archived_at, now()) end
  where m.user_id = v_me and m.conversation_id = p_id;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$$;
comment on function public.archive_conversation(uuid, boolean) is
  'Puts a conversation aside, where it stays until it is taken back; nobody is told. 404 messages.conversation_not_found.';

create function public.clear_conversation(p_id uuid)
returns public.conversation_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.membership(v_me, p_id);
  update public.conversation_members m set from_seq = greatest(m.from_seq, c.last_seq), last_read_seq = greatest(m.last_read_seq, c.last_seq)
  from public.conversations c
  where m.user_id = v_me and m.conversation_id = p_id and c.id = p_id;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$$;
comment on function public.clear_conversation(uuid) is
  'Deletes all messages of a conversation for me. A direct one is listed again with its next message. 404 messages.conversation_not_found.';

-- Requests -----------------------------------------------------------------------------------------------------------------

create function public.accept_conversation(p_id uuid)
returns public.conversation_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_one public.conversations;
begin
  perform app_private.membership(v_me, p_id);
  perform app_private.assert_not_suspended();
  -- Under its lock, as everything that decides who may write.
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  update public.conversation_members m set state = 'accepted' where m.user_id = v_me and m.conversation_id = p_id and m.state <> 'accepted';
  if found then
    perform app_private.tell_acceptance(v_one, v_me);
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$$;
comment on function public.accept_conversation(uuid) is
  'Lets somebody write to me who asked to, also one that I declined; to answer does the same. 404 messages.conversation_not_found.';

create function public.decline_conversation(p_id uuid)
returns public.conversation_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_id);
begin
  perform from public.conversations c where c.id = p_id for no key update;
  update public.conversation_members m set state = 'declined' where m.user_id = v_me and m.conversation_id = p_id and m.state = 'requested';
  if not found and (app_private.membership(v_me, p_id)).state = 'accepted' then
    perform app_hidden.fail(409, 'messages.no_request', 'You have accepted this conversation.', 'Mute, archive or clear it, or block the person.');
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$$;
comment on function public.decline_conversation(uuid) is
  'Takes no more messages from who asked to write to me, and tells nobody. 404 messages.conversation_not_found, 409 messages.no_request for one that I accepted.';

-- For all members ----------------------------------------------------------------------------------------------------------

create function public.set_message_timer(p_id uuid, p_seconds int)
returns public.conversation_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_id);
  v_one public.conversations;
begin
  if p_seconds not between 30 and 7776000 then
    perform app_private.fail_field('`seconds` from 30 to 7776000 (90 days), or null');
  end if;
  perform app_private.assert_calm('timers of messages', v_me, 60, '1 hour');
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  perform app_private.assert_may_act(v_one, v_member);
  perform app_private.assert_staff(v_one, v_me, 'update');
  if v_one.disappear_after_s is distinct from p_seconds then
    update public.conversations c set disappear_after_s = p_seconds where c.id = p_id returning * into v_one;
    perform app_private.tell_members(v_one, 'conversation_changed',
      jsonb_build_object('conversation_id', p_id, 'disappear_after_s', p_seconds, 'by', v_me));
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$$;
comment on function public.set_message_timer(uuid, int) is
  'Lets messages sent from now on disappear after so many seconds (30 to 7776000), or stay (null); in a group, as an admin. 404 messages.conversation_not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open, 429 rate_limit.exceeded.';
