-- What a hosted Supabase project has before any migration runs: schemas, their grants and the helpers that policies call.
-- It runs once per database, as the superuser `supabase_admin`. Nothing of ours lives here: migrations run as `postgres`,
-- which is not a superuser here either, so whatever a hosted project would refuse is refused here.
-- Definitions follow https://github.com/supabase/postgres (migrations/db) and https://github.com/supabase/auth.

-- Schemas -------------------------------------------------------------------------------------------------------------
create schema extensions authorization postgres;
create schema auth authorization supabase_auth_admin;
create schema storage authorization supabase_storage_admin;
create schema realtime authorization supabase_realtime_admin;
alter schema public owner to postgres;

grant usage on schema extensions, public to anon, authenticated, service_role, supabase_auth_admin, supabase_storage_admin;
grant usage on schema auth to anon, authenticated, service_role, postgres;
grant usage on schema storage, realtime to anon, authenticated, service_role, postgres;

-- A hosted project starts with these open defaults in `public`; our migrations revoke them.
alter default privileges for role postgres in schema public grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to postgres, anon, authenticated, service_role;

-- What `postgres` may do with the tables of auth and storage: read and write rows, add triggers, nothing to their shape.
alter default privileges for role supabase_auth_admin in schema auth
  grant select, insert, update, delete, references, trigger on tables to postgres;
alter default privileges for role supabase_storage_admin in schema storage
  grant all on tables to postgres, anon, authenticated, service_role;

-- Who is asking: read by every policy. Hosted definitions, which know both forms of the claims. -------------------------
set role supabase_auth_admin;

create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

reset role;

-- Realtime ------------------------------------------------------------------------------------------------------------
create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
