-- What the local Realtime server asks the database, and all that its login may call. Part of the template, and run at each start.
-- Functions that change the role are security invoker (a definer function may not); what needs the owner of realtime.messages is
-- a definer function of its own. The schema's name is that of the server's own schema in self-hosted Supabase.

create schema if not exists _realtime authorization supabase_realtime_admin;
grant usage on schema _realtime to supabase_realtime_gateway;

-- From here to the end of the transaction this is the owner of a token. Whoever calls it has the search path that a connection
-- of a hosted server has: policies may call functions that name no schema.
create or replace function _realtime.become(p_claims jsonb, p_topic text, p_headers text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform set_config('realtime.topic', p_topic, true),
    set_config('request.headers', p_headers, true),
    set_config('request.jwt.claims', p_claims::text, true),
    set_config('request.jwt.claim.sub', coalesce(p_claims ->> 'sub', ''), true),
    set_config('request.jwt.claim.role', p_claims ->> 'role', true);
  perform set_config('role', p_claims ->> 'role', true);
end
$$;

-- One message per extension, for the policies to look at.
create or replace function _realtime.place_probes(p_topic text, p_extensions text[]) returns uuid[]
language sql volatile security definer set search_path = '' as $$
  with placed as (
    insert into realtime.messages (topic, extension) select p_topic, extension from unnest(p_extensions) extension returning id
  )
  select array_agg(id) from placed
$$;

-- Of these extensions, those whose messages on a topic the owner of the claims may read. Leaves nothing behind: the block is
-- undone by its own exception, and variables outlive that.
create or replace function _realtime.readable(p_topic text, p_claims jsonb, p_headers text, p_extensions text[]) returns text[]
language plpgsql volatile set search_path = public, extensions as $$
declare
  v_probes uuid[];
  v_readable text[];
begin
  begin
    v_probes := _realtime.place_probes(p_topic, p_extensions);
    perform _realtime.become(p_claims, p_topic, p_headers);
    v_readable := array(
      select m.extension from realtime.messages m where m.inserted_at = localtimestamp and m.id = any (v_probes)
    );
    raise exception using errcode = 'RT000';
  exception when sqlstate 'RT000' then
    return v_readable;
  end;
end
$$;

-- Whether the owner of the claims may write a message of this extension on a topic.
create or replace function _realtime.writable(p_topic text, p_claims jsonb, p_headers text, p_extension text) returns boolean
language plpgsql volatile set search_path = public, extensions as $$
begin
  begin
    perform _realtime.become(p_claims, p_topic, p_headers);
    insert into realtime.messages (topic, extension) values (p_topic, p_extension);
    raise exception using errcode = 'RT000';
  exception
    when sqlstate 'RT000' then return true;
    when insufficient_privilege then return false;
  end;
end
$$;

-- Waits, at most a second, until these transactions are visible to new snapshots. A commit may be read from the log before that,
-- and a row that nobody can see yet would be kept from everybody. 32-bit ids, as the log has them.
create or replace function _realtime.await_visible(p_xids bigint[]) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_top bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
  v_xid bigint;
begin
  foreach v_xid in array p_xids loop
    v_xid := (v_top >> 32 << 32) | v_xid;
    -- From before the last time the counter wrapped around.
    if v_xid >= v_top + 2147483648 then v_xid := v_xid - 4294967296; end if;
    for i in 1 .. 2000 loop
      exit when pg_visible_in_snapshot(v_xid::text::xid8, pg_current_snapshot());
      perform pg_sleep(0.0005);
    end loop;
  end loop;
end
$$;

-- The newest private broadcasts of a topic, oldest first. Who may have them was decided before. Waits for transactions whose
-- broadcasts on the topic were already read from the log: whoever joins after that must find them here.
create or replace function _realtime.replayed(p_topic text, p_since timestamp, p_limit int, p_xids bigint[])
returns table (id uuid, event text, payload text, binary_payload bytea)
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform _realtime.await_visible(p_xids);
  return query
    select newest.id, newest.event, newest.payload::text, newest.binary_payload
    from (
      select m.id, m.event, m.payload, m.binary_payload, m.inserted_at
      from realtime.messages m
      where m.topic = p_topic and m.private and m.extension = 'broadcast' and m.event is not null
        and m.inserted_at >= p_since and m.inserted_at < now() at time zone 'utc' + interval '1 minute'
      order by m.inserted_at desc
      limit least(greatest(p_limit, 1), 25)
    ) newest
    order by newest.inserted_at;
end
$$;

-- For each of these claims the ordinals of those keys whose rows their owner may see. One statement per claims, prepared once per
-- role: `(select auth.uid())` is evaluated once per statement, so claims must never share one. Claims come ordered by role. A
-- policy that fails hides the rows from that subscriber only.
create or replace function _realtime.visible(p_relation oid, p_key_columns text[], p_keys jsonb, p_claims jsonb[], p_xids bigint[])
returns table (claims_ordinal int, key_ordinals bigint[])
language plpgsql volatile set search_path = public, extensions as $$
declare
  v_query text;
  v_role text;
begin
  perform _realtime.await_visible(p_xids);
  -- Constants and `offset 0` make it one index probe per key.
  select format(
    'prepare _realtime_visible as select array_agg(k.ordinal) from rows from (%s) with ordinality k(%s, ordinal)
     where exists (select from %s t where %s offset 0)',
    string_agg(format('unnest(%L::%s[])', keys.texts, format_type(a.atttypid, a.atttypmod)), ', ' order by c.ordinal),
    string_agg('key' || c.ordinal, ', ' order by c.ordinal),
    (select format('%I.%I', n.nspname, r.relname) from pg_class r join pg_namespace n on n.oid = r.relnamespace where r.oid = p_relation),
    string_agg(format('t.%I = k.key%s', c.name, c.ordinal), ' and ')
  ) into v_query
  from unnest(p_key_columns) with ordinality c(name, ordinal)
  join pg_attribute a on a.attrelid = p_relation and a.attname = c.name
  cross join lateral (
    select array_agg(e.key ->> (c.ordinal::int - 1) order by e.ordinal) as texts
    from jsonb_array_elements(p_keys) with ordinality e(key, ordinal)
  ) keys;

  for i in 1 .. cardinality(p_claims) loop
    begin
      perform _realtime.become(p_claims[i], '', '{}');
      if v_role is distinct from p_claims[i] ->> 'role' then
        -- A prepared statement outlives the undoing of its transaction.
        if exists (select from pg_prepared_statements s where s.name = '_realtime_visible') then
          deallocate _realtime_visible;
        end if;
        execute v_query;
        v_role := p_claims[i] ->> 'role';
      end if;
      execute 'execute _realtime_visible' into key_ordinals;
      if key_ordinals is not null then
        claims_ordinal := i;
        return next;
      end if;
    exception when others then
      v_role := null;
      raise warning 'the policies of % failed: %', p_relation::regclass, sqlerrm;
    end;
    perform set_config('role', 'none', true);
  end loop;
end
$$;

-- Rows of a table, given as objects of texts, as objects of JSON texts: what to_jsonb makes of each column.
create or replace function _realtime.rendered(p_relation oid, p_role text, p_rows jsonb) returns setof jsonb
language plpgsql volatile set search_path = public, extensions as $$
begin
  perform _realtime.become(jsonb_build_object('role', p_role), '', '{}');
  return query execute format(
    'select coalesce((select jsonb_object_agg(e.key, e.value::text) from jsonb_each(nullif(to_jsonb(r.*), ''null'')) e), ''{}'')
     from jsonb_array_elements($1) with ordinality x(v, ordinal), jsonb_populate_record(null::%s, x.v) r order by x.ordinal',
    (select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = p_relation)
  ) using p_rows;
end
$$;

-- The ordinals of those rows for which a comparison holds, or does not. `p_operator` and `p_right` are from the server's own
-- list, the column is looked up in the catalog; without rows this only says whether the comparison can be made.
create or replace function _realtime.matching(
  p_relation oid, p_role text, p_column text, p_operator text, p_right text, p_value text, p_holds boolean, p_rows jsonb
) returns setof bigint language plpgsql volatile set search_path = public, extensions as $$
begin
  perform _realtime.become(jsonb_build_object('role', p_role), '', '{}');
  return query execute (
    select format(
      'select x.ordinal from jsonb_array_elements($1) with ordinality x(v, ordinal), jsonb_populate_record(null::%I.%I, x.v) r
       where (r.%I %s %s) = $3',
      n.nspname, c.relname, a.attname, p_operator,
      case p_right
        when 'value' then format('$2::%s', format_type(a.atttypid, null))
        when 'values' then format('($2::%s[])', format_type(a.atttypid, null))
        else p_right
      end
    )
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = p_column and a.attnum > 0
    where c.oid = p_relation
  ) using p_rows, p_value, p_holds;
end
$$;

-- The values of a filter in the canonical text of the column's type.
create or replace function _realtime.canonical(p_relation oid, p_role text, p_column text, p_value text, p_many boolean)
returns text[] language plpgsql volatile set search_path = public, extensions as $$
declare
  v_values text[];
begin
  perform _realtime.become(jsonb_build_object('role', p_role), '', '{}');
  execute (
    select format(case when p_many then 'select ($1::%s[])::text[]' else 'select array[($1::%s)::text]' end, format_type(a.atttypid, null))
    from pg_attribute a where a.attrelid = p_relation and a.attname = p_column
  ) into v_values using p_value;
  return v_values;
end
$$;

-- One partition of realtime.messages per day from yesterday to three days ahead; days that ended more than three days ago are
-- dropped. Rows of a new day that are in the partition of every day move over, before the partition is known to publications, so
-- they are not sent again.
create or replace function _realtime.keep_days(p_today date default (now() at time zone 'utc')::date)
returns table (made int, dropped int)
language plpgsql volatile security definer set search_path = '' set lock_timeout = '2s' as $$
declare
  v_day date;
  v_name text;
begin
  made := 0;
  dropped := 0;
  for v_day in select p_today + o from generate_series(-1, 3) o loop
    v_name := 'messages_' || to_char(v_day, 'YYYY_MM_DD');
    continue when to_regclass('realtime.' || v_name) is not null;
    execute format('create table realtime.%I (like realtime.messages including all)', v_name);
    execute format('alter table realtime.%I enable row level security', v_name);
    execute format(
      'with moved as (delete from realtime.messages_every_day where inserted_at >= %L and inserted_at < %L returning *)
       insert into realtime.%I select * from moved', v_day, v_day + 1, v_name);
    execute format('alter table realtime.messages attach partition realtime.%I for values from (%L) to (%L)', v_name, v_day, v_day + 1);
    made := made + 1;
  end loop;
  for v_name in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'realtime.messages'::regclass and c.relname ~ '^messages_\d{4}_\d\d_\d\d$'
      and to_date(substr(c.relname, 10), 'YYYY_MM_DD') < p_today - 3
  loop
    execute format('drop table realtime.%I', v_name);
    dropped := dropped + 1;
  end loop;
  delete from realtime.messages_every_day where inserted_at < (now() at time zone 'utc') - interval '3 days';
  return next;
end
$$;

do $$
declare
  v_function regprocedure;
begin
  for v_function in select p.oid from pg_proc p where p.pronamespace = '_realtime'::regnamespace loop
    execute format('alter function %s owner to supabase_realtime_admin', v_function);
    execute format('revoke execute on function %s from public', v_function);
    execute format('grant execute on function %s to supabase_realtime_gateway', v_function);
  end loop;
end
$$;
