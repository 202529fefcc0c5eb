-- Placing and capturing a hold where nothing stands in the way: the hot path of two phases, as app_private.post_transaction is of
-- one, and written like it. What is not plain (a fee, a part of the amount, a first use, a refusal, a replay, an ended session) is
-- left to the general way, with nothing changed.

create function ledger.place_plain_hold(p_actor uuid, p_session uuid, p_key text, p_hash bytea, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
set timezone = 'UTC' -- timestamps in the stored answer must not depend on the connection
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_recipient text := p_arguments ->> 'recipient';
  v_currency text := p_arguments ->> 'currency';
  v_description text := p_arguments ->> 'description';
  v_category text := p_arguments ->> 'category';
  v_seconds int := coalesce((p_arguments ->> 'expires_in_s')::int, 7 * 86400);
  v_to uuid := case when v_recipient like '________-____-____-____-____________' and pg_input_is_valid(v_recipient, 'uuid') then v_recipient::uuid
    else ledger.find_person(v_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_transfer uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_today date := v_now::date;
  v_hour timestamptz := date_trunc('hour', v_now);
  v_expires_at timestamptz := v_now + make_interval(secs => v_seconds);
  v_amount bigint;
  v_lines text[];
  v_body jsonb;
  w record;
  v_payer bigint;
  v_payer_seq bigint;
  v_balance bigint;
  v_payer_hash bytea;
  v_pending_seq bigint;
  v_pending_balance bigint;
  v_pending_hash bytea;
begin
  select c.exponent, ('1e-' || c.exponent)::numeric as unit, c.max_transfer_minor, c.max_day_minor, c.max_hour_count, b.id as pending,
    p.username::text as username, 9223372036854775807 - b.balance_minor as fits
  into w
  from ledger.currencies c
  join public.profiles p on p.id = v_to
  join ledger.accounts b on b.owner = p_actor and b.currency = v_currency and b.purpose = 'pending'
  where c.code = v_currency and v_to <> p_actor and v_seconds between 60 and 90 * 86400 and b.closed_at is null
    and exists (
      select from auth.sessions s join auth.users u on u.id = s.user_id
      where s.id = p_session and s.user_id = p_actor and (s.not_after is null or s.not_after > now()) and (u.banned_until is null or u.banned_until <= now()))
    and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
    and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_key);
  v_amount := ledger.plain_amount(p_arguments ->> 'amount', w.exponent);
  if v_amount is null or v_amount > w.fits then
    return null;
  end if;

  v_lines := ledger.lines(v_transfer, 'hold', v_currency, v_amount, v_now, p_actor, v_to, v_category, v_description);
  update ledger.accounts a set
    balance_minor = a.balance_minor - v_amount,
    seq = a.seq + 1,
    chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_lines[1]), 'UTF8')),
    day = greatest(a.day, v_today),
    day_minor = case when a.day >= v_today then a.day_minor + v_amount else v_amount end,
    hour = greatest(a.hour, v_hour),
    hour_count = case when a.hour >= v_hour then a.hour_count + 1 else 1 end,
    updated_at = v_now
  where a.owner = p_actor and a.currency = v_currency and a.purpose = 'available'
    and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
    and v_amount <= coalesce(a.max_transfer_minor, w.max_transfer_minor, v_amount)
    and case when a.day >= v_today then a.day_minor else 0 end + v_amount <= coalesce(a.max_day_minor, w.max_day_minor, 9223372036854775807)
    and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, w.max_hour_count, 2147483647)
  returning a.id, a.seq, a.balance_minor, a.chain_head into v_payer, v_payer_seq, v_balance, v_payer_hash;
  if not found then
    return null;
  end if;
  update ledger.accounts b set
    balance_minor = b.balance_minor + v_amount,
    seq = b.seq + 1,
    chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_lines[2]), 'UTF8')),
    updated_at = v_now
  where b.id = (select x.id from ledger.accounts x where x.id = w.pending for no key update skip locked)
  returning b.seq, b.balance_minor, b.chain_head into v_pending_seq, v_pending_balance, v_pending_hash;

  if v_pending_seq is null then
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_transfer, p_actor, 'available', 'hold', v_currency, -v_amount, v_balance,
      v_to, v_description, v_category, v_now, v_payer_hash);
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    values (w.pending, v_transfer, p_actor, 'pending', 'hold', v_currency, v_amount, p_actor, v_description, v_category, v_now);
  else
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_payer, v_payer_seq, v_transfer, p_actor, 'available', 'hold', v_currency, -v_amount, v_balance,
      v_to, v_description, v_category, v_now, v_payer_hash),
      (w.pending, v_pending_seq, v_transfer, p_actor, 'pending', 'hold', v_currency, v_amount, v_pending_balance,
      p_actor, v_description, v_category, v_now, v_pending_hash);
  end if;
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (v_transfer, 'hold', v_currency, v_amount, p_actor, v_to, array[v_payer, w.pending], array[-v_amount, v_amount],
    array[v_payer_seq, coalesce(v_pending_seq, 0)], v_description, v_category, v_now);
  insert into ledger.holds (id, kind, owner, payee, currency, amount_minor, description, category, created_at, expires_at)
  values (v_id, 'hold', p_actor, v_to, v_currency, v_amount, v_description, v_category, v_now, v_expires_at);

  v_body := jsonb_build_object('id', v_id, 'user_id', p_actor, 'payee_id', v_to, 'payee_username', w.username, 'currency', v_currency,
    'amount', (v_amount * w.unit)::text, 'captured_amount', (0 * w.unit)::text, 'state', 'open',
    'description', v_description, 'category', v_category, 'created_at', v_now, 'expires_at', v_expires_at, 'resolved_at', null, 'transfer_id', null);
  if p_key is not null then
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    values (p_actor, p_key, 'wallet.place_hold', p_hash, 201, v_body)
    on conflict do nothing;
    if not found then
      perform ledger.refuse_twin();
    end if;
  end if;
  return v_body;
end
$$;
comment on function ledger.place_plain_hold(uuid, uuid, text, bytea, jsonb) is
  'What a command place_hold does, when nothing stands in the way: gives the hold, or null, and nothing changed.';

-- The plain way locks the payer, or the hold, and then the key. So the general way of the same request, which claims its key
-- first, comes here before: two ways for one request must not lock in two orders.
create function ledger.lock_for_hold(p_actor uuid, p_operation text, p_arguments jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_currency text := p_arguments ->> 'currency';
  v_available bigint;
begin
  if p_operation = 'capture_hold' then
    perform from ledger.holds h where h.id = ledger.id_in(p_arguments) and h.kind = 'hold' and p_actor in (h.owner, h.payee) for no key update;
    return;
  end if;
  select a.id into v_available from ledger.accounts a where a.owner = p_actor and a.currency = v_currency and a.purpose = 'available';
  if found then
    begin
      perform ledger.ensure_account(p_actor, v_currency, 'pending'); -- before anything is locked
    exception when sqlstate 'PT404' then
      null; -- they have just left, which the general way answers
    end;
    perform from ledger.accounts a where a.id = v_available for no key update;
  end if;
end
$$;
comment on function ledger.lock_for_hold(uuid, text, jsonb) is
  'Waits for what placing or capturing a hold locks first: the payer''s account, or the hold.';

create function ledger.refuse_twin()
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Once more, and it is a replay.
  raise exception 'the same request was answered meanwhile' using errcode = 'serialization_failure';
end
$$;
comment on function ledger.refuse_twin() is 'Undoes a request whose twin was quicker; its caller runs it again.';

-- The row of the hold is locked from the first look on, before any account.
create function ledger.capture_plain_hold(p_actor uuid, p_session uuid, p_key text, p_hash bytea, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
set timezone = 'UTC'
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_id uuid := ledger.id_in(p_arguments);
  v_transfer uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_whole text;
  v_lines text[];
  v_body jsonb;
  h record;
  w record;
  v_pending bigint;
  v_pending_seq bigint;
  v_pending_balance bigint;
  v_pending_hash bytea;
  v_payee_seq bigint;
  v_payee_balance bigint;
  v_payee_hash bytea;
begin
  select x.owner, x.payee, x.currency, x.amount_minor, x.description, x.category, x.created_at, x.expires_at into h
  from ledger.holds x
  where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee) and x.state = 'open' and x.expires_at > clock_timestamp()
    and p_arguments ->> 'amount' is null
  for no key update;
  select ('1e-' || c.exponent)::numeric as unit, p.username::text as username, a.id as payee into w
  from ledger.currencies c
  join public.profiles p on p.id = h.payee
  join ledger.accounts a on a.owner = h.payee and a.currency = h.currency and a.purpose = 'available'
  where c.code = h.currency and a.closed_at is null and not a.frozen_in
    and h.amount_minor <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0)
    and exists (
      select from auth.sessions s join auth.users u on u.id = s.user_id
      where s.id = p_session and s.user_id = p_actor and (s.not_after is null or s.not_after > now()) and (u.banned_until is null or u.banned_until <= now()))
    and not exists (select from ledger.fee_rules f where f.currency = h.currency and f.kind = 'capture')
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_key);
  if not found then
    return null;
  end if;

  v_lines := ledger.lines(v_transfer, 'capture', h.currency, h.amount_minor, v_now, h.owner, h.payee, h.category, h.description);
  update ledger.accounts b set
    balance_minor = b.balance_minor - h.amount_minor,
    seq = b.seq + 1,
    chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor - h.amount_minor, v_lines[1]), 'UTF8')),
    updated_at = v_now
  where b.owner = h.owner and b.currency = h.currency and b.purpose = 'pending' and not b.frozen_out and b.balance_minor >= b.floor_minor + h.amount_minor
  returning b.id, b.seq, b.balance_minor, b.chain_head into v_pending, v_pending_seq, v_pending_balance, v_pending_hash;
  if not found then
    return null;
  end if;
  update ledger.accounts a set
    balance_minor = a.balance_minor + h.amount_minor,
    earned_minor = a.earned_minor + h.amount_minor,
    seq = a.seq + 1,
    chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor + h.amount_minor, v_lines[2]), 'UTF8')),
    updated_at = v_now
  where a.id = (select x.id from ledger.accounts x where x.id = w.payee for no key update skip locked)
  returning a.seq, a.balance_minor, a.chain_head into v_payee_seq, v_payee_balance, v_payee_hash;

  -- Before the transfer, as in the general way: so its event comes first.
  update ledger.holds x set state = 'captured', captured_minor = x.amount_minor, resolved_at = v_now, transfer_id = v_transfer where x.id = v_id;

  if v_payee_seq is null then
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_pending, v_pending_seq, v_transfer, h.owner, 'pending', 'capture', h.currency, -h.amount_minor, v_pending_balance,
      h.payee, h.description, h.category, v_now, v_pending_hash);
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    values (w.payee, v_transfer, h.payee, 'available', 'capture', h.currency, h.amount_minor, h.owner, h.description, h.category, v_now);
  else
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (v_pending, v_pending_seq, v_transfer, h.owner, 'pending', 'capture', h.currency, -h.amount_minor, v_pending_balance,
      h.payee, h.description, h.category, v_now, v_pending_hash),
      (w.payee, v_payee_seq, v_transfer, h.payee, 'available', 'capture', h.currency, h.amount_minor, v_payee_balance,
      h.owner, h.description, h.category, v_now, v_payee_hash);
  end if;
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (v_transfer, 'capture', h.currency, h.amount_minor, h.owner, h.payee, array[v_pending, w.payee],
    array[-h.amount_minor, h.amount_minor], array[v_pending_seq, coalesce(v_payee_seq, 0)], h.description, h.category, v_now);

  v_whole := (h.amount_minor * w.unit)::text;
  v_body := jsonb_build_object('id', v_id, 'user_id', h.owner, 'payee_id', h.payee, 'payee_username', w.username, 'currency', h.currency,
    'amount', v_whole, 'captured_amount', v_whole,
    'state', 'captured', 'description', h.description, 'category', h.category, 'created_at', h.created_at, 'expires_at', h.expires_at,
    'resolved_at', v_now, 'transfer_id', v_transfer);
  if p_key is not null then
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    values (p_actor, p_key, 'wallet.capture_hold', p_hash, 200, v_body)
    on conflict do nothing;
    if not found then
      perform ledger.refuse_twin();
    end if;
  end if;
  return v_body;
end
$$;
comment on function ledger.capture_plain_hold(uuid, uuid, text, bytea, jsonb) is
  'What a command capture_hold does with the whole of a hold, when nothing stands in the way: gives the hold, or null, and nothing changed.';
