-- One transfer to many people, and a transfer taken back. Both are booked by ledger.post.

create function ledger.divide(p_amount bigint, p_shares int[])
returns bigint[]
language plpgsql immutable
set search_path = ''
as $$
begin
  -- In numeric, as amount * share may be more than a bigint holds.
  return (
    with part as (
      select s.n, div(p_amount::numeric * s.share, t.total) as whole, mod(p_amount::numeric * s.share, t.total) as remainder
      from unnest(p_shares) with ordinality s (share, n), (select sum(u.share)::numeric as total from unnest(p_shares) u (share)) t
    ), ranked as (
      select p.n, p.whole, p_amount - sum(p.whole) over () as left_over, row_number() over (order by p.remainder desc, p.n) as place
      from part p
    )
    select array_agg((r.whole + case when r.place <= r.left_over then 1 else 0 end)::bigint order by r.n) from ranked r);
end
$$;
comment on function ledger.divide(bigint, int[]) is
  'An amount in proportion to shares, exactly: each gets the whole minor units of its part, and what is left goes one by one to the largest remainders, of equal ones to the first named.';

create function ledger.split_amounts(p_amount bigint, p_currency text, p_recipients jsonb)
returns bigint[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_shares int;
  v_amounts int;
  v_parts bigint[];
begin
  select count(*) filter (where r ->> 'share' ~ '^[1-9][0-9]{0,6}$' and r ->> 'amount' is null),
    count(*) filter (where r ->> 'amount' is not null and r ->> 'share' is null)
  into v_shares, v_amounts from jsonb_array_elements(p_recipients) r;
  if v_shares = jsonb_array_length(p_recipients) then
    select ledger.divide(p_amount, array_agg((r.part ->> 'share')::int order by r.n)) into v_parts
    from jsonb_array_elements(p_recipients) with ordinality r (part, n);
    if 0 = any (v_parts) then
      perform app_hidden.fail(422, 'wallet.invalid_split', 'Somebody would get nothing: the amount is too small for these shares.',
        'Send more, or to fewer people.');
    end if;
  elsif v_amounts = jsonb_array_length(p_recipients) then
    select array_agg(ledger.parse_amount(r.part ->> 'amount', p_currency) order by r.n) into v_parts
    from jsonb_array_elements(p_recipients) with ordinality r (part, n);
    if (select sum(u.part) from unnest(v_parts) u (part)) <> p_amount then
      perform app_hidden.fail(422, 'wallet.invalid_split', 'The parts do not add up to the amount.', 'Send parts whose sum is the amount, or shares.');
    end if;
  else
    perform app_hidden.fail(422, 'wallet.invalid_split', 'Each recipient needs an amount, or each a share.',
      'Send amounts for all, or whole shares from 1 for all.');
  end if;
  return v_parts;
end
$$;
comment on function ledger.split_amounts(bigint, text, jsonb) is
  'What each recipient of a split gets, in their order: as stated, or by shares; all of it sums to the amount, else 422 wallet.invalid_split.';

create function ledger.split(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_people uuid[];
  v_parts bigint[];
  v_payer bigint := ledger.paying_account(p_actor, v_currency);
  v_fee record;
  v_fees numeric := 0;
  v_paid numeric := v_amount;
  v_accounts bigint[];
  v_amounts bigint[];
  v_transfer uuid;
begin
  if jsonb_array_length(p_arguments -> 'recipients') not between 1 and 100 then
    perform app_hidden.fail(422, 'wallet.invalid_split', 'A split has 1 to 100 recipients.', 'Split it in parts.');
  end if;
  select array_agg(ledger.counterparty(p_actor, r.part ->> 'recipient') order by r.n) into v_people
  from jsonb_array_elements(p_arguments -> 'recipients') with ordinality r (part, n);
  if (select count(distinct u.person) from unnest(v_people) u (person)) < cardinality(v_people) then
    perform app_hidden.fail(422, 'wallet.invalid_split', 'Somebody is named twice.', 'Name each recipient once.');
  end if;
  v_parts := ledger.split_amounts(v_amount, v_currency, p_arguments -> 'recipients');

  -- Making an account waits, so they are made in one order and before any account is locked.
  perform ledger.ensure_account(o.person, v_currency, 'available')
  from (select u.person from unnest(v_people) u (person) order by u.person) o;
  select array_agg(a.id order by u.n) into v_accounts
  from unnest(v_people) with ordinality u (person, n)
  join ledger.accounts a on a.owner = u.person and a.currency = v_currency and a.purpose = 'available';
  v_amounts := v_parts;
  for i in 1 .. cardinality(v_parts) loop
    v_fee := ledger.fee_of(v_currency, 'transfer', v_parts[i]);
    v_fees := v_fees + v_fee.fee_minor;
    if v_fee.charged_to = 'recipient' then
      v_amounts[i] := v_amounts[i] - v_fee.fee_minor;
    else
      v_paid := v_paid + v_fee.fee_minor;
    end if;
  end loop;
  -- More than a bigint is more money than there is: the payer is refused.
  v_fees := least(v_fees, 9223372036854775807);
  v_paid := least(v_paid, 9223372036854775807);
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from unnest(v_payer || v_accounts || ledger.system_account(v_currency, 'fees'), -v_paid::bigint || v_amounts || v_fees::bigint) l (account, amount)
  where l.amount <> 0;
  v_transfer := ledger.post('transfer', v_currency, v_accounts, v_amounts, p_actor, null,
    p_arguments ->> 'description', p_arguments ->> 'category');
  return jsonb_build_object('transaction', ledger.transaction_of(p_actor, v_transfer), 'splits', (
    select jsonb_agg(jsonb_build_object('recipient_id', p.id, 'username', p.username::text,
      'amount', app_hidden.format_amount(u.part, c.exponent)) order by u.n)
    from unnest(v_people, v_parts) with ordinality u (person, part, n)
    join public.profiles p on p.id = u.person
    join ledger.currencies c on c.code = v_currency));
end
$$;
comment on function ledger.split(uuid, jsonb) is
  'One payer pays up to 100 people in one transfer, all or none: {amount, currency, recipients: [{recipient, amount} or {recipient, share}], description, category}.';

-- Reversals ---------------------------------------------------------------------------------------------------------------

create function ledger.reverse_transfer(t ledger.transfers, p_reason text)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_accounts bigint[];
  v_amounts bigint[];
  v_id uuid := app_private.uuid_v7();
begin
  if t.kind not in ('transfer', 'capture') then
    perform app_hidden.fail(422, 'wallet.not_reversible', 'Only payments between people can be reversed.',
      'Send money the other way, or contact support.');
  end if;
  -- A twin waits here, before any account is locked.
  insert into ledger.reversals (transfer_id, reversal_id, reason) values (t.id, v_id, p_reason) on conflict (transfer_id) do nothing;
  if not found then
    perform app_hidden.fail(409, 'wallet.already_reversed', 'This transaction was reversed already.', 'A transaction is reversed once.');
  end if;
  -- Whatever of it was theirs before (a capture came out of pending), the payer gets it back as available.
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from (
    select coalesce(b.id, a.id) as account, -sum(u.amount)::bigint as amount
    from unnest(t.accounts, t.amounts) u (account, amount)
    join ledger.accounts a on a.id = u.account
    left join ledger.accounts b on b.owner = t.from_owner and a.owner = t.from_owner and b.currency = t.currency and b.purpose = 'available'
    group by 1
  ) l;
  return ledger.post('reversal', t.currency, v_accounts, v_amounts, t.to_owner, t.from_owner, p_reason, t.category, v_id);
end
$$;
comment on function ledger.reverse_transfer(ledger.transfers, text) is
  'Books a transfer or a capture back, fees too, once, and gives the id of the reversal; else 402, 409 wallet.already_reversed or 422 wallet.not_reversible.';

create function ledger.reverse(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := ledger.id_in(p_arguments);
  t ledger.transfers;
begin
  -- The payer knows a capture by the id of the hold.
  v_id := coalesce((select h.transfer_id from ledger.holds h where h.id = v_id and h.owner = p_actor), v_id);
  select * into t from ledger.transfers x
  where x.id = v_id and exists (select from ledger.accounts a where a.id = any (x.accounts) and a.owner = p_actor);
  if not found then
    perform app_hidden.fail(404, 'wallet.transaction_not_found', 'You have no such completed transaction.', 'List your transactions.');
  elsif t.kind in ('transfer', 'capture') and t.from_owner = p_actor then
    perform app_hidden.fail(403, 'auth.forbidden', 'Only who received this money may give it back.', 'Ask the recipient, or contact support.');
  elsif t.to_owner is null then
    perform app_hidden.fail(422, 'wallet.not_reversible', 'Other people received money by this transaction too.',
      'Send your part back as a payment.');
  end if;
  -- Operators may take money out of a frozen wallet; its owner may not, to nobody. Locked before it is looked at, as a freeze does.
  perform from ledger.accounts a where a.id = any (t.accounts) and a.owner = p_actor and a.purpose = 'available' order by a.id for no key update;
  if exists (select from ledger.accounts a where a.owner = p_actor and a.currency = t.currency and a.frozen_out) then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Contact support.');
  end if;
  v_id := ledger.reverse_transfer(t, p_arguments ->> 'reason');
  return ledger.transaction_of(p_actor, v_id);
end
$$;
comment on function ledger.reverse(uuid, jsonb) is 'The payee of a payment or a capture gives all of it back: {id, reason}.';
