-- Corrections take two operators: one proposes, another approves.

create function admin.add_operator(p_name text, p_code text, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform admin.require_reason(p_reason);
  -- bcrypt reads 72 bytes.
  if p_code is null or length(p_code) < 12 or octet_length(p_code) > 72 then
    raise exception 'an operator''s code has 12 to 72 bytes' using errcode = 'invalid_parameter_value';
  end if;
  insert into admin.operators as o (name, code_hash)
  values (p_name, extensions.crypt(p_code, extensions.gen_salt('bf', 10)))
  on conflict (name) do update set code_hash = excluded.code_hash, removed_at = null
  -- Never the code of somebody active: whoever replaced it could act as two without a trace of the other's end.
  where o.removed_at is not null;
  if not found then
    perform app_hidden.fail(409, 'admin.operator_exists', format('There is an operator called %s already.', p_name),
      'For a new code end the old one first, which the audit log shows: admin.remove_operator, then admin.add_operator.');
  end if;
  perform admin.log('add_operator', p_name, p_reason, null, null);
end
$$;
comment on function admin.add_operator(text, text, text) is
  'Makes somebody an operator, or again after admin.remove_operator, with a code of 12 to 72 bytes, kept as a bcrypt hash; else 409 admin.operator_exists.';

create function admin.remove_operator(p_name text, p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_removed int;
begin
  perform admin.require_reason(p_reason);
  update admin.operators o set removed_at = now() where o.name = p_name and o.removed_at is null;
  get diagnostics v_removed = row_count;
  perform admin.log('remove_operator', p_name, p_reason, null, null);
  return v_removed > 0;
end
$$;
comment on function admin.remove_operator(text, text) is 'From now on this operator proposes and approves nothing. True when that is a change.';

create function admin.assert_operator(p_name text, p_code text)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_hash text;
begin
  select o.code_hash into v_hash from admin.operators o where o.name = p_name and o.removed_at is null;
  if v_hash is null or extensions.crypt(p_code, v_hash) is distinct from v_hash then
    perform app_hidden.fail(403, 'admin.not_operator', 'There is no operator with this name and code.',
      'Check both; for a new code: admin.remove_operator, then admin.add_operator.');
  end if;
end
$$;
comment on function admin.assert_operator(text, text) is 'Refuses with 403 admin.not_operator who is no operator or has another code.';

create function admin.propose_correction(
  p_operator text, p_code text, p_username text, p_direction text, p_amount text, p_currency text, p_reason text
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  c admin.corrections;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  insert into admin.corrections (id, user_id, direction, currency, amount_minor, reason, proposed_by)
  values (app_private.uuid_v7(), admin.wallet_owner(p_username), p_direction, p_currency, ledger.parse_amount(p_amount, p_currency), p_reason, p_operator)
  returning * into c;
  insert into admin.audit_log (operator, action, target, reason, after)
  values (p_operator, 'propose_correction', c.user_id::text, p_reason, to_jsonb(c));
  return c.id;
end
$$;
comment on function admin.propose_correction(text, text, text, text, text, text, text) is
  'Proposes to credit or debit a wallet and gives the id under which another operator approves or rejects it. Nothing is booked yet.';

create function admin.decide_correction(p_id uuid, p_operator text, p_code text, p_approve boolean)
returns admin.corrections
language plpgsql volatile
set search_path = ''
as $$
declare
  c admin.corrections;
begin
  perform admin.assert_operator(p_operator, p_code);
  select * into c from admin.corrections x where x.id = p_id for update;
  if not found then
    perform app_hidden.fail(404, 'admin.correction_not_found', 'There is no such correction.', 'Look into admin.corrections.');
  elsif c.state <> 'proposed' then
    perform app_hidden.fail(409, 'admin.correction_decided', format('This correction was %s already.', c.state), 'Propose a new one.');
  elsif p_approve and c.proposed_by = p_operator then
    perform app_hidden.fail(403, 'admin.four_eyes', 'Nobody approves what they proposed.', 'Ask another operator.');
  end if;
  return c;
end
$$;
comment on function admin.decide_correction(uuid, text, text, boolean) is
  'The correction, locked, for an operator who may decide it; else 403, 404 or 409. Who proposed it may reject it.';

create function admin.approve_correction(p_id uuid, p_operator text, p_code text, p_reason text)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  c admin.corrections := admin.decide_correction(p_id, p_operator, p_code, true);
  v_account bigint;
  v_sign int := case c.direction when 'credit' then 1 else -1 end;
  v_before jsonb;
  v_transfer uuid;
begin
  perform admin.require_reason(p_reason);
  -- Also of a closed wallet, which gets no new accounts.
  select a.id into v_account from ledger.accounts a where a.owner = c.user_id and a.currency = c.currency and a.purpose = 'available';
  v_account := coalesce(v_account, ledger.ensure_account(c.user_id, c.currency, 'available'));
  perform from ledger.accounts a where a.id = v_account for no key update;
  v_before := admin.wallet_state(c.user_id, c.currency);
  v_transfer := ledger.post('correction', c.currency, array[v_account, ledger.system_account(c.currency, 'funding')],
    array[v_sign * c.amount_minor, -v_sign * c.amount_minor],
    case c.direction when 'debit' then c.user_id end, case c.direction when 'credit' then c.user_id end, c.reason, 'correction');
  update admin.corrections x
  set state = 'approved', decided_by = p_operator, decided_at = now(), transfer_id = v_transfer where x.id = p_id;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, 'approve_correction', c.user_id::text, p_reason, v_before, admin.wallet_state(c.user_id, c.currency)
    || jsonb_build_object('correction_id', p_id, 'proposed_by', c.proposed_by, 'transfer_id', v_transfer));
  return v_transfer;
end
$$;
comment on function admin.approve_correction(uuid, text, text, text) is
  'Books what another operator proposed, against the funding account, and gives the transfer id. A freeze does not stop it; a debit takes no more than is there.';

create function admin.reject_correction(p_id uuid, p_operator text, p_code text, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  c admin.corrections := admin.decide_correction(p_id, p_operator, p_code, false);
begin
  perform admin.require_reason(p_reason);
  update admin.corrections x set state = 'rejected', decided_by = p_operator, decided_at = now() where x.id = p_id;
  insert into admin.audit_log (operator, action, target, reason, after)
  values (p_operator, 'reject_correction', c.user_id::text, p_reason, jsonb_build_object('correction_id', p_id, 'proposed_by', c.proposed_by));
end
$$;
comment on function admin.reject_correction(uuid, text, text, text) is 'Ends a proposed correction without booking it.';
