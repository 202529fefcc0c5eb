-- Many transfers of one payer, as one request.

create function ledger.batch(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  -- Part by part in the order given: a part whose transfers are all plain, and paid for, is booked at once.
  c_part constant int := 100;
  v_transfers jsonb := p_arguments -> 'transfers';
  v_count int := jsonb_array_length(v_transfers);
  v_results jsonb := '[]';
  v_part jsonb;
begin
  if v_count not between 1 and 1000 then
    perform app_hidden.fail(422, 'wallet.batch_refused', 'A batch has 1 to 1,000 transfers.', 'Send it in parts.');
  end if;
  -- Missing wallets first, as a wait for their making must not come after a lock.
  perform ledger.ensure_account(p.person, p.currency, 'available')
  from (
    select distinct ledger.find_person(t ->> 'recipient') as person, coalesce(t ->> 'currency', p_arguments ->> 'currency') as currency
    from jsonb_array_elements(v_transfers) t
    order by 1, 2
  ) p
  join ledger.currencies c on c.code = p.currency
  where p.person is not null and p.person <> p_actor;
  -- The payer once, before any recipient: all that follows takes money from these accounts alone.
  perform from ledger.accounts a where a.owner = p_actor order by a.id for no key update;

  for v_from in 0 .. v_count - 1 by c_part loop
    select jsonb_agg(i.t || jsonb_build_object('index', i.n - 1, 'currency', coalesce(i.t ->> 'currency', p_arguments ->> 'currency')) order by i.n)
    into v_part
    from jsonb_array_elements(v_transfers) with ordinality i (t, n) where i.n > v_from and i.n <= v_from + c_part;
    v_results := v_results || coalesce(
      ledger.batch_together(p_actor, v_part), ledger.batch_one_by_one(p_actor, v_part, p_arguments ->> 'mode' = 'atomic'));
  end loop;
  return jsonb_build_object('results', v_results);
end
$$;
comment on function ledger.batch(uuid, jsonb) is
  'Many transfers of one payer, in order: each refused on its own, or (mode atomic) all with the first refusal as 422 wallet.batch_refused.';

create function ledger.batch_together(p_actor uuid, p_part jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_items ledger.item[];
  v_results jsonb;
begin
  select ledger.plain_items(array_agg(p_actor), array_agg(null::text), array_agg(null::bytea), array_agg(t ->> 'recipient' order by n),
    array_agg(t ->> 'amount' order by n), array_agg(t ->> 'currency' order by n), array_agg(t ->> 'description' order by n),
    array_agg(t ->> 'category' order by n))
  into v_items from jsonb_array_elements(p_part) with ordinality i (t, n);
  -- Of several accounts of the payer, one could be short and the others not: then only a part of the part would be booked.
  if cardinality(v_items) is distinct from jsonb_array_length(p_part) or (select count(distinct i.payer) > 1 from unnest(v_items) i) then
    return null;
  end if;
  select jsonb_agg(jsonb_build_object('index', p_part -> (b.ord - 1) -> 'index', 'status', 201, 'transaction', b.body) order by b.ord)
  into v_results from ledger.book_items(v_items) b;
  return v_results;
end
$$;
comment on function ledger.batch_together(uuid, jsonb) is
  'Books a part of a batch at once: its results, or null, and nothing done, when one transfer is not plain or the payer cannot pay them all.';

create function ledger.batch_one_by_one(p_actor uuid, p_part jsonb, p_atomic boolean)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_item record;
  v_code text;
  v_hint text;
  v_results jsonb := '[]';
begin
  for v_item in select i.t, (i.t ->> 'index')::int as index from jsonb_array_elements(p_part) with ordinality i (t, n) order by i.n loop
    begin
      v_results := v_results || jsonb_build_object('index', v_item.index, 'status', 201, 'transaction', ledger.send(p_actor, v_item.t));
    exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
      get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
      if p_atomic then
        perform ledger.fail_parts(422, 'wallet.batch_refused', format('Transfer %s of the batch was refused (%s: %s), so none was made.',
          v_item.index, v_code, sqlerrm), v_hint, ledger.part('transfers.' || v_item.index, v_code, sqlerrm));
      end if;
      v_results := v_results || jsonb_build_object('index', v_item.index, 'status', substring(sqlstate from 3)::int,
        'error', jsonb_build_object('code', v_code, 'detail', sqlerrm, 'hint', v_hint));
    end;
  end loop;
  return v_results;
end
$$;
comment on function ledger.batch_one_by_one(uuid, jsonb, boolean) is
  'Books a part of a batch transfer by transfer, with the refusal of each; if atomic, the first one refuses the whole batch.';
