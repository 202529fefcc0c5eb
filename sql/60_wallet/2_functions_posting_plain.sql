-- ledger.post in one statement, for what is plain: one account pays, and nothing stands in the way. Whatever is not, is left to
-- ledger.post, which finds out why. It takes four fifths of the time, as each statement that writes parses constraints anew.

create function ledger.post_plain(
  p_id uuid, p_kind text, p_currency text, p_accounts bigint[], p_amounts bigint[],
  p_from_owner uuid, p_to_owner uuid, p_description text, p_category text
)
returns boolean
language plpgsql volatile
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_today date := (v_now at time zone 'UTC')::date;
  v_hour timestamptz := date_trunc('hour', v_now, 'UTC');
  v_limited boolean := p_kind in ('transfer', 'hold');
begin
  with leg as materialized (
    select l.*, ledger.line(p_id, l.kind, p_currency, l.amount, v_now, l.other, p_category, p_description) as line,
      bool_and(l.plain) over () as all_plain
    from (
      select u.n, a.id, u.amount, a.owner, a.purpose,
        case when p_kind = 'capture' and u.amount > 0 and a.owner = p_from_owner then 'release' else p_kind end as kind,
        case when u.amount > 0 then p_from_owner else p_to_owner end as other,
        a.currency = p_currency and (u.n = 1) = (u.amount < 0)
          and case u.n when 1 then a.purpose <> 'funding' else a.closed_at is null and not (a.frozen_in and a.purpose = 'available') end as plain
      from unnest(p_accounts, p_amounts) with ordinality u (account, amount, n)
      join ledger.accounts a on a.id = u.account
    ) l
  ), paid as (
    update ledger.accounts a set
      balance_minor = a.balance_minor + l.amount,
      seq = a.seq + 1,
      chain_head = ledger.link(a.chain_head, a.seq + 1, a.balance_minor + l.amount, l.line),
      day = case when v_limited then greatest(a.day, v_today) else a.day end,
      day_minor = case when not v_limited then a.day_minor when a.day >= v_today then a.day_minor - l.amount else -l.amount end,
      hour = case when v_limited then greatest(a.hour, v_hour) else a.hour end,
      hour_count = case when not v_limited then a.hour_count when a.hour >= v_hour then a.hour_count + 1 else 1 end,
      updated_at = v_now
    from leg l, ledger.currencies c
    where l.n = 1 and l.all_plain and a.id = p_accounts[1] and c.code = p_currency
      and (a.closed_at is null or a.purpose = 'pending')
      and not (a.frozen_out and p_kind in ('transfer', 'hold', 'capture'))
      and a.balance_minor + l.amount >= a.floor_minor
      and (not v_limited or (
        -l.amount <= coalesce(a.max_transfer_minor, c.max_transfer_minor, -l.amount)
        and case when a.day >= v_today then a.day_minor else 0 end - l.amount <= coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807)
        and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, c.max_hour_count, 2147483647)))
    returning 1 as n, a.seq, a.balance_minor, a.chain_head
  ), free as materialized (
    -- After the payer, who is waited for.
    select a.id from ledger.accounts a
    where a.id = any (p_accounts[2:]) and exists (select from paid)
    for no key update skip locked
  ), credited as (
    update ledger.accounts a set
      balance_minor = a.balance_minor + l.amount,
      earned_minor = a.earned_minor + case when l.kind in ('transfer', 'capture') and a.purpose = 'available' then l.amount else 0 end,
      seq = a.seq + 1,
      chain_head = ledger.link(a.chain_head, a.seq + 1, a.balance_minor + l.amount, l.line),
      updated_at = v_now
    from leg l
    where a.id = l.id and l.id in (select f.id from free f)
    returning l.n, a.seq, a.balance_minor, a.chain_head
  ), done as materialized (
    select * from paid union all select * from credited
  ), booked as (
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    select l.id, d.seq, p_id, l.owner, l.purpose, l.kind, p_currency, l.amount, d.balance_minor,
      l.other, p_description, p_category, v_now, d.chain_head
    from done d join leg l on l.n = d.n
  ), queued as (
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    select l.id, p_id, l.owner, l.purpose, l.kind, p_currency, l.amount, l.other, p_description, p_category, v_now
    from leg l where exists (select from paid) and not exists (select from done d where d.n = l.n)
  )
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  select p_id, p_kind, p_currency, -p_amounts[1], p_from_owner, p_to_owner, p_accounts, p_amounts,
    (select array_agg(coalesce(d.seq, 0) order by l.n) from leg l left join done d on d.n = l.n), p_description, p_category, v_now
  from paid;
  return found;
end
$$;
comment on function ledger.post_plain(uuid, text, text, bigint[], bigint[], uuid, uuid, text, text) is
  'Books a transfer under this id as ledger.post does, when the first account pays all others and nothing stands in the way; else false, and nothing changed.';
