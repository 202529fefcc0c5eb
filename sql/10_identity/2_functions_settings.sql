-- What stands in account_settings. contracts/api/users.ts says the same to the API.

create function app_hidden.is_privacy_settings(p_settings jsonb)
returns boolean
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where not case
      when s.key in ('is_private', 'hide_follower_lists', 'hide_presence', 'hide_read_receipts') then jsonb_typeof(s.value) = 'boolean'
      when s.key in ('who_can_message', 'who_can_mention', 'who_can_call', 'who_can_invite', 'who_can_comment') then
        s.value in ('"everyone"', '"followers"', '"friends"', '"nobody"')
      else false
    end
  );
end
$$;
comment on function app_hidden.is_privacy_settings(jsonb) is
  'Whether only known keys are there, with a boolean or one of everyone, followers, friends, nobody each. A missing key means its default.';

create function app_hidden.notification_category(p_kind text)
returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  return case
    when p_kind in ('follow', 'follow_request', 'follow_approved') then 'follows'
    when p_kind = 'like' then 'likes'
    when p_kind in ('comment', 'reply') then 'comments'
    when p_kind = 'mention' then 'mentions'
    when p_kind = 'share' then 'shares'
    when p_kind in ('message', 'message_request') then 'messages'
    when p_kind in ('group_invite', 'group_join_request', 'group_approved', 'group_role') then 'groups'
    when p_kind in ('money_received', 'hold', 'withdrawal', 'payment_request') then 'wallet'
    when p_kind = 'missed_call' then 'calls'
    when p_kind in ('sign_in', 'password_changed', 'target_added', 'webhook_disabled') then 'security'
    when p_kind = 'notice' then 'notices'
  end;
end
$$;
comment on function app_hidden.notification_category(text) is 'To which group of the settings a kind of notification belongs; null for what is no kind.';

create function app_hidden.is_quiet_hours(p_value jsonb)
returns boolean
language plpgsql stable -- time zones come and go with the server
set search_path = ''
as $$
begin
  return p_value = 'null' or (
    jsonb_typeof(p_value) = 'object'
    and not exists (select from jsonb_object_keys(p_value) k where k not in ('from', 'to', 'time_zone'))
    and coalesce(p_value ->> 'from' ~ '^([01]\d|2[0-3]):[0-5]\d$' and p_value ->> 'to' ~ '^([01]\d|2[0-3]):[0-5]\d$', false)
    and p_value ->> 'from' <> p_value ->> 'to'
    and exists (select from pg_catalog.pg_timezone_names z where z.name = p_value ->> 'time_zone'));
end
$$;
comment on function app_hidden.is_quiet_hours(jsonb) is
  'Whether this says when to be quiet: {from: "22:00", to: "07:00", time_zone: "Europe/Belgrade"}, or null for never.';

create function app_hidden.is_notification_settings(p_settings jsonb)
returns boolean
language plpgsql stable parallel safe
set search_path = ''
as $$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where s.key <> 'quiet_hours' and (
      jsonb_typeof(s.value) <> 'object'
      or (app_hidden.notification_category(s.key) is null and s.key not in (
        'follows', 'likes', 'comments', 'mentions', 'shares', 'messages', 'groups', 'wallet', 'calls', 'security', 'notices')))
  ) and not exists (
    select from jsonb_each(p_settings - 'quiet_hours') s,
      lateral jsonb_each(case jsonb_typeof(s.value) when 'object' then s.value else '{}' end) c
    where c.key not in ('in_app', 'push', 'email', 'webhook') or jsonb_typeof(c.value) <> 'boolean'
  ) and (not p_settings ? 'quiet_hours' or app_hidden.is_quiet_hours(p_settings -> 'quiet_hours'));
end
$$;
comment on function app_hidden.is_notification_settings(jsonb) is
  'Whether only known kinds and groups of kinds are there, each with in_app, push, email and webhook as booleans or without, and perhaps quiet_hours. A missing key means its default.';

create function app_private.guard_settings()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if not app_hidden.is_privacy_settings(new.privacy_settings) then
    perform app_hidden.fail(422, 'users.privacy_settings_invalid', 'There is no such privacy setting, or it has no such value.',
      'Compare with the list of privacy_settings in docs/users.md.');
  elsif not app_hidden.is_notification_settings(new.notification_settings) then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'There is no such notification setting, or it has no such value.',
      'Compare with the list of notification_settings in docs/notifications.md.');
  end if;
  return new;
end
$$;
comment on function app_private.guard_settings() is 'Trigger on account_settings: only settings that mean something.';

-- Everybody takes what is of one person in this order: user, settings, profile, card. Who changes settings comes to the user last by themselves,
-- where a row is changed twice in a transaction, as PUT users/profile does; a deletion comes to the profile before the settings. Only operators who
-- change the same row twice in a transaction are not in this order: Postgres ends one of them and a deletion that meets them.

create function app_private.lock_user()
returns trigger
language plpgsql volatile security definer -- auth.users is closed to clients
set search_path = ''
as $$
begin
  perform from auth.users u where u.id = auth.uid() for key share;
  return null;
end
$$;
comment on function app_private.lock_user() is 'Trigger on account_settings, before its rows: who changes their settings is there until the end of the transaction.';

create function app_private.lock_settings()
returns trigger
language plpgsql volatile security definer -- fires for the Auth server
set search_path = ''
as $$
begin
  perform from public.account_settings s where s.user_id = old.id for update;
  return old;
end
$$;
comment on function app_private.lock_settings() is 'Trigger on auth.users: the settings of who is deleted are held before their profile, also against operators, who change settings as nobody.';
