create trigger append_only before update or delete on admin.audit_log
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on admin.audit_log
  for each statement execute function ledger.refuse_change();

create trigger decided_once before update on admin.corrections
  for each row when (old.state <> 'proposed') execute function ledger.refuse_change();
create trigger append_only before delete on admin.corrections
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on admin.corrections
  for each statement execute function ledger.refuse_change();
