-- What the self-audit (2_functions_audit.sql) checks: each function a group of invariants, as counts of violations.

-- What entries say of themselves: a walk along each account, from its mark on. Without marks it is a walk from the beginning.
create function ledger.audit_entries(p_full boolean)
returns table (invariant text, violations bigint, checked bigint)
language plpgsql stable
set search_path = ''
as $$
declare
  w record;
begin
  with mark as (
    select a.id, a.seq as head_seq, a.balance_minor as head_balance, a.chain_head, a.earned_minor as head_earned,
      coalesce(m.seq, 0) as seq, coalesce(m.balance_minor, 0) as balance, coalesce(m.earned_minor, 0) as earned,
      coalesce(m.hash, '\x') as hash
    from ledger.accounts a
    left join ledger.audit_marks m on m.account_id = a.id and not p_full
  ), moved as materialized (
    select * from mark m
    where p_full or (m.seq, m.balance, m.earned, m.hash) is distinct from (m.head_seq, m.head_balance, m.head_earned, m.chain_head)
  ), walked as (
    select e.account_id, e.seq, e.balance_minor, e.hash, e.seq - lag(e.seq, 1, m.seq) over o as step,
      e.balance_minor - lag(e.balance_minor, 1, m.balance) over o - e.amount_minor as drift,
      e.hash = ledger.link(lag(e.hash, 1, m.hash) over o, e.seq, e.balance_minor,
        ledger.line(e.transfer_id, e.kind, e.currency, e.amount_minor, e.created_at, e.counterparty, e.category, e.description)) as linked,
      case when e.kind in ('transfer', 'capture') and e.purpose = 'available' and e.amount_minor > 0 then e.amount_minor end as earned
    from moved m
    -- offset 0: account by account through the key, never by a look at all there is.
    cross join lateral (select * from ledger.entries x where x.account_id = m.id and x.seq > m.seq offset 0) e
    window o as (partition by e.account_id order by e.seq)
  ), summed as (
    select x.account_id, count(*) as entries, max(x.seq) as seq, sum(x.earned) as earned, count(*) filter (where x.step <> 1) as gaps,
      count(*) filter (where x.drift <> 0) as drifts, count(*) filter (where not x.linked) as breaks
    from walked x group by x.account_id
  )
  select sum(s.entries) as entries, sum(s.gaps) as gaps, sum(s.drifts) as drifts, sum(s.breaks) as breaks,
    count(*) filter (where (coalesce(l.seq, m.seq), coalesce(l.balance_minor, m.balance)) <> (m.head_seq, m.head_balance)) as heads,
    count(*) filter (where coalesce(l.hash, m.hash) <> m.chain_head) as chain_heads,
    count(*) filter (where m.earned + coalesce(s.earned, 0) <> m.head_earned) as earnings
  into w
  from moved m
  left join summed s on s.account_id = m.id
  left join lateral (
    select x.seq, x.balance_minor, x.hash from ledger.entries x where x.account_id = m.id and x.seq = s.seq offset 0
  ) l on true;

  return query
  select f.invariant, coalesce(f.violations, 0)::bigint, coalesce(f.checked, 0)::bigint
  from (values
    ('balance and seq of an account are those of its last entry', w.heads, w.entries),
    ('seq has no gap', w.gaps, 0),
    ('each balance is the one before plus the amount', w.drifts, 0),
    ('each hash is that of the entry and the hash before it, up to the head of the account', coalesce(w.breaks, 0) + w.chain_heads, 0),
    ('earnings are the sum of transfers and captures received', w.earnings, 0)
  ) f (invariant, violations, checked);
end
$$;
comment on function ledger.audit_entries(boolean) is
  'Findings about the entries since the marks (or all), account by account: heads, gaps, balances, hashes, earnings.';

-- What transfers say: all of them, each leg in one place.
create function ledger.audit_transfers()
returns table (invariant text, violations bigint, checked bigint)
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  with booked as (
    select e.transfer_id, e.account_id, e.amount_minor from ledger.entries e
    union all
    select q.transfer_id, q.account_id, q.amount_minor from ledger.queued_entries q
  ), found as (
    select b.transfer_id, b.account_id, count(*) as times, sum(b.amount_minor) as amount from booked b group by 1, 2
  ), leg as (
    select t.id, l.account, l.amount from ledger.transfers t cross join unnest(t.accounts, t.amounts) l (account, amount)
  ), compared as materialized (
    select
      count(*) filter (where l.id is not null and (f.times, f.amount) is distinct from (1::bigint, l.amount::numeric)) as not_once,
      count(*) filter (where f.times is not null and f.amount is distinct from f.times * l.amount) as foreign_legs
    from leg l full join found f on f.transfer_id = l.id and f.account_id = l.account
  )
  select 'each entry is a leg of its transfer', c.foreign_legs, 0::bigint from compared c
  union all
  select 'every leg of a transfer is booked or queued exactly once', c.not_once, 0::bigint from compared c
  union all
  select 'every entry belongs to a transfer and an account', count(*), 0::bigint
  from booked b
  where not exists (select from ledger.transfers t where t.id = b.transfer_id) or not exists (select from ledger.accounts a where a.id = b.account_id)
  union all
  select 'the legs of every transfer sum to zero', count(*), 0::bigint from (
    select t.id from ledger.transfers t where cardinality(t.amounts) < 2 or not ledger.sums_to_zero(t.amounts)
    union
    select f.transfer_id from found f group by 1 having sum(f.amount) <> 0) x
  union all
  select 'every reversal takes back one transfer, once', count(*), 0::bigint from (
    select from ledger.reversals r
    left join ledger.transfers t on t.id = r.transfer_id
    left join ledger.transfers b on b.id = r.reversal_id
    where t.kind is null or t.kind not in ('transfer', 'capture') or b.kind is distinct from 'reversal'
    union all
    select from ledger.transfers b
    where b.kind = 'reversal' and not exists (select from ledger.reversals r where r.reversal_id = b.id)) x;
end
$$;
comment on function ledger.audit_transfers() is 'Findings about all transfers, their legs and reversals.';

-- The same for what was booked since the marks. A leg that is neither among those nor queued
-- is looked for by its key, or, when it was queued once, backwards in its account.
create function ledger.audit_recent_transfers()
returns table (invariant text, violations bigint, checked bigint)
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  with fresh as materialized (
    select e.transfer_id, e.account_id, e.amount_minor, false as queued
    from ledger.accounts a
    left join ledger.audit_marks m on m.account_id = a.id
    cross join lateral (
      select * from ledger.entries x where x.account_id = a.id and x.seq > coalesce(m.seq, 0) offset 0
    ) e
    where a.seq > coalesce(m.seq, 0)
    union all
    select q.transfer_id, q.account_id, q.amount_minor, true from ledger.queued_entries q
  ), found as materialized (
    select f.transfer_id, f.account_id, count(*) as times, sum(f.amount_minor) as amount, bool_or(f.queued) as queued
    from fresh f group by 1, 2
  ), leg as materialized (
    select t.id, t.kind, t.amounts, l.account, l.amount, l.seq
    from (select distinct f.transfer_id from fresh f) x
    cross join lateral (select * from ledger.transfers t where t.id = x.transfer_id offset 0) t
    cross join unnest(t.accounts, t.amounts, t.seqs) l (account, amount, seq)
  ), missing as (
    select l.id, l.account, l.amount, l.seq from leg l
    where not exists (select from found f where f.transfer_id = l.id and f.account_id = l.account)
  )
  select 'each entry is a leg of its transfer', count(*), 0::bigint
  from found f left join leg l on l.id = f.transfer_id and l.account = f.account_id
  where f.amount is distinct from f.times * l.amount
  union all
  select 'every leg of a transfer is booked or queued exactly once', (
      select count(*) from missing m
      where m.amount is distinct from (
        select e.amount_minor from ledger.entries e
        where e.account_id = m.account and e.transfer_id = m.id and e.seq between m.seq and coalesce(nullif(m.seq, 0), 9223372036854775807)
        order by e.seq desc limit 1)
    ) + (
      select count(*) from leg l join found f on f.transfer_id = l.id and f.account_id = l.account
      where (f.times, f.amount) <> (1, l.amount) or (f.queued and l.seq <> 0)
    ), 0::bigint
  union all
  select 'every entry belongs to a transfer and an account', count(*), 0::bigint
  from found f where not exists (select from leg l where l.id = f.transfer_id)
  union all
  select 'the legs of every transfer sum to zero', count(distinct l.id), 0::bigint
  from leg l where cardinality(l.amounts) < 2 or not ledger.sums_to_zero(l.amounts)
  union all
  select 'every reversal takes back one transfer, once', count(distinct l.id), 0::bigint
  from leg l
  where l.kind = 'reversal' and not exists (
    select from ledger.reversals r join ledger.transfers t on t.id = r.transfer_id
    where r.reversal_id = l.id and t.kind in ('transfer', 'capture'));
end
$$;
comment on function ledger.audit_recent_transfers() is 'Findings about the legs of the transfers that were booked or queued since the marks.';

-- How things stand now: over accounts, open holds and what is on its way, none of which grows with the history.
create function ledger.audit_state(p_full boolean)
returns table (invariant text, violations bigint, checked bigint)
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  select 'no account is below its floor', count(*), 0::bigint from ledger.accounts a where a.balance_minor < a.floor_minor
  union all
  select 'all balances and queued legs of a currency sum to zero', count(*), 0::bigint from (
    select from (
      select a.currency, a.balance_minor as minor from ledger.accounts a
      union all
      select q.currency, q.amount_minor from ledger.queued_entries q) x
    group by x.currency having sum(x.minor) <> 0) y
  union all
  select 'pending money is what open holds keep', count(*), 0::bigint from (
    select from (
      select a.owner, a.currency, a.balance_minor as minor from ledger.accounts a where a.purpose = 'pending'
      union all
      select q.owner, q.currency, q.amount_minor from ledger.queued_entries q where q.purpose = 'pending'
      union all
      select h.owner, h.currency, -h.amount_minor from ledger.holds h where h.state = 'open') x
    group by x.owner, x.currency having sum(x.minor) <> 0) y
  union all
  select 'every withdrawal is as its hold says', count(*), 0::bigint
  from (
    select h.id from ledger.holds h where h.kind = 'withdrawal' and h.state = 'open'
    union
    select w.id from ledger.withdrawals w where w.state in ('requested', 'submitted')
    union
    select h.id from ledger.holds h where p_full and h.kind = 'withdrawal'
    union
    select w.id from ledger.withdrawals w where p_full) i
  left join ledger.holds h on h.id = i.id
  left join ledger.withdrawals w on w.id = i.id
  where (h.kind, h.owner, h.currency, h.amount_minor, h.state) is distinct from
    ('withdrawal', w.owner, w.currency, w.amount_minor + w.fee_minor,
      case w.state when 'paid' then 'captured' when 'failed' then 'voided' else 'open' end);
end
$$;
comment on function ledger.audit_state(boolean) is
  'Findings about floors, sums of currencies, pending money, and withdrawals (in full: also those that are over).';
