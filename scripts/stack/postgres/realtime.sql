-- What the Realtime server of a hosted project makes in the schema `realtime`, as far as broadcasts from the database need it.
-- Definitions follow https://github.com/supabase/realtime (priv/repo/tenant_schema and lib/realtime/tenants/repo/migrations).
-- Part of the template, and run once on a database that is older than it: only additions, as the superuser `supabase_admin`.
-- What differs: a hosted server makes a partition for each day while somebody is connected and drops it after three days. Here
-- one partition takes every day, and the stack deletes what is older when it starts.

-- A hosted project lets `postgres` make policies on this table by an extension (supautils); without it, by membership.
grant supabase_realtime_admin to postgres;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  constraint messages_payload_exclusive check (payload is null or binary_payload is null) not valid,
  constraint messages_pkey primary key (id, inserted_at)
) partition by range (inserted_at);
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
create index messages_inserted_at_topic_index on only realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;

create table realtime.messages_every_day partition of realtime.messages default;
alter table realtime.messages_every_day owner to supabase_realtime_admin;

-- The topic that a client wants to join; set by the server while it asks the policies.
create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')::text
$$;
alter function realtime.topic() owner to supabase_realtime_admin;

create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $$
declare
  generated_id uuid;
  final_payload jsonb;
begin
  begin
    generated_id := gen_random_uuid();
    if payload ? 'id' then
      final_payload := payload;
    else
      final_payload := jsonb_set(payload, '{id}', to_jsonb(generated_id));
    end if;
    execute format('set local realtime.topic to %L', topic);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (generated_id, final_payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;
