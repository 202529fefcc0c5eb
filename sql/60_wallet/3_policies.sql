-- Reading only, and only through the views in `public` (the REST API does not expose `ledger`). No role but the owner may
-- write any of these tables: money moves through functions.
grant usage on schema ledger to authenticated, service_role;

alter table ledger.currencies enable row level security;
grant select on ledger.currencies to authenticated, service_role;
create policy "everybody signed in reads currencies" on ledger.currencies
  for select to authenticated using (true);

alter table ledger.accounts enable row level security;
grant select on ledger.accounts to authenticated, service_role;
create policy "people read their own accounts" on ledger.accounts
  for select to authenticated using (owner = (select auth.uid()));

-- ledger.transfers: granted to nobody. An entry says all that its owner may know of the transfer.
alter table ledger.transfers enable row level security;

alter table ledger.entries enable row level security;
grant select on ledger.entries to authenticated, service_role;
create policy "people read entries of their own accounts" on ledger.entries
  for select to authenticated using (owner = (select auth.uid()));

grant execute on function app_private.post_transaction(uuid, text, bytea, text, text, text, text, text) to astra_api;

-- The shape of the product over the ledger. Security invoker: the policies above decide whose rows these are.
grant select on public.wallet to authenticated, service_role;
grant select on public.transactions to authenticated, service_role;
