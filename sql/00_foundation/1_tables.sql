-- Trust zones: a schema says who may look inside. `public` is what SDK clients see.

create extension if not exists citext with schema extensions;
create extension if not exists pgcrypto with schema extensions; -- bcrypt, for operators' codes
create extension if not exists pg_trgm with schema extensions; -- search by parts of names

create schema app_hidden;
comment on schema app_hidden is 'Helpers that policies, views and roles may call. Never exposed by the REST API.';

create schema app_private;
comment on schema app_private is 'Internals and secrets: no role of a client may look inside. Edge functions and the worker call its functions.';

create schema ledger;
comment on schema ledger is 'Money: accounts, transfers and append-only entries. Written by functions only.';

create schema admin;
comment on schema admin is 'What operators use in Studio, as the role postgres.';

-- Nothing is open unless a grant says so: Postgres lets everybody execute a new function, and Supabase opens all of `public`.
alter default privileges for role postgres revoke execute on functions from public;
alter default privileges for role postgres in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges for role postgres in schema public revoke all on sequences from anon, authenticated, service_role;

create table app_private.idempotency_keys (
  owner uuid not null,
  key text not null check (length(key) between 1 and 255),
  operation text not null,
  request_hash bytea not null,
  status int,
  body jsonb,
  claimed_at timestamptz not null default now(),
  primary key (owner, key),
  constraint answer_is_whole check ((status is null) = (body is null))
) with (fillfactor = 70); -- the answer is written into the claimed row: room for a HOT update
comment on table app_private.idempotency_keys is
  'One row per write request of an owner: what was asked (hash) and what was answered, for 24 hours. A retry gets the answer again.';

-- For pruning. A B-tree would have cost every write of the API an insert more.
create index idempotency_keys_claimed_at_idx on app_private.idempotency_keys using brin (claimed_at);
