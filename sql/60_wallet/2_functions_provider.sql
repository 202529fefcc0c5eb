-- The worker's side of withdrawals, and how withdrawals and deposits end. Each change of state is a compare-and-set on the row of the
-- withdrawal or deposit, which is locked before its hold and before any account (2_functions.sql, rule 3).

create function app_private.claim_withdrawals(p_limit int, p_lease interval)
returns table (
  id uuid, owner uuid, provider text, provider_token text, amount_minor bigint, currency text, exponent smallint, attempts int
)
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
#variable_conflict use_column
begin
  if exists (select from ledger.controls c where c.withdrawals_stopped_at is not null) then
    return;
  end if;
  return query
  with due as materialized (
    select w.id from ledger.withdrawals w
    where w.state = 'requested' and w.next_attempt_at <= now()
      -- Frozen after it was asked for: it waits here, and an operator sees it in admin.withdrawals.
      and not exists (select from ledger.accounts a where a.owner = w.owner and a.currency = w.currency and a.frozen_out)
    order by w.next_attempt_at
    limit least(greatest(p_limit, 1), 1000)
    for update skip locked
  ), claimed as (
    update ledger.withdrawals w
    set attempts = w.attempts + 1, next_attempt_at = clock_timestamp() + p_lease, updated_at = now()
    from due where w.id = due.id
    returning w.*
  )
  select x.id, x.owner, x.provider, l.provider_token, x.amount_minor, x.currency, c.exponent, x.attempts
  from claimed x
  join ledger.linked_accounts l on l.id = x.linked_account_id
  join ledger.currencies c on c.code = x.currency
  order by x.id;
end
$$;
comment on function app_private.claim_withdrawals(int, interval) is
  'Takes up to p_limit withdrawals that are to be handed to their provider, for p_lease: two workers never get the same one. None while withdrawals are stopped.';

create function app_private.withdrawal_submitted(p_id uuid, p_provider_reference text)
returns boolean
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
begin
  -- The provider's event may have been quicker: then only the reference is news.
  update ledger.withdrawals w
  set provider_reference = p_provider_reference, state = case when w.state = 'requested' then 'submitted' else w.state end,
    last_error = null, updated_at = now()
  where w.id = p_id and coalesce(w.provider_reference, p_provider_reference) = p_provider_reference
    and not exists (select from ledger.withdrawals x
      where x.provider = w.provider and x.provider_reference = p_provider_reference and x.id <> w.id);
  return found;
end
$$;
comment on function app_private.withdrawal_submitted(uuid, text) is
  'The provider has accepted the payout under this reference. May be repeated; false when it has another reference, or another payout has this one.';

create function app_private.withdrawal_retry(p_id uuid, p_error text, p_retry_in interval)
returns boolean
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
begin
  update ledger.withdrawals w
  set last_error = left(p_error, 2000), next_attempt_at = clock_timestamp() + p_retry_in, updated_at = now()
  where w.id = p_id and w.state = 'requested';
  return found;
end
$$;
comment on function app_private.withdrawal_retry(uuid, text, interval) is
  'The outcome at the provider is unknown: the same payout is handed over again after p_retry_in.';

create function app_private.withdrawal_refused(p_id uuid, p_reason text)
returns boolean
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
begin
  -- Submitted means that another attempt was accepted: then the provider's event alone ends it.
  perform from ledger.withdrawals w where w.id = p_id and w.state = 'requested' for no key update;
  return found and ledger.fail_withdrawal(p_id, p_reason);
end
$$;
comment on function app_private.withdrawal_refused(uuid, text) is
  'The provider refused the payout at once: it failed, and the money goes back. False when it was submitted or over already.';

create function ledger.fail_withdrawal(p_id uuid, p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  h ledger.holds;
begin
  update ledger.withdrawals w set state = 'failed', failure = left(p_reason, 500), updated_at = now()
  where w.id = p_id and w.state in ('requested', 'submitted');
  if not found then
    return false;
  end if;
  update ledger.holds x set state = 'voided', resolved_at = now() where x.id = p_id and x.state = 'open' returning * into strict h;
  perform ledger.release_hold(h);
  return true;
end
$$;
comment on function ledger.fail_withdrawal(uuid, text) is 'Ends a withdrawal without payment: its hold is voided and the money is available again. False when it was over.';

create function ledger.complete_withdrawal(p_id uuid)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  w ledger.withdrawals;
  v_accounts bigint[];
  v_amounts bigint[];
  v_transfer uuid;
begin
  update ledger.withdrawals x set state = 'paid', updated_at = now()
  where x.id = p_id and x.state in ('requested', 'submitted') returning * into w;
  if not found then
    return false;
  end if;
  perform from ledger.holds h where h.id = p_id and h.state = 'open' for update;
  v_accounts := array[ledger.ensure_account(w.owner, w.currency, 'pending'), ledger.system_account(w.currency, 'payouts')];
  v_amounts := array[-w.amount_minor - w.fee_minor, w.amount_minor];
  if w.fee_minor > 0 then
    v_accounts := v_accounts || ledger.system_account(w.currency, 'fees');
    v_amounts := v_amounts || w.fee_minor;
  end if;
  v_transfer := ledger.post('withdrawal', w.currency, v_accounts, v_amounts, w.owner, null, null, 'withdrawal');
  update ledger.holds h
  set state = 'captured', captured_minor = h.amount_minor, resolved_at = now(), transfer_id = v_transfer
  where h.id = p_id and h.state = 'open';
  if not found then
    raise exception 'withdrawal % has no open hold', p_id;
  end if;
  return true;
end
$$;
comment on function ledger.complete_withdrawal(uuid) is 'Books a payout that has reached the bank, with its fee, out of what was held for it. False when it was over.';

create function ledger.complete_deposit(p_id uuid)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  d ledger.deposits;
begin
  -- Failed is not final: a payer whose card was refused may pay the same deposit with another one.
  select * into d from ledger.deposits x where x.id = p_id and x.state <> 'completed' for no key update;
  if not found then
    return false;
  end if;
  d.transfer_id := ledger.post('deposit', d.currency,
    array[ledger.system_account(d.currency, 'funding'), ledger.ensure_account(d.owner, d.currency, 'available')],
    array[-d.amount_minor, d.amount_minor], null, d.owner, null, 'deposit');
  update ledger.deposits x set state = 'completed', failure = null, transfer_id = d.transfer_id, updated_at = now() where x.id = p_id;
  return true;
end
$$;
comment on function ledger.complete_deposit(uuid) is 'Books money that the provider has received for somebody, once. False when it was booked before.';
