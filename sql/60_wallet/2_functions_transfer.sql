-- A transfer between two people, the hot path of the product: alone, and many at once. Both do what ledger.post does, with as
-- little as there can be for Postgres to prepare; whatever is not plain (a fee, a first use, a refusal) takes the general way.
-- Plans are fixed when they are first made, and each step goes through an index: a plan made while the tables were small must
-- not be the one that serves them when they are large.

create function ledger.transfer(
  p_from uuid, p_recipient text, p_amount text, p_currency text, p_description text, p_category text
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_amount bigint := ledger.parse_amount(p_amount, p_currency);
  v_to uuid := ledger.counterparty(p_from, p_recipient);
  v_payer bigint := ledger.paying_account(p_from, p_currency);
  v_payee bigint := ledger.ensure_account(v_to, p_currency, 'available');
  v_fee record := ledger.fee_of(p_currency, 'transfer', v_amount);
  v_accounts bigint[] := array[v_payer];
  v_amounts bigint[];
begin
  v_amounts := array[-v_amount - case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end];
  if v_amount + v_amounts[1] + v_fee.fee_minor > 0 then -- the recipient pays the fee out of the amount
    v_amount := v_amount - v_fee.fee_minor;
  end if;
  if v_amount > 0 then
    v_accounts := v_accounts || v_payee;
    v_amounts := v_amounts || v_amount;
  end if;
  if v_fee.fee_minor > 0 then
    v_accounts := v_accounts || ledger.system_account(p_currency, 'fees');
    v_amounts := v_amounts || v_fee.fee_minor;
  end if;
  return ledger.post('transfer', p_currency, v_accounts, v_amounts, p_from, v_to, p_description, p_category);
end
$$;
comment on function ledger.transfer(uuid, text, text, text, text, text) is
  'Checks what a person asked for and books it, fee included; gives the transfer id or refuses with 402, 403, 404 or 422.';

-- Before the general way of a transfer, as the plain way may come in between: it locks the payer and then the key, and two ways for
-- one request must not lock in two orders. A missing wallet is made before anything is locked.
create function ledger.lock_for_transfer(p_actor uuid, p_to uuid, p_currency text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_payer bigint;
begin
  select a.id into v_payer from ledger.accounts a where a.owner = p_actor and a.currency = p_currency and a.purpose = 'available';
  if not found then
    return;
  end if;
  if p_to <> p_actor and exists (select from public.profiles p where p.id = p_to) and not app_hidden.is_blocked_pair(p_actor, p_to) then
    begin
      perform ledger.ensure_account(p_to, p_currency, 'available');
    exception when sqlstate 'PT404' then
      null; -- they have just left, which the general way answers
    end;
  end if;
  perform from ledger.accounts a where a.id = v_payer for no key update;
end
$$;
comment on function ledger.lock_for_transfer(uuid, uuid, text) is 'Makes the wallet of a recipient if it is missing, and waits for the payer''s account.';

-- Everything of one request in one call and one transaction. Small statements, because Postgres starts each part of a plan and of an
-- expression anew in every transaction: one statement with the same work had to pass rows from part to part, and took half as long again.
-- Security definer: the ledger is closed to its caller, who vouches for p_actor.
create function app_private.post_transaction(
  p_actor uuid, p_idempotency_key text, p_request_hash bytea, p_recipient text,
  p_amount text, p_currency text, p_description text, p_category text
)
returns table (replayed boolean, status int, body jsonb)
language plpgsql volatile security definer
set search_path = ''
set timezone = 'UTC' -- timestamps in the stored answer must not depend on the connection
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- planned while a table was empty, it would read the whole of it for ever after
as $$
#variable_conflict use_variable
declare
  v_to uuid := case when p_recipient like '________-____-____-____-____________' and pg_input_is_valid(p_recipient, 'uuid') then p_recipient::uuid
    else ledger.find_person(p_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_today date := v_now::date;
  v_hour timestamptz := date_trunc('hour', v_now);
  v_amount bigint;
  v_lines text[];
  w record;
  v_payer bigint;
  v_payer_seq bigint;
  v_balance bigint;
  v_payer_hash bytea;
  v_payee_seq bigint;
  v_payee_balance bigint;
  v_payee_hash bytea;
begin
  -- What is there, in one look; nothing, when anything stands in the way.
  select c.exponent, ('1e-' || c.exponent)::numeric as unit, c.max_transfer_minor, c.max_day_minor, c.max_hour_count, b.id as payee, p.username::text as username,
    9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0) as fits
  into w
  from ledger.currencies c
  join ledger.accounts b on b.owner = v_to and b.currency = p_currency and b.purpose = 'available'
  join public.profiles p on p.id = v_to
  where c.code = p_currency and v_to <> p_actor and b.closed_at is null and not b.frozen_in
    and not exists (select from ledger.fee_rules f where f.currency = p_currency and f.kind = 'transfer')
    and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
    and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_idempotency_key);

  v_amount := ledger.plain_amount(p_amount, w.exponent);
  if v_amount <= w.fits then
    v_lines := ledger.lines(v_id, 'transfer', p_currency, v_amount, v_now, p_actor, v_to, p_category, p_description);
    update ledger.accounts a set
      balance_minor = a.balance_minor - v_amount,
      seq = a.seq + 1,
      chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_lines[1]), 'UTF8')),
      day = greatest(a.day, v_today), -- who waited for the lock over midnight does not turn the day back
      day_minor = case when a.day >= v_today then a.day_minor + v_amount else v_amount end,
      hour = greatest(a.hour, v_hour),
      hour_count = case when a.hour >= v_hour then a.hour_count + 1 else 1 end,
      updated_at = v_now
    where a.owner = p_actor and a.currency = p_currency and a.purpose = 'available'
      and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
      and v_amount <= coalesce(a.max_transfer_minor, w.max_transfer_minor, v_amount)
      and case when a.day >= v_today then a.day_minor else 0 end + v_amount <= coalesce(a.max_day_minor, w.max_day_minor, 9223372036854775807)
      and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, w.max_hour_count, 2147483647)
    returning a.id, a.seq, a.balance_minor, a.chain_head into v_payer, v_payer_seq, v_balance, v_payer_hash;
  end if;
  if v_payer is null then
    return query select true, k.status, k.body from app_private.idempotency_keys k
    where k.owner = p_actor and k.key = p_idempotency_key and k.operation = 'wallet.transaction' and k.request_hash = p_request_hash
      and k.status is not null and k.claimed_at > now() - interval '24 hours';
    if found then
      return;
    end if;
    perform ledger.lock_for_transfer(p_actor, v_to, p_currency);
    return query select r.replayed, r.status, r.body from ledger.run_command(p_actor, p_idempotency_key, p_request_hash, 'transaction',
      jsonb_build_object('recipient', p_recipient, 'amount', p_amount, 'currency', p_currency, 'description', p_description,
        'category', p_category)) r;
    return;
  end if;

  update ledger.accounts b set
    balance_minor = b.balance_minor + v_amount,
    earned_minor = b.earned_minor + v_amount,
    seq = b.seq + 1,
    chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_lines[2]), 'UTF8')),
    updated_at = v_now
  where b.id = (select x.id from ledger.accounts x where x.id = w.payee for no key update skip locked)
  returning b.seq, b.balance_minor, b.chain_head into v_payee_seq, v_payee_balance, v_payee_hash;
  if v_payee_seq is null then
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_id, p_actor, 'available', 'transfer', p_currency, -v_amount, v_balance,
      v_to, p_description, p_category, v_now, v_payer_hash);
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    values (w.payee, v_id, v_to, 'available', 'transfer', p_currency, v_amount, p_actor, p_description, p_category, v_now);
  else
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_id, p_actor, 'available', 'transfer', p_currency, -v_amount, v_balance,
      v_to, p_description, p_category, v_now, v_payer_hash),
      (w.payee, v_payee_seq, v_id, v_to, 'available', 'transfer', p_currency, v_amount, v_payee_balance,
      p_actor, p_description, p_category, v_now, v_payee_hash);
  end if;
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (v_id, 'transfer', p_currency, v_amount, p_actor, v_to, array[v_payer, w.payee], array[-v_amount, v_amount],
    array[v_payer_seq, coalesce(v_payee_seq, 0)], p_description, p_category, v_now);

  replayed := false;
  status := 201;
  body := jsonb_build_object('id', v_id, 'user_id', p_actor, 'type', 'expense',
    'amount', (v_amount * w.unit)::text, 'currency', p_currency, 'description', p_description,
    'category', p_category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', v_to,
    'counterparty_username', w.username, 'balance_after', (v_balance * w.unit)::text,
    'created_at', v_now);
  if p_idempotency_key is not null then
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    values (p_actor, p_idempotency_key, 'wallet.transaction', p_request_hash, 201, body)
    on conflict do nothing;
    if not found then
      perform ledger.refuse_twin();
    end if;
  end if;
  return next;
end
$$;
comment on function app_private.post_transaction(uuid, text, bytea, text, text, text, text, text) is
  'Sends money: 201 with the transaction, or the refusal as {code, detail, hint}; both are stored under the key and replayed to a retry.';
