-- Loaded after the tables of lite's Auth, as their owner. Lite hands JSON over as text, so the jsonb columns hold a *string*
-- that spells an object; a hosted project stores the object. Turned into the object here, before any other trigger sees
-- the row, so that triggers and policies are written for what a hosted project has. Lite reads both forms.

create function auth.objects_from_strings() returns trigger language plpgsql set search_path = '' as $$
begin
  if tg_table_name = 'users' then
    if jsonb_typeof(new.raw_user_meta_data) = 'string' then
      new.raw_user_meta_data := (new.raw_user_meta_data #>> '{}')::jsonb;
    end if;
    if jsonb_typeof(new.raw_app_meta_data) = 'string' then
      new.raw_app_meta_data := (new.raw_app_meta_data #>> '{}')::jsonb;
    end if;
  elsif jsonb_typeof(new.identity_data) = 'string' then
    new.identity_data := (new.identity_data #>> '{}')::jsonb;
  end if;
  return new;
end
$$;

-- Triggers of one kind fire in the order of their names.
create trigger "00_objects_from_strings" before insert or update on auth.users
  for each row execute function auth.objects_from_strings();
create trigger "00_objects_from_strings" before insert or update on auth.identities
  for each row execute function auth.objects_from_strings();
