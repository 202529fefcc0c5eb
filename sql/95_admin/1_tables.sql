create table admin.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  operator text not null default session_user,
  action text not null,
  target text not null,
  reason text not null constraint reason_is_given check (length(trim(reason)) between 3 and 1000),
  before jsonb,
  after jsonb
);
comment on table admin.audit_log is 'Who did what to whom and why, with the state before and after. Append-only.';
create index audit_log_target_idx on admin.audit_log (target, at desc);

-- These views read with the rights of their owner: whoever may read one sees what it shows and needs nothing beneath it.
create view admin.outbox_lag as
select s.pending, s.dead, s.oldest_pending_seconds from app_private.outbox_stats() s;
comment on view admin.outbox_lag is 'How far the worker is behind.';

create view admin.dead_letters as
select e.id, e.type, e.occurred_at, e.dead_at, e.attempts, e.last_error, e.payload
from app_private.outbox_events e
where e.dead_at is not null
order by e.dead_at desc;
comment on view admin.dead_letters is 'Events that the worker gave up, with the reason. Mend the cause, then admin.retry_dead_letters().';

create view admin.ledger_audit as
select a.invariant, a.violations, a.violations = 0 as ok from ledger.audit() a;
comment on view admin.ledger_audit is 'The invariants of the ledger, checked now over everything.';
