create function admin.reverse_transfer(p_transfer uuid, p_reason text)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  t ledger.transfers;
  v_id uuid;
begin
  perform admin.require_reason(p_reason);
  select * into t from ledger.transfers x where x.id = p_transfer;
  if not found then
    perform app_hidden.fail(404, 'wallet.transaction_not_found', 'There is no transfer with this id.', 'Look for it in ledger.transfers.');
  end if;
  v_id := ledger.reverse_transfer(t, p_reason);
  insert into admin.audit_log (action, target, reason, before, after)
  values ('reverse_transfer', p_transfer::text, p_reason, to_jsonb(t), jsonb_build_object('reversal_id', v_id));
  return v_id;
end
$$;
comment on function admin.reverse_transfer(uuid, text) is
  'Books a payment, a split or a capture back to its payer, fees too, once, and gives the id of the reversal: select admin.reverse_transfer(''<id>'', ''why'').';
