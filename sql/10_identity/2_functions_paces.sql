-- What triggers of all domains ask before they look at anything: whether people write for themselves, and not faster than people do.

-- A trigger fires before the policy asks whose the new row is. Its refusals would tell of anybody who is named there: what they see, how
-- they voted, what they reported.
create function app_private.assert_oneself(p_person uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if auth.uid() <> p_person then
    raise insufficient_privilege using message = 'Nobody writes in the name of somebody else.';
  end if;
end
$$;
comment on function app_private.assert_oneself(uuid) is 'Refuses as a policy does (42501) whoever is signed in and names somebody else. First in each trigger that looks at what the named person may do.';

create function app_private.assert_calm(p_what text, p_person uuid, p_limit int, p_window interval)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_done int;
begin
  if auth.uid() is null or p_person is null then
    return; -- nobody's app: an import, a worker, an operator; or a row that has to be refused for its own sake
  end if;
  insert into app_private.paces as c (user_id, what) values (p_person, p_what)
  on conflict (user_id, what) do update set
    written = case when c.since > now() - p_window then c.written + 1 else 1 end,
    since = case when c.since > now() - p_window then c.since else now() end
  returning c.written into v_done;
  if v_done > p_limit then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('More than %s %s within %s.', p_limit, p_what,
      case p_window when interval '1 hour' then 'an hour' else 'a day' end), 'Wait some time, and do less.');
  end if;
end
$$;
comment on function app_private.assert_calm(text, uuid, int, interval) is
  '429 rate_limit.exceeded for whoever is signed in and does more within a window than a person does, whatever they take back of it. Holds for the tables too, where the functions and their limits are not in the way.';
