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

-- Deferred, because a leg may be booked or queued by a later statement than its transfer. One call for each transfer, which finds each
-- leg by a primary key or at the end of its account: 15 to 20 µs of a transfer's 270 (measured). A trigger for each statement on the
-- entries costs as much, and sees wrong legs but no missing ones; one on the transfers would need every leg in their own statement.
create function ledger.assert_posted()
returns trigger
language plpgsql volatile security definer -- fires at the commit, as the role that asked, which cannot see the ledger
set search_path = ''
as $$
begin
  -- The constraint legs_sum_to_zero has seen the legs that the transfer names. Here each of them is found again.
  if cardinality(new.accounts) >= 2 then
    for i in 1 .. cardinality(new.accounts) loop
      perform from ledger.queued_entries q
      where q.account_id = new.accounts[i] and q.transfer_id = new.id and q.amount_minor = new.amounts[i];
      if not found then
        -- Whoever booked it still holds the account: backwards from the end it is among the first.
        perform from ledger.entries e
        where e.account_id = new.accounts[i] and e.transfer_id = new.id and e.amount_minor = new.amounts[i]
        order by e.seq desc limit 1;
        exit when not found;
      end if;
      if i = cardinality(new.accounts) then
        return null;
      end if;
    end loop;
  end if;
  raise exception 'transfer % is not booked as its legs say', new.id
    using errcode = 'integrity_constraint_violation', detail = 'ledger.unbalanced';
end
$$;
comment on function ledger.assert_posted() is
  'Trigger at commit: a transfer has two legs or more, which sum to zero, and each is booked or queued with its amount.';

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

create constraint trigger assert_posted after insert on ledger.transfers
  deferrable initially deferred
  for each row execute function ledger.assert_posted();

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
  for each row
  when ((old.provider, old.event_id, old.type, old.payload, old.received_at)
    is distinct from (new.provider, new.event_id, new.type, new.payload, new.received_at))
  execute function ledger.refuse_change();
create trigger append_only_delete before delete on ledger.provider_events
  for each row execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.provider_events
  for each statement execute function ledger.refuse_change();
