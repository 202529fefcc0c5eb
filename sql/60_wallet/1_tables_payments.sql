-- Money in and out: what the payment provider has to do with. As in 1_tables.sql there is no foreign key to auth.users.

create table ledger.linked_accounts (
  id uuid primary key,
  owner uuid not null,
  provider text not null,
  provider_token text,
  kind text not null check (kind in ('bank_account', 'card')),
  bank_name text,
  last4 text check (last4 ~ '^[0-9A-Za-z]{4}$'),
  currency text references ledger.currencies (code),
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  constraint in_use_with_a_token check (provider_token is not null or removed_at is not null)
);
comment on table ledger.linked_accounts is
  'Where a person''s withdrawals go: tokens of the payment provider, never account numbers. The worker has the provider forget a removed account (attempts, next_attempt_at, last_error), and then the token is forgotten here.';
create unique index linked_accounts_token_idx on ledger.linked_accounts (owner, provider, provider_token) where removed_at is null;
create index linked_accounts_to_forget_idx on ledger.linked_accounts (next_attempt_at) where removed_at is not null and provider_token is not null;

create table ledger.withdrawals (
  id uuid primary key references ledger.holds (id),
  owner uuid not null,
  linked_account_id uuid not null references ledger.linked_accounts (id),
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  fee_minor bigint not null default 0 check (fee_minor >= 0),
  provider text not null,
  provider_reference text,
  state text not null default 'requested' check (state in ('requested', 'submitted', 'paid', 'failed')),
  failure text,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint one_payout_per_reference unique (provider, provider_reference)
);
comment on table ledger.withdrawals is
  'Payouts on their way: requested here, submitted to the provider, then paid or failed as its webhook says. amount_minor reaches the bank, fee_minor is ours; both are held. failure is for the owner, last_error for operators.';
create index withdrawals_owner_idx on ledger.withdrawals (owner, created_at desc, id desc);
create index withdrawals_linked_account_idx on ledger.withdrawals (linked_account_id);
create index withdrawals_on_their_way_idx on ledger.withdrawals (created_at) where state in ('requested', 'submitted');
create index withdrawals_requested_idx on ledger.withdrawals (next_attempt_at) where state = 'requested';

create table ledger.deposits (
  id uuid primary key,
  owner uuid not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor between 1 and 1000000000000000),
  provider text not null,
  provider_reference text,
  checkout jsonb,
  state text not null default 'pending' check (state in ('pending', 'completed', 'failed')),
  failure text,
  transfer_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint one_deposit_per_reference unique (provider, provider_reference)
);
comment on table ledger.deposits is 'Money on its way in. Booked from the funding account when the provider''s webhook says that it is there.';
create index deposits_owner_idx on ledger.deposits (owner, created_at desc, id desc);

create table ledger.provider_events (
  provider text not null,
  event_id text not null,
  type text not null,
  payload jsonb not null,
  outcome text not null,
  received_at timestamptz not null default now(),
  primary key (provider, event_id)
);
comment on table ledger.provider_events is
  'Each webhook of a payment provider once, with what came of it: applied, ignored, or why it could not be applied. What changed nothing is deleted after 90 days.';
create index provider_events_done_idx on ledger.provider_events (received_at) where outcome in ('ignored', 'already_applied');
