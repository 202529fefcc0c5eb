-- What money and sign-ins mean to people.

create function app_private.wallet_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  p jsonb := e.payload;
  v_money jsonb := jsonb_build_object('currency', p -> 'currency', 'exponent', p -> 'exponent', 'amount_minor', p -> 'amount_minor');
  v_state text := p ->> 'state';
  v_user uuid := p ->> 'user_id';
  v_payee uuid := p ->> 'payee_id';
begin
  case e.type
    when 'wallet.transfer_completed' then
      return app_private.transfer_drafts(e, v_money);
    when 'wallet.hold_placed' then
      return array[app_private.draft('raise', v_payee, 'hold', 'hold:' || (p ->> 'hold_id'), 'hold', (p ->> 'hold_id')::uuid, v_user, e.occurred_at,
        v_money || '{"state": "placed"}')];
    when 'wallet.hold_resolved' then
      v_money := v_money || jsonb_build_object('state', v_state, 'captured_minor', p -> 'captured_minor');
      return array(
        select app_private.draft('raise', w.receiver, 'hold', 'hold:' || (p ->> 'hold_id'), 'hold', (p ->> 'hold_id')::uuid,
          case when v_state <> 'expired' then v_payee end, e.occurred_at, v_money)
        from unnest(array[v_user, v_payee]) w (receiver) where w.receiver = v_user or v_state = 'expired');
    when 'wallet.withdrawal_changed' then
      if v_state <> 'submitted' then
        return array[app_private.draft('raise', v_user, 'withdrawal', 'withdrawal:' || (p ->> 'withdrawal_id'), 'withdrawal',
          (p ->> 'withdrawal_id')::uuid, null, e.occurred_at, v_money || jsonb_build_object('state', v_state, 'failure', p -> 'failure'))];
      end if;
    when 'wallet.request_changed' then
      return array(
        select app_private.draft('raise', case when v_state in ('open', 'cancelled') then w.payer else w.requester end,
          'payment_request', 'payment_request:' || (p ->> 'request_id'), 'payment_request', (p ->> 'request_id')::uuid,
          case when v_state in ('open', 'cancelled') then w.requester when v_state <> 'expired' then w.payer end,
          e.occurred_at, v_money || jsonb_build_object('state', v_state, 'description', p -> 'description'))
        from (select (p ->> 'payer_id')::uuid as payer, (p ->> 'requester_id')::uuid as requester) w);
    else null;
  end case;
  return '{}';
end
$$;
comment on function app_private.wallet_drafts(app_private.outbox_events) is 'Of events of the wallet: money_received, hold, withdrawal, payment_request.';

create function app_private.transfer_drafts(e app_private.outbox_events, p_money jsonb)
returns app_private.notification_draft[]
language plpgsql stable
set search_path = ''
as $$
declare
  p jsonb := e.payload;
  v_from uuid := p ->> 'from_user_id';
begin
  if p ->> 'kind' = 'withdrawal' then
    return '{}'; -- and what comes back of one that failed: its own event tells of it
  end if;
  return array(
    select app_private.draft('raise', w.receiver, 'money_received', 'money_received:' || (p ->> 'currency'), 'transfer', (p ->> 'transfer_id')::uuid,
      v_from, e.occurred_at, p_money || jsonb_build_object('amount_minor', w.amount, 'kind', p -> 'kind', 'transfer_id', p -> 'transfer_id'))
    from (
      select (l ->> 'user_id')::uuid as receiver, l ->> 'amount_minor' as amount from jsonb_array_elements(p -> 'legs') l
      union all
      select (p ->> 'to_user_id')::uuid, p ->> 'amount_minor' where not p ? 'legs'
    ) w
    where w.receiver is distinct from v_from and w.receiver is not null and w.amount::numeric > 0);
end
$$;
comment on function app_private.transfer_drafts(app_private.outbox_events, jsonb) is 'Whoever has more money by a transfer is told, with their own part of it.';

create function app_private.user_drafts(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql volatile -- remembers devices
set search_path = ''
as $$
declare
  v_user uuid := e.payload ->> 'user_id';
begin
  if e.type = 'user.password_changed' then
    return array[app_private.draft('raise', v_user, 'password_changed', 'password_changed:' || e.id, null, null, null, e.occurred_at)];
  elsif e.type = 'user.target_added' then
    return array[app_private.draft('raise', v_user, 'target_added', 'target_added:' || e.id, null, null, null, e.occurred_at,
      jsonb_build_object('channel', e.payload -> 'channel', 'host', e.payload -> 'host', 'user_agent', e.payload -> 'user_agent'))];
  elsif e.type = 'user.webhook_disabled' then
    return array[app_private.draft('raise', v_user, 'webhook_disabled', 'webhook_disabled:' || e.id, null, null, null, e.occurred_at,
      jsonb_build_object('host', e.payload -> 'host', 'reason', e.payload -> 'reason'))];
  elsif e.type = 'user.logged_in' and app_private.is_new_device(v_user, e.payload ->> 'ip', e.payload ->> 'user_agent') then
    return array[app_private.draft('raise', v_user, 'sign_in', 'sign_in:' || (e.payload ->> 'session_id'), 'session', (e.payload ->> 'session_id')::uuid,
      null, e.occurred_at, jsonb_build_object('ip', e.payload -> 'ip', 'user_agent', left(e.payload ->> 'user_agent', 200)))];
  end if;
  return '{}';
end
$$;
comment on function app_private.user_drafts(app_private.outbox_events) is 'Of events of accounts: password_changed, target_added, webhook_disabled, and sign_in from a new device.';

-- By program and network, because the address alone changes with every train ride, and the program alone is the same for millions.
create function app_private.is_new_device(p_user uuid, p_ip text, p_user_agent text)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_network text := coalesce(host(network(set_masklen(p_ip::inet, case family(p_ip::inet) when 4 then 16 else 32 end))), '');
  v_device bytea := sha256(convert_to(v_network || ' ' || coalesce(p_user_agent, ''), 'utf8'));
  v_had_any boolean := exists (select from app_private.sign_in_devices d where d.user_id = p_user);
  v_is_new boolean;
begin
  if not exists (select from public.profiles p where p.id = p_user) then
    return false;
  end if;
  insert into app_private.sign_in_devices as d (user_id, device) values (p_user, v_device)
  on conflict (user_id, device) do update set seen_at = now()
  returning xmax = 0 into v_is_new;
  if v_is_new then
    delete from app_private.sign_in_devices d
    where d.user_id = p_user and d.device in (
      select x.device from app_private.sign_in_devices x where x.user_id = p_user order by x.seen_at desc, x.device offset 50);
  end if;
  return v_is_new and v_had_any;
end
$$;
comment on function app_private.is_new_device(uuid, text, text) is
  'Remembers from where somebody signed in, the last fifty, and says whether it is new; the very first is not.';
