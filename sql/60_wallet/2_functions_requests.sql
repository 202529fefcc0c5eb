-- One person asks another for money. Answered once, by a compare-and-set on the row; what is paid is a transfer like any other.

create function ledger.request_of(p_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (select to_jsonb(r) from public.payment_requests r where r.id = p_id);
end
$$;
comment on function ledger.request_of(uuid) is 'A payment request as both sides see it: the row of public.payment_requests.';

create function ledger.request_payment(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := app_private.uuid_v7();
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_payer uuid := ledger.counterparty(p_actor, p_arguments ->> 'payer');
begin
  insert into ledger.payment_requests (id, requester, payer, currency, amount_minor, description, category, created_at, expires_at)
  values (v_id, p_actor, v_payer, v_currency, v_amount, p_arguments ->> 'description', p_arguments ->> 'category',
    clock_timestamp(), ledger.expiry_in(p_arguments));
  return ledger.request_of(v_id);
end
$$;
comment on function ledger.request_payment(uuid, jsonb) is
  'Asks somebody for money: {payer, amount, currency, description, category, expires_in_s}.';

-- Ends an open request by compare-and-set. Whose it is never changes, so that is read without a lock.
create function ledger.resolve_request(p_actor uuid, p_id uuid, p_state text)
returns ledger.payment_requests
language plpgsql volatile
set search_path = ''
as $$
declare
  r ledger.payment_requests;
begin
  select * into r from ledger.payment_requests x where x.id = p_id and p_actor in (x.requester, x.payer);
  if not found then
    perform app_hidden.fail(404, 'wallet.request_not_found', 'You have no such payment request.', 'Take an id from GET wallet/requests.');
  elsif p_actor <> (case when p_state = 'cancelled' then r.requester else r.payer end) then
    perform app_hidden.fail(403, 'auth.forbidden', 'This is for the other side of the request to do.',
      'Who asked may cancel; who was asked may pay or decline.');
  end if;
  update ledger.payment_requests x set state = p_state, resolved_at = clock_timestamp()
  where x.id = p_id and x.state = 'open' and x.expires_at > clock_timestamp()
  returning x.* into r;
  if not found then
    select * into r from ledger.payment_requests x where x.id = p_id;
    perform app_hidden.fail(409, 'wallet.request_resolved',
      format('This request was %s already.', case when r.state = 'open' then 'expired' else r.state end), 'A request is answered once.');
  end if;
  return r;
end
$$;
comment on function ledger.resolve_request(uuid, uuid, text) is
  'Sets an open request to paid or declined (its payer) or cancelled (its requester), once; else 403, 404 wallet.request_not_found or 409 wallet.request_resolved.';

create function ledger.pay_request(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := ledger.id_in(p_arguments);
  v_exponent smallint;
  r ledger.payment_requests;
  v_transfer uuid;
begin
  -- Before the row is locked, as the making of an account waits.
  perform ledger.ensure_account(x.requester, x.currency, 'available')
  from ledger.payment_requests x where x.id = v_id and x.payer = p_actor and x.state = 'open';
  r := ledger.resolve_request(p_actor, v_id, 'paid');
  select c.exponent into strict v_exponent from ledger.currencies c where c.code = r.currency;
  v_transfer := ledger.transfer(p_actor, r.requester::text, app_hidden.format_amount(r.amount_minor, v_exponent), r.currency,
    r.description, r.category);
  update ledger.payment_requests x set transfer_id = v_transfer where x.id = v_id;
  return jsonb_build_object('request', ledger.request_of(v_id), 'transaction', ledger.transaction_of(p_actor, v_transfer));
end
$$;
comment on function ledger.pay_request(uuid, jsonb) is 'Who was asked pays, by a transfer like any other: {id}.';

create function ledger.decline_request(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform ledger.resolve_request(p_actor, ledger.id_in(p_arguments), 'declined');
  return ledger.request_of(ledger.id_in(p_arguments));
end
$$;
comment on function ledger.decline_request(uuid, jsonb) is 'Who was asked says no: {id}.';

create function ledger.cancel_request(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform ledger.resolve_request(p_actor, ledger.id_in(p_arguments), 'cancelled');
  return ledger.request_of(ledger.id_in(p_arguments));
end
$$;
comment on function ledger.cancel_request(uuid, jsonb) is 'Who asked takes it back: {id}.';

create function app_private.expire_payment_requests(p_limit int)
returns int
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
declare
  v_count int;
begin
  with due as materialized (
    select x.id from ledger.payment_requests x
    where x.state = 'open' and x.expires_at <= clock_timestamp()
    order by x.expires_at limit least(greatest(p_limit, 1), 10000)
    for no key update skip locked
  )
  update ledger.payment_requests x set state = 'expired', resolved_at = clock_timestamp() from due where x.id = due.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app_private.expire_payment_requests(int) is
  'Ends up to p_limit requests that nobody answered in time and says how many: call again until 0.';
