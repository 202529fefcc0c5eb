-- Holds: money set aside in two phases. First available -> pending; then, once, by a compare-and-set on the row of the hold:
-- captured (pending -> payee, the rest back to available), voided or expired (pending -> available).
-- The row comes before any account, and whoever only wants to tidy up (an expiry) waits for no row.

create function ledger.id_in(p_arguments jsonb)
returns uuid
language plpgsql immutable
set search_path = ''
as $$
begin
  if p_arguments ->> 'id' like '________-____-____-____-____________' and pg_input_is_valid(p_arguments ->> 'id', 'uuid') then
    return (p_arguments ->> 'id')::uuid;
  end if;
  return null;
end
$$;
comment on function ledger.id_in(jsonb) is 'The id that a command names; null, which nothing has, when it is not a uuid.';

create function ledger.expiry_in(p_arguments jsonb)
returns timestamptz
language plpgsql volatile
set search_path = ''
as $$
declare
  v_seconds int := coalesce((p_arguments ->> 'expires_in_s')::int, 7 * 86400);
begin
  if v_seconds not between 60 and 90 * 86400 then
    perform app_hidden.fail(422, 'request.unprocessable', 'This can stay open for 60 seconds to 90 days.',
      'Send expires_in_s between 60 and 7776000.');
  end if;
  return clock_timestamp() + make_interval(secs => v_seconds);
end
$$;
comment on function ledger.expiry_in(jsonb) is 'When what a command opens ends by itself: after expires_in_s, or 7 days; else 422 request.unprocessable.';

create function ledger.hold_of(p_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (select to_jsonb(h) from public.holds h where h.id = p_id);
end
$$;
comment on function ledger.hold_of(uuid) is 'A hold as its payer and its payee see it: the row of public.holds.';

create function ledger.place_hold(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := app_private.uuid_v7();
  v_currency text := p_arguments ->> 'currency';
  v_description text := p_arguments ->> 'description';
  v_category text := p_arguments ->> 'category';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_payee uuid := ledger.counterparty(p_actor, p_arguments ->> 'recipient');
  v_expires_at timestamptz := ledger.expiry_in(p_arguments);
  v_available bigint := ledger.paying_account(p_actor, v_currency);
  v_accounts bigint[] := array[v_available, ledger.ensure_account(p_actor, v_currency, 'pending')];
  v_amounts bigint[] := array[-v_amount, v_amount];
begin
  perform ledger.post('hold', v_currency, v_accounts, v_amounts, p_actor, v_payee, v_description, v_category);
  insert into ledger.holds (id, kind, owner, payee, currency, amount_minor, description, category, created_at, expires_at)
  values (v_id, 'hold', p_actor, v_payee, v_currency, v_amount, v_description, v_category, clock_timestamp(), v_expires_at);
  return ledger.hold_of(v_id);
end
$$;
comment on function ledger.place_hold(uuid, jsonb) is
  'Sets money of the actor aside for a recipient until it is captured, voided or expired: {recipient, amount, currency, expires_in_s, description, category}.';

-- Says why an open hold was not found, by what is there now.
create function ledger.refuse_hold(p_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_state text;
begin
  select h.state into v_state from ledger.holds h where h.id = p_id;
  if v_state in ('open', 'expired') then
    perform app_hidden.fail(409, 'wallet.hold_expired', 'This hold has expired: its money is back with the payer.',
      'Ask the payer for a new hold or a payment.');
  end if;
  perform app_hidden.fail(409, 'wallet.hold_resolved', format('This hold was %s already.', v_state), 'A hold is resolved once.');
end
$$;
comment on function ledger.refuse_hold(uuid) is 'Raises the business failure of a hold that is not open any more: 409 wallet.hold_expired or wallet.hold_resolved.';

create function ledger.capture_hold(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := ledger.id_in(p_arguments);
  h record;
  v_captured bigint;
  v_fee record;
  v_payee bigint;
  v_transfer uuid := app_private.uuid_v7();
  v_accounts bigint[];
  v_amounts bigint[];
begin
  -- What never changes in a hold, without its lock: a missing account of the payee is made before anything is locked.
  select x.*, p.id as pending, a.id as available, y.id as payee_account into h
  from ledger.holds x
  join ledger.accounts p on p.owner = x.owner and p.currency = x.currency and p.purpose = 'pending'
  join ledger.accounts a on a.owner = x.owner and a.currency = x.currency and a.purpose = 'available'
  left join ledger.accounts y on y.owner = x.payee and y.currency = x.currency and y.purpose = 'available'
  where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee);
  if not found then
    perform app_hidden.fail(404, 'wallet.hold_not_found', 'You have no such hold.', 'Take an id from GET wallet/holds.');
  end if;
  v_captured := h.amount_minor;
  if p_arguments ->> 'amount' is not null then
    v_captured := ledger.parse_amount(p_arguments ->> 'amount', h.currency);
    if v_captured > h.amount_minor then
      perform app_hidden.fail(422, 'wallet.capture_exceeds_hold', 'This is more than the hold keeps.',
        'Capture at most the amount of the hold; ask the payer to send the rest.');
    end if;
  end if;
  v_payee := coalesce(h.payee_account, ledger.ensure_account(h.payee, h.currency, 'available'));
  v_fee := ledger.fee_of(h.currency, 'capture', v_captured);

  update ledger.holds x set state = 'captured', captured_minor = v_captured,
    fee_minor = case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end, resolved_at = clock_timestamp(), transfer_id = v_transfer
  where x.id = v_id and x.state = 'open' and x.expires_at > clock_timestamp();
  if not found then
    perform ledger.refuse_hold(v_id);
  end if;

  -- Who pays the fee decides whose leg is smaller. A fee on top comes out of what the hold gives back, and then out of the
  -- payer's balance. Legs of nothing are left out.
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from (values
    (h.pending, -h.amount_minor),
    (v_payee, v_captured - case when v_fee.charged_to = 'recipient' then v_fee.fee_minor else 0 end),
    (h.available, h.amount_minor - v_captured - case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end),
    (case when v_fee.fee_minor > 0 then ledger.system_account(h.currency, 'fees') end, v_fee.fee_minor)
  ) l (account, amount)
  where l.amount <> 0;
  perform ledger.post('capture', h.currency, v_accounts, v_amounts, h.owner, h.payee, h.description, h.category, v_transfer);
  return ledger.hold_of(v_id);
end
$$;
comment on function ledger.capture_hold(uuid, jsonb) is
  'Pays a hold out to its payee, all of it or less, and gives the rest back in the same transfer; its payee may, and its payer, who thereby pays early: {id, amount or null}.';

create function ledger.release_hold(p_hold ledger.holds)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_accounts bigint[];
begin
  select array[p.id, a.id] into strict v_accounts
  from ledger.accounts p
  join ledger.accounts a on a.owner = p.owner and a.currency = p.currency and a.purpose = 'available'
  where p.owner = p_hold.owner and p.currency = p_hold.currency and p.purpose = 'pending';
  return ledger.post('release', p_hold.currency, v_accounts, array[-p_hold.amount_minor, p_hold.amount_minor],
    p_hold.owner, p_hold.owner, p_hold.description, p_hold.category);
end
$$;
comment on function ledger.release_hold(ledger.holds) is
  'Books the money of a hold back from pending to available. Its state was set to voided or expired before, in the same transaction.';

create function ledger.void_hold(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := ledger.id_in(p_arguments);
  h ledger.holds;
begin
  select * into h from ledger.holds x where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee);
  if not found then
    perform app_hidden.fail(404, 'wallet.hold_not_found', 'You have no such hold.', 'Take an id from GET wallet/holds.');
  elsif p_actor <> h.payee then
    perform app_hidden.fail(403, 'auth.forbidden', 'Only the payee may void a hold.', 'Ask the payee, or wait until it expires.');
  end if;
  update ledger.holds x set state = 'voided', resolved_at = clock_timestamp()
  where x.id = v_id and x.state = 'open' and x.expires_at > clock_timestamp();
  if not found then
    perform ledger.refuse_hold(v_id);
  end if;
  perform ledger.release_hold(h);
  return ledger.hold_of(v_id);
end
$$;
comment on function ledger.void_hold(uuid, jsonb) is 'The payee gives a hold up, and its money goes back to the payer at once: {id}.';

create function ledger.release_expired(p_owner uuid, p_currency text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  h ledger.holds;
begin
  -- The caller may have accounts locked, which whoever resolves a hold waits for with the row of the hold locked. So a row
  -- that somebody has is left to them.
  for h in
    with due as materialized (
      select y.id from ledger.holds y
      where y.owner = p_owner and y.currency = p_currency and y.state = 'open' and y.expires_at <= clock_timestamp()
      order by y.expires_at limit 1000
      for no key update skip locked
    )
    update ledger.holds x set state = 'expired', resolved_at = clock_timestamp() from due where x.id = due.id
    returning x.*
  loop
    perform ledger.release_hold(h);
  end loop;
end
$$;
comment on function ledger.release_expired(uuid, text) is
  'Gives up to 1,000 expired holds of a person back to available, without waiting for a hold. Accounts it waits for: pending, so lock available before.';

-- Waits for nothing, so it may lock what it likes in any order: what is busy now is expired in the next round, or by the
-- payer when they need the money. Security definer: the ledger is closed to the worker.
create function app_private.expire_holds(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  h ledger.holds;
  v_count int := 0;
begin
  for h in
    with due as materialized (
      select y.id from ledger.holds y
      join ledger.accounts p on p.owner = y.owner and p.currency = y.currency and p.purpose = 'pending'
      where y.state = 'open' and y.expires_at <= clock_timestamp()
      order by y.expires_at limit least(greatest(p_limit, 1), 1000)
      for no key update of y, p skip locked
    )
    update ledger.holds x set state = 'expired', resolved_at = clock_timestamp() from due where x.id = due.id
    returning x.*
  loop
    perform ledger.release_hold(h);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.expire_holds(int) is
  'Expires up to p_limit holds that are over, gives their money back and says how many: call again until 0.';
