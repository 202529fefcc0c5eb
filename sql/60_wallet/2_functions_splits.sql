-- One transfer to many people, booked by ledger.post.

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

-- Refusals that name their part ---------------------------------------------------------------------------------------------

create function ledger.fail_parts(p_status int, p_code text, p_message text, p_hint text, p_parts jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- An error has no field for such a list. COLUMN reaches ledger.run_command as it is, and nothing else of ours sets it.
  raise exception using errcode = 'PT' || p_status, message = p_message, detail = p_code, hint = coalesce(p_hint, ''),
    column = coalesce(p_parts::text, '');
end
$$;
comment on function ledger.fail_parts(int, text, text, text, jsonb) is
  'As app_hidden.fail, and says which parts of the request it is about: a list of {path, code, message}, which the API answers as `errors`.';

create function ledger.part(p_path text, p_code text, p_message text)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
begin
  return jsonb_build_array(jsonb_build_object('path', 'body.' || p_path, 'code', p_code, 'message', p_message));
end
$$;
comment on function ledger.part(text, text, text) is 'One part of a request for ledger.fail_parts, such as transfers.3 of the body, and what is wrong with it.';

create function ledger.recipient_parts(p_numbers int[], p_code text, p_message text)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
begin
  return (select jsonb_agg(ledger.part('recipients.' || u.n - 1, p_code, p_message) -> 0 order by u.n) from unnest(p_numbers) u (n));
end
$$;
comment on function ledger.recipient_parts(int[], text, text) is 'The same for recipients of a split, by their numbers from 1; null when there are none.';

create function ledger.split_people(p_actor uuid, p_recipients jsonb)
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_people uuid[] := '{}';
  v_twice int[];
  v_code text;
  v_hint text;
begin
  begin
    for i in 1 .. jsonb_array_length(p_recipients) loop
      v_people := v_people || ledger.counterparty(p_actor, p_recipients -> (i - 1) ->> 'recipient');
    end loop;
  exception when sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
    get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
    perform ledger.fail_parts(substring(sqlstate from 3)::int, v_code, sqlerrm, v_hint,
      ledger.recipient_parts(array[cardinality(v_people) + 1], v_code, sqlerrm));
  end;
  select array_agg(r.n) into v_twice
  from (select u.n::int as n, row_number() over (partition by u.person order by u.n) as nth from unnest(v_people) with ordinality u (person, n)) r
  where r.nth > 1;
  if v_twice is not null then
    perform ledger.fail_parts(422, 'wallet.invalid_split', 'Somebody is named twice.', 'Name each recipient once.',
      ledger.recipient_parts(v_twice, 'wallet.invalid_split', 'Is named before.'));
  end if;
  return v_people;
end
$$;
comment on function ledger.split_people(uuid, jsonb) is
  'The recipients of a split, in their order; else the refusal of the first whom the actor cannot pay, or 422 wallet.invalid_split.';

create function ledger.stated_amounts(p_currency text, p_recipients jsonb)
returns bigint[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_parts bigint[] := '{}';
  v_code text;
  v_hint text;
begin
  for i in 1 .. jsonb_array_length(p_recipients) loop
    v_parts := v_parts || ledger.parse_amount(p_recipients -> (i - 1) ->> 'amount', p_currency);
  end loop;
  return v_parts;
exception when sqlstate 'PT422' then
  get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
  perform ledger.fail_parts(422, v_code, sqlerrm, v_hint, ledger.part(format('recipients.%s.amount', cardinality(v_parts)), v_code, sqlerrm));
end
$$;
comment on function ledger.stated_amounts(text, jsonb) is 'The amounts of a split as stated; else as ledger.parse_amount refuses the first that is none.';

-- Splits ------------------------------------------------------------------------------------------------------------------

create function ledger.split_amounts(p_amount bigint, p_currency text, p_recipients jsonb)
returns bigint[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_kinds text[];
  v_parts bigint[];
  v_wrong int[];
begin
  select array_agg(case
      when r.part ->> 'share' ~ '^[1-9][0-9]{0,6}$' and r.part ->> 'amount' is null then 'share'
      when r.part ->> 'amount' is not null and r.part ->> 'share' is null then 'amount'
    end order by r.n) into v_kinds
  from jsonb_array_elements(p_recipients) with ordinality r (part, n);
  select array_agg(u.n::int) into v_wrong
  from unnest(v_kinds) with ordinality u (kind, n) where u.kind is null or u.kind <> v_kinds[1];
  if v_wrong is not null then
    perform ledger.fail_parts(422, 'wallet.invalid_split', 'Each recipient needs an amount, or each a share.',
      'Send amounts for all, or whole shares from 1 for all.',
      ledger.recipient_parts(v_wrong, 'wallet.invalid_split', 'Needs what the first recipient has: an amount, or a share.'));
  elsif v_kinds[1] = 'share' then
    select ledger.divide(p_amount, array_agg((r.part ->> 'share')::int order by r.n)) into v_parts
    from jsonb_array_elements(p_recipients) with ordinality r (part, n);
    if 0 = any (v_parts) then
      select array_agg(u.n::int) into v_wrong from unnest(v_parts) with ordinality u (part, n) where u.part = 0;
      perform ledger.fail_parts(422, 'wallet.invalid_split', 'Somebody would get nothing: the amount is too small for these shares.',
        'Send more, or to fewer people.', ledger.recipient_parts(v_wrong, 'wallet.invalid_split', 'Would get nothing.'));
    end if;
  else
    v_parts := ledger.stated_amounts(p_currency, p_recipients);
    if (select sum(u.part) from unnest(v_parts) u (part)) <> p_amount then
      perform ledger.fail_parts(422, 'wallet.invalid_split', 'The parts do not add up to the amount.', 'Send parts whose sum is the amount, or shares.',
        ledger.part('amount', 'wallet.invalid_split', 'Is not the sum of the parts.'));
    end if;
  end if;
  return v_parts;
end
$$;
comment on function ledger.split_amounts(bigint, text, jsonb) is
  'What each recipient of a split gets, in their order: as stated, or by shares; all of it sums to the amount, else 422 wallet.invalid_split.';

-- p_payees are the accounts of the recipients, in the order in which the request names them.
create function ledger.post_split(
  p_actor uuid, p_currency text, p_accounts bigint[], p_amounts bigint[], p_payees bigint[], p_description text, p_category text
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_code text;
  v_hint text;
  v_frozen int[];
begin
  return ledger.post('transfer', p_currency, p_accounts, p_amounts, p_actor, null, p_description, p_category);
exception when sqlstate 'PT422' then
  get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
  if v_code <> 'wallet.recipient_unavailable' then
    raise;
  end if;
  select array_agg(u.n::int) into v_frozen
  from unnest(p_payees) with ordinality u (account, n) join ledger.accounts a on a.id = u.account where a.frozen_in;
  perform ledger.fail_parts(422, v_code, sqlerrm, v_hint, ledger.recipient_parts(v_frozen, v_code, sqlerrm));
end
$$;
comment on function ledger.post_split(uuid, text, bigint[], bigint[], bigint[], text, text) is
  'Books a split, or names the recipients whose wallets cannot receive money.';

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
  v_payees bigint[];
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
  v_people := ledger.split_people(p_actor, p_arguments -> 'recipients');
  v_parts := ledger.split_amounts(v_amount, v_currency, p_arguments -> 'recipients');

  -- Making an account waits, so they are made in one order and before any account is locked.
  perform ledger.ensure_account(o.person, v_currency, 'available')
  from (select u.person from unnest(v_people) u (person) order by u.person) o;
  select array_agg(a.id order by u.n) into v_payees
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
  from unnest(v_payer || v_payees || ledger.system_account(v_currency, 'fees'), -v_paid::bigint || v_amounts || v_fees::bigint) l (account, amount)
  where l.amount <> 0;
  v_transfer := ledger.post_split(p_actor, v_currency, v_accounts, v_amounts, v_payees,
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
