-- Changing names -------------------------------------------------------------------------------------------------------

-- After the change, when the name is this person's alone: whoever gave it up a moment ago has committed. Security definer:
-- nobody may look into the list of former names.
create function app_private.keep_former_username()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if app_private.is_username_held(new.username::text, new.id) then
    perform app_hidden.fail(409, 'users.username_taken', 'This username is taken.', 'Choose another username.');
  elsif exists (
    select from app_private.former_usernames f where f.user_id = new.id and f.until > now() + interval '23 days'
  ) then
    perform app_hidden.fail(422, 'users.username_changed_lately', 'A username changes once in seven days.', 'Wait until seven days have passed.');
  end if;
  delete from app_private.former_usernames f where f.username operator(extensions.=) new.username;
  insert into app_private.former_usernames (username, user_id, until) values (old.username, new.id, now() + interval '30 days')
  on conflict (username) do update set user_id = excluded.user_id, until = excluded.until;
  return null;
end
$$;
comment on function app_private.keep_former_username() is
  'Trigger on profiles: once in seven days at most, and for 30 days the old name leads to its owner and is nobody else''s.';

create function app_private.keep_deleted_username()
returns trigger
language plpgsql volatile security definer -- the list is closed to whoever deletes
set search_path = ''
as $$
begin
  insert into app_private.former_usernames (username, user_id, until)
  select old.username, null, now() + interval '30 days'
  where not exists (select from auth.users u where u.id = old.id)
  on conflict (username) do update set user_id = null, until = excluded.until;
  return null;
end
$$;
comment on function app_private.keep_deleted_username() is
  'Trigger on profiles: for 30 days nobody takes the name of a deleted account and with it the trust of those who know the name.';

create function app_private.prune_former_usernames()
returns int
language plpgsql volatile security definer -- the list is closed to the worker
set search_path = ''
as $$
declare
  v_pruned int;
begin
  delete from app_private.former_usernames f where f.until <= now();
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$$;
comment on function app_private.prune_former_usernames() is 'Forgets the names whose time is over, and says how many.';

-- Asking the operators ---------------------------------------------------------------------------------------------------

create function app_private.guard_verification_request()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
declare
  v_hint text := case
    when coalesce(new.kind not in ('verification', 'business'), true) then 'kind takes verification or business.'
    when new.kind = 'verification' and coalesce(new.level not in ('blue', 'gold', 'premium'), true) then
      'level takes blue, gold or premium.'
    when new.kind = 'business' and new.level is not null then 'level is of a verification only.'
    when coalesce(length(new.statement) not between 10 and 2000, true) then 'statement takes 10 to 2000 characters.'
    when coalesce(cardinality(new.evidence_urls) > 5 or length(new.evidence_urls::text) > 10000
      or not app_hidden.are_addresses(new.evidence_urls), true) then
      'evidence_urls takes at most 5 http:// or https:// addresses, of 10000 characters together.'
  end;
begin
  if v_hint is not null then
    perform app_hidden.fail(422, 'users.field_invalid', 'A field does not take this value.', v_hint);
  end if;
  return new;
end
$$;
comment on function app_private.guard_verification_request() is
  'Trigger on verification_requests: says the limits of the table with a code (422 users.field_invalid), and which field takes what.';

create function public.request_verification(p jsonb)
returns public.verification_requests
language plpgsql volatile
set search_path = ''
as $$
declare
  r public.verification_requests;
begin
  perform app_hidden.assert_fields(p, '{"kind": "string", "level": "string", "statement": "string", "evidence_urls": "strings"}',
    'users.field_invalid');
  insert into public.verification_requests (kind, level, statement, evidence_urls)
  values (p ->> 'kind', p ->> 'level', p ->> 'statement',
    array(select jsonb_array_elements_text(coalesce(nullif(p -> 'evidence_urls', 'null'), '[]'))))
  returning * into r;
  return r;
exception when unique_violation then
  perform app_hidden.fail(409, 'users.verification_open', 'You have asked for this already.', 'Wait for the answer, or withdraw the open request.');
end
$$;
comment on function public.request_verification(jsonb) is
  'Asks the operators for a badge or a business account: {kind: verification or business, level: blue, gold or premium for a badge, statement, evidence_urls}. One open request of each kind, else 409 users.verification_open.';
