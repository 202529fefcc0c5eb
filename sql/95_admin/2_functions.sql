-- All of these are security invoker and granted to nobody: only their owner `postgres` (Studio of a hosted project, psql) runs them.

create function admin.person(p_username text)
returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_id uuid;
begin
  select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_username::extensions.citext;
  if not found then
    perform app_hidden.fail(404, 'users.not_found', format('There is nobody called %L.', p_username), 'Check the username.');
  end if;
  return v_id;
end
$$;
comment on function admin.person(text) is 'The id of a person by username; else 404 users.not_found.';

create function admin.wallet_state(p_user uuid, p_currency text)
returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(w) from public.wallet w where w.user_id = p_user and w.currency = p_currency
$$;
comment on function admin.wallet_state(uuid, text) is 'A wallet as the audit log keeps it.';

create function admin.fund_wallet(p_username text, p_amount text, p_currency text, p_reason text)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user uuid := admin.person(p_username);
  v_exponent smallint;
  v_amount bigint;
  v_account bigint;
  v_before jsonb;
  v_transfer uuid;
begin
  select c.exponent into v_exponent from ledger.currencies c where c.code = p_currency;
  if not found then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  v_amount := ledger.parse_amount(p_amount, v_exponent);
  v_account := ledger.ensure_account(v_user, p_currency, 'available');
  perform from ledger.accounts a where a.id = v_account for no key update; -- so that before and after belong together
  v_before := admin.wallet_state(v_user, p_currency);
  v_transfer := ledger.post('funding', p_currency,
    array[ledger.system_account(p_currency, 'funding'), v_account], array[-v_amount, v_amount], null, v_user, p_reason, 'funding');
  insert into admin.audit_log (action, target, reason, before, after)
  values ('fund_wallet', v_user::text, p_reason, v_before,
    admin.wallet_state(v_user, p_currency) || jsonb_build_object('transfer_id', v_transfer));
  return v_transfer;
end
$$;
comment on function admin.fund_wallet(text, text, text, text) is
  'Credits a wallet from the funding account and gives the transfer id: select admin.fund_wallet(''alice'', ''100.00'', ''USD'', ''why'').';

create function admin.set_wallet_frozen(p_username text, p_frozen boolean, p_reason text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user uuid := admin.person(p_username);
  v_before boolean;
begin
  -- The same lock as the first use of a currency takes: no account appears unfrozen beside this change.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || v_user::text, 0));
  perform from ledger.accounts a where a.owner = v_user order by a.id for no key update;
  select coalesce(bool_or(a.is_frozen), false) into v_before from ledger.accounts a where a.owner = v_user;
  update ledger.accounts a set is_frozen = p_frozen, updated_at = now() where a.owner = v_user;
  insert into admin.audit_log (action, target, reason, before, after)
  values (case when p_frozen then 'freeze_wallet' else 'unfreeze_wallet' end, v_user::text, p_reason,
    jsonb_build_object('is_frozen', v_before), jsonb_build_object('is_frozen', p_frozen));
  return v_before <> p_frozen;
end
$$;
comment on function admin.set_wallet_frozen(text, boolean, text) is
  'Stops all money from leaving a person''s wallet, or allows it again; receiving goes on. True when that is a change.';

create function admin.retry_dead_letters()
returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
  v_retried bigint;
begin
  update app_private.outbox_events e set dead_at = null, attempts = 0, next_attempt_at = now()
  where e.dead_at is not null;
  get diagnostics v_retried = row_count;
  perform pg_notify('outbox', '');
  insert into admin.audit_log (action, target, reason, after)
  values ('retry_dead_letters', 'outbox', 'retried by an operator', jsonb_build_object('retried', v_retried));
  return v_retried;
end
$$;
comment on function admin.retry_dead_letters() is 'Gives all dead letters back to the worker and says how many.';
