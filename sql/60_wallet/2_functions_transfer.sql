-- A transfer between two people, the hot path of the product: alone, and many at once. Both do what ledger.post does, in as
-- few statements as there can be; whatever is not plain (a fee, a first use, a refusal) takes the general way.
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

-- Everything of one request in one statement and one transaction. Security definer: the ledger is closed to its caller, who
-- vouches for p_actor.
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
  v_to uuid := case when p_recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then p_recipient::uuid
    else ledger.find_person(p_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_amount bigint;
  v_debit text;
  v_credit text;
  v_kept boolean;
  w record;
begin
  -- What is there, in one look.
  select c.exponent, a.id as payer, b.id as payee, p.id as to_owner, p.username::text as username,
    f.currency is null and a.id <> b.id and b.closed_at is null and not b.frozen_in and k.owner is null
      and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
      and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor) as plain,
    least(9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0), a.max_transfer_minor,
      case when a.max_transfer_minor is null then c.max_transfer_minor end) as most,
    coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807) as max_day, coalesce(a.max_hour_count, c.max_hour_count, 2147483647) as max_hour,
    v_now::date as day, date_trunc('hour', v_now) as hour, k.operation, k.request_hash, k.status, k.body, k.claimed_at
  into w
  from ledger.currencies c
  left join ledger.fee_rules f on f.currency = p_currency and f.kind = 'transfer'
  left join public.profiles p on p.id = v_to
  left join ledger.accounts a on a.owner = p_actor and a.currency = p_currency and a.purpose = 'available'
  left join ledger.accounts b on b.owner = p.id and b.currency = p_currency and b.purpose = 'available'
  left join app_private.idempotency_keys k on k.owner = p_actor and k.key = p_idempotency_key
  where c.code = p_currency;

  if w.status is not null and w.claimed_at > now() - interval '24 hours'
    and w.operation = 'wallet.transaction' and w.request_hash = p_request_hash then
    return query select true, w.status, w.body;
    return;
  end if;

  v_amount := ledger.plain_amount(p_amount, w.exponent);
  if w.plain and v_amount <= w.most then
    v_debit := ledger.line(v_id, 'transfer', p_currency, -v_amount, v_now, v_to, p_category, p_description);
    v_credit := ledger.line(v_id, 'transfer', p_currency, v_amount, v_now, p_actor, p_category, p_description);
    with paid as (
      update ledger.accounts a set
        balance_minor = a.balance_minor - v_amount,
        seq = a.seq + 1,
        chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_debit), 'UTF8')),
        day = greatest(a.day, w.day), -- who waited for the lock over midnight does not turn the day back
        day_minor = case when a.day >= w.day then a.day_minor + v_amount else v_amount end,
        hour = greatest(a.hour, w.hour),
        hour_count = case when a.hour >= w.hour then a.hour_count + 1 else 1 end,
        updated_at = v_now
      where a.id = w.payer and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
        and case when a.day >= w.day then a.day_minor else 0 end + v_amount <= w.max_day
        and case when a.hour >= w.hour then a.hour_count else 0 end < w.max_hour
      returning a.seq, a.balance_minor, a.chain_head
    ), credited as (
      update ledger.accounts b set
        balance_minor = b.balance_minor + v_amount,
        earned_minor = b.earned_minor + v_amount,
        seq = b.seq + 1,
        chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_credit), 'UTF8')),
        updated_at = v_now
      where b.id = (select x.id from ledger.accounts x where x.id = w.payee and exists (select from paid) for no key update skip locked)
      returning b.seq, b.balance_minor, b.chain_head
    ), header as (
      insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
      select v_id, 'transfer', p_currency, v_amount, p_actor, v_to, array[w.payer, w.payee], array[-v_amount, v_amount],
        array[x.seq, coalesce((select y.seq from credited y), 0)], p_description, p_category, v_now
      from paid x
    ), queued as (
      insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
        counterparty, description, category, created_at)
      select w.payee, v_id, v_to, 'available', 'transfer', p_currency, v_amount, p_actor, p_description, p_category, v_now
      from paid where not exists (select from credited)
    ), booked as (
      insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
        counterparty, description, category, created_at, hash)
      select w.payer, x.seq, v_id, p_actor, 'available', 'transfer', p_currency, -v_amount, x.balance_minor,
        v_to, p_description, p_category, v_now, x.chain_head
      from paid x
      union all
      select w.payee, x.seq, v_id, v_to, 'available', 'transfer', p_currency, v_amount, x.balance_minor,
        p_actor, p_description, p_category, v_now, x.chain_head
      from credited x
    ), answer as (
      select jsonb_build_object('id', v_id, 'user_id', p_actor, 'type', 'expense',
        'amount', app_hidden.format_amount(v_amount, w.exponent), 'currency', p_currency, 'description', p_description,
        'category', p_category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', v_to,
        'counterparty_username', w.username, 'balance_after', app_hidden.format_amount(x.balance_minor, w.exponent),
        'created_at', v_now) as body
      from paid x
    ), kept as (
      insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
      select p_actor, p_idempotency_key, 'wallet.transaction', p_request_hash, 201, x.body from answer x where p_idempotency_key is not null
      on conflict do nothing
      returning true
    )
    select x.body, p_idempotency_key is null or exists (select from kept) into body, v_kept from answer x;
    if found then
      if not v_kept then
        perform ledger.refuse_twin();
      end if;
      replayed := false;
      status := 201;
      return next;
      return;
    end if;
  end if;

  -- A missing wallet is made before anything is locked.
  if w.payer is not null and w.payee is null and w.to_owner <> p_actor and not app_hidden.is_blocked_pair(p_actor, w.to_owner) then
    begin
      perform ledger.ensure_account(w.to_owner, p_currency, 'available');
    exception when sqlstate 'PT404' then
      null; -- they have just left, which the general way answers
    end;
  end if;
  -- The payer before the key, as above: two ways for one request must not lock in two orders.
  perform from ledger.accounts a where a.id = w.payer for no key update;
  return query select r.replayed, r.status, r.body from ledger.run_command(p_actor, p_idempotency_key, p_request_hash, 'transaction',
    jsonb_build_object('recipient', p_recipient, 'amount', p_amount, 'currency', p_currency, 'description', p_description,
      'category', p_category)) r;
end
$$;
comment on function app_private.post_transaction(uuid, text, bytea, text, text, text, text, text) is
  'Sends money: 201 with the transaction, or the refusal as {code, detail, hint}; both are stored under the key and replayed to a retry.';
