-- The login of the local Realtime server, made once per cluster. It may read the changes of published tables, become one of the
-- roles of the API, and call what the schema `_realtime` gives it: nothing else. On a hosted project none of this exists.
do $$
begin
  if to_regrole('supabase_realtime_gateway') is null then
    create role supabase_realtime_gateway login noinherit nosuperuser nocreatedb nocreaterole replication;
  end if;
end
$$;
grant anon, authenticated, service_role to supabase_realtime_gateway with inherit false, set true;
