create trigger tell_hold_placed after insert on ledger.holds
  for each row execute function app_private.tell_hold_placed();
create trigger tell_hold_resolved after update on ledger.holds
  for each row execute function app_private.tell_hold_resolved();

create trigger tell_withdrawal_placed after insert on ledger.withdrawals
  referencing new table as after
  for each statement execute function app_private.tell_withdrawal_changed();
create trigger tell_withdrawal_changed after update on ledger.withdrawals
  referencing old table as before new table as after
  for each statement execute function app_private.tell_withdrawal_changed();

create trigger tell_deposit_opened after insert on ledger.deposits
  referencing new table as after
  for each statement execute function app_private.tell_deposit_changed();
create trigger tell_deposit_changed after update on ledger.deposits
  referencing old table as before new table as after
  for each statement execute function app_private.tell_deposit_changed();

create trigger tell_request_made after insert on ledger.payment_requests
  referencing new table as after
  for each statement execute function app_private.tell_request_changed();
create trigger tell_request_changed after update on ledger.payment_requests
  referencing old table as before new table as after
  for each statement execute function app_private.tell_request_changed();

create trigger tell_account_linked after insert on ledger.linked_accounts
  referencing new table as after
  for each statement execute function app_private.tell_linked_account_changed();
create trigger tell_linked_account_changed after update on ledger.linked_accounts
  referencing old table as before new table as after
  for each statement execute function app_private.tell_linked_account_changed();

-- By column: a booking changes other columns of the same row, and must not pay for this.
create trigger tell_frozen_changed after update of frozen_in, frozen_out on ledger.accounts
  for each row
  when (new.purpose = 'available' and (old.frozen_in, old.frozen_out) is distinct from (new.frozen_in, new.frozen_out))
  execute function app_private.tell_frozen_changed();

create trigger tell_audit_failed after insert on ledger.audits
  for each row when (not new.ok) execute function app_private.tell_audit_failed();
