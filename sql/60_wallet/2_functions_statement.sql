-- Statements: what was booked in a wallet in a period, in the order of posting, so that whoever reads one can check its hash chain.
-- A leg that waited in the queue is booked a moment later than it was made, so the lines are not quite in the order of created_at.
-- A period therefore goes from the first line made in it (by seq) to the line before the first one of the next period: periods that
-- meet share no line and leave none out, and the lines of each have no gap.

create function ledger.first_seq_since(p_account bigint, p_owner uuid, p_since timestamptz)
returns bigint
language plpgsql stable
set search_path = ''
as $$
declare
  v_first timestamptz;
  v_seq bigint;
begin
  if p_since is null then
    return 1;
  end if;
  select e.created_at into v_first from ledger.entries e
  where e.owner = p_owner and e.purpose = 'available' and e.account_id = p_account and e.created_at >= p_since
  order by e.created_at limit 1;
  -- No leg waits in the queue for an hour after a later one was booked.
  select min(e.seq) into v_seq from ledger.entries e
  where e.owner = p_owner and e.purpose = 'available' and e.account_id = p_account
    and e.created_at >= v_first and e.created_at < v_first + interval '1 hour';
  return coalesce(v_seq, (select a.seq + 1 from ledger.accounts a where a.id = p_account));
end
$$;
comment on function ledger.first_seq_since(bigint, uuid, timestamptz) is
  'The seq with which a period begins in somebody''s available account: 1 for null, the next one to come where nothing was booked since.';

create function ledger.statement_account(p_actor uuid, p_currency text)
returns ledger.accounts
language plpgsql stable
set search_path = ''
as $$
declare
  a ledger.accounts;
begin
  select * into a from ledger.accounts x where x.owner = p_actor and x.currency = p_currency and x.purpose = 'available';
  if not found then
    perform app_hidden.fail(404, 'wallet.not_found', 'You have no wallet in this currency.', 'Leave `currency` out to see the default wallet.');
  end if;
  return a;
end
$$;
comment on function ledger.statement_account(uuid, text) is 'The account that a person''s statement is of; else 404 wallet.not_found.';

create function app_private.statement(
  p_actor uuid, p_currency text, p_from timestamptz, p_to timestamptz, p_limit int, p_after_seq bigint
)
returns table (
  seq bigint, transaction_id uuid, kind text, type text, amount text, balance_after text, counterparty_username text,
  category text, description text, created_at timestamptz, line text, hash text
)
language plpgsql stable security definer -- the caller vouches for p_actor
set search_path = ''
as $$
#variable_conflict use_column
declare
  a ledger.accounts := ledger.statement_account(p_actor, p_currency);
  v_first bigint := greatest(ledger.first_seq_since(a.id, p_actor, p_from), p_after_seq + 1);
  v_end bigint := case when p_to is null then a.seq + 1 else ledger.first_seq_since(a.id, p_actor, p_to) end;
begin
  return query
  select e.seq, e.transfer_id, e.kind, case when e.amount_minor > 0 then 'income' else 'expense' end,
    app_hidden.format_amount(abs(e.amount_minor), c.exponent), app_hidden.format_amount(e.balance_minor, c.exponent), k.username::text,
    e.category, e.description, e.created_at,
    ledger.line(e.transfer_id, e.kind, e.currency, e.amount_minor, e.created_at, e.counterparty, e.category, e.description),
    encode(e.hash, 'hex')
  from ledger.entries e
  join ledger.currencies c on c.code = e.currency
  left join public.profiles k on k.id = e.counterparty
  where e.account_id = a.id and e.seq >= v_first and e.seq < v_end
  order by e.seq
  limit least(greatest(p_limit, 1), 10000);
end
$$;
comment on function app_private.statement(uuid, text, timestamptz, timestamptz, int, bigint) is
  'Lines of a person''s statement from p_from until before p_to (null: all) in the order of posting, after p_after_seq (null: from the first); amounts without sign, type says which way.';

create function app_private.statement_header(p_actor uuid, p_currency text, p_from timestamptz, p_to timestamptz)
returns table (
  currency text, opening_balance text, closing_balance text, total_in text, total_out text, first_seq bigint, last_seq bigint,
  previous_hash text, last_hash text, head_seq bigint, head_hash text, pending_balance text
)
language plpgsql stable security definer -- the caller vouches for p_actor
set search_path = ''
as $$
#variable_conflict use_column
declare
  a ledger.accounts := ledger.statement_account(p_actor, p_currency);
  v_first bigint := ledger.first_seq_since(a.id, p_actor, p_from);
  v_last bigint := case when p_to is null then a.seq else ledger.first_seq_since(a.id, p_actor, p_to) - 1 end;
begin
  return query
  select a.currency, app_hidden.format_amount(coalesce(b.balance_minor, 0), c.exponent),
    app_hidden.format_amount(coalesce(l.balance_minor, b.balance_minor, 0), c.exponent),
    app_hidden.format_amount(s.total_in, c.exponent), app_hidden.format_amount(s.total_out, c.exponent),
    case when v_first <= v_last then v_first end, case when v_first <= v_last then v_last end,
    encode(coalesce(b.hash, ''), 'hex'), encode(coalesce(l.hash, b.hash, ''), 'hex'), a.seq, encode(a.chain_head, 'hex'), w.pending_balance
  from ledger.currencies c
  left join ledger.entries b on b.account_id = a.id and b.seq = v_first - 1
  left join ledger.entries l on l.account_id = a.id and l.seq = v_last and v_first <= v_last
  left join public.wallet w on w.user_id = p_actor and w.currency = a.currency
  cross join lateral (
    select coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0)::bigint as total_in,
      coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0)::bigint as total_out
    from ledger.entries e where e.account_id = a.id and e.seq between v_first and v_last
  ) s
  where c.code = a.currency;
end
$$;
comment on function app_private.statement_header(uuid, text, timestamptz, timestamptz) is
  'What stands above and below the lines: balances before and after them, sums, the hash before the first line (nothing before seq 1), and the head of the whole chain.';
