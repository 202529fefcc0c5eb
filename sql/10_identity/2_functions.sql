-- Usernames ------------------------------------------------------------------------------------------------------------

create function app_private.is_username_held(p_username text, p_for uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (
    select from app_private.former_usernames f
    where f.username operator(extensions.=) p_username::extensions.citext and f.until > now()
      and (p_for is null or f.user_id is distinct from p_for)
  );
end
$$;
comment on function app_private.is_username_held(text, uuid) is 'Whether somebody else gave this name up so lately that links with it still lead to them.';

create function app_private.username_status(p_username text)
returns text
language sql stable security definer -- looks into the list of reserved names
set search_path = ''
as $$
  select case
    when p_username is null or lower(p_username) !~ '^[a-z0-9][a-z0-9._]{1,28}[a-z0-9]$' then 'invalid'
    when exists (select from app_private.reserved_usernames r where r.username = lower(p_username)) then 'reserved'
    when exists (
      select from public.profiles p where p.username operator(extensions.=) lower(p_username)::extensions.citext
    ) or app_private.is_username_held(lower(p_username), null) then 'taken'
    else 'available'
  end
$$;
comment on function app_private.username_status(text) is 'available, taken, reserved or invalid. Only the insert decides: a free name may be taken a moment later.';

-- Turns any text into a valid, unreserved username; free or not is for the caller to find out.
create function app_private.username_from(p_text text)
returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_name text;
begin
  -- Accents go (é becomes e), everything else that is not a letter or digit becomes one underscore.
  v_name := regexp_replace(normalize(left(coalesce(p_text, ''), 200), nfkd), '[\u0300-\u036f]', '', 'g');
  v_name := regexp_replace(lower(v_name), '[^a-z0-9.]+', '_', 'g');
  v_name := trim(both '._' from left(trim(both '._' from v_name), 30));
  if app_private.username_status(v_name) in ('invalid', 'reserved') then
    return 'user';
  end if;
  return v_name;
end
$$;
comment on function app_private.username_from(text) is 'A valid username made from a name or the local part of a mail address; `user` where nothing is left.';

-- Sign-up --------------------------------------------------------------------------------------------------------------

-- Names stand in sentences of mails and push messages: a line break or a mark that turns text around would write others.
create function app_hidden.plain_line(p_text text)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return regexp_replace(p_text, '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g');
end
$$;
comment on function app_hidden.plain_line(text) is
  'A text as one line: a space for line breaks, control characters and marks that turn the direction of text.';

-- It must never fail for what a sign-up sent: refused here, a sign-up would be an opaque 500 of the Auth server.
create function app_private.ensure_profile(p_user uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user auth.users;
  v_meta jsonb;
  v_full_name text;
  v_avatar_url text;
  v_wanted text;
  v_base text;
  v_name text;
begin
  select * into strict v_user from auth.users u where u.id = p_user;
  v_meta := coalesce(v_user.raw_user_meta_data, '{}');
  v_full_name := nullif(trim(left(app_hidden.plain_line(coalesce(v_meta ->> 'full_name', v_meta ->> 'name')), 100)), '');
  v_wanted := lower(trim(v_meta ->> 'username'));
  v_avatar_url := v_meta ->> 'avatar_url';
  if v_avatar_url !~ '^https?://' or length(v_avatar_url) > 2048 then
    v_avatar_url := null;
  end if;

  v_base := case
    when app_private.username_status(v_wanted) in ('available', 'taken') then v_wanted
    when app_private.username_from(v_full_name) <> 'user' then app_private.username_from(v_full_name)
    else app_private.username_from(split_part(v_user.email, '@', 1))
  end;
  for v_attempt in 0 .. 12 loop
    -- First the name itself, then with more and more random digits: the last tries cannot collide.
    continue when v_attempt = 0 and v_base = 'user';
    v_name := case when v_attempt = 0 then v_base else
      left(v_base, 28 - v_attempt) || right(lpad((random() * 1e17)::bigint::text, 18, '0'), 2 + v_attempt)
    end;
    continue when app_private.is_username_held(v_name, p_user);
    insert into public.profiles (id, username, full_name, avatar_url)
    values (p_user, v_name, v_full_name, v_avatar_url)
    on conflict (username) do nothing; -- waits for a concurrent sign-up with the same name
    exit when found;
  end loop;

  insert into public.account_settings (user_id, email, phone) values (p_user, v_user.email, v_user.phone)
  on conflict (user_id) do nothing;
  insert into public.profile_counts (user_id) values (p_user)
  on conflict (user_id) do nothing;
end
$$;
comment on function app_private.ensure_profile(uuid) is
  'Makes the profile of a user, with a free username whatever was asked for, the counts and the settings; the wallet follows by trigger.';

create function app_private.create_profile()
returns trigger
language plpgsql volatile security definer -- the Auth server inserts users and has no rights in our tables
set search_path = ''
as $$
begin
  perform app_private.ensure_profile(new.id);
  return null;
end
$$;
comment on function app_private.create_profile() is 'Trigger on auth.users: profile, settings and wallet of a new user.';

-- Security definer: the Auth server changes addresses and has no rights in our tables.
create function app_private.follow_auth_addresses()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update public.account_settings s set email = new.email, phone = new.phone where s.user_id = new.id;
  return null;
end
$$;
comment on function app_private.follow_auth_addresses() is 'Trigger on auth.users: keeps email and phone of the settings as Auth confirmed them.';

create function app_private.guard_username()
returns trigger
language plpgsql volatile security definer -- looks into the list of reserved names
set search_path = ''
as $$
begin
  new.username := lower(new.username::text);
  case app_private.username_status(new.username::text)
    when 'invalid' then
      perform app_hidden.fail(422, 'users.username_invalid', 'This username is not allowed.',
        'Use 3 to 30 of a-z, 0-9, dot and underscore, beginning and ending with a letter or digit.');
    when 'reserved' then
      perform app_hidden.fail(422, 'users.username_reserved', 'This username is reserved.', 'Choose another username.');
    when 'taken' then
      -- Not of a sign-up, which tries one name after the other; and of two at once, the unique index takes one.
      if tg_op = 'UPDATE' and exists (select from public.profiles p where p.username operator(extensions.=) new.username and p.id <> new.id) then
        perform app_hidden.fail(409, 'users.username_taken', 'This username is taken.', 'Choose another username.');
      end if;
    else null;
  end case;
  return new;
end
$$;
comment on function app_private.guard_username() is 'Trigger on profiles: lower case, and refuses what nobody may be called or somebody else is.';

-- The same limits are constraints of the table. Here they are said with a code, so that clients of the table can tell people.
create function app_private.guard_profile()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
declare
  v_hint text := case
    when length(new.full_name) > 100 then 'full_name takes at most 100 characters.'
    when new.full_name <> app_hidden.plain_line(new.full_name) and (tg_op = 'INSERT' or new.full_name is distinct from old.full_name) then
      'full_name takes one line without control characters.'
    when length(new.bio) > 500 then 'bio takes at most 500 characters.'
    when length(new.location) > 100 then 'location takes at most 100 characters.'
    when new.website !~ '^https?://' or length(new.website) > 500 then
      'website takes an http:// or https:// address of at most 500 characters.'
    when new.avatar_url !~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)' or length(new.avatar_url) > 2048 then
      'avatar_url takes media:<id> of what you uploaded, or an http:// or https:// address of at most 2048 characters.'
    when jsonb_typeof(new.business_info) <> 'object' or length(new.business_info::text) > 8192 then
      'business_info takes a JSON object of at most 8192 characters.'
  end;
begin
  if v_hint is not null then
    perform app_hidden.fail(422, 'users.field_invalid', 'A field does not take this value.', v_hint);
  end if;
  return new;
end
$$;
comment on function app_private.guard_profile() is 'Trigger on profiles: refuses what is too long or no address (422 users.field_invalid), and says which field takes what.';

create function app_private.guard_business_info()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if new.is_business_account or new.business_info is null then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.is_business_account then
    new.business_info := null; -- what an operator takes back takes its facts along
    return new;
  end if;
  perform app_hidden.fail(403, 'users.not_a_business', 'Only a business account has business facts.',
    'Ask the operators of the app to make this a business account.');
end
$$;
comment on function app_private.guard_business_info() is 'Trigger on profiles: business_info only on accounts that operators made a business.';

-- Sessions -------------------------------------------------------------------------------------------------------------
-- All of them are security definer: auth.sessions is closed to every role of ours but postgres.

create function app_private.assert_session(p_user uuid, p_session uuid)
returns boolean
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_banned_until timestamptz;
begin
  select u.banned_until into v_banned_until
  from auth.sessions s join auth.users u on u.id = s.user_id
  where s.id = p_session and s.user_id = p_user and (s.not_after is null or s.not_after > now());
  if not found then
    perform app_hidden.fail(401, 'auth.session_revoked', 'This session has ended.', 'Sign in again.');
  elsif v_banned_until > now() then
    -- Auth itself notices a ban at the next refresh only, and money must not move for that hour.
    perform app_hidden.fail(403, 'auth.user_banned', 'This account is suspended.', 'Ask the operators of the app.');
  end if;
  return true;
end
$$;
comment on function app_private.assert_session(uuid, uuid) is 'True while the session lives and its user is not banned; else 401 auth.session_revoked or 403 auth.user_banned. Two primary key probes.';

create function app_private.list_sessions(p_user uuid)
returns table (id uuid, created_at timestamptz, last_active_at timestamptz, user_agent text, ip text)
language sql stable security definer
set search_path = ''
as $$
  select s.id, s.created_at, greatest(s.refreshed_at at time zone 'utc', s.updated_at, s.created_at), s.user_agent, host(s.ip)
  from auth.sessions s
  where s.user_id = p_user and (s.not_after is null or s.not_after > now())
  order by 3 desc, s.id
  limit 100
$$;
comment on function app_private.list_sessions(uuid) is 'The living sessions of a user, the latest used first, at most 100.';

create function app_private.revoke_session(p_user uuid, p_session uuid)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  delete from auth.sessions s where s.id = p_session and s.user_id = p_user;
  return found;
end
$$;
comment on function app_private.revoke_session(uuid, uuid) is 'Ends one session of the user with its refresh tokens; false when there is no such session.';

create function app_private.revoke_other_sessions(p_user uuid, p_keep uuid)
returns setof uuid
language sql volatile security definer
set search_path = ''
as $$
  delete from auth.sessions s where s.user_id = p_user and s.id is distinct from p_keep returning s.id
$$;
comment on function app_private.revoke_other_sessions(uuid, uuid) is 'Ends all sessions of the user but one (null: all) and gives their ids.';
