-- graphile-worker keeps its own tables here and migrates them itself, as their owner.
create schema graphile_worker authorization astra_worker;

create table app_private.outbox_events (
  id uuid primary key,
  position bigint generated always as identity,
  tx_id xid8 not null default pg_current_xact_id(),
  type text not null,
  version smallint not null default 1,
  actor_id uuid,
  payload jsonb not null check (jsonb_typeof(payload) = 'object'),
  occurred_at timestamptz not null default now(),
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  processed_at timestamptz,
  dead_at timestamptz,
  last_error text
) with (
  -- Every event is inserted once and updated twice: dead rows come as fast as events do, so the vacuum goes by their
  -- number and not by a share of a table that mostly holds history.
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table app_private.outbox_events is
  'Domain events, written in the transaction of the change they tell of. Pending until processed_at or dead_at is set.';

-- Only what is still to do is in this index, so it stays small however long the history is.
create index outbox_events_pending_idx on app_private.outbox_events (next_attempt_at, position)
  where processed_at is null and dead_at is null;
create index outbox_events_dead_idx on app_private.outbox_events (dead_at) where dead_at is not null;
-- The order of the log. position alone is not one: a transaction that took a lower position may commit later.
create unique index outbox_events_log_idx on app_private.outbox_events (tx_id, position);
