-- Waits for nothing: an account that somebody has locked is folded in a later round, or by its owner who needs the money.
-- Security definer: the ledger is closed to the worker.
create function app_private.fold_queued_entries(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_start bigint;
  v_account bigint;
  v_count int := 0;
begin
  -- From a place by chance and then once around, so that accounts which fill up all the time cannot keep the others waiting. A little
  -- beyond the last person's account lie those of the system.
  select floor(random() * 1.25 * max(q.account_id))::bigint into v_start
  from ledger.queued_entries q where q.account_id < 9000000000000000000;
  v_start := coalesce(v_start, 0);
  for v_round in 1..2 loop
    v_account := case v_round when 1 then v_start else 0 end;
    loop
      -- From account to account through the primary key, however many entries each has.
      select q.account_id into v_account from ledger.queued_entries q
      where q.account_id > v_account and (v_round = 1 or q.account_id <= v_start)
      order by q.account_id limit 1;
      exit when not found;
      perform from ledger.accounts a where a.id = v_account for no key update skip locked;
      if found then
        v_count := v_count + ledger.fold(v_account);
      end if;
      if v_count >= p_limit then
        return v_count;
      end if;
    end loop;
  end loop;
  return v_count;
end
$$;
comment on function app_private.fold_queued_entries(int) is
  'Books queued entries of accounts that are free, until p_limit is reached or nothing is left, and says how many.';
