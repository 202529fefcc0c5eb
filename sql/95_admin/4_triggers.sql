create trigger append_only before update or delete on admin.audit_log
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on admin.audit_log
  for each statement execute function ledger.refuse_change();
