-- What follows, posts, comments, groups, messages and calls mean to people. What is told has to be true now, so each looks at the tables.

create function app_private.draft(
  p_action text, p_receiver uuid, p_kind text, p_group_key text, p_subject_type text, p_subject_id uuid, p_actor uuid, p_at timestamptz,
  p_data jsonb default '{}')
returns app_private.notification_draft
language plpgsql immutable
set search_path = ''
as $$
begin
  return row(p_action, p_receiver, p_kind, p_group_key, p_subject_type, p_subject_id, p_actor, p_data, p_at)::app_private.notification_draft;
end
$$;
comment on function app_private.draft(text, uuid, text, text, text, uuid, uuid, timestamptz, jsonb) is 'One draft.';

create function app_private.graph_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_follower uuid := e.payload ->> 'follower_id';
  v_followee uuid := e.payload ->> 'followee_id';
  v_follows boolean := exists (select from public.follows f where f.follower_id = v_follower and f.followee_id = v_followee);
begin
  if e.type = 'graph.followed' and v_follows then
    if e.actor_id = v_followee then
      return array[app_private.draft('raise', v_follower, 'follow_approved', 'follow_approved', 'person', v_followee, v_followee, e.occurred_at)];
    end if;
    return array[app_private.draft('raise', v_followee, 'follow', 'follow', 'person', v_follower, v_follower, e.occurred_at)];
  elsif e.type = 'graph.unfollowed' and not v_follows then
    return array[app_private.draft('retract', v_followee, null, 'follow', null, null, v_follower, null)];
  elsif e.type = 'graph.follow_requested' and exists (
    select from public.follow_requests r
    where r.requester_id = (e.payload ->> 'requester_id')::uuid and r.target_id = (e.payload ->> 'target_id')::uuid
  ) then
    return array[app_private.draft('raise', (e.payload ->> 'target_id')::uuid, 'follow_request', 'follow_request', 'person',
      (e.payload ->> 'requester_id')::uuid, (e.payload ->> 'requester_id')::uuid, e.occurred_at)];
  end if;
  return '{}';
end
$$;
comment on function app_private.graph_drafts(app_private.outbox_events) is 'Of events of the graph: follow, follow_request, follow_approved.';

create function app_private.post_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_post uuid := e.payload ->> 'post_id';
  v_author uuid := e.payload ->> 'author_id';
  v_user uuid := e.payload ->> 'user_id';
  v_likes boolean;
begin
  if e.type in ('post.liked', 'post.unliked') then
    v_likes := exists (select from public.post_likes l where l.post_id = v_post and l.user_id = v_user);
    if e.type = 'post.liked' and v_likes then
      return array[app_private.draft('raise', v_author, 'like', 'like:' || v_post, 'post', v_post, v_user, e.occurred_at)];
    elsif e.type = 'post.unliked' and not v_likes then
      return array[app_private.draft('retract', v_author, null, 'like:' || v_post, null, null, v_user, null)];
    end if;
    return '{}';
  elsif e.type = 'post.deleted' then
    return array[app_private.draft('remove', null, null, null, null, v_post, null, null)] || array(
      select app_private.draft('retract', p.author_id, null, 'share:' || p.id, null, null, v_author, null) from public.posts p
      where p.id = (e.payload ->> 'shared_post_id')::uuid and not exists (
        select from public.posts x where x.shared_post_id = p.id and x.author_id = v_author and x.status = 'published'));
  elsif e.type <> 'post.published' then
    return '{}';
  end if;
  return array(
    select app_private.draft('raise', m.id, 'mention', 'mention:' || v_post, 'post', v_post, v_author, e.occurred_at)
    from (select x::uuid as id from jsonb_array_elements_text(e.payload -> 'mentions') x) m
    where app_private.can_view_post(m.id, v_post)
  ) || array(
    select app_private.draft('raise', p.author_id, 'share', 'share:' || p.id, 'post', p.id, v_author, e.occurred_at, jsonb_build_object('share_id', v_post))
    from public.posts p where p.id = (e.payload ->> 'shared_post_id')::uuid and app_private.can_view_post(p.author_id, v_post)
  );
end
$$;
comment on function app_private.post_drafts(app_private.outbox_events) is 'Of events of posts: like, mention, share; those about a deleted post go, and who shared by it.';

-- Whom a comment mentioned may have been edited since: what was told stands in the notification.
create function app_private.comment_told_as(p_receiver uuid, p_comment uuid, p_parent uuid)
returns text
language plpgsql stable
set search_path = ''
as $$
begin
  return case
    when exists (select from public.notifications n where n.user_id = p_receiver and n.group_key = 'mention:' || p_comment) then 'mention'
    when exists (select from public.comments c where c.id = p_parent and c.author_id = p_receiver) then 'reply'
    else 'comment' end;
end
$$;
comment on function app_private.comment_told_as(uuid, uuid, uuid) is
  'As what somebody was told of a comment, of a post or a comment of theirs: mention, reply or comment.';

create function app_private.comment_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_id uuid := e.payload ->> 'comment_id';
  v_post uuid := e.payload ->> 'post_id';
  v_author uuid := e.payload ->> 'author_id';
  v_parent uuid := e.payload ->> 'parent_id';
begin
  if e.type in ('comment.liked', 'comment.unliked') then
    return app_private.comment_like_drafts(e);
  elsif e.type = 'comment.deleted' then
    return array[app_private.draft('remove', null, null, null, null, v_id, null, null)] || array(
      -- Only where it was told as such: who was told of it as something else was not counted here.
      select app_private.draft('retract', p.author_id, null, 'comment:' || v_post, null, null, v_author, null) from public.posts p
      where p.id = v_post and app_private.comment_told_as(p.author_id, v_id, v_parent) = 'comment' and not exists (
        select from public.comments c where c.post_id = v_post and c.author_id = v_author and c.deleted_at is null
          and app_private.comment_told_as(p.author_id, c.id, c.parent_id) = 'comment')
    ) || array(
      select app_private.draft('retract', c.author_id, null, 'reply:' || c.id, null, null, v_author, null) from public.comments c
      where c.id = v_parent and app_private.comment_told_as(c.author_id, v_id, v_parent) = 'reply' and not exists (
        select from public.comments x where x.parent_id = c.id and x.author_id = v_author and x.deleted_at is null
          and app_private.comment_told_as(c.author_id, x.id, x.parent_id) = 'reply'));
  elsif e.type <> 'comment.created' or not exists (select from public.comments c where c.id = v_id and c.deleted_at is null) then
    return '{}';
  end if;
  return array(
    -- Each of them once, by what is most about them.
    select distinct on (w.receiver)
      app_private.draft('raise', w.receiver, w.kind, w.group_key, w.subject_type, w.subject_id, v_author, e.occurred_at,
        jsonb_build_object('post_id', v_post, 'comment_id', v_id))
    from (
      select 1 as rank, m::uuid as receiver, 'mention' as kind, 'mention:' || v_id as group_key, 'comment' as subject_type, v_id as subject_id
      from jsonb_array_elements_text(e.payload -> 'mentions') m
      union all
      select 2, c.author_id, 'reply', 'reply:' || c.id, 'comment', c.id from public.comments c where c.id = v_parent and c.deleted_at is null
      union all
      select 3, (e.payload ->> 'post_author_id')::uuid, 'comment', 'comment:' || v_post, 'post', v_post
    ) w
    where w.receiver <> v_author and app_private.can_view_post(w.receiver, v_post)
    order by w.receiver, w.rank);
end
$$;
comment on function app_private.comment_drafts(app_private.outbox_events) is 'Of events of comments: mention, reply, comment, like; of a deleted one they go.';

create function app_private.comment_like_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_id uuid := e.payload ->> 'comment_id';
  v_user uuid := e.payload ->> 'user_id';
  v_likes boolean := exists (select from public.comment_likes l where l.comment_id = v_id and l.user_id = v_user);
begin
  if e.type = 'comment.liked' and v_likes then
    return array[app_private.draft('raise', (e.payload ->> 'author_id')::uuid, 'like', 'like:' || v_id, 'comment', v_id, v_user, e.occurred_at,
      jsonb_build_object('what', 'comment', 'post_id', e.payload -> 'post_id'))];
  elsif e.type = 'comment.unliked' and not v_likes then
    return array[app_private.draft('retract', (e.payload ->> 'author_id')::uuid, null, 'like:' || v_id, null, null, v_user, null)];
  end if;
  return '{}';
end
$$;
comment on function app_private.comment_like_drafts(app_private.outbox_events) is 'Of likes of comments.';

create function app_private.group_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_group uuid := e.payload ->> 'group_id';
  v_user uuid := e.payload ->> 'user_id';
begin
  case e.type
    when 'group.invited' then
      if app_private.is_invited(v_group, v_user) then
        return array[app_private.draft('raise', v_user, 'group_invite', 'group_invite:' || v_group, 'group', v_group, e.actor_id, e.occurred_at)];
      end if;
    when 'group.join_requested' then
      if exists (select from app_private.group_requests r where r.group_id = v_group and r.user_id = v_user) then
        return array(
          select app_private.draft('raise', m.user_id, 'group_join_request', 'group_join_request:' || v_group, 'group', v_group, v_user, e.occurred_at)
          from (
            select x.user_id from public.group_members x
            where x.group_id = v_group and x.role in ('owner', 'admin', 'moderator') order by x.joined_at limit 50
          ) m);
      end if;
    when 'group.member_joined' then
      if e.actor_id <> v_user and app_private.role_in(v_group, v_user) is not null then
        return array[app_private.draft('raise', v_user, 'group_approved', 'group_approved:' || v_group, 'group', v_group, e.actor_id, e.occurred_at)];
      end if;
    when 'group.role_changed' then
      if e.actor_id is distinct from v_user and app_private.role_in(v_group, v_user) = e.payload ->> 'role' then
        return array[app_private.draft('raise', v_user, 'group_role', 'group_role:' || v_group, 'group', v_group, e.actor_id, e.occurred_at,
          jsonb_build_object('role', e.payload -> 'role', 'old_role', e.payload -> 'old_role'))];
      end if;
    when 'group.deleted' then
      return array[app_private.draft('remove', null, null, null, null, v_group, null, null)];
    else null;
  end case;
  return '{}';
end
$$;
comment on function app_private.group_drafts(app_private.outbox_events) is
  'Of events of groups: group_invite, group_join_request (to up to 50 who decide), group_approved, group_role; those about a deleted group go.';

create function app_private.message_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_conversation uuid := e.payload ->> 'conversation_id';
  v_seq bigint := (e.payload ->> 'seq')::bigint;
  v_sender uuid := e.payload ->> 'sender_id';
  v_data jsonb := jsonb_build_object('message_id', e.payload -> 'message_id', 'seq', v_seq, 'group_id', e.payload -> 'group_id');
  v_mentions uuid[];
  v_is_large boolean := false;
begin
  if e.type <> 'message.created' or not exists (
    select from public.messages m where m.conversation_id = v_conversation and m.seq = v_seq and m.deleted_at is null
      and (m.expires_at is null or m.expires_at > now())
  ) then
    return '{}';
  end if;
  v_mentions := array(select jsonb_array_elements_text(e.payload -> 'mentions')::uuid);
  if e.payload ->> 'conversation_kind' = 'group' then
    v_is_large := exists (
      select from public.conversation_members m where m.conversation_id = v_conversation
      offset (select r.conversation_up_to from app_private.notification_rules r));
    if v_is_large and v_mentions = '{}' then
      return '{}'; -- without looking at each of its members
    end if;
  end if;
  return array(
    select case
      when m.user_id = any (v_mentions) then
        app_private.draft('raise', m.user_id, 'mention', 'mention:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      when m.state = 'requested' then
        app_private.draft('raise', m.user_id, 'message_request', 'message_request:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      else
        app_private.draft('raise', m.user_id, 'message', 'message:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      end
    from public.conversation_members m
    where m.conversation_id = v_conversation and m.user_id <> v_sender and m.state <> 'declined'
      and m.from_seq < v_seq and m.last_read_seq < v_seq -- whoever has the conversation open has read it by now
      and (m.user_id = any (v_mentions)
        or (not v_is_large and not (m.is_muted and (m.muted_until is null or m.muted_until > now())))));
end
$$;
comment on function app_private.message_drafts(app_private.outbox_events) is
  'Of messages: message, message_request, mention, to those who have not read them; not to who muted the conversation, and of a large group only to whom it mentions.';

create function app_private.call_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
begin
  if e.type <> 'call.missed' then
    return '{}';
  end if;
  return array[app_private.draft('raise', (e.payload ->> 'callee_id')::uuid, 'missed_call', 'missed_call:' || (e.payload ->> 'caller_id'), 'call',
    (e.payload ->> 'call_id')::uuid, (e.payload ->> 'caller_id')::uuid, e.occurred_at, jsonb_build_object('kind', e.payload -> 'kind'))];
end
$$;
comment on function app_private.call_drafts(app_private.outbox_events) is 'Of calls: missed_call.';
