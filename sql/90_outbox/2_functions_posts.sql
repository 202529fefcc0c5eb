-- What posts tell. Triggers on statements, as those of the graph, and security definer as all writers of events. Whom a post
-- mentions is known by then: triggers on rows fire before those on the statement. actor_id is who did it, or null for an operator.

create function app_private.emit_post_published(p_ids uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.published', p.author_id, jsonb_build_object(
    'post_id', p.id, 'author_id', p.author_id, 'type', p.type, 'visibility', p.visibility, 'published_at', p.published_at,
    'tags', p.tags, 'shared_post_id', p.shared_post_id, 'group_id', p.group_id,
    'mentions', (select coalesce(jsonb_agg(m.user_id), '[]') from public.post_mentions m where m.post_id = p.id))
  from public.posts p where p.id = any (p_ids) and p.status = 'published';
end
$$;
comment on function app_private.emit_post_published(uuid[]) is 'Writes post.published of each of these that is.';

create function app_private.tell_posts_written()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_post_published(array(select a.id from added a where a.status = 'published'));
  return null;
end
$$;
comment on function app_private.tell_posts_written() is 'Trigger on posts: post.published of those that are no drafts.';

create function app_private.tell_posts_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_post_published(array(
    select a.id from after a join before b on b.id = a.id where a.status = 'published' and b.status <> 'published'
  ));
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.deleted', app_private.acting_person(),
    jsonb_build_object('post_id', b.id, 'author_id', b.author_id, 'published_at', b.published_at, 'shared_post_id', b.shared_post_id)
  from after a join before b on b.id = a.id where b.status = 'published' and a.status = 'removed';
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.changed', app_private.acting_person(),
    jsonb_build_object('post_id', a.id, 'author_id', a.author_id, 'visibility', a.visibility, 'changed', d.changed)
  from after a join before b on b.id = a.id
  cross join lateral (
    select jsonb_agg(k order by k) as changed
    from unnest(array['content', 'location', 'media_urls', 'pinned_at', 'reply_control', 'shares_allowed', 'tags', 'visibility']) k
    where to_jsonb(a) -> k is distinct from to_jsonb(b) -> k
  ) d
  where a.status = 'published' and b.status = 'published' and d.changed is not null;
  return null;
end
$$;
comment on function app_private.tell_posts_changed() is
  'Trigger on posts: post.published of drafts, post.changed with the names of what changed, post.deleted of what a moderator removed.';

create function app_private.tell_posts_deleted()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.deleted', app_private.acting_person(),
    jsonb_build_object('post_id', g.id, 'author_id', g.author_id, 'published_at', g.published_at, 'shared_post_id', g.shared_post_id)
  from gone g where g.status = 'published';
  return null;
end
$$;
comment on function app_private.tell_posts_deleted() is 'Trigger on posts: post.deleted of those that were published.';

create function app_private.tell_post_likes()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), case tg_op when 'INSERT' then 'post.liked' else 'post.unliked' end, c.user_id,
    jsonb_build_object('post_id', c.post_id, 'author_id', p.author_id, 'user_id', c.user_id)
  -- A deleted post or person is told of by its own event, and not by each like.
  from changed c join public.posts p on p.id = c.post_id join public.profiles u on u.id = c.user_id;
  return null;
end
$$;
comment on function app_private.tell_post_likes() is 'Trigger on post_likes: post.liked and post.unliked.';

create function app_private.tell_comments_written()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'comment.created', a.author_id, jsonb_build_object(
    'comment_id', a.id, 'post_id', a.post_id, 'parent_id', a.parent_id, 'author_id', a.author_id, 'post_author_id', p.author_id,
    'mentions', (select coalesce(jsonb_agg(m.user_id), '[]') from public.comment_mentions m where m.comment_id = a.id))
  from added a join public.posts p on p.id = a.post_id;
  return null;
end
$$;
comment on function app_private.tell_comments_written() is 'Trigger on comments: comment.created.';

create function app_private.tell_comments_deleted()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'comment.deleted', app_private.acting_person(),
    jsonb_build_object('comment_id', g.id, 'post_id', g.post_id, 'author_id', g.author_id, 'parent_id', g.parent_id)
  from gone g join public.posts p on p.id = g.post_id where g.deleted_at is null;
  return null;
end
$$;
comment on function app_private.tell_comments_deleted() is 'Trigger on comments: comment.deleted, while their post stays.';

create function app_private.tell_comment_emptied()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('comment.deleted', app_private.acting_person(),
    jsonb_build_object('comment_id', new.id, 'post_id', new.post_id, 'author_id', new.author_id, 'parent_id', new.parent_id));
  return null;
end
$$;
comment on function app_private.tell_comment_emptied() is 'Trigger on comments: comment.deleted of one whose place stays.';

create function app_private.tell_reported()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('post.reported', new.reporter_id, jsonb_build_object(
    'report_id', new.id, 'reporter_id', new.reporter_id, 'post_id', new.post_id, 'comment_id', new.comment_id,
    'profile_id', new.profile_id, 'reason', new.reason));
  return null;
end
$$;
comment on function app_private.tell_reported() is 'Trigger on reports: post.reported, also of a comment or a profile.';
