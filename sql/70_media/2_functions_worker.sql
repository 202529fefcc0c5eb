-- For the worker, which sees no table. All are security definer. A job is claimed for as long as its lease; `attempts` tells a claim from
-- a later one of the same job.

create function app_private.tell_media_worker(p_has_ffmpeg boolean)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update app_private.media_worker w set has_ffmpeg = p_has_ffmpeg, seen_at = now();
end
$$;
comment on function app_private.tell_media_worker(boolean) is 'Says whether the worker has ffmpeg: without it video and audio are refused at once.';

-- Clients that never say that they are done.
create function app_private.adopt_media(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  m record;
  v_done int := 0;
begin
  -- By owner: two workers that count for several must not wait for each other.
  for m in
    with due as materialized (
      select x.id, x.owner_id, x.created_at, app_private.uploaded_bytes(x) as bytes from public.media x
      where x.state = 'pending' and x.created_at < now() - interval '20 seconds' and app_private.uploaded_bytes(x) is not null
      order by x.created_at limit least(greatest(p_limit, 1), 1000) for update skip locked
    )
    select * from due d order by d.owner_id, d.created_at
  loop
    perform app_private.take_upload(m.id, m.bytes);
    v_done := v_done + 1;
  end loop;
  return v_done;
end
$$;
comment on function app_private.adopt_media(int) is 'Takes up uploads whose object is there and whose client never said so.';

create function app_private.claim_media(p_limit int, p_lease interval)
returns table (id uuid, bucket text, folder text, kind text, mime_type text, attempts int, image_pixels bigint, audio_ms int, video_ms int)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with waiting as materialized (
    -- Each behind one of everybody else's, not behind all that somebody put there before. First of a person's is what is in work.
    select x.id, x.uploaded_at, row_number() over (partition by x.owner_id order by x.run_after <= now(), x.uploaded_at, x.id) as place
    from public.media x where x.state = 'processing'
  ), due as materialized (
    select m.id from waiting w join public.media m on m.id = w.id
    where m.state = 'processing' and m.run_after <= now()
    order by w.place, w.uploaded_at, m.id limit least(greatest(p_limit, 1), 100) for update of m skip locked
  )
  update public.media m set attempts = m.attempts + 1, run_after = clock_timestamp() + p_lease
  from due, app_private.media_rules r where m.id = due.id
  returning m.id, m.bucket, app_private.media_folder(m.owner_id, m.id), m.kind, m.mime_type, m.attempts, r.image_pixels, r.audio_ms, r.video_ms;
end
$$;
comment on function app_private.claim_media(int, interval) is 'Takes up to p_limit uploads to be checked and cleaned, of those that wait one of each person before the second of anybody; after the lease they are due again.';

create function app_private.finish_media(p_id uuid, p_attempts int, p jsonb)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  m public.media;
  v_folder text;
begin
  select * into m from public.media x where x.id = p_id and x.state = 'processing' and x.attempts = p_attempts for update;
  if not found then
    return false;
  end if;
  v_folder := app_private.media_folder(m.owner_id, m.id);
  perform app_private.lock_room(m.owner_id);
  if (p ->> 'size_bytes')::bigint > m.size_bytes and (
    select sum(x.size_bytes) from public.media x where x.owner_id = m.owner_id
  ) - m.size_bytes + (p ->> 'size_bytes')::bigint > app_private.media_quota(m.owner_id) then
    perform app_private.refuse(m.id, 'media.quota_exceeded');
    return false;
  end if;
  update public.media x set state = 'ready', kind = p ->> 'kind', mime_type = p ->> 'mime_type', size_bytes = (p ->> 'size_bytes')::bigint,
    width = (p ->> 'width')::int, height = (p ->> 'height')::int, duration_ms = (p ->> 'duration_ms')::int, blurhash = p ->> 'blurhash',
    files = p -> 'files', ready_at = now(), delete_after = now() + (select r.unused_for from app_private.media_rules r)
  where x.id = m.id;
  -- The upload, and what tries before this one made of it.
  insert into app_private.media_deletions (media_id, owner_id, bucket, name, reason, is_watched)
  select m.id, m.owner_id, m.bucket, n.name, 'cleaned', n.name = v_folder || 'original'
  from (
    select v_folder || 'original' as name
    union
    select o.name from storage.objects o
    where o.bucket_id = m.bucket and o.name like v_folder || '%' and not (p -> 'files') @> jsonb_build_array(jsonb_build_object('path', o.name))
  ) n;
  return true;
end
$$;
comment on function app_private.finish_media(uuid, int, jsonb) is
  'An upload is ready: {kind, mime_type, size_bytes, width, height, duration_ms, blurhash, files}. What was uploaded goes, and what was made of it stays. false: it was deleted meanwhile, has no room (it is refused), or another worker has it.';

create function app_private.refuse_media(p_id uuid, p_attempts int, p_error text)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform from public.media m where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts for update;
  if not found then
    return false;
  end if;
  perform app_private.refuse(p_id, p_error);
  return true;
end
$$;
comment on function app_private.refuse_media(uuid, int, text) is 'An upload is refused, for the code that its owner reads.';

create function app_private.retry_media(p_id uuid, p_attempts int, p_in interval, p_counts boolean)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update public.media m set run_after = clock_timestamp() + p_in, attempts = m.attempts - (not p_counts)::int
  where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts;
end
$$;
comment on function app_private.retry_media(uuid, int, interval, boolean) is
  'An upload is to be looked at again. It does not count as a try where something was away.';

create function app_private.sweep_media(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  m record;
  v_done int := 0;
begin
  for m in
    select x.id, x.state from public.media x
    where x.delete_after <= now() and not exists (select from app_private.media_refs r where r.media_id = x.id)
    order by x.delete_after limit least(greatest(p_limit, 1), 1000) for update skip locked
  loop
    perform app_private.delete_media_row(m.id, case m.state when 'pending' then 'abandoned' else 'unused' end);
    v_done := v_done + 1;
  end loop;
  delete from app_private.media_deletions d where d.done_at < now() - interval '90 days';
  return v_done;
end
$$;
comment on function app_private.sweep_media(int) is 'Deletes media that nothing refers to, uploads that never came, and what is left of refused ones, when their time is over.';

create function app_private.claim_media_deletions(p_limit int, p_lease interval)
returns table (id uuid, bucket text, folder text, name text, attempts int)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select d.id from app_private.media_deletions d where (d.done_at is null or d.is_watched) and d.run_after <= now()
    order by d.run_after limit least(greatest(p_limit, 1), 100) for update skip locked
  )
  update app_private.media_deletions d set attempts = d.attempts + 1, run_after = clock_timestamp() + p_lease
  from due where d.id = due.id
  returning d.id, d.bucket, app_private.media_folder(d.owner_id, d.media_id), d.name, d.attempts;
end
$$;
comment on function app_private.claim_media_deletions(int, interval) is 'Takes up to p_limit jobs that remove objects; after the lease they are due again.';

create function app_private.media_objects(p_id uuid, p_limit int)
returns setof text
language plpgsql stable security definer -- Storage is closed to the worker
set search_path = ''
as $$
declare
  d app_private.media_deletions;
begin
  select * into d from app_private.media_deletions x where x.id = p_id;
  return query
  select o.name from storage.objects o
  where o.bucket_id = d.bucket and o.name like app_private.media_folder(d.owner_id, d.media_id) || '%' and (d.name is null or o.name = d.name)
  order by o.name limit least(greatest(p_limit, 1), 1000);
end
$$;
comment on function app_private.media_objects(uuid, int) is 'The objects that a deletion has still to remove.';

create function app_private.finish_media_deletion(p_id uuid, p_attempts int)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if exists (select from app_private.media_objects(p_id, 1)) then
    return false;
  end if;
  update app_private.media_deletions d set done_at = coalesce(d.done_at, now()), last_error = null,
    is_watched = d.is_watched and now() < d.requested_at + app_private.upload_address_life(),
    run_after = least(now() + greatest(interval '15 minutes', now() - d.requested_at), d.requested_at + app_private.upload_address_life())
  where d.id = p_id and d.attempts = p_attempts;
  return true;
end
$$;
comment on function app_private.finish_media_deletion(uuid, int) is 'A deletion is done, and looked after again until no address for an upload can be used any more; false while Storage still knows one of the objects.';

create function app_private.retry_media_deletion(p_id uuid, p_attempts int, p_error text, p_in interval)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update app_private.media_deletions d set last_error = left(p_error, 500), run_after = clock_timestamp() + p_in
  where d.id = p_id and d.attempts = p_attempts;
end
$$;
comment on function app_private.retry_media_deletion(uuid, int, text, interval) is 'A deletion is tried again, however often.';

-- Uploads cut off between Storage and here, addresses for an upload that were used twice, files of a worker that died. It walks through all
-- objects, some at a time: there is no index that would find these.
create function app_private.sweep_strays(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  w app_private.media_worker;
  v_seen int := 0;
  o record;
begin
  select * into strict w from app_private.media_worker for update;
  for o in
    select x.bucket_id, x.name, x.created_at, split_part(x.name, '/', 1) as owner, split_part(x.name, '/', 2) as media
    from storage.objects x
    where x.bucket_id in ('avatars', 'covers', 'posts', 'messages') and (x.bucket_id, x.name) > (w.swept_bucket, w.swept_name)
    order by x.bucket_id, x.name limit least(greatest(p_limit, 1), 1000)
  loop
    v_seen := v_seen + 1;
    w.swept_bucket := o.bucket_id;
    w.swept_name := o.name;
    if o.created_at < now() - interval '4 hours' and app_private.is_stray(o.bucket_id, o.name, o.owner, o.media) then
      insert into app_private.media_deletions (media_id, owner_id, bucket, name, reason)
      select o.media::uuid, o.owner::uuid, o.bucket_id, o.name, 'stray'
      where not exists (
        select from app_private.media_deletions d
        where d.media_id = o.media::uuid and d.done_at is null and (d.name is null or d.name = o.name));
    end if;
  end loop;
  if v_seen < least(greatest(p_limit, 1), 1000) then
    w.swept_bucket := '';
    w.swept_name := '';
  end if;
  update app_private.media_worker x set swept_bucket = w.swept_bucket, swept_name = w.swept_name;
  return v_seen;
end
$$;
comment on function app_private.sweep_strays(int) is
  'Looks at the next p_limit objects, and queues the deletion of those that belong to no medium. What was laid there by hand under other names stays.';

create function app_private.is_stray(p_bucket text, p_name text, p_owner text, p_media text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if not (pg_input_is_valid(p_owner, 'uuid') and pg_input_is_valid(p_media, 'uuid')) then
    return false;
  end if;
  return not exists (
    select from public.media m
    where m.id = p_media::uuid and m.owner_id = p_owner::uuid and m.bucket = p_bucket
      and (m.state in ('pending', 'processing') or m.files @> jsonb_build_array(jsonb_build_object('path', p_name))));
end
$$;
comment on function app_private.is_stray(text, text, text, text) is 'Whether an object lies where those of media lie, and no medium knows it.';
