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

-- One door for all commands of the wallet but the plain transfer. Security definer: the ledger is closed to its caller, who
-- vouches that p_actor asks in p_session.
create function app_private.wallet_command(
  p_actor uuid, p_session uuid, p_idempotency_key text, p_request_hash bytea, p_operation text, p_arguments jsonb
)
returns table (replayed boolean, status int, body jsonb)
language plpgsql volatile security definer
set search_path = ''
set timezone = 'UTC' -- timestamps in the stored answer must not depend on the connection
as $$
#variable_conflict use_variable
declare
  v_code text;
  v_hint text;
begin
  perform app_private.assert_session(p_actor, p_session);
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
    get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
    status := substring(sqlstate from 3)::int;
    body := jsonb_build_object('code', v_code, 'detail', sqlerrm, 'hint', v_hint);
  end;

  if p_idempotency_key is not null then
    perform app_private.store_idempotent_response(p_actor, p_idempotency_key, status, body);
  end if;
  return next;
end
$$;
comment on function app_private.wallet_command(uuid, uuid, text, bytea, text, jsonb) is
  'Runs one command of the wallet for a signed-in person: 200 or 201 with its answer, or the refusal as {code, detail, hint}; both are stored under the key and replayed to a retry.';

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
    perform ledger.fold(v_account.id);
  end loop;
  return '{}';
end
$$;
comment on function ledger.settle(uuid) is 'Books what a person''s queue holds and releases their expired holds, so that a statement is whole.';

create function ledger.batch(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_atomic boolean := p_arguments ->> 'mode' = 'atomic';
  v_item record;
  v_transfer uuid;
  v_code text;
  v_hint text;
  v_results jsonb[] := '{}';
begin
  if jsonb_array_length(p_arguments -> 'transfers') not between 1 and 1000 then
    perform app_hidden.fail(422, 'wallet.batch_refused', 'A batch has 1 to 1,000 transfers.', 'Send it in parts.');
  end if;
  -- Missing wallets first, as a wait for their making must not come after a lock.
  perform ledger.ensure_account(p.person, p.currency, 'available')
  from (
    select distinct ledger.find_person(t ->> 'recipient') as person, coalesce(t ->> 'currency', p_arguments ->> 'currency') as currency
    from jsonb_array_elements(p_arguments -> 'transfers') t
    order by 1, 2
  ) p
  join ledger.currencies c on c.code = p.currency
  where p.person is not null and p.person <> p_actor;
  -- The payer once, before any recipient: all that follows takes money from these accounts alone.
  perform from ledger.accounts a where a.owner = p_actor and a.purpose = 'available' order by a.id for no key update;
  for v_item in
    select i.n - 1 as index, i.t from jsonb_array_elements(p_arguments -> 'transfers') with ordinality i (t, n) order by i.n
  loop
    begin
      v_transfer := ledger.transfer(p_actor, v_item.t ->> 'recipient', v_item.t ->> 'amount',
        coalesce(v_item.t ->> 'currency', p_arguments ->> 'currency'), v_item.t ->> 'description', v_item.t ->> 'category');
      v_results := v_results || jsonb_build_object('index', v_item.index, 'status', 201,
        'transaction', ledger.transaction_of(p_actor, v_transfer));
    exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
      get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
      if v_atomic then
        perform app_hidden.fail(422, 'wallet.batch_refused', format('Transfer %s of the batch was refused (%s: %s), so none was made.',
          v_item.index, v_code, sqlerrm), v_hint);
      end if;
      v_results := v_results || jsonb_build_object('index', v_item.index, 'status', substring(sqlstate from 3)::int,
        'error', jsonb_build_object('code', v_code, 'detail', sqlerrm, 'hint', v_hint));
    end;
  end loop;
  return jsonb_build_object('results', to_jsonb(v_results));
end
$$;
comment on function ledger.batch(uuid, jsonb) is
  'Many transfers of one payer, in order: each refused on its own, or (mode atomic) all with the first refusal as 422 wallet.batch_refused.';
