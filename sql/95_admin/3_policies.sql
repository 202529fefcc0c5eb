-- Reading only, and for service_role only: Studio on the local stack reads as that role. Not granted are the functions and
-- every way to write, which stay with `postgres`, the role of Studio on a hosted project. The REST API does not expose `admin`.
grant usage on schema admin to service_role;

alter table admin.audit_log enable row level security;
grant select on admin.audit_log to service_role;

-- A view reads tables with its owner's rights, but calls functions with those of its reader.
grant select on admin.outbox_lag, admin.dead_letters, admin.ledger_audit, admin.ledger_audits, admin.provider_events,
  admin.withdrawals, admin.frozen_wallets to service_role;
grant execute on function app_private.outbox_stats() to service_role;
grant execute on function ledger.audit() to service_role;

-- admin.operators: granted to nobody, for the sake of the hashes.
alter table admin.operators enable row level security;

grant select on admin.verification_queue to service_role;

alter table admin.corrections enable row level security;
grant select on admin.corrections to service_role;
grant select on admin.reports to service_role;
