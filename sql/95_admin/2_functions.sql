-- All of these are security invoker and granted to nobody: only their owner `postgres` (Studio of a hosted project, psql) runs them.

create function admin.require_reason(p_reason text)
returns void
language plpgsql immutable
set search_path = ''
as $$
begin
  -- As the tables ask for it, which refuse what comes past this.
  if p_reason is null or length(trim(p_reason)) not between 3 and 1000 then
    perform app_hidden.fail(422, 'admin.reason_required', 'This needs a reason of 3 to 1,000 characters.',
      'Say why in the last argument, such as ''case 4711: stolen card''.');
  end if;
end
$$;
comment on function admin.require_reason(text) is 'Refuses a missing, too short or too long reason of an operator with 422 admin.reason_required.';

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
