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

create function ledger.assert_balanced()
returns trigger
language plpgsql volatile security definer -- fires at the commit, as the role that asked, which cannot see the ledger
set search_path = ''
as $$
declare
  v_transfer uuid;
  v_unbalanced boolean;
begin
  if tg_table_name = 'transfers' then
    v_transfer := new.id;
  else
    v_transfer := new.transfer_id;
  end if;
  select coalesce(bool_or(c.total <> 0), true) into v_unbalanced
  from (select sum(e.amount_minor) as total from ledger.entries e where e.transfer_id = v_transfer group by e.currency) c;
  if v_unbalanced then
    raise exception 'the legs of transfer % do not sum to zero', v_transfer
      using errcode = 'integrity_constraint_violation', detail = 'ledger.unbalanced';
  end if;
  return null;
end
$$;
comment on function ledger.assert_balanced() is 'Trigger at commit: the legs of a transfer sum to zero in each currency, and there are some.';

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

create constraint trigger transfer_is_balanced after insert on ledger.transfers
  deferrable initially deferred
  for each row execute function ledger.assert_balanced();
create constraint trigger transfer_is_balanced after insert on ledger.entries
  deferrable initially deferred
  for each row execute function ledger.assert_balanced();
