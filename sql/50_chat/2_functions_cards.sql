-- Messages and conversations as their readers see them. Whether somebody may read them is for the caller to know.

create function app_private.person_of(p_person uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (select a.card from app_private.author_cards a where a.user_id = p_person);
end
$$;
comment on function app_private.person_of(uuid) is 'A person as messages show them; null for who is gone.';

create function app_private.reactions_of(p_reactions jsonb)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
begin
  if p_reactions is null then
    return '[]';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('emoji', r.key, 'count', r.value) order by r.value desc, r.key), '[]') from jsonb_each(p_reactions) r
  );
end
$$;
comment on function app_private.reactions_of(jsonb) is 'Counted reactions as a list, the most frequent first.';

-- A message as all members see it: what is sent to a topic, and what its sender gets back. A message that will disappear is told of
-- without its words: broadcasts are kept for days, for clients that want them again, and nothing takes one of them back.
create function app_private.common_card(p_message public.messages, p_sender jsonb, p_reply public.messages)
returns public.message_card
language plpgsql stable
set search_path = ''
as $$
declare
  v_card public.message_card;
begin
  v_card.id := p_message.id;
  v_card.conversation_id := p_message.conversation_id;
  v_card.seq := p_message.seq;
  v_card.sender_id := p_message.sender_id;
  v_card.sender := p_sender;
  v_card.kind := p_message.kind;
  v_card.content := p_message.content;
  v_card.media_urls := coalesce(p_message.media_urls, '{}');
  v_card.duration_ms := p_message.duration_ms;
  v_card.waveform := p_message.waveform;
  if p_reply.id is not null then
    -- Without its words, which not every member may read.
    v_card.reply_to := jsonb_build_object('id', p_reply.id, 'seq', p_reply.seq, 'sender_id', p_reply.sender_id, 'kind', p_reply.kind, 'content', null);
  end if;
  v_card.is_forwarded := p_message.is_forwarded;
  v_card.mentions := coalesce(p_message.mentions, '{}');
  v_card.reactions := app_private.reactions_of(p_message.reactions);
  v_card.change := p_message.change;
  v_card.pinned_at := p_message.pinned_at;
  v_card.edited_at := p_message.edited_at;
  v_card.deleted_at := p_message.deleted_at;
  v_card.expires_at := p_message.expires_at;
  v_card.created_at := p_message.created_at;
  return v_card;
end
$$;
comment on function app_private.common_card(public.messages, jsonb, public.messages) is
  'A message with what is the same for all its readers, given its sender and what it answers (null: nothing).';

create function app_private.message_event(p_card public.message_card)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
declare
  v_event jsonb := to_jsonb(p_card) - '{my_reaction,is_read}'::text[];
begin
  if p_card.expires_at is not null then
    return v_event || '{"content": null, "media_urls": [], "duration_ms": null, "waveform": null, "is_sealed": true}';
  end if;
  return v_event || '{"is_sealed": false}';
end
$$;
comment on function app_private.message_event(public.message_card) is
  'What members hear of a message. is_sealed: it will disappear, so the words are not sent along and clients ask for them.';

create function app_private.tell_changed(p_conversation public.conversations, p_message public.messages)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_reply public.messages;
begin
  if p_message.reply_to_seq is not null then
    select * into v_reply from public.messages x where x.conversation_id = p_message.conversation_id and x.seq = p_message.reply_to_seq;
  end if;
  perform app_private.tell_members(p_conversation, 'message_changed',
    app_private.message_event(app_private.common_card(p_message, app_private.person_of(p_message.sender_id), v_reply)));
end
$$;
comment on function app_private.tell_changed(public.conversations, public.messages) is 'Tells members how a message reads now.';

create function app_private.message_cards(p_me uuid, p_messages public.messages[])
returns setof public.message_card
language plpgsql stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  with rooms as materialized (
    select c.id, me.from_seq, me.last_read_seq as my_read,
      case when c.kind = 'direct' and me.state = 'accepted' and o.state = 'accepted'
        and not app_private.hides(p_me, 'hide_read_receipts') and not app_private.hides(o.user_id, 'hide_read_receipts')
        and not app_hidden.is_blocked_pair(p_me, o.user_id)
        then o.last_read_seq end as their_read,
      c.kind = 'direct' and exists (
        select from public.blocks b where b.blocker_id = app_private.other_of(c, p_me) and b.blocked_id = p_me) as is_hidden
    from (select distinct y.conversation_id from unnest(p_messages) y) d
    join public.conversations c on c.id = d.conversation_id
    join public.conversation_members me on me.user_id = p_me and me.conversation_id = c.id
    left join public.conversation_members o
      on c.kind = 'direct' and o.user_id = app_private.other_of(c, p_me) and o.conversation_id = c.id
  )
  select x.id, x.conversation_id, x.seq, x.sender_id,
    case when not r.is_hidden or x.sender_id = p_me then a.card end,
    x.kind,
    case when g.at is null then x.content end,
    case when g.at is null then coalesce(x.media_urls, '{}') else '{}' end,
    case when g.at is null then x.duration_ms end,
    case when g.at is null then x.waveform end,
    case when q.id is not null and g.at is null then jsonb_build_object('id', q.id, 'seq', q.seq, 'sender_id', q.sender_id, 'kind', q.kind,
      'content', case when q.seq > r.from_seq and not app_private.is_gone(q) and q.sender_id is not null
        and not exists (select from public.message_hides n where n.user_id = p_me and n.conversation_id = q.conversation_id and n.seq = q.seq)
        and exists (select from public.profiles w where w.id = q.sender_id)
        then left(q.content, 200) end) end,
    x.is_forwarded,
    case when g.at is null then coalesce(x.mentions, '{}') else '{}' end,
    case when g.at is null then app_private.reactions_of(x.reactions) else '[]' end,
    case when g.at is null then mine.emoji end,
    case when x.sender_id = p_me then x.seq <= r.their_read else x.seq <= r.my_read end,
    x.change,
    case when g.at is null then x.pinned_at end,
    x.edited_at, g.at, x.expires_at, x.created_at
  from unnest(p_messages) with ordinality x
  join rooms r on r.id = x.conversation_id
  left join app_private.author_cards a on a.user_id = x.sender_id
  left join public.message_hides h on h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq
  left join public.message_reactions mine on mine.conversation_id = x.conversation_id and mine.seq = x.seq and mine.user_id = p_me
  left join public.messages q on q.conversation_id = x.conversation_id and q.seq = x.reply_to_seq
  cross join lateral (
    select coalesce(x.deleted_at, h.created_at, case when x.expires_at <= clock_timestamp() then x.expires_at end,
      -- Of an account that is gone, whose words the worker has still to take away.
      case when a.user_id is null then x.created_at end)
  ) g (at)
  order by x.ordinality;
end
$$;
comment on function app_private.message_cards(uuid, public.messages[]) is 'Messages of conversations that somebody is in, in the given order, as they may see them.';

create function app_private.last_message_of(p_me uuid, p_conversation public.conversations, p_from bigint)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('id', x.id, 'seq', x.seq, 'sender_id', x.sender_id, 'kind', x.kind, 'created_at', x.created_at,
      'content', case when not g.is_gone then left(x.content, 200) end, 'is_deleted', g.is_gone)
    from public.messages x
    cross join lateral (
      select app_private.is_gone(x) or not exists (select from public.profiles p where p.id = x.sender_id)
        or exists (select from public.message_hides h where h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq)
    ) g (is_gone)
    where x.conversation_id = p_conversation.id and x.seq = p_conversation.last_seq and x.seq > p_from
  );
end
$$;
comment on function app_private.last_message_of(uuid, public.conversations, bigint) is 'The last message of a conversation, cut for a list; null when there is none to read.';

create function app_private.can_send(p_conversation public.conversations, p_me uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if p_conversation.kind = 'group' then
    return true;
  end if;
  return coalesce((
    select m.state = 'accepted' or m.state = 'requested' and app_private.may_reach(p_me, m.user_id, 'who_can_message')
    from public.conversation_members m
    where m.conversation_id = p_conversation.id and m.user_id = app_private.other_of(p_conversation, p_me)
      and not app_hidden.is_blocked_pair(p_me, m.user_id)
  ), false);
end
$$;
comment on function app_private.can_send(public.conversations, uuid) is 'Whether a message would be taken, but for limits.';

create function app_private.conversation_cards(p_me uuid, p_ids uuid[])
returns setof public.conversation_card
language plpgsql stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  select c.id, c.kind,
    case when c.kind = 'direct' and not exists (
      select from public.blocks b where b.blocker_id = app_private.other_of(c, p_me) and b.blocked_id = p_me)
      then app_private.person_of(app_private.other_of(c, p_me)) end,
    case when c.kind = 'group' then (
      select jsonb_build_object('id', g.id, 'name', g.name, 'avatar_url', g.avatar_url, 'role', gm.role)
      from public.groups g left join public.group_members gm on gm.group_id = g.id and gm.user_id = p_me
      where g.id = c.group_id) end,
    m.state, app_private.can_send(c, p_me), app_private.last_message_of(p_me, c, m.from_seq), c.last_seq,
    m.last_read_seq, c.last_seq - least(greatest(m.last_read_seq, m.from_seq), c.last_seq),
    m.is_muted and (m.muted_until is null or m.muted_until > now()),
    case when m.muted_until > now() then m.muted_until end,
    m.archived_at, c.disappear_after_s, app_private.topic_of(c), c.active_at, c.created_at
  from unnest(p_ids) with ordinality u (id, n)
  join public.conversations c on c.id = u.id
  join public.conversation_members m on m.user_id = p_me and m.conversation_id = c.id
  order by u.n;
end
$$;
comment on function app_private.conversation_cards(uuid, uuid[]) is 'Conversations that somebody is in, in the given order, as they see them.';
