-- A transfer taken back, once, as a whole. Booked by ledger.post.

create function ledger.reverse_transfer(t ledger.transfers, p_reason text)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_accounts bigint[];
  v_amounts bigint[];
  v_id uuid := app_private.uuid_v7();
begin
  if t.kind not in ('transfer', 'capture') then
    perform app_hidden.fail(422, 'wallet.not_reversible', 'Only payments between people can be reversed.',
      'Send money the other way, or ask the operators of the app.');
  end if;
  -- A twin waits here, before any account is locked.
  insert into ledger.reversals (transfer_id, reversal_id, reason) values (t.id, v_id, p_reason) on conflict (transfer_id) do nothing;
  if not found then
    perform app_hidden.fail(409, 'wallet.already_reversed', 'This transaction was reversed already.',
      'Nothing is left to do: a transaction is reversed once, as a whole.');
  end if;
  -- Whatever of it was theirs before (a capture came out of pending), the payer gets it back as available.
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from (
    select coalesce(b.id, a.id) as account, -sum(u.amount)::bigint as amount
    from unnest(t.accounts, t.amounts) u (account, amount)
    join ledger.accounts a on a.id = u.account
    left join ledger.accounts b on b.owner = t.from_owner and a.owner = t.from_owner and b.currency = t.currency and b.purpose = 'available'
    group by 1
  ) l;
  return ledger.post('reversal', t.currency, v_accounts, v_amounts, t.to_owner, t.from_owner, p_reason, t.category, v_id);
end
$$;
comment on function ledger.reverse_transfer(ledger.transfers, text) is
  'Books a transfer or a capture back, fees too, once, and gives the id of the reversal; else 402, 409 wallet.already_reversed or 422 wallet.not_reversible.';

create function ledger.reverse(p_actor uuid, p_arguments jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid := ledger.id_in(p_arguments);
  t ledger.transfers;
begin
  -- The payer knows a capture by the id of the hold.
  v_id := coalesce((select h.transfer_id from ledger.holds h where h.id = v_id and h.owner = p_actor), v_id);
  select * into t from ledger.transfers x
  where x.id = v_id and exists (select from ledger.accounts a where a.id = any (x.accounts) and a.owner = p_actor);
  if not found then
    perform app_hidden.fail(404, 'wallet.transaction_not_found', 'You have no such completed transaction.', 'Take an id from GET wallet/transactions.');
  elsif t.kind in ('transfer', 'capture') and t.from_owner = p_actor then
    perform app_hidden.fail(403, 'auth.forbidden', 'Only who received this money may give it back.', 'Ask the recipient, or the operators of the app.');
  elsif t.to_owner is null then
    perform app_hidden.fail(422, 'wallet.not_reversible', 'Other people received money by this transaction too.',
      'Send your part back as a payment.');
  end if;
  -- Operators may take money out of a frozen wallet; its owner may not, to nobody. Locked before it is looked at, as a freeze does.
  perform from ledger.accounts a where a.id = any (t.accounts) and a.owner = p_actor and a.purpose = 'available' order by a.id for no key update;
  if exists (select from ledger.accounts a where a.owner = p_actor and a.currency = t.currency and a.frozen_out) then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
  end if;
  v_id := ledger.reverse_transfer(t, p_arguments ->> 'reason');
  return ledger.transaction_of(p_actor, v_id);
end
$$;
comment on function ledger.reverse(uuid, jsonb) is 'The payee of a payment or a capture gives all of it back: {id, reason}.';
