-- Uploads: a place is taken, the object is put there through Storage, and the worker is told. Security definer all: nobody writes the
-- table, since what it says is what Storage and readers go by.

create function app_private.max_media_bytes(p_kind text)
returns bigint
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select case p_kind when 'image' then r.image_bytes when 'video' then r.video_bytes else r.audio_bytes end from app_private.media_rules r
  );
end
$$;
comment on function app_private.max_media_bytes(text) is 'How large a medium of a kind may be.';

create function app_private.fail_too_large(p_kind text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(413, 'media.too_large', format('That is too large for %s.', p_kind),
    format('Send at most %s bytes.', app_private.max_media_bytes(p_kind)));
end
$$;
comment on function app_private.fail_too_large(text) is '413 media.too_large, with how much is taken.';

create function app_private.upload_address_life()
returns interval
language plpgsql immutable
set search_path = ''
as $$
begin
  return interval '2 hours 30 minutes';
end
$$;
comment on function app_private.upload_address_life() is
  'For so long an object may still come to a place that is gone: Storage lets an address for an upload be used for two hours without asking again, and an upload takes its time.';

create function app_private.lock_room(p_user uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('media.owner:' || p_user::text, 0));
end
$$;
comment on function app_private.lock_room(uuid) is
  'Two uploads at once must not both find the last room: whoever counts what somebody stores, to add to it, does so one after the other.';

create function app_private.assert_room(p_user uuid, p_bytes bigint)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  r app_private.media_rules;
  u record;
  v_held bigint;
begin
  perform app_private.lock_room(p_user);
  select * into strict r from app_private.media_rules;
  select coalesce(sum(m.size_bytes), 0) as bytes, count(*) as media, count(*) filter (where m.state = 'pending') as open
  into u from public.media m where m.owner_id = p_user;
  if u.open >= r.uploads_at_once then
    perform app_hidden.fail(429, 'media.too_many_uploads', 'Too many uploads have begun and not ended.',
      'Finish or delete some of them. What is left alone, and the room of what was deleted, comes back within three hours.');
  elsif u.media >= r.media_per_person or u.bytes + p_bytes > app_private.media_quota(p_user) then
    perform app_hidden.fail(413, 'media.quota_exceeded', 'There is no room for that.', 'Delete media that you no longer need; GET media/usage says how much there is.');
  end if;
  -- As much again, so that whoever has a bad line may begin again and again.
  select coalesce(sum(d.held_bytes), 0) into v_held
  from app_private.media_deletions d where d.owner_id = p_user and d.requested_at > now() - app_private.upload_address_life();
  if u.bytes + v_held + p_bytes > 2 * app_private.media_quota(p_user) then
    perform app_hidden.fail(429, 'media.too_many_uploads', 'Too much was uploaded and deleted again.',
      'Wait. What is left alone, and the room of what was deleted, comes back within three hours.');
  end if;
end
$$;
comment on function app_private.assert_room(uuid, bigint) is
  '429 media.too_many_uploads, 413 media.quota_exceeded; holds other uploads of the same person up to the end of the transaction.';

create function public.start_media_upload(p jsonb)
returns public.media_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_mime_type text := p ->> 'mime_type';
  v_kind text := app_private.media_kind(v_mime_type);
  v_size text := coalesce(p ->> 'size_bytes', app_private.max_media_bytes(v_kind)::text);
  m public.media;
begin
  perform app_hidden.assert_fields(p, '{"bucket": "string", "mime_type": "string", "size_bytes": "number"}', 'media.field_invalid');
  if coalesce(p ->> 'bucket' not in ('avatars', 'covers', 'posts', 'messages'), true) then
    perform app_hidden.fail(422, 'media.field_invalid', 'There is no such bucket.', 'Send `bucket` as avatars, covers, posts or messages.');
  elsif v_kind is null or (v_kind <> 'image' and p ->> 'bucket' in ('avatars', 'covers')) then
    perform app_private.fail_type(p ->> 'bucket');
  elsif coalesce(v_size !~ '^[1-9]\d{0,11}$', true) then
    perform app_hidden.fail(422, 'media.field_invalid', 'That is no size.', 'Send `size_bytes` as a whole number above 0.');
  elsif v_size::bigint > app_private.max_media_bytes(v_kind) then
    perform app_private.fail_too_large(v_kind);
  elsif v_kind <> 'image' and (select w.has_ffmpeg is false from app_private.media_worker w) then
    perform app_hidden.fail(503, 'media.video_unavailable', 'Video and audio cannot be taken at the moment.',
      'Send images; the operators have to install ffmpeg beside the worker.');
  end if;
  perform app_private.assert_calm('uploads', v_me, (select r.uploads_per_hour from app_private.media_rules r), interval '1 hour');
  perform app_private.assert_room(v_me, v_size::bigint);
  insert into public.media (owner_id, bucket, kind, mime_type, size_bytes)
  values (v_me, p ->> 'bucket', v_kind, v_mime_type, v_size::bigint)
  returning * into m;
  return app_private.media_card(m);
end
$$;
comment on function public.start_media_upload(jsonb) is
  'Takes a place for an object: {bucket, mime_type, size_bytes}; without a size, for the largest of its kind. Upload it to `path` of that bucket, then call finish_media_upload. 415 media.type_unsupported, 413 media.too_large, media.quota_exceeded, 429 media.too_many_uploads, rate_limit.exceeded, 403 auth.user_banned, 503 media.video_unavailable, 422 media.field_invalid.';

create function app_private.fail_type(p_bucket text)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(415, 'media.type_unsupported', 'This type of file is not taken.', case
    when p_bucket in ('avatars', 'covers') then 'Send JPEG, PNG, WebP, GIF or AVIF.'
    else 'Send JPEG, PNG, WebP, GIF, AVIF, MP4, MOV, WebM, MP3, M4A, Ogg or WAV.' end);
end
$$;
comment on function app_private.fail_type(text) is '415 media.type_unsupported, with what is taken.';

create function app_private.own_media(p_id uuid)
returns public.media
language plpgsql volatile
set search_path = ''
as $$
declare
  m public.media;
begin
  select * into m from public.media x where x.id = p_id and x.owner_id = auth.uid() for update;
  if not found then
    perform app_hidden.fail(404, 'media.not_found', 'There is no such medium.', 'It may have been deleted, or is not shown to you.');
  end if;
  return m;
end
$$;
comment on function app_private.own_media(uuid) is 'A medium of mine, held to the end of the transaction; else 404 media.not_found.';

-- The size that Storage counted, whatever was announced. null: there is no object.
create function app_private.uploaded_bytes(m public.media)
returns bigint
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select coalesce((o.metadata ->> 'size')::bigint, 0) from storage.objects o
    where o.bucket_id = m.bucket and o.name = app_private.media_folder(m.owner_id, m.id) || 'original'
  );
end
$$;
comment on function app_private.uploaded_bytes(public.media) is 'How large the object of an upload is in Storage; null when it is not there.';

create function app_private.take_upload(p_id uuid, p_bytes bigint)
returns public.media
language plpgsql volatile
set search_path = ''
as $$
declare
  m public.media;
begin
  perform app_private.lock_room(x.owner_id) from public.media x where x.id = p_id;
  update public.media x set state = 'processing', size_bytes = greatest(p_bytes, 1), uploaded_at = now(), run_after = now(), delete_after = null
  where x.id = p_id and x.state = 'pending' returning * into m;
  if p_bytes > app_private.max_media_bytes(m.kind) then
    return app_private.refuse(m.id, 'media.too_large');
  elsif (select sum(x.size_bytes) from public.media x where x.owner_id = m.owner_id) > app_private.media_quota(m.owner_id) then
    return app_private.refuse(m.id, 'media.quota_exceeded');
  end if;
  return m;
end
$$;
comment on function app_private.take_upload(uuid, bigint) is 'Gives an uploaded object to the worker, or refuses one that is larger than it said.';

create function app_private.refuse(p_id uuid, p_error text)
returns public.media
language plpgsql volatile
set search_path = ''
as $$
declare
  v_bytes bigint := (select x.size_bytes from public.media x where x.id = p_id);
  m public.media;
begin
  update public.media x set state = 'refused', error = p_error, size_bytes = 1, files = '[]', delete_after = now() + interval '1 day'
  where x.id = p_id returning * into m;
  insert into app_private.media_deletions (media_id, owner_id, bucket, reason, held_bytes) values (m.id, m.owner_id, m.bucket, 'refused', v_bytes);
  return m;
end
$$;
comment on function app_private.refuse(uuid, text) is 'Refuses an upload: its owner reads why for a day, and its objects go at once.';

create function public.finish_media_upload(p_id uuid)
returns public.media_card
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  m public.media := app_private.own_media(p_id);
  v_bytes bigint;
begin
  if m.state = 'pending' then
    v_bytes := app_private.uploaded_bytes(m);
    if v_bytes is null then
      perform app_hidden.fail(409, 'media.not_uploaded', 'There is no object yet.', 'Upload it to `path` of its bucket first.');
    end if;
    m := app_private.take_upload(m.id, v_bytes);
  end if;
  return app_private.media_card(m);
end
$$;
comment on function public.finish_media_upload(uuid) is
  'Says that the object of an upload is there: the worker checks and cleans it, then it is ready or refused. Safe to repeat. 404 media.not_found, 409 media.not_uploaded.';

create function public.delete_media(p_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  m public.media := app_private.own_media(p_id);
begin
  -- What others passed on is theirs to see, and not to keep.
  if exists (select from app_private.media_refs r where r.media_id = m.id and not r.is_of_other) then
    perform app_hidden.fail(409, 'media.in_use', 'Something refers to this medium.', 'Take it out of the posts, messages, profile or group that name it; then it goes by itself.');
  end if;
  perform app_private.delete_media_row(m.id, 'owner');
  return jsonb_build_object('id', m.id, 'deleted', true);
end
$$;
comment on function public.delete_media(uuid) is 'Deletes a medium of mine that nothing of mine refers to; from messages of others who passed it on it goes. 404 media.not_found, 409 media.in_use.';

create function app_private.delete_media_row(p_id uuid, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform set_config('astra.media_reason', p_reason, true);
  delete from public.media m where m.id = p_id;
  perform set_config('astra.media_reason', '', true);
end
$$;
comment on function app_private.delete_media_row(uuid, text) is 'Deletes a medium, and says why to the job that removes its objects.';

create function app_private.queue_media_deletion()
returns trigger
language plpgsql volatile security definer -- fires for whoever deletes, also for the Auth server
set search_path = ''
as $$
begin
  insert into app_private.media_deletions (media_id, owner_id, bucket, reason, held_bytes)
  values (old.id, old.owner_id, old.bucket, coalesce(nullif(current_setting('astra.media_reason', true), ''), 'account_deleted'),
    case when coalesce(old.uploaded_at, now()) > now() - app_private.upload_address_life() then old.size_bytes else 0 end);
  return null;
end
$$;
comment on function app_private.queue_media_deletion() is
  'Trigger on media: Storage is left by its API alone, so a job of the worker removes the objects of a medium that is gone, whoever deleted it.';
