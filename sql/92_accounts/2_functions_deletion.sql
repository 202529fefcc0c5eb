-- The deletion of an account. The person goes, with all that hangs on the profile; the ledger stays, and knows them by an id that
-- nothing else knows any more (docs/decisions/0050-what-deletion-keeps.md).

create function app_private.money_left(p_user uuid)
returns text
language plpgsql stable
set search_path = ''
as $$
begin
  return case
    when exists (select from ledger.withdrawals w where w.owner = p_user and w.state in ('requested', 'submitted')) then 'a withdrawal is on its way'
    when exists (select from ledger.accounts a where a.owner = p_user and a.purpose = 'pending' and a.balance_minor <> 0) then 'money is held'
    when exists (select from ledger.accounts a where a.owner = p_user and a.balance_minor <> 0)
      or exists (
        select from ledger.accounts a join ledger.queued_entries q on q.account_id = a.id where a.owner = p_user
      ) then 'there is money in the wallet'
    -- A checkout that nobody finished within a day is never finished.
    when exists (
      select from ledger.deposits d where d.owner = p_user and d.state = 'pending' and d.created_at > now() - interval '1 day'
    ) then 'a deposit is on its way'
  end;
end
$$;
comment on function app_private.money_left(uuid) is 'What keeps an account from being deleted, in words; null when its wallet is empty and nothing is under way.';

create function app_private.request_deletion(p_actor uuid)
returns jsonb
language plpgsql volatile security definer -- the caller vouches for p_actor
set search_path = ''
as $$
declare
  v_money text;
  j public.account_jobs;
begin
  perform from public.profiles p where p.id = p_actor for key share;
  if not found then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such person.', 'Sign in again.');
  end if;
  v_money := app_private.money_left(p_actor);
  if v_money is not null then
    perform app_hidden.fail(409, 'users.account_has_money', format('The account cannot be deleted: %s.', v_money),
      'Withdraw or send what is in the wallet, let holds and withdrawals end, and ask again.');
  end if;
  insert into public.account_jobs (user_id, kind, run_after)
  select p_actor, 'deletion', now() + r.deletion_waits from app_private.account_rules r
  on conflict (user_id, kind) where state in ('queued', 'running') do nothing
  returning * into j;
  if not found then
    select * into strict j from public.account_jobs x
    where x.user_id = p_actor and x.kind = 'deletion' and x.state in ('queued', 'running');
  end if;
  return app_private.account_job(j);
end
$$;
comment on function app_private.request_deletion(uuid) is
  'Queues the deletion of the account after the time to think again; asked again, the same job. 409 users.account_has_money while there is money or some is under way.';

create function app_private.delete_account(p_id uuid, p_attempts int)
returns text
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_user uuid;
begin
  -- Whoever takes the request back waits here, or was first.
  select j.user_id into v_user from public.account_jobs j
  where j.id = p_id and j.kind = 'deletion' and j.state = 'running' and j.attempts = p_attempts for update;
  if not found then
    return 'taken';
  elsif not exists (select from auth.users u where u.id = v_user) then
    return 'deleted'; -- by an earlier try, or by an operator
  end if;
  -- In the order of ledger.close_wallet, which fires below: what was seen of the money is still so when the wallet is closed.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || v_user::text, 0));
  perform from ledger.accounts a where a.owner = v_user order by a.id for no key update;
  if app_private.money_left(v_user) is not null then
    update public.account_jobs j set state = 'failed', reason = 'users.account_has_money', finished_at = now() where j.id = p_id;
    return 'refused';
  end if;
  delete from auth.users u where u.id = v_user;
  return 'deleted';
end
$$;
comment on function app_private.delete_account(uuid, int) is
  'Deletes the user of a claimed job, with all that hangs on them and every session. refused: there is money again, and the job has failed. taken: it was taken back, or another worker has it.';

-- Not in the transaction above: it looks through all events, and holds no wallet meanwhile.
create function app_private.forget_person(p_user uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if exists (select from auth.users u where u.id = p_user) then
    raise exception 'user % is not deleted', p_user using hint = 'delete the user first';
  end if;
  -- Events stay, because rollups count them, and say nothing about the person any more.
  update app_private.outbox_events e set payload = e.payload || case e.type
    when 'user.registered' then '{"username": "", "full_name": null}'
    when 'user.logged_in' then '{"ip": null, "user_agent": null}'
    when 'wallet.linked_account_changed' then '{"bank_name": null, "last4": null}'
    else '{"username": "", "full_name": null, "avatar_url": null, "bio": null, "location": null, "website": null}'
  end::jsonb
  where e.type in ('user.registered', 'user.logged_in', 'profile.updated', 'wallet.linked_account_changed') and e.payload ->> 'user_id' = p_user::text;
  delete from app_private.idempotency_keys k where k.owner = p_user;
  delete from public.feed_inbox f where f.user_id = p_user;
  -- No payout is under way where a person asked to be deleted; where an operator deleted one, it may still be.
  update ledger.linked_accounts l set provider_token = 'removed', bank_name = null, last4 = null
  where l.owner = p_user and not exists (
    select from ledger.withdrawals w where w.linked_account_id = l.id and w.state in ('requested', 'submitted'));
  update ledger.deposits d set checkout = null where d.owner = p_user and d.checkout is not null;
end
$$;
comment on function app_private.forget_person(uuid) is
  'Takes what tells of a deleted person out of events, stored answers, bank accounts and checkouts. Safe to repeat.';

create function app_private.person_files(p_user uuid, p_limit int)
returns table (bucket_id text, name text)
language plpgsql stable security definer -- Storage is closed to the worker
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select o.bucket_id, o.name from storage.objects o
  where o.owner_id = p_user::text or o.owner = p_user or (o.bucket_id in ('exports', 'avatars', 'covers', 'posts', 'messages') and o.name like p_user::text || '/%')
  order by o.bucket_id, o.name
  limit least(greatest(p_limit, 1), 1000);
end
$$;
comment on function app_private.person_files(uuid, int) is 'Files that a person uploaded, what was made of them, and exports of theirs.';

-- However a user is deleted, what is not in their rows must go too.
create function app_private.queue_clean_up()
returns trigger
language plpgsql volatile security definer -- fires for the Auth server
set search_path = ''
as $$
begin
  insert into public.account_jobs (user_id, kind) values (old.id, 'deletion')
  on conflict (user_id, kind) where state in ('queued', 'running') do update set run_after = now()
  where account_jobs.state = 'queued';
  return null;
end
$$;
comment on function app_private.queue_clean_up() is
  'Trigger on auth.users: a job for the files and traces of somebody who was deleted in another way than by a job.';

-- Events -----------------------------------------------------------------------------------------------------------------

create function app_private.tell_account_job()
returns trigger
language plpgsql volatile security definer -- fires for roles that may not look into the outbox
set search_path = ''
as $$
declare
  v_job jsonb := jsonb_build_object('user_id', new.user_id, 'job_id', new.id);
  v_what text := new.kind || '.' || new.state;
begin
  if tg_op = 'UPDATE' and old.state = new.state then
    return null;
  elsif v_what = 'export.done' then
    perform app_private.emit_event('user.export_ready', new.user_id, v_job || jsonb_build_object('expires_at', new.expires_at));
  elsif v_what = 'export.failed' then
    perform app_private.emit_event('user.export_failed', new.user_id, v_job || jsonb_build_object('reason', new.reason));
  elsif v_what = 'deletion.queued' and tg_op = 'INSERT' and exists (select from auth.users u where u.id = new.user_id) then
    perform app_private.emit_event('user.deletion_requested', new.user_id, v_job || jsonb_build_object('run_after', new.run_after));
  elsif v_what = 'deletion.cancelled' then
    perform app_private.emit_event('user.deletion_cancelled', new.user_id, v_job);
  elsif v_what = 'deletion.failed' then
    perform app_private.emit_event('user.deletion_refused', new.user_id, v_job || jsonb_build_object('reason', new.reason));
  end if;
  return null;
end
$$;
comment on function app_private.tell_account_job() is
  'Trigger on account_jobs: user.export_ready, user.export_failed, user.deletion_requested, user.deletion_cancelled, user.deletion_refused.';
