-- What the wallet tells. Triggers on statements, because many rows may change at once. Amounts are minor units as digits.
-- `before` and `after` are the rows of the statement; where a function wants a whole row it gets that of the table, because rows
-- of these two have no type. Who did it stands in actor_id where the change itself says it, else null.

-- Those of a hold for each row: holds come and go one at a time, and a row costs less than the two tables of a statement.
create function app_private.tell_hold_placed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if new.kind = 'hold' then -- a withdrawal's hold is told of as the withdrawal
    -- The id of a hold is as good as a new one: there is one such event of each.
    insert into app_private.outbox_events (id, type, actor_id, payload)
    values (new.id, 'wallet.hold_placed', new.owner, jsonb_build_object(
      'hold_id', new.id, 'user_id', new.owner, 'payee_id', new.payee, 'currency', new.currency,
      'exponent', (select c.exponent from ledger.currencies c where c.code = new.currency),
      'amount_minor', new.amount_minor::text, 'description', new.description, 'category', new.category,
      'created_at', new.created_at, 'expires_at', new.expires_at));
  end if;
  return null;
end
$$;
comment on function app_private.tell_hold_placed() is 'Trigger on ledger.holds: wallet.hold_placed.';

create function app_private.tell_hold_resolved()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if new.kind = 'hold' and old.state = 'open' and new.state <> 'open' then
    -- Only the payee may void. A capture may be the payee's or the payer's.
    insert into app_private.outbox_events (id, type, actor_id, payload)
    values (app_private.uuid_v7(), 'wallet.hold_resolved', case when new.state = 'voided' then new.payee end, jsonb_build_object(
      'hold_id', new.id, 'user_id', new.owner, 'payee_id', new.payee, 'state', new.state, 'currency', new.currency,
      'exponent', (select c.exponent from ledger.currencies c where c.code = new.currency),
      'amount_minor', new.amount_minor::text, 'captured_minor', new.captured_minor::text, 'transfer_id', new.transfer_id,
      'resolved_at', new.resolved_at));
  end if;
  return null;
end
$$;
comment on function app_private.tell_hold_resolved() is 'Trigger on ledger.holds: wallet.hold_resolved (captured, voided or expired).';

create function app_private.tell_withdrawal_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.withdrawal_changed', w.owner, app_private.withdrawal_payload(w)
    from after n join ledger.withdrawals w on w.id = n.id;
  else
    insert into app_private.outbox_events (id, type, payload)
    select app_private.uuid_v7(), 'wallet.withdrawal_changed', app_private.withdrawal_payload(w)
    from before b join ledger.withdrawals w on w.id = b.id
    where w.state <> b.state; -- not each attempt
  end if;
  return null;
end
$$;
comment on function app_private.tell_withdrawal_changed() is 'Trigger on ledger.withdrawals: wallet.withdrawal_changed for each new state.';

create function app_private.withdrawal_payload(w ledger.withdrawals)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'withdrawal_id', w.id, 'user_id', w.owner, 'linked_account_id', w.linked_account_id, 'state', w.state, 'failure', w.failure,
    'currency', w.currency, 'exponent', (select c.exponent from ledger.currencies c where c.code = w.currency),
    'amount_minor', w.amount_minor::text, 'fee_minor', w.fee_minor::text, 'created_at', w.created_at, 'updated_at', w.updated_at);
end
$$;
comment on function app_private.withdrawal_payload(ledger.withdrawals) is 'A withdrawal as its event tells it.';

create function app_private.tell_deposit_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.deposit_changed', d.owner, app_private.deposit_payload(d)
    from after n join ledger.deposits d on d.id = n.id;
  else
    insert into app_private.outbox_events (id, type, payload)
    select app_private.uuid_v7(), 'wallet.deposit_changed', app_private.deposit_payload(d)
    from before b join ledger.deposits d on d.id = b.id
    where d.state <> b.state or (b.checkout is null and d.checkout is not null); -- also when it can be paid
  end if;
  return null;
end
$$;
comment on function app_private.tell_deposit_changed() is 'Trigger on ledger.deposits: wallet.deposit_changed for each new state, and when there is a way to pay.';

create function app_private.deposit_payload(d ledger.deposits)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'deposit_id', d.id, 'user_id', d.owner, 'provider', d.provider, 'state', d.state, 'failure', d.failure,
    'currency', d.currency, 'exponent', (select c.exponent from ledger.currencies c where c.code = d.currency),
    'amount_minor', d.amount_minor::text, 'transfer_id', d.transfer_id, 'created_at', d.created_at, 'updated_at', d.updated_at);
end
$$;
comment on function app_private.deposit_payload(ledger.deposits) is 'A deposit as its event tells it, without the way to pay it.';

create function app_private.tell_request_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.request_changed', r.requester, app_private.request_payload(r)
    from after n join ledger.payment_requests r on r.id = n.id;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.request_changed',
      case r.state when 'paid' then r.payer when 'declined' then r.payer when 'cancelled' then r.requester end,
      app_private.request_payload(r)
    from before b join ledger.payment_requests r on r.id = b.id
    where r.state <> b.state;
  end if;
  return null;
end
$$;
comment on function app_private.tell_request_changed() is 'Trigger on ledger.payment_requests: wallet.request_changed for each new state.';

create function app_private.request_payload(r ledger.payment_requests)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'request_id', r.id, 'requester_id', r.requester, 'payer_id', r.payer, 'state', r.state,
    'currency', r.currency, 'exponent', (select c.exponent from ledger.currencies c where c.code = r.currency),
    'amount_minor', r.amount_minor::text, 'description', r.description, 'category', r.category, 'transfer_id', r.transfer_id,
    'created_at', r.created_at, 'expires_at', r.expires_at, 'resolved_at', r.resolved_at);
end
$$;
comment on function app_private.request_payload(ledger.payment_requests) is 'A payment request as its event tells it.';

create function app_private.tell_linked_account_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.linked_account_changed', l.owner, app_private.linked_account_payload(l)
    from after n join ledger.linked_accounts l on l.id = n.id;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.linked_account_changed', l.owner, app_private.linked_account_payload(l)
    from before b join ledger.linked_accounts l on l.id = b.id
    where (l.removed_at is null) <> (b.removed_at is null);
  end if;
  return null;
end
$$;
comment on function app_private.tell_linked_account_changed() is 'Trigger on ledger.linked_accounts: wallet.linked_account_changed (linked or removed).';

-- Never the provider's token: it pays out to somebody's bank.
create function app_private.linked_account_payload(l ledger.linked_accounts)
returns jsonb
language plpgsql immutable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'linked_account_id', l.id, 'user_id', l.owner, 'state', case when l.removed_at is null then 'linked' else 'removed' end,
    'provider', l.provider, 'kind', l.kind, 'bank_name', l.bank_name, 'last4', l.last4);
end
$$;
comment on function app_private.linked_account_payload(ledger.linked_accounts) is 'A linked account as its event tells it.';

create function app_private.tell_frozen_changed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- No actor: only operators freeze, and they have no user id.
  perform app_private.emit_event('wallet.frozen_changed', null, jsonb_build_object(
    'user_id', new.owner, 'currency', new.currency,
    'frozen', case when new.frozen_in and new.frozen_out then 'both' when new.frozen_in then 'in' when new.frozen_out then 'out' else 'none' end));
  return null;
end
$$;
comment on function app_private.tell_frozen_changed() is 'Trigger on ledger.accounts: wallet.frozen_changed.';

create function app_private.tell_audit_failed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('wallet.audit_failed', null,
    jsonb_build_object('audit_id', new.id::text, 'scope', new.scope, 'violations', new.violations));
  return null;
end
$$;
comment on function app_private.tell_audit_failed() is 'Trigger on ledger.audits: wallet.audit_failed.';

-- For the worker -----------------------------------------------------------------------------------------------------------

-- realtime.send is Supabase's: it writes the message that the Realtime server passes on, in a subtransaction of its own, and
-- warns instead of failing where the server has made no place for today's messages (then nobody is listening).
create function app_private.broadcast_wallet(p_changes jsonb)
returns int
language plpgsql volatile security definer -- the messages are the platform's, the balances the owners'
set search_path = ''
set timezone = 'UTC'
as $$
declare
  v_person record;
  v_count int := 0;
begin
  for v_person in
    select c.user_id, jsonb_build_object('changes', c.changes, 'more', c.more, 'as_of', statement_timestamp(), 'wallets', coalesce((
        select jsonb_agg(jsonb_build_object('currency', w.currency, 'balance', w.balance, 'pending_balance', w.pending_balance,
          'frozen', w.frozen) order by w.currency)
        from public.wallet w
        where w.user_id = c.user_id and w.currency = any (c.currencies)
      ), '[]')) as payload
    from jsonb_to_recordset(p_changes) as c (user_id uuid, currencies text[], changes jsonb, more boolean)
    limit 100 -- each message takes a subtransaction, and more than 64 in one transaction cost everybody's snapshots
  loop
    perform realtime.send(v_person.payload, 'wallet_changed', 'wallet:' || v_person.user_id::text, true);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.broadcast_wallet(jsonb) is
  'Tells people on their private topics wallet:{user_id} what changed, with their balances now: [{user_id, currencies, changes: [{type, id, …}], more}], at most 100; says how many messages were sent.';

create function app_private.wallet_stats()
returns table (
  queued_entries bigint, queued_seconds double precision, overdue_holds bigint, waiting_withdrawals bigint, waiting_seconds double precision
)
language plpgsql stable security definer -- the ledger is closed to the worker
set search_path = ''
as $$
begin
  return query
  -- Of the first 10,000: a gauge must not read a whole backlog every few seconds.
  with queued as materialized (select q.created_at from ledger.queued_entries q limit 10000),
    waiting as materialized (select w.created_at from ledger.withdrawals w where w.state = 'requested' limit 10000)
  select
    (select count(*) from queued),
    (select coalesce(extract(epoch from clock_timestamp() - min(q.created_at)), 0)::double precision from queued q),
    (select count(*) from (select from ledger.holds h where h.state = 'open' and h.expires_at <= now() limit 10000) h),
    (select count(*) from waiting),
    (select coalesce(extract(epoch from clock_timestamp() - min(w.created_at)), 0)::double precision from waiting w);
end
$$;
comment on function app_private.wallet_stats() is
  'What the wallet still has to do: queued entries, holds past their end, withdrawals that no provider has yet, and the age of the oldest; each up to 10,000.';
