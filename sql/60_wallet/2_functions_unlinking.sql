-- A removed account is forgotten by its provider, and then its token is forgotten here. The worker asks, as it does for withdrawals.

create function app_private.claim_unlinked_accounts(p_providers text[], p_limit int, p_lease interval)
returns table (id uuid, provider text, provider_token text, attempts int)
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select l.id from ledger.linked_accounts l
    where l.removed_at is not null and l.provider_token is not null and l.next_attempt_at <= now()
      and l.attempts < 20 and l.provider = any (p_providers)
      -- Of somebody who left: their payouts still go there. No new ones can.
      and not exists (select from ledger.withdrawals w where w.linked_account_id = l.id and w.state in ('requested', 'submitted'))
    order by l.next_attempt_at
    limit least(greatest(p_limit, 1), 1000)
    for update skip locked
  ), claimed as (
    update ledger.linked_accounts l set attempts = l.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from due where l.id = due.id
    returning l.*
  )
  select x.id, x.provider, x.provider_token, x.attempts from claimed x order by x.id;
end
$$;
comment on function app_private.claim_unlinked_accounts(text[], int, interval) is
  'Takes up to p_limit removed accounts that one of these providers is to forget, for p_lease: two workers never get the same one. None whose withdrawals are on their way, and each twenty times at most.';

create function app_private.account_unlinked(p_id uuid)
returns boolean
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
begin
  update ledger.linked_accounts l set provider_token = null, last_error = null
  where l.id = p_id and l.removed_at is not null and l.provider_token is not null;
  return found;
end
$$;
comment on function app_private.account_unlinked(uuid) is 'The provider has forgotten this account, so its token is forgotten too. May be repeated; true when it is news.';

create function app_private.unlink_retry(p_id uuid, p_error text, p_retry_in interval)
returns boolean
language plpgsql volatile security definer -- the ledger is closed to the worker
set search_path = ''
as $$
declare
  v_attempts int;
begin
  update ledger.linked_accounts l set last_error = left(p_error, 2000), next_attempt_at = clock_timestamp() + p_retry_in
  where l.id = p_id and l.removed_at is not null and l.provider_token is not null
  returning l.attempts into v_attempts;
  return v_attempts < 20 is not false;
end
$$;
comment on function app_private.unlink_retry(uuid, text, interval) is
  'The provider has not forgotten this account: it is asked again after p_retry_in. False when that was the last time; then it waits for an operator.';
