-- Amounts: decimal text outside, bigint minor units inside -----------------------------------------------------------------

create function ledger.parse_amount(p_amount text, p_exponent smallint)
returns bigint
language plpgsql immutable
set search_path = ''
as $$
declare
  v_minor numeric;
begin
  -- Digits and one point only: no sign, exponent, NaN, spaces or leading zeros. The length is checked before the pattern.
  if p_amount is null or length(p_amount) > 40 or p_amount !~ '^(0|[1-9][0-9]*)(\.[0-9]+)?$' then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is not a decimal number above zero.',
      'Send the amount as text, such as "12.50".');
  end if;
  if length(split_part(p_amount, '.', 2)) > p_exponent then
    perform app_hidden.fail(422, 'wallet.amount_scale', 'The amount has more decimals than its currency.',
      format('Send at most %s decimals.', p_exponent));
  end if;
  v_minor := p_amount::numeric * ('1e' || p_exponent::text)::numeric;
  if v_minor <= 0 or v_minor > 9223372036854775807 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is zero or too large.', 'Send an amount above zero.');
  end if;
  return v_minor::bigint;
end
$$;
comment on function ledger.parse_amount(text, smallint) is
  'Decimal text as minor units above zero; else 422 wallet.invalid_amount or wallet.amount_scale.';

-- Accounts -----------------------------------------------------------------------------------------------------------------

create function ledger.ensure_account(p_owner uuid, p_currency text, p_purpose text)
returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id bigint;
begin
  select a.id into v_id from ledger.accounts a where a.owner = p_owner and a.currency = p_currency and a.purpose = p_purpose;
  if found then
    return v_id;
  end if;
  -- First use. The lock orders it with a freeze or the deletion of the same person, so that a new account cannot slip past.
  -- It is taken before any account is locked, and one at a time: no cycle.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || p_owner::text, 0));
  -- Deleted while we waited: close_wallet holds the same lock, and would never see an account made after it.
  if exists (select from ledger.accounts c where c.owner = p_owner and c.closed_at is not null) then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is no open wallet to move this money to or from.',
      'Check the username or id.');
  end if;
  insert into ledger.accounts (owner, currency, purpose, is_frozen)
  values (p_owner, p_currency, p_purpose,
    exists (select from ledger.accounts f where f.owner = p_owner and f.is_frozen))
  on conflict on constraint one_account_per_purpose do nothing;
  select a.id into strict v_id from ledger.accounts a
  where a.owner = p_owner and a.currency = p_currency and a.purpose = p_purpose;
  return v_id;
end
$$;
comment on function ledger.ensure_account(uuid, text, text) is 'The id of a person''s account, made on first use. Call it before a posting locks accounts.';

create function ledger.system_account(p_currency text, p_purpose text)
returns bigint
language sql stable
set search_path = ''
as $$
  select a.id from ledger.accounts a where a.owner is null and a.currency = p_currency and a.purpose = p_purpose
$$;
comment on function ledger.system_account(text, text) is 'The id of the system''s account: funding, payouts or fees of a currency.';

-- Posting ------------------------------------------------------------------------------------------------------------------

-- Says why a posting could not move its accounts; the payer's reasons come first, whichever account was locked first.
create function ledger.refuse(p_accounts bigint[], p_amounts bigint[])
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_leg record;
begin
  for v_leg in
    select u.amount, a.id, a.balance_minor, a.floor_minor, a.is_frozen, a.closed_at
    from unnest(p_accounts, p_amounts) u (account, amount)
    left join ledger.accounts a on a.id = u.account
    order by u.amount
  loop
    if v_leg.id is null or v_leg.closed_at is not null then
      perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is no open wallet to move this money to or from.',
        'Check the username or id.');
    elsif v_leg.amount < 0 and v_leg.is_frozen then
      perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Contact support.');
    elsif v_leg.amount < 0 and v_leg.balance_minor < v_leg.floor_minor - v_leg.amount then
      perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.',
        'Send less or add money first.');
    end if;
  end loop;
  perform app_hidden.fail(422, 'wallet.invalid_amount', 'The receiving wallet cannot hold this amount.', 'Send less.');
end
$$;
comment on function ledger.refuse(bigint[], bigint[]) is 'Raises the business failure of a posting that moved fewer accounts than it has legs.';

-- The accounts are updated one statement each, in id order: a single update of all of them visits rows in the order its
-- plan finds them, and two plans that disagree deadlock.
create function ledger.post(
  p_kind text, p_currency text, p_accounts bigint[], p_amounts bigint[],
  p_from_owner uuid, p_to_owner uuid, p_description text, p_category text
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_leg record;
  v_moved record;
  v_id uuid;
  v_now timestamptz;
  v_total bigint := 0;
  v_accounts bigint[] := '{}';
  v_amounts bigint[] := '{}';
  v_owners uuid[] := '{}';
  v_purposes text[] := '{}';
  v_seqs bigint[] := '{}';
  v_balances bigint[] := '{}';
begin
  for v_leg in select u.account, u.amount from unnest(p_accounts, p_amounts) u (account, amount) order by u.account loop
    update ledger.accounts a set
      balance_minor = a.balance_minor + v_leg.amount,
      earned_minor = a.earned_minor + case when p_kind = 'transfer' and v_leg.amount > 0 then v_leg.amount else 0 end,
      seq = a.seq + 1,
      updated_at = now()
    where a.id = v_leg.account and a.currency = p_currency and a.closed_at is null
      and case
        when v_leg.amount < 0 then not a.is_frozen and a.balance_minor >= a.floor_minor - v_leg.amount
        else v_leg.amount <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0)
      end
    returning a.owner, a.purpose, a.seq, a.balance_minor into v_moved;
    if not found then
      perform ledger.refuse(p_accounts, p_amounts);
    end if;
    v_accounts := v_accounts || v_leg.account;
    v_amounts := v_amounts || v_leg.amount;
    v_owners := v_owners || v_moved.owner;
    v_purposes := v_purposes || v_moved.purpose;
    v_seqs := v_seqs || v_moved.seq;
    v_balances := v_balances || v_moved.balance_minor;
    v_total := v_total + greatest(v_leg.amount, 0);
  end loop;

  -- Taken while all accounts are locked, so that time and id never run against seq.
  v_now := clock_timestamp();
  v_id := app_private.uuid_v7();
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, description, category, created_at)
  values (v_id, p_kind, p_currency, v_total, p_from_owner, p_to_owner, p_description, p_category, v_now);
  insert into ledger.entries (
    account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
    counterparty, description, category, created_at)
  select u.account, u.seq, v_id, u.owner, u.purpose, p_kind, p_currency, u.amount, u.balance,
    case when u.amount > 0 then p_from_owner else p_to_owner end, p_description, p_category, v_now
  from unnest(v_accounts, v_seqs, v_owners, v_purposes, v_amounts, v_balances)
    u (account, seq, owner, purpose, amount, balance);
  return v_id;
end
$$;
comment on function ledger.post(text, text, bigint[], bigint[], uuid, uuid, text, text) is
  'Books one transfer of 2..n legs (account, signed minor units) and gives its id; refuses with 402, 403, 404 or 422 and changes nothing.';

-- A transfer between two people ------------------------------------------------------------------------------------------

create function ledger.transfer_between_people(
  p_from uuid, p_recipient text, p_amount text, p_currency text, p_description text, p_category text
)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_exponent smallint;
  v_amount bigint;
  v_to uuid;
  v_payer bigint;
  v_payee bigint;
begin
  select c.exponent into v_exponent from ledger.currencies c where c.code = p_currency;
  if not found then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  v_amount := ledger.parse_amount(p_amount, v_exponent);

  if p_recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    select p.id into v_to from public.profiles p where p.id = p_recipient::uuid;
  else
    select p.id into v_to from public.profiles p where p.username operator(extensions.=) p_recipient::extensions.citext;
  end if;
  if v_to is null then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.', 'Check the recipient.');
  elsif v_to = p_from then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  end if;

  -- Whoever never had this currency has none to send, so only the receiving account is made here.
  select a.id into v_payer from ledger.accounts a where a.owner = p_from and a.currency = p_currency and a.purpose = 'available';
  if not found then
    if exists (select from ledger.accounts a where a.owner = p_from and a.is_frozen) then
      perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Contact support.');
    end if;
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.', 'Send less or add money first.');
  end if;
  v_payee := ledger.ensure_account(v_to, p_currency, 'available');
  return ledger.post('transfer', p_currency, array[v_payer, v_payee], array[-v_amount, v_amount], p_from, v_to, p_description, p_category);
end
$$;
comment on function ledger.transfer_between_people(uuid, text, text, text, text, text) is
  'Checks what a person asked for and books it; refuses with 402, 403, 404 or 422.';

-- The hot path of the product: everything of one request in one statement and one transaction.
-- Security definer: the ledger is closed to its caller. The caller vouches for p_actor.
create function app_private.post_transaction(
  p_actor uuid, p_idempotency_key text, p_request_hash bytea, p_recipient text,
  p_amount text, p_currency text, p_description text, p_category text
)
returns table (replayed boolean, status int, body jsonb)
language plpgsql volatile security definer
set search_path = ''
set timezone = 'UTC' -- timestamps in the stored answer must not depend on the connection
as $$
#variable_conflict use_variable
declare
  v_transfer uuid;
  v_message text;
  v_code text;
  v_hint text;
begin
  if p_idempotency_key is not null then
    select c.replayed, c.status, c.body into replayed, status, body
    from app_private.claim_idempotency_key(p_actor, p_idempotency_key, 'wallet.transaction', p_request_hash) c;
    if replayed then
      return next;
      return;
    end if;
  end if;

  replayed := false;
  begin
    v_transfer := ledger.transfer_between_people(p_actor, p_recipient, p_amount, p_currency, p_description, p_category);
    select to_jsonb(t) into strict body from public.transactions t where t.user_id = p_actor and t.id = v_transfer;
    status := 201;
  -- Only what we refuse ourselves is an answer. Anything else is an unknown outcome and must reach the caller as an error.
  exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
    get stacked diagnostics v_message = message_text, v_code = pg_exception_detail, v_hint = pg_exception_hint;
    status := substring(sqlstate from 3)::int;
    body := jsonb_build_object('code', v_code, 'detail', v_message, 'hint', v_hint);
  end;

  if p_idempotency_key is not null then
    perform app_private.store_idempotent_response(p_actor, p_idempotency_key, status, body);
  end if;
  return next;
end
$$;
comment on function app_private.post_transaction(uuid, text, bytea, text, text, text, text, text) is
  'Sends money: 201 with the transaction, or the refusal as {code, detail, hint}; both are stored under the key and replayed to a retry.';

-- Audit ----------------------------------------------------------------------------------------------------------------------

create function ledger.audit()
returns table (invariant text, violations bigint)
language sql stable security definer -- reads the whole ledger for operators, who may not read the tables
set search_path = ''
as $$
  select 'legs of every transfer sum to zero', count(*) from (
    select from ledger.entries e group by e.transfer_id, e.currency having sum(e.amount_minor) <> 0) x
  union all
  select 'every transfer has at least two legs', count(*) from ledger.transfers t
    where (select count(*) from ledger.entries e where e.transfer_id = t.id) < 2
  union all
  select 'every leg belongs to a transfer', count(*) from ledger.entries e
    where not exists (select from ledger.transfers t where t.id = e.transfer_id)
  union all
  select 'balance and seq of an account are those of its last entry', count(*) from ledger.accounts a
    left join lateral (
      select e.seq, e.balance_minor from ledger.entries e where e.account_id = a.id order by e.seq desc limit 1
    ) l on true
    where (a.seq, a.balance_minor) is distinct from (coalesce(l.seq, 0), coalesce(l.balance_minor, 0))
  union all
  select 'entries chain: no gap in seq, each balance is the one before plus the amount', count(*) from (
    select e.seq, e.balance_minor, e.amount_minor,
      lag(e.balance_minor, 1, 0::bigint) over w as balance_before, lag(e.seq, 1, 0::bigint) over w as seq_before
    from ledger.entries e window w as (partition by e.account_id order by e.seq)) x
    where x.seq <> x.seq_before + 1 or x.balance_minor <> x.balance_before + x.amount_minor
  union all
  select 'no account is below its floor', count(*) from ledger.accounts a where a.balance_minor < a.floor_minor
  union all
  select 'earnings are the sum of transfers received', count(*) from ledger.accounts a
    where a.earned_minor <> (
      select coalesce(sum(e.amount_minor), 0) from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
      where e.account_id = a.id and e.amount_minor > 0 and t.kind = 'transfer')
$$;
comment on function ledger.audit() is 'Counts the violations of each invariant of the ledger: all must be 0.';
