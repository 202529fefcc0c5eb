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

-- In place of constraints, which Postgres parses anew for every statement that writes the table. No posting changes these columns.
create function ledger.assert_account()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if (new.purpose in ('available', 'pending') and new.owner is not null or new.purpose in ('funding', 'payouts', 'fees') and new.owner is null)
    and new.floor_minor <= 0 and new.max_transfer_minor > 0 is not false and new.max_day_minor > 0 is not false
    and new.max_hour_count > 0 is not false then
    return null;
  end if;
  raise exception 'account % is of no known purpose, has no owner or one too many, or a floor or limit that is none', new.id
    using errcode = 'check_violation';
end
$$;
comment on function ledger.assert_account() is
  'Trigger on accounts: people own available and pending, the system the rest; no floor is above zero, and limits are above it.';

create function ledger.assert_hold()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if new.kind in ('hold', 'withdrawal') and new.state in ('open', 'captured', 'voided', 'expired')
    and new.amount_minor > 0 and new.captured_minor between 0 and new.amount_minor and new.fee_minor >= 0 then
    return null;
  end if;
  raise exception 'hold % is of no known kind or state, or its amounts cannot be', new.id using errcode = 'check_violation';
end
$$;
comment on function ledger.assert_hold() is
  'Trigger on holds: kind and state are known, the amount is above zero, what was captured is no more than it, and no fee is below zero.';

-- Once for each statement, at its end: whoever inserts a transfer books its legs before or in the same statement. What is booked
-- here never changes, so it holds at the commit as well. As a constraint of the table, what the row says of itself would be
-- parsed anew for every transfer.
create function ledger.assert_posted()
returns trigger
language plpgsql volatile security definer -- fires for roles that cannot see the ledger
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  -- Nearly all are two legs of one amount, first what leaves, booked as the entries that
  -- the transfer names by their keys, or the second one queued.
  perform ledger.assert_legs(t.id, t.amount_minor, t.accounts, t.amounts, t.seqs, t.description, t.category)
  from added t
  where (t.amount_minor > 0 and t.amounts = array[-t.amount_minor, t.amount_minor] and cardinality(t.accounts) = 2 and cardinality(t.seqs) = 2
    and length(t.description) <= 1000 is not false and length(t.category) <= 100 is not false
    and exists (select from ledger.entries e
      where e.account_id = t.accounts[1] and e.seq = t.seqs[1] and e.transfer_id = t.id and e.amount_minor = -t.amount_minor)
    and case when t.seqs[2] = 0
      then exists (select from ledger.queued_entries q
        where q.account_id = t.accounts[2] and q.transfer_id = t.id and q.amount_minor = t.amount_minor)
      else exists (select from ledger.entries e
        where e.account_id = t.accounts[2] and e.seq = t.seqs[2] and e.transfer_id = t.id and e.amount_minor = t.amount_minor) end) is not true;
  return null;
end
$$;
comment on function ledger.assert_posted() is
  'Trigger on transfers: there are at least two legs, they sum to zero, and each is booked as the entry that the transfer names, or queued.';

create function ledger.assert_legs(
  p_id uuid, p_amount bigint, p_accounts bigint[], p_amounts bigint[], p_seqs bigint[], p_description text, p_category text
)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_amount <= 0 or cardinality(p_accounts) <> cardinality(p_amounts) or cardinality(p_accounts) <> cardinality(p_seqs)
    or length(p_description) > 1000 or length(p_category) > 100
    or cardinality(p_amounts) > 0 and not ledger.sums_to_zero(p_amounts) or array_position(p_amounts, null) is not null then
    raise exception 'transfer % does not take as much as it gives, or says too much', p_id using errcode = 'check_violation';
  end if;
  if cardinality(p_accounts) < 2 or exists (
    select from unnest(p_accounts, p_amounts, p_seqs) l (account, amount, seq)
    left join ledger.entries e on e.account_id = l.account and e.seq = l.seq and e.transfer_id = p_id and e.amount_minor = l.amount
    where e.seq is null and (l.seq <> 0 or not exists (
      select from ledger.queued_entries q where q.account_id = l.account and q.transfer_id = p_id and q.amount_minor = l.amount))
  ) then
    raise exception 'transfer % is not booked as its legs say', p_id
      using errcode = 'integrity_constraint_violation', detail = 'ledger.unbalanced';
  end if;
end
$$;
comment on function ledger.assert_legs(uuid, bigint, bigint[], bigint[], bigint[], text, text) is
  'Raises unless a transfer is whole: of any number of legs, queued ones included.';

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
  -- Payouts on their way still find theirs; then the provider is told (app_private.claim_unlinked_accounts).
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

create trigger assert_account
  after insert or update of owner, purpose, floor_minor, max_transfer_minor, max_day_minor, max_hour_count on ledger.accounts
  for each row execute function ledger.assert_account();

create trigger assert_hold after insert or update on ledger.holds
  for each row execute function ledger.assert_hold();

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
  for each row
  -- What changed nothing may go in the end (app_private.prune_provider_events).
  when (old.outcome not in ('ignored', 'already_applied') or old.received_at > now() - interval '90 days')
  execute function ledger.refuse_change();
create trigger append_only_truncate before truncate on ledger.provider_events
  for each statement execute function ledger.refuse_change();
