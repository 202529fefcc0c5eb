-- What people see of their notifications. Everything is asked again when it is read: a block or a mute hides at once, and shows again
-- when it is over. Security definer: blocks, mutes and who did what are closed to the reader.

create function app_private.is_quiet(p_user uuid, p_other uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return app_hidden.is_blocked_pair(p_user, p_other) or exists (
    select from public.mutes m where m.muter_id = p_user and m.muted_id = p_other and (m.until is null or m.until > now()));
end
$$;
comment on function app_private.is_quiet(uuid, uuid) is 'Whether somebody is not told of another: they mute them, or a block stands between them.';

-- Most people have nobody, and who has thousands must not have them all read for each page.
create function app_private.has_quiet_people(p_user uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return app_private.has_blocks(p_user) or exists (select from public.mutes m where m.muter_id = p_user and (m.until is null or m.until > now()));
end
$$;
comment on function app_private.has_quiet_people(uuid) is 'Whether there is anybody of whom somebody is not told.';

-- Of most kinds, whoever is not quiet is named: only of requests there is more to ask, so the others are spared the call.
create function app_private.is_request_open(p_kind text, p_receiver uuid, p_subject uuid, p_actor uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return case p_kind
    when 'follow_request' then exists (
      select from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_receiver)
    when 'group_join_request' then exists (
      select from app_private.group_requests r where r.group_id = p_subject and r.user_id = p_actor)
      and app_private.role_in(p_subject, p_receiver) in ('owner', 'admin', 'moderator')
    when 'group_invite' then app_private.is_invited(p_subject, p_receiver)
    else true
  end;
end
$$;
comment on function app_private.is_request_open(text, uuid, uuid, uuid) is
  'Whether what somebody asked for in a notification is still to be decided, by its receiver; true of kinds that ask for nothing.';

create function app_private.is_read_there(n public.notifications)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return n.kind in ('message', 'message_request') and exists (
    select from public.conversation_members m
    where m.user_id = n.user_id and m.conversation_id = n.subject_id and m.last_read_seq >= (n.data ->> 'seq')::bigint);
end
$$;
comment on function app_private.is_read_there(public.notifications) is 'Whether the messages that a notification tells of were read in their conversation.';

create function app_private.is_message_there(n public.notifications)
returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  m public.conversation_members;
  v_seq bigint := (n.data ->> 'seq')::bigint;
begin
  select * into m from public.conversation_members x where x.user_id = n.user_id and x.conversation_id = n.subject_id;
  if not found or m.state = 'declined' or (n.kind = 'message_request' and m.state <> 'requested')
    or (n.kind <> 'mention' and m.is_muted and (m.muted_until is null or m.muted_until > now())) then
    return false;
  end if;
  -- One of those that are not read, up to fifty; of what was read, the latest.
  return exists (
    select from public.messages x join app_private.notification_actors a on a.notification_id = n.id and a.actor_id = x.sender_id and not a.is_gone
    where x.conversation_id = n.subject_id and x.seq <= v_seq
      and x.seq > case when n.read_at is null and m.last_read_seq < v_seq then greatest(m.last_read_seq, m.from_seq, v_seq - 50) else v_seq - 1 end
      and x.deleted_at is null and (x.expires_at is null or x.expires_at > now()) and (n.kind <> 'mention' or n.user_id = any (x.mentions))
      and not app_private.is_quiet(n.user_id, x.sender_id));
end
$$;
comment on function app_private.is_message_there(public.notifications) is
  'Whether a notification of messages still tells of one: its receiver is in the conversation and has not muted it, and the message was neither deleted nor has it disappeared, nor the mention gone from it.';

create function app_private.shown_notifications(p_user uuid, p_ids uuid[] default null)
returns setof public.notifications
language plpgsql stable rows 100
set search_path = ''
as $$
declare
  v_has_quiet boolean := app_private.has_quiet_people(p_user);
  n public.notifications;
begin
  for n in
    select x.* from public.notifications x
    where x.user_id = p_user and case when p_ids is null then x.in_app else x.id = any (p_ids) end
      and (not x.has_actors or x.more_actors > 0 or app_private.is_told_anyway(x.kind) or exists (
        select from app_private.notification_actors a
        where a.notification_id = x.id and not a.is_gone and not (v_has_quiet and app_private.is_quiet(p_user, a.actor_id))
          and (x.kind not in ('follow_request', 'group_join_request', 'group_invite') or app_private.is_request_open(x.kind, p_user, x.subject_id, a.actor_id))))
      and (x.subject_type is distinct from 'comment' or exists (
        select from public.comments c where c.id = x.subject_id and c.deleted_at is null))
      and (x.kind <> 'mention' or case x.subject_type
        when 'post' then exists (select from public.post_mentions m where m.post_id = x.subject_id and m.user_id = p_user)
        when 'comment' then exists (select from public.comment_mentions m where m.comment_id = x.subject_id and m.user_id = p_user)
        else true end)
      and (x.subject_type is distinct from 'conversation' or app_private.is_message_there(x))
    order by x.seq desc limit 1000
  loop
    if n.read_at is null and app_private.is_read_there(n) then
      n.read_at := n.updated_at;
    end if;
    return next n;
  end loop;
end
$$;
comment on function app_private.shown_notifications(uuid, uuid[]) is
  'The notifications that somebody may see in the app now, the latest first; or of these (for other channels) those that still tell of anything. There are never more than a thousand. read_at also where a message was read in its conversation.';

create function app_hidden.my_notification_ids()
returns setof uuid
language plpgsql stable security definer rows 100
set search_path = ''
as $$
begin
  return query select n.id from app_private.shown_notifications(auth.uid()) n;
end
$$;
comment on function app_hidden.my_notification_ids() is 'The notifications that I may see, for the policy of the table.';

create function app_private.subject_of(p_notification public.notifications, p_actor uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_me uuid := p_notification.user_id;
  v_id uuid := case when p_notification.subject_type = 'person' then p_actor else p_notification.subject_id end;
  v_more jsonb;
begin
  if v_id is null then
    return null;
  end if;
  case p_notification.subject_type
    when 'post' then
      select jsonb_build_object('preview', left(p.content, 100)) into v_more from public.posts p
      where p.id = v_id and app_private.can_view_post(v_me, p.id);
    when 'comment' then
      select jsonb_build_object('post_id', c.post_id, 'preview', left(c.content, 100)) into v_more from public.comments c
      where c.id = v_id and c.deleted_at is null and app_private.can_view_post(v_me, c.post_id);
    when 'group' then
      select jsonb_build_object('preview', g.name) into v_more from public.groups g
      where g.id = v_id and app_private.can_view_group(v_me, g.id);
    else null;
  end case;
  return jsonb_build_object('type', p_notification.subject_type, 'id', v_id, 'preview', null) || coalesce(v_more, '{}');
end
$$;
comment on function app_private.subject_of(public.notifications, uuid) is
  'What a notification is about, who was the last of the visible actors: {type, id, preview}; preview is up to 100 characters of a post or a comment, or the name of a group, as far as the reader may see it now.';

create function app_private.notification_cards(p_notifications public.notifications[])
returns setof public.notification_card
language plpgsql stable
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_user uuid := p_notifications[1].user_id;
  v_ids uuid[] := array(select n.id from unnest(p_notifications) n);
  v_quiet uuid[] := '{}';
  v_seen bigint := (select s.seen_seq from app_private.notification_states s where s.user_id = v_user);
begin
  if app_private.has_quiet_people(v_user) then
    v_quiet := array(
      select x.actor_id from (select distinct a.actor_id from app_private.notification_actors a where a.notification_id = any (v_ids)) x
      where app_private.is_quiet(v_user, x.actor_id));
  end if;
  return query
  select n.id, n.seq, n.kind, app_hidden.notification_category(n.kind), coalesce(p.people, '[]'), c.actors, n.events_count,
    app_private.subject_of(n, p.latest), n.data || coalesce(p.data, '{}'),
    app_private.notification_text(n.kind, p.names, c.actors, n.events_count, n.data),
    n.seq <= v_seen, n.read_at is not null, n.created_at, n.updated_at
  from unnest(p_notifications) with ordinality u
  cross join lateral (select (p_notifications[u.ordinality]).*) n
  cross join lateral (
    select count(*) + n.more_actors as actors from app_private.notification_actors a
    where a.notification_id = n.id and not a.is_gone and a.actor_id <> all (v_quiet)
      and (n.kind not in ('follow_request', 'group_join_request', 'group_invite') or app_private.is_request_open(n.kind, v_user, n.subject_id, a.actor_id))
  ) c
  cross join lateral (
    select jsonb_agg(x.card order by x.happened_at desc, x.actor_id desc) as people,
      array_agg(app_hidden.plain_line(coalesce(x.card ->> 'full_name', x.card ->> 'username')) order by x.happened_at desc, x.actor_id desc) as names,
      (array_agg(x.actor_id order by x.happened_at desc, x.actor_id desc))[1] as latest,
      (array_agg(x.data order by x.happened_at desc, x.actor_id desc))[1] as data
    from (
      select k.card, a.happened_at, a.actor_id, case when not app_private.is_told_anyway(n.kind) then a.data end as data
      from app_private.notification_actors a join app_private.author_cards k on k.user_id = a.actor_id
      where a.notification_id = n.id and not a.is_gone and a.actor_id <> all (v_quiet)
        and (n.kind not in ('follow_request', 'group_join_request', 'group_invite') or app_private.is_request_open(n.kind, v_user, n.subject_id, a.actor_id))
      order by a.happened_at desc, a.actor_id desc limit 3
    ) x
  ) p
  order by u.ordinality;
end
$$;
comment on function app_private.notification_cards(public.notifications[]) is 'Notifications of one person as they see them, in the given order.';

create function public.my_notifications(
  p_limit int default 20, p_before_seq bigint default null, p_after_seq bigint default null, p_unread boolean default false, p_category text default null)
returns setof public.notification_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(p_limit, 1), 101);
  v_rows public.notifications[];
begin
  if p_after_seq is not null then
    v_rows := array(
      select n from app_private.shown_notifications(v_me) n
      where n.seq > p_after_seq and (p_before_seq is null or n.seq < p_before_seq) and (p_category is null or app_hidden.notification_category(n.kind) = p_category)
        and not (p_unread and n.read_at is not null)
      order by n.seq limit v_limit);
  else
    v_rows := array(
      select n from app_private.shown_notifications(v_me) n
      where (p_before_seq is null or n.seq < p_before_seq) and (p_category is null or app_hidden.notification_category(n.kind) = p_category)
        and not (p_unread and n.read_at is not null)
      order by n.seq desc limit v_limit);
  end if;
  if v_rows <> '{}' then
    return query select * from app_private.notification_cards(v_rows);
  end if;
end
$$;
comment on function public.my_notifications(int, bigint, bigint, boolean, text) is
  'My notifications, the latest first, from a number backwards; after a number the oldest first: whoever has all up to it misses nothing so. At most 100, and one more.';

create function app_private.counts_of(p_user uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  s app_private.notification_states;
begin
  select * into s from app_private.notification_states x where x.user_id = p_user;
  return (
    select jsonb_build_object('unread_count', count(*) filter (where n.read_at is null),
      'unseen_count', count(*) filter (where n.read_at is null and n.seq > coalesce(s.seen_seq, 0)),
      'last_seq', coalesce(s.last_seq, 0), 'seen_seq', coalesce(s.seen_seq, 0))
    from app_private.shown_notifications(p_user) n
  );
end
$$;
comment on function app_private.counts_of(uuid) is 'How many notifications somebody has not read and not seen, and how far their numbers are.';

create function public.notification_counts()
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return app_private.counts_of(auth.uid());
end
$$;
comment on function public.notification_counts() is 'Of my notifications: {unread_count, unseen_count, last_seq, seen_seq}.';
