-- Events that only notifications ask for. Security definer, as all writers of events.

create function app_private.tell_password_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Never anything of the password itself.
  perform app_private.emit_event('user.password_changed', new.id, jsonb_build_object('user_id', new.id));
  return null;
end
$$;
comment on function app_private.tell_password_changed() is 'Trigger on auth.users: user.password_changed, also when somebody gets a first one.';

create function app_private.tell_comment_likes()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), case tg_op when 'INSERT' then 'comment.liked' else 'comment.unliked' end, x.user_id,
    jsonb_build_object('comment_id', x.comment_id, 'post_id', c.post_id, 'author_id', c.author_id, 'user_id', x.user_id)
  -- A deleted comment or person is told of by its own event, and not by each like.
  from changed x join public.comments c on c.id = x.comment_id join public.profiles u on u.id = x.user_id;
  return null;
end
$$;
comment on function app_private.tell_comment_likes() is 'Trigger on comment_likes: comment.liked and comment.unliked.';
