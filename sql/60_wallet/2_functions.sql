-- How the ledger locks, so that no deadlock can arise and nobody waits to pay somebody whom many pay:
-- 1. Whoever takes money from an account waits for its lock; several such accounts are locked in the order of their ids.
-- 2. Whoever puts money into an account never waits: when it is locked, the leg goes to ledger.queued_entries, is part of the
--    balance from the commit on, and is booked a moment later (ledger.fold).
-- 3. In one transaction every wait comes before the first lock that was taken without one. Rows of holds, requests and the like
--    come before accounts.
-- Each account is updated by a statement of its own through its primary key: no order here is left to the planner.

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
  if v_minor <= 0 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is zero.', 'Send an amount above zero.');
  elsif v_minor > 9223372036854775807 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is too large.', 'Send less: no wallet can hold so much.');
  end if;
  return v_minor::bigint;
end
$$;
comment on function ledger.parse_amount(text, smallint) is
  'Decimal text as minor units above zero; else 422 wallet.invalid_amount or wallet.amount_scale.';

create function ledger.parse_amount(p_amount text, p_currency text)
returns bigint
language plpgsql stable
set search_path = ''
as $$
declare
  v_exponent smallint;
begin
  select c.exponent into v_exponent from ledger.currencies c where c.code = p_currency;
  if not found then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  return ledger.parse_amount(p_amount, v_exponent);
end
$$;
comment on function ledger.parse_amount(text, text) is 'Decimal text in a currency as minor units; else 422 wallet.unknown_currency or as above.';

-- The hot path asks this first, as it must not raise; whatever is null here goes the way of ledger.parse_amount.
create function ledger.plain_amount(p_amount text, p_exponent smallint)
returns bigint
language plpgsql immutable
set search_path = ''
as $$
begin
  -- Fourteen characters are below 2^63 with every exponent.
  if length(p_amount) <= 14 and p_amount ~ '^(0|[1-9][0-9]*)(\.[0-9]+)?$' and length(split_part(p_amount, '.', 2)) <= p_exponent then
    return nullif((p_amount::numeric * ('1e' || p_exponent::text)::numeric)::bigint, 0);
  end if;
  return null;
end
$$;
comment on function ledger.plain_amount(text, smallint) is 'Decimal text as minor units above zero; null when it is none, or too long to be sure of.';

create function ledger.fee_of(p_currency text, p_kind text, p_amount bigint, out fee_minor bigint, out charged_to text)
language plpgsql stable
set search_path = ''
as $$
declare
  v_rule ledger.fee_rules;
begin
  fee_minor := 0;
  charged_to := 'recipient';
  select * into v_rule from ledger.fee_rules f where f.currency = p_currency and f.kind = p_kind;
  if not found then
    return;
  end if;
  charged_to := v_rule.charged_to;
  -- round() of numeric rounds half away from zero.
  -- With the amount it is never more than a bigint: whoever asks for that much is told that they do not have it.
  fee_minor := least(greatest(round(p_amount * v_rule.percent / 100) + v_rule.fixed_minor, v_rule.minimum_minor), v_rule.maximum_minor,
    case v_rule.charged_to when 'recipient' then p_amount else 9223372036854775807 - p_amount end);
end
$$;
comment on function ledger.fee_of(text, text, bigint) is 'The fee of the rule for this kind of transfer, in minor units: 0 where there is none; never more than the amount it is taken from.';

-- People and accounts --------------------------------------------------------------------------------------------------------

create function ledger.find_person(p_recipient text)
returns uuid
language plpgsql stable
set search_path = ''
as $$
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
$$;
comment on function ledger.find_person(text) is 'The id of a person by id or username; null when there is nobody.';

create function ledger.counterparty(p_actor uuid, p_recipient text)
returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_id uuid := ledger.find_person(p_recipient);
begin
  if v_id is null then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.',
      'Pass an id, or a username without @; GET users/search finds both.');
  elsif v_id = p_actor then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  elsif app_hidden.is_blocked_pair(p_actor, v_id) then
    perform app_hidden.fail(403, 'wallet.blocked', 'Money cannot be sent between these two people.', 'Choose another recipient.');
  end if;
  return v_id;
end
$$;
comment on function ledger.counterparty(uuid, text) is
  'The id of somebody with whom the actor may deal; else 404 wallet.recipient_not_found, 422 wallet.self_transfer or 403 wallet.blocked.';

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
  insert into ledger.accounts (owner, currency, purpose, frozen_in, frozen_out)
  select p_owner, p_currency, p_purpose, coalesce(bool_or(f.frozen_in), false), coalesce(bool_or(f.frozen_out), false)
  from ledger.accounts f where f.owner = p_owner
  on conflict on constraint one_account_per_purpose do nothing;
  select a.id into strict v_id from ledger.accounts a
  where a.owner = p_owner and a.currency = p_currency and a.purpose = p_purpose;
  return v_id;
end
$$;
comment on function ledger.ensure_account(uuid, text, text) is 'The id of a person''s account, made on first use. Call it before a posting locks accounts.';

create function ledger.paying_account(p_owner uuid, p_currency text)
returns bigint
language plpgsql stable
set search_path = ''
as $$
declare
  v_id bigint;
begin
  select a.id into v_id from ledger.accounts a where a.owner = p_owner and a.currency = p_currency and a.purpose = 'available';
  if not found then
    -- Whoever never had this currency has none to send, so no account is made for them.
    if exists (select from ledger.accounts a where a.owner = p_owner and a.frozen_out) then
      perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
    end if;
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.', 'Send less or add money first.');
  end if;
  return v_id;
end
$$;
comment on function ledger.paying_account(uuid, text) is
  'The available account of a payer; else 402 wallet.insufficient_funds or 403 wallet.frozen.';

create function ledger.system_account(p_currency text, p_purpose text)
returns bigint
language plpgsql stable
set search_path = ''
as $$
begin
  return (select a.id from ledger.accounts a where a.owner is null and a.currency = p_currency and a.purpose = p_purpose);
end
$$;
comment on function ledger.system_account(text, text) is 'The id of the system''s account: funding, payouts or fees of a currency.';

-- The hash chain -------------------------------------------------------------------------------------------------------------

create function ledger.line(
  p_transfer uuid, p_kind text, p_currency text, p_amount bigint, p_created_at timestamptz, p_counterparty uuid, p_category text, p_description text
)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  -- The category says how long it is and the description comes last: no two entries have one line.
  -- Null is nothing. One format, because each `||` would be a function to prepare in every transaction.
  return format('%s|%s|%s|%s|%s|%s|%s|%s|%s', p_transfer, p_kind, p_currency, p_amount, (extract(epoch from p_created_at) * 1000000)::bigint,
    p_counterparty, coalesce(length(p_category), 0), p_category, p_description);
end
$$;
comment on function ledger.line(uuid, text, text, bigint, timestamptz, uuid, text, text) is
  'What an entry says, as text: transfer|kind|currency|signed minor units|microseconds since 1970 (UTC)|counterparty|length of category|category|description.';

create function ledger.lines(
  p_transfer uuid, p_kind text, p_currency text, p_amount bigint, p_created_at timestamptz, p_from uuid, p_to uuid, p_category text, p_description text
)
returns text[]
language plpgsql immutable
set search_path = ''
as $$
declare
  v_start text := format('%s|%s|%s|', p_transfer, p_kind, p_currency);
  v_micros bigint := (extract(epoch from p_created_at) * 1000000)::bigint;
  v_end text := format('|%s|%s|%s', coalesce(length(p_category), 0), p_category, p_description);
begin
  return array[format('%s%s|%s|%s%s', v_start, -p_amount, v_micros, p_to, v_end), format('%s%s|%s|%s%s', v_start, p_amount, v_micros, p_from, v_end)];
end
$$;
comment on function ledger.lines(uuid, text, text, bigint, timestamptz, uuid, uuid, text, text) is
  'The two lines of a transfer from one to another, as ledger.line has them: what left, and what came.';

create function ledger.link(p_head bytea, p_seq bigint, p_balance bigint, p_line text)
returns bytea
language plpgsql immutable
set search_path = ''
as $$
begin
  return sha256(p_head || convert_to(p_seq || '|' || p_balance || '|' || p_line, 'UTF8'));
end
$$;
comment on function ledger.link(bytea, bigint, bigint, text) is
  'The hash of an entry: sha256 of the hash before it (nothing for the first) and of seq|balance|line in UTF-8.';
