-- Roles belong to the cluster, not to one database: every statement here may run again and then changes nothing.
-- On a hosted project it runs as `postgres`, which may create roles but is not a superuser. The roles cannot log in until
-- an operator (or the local stack) gives them a password.

do $$
declare
  v_role text;
begin
  foreach v_role in array array['astra_api', 'astra_worker'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute format('create role %I nologin noinherit nobypassrls', v_role);
    end if;
    -- Studio, migrations and a function without a login of its own become these roles from `postgres`.
    if not pg_catalog.pg_has_role('postgres', v_role, 'set') then
      execute format('grant %I to postgres', v_role);
    end if;
  end loop;

  -- What a person may do themselves, the edge functions do as that person: never more than these two roles may.
  foreach v_role in array array['anon', 'authenticated'] loop
    if not pg_catalog.pg_has_role('astra_api', v_role, 'set') then
      execute format('grant %I to astra_api', v_role);
    end if;
  end loop;
end
$$;
