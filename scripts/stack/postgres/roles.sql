-- The roles that a hosted Supabase project has: created once per database cluster, as the superuser `supabase_admin`.
-- Definitions follow https://github.com/supabase/postgres (migrations/db). Logins get their passwords when the stack starts.

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin login noinherit createrole;
create role supabase_storage_admin login noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role dashboard_user nologin createdb createrole replication;
create role postgres login nosuperuser createdb createrole replication bypassrls;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres with admin option;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;
alter role supabase_storage_admin set search_path = storage;

-- The API server of the embedded stack (auth, REST and storage in one process) logs in as this role. It may become an
-- API role but never a superuser or `postgres`.
create role supabase_lite login noinherit;
grant supabase_auth_admin, supabase_storage_admin to supabase_lite with inherit true, set true;
-- It inherits the API roles because it looks tables up in information_schema, which shows only what a role may touch.
grant anon, authenticated, service_role to supabase_lite with inherit true, set true;
