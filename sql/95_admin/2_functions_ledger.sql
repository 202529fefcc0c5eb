-- What operators do to wallets and to the ledger as a whole. Each leaves a row in admin.audit_log. As all of `admin`: security
-- invoker, granted to nobody.

create function admin.log(p_action text, p_target text, p_reason text, p_before jsonb, p_after jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into admin.audit_log (action, target, reason, before, after) values (p_action, p_target, p_reason, p_before, p_after);
end
$$;
comment on function admin.log(text, text, text, jsonb, jsonb) is 'Writes down what an operator did.';

create function admin.wallet_owner(p_username text)
returns uuid
language plpgsql stable
set search_path = ''
as $$
begin
  -- Somebody who deleted their account has no username any more, but may have left money behind.
  if p_username ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    and exists (select from ledger.accounts a where a.owner = p_username::uuid) then
    return p_username::uuid;
  end if;
  return admin.person(p_username);
end
$$;
comment on function admin.wallet_owner(text) is 'Whose wallet this is, by username, or by id also after they deleted their account; else 404 users.not_found.';

create function admin.fund_wallet(p_username text, p_amount text, p_currency text, p_reason text)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user uuid := admin.person(p_username);
  v_amount bigint := ledger.parse_amount(p_amount, p_currency);
  v_account bigint := ledger.ensure_account(v_user, p_currency, 'available');
  v_before jsonb;
  v_transfer uuid;
begin
  perform admin.require_reason(p_reason);
  -- So that before and after belong together. The one wait comes before ledger.post, which books without waiting.
  perform from ledger.accounts a where a.id = v_account for no key update;
  v_before := admin.wallet_state(v_user, p_currency);
  v_transfer := ledger.post('funding', p_currency,
    array[ledger.system_account(p_currency, 'funding'), v_account], array[-v_amount, v_amount], null, v_user, p_reason, 'funding');
  perform admin.log('fund_wallet', v_user::text, p_reason, v_before,
    admin.wallet_state(v_user, p_currency) || jsonb_build_object('transfer_id', v_transfer));
  return v_transfer;
end
$$;
comment on function admin.fund_wallet(text, text, text, text) is
  'Credits a wallet from the funding account and gives the transfer id: select admin.fund_wallet(''alice'', ''100.00'', ''USD'', ''why'').';

create function admin.freeze_wallet(p_username text, p_freeze text, p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user uuid := admin.wallet_owner(p_username);
  v_before text;
begin
  perform admin.require_reason(p_reason);
  if p_freeze is null or p_freeze not in ('in', 'out', 'both', 'none') then
    raise exception 'a wallet is frozen in, out, both or none, not %', p_freeze using errcode = 'invalid_parameter_value';
  end if;
  -- The same lock as the first use of a currency takes: no account appears unfrozen beside this change.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || v_user::text, 0));
  perform from ledger.accounts a where a.owner = v_user order by a.id for no key update;
  select case when bool_or(a.frozen_in) and bool_or(a.frozen_out) then 'both' when bool_or(a.frozen_in) then 'in'
    when bool_or(a.frozen_out) then 'out' else 'none' end into v_before
  from ledger.accounts a where a.owner = v_user;
  update ledger.accounts a set frozen_in = p_freeze in ('in', 'both'), frozen_out = p_freeze in ('out', 'both'), updated_at = now()
  where a.owner = v_user;
  perform admin.log(case p_freeze when 'none' then 'unfreeze_wallet' else 'freeze_wallet' end, v_user::text, p_reason,
    jsonb_build_object('freeze', v_before), jsonb_build_object('freeze', p_freeze));
  return v_before <> p_freeze;
end
$$;
comment on function admin.freeze_wallet(text, text, text) is
  'Stops money from coming into a person''s wallet (in), from leaving it (out), both, or neither (none), in all currencies. True when that is a change.';

create function admin.minor_units(p_amount text, p_currency text)
returns bigint
language plpgsql stable
set search_path = ''
as $$
begin
  if p_amount ~ '^0(\.0+)?$' then
    return 0;
  end if;
  return case when p_amount is not null then ledger.parse_amount(p_amount, p_currency) end;
end
$$;
comment on function admin.minor_units(text, text) is 'Decimal text as minor units, zero and null included.';

create function admin.set_fee(
  p_currency text, p_kind text, p_percent numeric, p_fixed text, p_minimum text, p_maximum text, p_charged_to text, p_reason text
)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform admin.require_reason(p_reason);
  select to_jsonb(f) into v_before from ledger.fee_rules f where f.currency = p_currency and f.kind = p_kind for update;
  insert into ledger.fee_rules as f (currency, kind, percent, fixed_minor, minimum_minor, maximum_minor, charged_to)
  values (p_currency, p_kind, coalesce(p_percent, 0), coalesce(admin.minor_units(p_fixed, p_currency), 0),
    coalesce(admin.minor_units(p_minimum, p_currency), 0), admin.minor_units(p_maximum, p_currency), p_charged_to)
  on conflict (currency, kind) do update set percent = excluded.percent, fixed_minor = excluded.fixed_minor,
    minimum_minor = excluded.minimum_minor, maximum_minor = excluded.maximum_minor, charged_to = excluded.charged_to
  returning to_jsonb(f) into v_after;
  perform admin.log('set_fee', p_currency || ' ' || p_kind, p_reason, v_before, v_after);
end
$$;
comment on function admin.set_fee(text, text, numeric, text, text, text, text, text) is
  'The fee on transfers, captures or withdrawals of a currency from now on: select admin.set_fee(''USD'', ''withdrawal'', 1.5, ''0.25'', null, ''10'', ''sender'', ''why'').';

create function admin.remove_fee(p_currency text, p_kind text, p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_before jsonb;
begin
  perform admin.require_reason(p_reason);
  delete from ledger.fee_rules f where f.currency = p_currency and f.kind = p_kind returning to_jsonb(f) into v_before;
  perform admin.log('remove_fee', p_currency || ' ' || p_kind, p_reason, v_before, null);
  return v_before is not null;
end
$$;
comment on function admin.remove_fee(text, text, text) is 'No fee on this kind of transfer from now on. True when there was one.';

create function admin.switch_withdrawals(p_stopped boolean, p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_before ledger.controls;
begin
  perform admin.require_reason(p_reason);
  insert into ledger.controls default values on conflict do nothing;
  select * into v_before from ledger.controls c for update;
  update ledger.controls c set withdrawals_stopped_at = case when p_stopped then now() end,
    withdrawals_stopped_because = case when p_stopped then p_reason end;
  perform admin.log(case when p_stopped then 'stop_withdrawals' else 'resume_withdrawals' end, 'ledger', p_reason,
    to_jsonb(v_before) - 'single', (select to_jsonb(c) - 'single' from ledger.controls c));
  return p_stopped = (v_before.withdrawals_stopped_at is null);
end
$$;
comment on function admin.switch_withdrawals(boolean, text) is 'What stop_withdrawals and resume_withdrawals do.';

create function admin.stop_withdrawals(p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
begin
  return admin.switch_withdrawals(true, p_reason);
end
$$;
comment on function admin.stop_withdrawals(text) is 'No withdrawal is taken or handed to a provider from now on. True when that is a change.';

create function admin.resume_withdrawals(p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
begin
  return admin.switch_withdrawals(false, p_reason);
end
$$;
comment on function admin.resume_withdrawals(text) is
  'Allows withdrawals again, as after an audit that found something. The next audit stops them again if it still finds it. True when that is a change.';

create function admin.retry_provider_event(p_provider text, p_event_id text, p_reason text)
returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  v_before text;
  v_outcome text;
begin
  perform admin.require_reason(p_reason);
  select e.outcome into v_before from ledger.provider_events e where e.provider = p_provider and e.event_id = p_event_id;
  if not found then
    raise exception 'no event % of %', p_event_id, p_provider using errcode = 'no_data_found';
  end if;
  v_outcome := ledger.settle_provider_event(p_provider, p_event_id);
  perform admin.log('retry_provider_event', p_provider || ' ' || p_event_id, p_reason,
    jsonb_build_object('outcome', v_before), jsonb_build_object('outcome', v_outcome));
  return v_outcome;
end
$$;
comment on function admin.retry_provider_event(text, text, text) is
  'Tries once more to apply what the payment provider told, after its cause was mended (admin.provider_events), and says what came of it.';
