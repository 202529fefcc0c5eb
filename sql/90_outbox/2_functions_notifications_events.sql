-- Events that only notifications ask for. Security definer, as all writers of events.

create function app_private.tell_password_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Never anything of the password itself.
  perform app_private.emit_event('user.password_changed', new.id, jsonb_build_object('user_id', new.id));
  -- Whoever changes theirs may do so because somebody else was in: what they have left to listen goes silent. Push subscriptions go with
  -- the sessions.
  if old.encrypted_password <> '' then
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = 'the password was changed'
    where w.user_id = new.id and w.disabled_at is null;
  end if;
  return null;
end
$$;
comment on function app_private.tell_password_changed() is
  'Trigger on auth.users: user.password_changed, also when somebody gets a first one; a change of it disables webhooks.';

create function app_private.tell_push_added()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('user.target_added', new.user_id, jsonb_build_object('user_id', new.user_id, 'target_id', new.id,
    'channel', 'push', 'host', left(app_private.host_of(new.endpoint), 200), 'user_agent', left(new.user_agent, 200)));
  return null;
end
$$;
comment on function app_private.tell_push_added() is 'Trigger on push_subscriptions: user.target_added, also of a device that has become another person''s.';

create function app_private.tell_webhook_added()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('user.target_added', new.user_id, jsonb_build_object('user_id', new.user_id, 'target_id', new.id,
    'channel', 'webhook', 'host', left(app_private.host_of(new.url), 200), 'user_agent', null));
  return null;
end
$$;
comment on function app_private.tell_webhook_added() is 'Trigger on notification_webhooks: user.target_added, also when one gets a new secret.';

create function app_private.tell_webhook_disabled()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('user.webhook_disabled', new.user_id, jsonb_build_object('user_id', new.user_id, 'target_id', new.id,
    'host', left(app_private.host_of(new.url), 200), 'reason', new.disabled_reason));
  return null;
end
$$;
comment on function app_private.tell_webhook_disabled() is 'Trigger on notification_webhooks: user.webhook_disabled.';

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
