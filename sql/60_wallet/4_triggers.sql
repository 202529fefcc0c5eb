-- What triggers call -----------------------------------------------------------------------------------------------------

create function ledger.refuse_change()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  perform app_hidden.fail(403, 'ledger.append_only', format('Rows of %I.%I are never changed or deleted.', tg_table_schema, tg_table_name),
    'Correct what is wrong by a new row, such as a transfer the other way.');
  return null;
end
$$;
comment on function ledger.refuse_change() is 'Trigger: makes a table append-only, for its owner too.';

-- Once for each statement, at its end: whoever inserts a transfer books its legs before or in the same statement. What is booked
-- here never changes, so it holds at the commit as well. Measured: 20 µs of a transfer alone, 6 of one among many; as a deferred
-- trigger for each row it took 30 for either.
create function ledger.assert_posted()
returns trigger
language plpgsql volatile security definer -- fires for roles that cannot see the ledger
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_transfer uuid;
begin
  -- The constraint legs_sum_to_zero has seen the legs that the transfer names. Here each of them is found again by its key.
  select t.id into v_transfer
  from added t
  cross join lateral unnest(t.accounts, t.amounts, t.seqs) l (account, amount, seq)
  left join ledger.entries e on e.account_id = l.account and e.seq = l.seq and e.transfer_id = t.id and e.amount_minor = l.amount
  where e.seq is null and (l.seq <> 0 or not exists (
    select from ledger.queued_entries q where q.account_id = l.account and q.transfer_id = t.id and q.amount_minor = l.amount))
  limit 1;
  if found or exists (select from added t where cardinality(t.accounts) < 2) then
    raise exception 'transfer % is not booked as its legs say', v_transfer
      using errcode = 'integrity_constraint_violation', detail = 'ledger.unbalanced';
  end if;
  return null;
end
$$;
comment on function ledger.assert_posted() is
  'Trigger on transfers: every leg is booked as the entry that the transfer names, or queued; and there are at least two.';

create function ledger.keep_event()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if (old.provider, old.event_id, old.type, old.payload, old.received_at)
    is distinct from (new.provider, new.event_id, new.type, new.payload, new.received_at) then
    perform app_hidden.fail(403, 'ledger.append_only', 'What a provider told is never changed.', 'Only what was made of it changes.');
  end if;
  return new;
end
$$;
comment on function ledger.keep_event() is 'Trigger on provider_events: only the outcome of an event may change.';

create function ledger.open_wallet()
returns trigger
language plpgsql volatile security definer -- fires for the Auth server, which has no rights in the ledger
set search_path = ''
as $$
begin
  perform ledger.ensure_account(new.id, 'USD', 'available');
  perform ledger.ensure_account(new.id, 'USD', 'pending');
  return null;
end
$$;
comment on function ledger.open_wallet() is 'Trigger on profiles: a wallet in the default currency for everybody.';

create function ledger.close_wallet()
returns trigger
language plpgsql volatile security definer -- fires for the Auth server, which has no rights in the ledger
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || old.id::text, 0));
  perform from ledger.accounts a where a.owner = old.id order by a.id for no key update;
  update ledger.accounts a set closed_at = now() where a.owner = old.id and a.closed_at is null;
  -- Payouts on their way still find theirs.
  update ledger.linked_accounts l set removed_at = now() where l.owner = old.id and l.removed_at is null;
  return null;
end
$$;
comment on function ledger.close_wallet() is 'Trigger on profiles: the accounts of a deleted person stay with their balance, closed.';

create function ledger.open_system_accounts()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into ledger.accounts (id, owner, purpose, currency, floor_minor)
  select nextval('ledger.system_account_ids'), null, s.purpose, new.code, s.floor_minor
  -- Money enters through funding, so that account alone may owe: half of what a bigint can say.
  from (values ('funding', -4611686018427387904), ('payouts', 0), ('fees', 0)) s (purpose, floor_minor);
  return null;
end
$$;
comment on function ledger.open_system_accounts() is 'Trigger on currencies: the system accounts of a new currency.';

-- Triggers ---------------------------------------------------------------------------------------------------------------

create trigger open_system_accounts after insert on ledger.currencies
  for each row execute function ledger.open_system_accounts();

create trigger open_wallet after insert on public.profiles
  for each row execute function ledger.open_wallet();
create trigger close_wallet after delete on public.profiles
  for each row execute function ledger.close_wallet();

create trigger append_only before update or delete on ledger.entries
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.entries
  for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete on ledger.transfers
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.transfers
  for each statement execute function ledger.refuse_change();

create trigger assert_posted after insert on ledger.transfers
  referencing new table as added
  for each statement execute function ledger.assert_posted();

create trigger append_only before update or delete on ledger.reversals
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.reversals
  for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete on ledger.audits
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.audits
  for each statement execute function ledger.refuse_change();

-- What a provider told stays as it came; only what was made of it changes.
create trigger append_only before update on ledger.provider_events
  for each row execute function ledger.keep_event();
create trigger append_only_delete before delete on ledger.provider_events
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.provider_events
  for each statement execute function ledger.refuse_change();
