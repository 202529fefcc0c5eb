-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

ALTER TABLE "ledger"."holds"
  DROP CONSTRAINT "is_hold";

DROP FUNCTION "ledger"."is_hold"(text, text, bigint, bigint, bigint);

CREATE OR REPLACE FUNCTION app_private.post_transaction (
  p_actor           uuid,
  p_idempotency_key text,
  p_request_hash    bytea,
  p_recipient       text,
  p_amount          text,
  p_currency        text,
  p_description     text,
  p_category        text
)
  RETURNS TABLE (
    replayed boolean,
    status   integer,
    body     jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.uuid_v7()
  RETURNS uuid
  LANGUAGE plpgsql
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  -- Milliseconds in 12 digits, the version, and what a version 4 has behind its own: the variant and random bits.
  return (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(gen_random_uuid()::text, 16))::uuid;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_hold()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.kind in ('hold', 'withdrawal') and new.state in ('open', 'captured', 'voided', 'expired')
    and new.amount_minor > 0 and new.captured_minor between 0 and new.amount_minor and new.fee_minor >= 0 then
    return null;
  end if;
  raise exception 'hold % is of no known kind or state, or its amounts cannot be', new.id using errcode = 'check_violation';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_posted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  -- Nearly all are two legs of one amount, first what leaves, booked as the entries that
  -- the transfer names by their keys, or the second one queued.
  perform ledger.assert_legs(t.id, t.amount_minor, t.accounts, t.amounts, t.seqs, t.description, t.category)
  from added t
  where (t.amount_minor > 0 and t.amounts = array[-t.amount_minor, t.amount_minor] and cardinality(t.accounts) = 2 and cardinality(t.seqs) = 2
    and length(t.description) <= 1000 is not false and length(t.category) <= 100 is not false
    and exists (select from ledger.entries e
      where e.account_id = t.accounts[1] and e.seq = t.seqs[1] and e.transfer_id = t.id and e.amount_minor = -t.amount_minor)
    and case when t.seqs[2] = 0
      then exists (select from ledger.queued_entries q
        where q.account_id = t.accounts[2] and q.transfer_id = t.id and q.amount_minor = t.amount_minor)
      else exists (select from ledger.entries e
        where e.account_id = t.accounts[2] and e.seq = t.seqs[2] and e.transfer_id = t.id and e.amount_minor = t.amount_minor) end) is not true;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.book_items (
  p_items ledger.item[]
)
  RETURNS TABLE (
    ord  integer,
    body jsonb
  )
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  SET lock_timeout TO '1s'
  AS $function$
#variable_conflict use_column
declare
  v_payers bigint[];
  v_free bigint[];
  v_asked int;
  v_kept int;
begin
  -- Rule 1: payers are waited for, in the order of ids. Rule 2: the others are taken only where they are free.
  select array_agg(x.payer) into v_payers from (select distinct i.payer from unnest(p_items) i) x;
  perform from (select a.id from ledger.accounts a where a.id = any (v_payers) order by a.id for no key update) locked;
  select v_payers || array_agg(x.id) into v_free
  from (
    select a.id from unnest(p_items) i join ledger.accounts a on a.id = i.payee for no key update of a skip locked
  ) x;

  -- The statement below joins nothing but accounts by their key: with the planner's guess of ten items, a join of two steps
  -- would compare each item with each.
  for ord, body, v_asked, v_kept in
  with clock as materialized (
    select clock_timestamp() as now, (clock_timestamp() at time zone 'UTC')::date as day, date_trunc('hour', clock_timestamp(), 'UTC') as hour
  ), plain as materialized (
    select x.* from (
      select i.*, a.closed_at, a.frozen_out, a.balance_minor - a.floor_minor as spendable,
        sum(i.minor) over w as paid, count(*) over w as times,
        case when a.day = t.day then a.day_minor else 0 end as day_minor, coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807) as max_day,
        case when a.hour = t.hour then a.hour_count else 0 end as hour_count, coalesce(a.max_hour_count, c.max_hour_count, 2147483647) as max_hour
      from unnest(p_items) i
      join ledger.accounts a on a.id = i.payer
      join ledger.currencies c on c.code = a.currency
      cross join clock t
      window w as (partition by i.payer)
    ) x
    where x.closed_at is null and not x.frozen_out and x.paid <= x.spendable
      and x.day_minor + x.paid <= x.max_day and x.hour_count + x.times <= x.max_hour
  ), leg as materialized (
    select l.*, a.seq as last_seq, a.balance_minor as last_balance, a.chain_head,
      case when l.account_id in (select f.id from unnest(v_free) f (id)) then true else false end as is_free
    from (
      select i.ord, i.id, i.payer as account_id, i.actor as owner, -i.minor as minor, i.person as counterparty, i.currency, i.description, i.category,
        i.key, i.hash as request_hash, i.exponent, i.username, i.payee
      from plain i
      union all
      select i.ord, i.id, i.payee, i.person, i.minor, i.actor, i.currency, i.description, i.category, null, null, null, null, null
      from plain i
    ) l
    join ledger.accounts a on a.id = l.account_id
  ), booking as materialized (
    select b.*
    from clock t, ledger.chained((
      select array_agg(row(x.ord, x.id, x.account_id, x.owner, x.minor, x.counterparty, x.currency, x.description, x.category, x.key,
        x.request_hash, x.exponent, x.username, x.payee, x.payee_seq, x.seq, x.balance, x.chain_head)::ledger.leg order by x.account_id, x.seq)
      from (
        select y.*, coalesce(lead(y.seq) over (partition by y.id order by y.minor), 0) as payee_seq
        from (
          select l.*, l.last_seq + row_number() over w as seq, (l.last_balance + sum(l.minor) over w)::bigint as balance
          from leg l
          where l.is_free
          window w as (partition by l.account_id order by l.ord rows unbounded preceding)
        ) y
      ) x), t.now) b
  ), header as (
    insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
    select x.id, 'transfer', x.currency, -x.minor, x.owner, x.counterparty, array[x.account_id, x.payee], array[x.minor, -x.minor],
      array[x.seq, x.payee_seq], x.description, x.category, t.now
    from booking x cross join clock t
    where x.minor < 0
  ), booked as (
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    select x.account_id, x.seq, x.id, x.owner, 'available', 'transfer', x.currency, x.minor, x.balance,
      x.counterparty, x.description, x.category, t.now, x.hash
    from booking x cross join clock t
  ), queued as (
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    select l.account_id, l.id, l.owner, 'available', 'transfer', l.currency, l.minor, l.counterparty, l.description, l.category, t.now
    from leg l cross join clock t where not l.is_free order by l.ord
  ), moved as (
    update ledger.accounts a set
      balance_minor = a.balance_minor + s.minor,
      earned_minor = a.earned_minor + s.earned,
      seq = s.seq,
      chain_head = s.hash,
      day = case when s.times > 0 then t.day else a.day end,
      day_minor = case when s.times = 0 then a.day_minor when a.day = t.day then a.day_minor + s.paid else s.paid end,
      hour = case when s.times > 0 then t.hour else a.hour end,
      hour_count = case when s.times = 0 then a.hour_count when a.hour = t.hour then a.hour_count + s.times else s.times end,
      updated_at = t.now
    from (
      select x.account_id, sum(x.minor)::bigint as minor, max(x.seq) as seq, (array_agg(x.hash order by x.seq desc))[1] as hash,
        coalesce(sum(x.minor) filter (where x.minor > 0), 0)::bigint as earned,
        coalesce(-sum(x.minor) filter (where x.minor < 0), 0)::bigint as paid,
        (count(*) filter (where x.minor < 0))::int as times
      from booking x group by x.account_id
    ) s, clock t
    where a.id = s.account_id
  ), answer as materialized (
    select x.ord, x.owner, x.key, x.request_hash, jsonb_build_object('id', x.id, 'user_id', x.owner, 'type', 'expense',
      'amount', (-x.minor * ('1e-' || x.exponent)::numeric)::text, 'currency', x.currency, 'description', x.description,
      'category', x.category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', x.counterparty,
      'counterparty_username', x.username, 'balance_after', (x.balance * ('1e-' || x.exponent)::numeric)::text,
      'created_at', t.now) as body
    from booking x cross join clock t
    where x.minor < 0
  ), kept as (
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    select x.owner, x.key, 'wallet.transaction', x.request_hash, 201, x.body from answer x where x.key is not null order by x.owner, x.key
    on conflict do nothing
    returning true
  )
  select x.ord, x.body, (select count(*) from answer y where y.key is not null), (select count(*) from kept) from answer x
  loop
    if v_kept < v_asked then
      raise exception 'a request of the batch was answered meanwhile' using errcode = 'serialization_failure';
    end if;
    return next;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.capture_plain_hold (
  p_actor     uuid,
  p_session   uuid,
  p_key       text,
  p_hash      bytea,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION ledger.chained (
  p_legs ledger.leg[],
  p_now  timestamp with time zone
)
  RETURNS SETOF ledger.leg
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_micros bigint := (extract(epoch from p_now) * 1000000)::bigint;
  v_leg ledger.leg;
  v_account bigint;
  v_head bytea;
begin
  foreach v_leg in array coalesce(p_legs, '{}') loop
    if v_account is distinct from v_leg.account_id then
      v_account := v_leg.account_id;
      v_head := v_leg.hash;
    end if;
    -- ledger.line, without a call for each leg.
    v_head := sha256(v_head || convert_to(format('%s|%s|%s|transfer|%s|%s|%s|%s|%s|%s|%s', v_leg.seq, v_leg.balance, v_leg.id, v_leg.currency,
      v_leg.minor, v_micros, v_leg.counterparty, coalesce(length(v_leg.category), 0), v_leg.category, v_leg.description), 'UTF8'));
    v_leg.hash := v_head;
    return next v_leg;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.find_person (
  p_recipient text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  -- By its form before its digits: a pattern for both would be built anew in each transaction.
  if p_recipient like '________-____-____-____-____________' and pg_input_is_valid(p_recipient, 'uuid') then
    select p.id into v_id from public.profiles p where p.id = p_recipient::uuid;
  else
    select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_recipient::extensions.citext;
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.id_in (
  p_arguments jsonb
)
  RETURNS uuid
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if p_arguments ->> 'id' like '________-____-____-____-____________' and pg_input_is_valid(p_arguments ->> 'id', 'uuid') then
    return (p_arguments ->> 'id')::uuid;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.lines (
  p_transfer    uuid,
  p_kind        text,
  p_currency    text,
  p_amount      bigint,
  p_created_at  timestamp with time zone,
  p_from        uuid,
  p_to          uuid,
  p_category    text,
  p_description text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_start text := format('%s|%s|%s|', p_transfer, p_kind, p_currency);
  v_micros bigint := (extract(epoch from p_created_at) * 1000000)::bigint;
  v_end text := format('|%s|%s|%s', coalesce(length(p_category), 0), p_category, p_description);
begin
  return array[format('%s%s|%s|%s%s', v_start, -p_amount, v_micros, p_to, v_end), format('%s%s|%s|%s%s', v_start, p_amount, v_micros, p_from, v_end)];
end
$function$;

CREATE OR REPLACE FUNCTION ledger.lock_for_transfer (
  p_actor    uuid,
  p_to       uuid,
  p_currency text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION ledger.place_plain_hold (
  p_actor     uuid,
  p_session   uuid,
  p_key       text,
  p_hash      bytea,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION ledger.plain_items (
  p_actors       uuid[],
  p_keys         text[],
  p_hashes       bytea[],
  p_recipients   text[],
  p_amounts      text[],
  p_currencies   text[],
  p_descriptions text[],
  p_categories   text[]
)
  RETURNS ledger.item[]
  LANGUAGE plpgsql
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_items ledger.item[];
begin
  select array_agg(row(r.ord, app_private.uuid_v7(), a.id, b.id, m.minor, r.actor, r.person, r.key, r.hash, r.currency, c.exponent,
    r.description, r.category, p.username)::ledger.item order by r.ord)
  into v_items
  from (
    -- Twins in one batch: the first goes, the others find its answer.
    select u.*, row_number() over (partition by u.actor, u.key order by u.ord) as twin,
      case
        when u.recipient like '________-____-____-____-____________' and pg_input_is_valid(u.recipient, 'uuid') then u.recipient::uuid
        else (select n.id from public.profiles n where n.username operator(extensions.=) u.recipient::extensions.citext)
      end as person
    from unnest(p_actors, p_keys, p_hashes, p_recipients, p_amounts, p_currencies, p_descriptions, p_categories)
      with ordinality u (actor, key, hash, recipient, amount, currency, description, category, ord)
  ) r
  join ledger.currencies c on c.code = r.currency
  cross join lateral (select ledger.plain_amount(r.amount, c.exponent) as minor offset 0) m
  join public.profiles p on p.id = r.person
  join ledger.accounts a on a.owner = r.actor and a.currency = r.currency and a.purpose = 'available'
  join ledger.accounts b on b.owner = r.person and b.currency = r.currency and b.purpose = 'available'
  where (r.twin = 1 or r.key is null) and m.minor > 0 and a.id <> b.id and b.closed_at is null and not b.frozen_in
    and m.minor <= 9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0)
    and m.minor <= coalesce(a.max_transfer_minor, c.max_transfer_minor, m.minor)
    and not exists (select from ledger.fee_rules f where f.currency = r.currency and f.kind = 'transfer')
    and not exists (select from public.blocks x where x.blocker_id = r.actor and x.blocked_id = r.person)
    and not exists (select from public.blocks x where x.blocker_id = r.person and x.blocked_id = r.actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = r.actor and k.key = r.key);
  return v_items;
end
$function$;

CREATE TRIGGER assert_hold
  AFTER INSERT OR UPDATE ON ledger.holds
  FOR EACH ROW
  EXECUTE FUNCTION ledger.assert_hold();

COMMENT ON FUNCTION "ledger"."assert_hold"() IS 'Trigger on holds: kind and state are known, the amount is above zero, what was captured is no more than it, and no fee is below zero.';

COMMENT ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp with time zone, uuid, uuid, text, text) IS 'The two lines of a transfer from one to another, as ledger.line has them: what left, and what came.';

COMMENT ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) IS 'Makes the wallet of a recipient if it is missing, and waits for the payer''s account.';

REVOKE ALL ON FUNCTION "ledger"."assert_hold"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."assert_hold"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."assert_hold"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp WITH time zone, uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp WITH time zone, uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."lines"(uuid, text, text, bigint, timestamp WITH time zone, uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."lock_for_transfer"(uuid, uuid, text) TO "postgres";
