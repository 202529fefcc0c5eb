-- Money in and out, for the people who ask. What the provider tells is in 2_functions_webhooks.sql.

create function ledger.link_account(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_token text := p_arguments ->> 'provider_token';
  v_id uuid;
begin
  -- As a whole an IBAN, eight digits or more behind a word at most, or a card's groups of four, with whatever blanks between: never a
  -- token. Digits within a longer word are: providers' tokens are random.
  if regexp_replace(v_token, '\s', '', 'g') ~* '^[a-z]{2}[0-9]{2}[a-z0-9]{11,30}$|^[a-z]{0,12}[-_:#]?[0-9-]{8,}$|[0-9]{4}-[0-9]{4}-[0-9]{4}' then
    perform app_hidden.fail(422, 'wallet.raw_account_number', 'This looks like the number of an account.',
      'Send the token that the payment provider gave for it.');
  end if;
  -- One at a time for each person, so that two at once cannot both be the tenth.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || p_actor::text, 0));
  select l.id into v_id from ledger.linked_accounts l
  where l.owner = p_actor and l.provider = p_arguments ->> 'provider' and l.provider_token = v_token and l.removed_at is null;
  if not found then
    if (select count(*) >= 10 from ledger.linked_accounts l where l.owner = p_actor and l.removed_at is null) then
      perform app_hidden.fail(422, 'wallet.linked_account_limit', 'At most 10 accounts can be linked.', 'Remove one first.');
    end if;
    insert into ledger.linked_accounts (id, owner, provider, provider_token, kind, bank_name, last4, currency)
    values (app_private.uuid_v7(), p_actor, p_arguments ->> 'provider', v_token, p_arguments ->> 'kind', p_arguments ->> 'bank_name',
      p_arguments ->> 'last4', (select c.code from ledger.currencies c where c.code = upper(p_arguments ->> 'currency')))
    returning id into v_id;
    -- Removed and linked again before the provider was told: now it must not forget it.
    update ledger.linked_accounts l set provider_token = null
    where l.owner = p_actor and l.provider = p_arguments ->> 'provider' and l.provider_token = v_token and l.id <> v_id;
  end if;
  return (select to_jsonb(v) from public.linked_accounts v where v.id = v_id and v.user_id = p_actor);
end
$$;
comment on function ledger.link_account(uuid, jsonb) is
  'Remembers where a person''s withdrawals can go: {provider, provider_token, kind, bank_name, last4, currency}. The same token again is the same account.';

create function ledger.unlink_account(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid;
begin
  select l.id into v_id from ledger.linked_accounts l
  where l.id = (p_arguments ->> 'id')::uuid and l.owner = p_actor and l.removed_at is null for update;
  if not found then
    perform app_hidden.fail(404, 'wallet.linked_account_not_found', 'You have no such linked account.', 'Take an id from GET wallet/linked-accounts.');
  end if;
  -- Else nobody could say any more where a payout went that is still to arrive.
  if exists (select from ledger.withdrawals w where w.linked_account_id = v_id and w.state in ('requested', 'submitted')) then
    perform app_hidden.fail(409, 'wallet.linked_account_in_use', 'A withdrawal to this account is on its way.', 'Unlink it when the withdrawal is paid or has failed.');
  end if;
  update ledger.linked_accounts l set removed_at = now() where l.id = v_id;
  return jsonb_build_object('id', v_id, 'removed', true);
end
$$;
comment on function ledger.unlink_account(uuid, jsonb) is
  'Removes a linked account {id}; 409 wallet.linked_account_in_use while a withdrawal to it is on its way. The row stays for the withdrawals that went there; the worker tells the provider.';

create function ledger.withdraw(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_fee record := ledger.fee_of(v_currency, 'withdrawal', v_amount);
  v_total bigint := v_amount + case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end;
  v_from bigint;
  v_pending bigint;
  v_linked ledger.linked_accounts;
  v_id uuid := app_private.uuid_v7();
begin
  if exists (select from ledger.controls c where c.withdrawals_stopped_at is not null) then
    perform app_hidden.fail(503, 'wallet.withdrawals_stopped', 'Withdrawals are stopped for the moment.', 'Try again later; the money stays in the wallet.');
  elsif v_total = v_fee.fee_minor then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The fee would take the whole amount.', 'Withdraw more.');
  end if;
  v_from := ledger.paying_account(p_actor, v_currency);
  v_pending := ledger.ensure_account(p_actor, v_currency, 'pending');
  select * into v_linked from ledger.linked_accounts l
  where l.id = (p_arguments ->> 'linked_account_id')::uuid and l.owner = p_actor and l.removed_at is null
  for share; -- against unlink_account
  if not found then
    perform app_hidden.fail(404, 'wallet.linked_account_not_found', 'You have no such linked account.', 'Take an id from GET wallet/linked-accounts.');
  elsif v_linked.currency is distinct from v_currency then
    perform app_hidden.fail(422, 'wallet.linked_account_currency', 'This account is in another currency than the withdrawal.',
      coalesce('This account takes ' || v_linked.currency || ': withdraw that, or link an account in ' || v_currency || '.',
        'Link an account in ' || v_currency || '.'));
  end if;
  insert into ledger.holds (id, kind, owner, currency, amount_minor, category)
  values (v_id, 'withdrawal', p_actor, v_currency, v_total, 'withdrawal');
  insert into ledger.withdrawals (id, owner, linked_account_id, currency, amount_minor, fee_minor, provider)
  values (v_id, p_actor, v_linked.id, v_currency, v_total - v_fee.fee_minor, v_fee.fee_minor, v_linked.provider);
  perform ledger.post('hold', v_currency, array[v_from, v_pending], array[-v_total, v_total], p_actor, null, null, 'withdrawal');
  return (select to_jsonb(v) from public.withdrawals v where v.id = v_id and v.user_id = p_actor);
end
$$;
comment on function ledger.withdraw(uuid, jsonb) is
  'Sets money aside for a payout {linked_account_id, amount, currency}, fee included; the worker hands it to the provider. 422 wallet.linked_account_currency when the account is in another one; 503 wallet.withdrawals_stopped while the ledger is in doubt.';

create function ledger.open_deposit(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_account bigint;
  v_most text;
  v_id uuid := app_private.uuid_v7();
begin
  select app_hidden.format_amount(c.max_deposit_minor, c.exponent) into v_most
  from ledger.currencies c where c.code = v_currency and c.max_deposit_minor < v_amount;
  if found then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'This is more than can be paid in at once.',
      format('Pay in at most %s %s.', v_most, v_currency));
  end if;
  v_account := ledger.ensure_account(p_actor, v_currency, 'available');
  if exists (select from ledger.accounts a where a.id = v_account and a.frozen_in) then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
  end if;
  insert into ledger.deposits (id, owner, currency, amount_minor, provider)
  values (v_id, p_actor, v_currency, v_amount, p_arguments ->> 'provider');
  return (select to_jsonb(v) from public.deposits v where v.id = v_id and v.user_id = p_actor);
end
$$;
comment on function ledger.open_deposit(uuid, jsonb) is
  'Notes that a person is about to pay in {amount, currency, provider}; 422 wallet.limit_exceeded above the most of the currency. Nothing is booked before the provider says that the money is there.';

-- Security definer: the ledger is closed to the API, which has just asked the provider on behalf of the deposit's owner.
create function app_private.attach_deposit(p_id uuid, p_provider_reference text, p_checkout jsonb, p_idempotency_key text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
set timezone = 'UTC' -- as of the stored answer
as $$
declare
  d ledger.deposits;
  v_body jsonb;
begin
  select * into d from ledger.deposits x where x.id = p_id for no key update;
  -- The provider's event may have been quicker than its own answer.
  if d.id is null or d.provider_reference <> p_provider_reference then
    raise exception 'deposit % is not there or has another reference than %', p_id, p_provider_reference;
  elsif d.checkout is null then
    update ledger.deposits x set provider_reference = p_provider_reference, checkout = p_checkout, updated_at = now() where x.id = p_id;
    select to_jsonb(v) into v_body from public.deposits v where v.id = p_id;
    -- What was stored when the deposit was opened has no checkout yet: whoever asks again gets what is answered now.
    update app_private.idempotency_keys k set body = v_body
    where k.owner = d.owner and k.key = p_idempotency_key and k.operation = 'wallet.open_deposit' and k.body ->> 'id' = p_id::text;
    return v_body;
  end if;
  select k.body into v_body from app_private.idempotency_keys k
  where k.owner = d.owner and k.key = p_idempotency_key and k.operation = 'wallet.open_deposit' and k.body ->> 'id' = p_id::text;
  return coalesce(v_body, (select to_jsonb(v) from public.deposits v where v.id = p_id));
end
$$;
comment on function app_private.attach_deposit(uuid, text, jsonb, text) is
  'Keeps the provider''s reference of a deposit and how to pay it, in the stored answer of its request too, and gives that answer: the row of public.deposits. May be repeated.';

create function app_private.deposit_refused(p_id uuid, p_reason text)
returns boolean
language plpgsql volatile security definer -- the ledger is closed to the API
set search_path = ''
as $$
begin
  update ledger.deposits d set state = 'failed', failure = left(p_reason, 500), updated_at = now()
  where d.id = p_id and d.state = 'pending' and d.provider_reference is null;
  return found;
end
$$;
comment on function app_private.deposit_refused(uuid, text) is 'The provider would not take this deposit: it failed before it began. True when that is news.';
