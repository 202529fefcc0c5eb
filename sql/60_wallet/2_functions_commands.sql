create function ledger.transaction_of(p_owner uuid, p_transfer uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  t ledger.transfers;
  v_body jsonb;
begin
  select * into strict t from ledger.transfers x where x.id = p_transfer;
  -- The view, by the time that the index knows.
  select to_jsonb(v) into v_body from public.transactions v
  where v.user_id = p_owner and v.created_at = t.created_at and v.id = p_transfer;
  return v_body;
end
$$;
comment on function ledger.transaction_of(uuid, uuid) is 'A booked transfer as one side sees it: the row of public.transactions.';

-- What every command does around its own work: the key is claimed before and the answer stored after, a refusal like a success.
create function ledger.run_command(
  p_actor uuid, p_idempotency_key text, p_request_hash bytea, p_operation text, p_arguments jsonb
)
returns table (replayed boolean, status int, body jsonb)
language plpgsql volatile
set search_path = ''
set timezone = 'UTC' -- timestamps in the stored answer must not depend on the connection
as $$
#variable_conflict use_variable
declare
  v_code text;
  v_hint text;
  v_parts text;
begin
  if p_idempotency_key is not null then
    select c.replayed, c.status, c.body into replayed, status, body
    from app_private.claim_idempotency_key(p_actor, p_idempotency_key, 'wallet.' || p_operation, p_request_hash) c;
    if replayed then
      return next;
      return;
    end if;
  end if;

  replayed := false;
  begin
    status := 201;
    case p_operation
      when 'transaction' then body := ledger.send(p_actor, p_arguments);
      when 'place_hold' then body := ledger.place_hold(p_actor, p_arguments);
      when 'split' then body := ledger.split(p_actor, p_arguments);
      when 'reverse' then body := ledger.reverse(p_actor, p_arguments);
      when 'request_payment' then body := ledger.request_payment(p_actor, p_arguments);
      when 'link_account' then body := ledger.link_account(p_actor, p_arguments);
      when 'withdraw' then body := ledger.withdraw(p_actor, p_arguments);
      when 'open_deposit' then body := ledger.open_deposit(p_actor, p_arguments);
      else
        status := 200;
        case p_operation
          when 'capture_hold' then body := ledger.capture_hold(p_actor, p_arguments);
          when 'void_hold' then body := ledger.void_hold(p_actor, p_arguments);
          when 'pay_request' then body := ledger.pay_request(p_actor, p_arguments);
          when 'decline_request' then body := ledger.decline_request(p_actor, p_arguments);
          when 'cancel_request' then body := ledger.cancel_request(p_actor, p_arguments);
          when 'unlink_account' then body := ledger.unlink_account(p_actor, p_arguments);
          when 'batch' then body := ledger.batch(p_actor, p_arguments);
          when 'settle' then body := ledger.settle(p_actor);
        end case;
    end case;
  -- Only what we refuse ourselves is an answer. Anything else is an unknown outcome and must reach the caller as an error.
  exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' then
    get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint, v_parts = column_name;
    status := substring(sqlstate from 3)::int;
    body := jsonb_build_object('code', v_code, 'detail', sqlerrm, 'hint', v_hint);
    if v_parts <> '' then -- of ledger.fail_parts
      body := body || jsonb_build_object('errors', v_parts::jsonb);
    end if;
  end;

  if p_idempotency_key is not null then
    perform app_private.store_idempotent_response(p_actor, p_idempotency_key, status, body);
  end if;
  return next;
end
$$;
comment on function ledger.run_command(uuid, text, bytea, text, jsonb) is
  'Runs one command of a person: 200 or 201 with its answer, or the refusal as {code, detail, hint} and, where it is about parts of the request, errors; both are stored under the key and replayed to a retry.';

-- One door for all commands of the wallet but the plain transfer. Security definer: the ledger is closed to its caller, who
-- vouches that p_actor asks in p_session.
create function app_private.wallet_command(
  p_actor uuid, p_session uuid, p_idempotency_key text, p_request_hash bytea, p_operation text, p_arguments jsonb
)
returns table (replayed boolean, status int, body jsonb)
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Both look after the session themselves.
  if p_operation = 'place_hold' then
    status := 201;
    body := ledger.place_plain_hold(p_actor, p_session, p_idempotency_key, p_request_hash, p_arguments);
  elsif p_operation = 'capture_hold' then
    status := 200;
    body := ledger.capture_plain_hold(p_actor, p_session, p_idempotency_key, p_request_hash, p_arguments);
  end if;
  if body is not null then
    replayed := false;
    return next;
    return;
  end if;
  perform app_private.assert_session(p_actor, p_session);
  if p_operation in ('place_hold', 'capture_hold') then
    perform ledger.lock_for_hold(p_actor, p_operation, p_arguments);
  end if;
  return query select r.replayed, r.status, r.body
  from ledger.run_command(p_actor, p_idempotency_key, p_request_hash, p_operation, p_arguments) r;
end
$$;
comment on function app_private.wallet_command(uuid, uuid, text, bytea, text, jsonb) is
  'Runs one command of the wallet for a signed-in person, as ledger.run_command does.';

create function ledger.send(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_transfer uuid := ledger.transfer(p_actor, p_arguments ->> 'recipient', p_arguments ->> 'amount', p_arguments ->> 'currency',
    p_arguments ->> 'description', p_arguments ->> 'category');
begin
  return ledger.transaction_of(p_actor, v_transfer);
end
$$;
comment on function ledger.send(uuid, jsonb) is
  'Sends money to somebody: {recipient, amount, currency, description, category}; gives the transaction as the payer sees it.';

create function ledger.settle(p_actor uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_account record;
begin
  -- All of them first, in the order in which everybody waits for them.
  perform from ledger.accounts a where a.owner = p_actor order by a.id for no key update;
  for v_account in select a.currency from ledger.accounts a where a.owner = p_actor and a.purpose = 'available' order by a.id loop
    perform ledger.release_expired(p_actor, v_account.currency);
  end loop;
  for v_account in select a.id from ledger.accounts a where a.owner = p_actor order by a.id loop
    while ledger.fold(v_account.id) > 0 loop
    end loop;
  end loop;
  return '{}';
end
$$;
comment on function ledger.settle(uuid) is 'Books what a person''s queue holds and releases their expired holds, so that a statement is whole.';
