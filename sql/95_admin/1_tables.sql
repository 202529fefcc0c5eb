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

create view admin.ledger_audits as
select a.id, a.started_at, a.finished_at, a.scope, a.ok, a.entries_checked, a.violations from ledger.audits a order by a.id desc;
comment on view admin.ledger_audits is 'What the scheduled audits found, newest first.';

create view admin.provider_events as
select e.provider, e.event_id, e.type, e.outcome, e.payload, e.received_at
from ledger.provider_events e
where e.outcome not in ('applied', 'already_applied', 'ignored')
order by e.received_at;
comment on view admin.provider_events is 'Webhooks of the payment provider that could not be applied. Mend the cause, then admin.retry_provider_event().';

create view admin.withdrawals as
select w.id, w.owner as user_id, p.username::text, w.state, app_hidden.format_amount(w.amount_minor, c.exponent) as amount, w.currency,
  w.provider, w.provider_reference, w.attempts, w.last_error, w.next_attempt_at, w.created_at,
  extract(epoch from clock_timestamp() - w.created_at)::bigint as age_seconds,
  exists (select from ledger.accounts a where a.owner = w.owner and a.currency = w.currency and a.frozen_out) as held_by_freeze
from ledger.withdrawals w
join ledger.currencies c on c.code = w.currency
left join public.profiles p on p.id = w.owner
where w.state in ('requested', 'submitted')
order by w.created_at;
comment on view admin.withdrawals is 'Withdrawals on their way, oldest first.';

create view admin.frozen_wallets as
select a.owner as user_id, p.username::text, bool_or(a.frozen_in) as frozen_in, bool_or(a.frozen_out) as frozen_out,
  (select jsonb_build_object('operator', l.operator, 'at', l.at, 'reason', l.reason) from admin.audit_log l
    where l.target = a.owner::text and l.action = 'freeze_wallet' order by l.at desc limit 1) as last_change
from ledger.accounts a
left join public.profiles p on p.id = a.owner
where a.frozen_in or a.frozen_out
group by a.owner, p.username;
comment on view admin.frozen_wallets is 'Whose wallets are frozen, which way, and who did it why.';

create table admin.operators (
  name text primary key check (name ~ '^[a-z][a-z0-9._-]{1,49}$'),
  code_hash text not null,
  added_at timestamptz not null default now(),
  removed_at timestamptz
);
comment on table admin.operators is
  'Who may propose and approve corrections. All operators share one database role, so a code of their own tells them apart: it keeps one person from acting as two by mistake or alone, not the owner of the database from anything.';

create table admin.corrections (
  id uuid primary key,
  user_id uuid not null,
  direction text not null check (direction in ('credit', 'debit')),
  currency text not null references ledger.currencies (code),
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null constraint reason_is_given check (length(trim(reason)) between 3 and 1000),
  state text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected')),
  proposed_by text not null references admin.operators (name),
  proposed_at timestamptz not null default now(),
  decided_by text references admin.operators (name),
  decided_at timestamptz,
  transfer_id uuid,
  constraint decided_whole check ((state = 'proposed') = (decided_by is null) and (state = 'approved') = (transfer_id is not null)),
  constraint four_eyes check (state <> 'approved' or decided_by <> proposed_by)
);
comment on table admin.corrections is 'Corrections of wallets: proposed by one operator, approved by another, who thereby books it against the funding account, or rejected.';
create index corrections_proposed_by_idx on admin.corrections (proposed_by);
create index corrections_decided_by_idx on admin.corrections (decided_by);
create index corrections_currency_idx on admin.corrections (currency);

create view admin.verification_queue as
select r.id, r.user_id, p.username::text, p.full_name, r.kind, r.level, r.statement, r.evidence_urls, p.is_verified, p.verification_level,
  p.is_business_account, c.followers_count, p.created_at as member_since, r.created_at,
  (select count(*) from public.verification_requests d where d.user_id = r.user_id and d.kind = r.kind and d.state = 'declined') as declined_before
from public.verification_requests r
join public.profiles p on p.id = r.user_id
left join public.profile_counts c on c.user_id = r.user_id
where r.state = 'open'
order by r.created_at;
comment on view admin.verification_queue is 'Who asks for a badge or a business account, oldest first. Decide with admin.decide_verification_request().';
