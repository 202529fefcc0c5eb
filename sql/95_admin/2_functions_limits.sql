-- How much may leave a wallet: setting it, and what is in force.

create function admin.set_limits(
  p_username text, p_currency text, p_per_transfer text, p_per_day text, p_per_hour int, p_reason text
)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user uuid;
  v_account bigint;
  v_before jsonb;
  v_transfer bigint := case when p_per_transfer is not null then ledger.parse_amount(p_per_transfer, p_currency) end;
  v_day bigint := case when p_per_day is not null then ledger.parse_amount(p_per_day, p_currency) end;
begin
  perform admin.require_reason(p_reason);
  if not exists (select from ledger.currencies c where c.code = p_currency) then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  if p_username is null then
    select jsonb_build_object('per_transfer', app_hidden.format_amount(c.max_transfer_minor, c.exponent),
      'per_day', app_hidden.format_amount(c.max_day_minor, c.exponent), 'per_hour', c.max_hour_count) into v_before
    from ledger.currencies c where c.code = p_currency for update;
    update ledger.currencies c set max_transfer_minor = v_transfer, max_day_minor = v_day, max_hour_count = p_per_hour
    where c.code = p_currency;
  else
    v_user := admin.person(p_username);
    v_account := ledger.ensure_account(v_user, p_currency, 'available');
    perform from ledger.accounts a where a.id = v_account for no key update;
    select jsonb_build_object('per_transfer', app_hidden.format_amount(a.max_transfer_minor, c.exponent),
      'per_day', app_hidden.format_amount(a.max_day_minor, c.exponent), 'per_hour', a.max_hour_count) into v_before
    from ledger.accounts a join ledger.currencies c on c.code = a.currency where a.id = v_account;
    update ledger.accounts a set max_transfer_minor = v_transfer, max_day_minor = v_day, max_hour_count = p_per_hour
    where a.id = v_account;
  end if;
  perform admin.log('set_limits', coalesce(v_user::text, 'currency ' || p_currency), p_reason, v_before,
    jsonb_build_object('currency', p_currency, 'per_transfer', p_per_transfer, 'per_day', p_per_day, 'per_hour', p_per_hour));
end
$$;
comment on function admin.set_limits(text, text, text, text, int, text) is
  'How much may leave a wallet at once, in a day (UTC) and how often in an hour; for a person, or (username null) for everybody without limits of their own. Null: no limit, for a person that of the currency.';

create function admin.limits_of(p_username text, p_currency text)
returns table (name text, allowed text, set_for text, used text, remaining text, resets_at timestamptz)
language plpgsql stable
set search_path = ''
as $$
declare
  v_user uuid := admin.wallet_owner(p_username);
  v_midnight timestamptz := date_trunc('day', clock_timestamp(), 'UTC');
  v_hour timestamptz := date_trunc('hour', clock_timestamp(), 'UTC');
  l record;
begin
  if not exists (select from ledger.currencies c where c.code = p_currency) then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  -- As ledger.debit counts. Who never had this currency has no account: nothing used, no limits of their own.
  select c.exponent, coalesce(a.max_transfer_minor, c.max_transfer_minor) as per_transfer,
    coalesce(a.max_day_minor, c.max_day_minor) as per_day, coalesce(a.max_hour_count, c.max_hour_count) as per_hour,
    a.max_transfer_minor as own_transfer, a.max_day_minor as own_day, a.max_hour_count as own_hour,
    case when a.day >= (v_midnight at time zone 'UTC')::date then a.day_minor else 0 end as today,
    case when a.hour >= v_hour then a.hour_count else 0 end as this_hour
  into strict l
  from ledger.currencies c
  left join ledger.accounts a on a.owner = v_user and a.currency = c.code and a.purpose = 'available'
  where c.code = p_currency;
  return query
  select r.name, r.allowed, case when r.allowed is null then 'nobody' when r.own then 'person' else 'everybody' end, r.used,
    case when r.allowed is not null then r.remaining end, r.resets_at
  from (values
    ('per_transfer', app_hidden.format_amount(l.per_transfer, l.exponent), l.own_transfer is not null, null,
      app_hidden.format_amount(l.per_transfer, l.exponent), null::timestamptz),
    ('per_day', app_hidden.format_amount(l.per_day, l.exponent), l.own_day is not null, app_hidden.format_amount(l.today, l.exponent),
      app_hidden.format_amount(greatest(l.per_day - l.today, 0), l.exponent), v_midnight + interval '1 day'),
    ('per_hour', l.per_hour::text, l.own_hour is not null, l.this_hour::text, greatest(l.per_hour - l.this_hour, 0)::text, v_hour + interval '1 hour')
  ) r (name, allowed, own, used, remaining, resets_at);
end
$$;
comment on function admin.limits_of(text, text) is
  'Which limits are in force for a person and a currency, whether their own or everybody''s, and what the present day and hour (UTC) have used of them. Null: no limit.';
