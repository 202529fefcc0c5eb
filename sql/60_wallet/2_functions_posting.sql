-- Booking: the one way in which balances change, besides the set of transfers in 2_functions_transfer.sql.

-- Says why money could not be taken from an account. It is locked, or was not there at all.
create function ledger.refuse(p_account bigint, p_amount bigint, p_kind text)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  a record;
begin
  select x.*, c.exponent, coalesce(x.max_transfer_minor, c.max_transfer_minor) as max_transfer,
    coalesce(x.max_day_minor, c.max_day_minor) as max_day, coalesce(x.max_hour_count, c.max_hour_count) as max_hour
  into a from ledger.accounts x join ledger.currencies c on c.code = x.currency where x.id = p_account;
  if not found or a.closed_at is not null and a.purpose <> 'pending' and p_kind <> 'correction' then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is no open wallet to move this money to or from.',
      'Check the username or id.');
  elsif a.frozen_out and p_kind = 'capture' then
    -- Whoever captures, it is the payer's money.
    perform app_hidden.fail(403, 'wallet.frozen', 'The wallet of the payer is frozen.', 'Ask the payer to contact the operators of the app.');
  elsif a.frozen_out and p_kind in ('transfer', 'hold') then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
  elsif a.balance_minor < a.floor_minor + p_amount and p_kind = 'capture' then
    -- What is captured was set aside; a fee on top may not be.
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The payer has too little for the fee of this capture.',
      'Capture less, or ask the payer to add money first.');
  elsif a.balance_minor < a.floor_minor + p_amount then
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.',
      'Send less or add money first.');
  elsif p_amount > a.max_transfer then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'This is more than may leave this wallet at once.',
      format('Send at most %s %s.', app_hidden.format_amount(a.max_transfer, a.exponent), a.currency));
  elsif (case when a.day >= (clock_timestamp() at time zone 'UTC')::date then a.day_minor else 0 end) + p_amount > a.max_day then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'This is more than may leave this wallet in a day.',
      format('At most %s %s may be sent in a day (UTC).', app_hidden.format_amount(a.max_day, a.exponent), a.currency));
  elsif a.hour >= date_trunc('hour', clock_timestamp(), 'UTC') and a.hour_count >= a.max_hour then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'Money was sent from this wallet too often in this hour.',
      format('At most %s times in an hour.', a.max_hour));
  end if;
  raise exception 'account % refused % for no reason', p_account, p_amount;
end
$$;
comment on function ledger.refuse(bigint, bigint, text) is 'Raises the business failure that kept a posting from taking this much from an account.';

create function ledger.fold(p_account bigint)
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  a ledger.accounts;
  q ledger.queued_entries;
  v_count int := 0;
begin
  if not exists (select from ledger.queued_entries x where x.account_id = p_account) then
    return 0;
  end if;
  select * into a from ledger.accounts x where x.id = p_account for no key update;
  -- Bounded: what is left is booked by the next round.
  for q in
    with taken as (
      delete from ledger.queued_entries x
      where x.account_id = p_account and x.transfer_id in (
        select y.transfer_id from ledger.queued_entries y where y.account_id = p_account order by y.transfer_id limit 2000)
      returning x.*
    )
    select * from taken order by transfer_id
  loop
    a.seq := a.seq + 1;
    a.balance_minor := a.balance_minor + q.amount_minor;
    a.chain_head := ledger.link(a.chain_head, a.seq, a.balance_minor,
      ledger.line(q.transfer_id, q.kind, q.currency, q.amount_minor, q.created_at, q.counterparty, q.category, q.description));
    if q.kind in ('transfer', 'capture') and q.purpose = 'available' then
      a.earned_minor := a.earned_minor + q.amount_minor;
    end if;
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (p_account, a.seq, q.transfer_id, q.owner, q.purpose, q.kind, q.currency, q.amount_minor, a.balance_minor,
      q.counterparty, q.description, q.category, q.created_at, a.chain_head);
    v_count := v_count + 1;
  end loop;
  update ledger.accounts x set balance_minor = a.balance_minor, earned_minor = a.earned_minor, seq = a.seq, chain_head = a.chain_head,
    updated_at = clock_timestamp()
  where x.id = p_account;
  return v_count;
end
$$;
comment on function ledger.fold(bigint) is 'Books up to 2,000 queued legs of an account as entries, in the order in which they came, and says how many.';

-- Called by whoever is short of money, with the account locked: what is theirs but not yet in the balance.
create function ledger.free_up(p_account bigint)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  a record;
begin
  while ledger.fold(p_account) > 0 loop
  end loop;
  select x.owner, x.purpose, x.currency into a from ledger.accounts x where x.id = p_account;
  if a.owner is not null and a.purpose = 'available' then
    perform ledger.release_expired(a.owner, a.currency);
    while ledger.fold(p_account) > 0 loop
    end loop;
  end if;
end
$$;
comment on function ledger.free_up(bigint) is 'Books queued credits of a locked account, and gives it back what its owner''s expired holds still keep.';

-- Takes money from a locked or lockable account: false when it is closed, frozen, short, or at a limit.
create function ledger.debit(
  p_account bigint, p_amount bigint, p_kind text, p_line text,
  out ok boolean, out seq bigint, out balance_minor bigint, out hash bytea
)
language plpgsql volatile
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_today date := (clock_timestamp() at time zone 'UTC')::date;
  v_hour timestamptz := date_trunc('hour', clock_timestamp(), 'UTC');
  v_limited boolean := p_kind in ('transfer', 'hold');
begin
  update ledger.accounts a set
    balance_minor = a.balance_minor - p_amount,
    seq = a.seq + 1,
    chain_head = ledger.link(a.chain_head, a.seq + 1, a.balance_minor - p_amount, p_line),
    day = case when v_limited then greatest(a.day, v_today) else a.day end,
    day_minor = case when not v_limited then a.day_minor when a.day >= v_today then a.day_minor + p_amount else p_amount end,
    hour = case when v_limited then greatest(a.hour, v_hour) else a.hour end,
    hour_count = case when not v_limited then a.hour_count when a.hour >= v_hour then a.hour_count + 1 else 1 end,
    updated_at = clock_timestamp()
  from ledger.currencies c
  -- What was set aside before a wallet closed is still paid out or given back, and operators may correct what is left in it.
  where a.id = p_account and c.code = a.currency and (a.closed_at is null or a.purpose = 'pending' or p_kind = 'correction')
    and not (a.frozen_out and p_kind in ('transfer', 'hold', 'capture'))
    and a.balance_minor >= a.floor_minor + p_amount
    and (not v_limited or (
      p_amount <= coalesce(a.max_transfer_minor, c.max_transfer_minor, p_amount)
      and case when a.day >= v_today then a.day_minor else 0 end + p_amount <= coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807)
      and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, c.max_hour_count, 2147483647)))
  returning true, a.seq, a.balance_minor, a.chain_head into ok, seq, balance_minor, hash;
  ok := coalesce(ok, false);
end
$$;
comment on function ledger.debit(bigint, bigint, text, text) is
  'Takes minor units from an account, waiting for its lock; ok is false, and nothing changed, when it may not.';

create function ledger.credit(
  p_account bigint, p_amount bigint, p_kind text, p_line text,
  out ok boolean, out seq bigint, out balance_minor bigint, out hash bytea
)
language plpgsql volatile
set search_path = ''
as $$
#variable_conflict use_column
begin
  update ledger.accounts a set
    balance_minor = a.balance_minor + p_amount,
    earned_minor = a.earned_minor + case when p_kind in ('transfer', 'capture') and a.purpose = 'available' then p_amount else 0 end,
    seq = a.seq + 1,
    chain_head = ledger.link(a.chain_head, a.seq + 1, a.balance_minor + p_amount, p_line),
    updated_at = clock_timestamp()
  where a.id = (select x.id from ledger.accounts x where x.id = p_account for no key update skip locked)
  returning true, a.seq, a.balance_minor, a.chain_head into ok, seq, balance_minor, hash;
  ok := coalesce(ok, false);
end
$$;
comment on function ledger.credit(bigint, bigint, text, text) is
  'Puts minor units (of the funding account also negative ones) into an account; ok is false, and nothing changed, when somebody has it locked.';

create function ledger.post(
  p_kind text, p_currency text, p_accounts bigint[], p_amounts bigint[],
  p_from_owner uuid, p_to_owner uuid, p_description text, p_category text,
  p_id uuid default app_private.uuid_v7() -- for who writes down what the transfer is for before it is booked
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_leg record;
  v_done record;
  v_line text;
  v_kind text;
  v_other uuid;
  v_now timestamptz := clock_timestamp();
  v_seqs bigint[] := array_fill(0::bigint, array[cardinality(p_accounts)]);
begin
  for v_leg in
    select u.n, u.account, u.amount, a.owner, a.purpose, a.currency, a.closed_at, a.frozen_in,
      u.amount <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0) as fits,
      u.amount < 0 and a.purpose <> 'funding' as waits
    from unnest(p_accounts, p_amounts) with ordinality u (account, amount, n)
    left join ledger.accounts a on a.id = u.account
    order by (u.amount < 0 and a.purpose <> 'funding') desc, u.account
  loop
    v_other := case when v_leg.amount > 0 then p_from_owner else p_to_owner end;
    -- What a capture gives back to the payer is no income of theirs, and no freeze stops it.
    v_kind := case when p_kind = 'capture' and v_leg.amount > 0 and v_leg.owner = p_from_owner then 'release' else p_kind end;
    v_line := ledger.line(p_id, v_kind, p_currency, v_leg.amount, v_now, v_other, p_category, p_description);
    if v_leg.currency is distinct from p_currency then
      perform ledger.refuse(null, 0, p_kind);
    elsif v_leg.waits then
      v_done := ledger.debit(v_leg.account, -v_leg.amount, p_kind, v_line);
      if not v_done.ok then
        perform from ledger.accounts a where a.id = v_leg.account for no key update;
        perform ledger.free_up(v_leg.account);
        v_done := ledger.debit(v_leg.account, -v_leg.amount, p_kind, v_line);
        if not v_done.ok then
          perform ledger.refuse(v_leg.account, -v_leg.amount, p_kind);
        end if;
      end if;
    else
      if v_leg.closed_at is not null and v_kind not in ('release', 'correction') then
        perform ledger.refuse(null, 0, p_kind);
      elsif v_leg.frozen_in and v_leg.purpose = 'available' and v_kind not in ('release', 'withdrawal', 'correction', 'reversal') then
        perform app_hidden.fail(422, 'wallet.recipient_unavailable', 'This wallet cannot receive money at the moment.',
          'Ask the recipient to contact the operators of the app.');
      elsif not v_leg.fits then
        perform app_hidden.fail(422, 'wallet.invalid_amount', 'The receiving wallet cannot hold this amount.', 'Send less.');
      end if;
      v_done := ledger.credit(v_leg.account, v_leg.amount, v_kind, v_line);
    end if;
    if v_done.ok then
      v_seqs[v_leg.n] := v_done.seq;
      insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
        counterparty, description, category, created_at, hash)
      values (v_leg.account, v_done.seq, p_id, v_leg.owner, v_leg.purpose, v_kind, p_currency, v_leg.amount, v_done.balance_minor,
        v_other, p_description, p_category, v_now, v_done.hash);
    else
      insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
        counterparty, description, category, created_at)
      values (v_leg.account, p_id, v_leg.owner, v_leg.purpose, v_kind, p_currency, v_leg.amount,
        v_other, p_description, p_category, v_now);
    end if;
  end loop;
  -- Last, because its trigger looks for the legs.
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (p_id, p_kind, p_currency, (select sum(u.amount) from unnest(p_amounts) u (amount) where u.amount > 0), p_from_owner, p_to_owner,
    p_accounts, p_amounts, v_seqs, p_description, p_category, v_now);
  return p_id;
end
$$;
comment on function ledger.post(text, text, bigint[], bigint[], uuid, uuid, text, text, uuid) is
  'Books one transfer of 2..n legs (account, signed minor units; each account once) and gives its id; refuses with 402, 403, 404 or 422 and changes nothing.';
