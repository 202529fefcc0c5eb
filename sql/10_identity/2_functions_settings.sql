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

create function app_hidden.is_notification_settings(p_settings jsonb)
returns boolean
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where s.key not in ('follows', 'likes', 'comments', 'mentions', 'messages', 'groups', 'wallet', 'calls')
      or jsonb_typeof(s.value) <> 'object'
  ) and not exists (
    select from jsonb_each(p_settings) s,
      lateral jsonb_each(case jsonb_typeof(s.value) when 'object' then s.value else '{}' end) c
    where c.key not in ('in_app', 'push') or jsonb_typeof(c.value) <> 'boolean'
  );
end
$$;
comment on function app_hidden.is_notification_settings(jsonb) is
  'Whether only known kinds are there, each with in_app and push as booleans or without. A missing key means its default.';

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
      'Compare with the list of notification_settings in docs/users.md.');
  end if;
  return new;
end
$$;
comment on function app_private.guard_settings() is 'Trigger on account_settings: only settings that mean something.';
