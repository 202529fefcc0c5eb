-- Where somebody wants to be reached. Security definer: the tables hold keys and secrets, and are closed.

create function app_private.assert_target_url(p_url text)
returns void
language plpgsql immutable
set search_path = ''
as $$
begin
  -- Where it really leads is looked at by the worker, at each message. Plain http is for a stack on one's own machine, and so are other ports.
  if (p_url ~ '^(https://([^\s@:/?#]+|\[[0-9a-fA-F:.]+\])(:(443|8443))?([/?#][^\s@]*)?|https?://(127[.]0[.]0[.]1|localhost)[:/][^\s@]+)$' and length(p_url) <= 2048) is not true then
    perform app_hidden.fail(422, 'notifications.url_invalid', 'Messages do not go to this address.', 'Send an https:// address of at most 2048 characters, of port 443 or 8443, without a name and a password.');
  end if;
end
$$;
comment on function app_private.assert_target_url(text) is 'Refuses (422 notifications.url_invalid) what is no address to send to.';

create function public.add_push_subscription(p jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_session uuid := auth.jwt() ->> 'session_id';
  v_expires_at timestamptz;
  s app_private.push_subscriptions;
begin
  perform app_private.assert_calm('places for notifications', v_me, 30, '1 hour'); -- each is told of, by mail too
  perform app_hidden.assert_fields(p, '{"endpoint": "string", "expirationTime": "number", "keys": "object", "user_agent": "string"}', 'notifications.field_invalid');
  if (p ->> 'expirationTime')::numeric not between 0 and 253402300799000 then
    perform app_hidden.fail(422, 'notifications.field_invalid', 'A subscription has no such end.',
      'Send `expirationTime` as milliseconds since 1970, up to the year 9999, or null.');
  end if;
  v_expires_at := to_timestamp((p ->> 'expirationTime')::double precision / 1000);
  perform app_private.assert_target_url(p ->> 'endpoint');
  -- A point of the curve P-256, 65 bytes, and 16 bytes of secret, as RFC 8291 says.
  if ((p -> 'keys' ->> 'p256dh') ~ '^[A-Za-z0-9_-]{87}=?$' and (p -> 'keys' ->> 'auth') ~ '^[A-Za-z0-9_-]{22}(==)?$') is not true then
    perform app_hidden.fail(422, 'notifications.keys_invalid', 'These are not the keys of a push subscription.', 'Send what `PushSubscription.toJSON()` gives.');
  end if;
  -- It goes with the session, which must not end before it is written down.
  perform from auth.sessions x where x.id = v_session and x.user_id = v_me for key share;
  if not found then
    perform app_hidden.fail(401, 'auth.session_revoked', 'This session has ended.', 'Sign in again.');
  end if;
  insert into app_private.push_subscriptions as x (user_id, session_id, endpoint, p256dh, auth, user_agent, expires_at)
  values (v_me, v_session, p ->> 'endpoint', p -> 'keys' ->> 'p256dh', p -> 'keys' ->> 'auth', left(p ->> 'user_agent', 300), v_expires_at)
  on conflict (endpoint) do update set user_id = excluded.user_id, session_id = excluded.session_id, p256dh = excluded.p256dh, auth = excluded.auth,
    user_agent = excluded.user_agent, expires_at = excluded.expires_at, failures = 0, failing_since = null, disabled_at = null, disabled_reason = null,
    created_at = case when x.user_id = excluded.user_id then x.created_at else now() end
  returning * into s;
  -- What is still to be sent there was for who had the device before.
  delete from app_private.notification_deliveries d using public.notifications n
  where d.target_id = s.id and n.id = d.notification_id and n.user_id <> v_me;
  delete from app_private.push_subscriptions o
  where o.user_id = v_me and o.id in (
    select y.id from app_private.push_subscriptions y where y.user_id = v_me order by y.created_at desc, y.id desc offset 20);
  return jsonb_build_object('id', s.id, 'endpoint', s.endpoint, 'user_agent', s.user_agent, 'expires_at', s.expires_at,
    'disabled_at', s.disabled_at, 'disabled_reason', s.disabled_reason, 'created_at', s.created_at);
end
$$;
comment on function public.add_push_subscription(jsonb) is
  'Takes a push subscription of this device, as PushSubscription.toJSON() gives it, perhaps with user_agent; the same endpoint again is the same one. It goes with the session. Of more than 20 the oldest go. 422 notifications.field_invalid, notifications.url_invalid, notifications.keys_invalid; 429 rate_limit.exceeded; 403 auth.user_banned.';

create function public.my_push_subscriptions()
returns table (id uuid, endpoint text, user_agent text, expires_at timestamptz, disabled_at timestamptz, disabled_reason text, created_at timestamptz)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select s.id, s.endpoint, s.user_agent, s.expires_at, s.disabled_at, s.disabled_reason, s.created_at from app_private.push_subscriptions s
  where s.user_id = auth.uid() order by s.created_at desc, s.id desc;
end
$$;
comment on function public.my_push_subscriptions() is 'My devices that take push messages, the latest first.';

create function public.remove_push_subscription(p_id uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  delete from app_private.push_subscriptions s where s.id = p_id and s.user_id = auth.uid();
  if not found then
    perform app_hidden.fail(404, 'notifications.target_not_found', 'There is no such push subscription or webhook.', 'Take an id from the list; what said that it is gone was removed.');
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_id;
  return true;
end
$$;
comment on function public.remove_push_subscription(uuid) is 'Sends nothing to a device any more. 404 notifications.target_not_found.';

create function public.add_notification_webhook(p_url text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  w app_private.notification_webhooks;
begin
  perform app_private.assert_calm('places for notifications', v_me, 30, '1 hour');
  perform app_private.assert_target_url(p_url);
  perform pg_advisory_xact_lock(hashtextextended('notifications.webhooks ' || v_me, 0));
  if (select count(*) from app_private.notification_webhooks x where x.user_id = v_me and x.url <> p_url) >= 5 then
    perform app_hidden.fail(422, 'notifications.too_many_webhooks', 'Nobody has more than five webhooks.', 'Remove one first.');
  end if;
  insert into app_private.notification_webhooks (user_id, url, secret)
  values (v_me, p_url, 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64'))
  on conflict (user_id, url) do update set secret = excluded.secret, failures = 0, failing_since = null, disabled_at = null, disabled_reason = null
  returning * into w;
  return jsonb_build_object('id', w.id, 'url', w.url, 'secret', w.secret, 'created_at', w.created_at);
end
$$;
comment on function public.add_notification_webhook(text) is
  'Sends my notifications to an address, signed as Standard Webhooks says with the secret that is shown here alone; the same address again gets a new secret and is enabled. Five at most: 422 notifications.too_many_webhooks; 429 rate_limit.exceeded; 403 auth.user_banned.';

create function public.my_notification_webhooks()
returns table (id uuid, url text, disabled_at timestamptz, disabled_reason text, created_at timestamptz)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select w.id, w.url, w.disabled_at, w.disabled_reason, w.created_at from app_private.notification_webhooks w
  where w.user_id = auth.uid() order by w.created_at desc, w.id desc;
end
$$;
comment on function public.my_notification_webhooks() is 'My webhooks, without their secrets. disabled_at: they failed ten times in a row or for three days, said that they are gone, or the password was changed.';

create function public.remove_notification_webhook(p_id uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  delete from app_private.notification_webhooks w where w.id = p_id and w.user_id = auth.uid();
  if not found then
    perform app_hidden.fail(404, 'notifications.target_not_found', 'There is no such push subscription or webhook.', 'Take an id from the list; what said that it is gone was removed.');
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_id;
  return true;
end
$$;
comment on function public.remove_notification_webhook(uuid) is 'Sends nothing to a webhook any more. 404 notifications.target_not_found.';
