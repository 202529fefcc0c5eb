-- Many transfers of many people in one call: the throughput path. Whoever has several requests at hand sends them together.

create function ledger.chained(p_legs ledger.leg[], p_now timestamptz)
returns setof ledger.leg
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function ledger.chained(ledger.leg[], timestamptz) is
  'Legs in the order of account and seq, each with the head of its account, come back with their own hashes: ledger.link from one to the next.';

create function ledger.plain_items(
  p_actors uuid[], p_keys text[], p_hashes bytea[], p_recipients text[],
  p_amounts text[], p_currencies text[], p_descriptions text[], p_categories text[]
)
returns ledger.item[]
language plpgsql volatile -- ids are new at each call
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
set enable_seqscan = off
as $$
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
$$;
comment on function ledger.plain_items(uuid[], text[], bytea[], text[], text[], text[], text[], text[]) is
  'Those of the requested transfers that need nothing special, with all that booking them takes; null when there is none.';

create function ledger.book_items(p_items ledger.item[])
returns table (ord int, body jsonb)
language plpgsql volatile
set search_path = ''
set timezone = 'UTC'
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
set enable_seqscan = off
set lock_timeout = '1s' -- one payer who is busy must not hold up the rest: then all go alone
as $$
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
$$;
comment on function ledger.book_items(ledger.item[]) is
  'Books plain transfers together and gives the payer''s transaction of each, but of no payer who cannot pay all of theirs. Stores the answers of those with a key.';

-- Items are plain or left alone: the caller sends what is not in the answer through app_private.post_transaction. So a batch
-- never waits for anything after its payers, and one odd item does not slow the others down. Left alone are: requests with a
-- fee, a limit, a first use, a freeze, a refusal or a replay, a session that ended, and all of a payer who cannot pay them all.
create function app_private.post_transactions(
  p_actors uuid[], p_sessions uuid[], p_keys text[], p_hashes bytea[], p_recipients text[],
  p_amounts text[], p_currencies text[], p_descriptions text[], p_categories text[]
)
returns table (ord int, replayed boolean, status int, body jsonb)
language plpgsql volatile security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_items ledger.item[];
begin
  if greatest(cardinality(p_actors), cardinality(p_sessions), cardinality(p_keys), cardinality(p_hashes), cardinality(p_recipients),
      cardinality(p_amounts), cardinality(p_currencies), cardinality(p_descriptions), cardinality(p_categories)) > 512 then
    raise exception 'a batch has at most 512 items' using errcode = 'program_limit_exceeded';
  end if;
  select array_agg(i) into v_items
  from unnest(ledger.plain_items(p_actors, p_keys, p_hashes, p_recipients, p_amounts, p_currencies, p_descriptions, p_categories)) i
  join auth.sessions s on s.id = p_sessions[i.ord] and s.user_id = i.actor and (s.not_after is null or s.not_after > now())
  join auth.users u on u.id = i.actor and (u.banned_until is null or u.banned_until <= now());
  if v_items is not null then
    return query select b.ord, false, 201, b.body from ledger.book_items(v_items) b;
  end if;
end
$$;
comment on function app_private.post_transactions(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) is
  'Sends money for many, up to 512 requests, each as app_private.post_transaction would; gives an answer (ord from 1) for each that is plain. The others were not touched.';
