-- Jobs of the worker for one person: an export of all that is theirs, and the deletion of the account. One of each kind is open at a
-- time. A worker takes a job for as long as its lease; `attempts` tells it from another one that took the same job after that.
-- All functions are security definer: clients write no jobs, and the worker sees no table.

create function app_private.account_job(j public.account_jobs)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return jsonb_build_object('id', j.id, 'kind', j.kind, 'state', j.state, 'run_after', j.run_after, 'reason', j.reason,
    'expires_at', j.expires_at, 'created_at', j.created_at, 'finished_at', j.finished_at);
end
$$;
comment on function app_private.account_job(public.account_jobs) is 'A job as its person may see it.';

create function app_private.request_export(p_actor uuid)
returns jsonb
language plpgsql volatile security definer -- the caller vouches for p_actor
set search_path = ''
as $$
declare
  v_every interval;
  v_next timestamptz;
  j public.account_jobs;
begin
  perform from public.profiles p where p.id = p_actor for key share;
  if not found then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such person.', 'Sign in again.');
  end if;
  select r.export_every into v_every from app_private.account_rules r;
  select x.created_at + v_every into v_next from public.account_jobs x
  where x.user_id = p_actor and x.kind = 'export' and x.state = 'done' and x.created_at > now() - v_every
  order by x.created_at desc limit 1;
  if found then
    perform app_hidden.fail(422, 'users.export_too_soon', 'You had an export of your data not long ago.',
      format('Download that one, or ask again after %s.', to_char(v_next at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  end if;
  insert into public.account_jobs (user_id, kind) values (p_actor, 'export')
  on conflict (user_id, kind) where state in ('queued', 'running') do nothing
  returning * into j;
  if not found then
    perform app_hidden.fail(409, 'users.export_open', 'An export of your data is being made.', 'Ask GET users/export until it is done.');
  end if;
  return app_private.account_job(j);
end
$$;
comment on function app_private.request_export(uuid) is
  'Queues an export of all that is a person''s: 409 users.export_open while one is made, 422 users.export_too_soon within a day of the last one.';

create function app_private.cancel_deletion(p_actor uuid)
returns jsonb
language plpgsql volatile security definer -- the caller vouches for p_actor
set search_path = ''
as $$
declare
  j public.account_jobs;
begin
  -- Waits for a worker that is about to delete. What is asked after that sees what became of it.
  select * into j from public.account_jobs x
  where x.user_id = p_actor and x.kind = 'deletion' and x.state in ('queued', 'running') for update;
  if not found or not exists (select from auth.users u where u.id = p_actor) then
    perform app_hidden.fail(404, 'users.deletion_not_found', 'No deletion of this account is waiting.', 'There is nothing to take back.');
  end if;
  update public.account_jobs x set state = 'cancelled', finished_at = now() where x.id = j.id returning * into j;
  return app_private.account_job(j);
end
$$;
comment on function app_private.cancel_deletion(uuid) is 'Takes the request to delete the account back; else 404 users.deletion_not_found.';

create function app_private.is_fresh_session(p_user uuid, p_session uuid)
returns boolean
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return exists (
    select from auth.sessions s, app_private.account_rules r
    where s.id = p_session and s.user_id = p_user and s.created_at > now() - r.sign_in_is_fresh
  );
end
$$;
comment on function app_private.is_fresh_session(uuid, uuid) is
  'Whether the person signed in a few minutes ago, which proves them as their password does. A refresh makes no new session.';

-- The worker -------------------------------------------------------------------------------------------------------------

create function app_private.claim_account_jobs(p_limit int, p_lease interval)
returns table (id uuid, user_id uuid, kind text, attempts int)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select j.id from public.account_jobs j
    where j.state in ('queued', 'running') and j.run_after <= now()
    order by j.run_after limit least(greatest(p_limit, 1), 100)
    for update skip locked
  )
  update public.account_jobs j
  set state = 'running', attempts = j.attempts + 1, run_after = clock_timestamp() + p_lease
  from due where j.id = due.id
  returning j.id, j.user_id, j.kind, j.attempts;
end
$$;
comment on function app_private.claim_account_jobs(int, interval) is
  'Takes up to p_limit due jobs for p_lease; two workers never get the same one. After the lease a job is due again.';

create function app_private.keep_account_job(p_id uuid, p_attempts int, p_lease interval)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update public.account_jobs j set run_after = clock_timestamp() + p_lease
  where j.id = p_id and j.state = 'running' and j.attempts = p_attempts;
  return found;
end
$$;
comment on function app_private.keep_account_job(uuid, int, interval) is 'Renews the lease; false when the job is over or another worker has it.';

create function app_private.finish_export(p_id uuid, p_attempts int, p_file_path text)
returns text
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  j public.account_jobs;
begin
  select * into j from public.account_jobs x where x.id = p_id and x.state = 'running' and x.attempts = p_attempts for update;
  if not found then
    return 'taken';
  end if;
  -- Waits for a deletion on its way. One that comes later finds the file and removes it.
  perform from public.profiles p where p.id = j.user_id for key share;
  if not found then
    return 'gone';
  end if;
  update public.account_jobs x
  set state = 'done', file_path = p_file_path, last_error = null, finished_at = now(),
    expires_at = now() + (select r.export_lives from app_private.account_rules r)
  where x.id = p_id;
  return 'done';
end
$$;
comment on function app_private.finish_export(uuid, int, text) is
  'done: the file is the person''s to download. gone: the account was deleted meanwhile, so the file must go. taken: another worker has the job.';

create function app_private.finish_account_job(p_id uuid, p_attempts int, p_state text, p_reason text)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update public.account_jobs j set state = p_state, reason = p_reason, finished_at = now()
  where j.id = p_id and j.state = 'running' and j.attempts = p_attempts and p_state in ('done', 'failed', 'cancelled');
  return found;
end
$$;
comment on function app_private.finish_account_job(uuid, int, text, text) is
  'Ends a job: done, cancelled, or failed for a reason that is a code; false when it is over or another worker has it.';

create function app_private.retry_account_job(p_id uuid, p_attempts int, p_error text, p_retry_in interval)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update public.account_jobs j set state = 'queued', last_error = left(p_error, 2000), run_after = clock_timestamp() + p_retry_in
  where j.id = p_id and j.state = 'running' and j.attempts = p_attempts;
  return found;
end
$$;
comment on function app_private.retry_account_job(uuid, int, text, interval) is 'Notes why a job did not get through and when it is tried again.';

create function app_private.expired_exports(p_limit int)
returns table (id uuid, file_path text)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select j.id, j.file_path from public.account_jobs j
  where j.file_path is not null and j.expires_at <= now()
  order by j.expires_at limit least(greatest(p_limit, 1), 1000);
end
$$;
comment on function app_private.expired_exports(int) is 'Files whose time is over, to be removed from Storage.';

create function app_private.forget_export_files(p_ids uuid[])
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_count int;
begin
  update public.account_jobs j set file_path = null where j.id = any (p_ids) and j.expires_at <= now();
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app_private.forget_export_files(uuid[]) is 'Notes that expired files are gone from Storage.';

create function app_private.prune_account_jobs()
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_count int;
begin
  with old as materialized (
    select j.id from public.account_jobs j
    where j.finished_at < now() - interval '90 days' and j.file_path is null
    order by j.finished_at limit 1000
    for update skip locked
  )
  delete from public.account_jobs j using old where j.id = old.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app_private.prune_account_jobs() is 'Deletes up to 1,000 jobs that ended 90 days ago, and says how many.';
