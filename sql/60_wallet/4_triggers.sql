create trigger open_system_accounts after insert on ledger.currencies
  for each row execute function ledger.open_system_accounts();

create trigger open_wallet after insert on public.profiles
  for each row execute function ledger.open_wallet();
create trigger close_wallet after delete on public.profiles
  for each row execute function ledger.close_wallet();

create trigger append_only before update or delete on ledger.entries
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.entries
  for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete on ledger.transfers
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.transfers
  for each statement execute function ledger.refuse_change();

create constraint trigger transfer_is_balanced after insert on ledger.transfers
  deferrable initially deferred
  for each row execute function ledger.assert_balanced();
create constraint trigger transfer_is_balanced after insert on ledger.entries
  deferrable initially deferred
  for each row execute function ledger.assert_balanced();
