-- Reading only, and only through the views in `public` (the REST API does not expose `ledger`). No role but the owner may
-- write any of these tables: money moves through functions.
grant usage on schema ledger to authenticated, service_role;

alter table ledger.currencies enable row level security;
grant select on ledger.currencies to authenticated, service_role;
create policy "everybody signed in reads currencies" on ledger.currencies
  for select to authenticated using (true);

alter table ledger.fee_rules enable row level security;
grant select on ledger.fee_rules to authenticated, service_role;
create policy "everybody signed in reads fees" on ledger.fee_rules
  for select to authenticated using (true);

alter table ledger.accounts enable row level security;
grant select on ledger.accounts to authenticated, service_role;
create policy "people read their own accounts" on ledger.accounts
  for select to authenticated using (owner = (select auth.uid()));

-- ledger.transfers, ledger.reversals: granted to nobody. An entry says all that its owner may know of the transfer.
alter table ledger.transfers enable row level security;
alter table ledger.reversals enable row level security;

alter table ledger.entries enable row level security;
grant select on ledger.entries to authenticated, service_role;
create policy "people read entries of their own accounts" on ledger.entries
  for select to authenticated using (owner = (select auth.uid()));

alter table ledger.queued_entries enable row level security;
grant select on ledger.queued_entries to authenticated, service_role;
create policy "people read queued entries of their own accounts" on ledger.queued_entries
  for select to authenticated using (owner = (select auth.uid()));

-- ledger.controls: granted to nobody. Operators see it through `admin`.
alter table ledger.controls enable row level security;

alter table ledger.holds enable row level security;
grant select on ledger.holds to authenticated, service_role;
create policy "people read holds they gave or got" on ledger.holds
  for select to authenticated using (owner = (select auth.uid()) or payee = (select auth.uid()));

alter table ledger.payment_requests enable row level security;
grant select on ledger.payment_requests to authenticated, service_role;
create policy "people read requests they sent or got" on ledger.payment_requests
  for select to authenticated using (requester = (select auth.uid()) or payer = (select auth.uid()));

-- Not provider_token: it pays out to somebody's bank. And not how the provider is asked to forget it.
alter table ledger.linked_accounts enable row level security;
grant select (id, owner, provider, kind, bank_name, last4, currency, created_at, removed_at) on ledger.linked_accounts to authenticated, service_role;
create policy "people read their own linked accounts" on ledger.linked_accounts
  for select to authenticated using (owner = (select auth.uid()));

-- Not provider_reference, and not when the worker tries again.
alter table ledger.withdrawals enable row level security;
grant select (id, owner, linked_account_id, currency, amount_minor, fee_minor, state, failure, created_at, updated_at)
  on ledger.withdrawals to authenticated, service_role;
create policy "people read their own withdrawals" on ledger.withdrawals
  for select to authenticated using (owner = (select auth.uid()));

alter table ledger.deposits enable row level security;
grant select (id, owner, currency, amount_minor, provider, checkout, state, failure, created_at, updated_at)
  on ledger.deposits to authenticated, service_role;
create policy "people read their own deposits" on ledger.deposits
  for select to authenticated using (owner = (select auth.uid()));

-- ledger.provider_events: granted to nobody. Operators see what could not be applied through `admin`.
alter table ledger.provider_events enable row level security;

grant select on public.wallet, public.transactions, public.holds, public.payment_requests, public.linked_accounts,
  public.withdrawals, public.deposits to authenticated, service_role;
