-- What the payment provider's webhooks tell. An event is kept as it came, and applied once, whatever the order.

create function ledger.payout_event(p_id uuid, p_type text, p_payload jsonb)
returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  v_state text := (select w.state from ledger.withdrawals w where w.id = p_id);
begin
  if v_state in ('paid', 'failed') then
    return case when p_type = 'payout.' || v_state then 'already_applied' else 'contradicts' end;
  end if;
  update ledger.withdrawals x set provider_reference = p_payload ->> 'provider_reference' where x.id = p_id;
  if p_type = 'payout.paid' then
    perform ledger.complete_withdrawal(p_id);
  else
    perform ledger.fail_withdrawal(p_id, coalesce(p_payload ->> 'reason', 'payout_failed'));
  end if;
  return 'applied';
end
$$;
comment on function ledger.payout_event(uuid, text, jsonb) is
  'What came of payout.paid or payout.failed about this withdrawal, which is locked: applied, already_applied or contradicts.';

create function ledger.deposit_event(p_id uuid, p_type text, p_payload jsonb)
returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  v_state text := (select d.state from ledger.deposits d where d.id = p_id);
  v_constraint text;
begin
  if p_type = 'deposit.failed' and v_state = 'pending' then
    update ledger.deposits x set state = 'failed', failure = left(coalesce(p_payload ->> 'reason', 'deposit_failed'), 500),
      provider_reference = p_payload ->> 'provider_reference', updated_at = now()
    where x.id = p_id;
    return 'applied';
  elsif p_type = 'deposit.failed' then
    return case v_state when 'failed' then 'already_applied' else 'contradicts' end;
  elsif v_state = 'completed' then
    return 'already_applied';
  end if;
  begin
    update ledger.deposits x set provider_reference = p_payload ->> 'provider_reference' where x.id = p_id;
    perform ledger.complete_deposit(p_id);
  exception
    -- The provider has the money and this wallet may not take it: kept until an operator has decided.
    when sqlstate 'PT404' or sqlstate 'PT422' then
      return 'wallet_unavailable';
    when check_violation then
      get stacked diagnostics v_constraint = constraint_name;
      if v_constraint <> 'balance_above_floor' then
        raise;
      end if;
      return 'beyond_the_books';
  end;
  return 'applied';
end
$$;
comment on function ledger.deposit_event(uuid, text, jsonb) is
  'What came of deposit.succeeded or deposit.failed about this deposit, which is locked: as of a payout, or wallet_unavailable when the wallet is frozen or closed, or beyond_the_books when the funding account can owe no more.';

create function ledger.payment_event(p_provider text, p_type text, p_payload jsonb)
returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := (p_payload ->> 'reference')::uuid;
  v_given text := p_payload ->> 'provider_reference';
  v_is_payout boolean := p_type in ('payout.paid', 'payout.failed');
  v_known record;
  v_is_taken boolean;
begin
  -- Nothing moves by what does not fit what was asked for.
  if v_is_payout then
    select w.amount_minor, w.currency, w.provider_reference into v_known
    from ledger.withdrawals w where w.id = v_id and w.provider = p_provider for no key update;
  else
    select d.amount_minor, d.currency, d.provider_reference into v_known
    from ledger.deposits d where d.id = v_id and d.provider = p_provider for no key update;
  end if;
  if not found then
    return 'unknown_reference';
  elsif (p_payload ->> 'amount_minor', p_payload ->> 'currency') is distinct from (v_known.amount_minor::text, v_known.currency) then
    return 'amount_differs';
  end if;
  if v_is_payout then
    v_is_taken := exists (select from ledger.withdrawals w where w.provider = p_provider and w.provider_reference = v_given and w.id <> v_id);
  else
    v_is_taken := exists (select from ledger.deposits d where d.provider = p_provider and d.provider_reference = v_given and d.id <> v_id);
  end if;
  if v_is_taken or v_given is distinct from coalesce(v_known.provider_reference, v_given) then
    return 'reference_differs';
  elsif v_is_payout then
    return ledger.payout_event(v_id, p_type, p_payload);
  end if;
  return ledger.deposit_event(v_id, p_type, p_payload);
end
$$;
comment on function ledger.payment_event(text, text, jsonb) is
  'What came of an event about a withdrawal or a deposit: unknown_reference, amount_differs, reference_differs, or what ledger.payout_event or ledger.deposit_event says.';

create function ledger.settle_provider_event(p_provider text, p_event_id text)
returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  e ledger.provider_events;
begin
  select * into strict e from ledger.provider_events x where x.provider = p_provider and x.event_id = p_event_id for update;
  if e.outcome in ('applied', 'already_applied', 'ignored') then
    return 'duplicate';
  elsif e.type in ('payout.paid', 'payout.failed', 'deposit.succeeded', 'deposit.failed') then
    e.outcome := ledger.payment_event(p_provider, e.type, e.payload);
  else
    e.outcome := 'ignored';
  end if;
  update ledger.provider_events x set outcome = e.outcome where x.provider = p_provider and x.event_id = p_event_id;
  return e.outcome;
end
$$;
comment on function ledger.settle_provider_event(text, text) is
  'Applies a kept event if it can be applied now, as it first arrived, and keeps what came of it; duplicate when nothing is left to do.';

-- Security definer: the ledger is closed to the API, which has checked the signature.
create function app_private.apply_provider_event(p_provider text, p_event_id text, p_type text, p_payload jsonb)
returns text
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- A copy that arrives at the same time waits here for the first.
  insert into ledger.provider_events (provider, event_id, type, payload, outcome)
  values (p_provider, p_event_id, p_type, coalesce(p_payload, '{}'), 'received')
  on conflict (provider, event_id) do nothing;
  return ledger.settle_provider_event(p_provider, p_event_id);
end
$$;
comment on function app_private.apply_provider_event(text, text, text, jsonb) is
  'Books what a verified webhook tells, once, whatever the order. applied, already_applied, duplicate and ignored are done with; after unknown_reference ask the provider to send it again (503); the others are kept for operators in admin.provider_events.';

create function app_private.prune_provider_events()
returns bigint
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
declare
  v_pruned bigint;
begin
  -- Far longer than a provider sends one again. A copy that comes even later changes nothing either.
  with old as (
    select e.provider, e.event_id from ledger.provider_events e
    where e.outcome in ('ignored', 'already_applied') and e.received_at < now() - interval '90 days'
    order by e.received_at limit 10000
    for update skip locked
  )
  delete from ledger.provider_events e using old where e.provider = old.provider and e.event_id = old.event_id;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$$;
comment on function app_private.prune_provider_events() is
  'Deletes up to 10,000 events that changed nothing and are older than 90 days, and says how many: call again until 0. What was applied, and what waits for an operator, stays.';
