-- What holds for whoever is signed in and writes, whatever they write: in their own name, not suspended, no faster than a person. Triggers
-- ask, so that it holds for the tables as for the functions.

-- A trigger fires before the policy asks whose the new row is. Its refusals would tell of anybody who is named there: what they see, how
-- they voted, what they reported.
create function app_private.assert_oneself(p_person uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if auth.uid() is not null and auth.uid() is distinct from p_person then
    raise insufficient_privilege using message = 'Nobody writes in the name of somebody else.';
  end if;
end
$$;
comment on function app_private.assert_oneself(uuid) is 'Refuses as a policy does (42501) whoever is signed in and names somebody else. First in each trigger that looks at what the named person may do.';

-- A token lives for an hour after its user was banned, and the REST API and Realtime ask nobody whether it still counts.
create function app_private.assert_not_suspended()
returns void
language plpgsql stable security definer -- auth.users is closed to clients
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  if v_me is not null and exists (select from auth.users u where u.id = v_me and u.banned_until > now()) then
    perform app_hidden.fail(403, 'auth.user_banned', 'This account is suspended.', 'Ask the operators of the app.');
  end if;
end
$$;
comment on function app_private.assert_not_suspended() is '403 auth.user_banned for whoever is signed in and was banned by an operator. One probe, and for writes only: they read on until their token ends.';

create function app_private.refuse_suspended()
returns trigger
language plpgsql volatile security definer -- fires for clients
set search_path = ''
as $$
begin
  perform app_private.assert_not_suspended();
  return case when tg_level = 'ROW' then new end;
end
$$;
comment on function app_private.refuse_suspended() is 'Trigger: 403 auth.user_banned for who writes here and is suspended.';

create function app_private.keep_pace(
  p_what text, p_person uuid, p_limit int, p_window interval, p_count int default 1, p_message text default null, p_hint text default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_written int;
begin
  -- The person first: who deletes their account holds the profile and then wants this row.
  insert into app_private.paces as c (user_id, what, written) select p.id, p_what, p_count from public.profiles p where p.id = p_person for key share
  on conflict (user_id, what) do update set
    written = case when c.since > now() - p_window then c.written + p_count else p_count end,
    since = case when c.since > now() - p_window then c.since else now() end
  returning c.written into v_written;
  if v_written > p_limit then
    perform app_hidden.fail(429, 'rate_limit.exceeded', coalesce(p_message, format('%s %s within %s are as many as a person makes.', p_limit, p_what,
      case p_window when interval '1 hour' then 'an hour' else 'a day' end)), coalesce(p_hint, 'Wait some time, and write less.'));
  end if;
end
$$;
comment on function app_private.keep_pace(text, uuid, int, interval, int, text, text) is
  '429 rate_limit.exceeded for who writes more of a kind within a window than a person does, whatever they delete of it.';

create function app_private.assert_calm(p_what text, p_person uuid, p_limit int, p_window interval)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if auth.uid() is null then
    return; -- nobody's app: an import, a worker, an operator
  end if;
  perform app_private.assert_not_suspended();
  perform app_private.keep_pace(p_what, p_person, p_limit, p_window);
end
$$;
comment on function app_private.assert_calm(text, uuid, int, interval) is
  'As keep_pace, for whoever is signed in and not suspended (403 auth.user_banned). Holds for the tables too, where the functions and their limits are not in the way.';
