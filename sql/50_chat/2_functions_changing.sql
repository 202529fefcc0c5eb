-- What is done to a message afterwards. Each takes the conversation''s next change, under its lock, so that clients who were away
-- find all of it with conversation_changes.

create function app_private.lock_to_act(p_me uuid, p_message public.messages, p_takes_back boolean default false)
returns public.conversations
language plpgsql volatile
set search_path = ''
as $$
declare
  v_conversation public.conversations := app_private.next_change(p_message.conversation_id, p_takes_back);
begin
  perform app_private.assert_may_act(v_conversation, app_private.membership(p_me, p_message.conversation_id));
  return v_conversation;
end
$$;
comment on function app_private.lock_to_act(uuid, public.messages, boolean) is
  'Locks the conversation of a message for a change to it. 403 messages.not_accepted, 409 follows.blocked, messages.request_open.';

create function public.edit_message(p_id uuid, p_content text)
returns public.message_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_within interval := (select r.edit_within from app_private.chat_rules r);
  v_conversation public.conversations;
begin
  if m.sender_id <> v_me or m.is_forwarded then
    perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message changes it.', 'Answer it, or delete it for yourself.');
  elsif m.created_at + v_within <= now() then
    perform app_hidden.fail(422, 'messages.edit_too_late', 'This message is too old to be changed.', 'Delete it, or write another one.');
  end if;
  perform app_private.assert_calm('edits of messages', v_me, 300, '1 hour');
  v_conversation := app_private.lock_to_act(v_me, m, true);
  m := app_private.readable_message(v_me, p_id);
  m.content := p_content;
  perform app_private.assert_words(m);
  update public.messages x set content = p_content, edited_at = clock_timestamp(), change = v_conversation.last_change,
    mentions = app_private.mentioned_in_message(v_me, x.conversation_id, p_content)
  where x.id = p_id returning * into m;
  perform app_private.tell_changed(v_conversation, m);
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$$;
comment on function public.edit_message(uuid, text) is
  'Changes the words of a message of mine; edited_at tells everybody, the former words are in no table that people read. 404 messages.not_found, 403 messages.not_yours, messages.not_accepted, 422 messages.edit_too_late, messages.content_invalid, 429 rate_limit.exceeded.';

create function app_private.hide_message(p_me uuid, p_message public.messages)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into public.message_hides (user_id, conversation_id, seq) values (p_me, p_message.conversation_id, p_message.seq) on conflict do nothing;
  if found then
    perform app_private.tell_person(p_me, 'message_hidden',
      jsonb_build_object('id', p_message.id, 'conversation_id', p_message.conversation_id, 'seq', p_message.seq));
  end if;
end
$$;
comment on function app_private.hide_message(uuid, public.messages) is 'Deletes a message for one person, on all their devices.';

create function app_private.assert_may_delete(p_me uuid, p_message public.messages)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_within interval := (select r.delete_within from app_private.chat_rules r);
  v_group uuid := (select c.group_id from public.conversations c where c.id = p_message.conversation_id);
begin
  perform app_private.membership(p_me, p_message.conversation_id);
  if p_message.sender_id is distinct from p_me then
    perform app_private.assert_not_suspended(); -- what is theirs they may take back
  end if;
  if p_message.sender_id is distinct from p_me and (v_group is null
    or app_private.rank_of(app_private.role_in(v_group, p_me)) < app_private.rank_of(app_private.least_role_for('moderate_posts'))) then
    perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message deletes it for all, and in a group its moderators.',
      'Delete it for yourself: `for` as me.');
  elsif p_message.sender_id = p_me and p_message.created_at + v_within <= now() then
    perform app_hidden.fail(422, 'messages.delete_too_late', 'This message is too old to be deleted for all.', 'Delete it for yourself: `for` as me.');
  end if;
end
$$;
comment on function app_private.assert_may_delete(uuid, public.messages) is
  'Refuses who may not delete a message for all: 404 messages.conversation_not_found, 403 messages.not_yours, 422 messages.delete_too_late.';

create function public.delete_message(p_id uuid, p_for text default 'all')
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id, false);
  v_conversation public.conversations;
begin
  if p_for = 'me' then
    perform app_private.hide_message(v_me, m);
  elsif coalesce(p_for <> 'all', true) then
    perform app_private.fail_field('`for` as me or all');
  else
    perform app_private.assert_may_delete(v_me, m);
    if m.deleted_at is null then
      -- Also while a block stands: to take something back is always allowed.
      v_conversation := app_private.next_change(m.conversation_id, true);
      perform app_private.assert_may_delete(v_me, m); -- as they are now: whoever removes a member holds the conversation
      update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
        pinned_at = null, deleted_at = clock_timestamp(), change = v_conversation.last_change
      where x.id = p_id and x.deleted_at is null returning * into m;
      if found then
        delete from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq;
        perform app_private.tell_changed(v_conversation, m);
      end if;
    end if;
  end if;
  return jsonb_build_object('id', p_id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'deleted_for', p_for);
end
$$;
comment on function public.delete_message(uuid, text) is
  'Deletes a message for me, or its words for all: of mine, or as a moderator of the group; its place stays. {id, conversation_id, seq, deleted_for}. 404 messages.not_found, 403 messages.not_yours, 422 messages.delete_too_late.';

create function public.react_to_message(p_id uuid, p_emoji text)
returns public.message_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_conversation public.conversations;
  v_old text;
  v_counts jsonb;
begin
  -- Letters (but those that are emoji), spaces and marks of a sentence would make a second, unsearched conversation of it.
  if length(p_emoji) not between 1 and 16 or p_emoji collate pg_catalog.pg_c_utf8 ~ '[[:space:][:cntrl:]<>&"]|(?![🅰🅱🆎🅾Ⓜℹ])[[:alpha:]]' then
    perform app_private.fail_field('`emoji` as one emoji');
  end if;
  select r.emoji into v_old from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
  if v_old is distinct from p_emoji then
    if p_emoji is not null then
      perform app_private.assert_calm('reactions', v_me, 1200, '1 hour');
    end if;
    v_conversation := app_private.lock_to_act(v_me, m);
    m := app_private.readable_message(v_me, p_id);
    select r.emoji into v_old from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
    v_counts := app_private.count_reaction(app_private.count_reaction(coalesce(m.reactions, '{}'), v_old, -1), p_emoji, 1);
    if (select count(*) from jsonb_object_keys(v_counts)) > 20 then
      perform app_hidden.fail(422, 'messages.too_many_reactions', 'A message takes 20 different reactions.', 'Choose one that is there.');
    end if;
    if p_emoji is null then
      delete from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
    else
      insert into public.message_reactions (conversation_id, seq, user_id, emoji) values (m.conversation_id, m.seq, v_me, p_emoji)
      on conflict (conversation_id, seq, user_id) do update set emoji = excluded.emoji, created_at = excluded.created_at;
    end if;
    update public.messages x set reactions = nullif(v_counts, '{}'), change = v_conversation.last_change where x.id = p_id returning * into m;
    perform app_private.tell_changed(v_conversation, m);
  end if;
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$$;
comment on function public.react_to_message(uuid, text) is
  'Reacts to a message with one emoji, another one in its place, or none (null). 404 messages.not_found, 403 messages.not_accepted, 409 messages.request_open, 422 messages.field_invalid, messages.too_many_reactions, 429 rate_limit.exceeded.';

create function app_private.count_reaction(p_counts jsonb, p_emoji text, p_by int)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
declare
  v_count int := coalesce((p_counts ->> p_emoji)::int, 0) + p_by;
begin
  if p_emoji is null then
    return p_counts;
  elsif v_count <= 0 then
    return p_counts - p_emoji;
  end if;
  return p_counts || jsonb_build_object(p_emoji, v_count);
end
$$;
comment on function app_private.count_reaction(jsonb, text, int) is 'Counted reactions with one more or one less; null changes nothing.';

create function public.message_reactors(p_id uuid, p_limit int default 50, p_after_id uuid default null)
returns table (id uuid, username text, full_name text, avatar_url text, emoji text, created_at timestamptz)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
begin
  return query
  select p.id, p.username::text, p.full_name, p.avatar_url, r.emoji, r.created_at
  from public.message_reactions r join public.profiles p on p.id = r.user_id
  where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id > coalesce(p_after_id, '00000000-0000-0000-0000-000000000000')
    and r.user_id not in (select app_hidden.hidden_people())
  order by r.user_id limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.message_reactors(uuid, int, uuid) is 'Who reacted how to a message, in the order of their ids, without those hidden from me. 404 messages.not_found.';

create function public.pin_message(p_id uuid, p_pinned boolean default true)
returns public.message_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_conversation public.conversations;
begin
  if p_pinned is distinct from (m.pinned_at is not null) then
    perform app_private.assert_calm('pins of messages', v_me, 300, '1 hour');
    v_conversation := app_private.lock_to_act(v_me, m);
    perform app_private.assert_staff(v_conversation, v_me, 'moderate_posts');
    m := app_private.readable_message(v_me, p_id);
    if p_pinned and exists (select from public.messages x where x.conversation_id = m.conversation_id and x.pinned_at is not null offset 49) then
      perform app_hidden.fail(422, 'messages.too_many_pinned', 'At most 50 messages of a conversation can be pinned.', 'Unpin another message first.');
    end if;
    update public.messages x set pinned_at = case when p_pinned then clock_timestamp() end, change = v_conversation.last_change
    where x.id = p_id returning * into m;
    perform app_private.tell_changed(v_conversation, m);
  end if;
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$$;
comment on function public.pin_message(uuid, boolean) is
  'Pins a message for everybody in the conversation, or takes the pin off; in a group, as a moderator. 404 messages.not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open, 422 messages.too_many_pinned, 429 rate_limit.exceeded.';
