-- What media tell, for MongoDB: what a medium is, once it is ready, why one was refused, and when its objects were gone.

create function app_private.tell_media()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_media jsonb := jsonb_build_object('media_id', new.id, 'user_id', new.owner_id, 'bucket', new.bucket, 'kind', new.kind, 'mime_type', new.mime_type);
begin
  if new.state = 'ready' then
    perform app_private.emit_event('media.ready', new.owner_id, v_media || jsonb_build_object(
      'size_bytes', new.size_bytes, 'width', new.width, 'height', new.height, 'duration_ms', new.duration_ms, 'blurhash', new.blurhash, 'files', new.files));
  else
    perform app_private.emit_event('media.refused', new.owner_id, v_media || jsonb_build_object('error', new.error));
  end if;
  return null;
end
$$;
comment on function app_private.tell_media() is 'Trigger on media: media.ready, media.refused.';

create function app_private.tell_media_deleted()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.emit_event('media.deleted', null, jsonb_build_object('media_id', new.media_id, 'user_id', new.owner_id,
    'bucket', new.bucket, 'name', new.name, 'reason', new.reason, 'attempts', new.attempts, 'requested_at', new.requested_at));
  return null;
end
$$;
comment on function app_private.tell_media_deleted() is 'Trigger on media_deletions: media.deleted, when Storage has none of the objects any more.';
