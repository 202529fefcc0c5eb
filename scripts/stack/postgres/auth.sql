-- Loaded after the tables of lite's Auth, as their owner. Lite hands JSON over as text, so the jsonb columns hold a *string*
-- that spells an object; a hosted project stores the object. Turned into the object here, before any other trigger sees
-- the row, so that triggers and policies are written for what a hosted project has. Lite reads both forms.

-- A string that spells no JSON that Postgres can store is somebody's value: it stays, because refusing it would fail the sign-up.
create function auth.unwrapped(p_value jsonb) returns jsonb language plpgsql immutable set search_path = '' as $$
begin
  if jsonb_typeof(p_value) = 'string' then
    return (p_value #>> '{}')::jsonb;
  end if;
  return p_value;
exception when data_exception or program_limit_exceeded then
  return p_value;
end
$$;

create function auth.objects_from_strings() returns trigger language plpgsql set search_path = '' as $$
begin
  if tg_table_name = 'users' then
    new.raw_user_meta_data := auth.unwrapped(new.raw_user_meta_data);
    new.raw_app_meta_data := auth.unwrapped(new.raw_app_meta_data);
  else
    new.identity_data := auth.unwrapped(new.identity_data);
  end if;
  return new;
end
$$;

-- Triggers of one kind fire in the order of their names.
create trigger "00_objects_from_strings" before insert or update on auth.users
  for each row execute function auth.objects_from_strings();
create trigger "00_objects_from_strings" before insert or update on auth.identities
  for each row execute function auth.objects_from_strings();
