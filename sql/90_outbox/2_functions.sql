-- Writing ------------------------------------------------------------------------------------------------------------------

create function app_private.emit_event(p_type text, p_actor uuid, p_payload jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  values (app_private.uuid_v7(), p_type, p_actor, p_payload);
end
$$;
comment on function app_private.emit_event(text, uuid, jsonb) is 'Writes one domain event, version 1, into the transaction of its change.';

-- NOTIFY takes one lock of the whole cluster until the commit is done, which would make all writers commit one after the
-- other. So at most one transaction in flight notifies; events of the others are found by the worker's poll.
create function app_private.wake_worker()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  -- An expression, where `perform` would be a statement: this runs in every transaction that tells of something.
  if pg_try_advisory_xact_lock(hashtextextended('outbox.notify', 0)) and pg_notify('outbox', '') is null then
    null;
  end if;
  return null;
end
$$;
comment on function app_private.wake_worker() is 'Trigger on the outbox: wakes the worker, unless a transaction in flight is about to.';

-- The writers of events are security definer: they fire for roles that may not look into the outbox.

create function app_private.tell_user_registered()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('user.registered', new.id,
    jsonb_build_object('user_id', new.id, 'username', new.username, 'full_name', new.full_name));
  return null;
end
$$;
comment on function app_private.tell_user_registered() is 'Trigger on profiles: user.registered.';

create function app_private.tell_profile_updated()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_old jsonb := to_jsonb(old) - 'updated_at';
  v_new jsonb := to_jsonb(new);
  v_changed jsonb;
begin
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(v_new - 'updated_at') n where n.value is distinct from v_old -> n.key;
  if v_changed is not null then
    -- Null for an operator, who has no user id: nobody verifies themselves.
    perform app_private.emit_event('profile.updated', auth.uid(),
      (v_new - 'id' - 'business_info' - 'created_at') || jsonb_build_object('user_id', new.id, 'changed', v_changed));
  end if;
  return null;
end
$$;
comment on function app_private.tell_profile_updated() is 'Trigger on profiles: profile.updated with the new public facts and the names of what changed.';

create function app_private.tell_user_deleted()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('user.deleted', old.id, jsonb_build_object('user_id', old.id));
  return null;
end
$$;
comment on function app_private.tell_user_deleted() is 'Trigger on auth.users: user.deleted.';

create function app_private.tell_session()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('user.logged_in', new.user_id, jsonb_build_object(
      'user_id', new.user_id, 'session_id', new.id, 'ip', host(new.ip), 'user_agent', left(new.user_agent, 1000)));
  else
    perform app_private.emit_event('user.session_revoked', old.user_id,
      jsonb_build_object('user_id', old.user_id, 'session_id', old.id));
  end if;
  return null;
end
$$;
comment on function app_private.tell_session() is 'Trigger on auth.sessions: user.logged_in and user.session_revoked.';

create function app_private.transfer_legs(p_accounts bigint[], p_amounts bigint[])
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('legs', coalesce(jsonb_agg(jsonb_build_object('user_id', l.owner, 'amount_minor', l.minor::text)), '[]'))
    from (
      select a.owner, sum(u.amount) as minor
      from unnest(p_accounts, p_amounts) u (account, amount) join ledger.accounts a on a.id = u.account
      where a.owner is not null group by a.owner
    ) l
  );
end
$$;
comment on function app_private.transfer_legs(bigint[], bigint[]) is 'What a transfer did to each person''s wallet as a whole, held money included: {legs: [{user_id, amount_minor}]}.';

create function app_private.tell_transfer_completed()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- The id of a transfer is as good as a new one: there is one such event of each.
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select t.id, 'wallet.transfer_completed', t.from_owner, jsonb_build_object(
    'transfer_id', t.id, 'kind', t.kind, 'currency', t.currency, 'exponent', c.exponent,
    'amount_minor', t.amount_minor::text, 'from_user_id', t.from_owner, 'to_user_id', t.to_owner,
    'description', t.description, 'category', t.category, 'created_at', t.created_at)
    -- A fee, a split or a partial capture is more than an amount from one to another.
    || case when cardinality(t.accounts) > 2 then app_private.transfer_legs(t.accounts, t.amounts) else '{}' end
  from added t join ledger.currencies c on c.code = t.currency
  -- Money that only changes its place in one wallet: the events of holds and withdrawals tell of it.
  where t.kind not in ('hold', 'release');
  return null;
end
$$;
comment on function app_private.tell_transfer_completed() is 'Trigger on ledger.transfers: wallet.transfer_completed.';

-- Reading: what the worker may do. Security definer: the outbox is closed to every role ----------------------------------

create function app_private.claim_outbox(p_limit int, p_lease interval)
returns table (
  id uuid, "position" bigint, tx_id text, type text, version smallint, actor_id uuid, payload jsonb,
  occurred_at timestamptz, attempts int
)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select e.id from app_private.outbox_events e
    where e.processed_at is null and e.dead_at is null and e.next_attempt_at <= now()
    order by e.next_attempt_at, e.position
    limit least(greatest(p_limit, 1), 10000)
    for update skip locked
  ), claimed as (
    update app_private.outbox_events e
    set attempts = e.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from due where e.id = due.id
    returning e.*
  )
  select c.id, c.position, c.tx_id::text, c.type, c.version, c.actor_id, c.payload, c.occurred_at, c.attempts
  from claimed c order by c.position;
end
$$;
comment on function app_private.claim_outbox(int, interval) is
  'Takes up to p_limit due events for p_lease; two workers never get the same one. After the lease an event is due again.';

create function app_private.complete_outbox(p_ids uuid[])
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_completed int;
begin
  -- Locked in one order, because two workers may complete the same events after a lease has run out.
  with mine as materialized (
    select e.id from app_private.outbox_events e
    where e.id = any (p_ids) and e.processed_at is null
    order by e.id for update
  )
  update app_private.outbox_events e set processed_at = clock_timestamp(), dead_at = null, last_error = null
  from mine where e.id = mine.id;
  get diagnostics v_completed = row_count;
  return v_completed;
end
$$;
comment on function app_private.complete_outbox(uuid[]) is 'Marks events as processed and says how many were not so before.';

create function app_private.fail_outbox(p_id uuid, p_error text, p_retry_in interval, p_dead boolean)
returns void
language sql volatile security definer
set search_path = ''
as $$
  update app_private.outbox_events e
  set last_error = left(p_error, 2000),
      next_attempt_at = clock_timestamp() + coalesce(p_retry_in, interval '0'),
      dead_at = case when p_dead then clock_timestamp() end
  where e.id = p_id and e.processed_at is null
$$;
comment on function app_private.fail_outbox(uuid, text, interval, boolean) is
  'Notes why an event failed: due again after p_retry_in, or dead until an operator retries it.';

-- Ids of transactions grow, but commits come in any order. Below the oldest transaction still running nothing can appear
-- any more, so what is read here is final. The price: one long transaction, in any database of the server, holds all
-- readers of the log back (claim_outbox goes on). A reader keeps (tx_id, position) of its last row.
create function app_private.read_outbox_log(p_after_tx text, p_after_position bigint, p_limit int)
returns table (
  id uuid, "position" bigint, tx_id text, type text, version smallint, actor_id uuid, payload jsonb,
  occurred_at timestamptz, attempts int
)
language sql stable security definer
set search_path = ''
as $$
  select e.id, e.position, e.tx_id::text, e.type, e.version, e.actor_id, e.payload, e.occurred_at, e.attempts
  from app_private.outbox_events e
  where (e.tx_id, e.position) > (coalesce(p_after_tx, '0')::xid8, coalesce(p_after_position, 0))
    and e.tx_id < pg_snapshot_xmin(pg_current_snapshot())
  order by e.tx_id, e.position
  limit least(greatest(p_limit, 1), 10000)
$$;
comment on function app_private.read_outbox_log(text, bigint, int) is
  'Events in their final order after (p_after_tx, p_after_position); null, null reads from the beginning.';

create function app_private.outbox_stats()
returns table (pending bigint, dead bigint, oldest_pending_seconds double precision)
language sql stable security definer
set search_path = ''
as $$
  select
    (select count(*) from app_private.outbox_events e where e.processed_at is null and e.dead_at is null),
    (select count(*) from app_private.outbox_events e where e.dead_at is not null),
    coalesce((
      select extract(epoch from clock_timestamp() - min(e.occurred_at))
      from app_private.outbox_events e where e.processed_at is null and e.dead_at is null
    ), 0)::double precision
$$;
comment on function app_private.outbox_stats() is 'How far the worker is behind: counted over the partial indexes of what is left to do.';

create function app_private.replay_outbox(p_from timestamptz)
returns bigint
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_replayed bigint;
begin
  update app_private.outbox_events e
  set processed_at = null, dead_at = null, attempts = 0, next_attempt_at = now(), last_error = null
  where e.occurred_at >= p_from and (e.processed_at is not null or e.dead_at is not null);
  get diagnostics v_replayed = row_count;
  return v_replayed;
end
$$;
comment on function app_private.replay_outbox(timestamptz) is
  'Makes all events since p_from pending again and says how many. Projections are idempotent, so nothing is doubled.';

create function app_private.prune_outbox(p_older_than interval, p_before_tx text)
returns bigint
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_pruned bigint;
begin
  with old as materialized (
    select e.id from app_private.outbox_events e
    where e.processed_at < now() - p_older_than and (p_before_tx is null or e.tx_id < p_before_tx::xid8)
      -- Notifications are read from here, too, at their own pace.
      and e.tx_id < (select pg_snapshot_xmin(r.done) from app_private.notification_reader r)
    order by e.tx_id, e.position
    limit 10000
    for update skip locked
  )
  delete from app_private.outbox_events e using old where e.id = old.id;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$$;
comment on function app_private.prune_outbox(interval, text) is
  'Deletes up to 10,000 events processed longer ago than p_older_than and before transaction p_before_tx (null: any), which notifications have been made of: call again until 0.';
