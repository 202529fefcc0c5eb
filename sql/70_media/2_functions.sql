-- Who may see which medium. Storage, REST and functions ask here, at each request for an address or an object.

create function app_private.media_kind(p_mime_type text)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return case
    when p_mime_type in ('image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif') then 'image'
    when p_mime_type in ('video/mp4', 'video/quicktime', 'video/webm') then 'video'
    when p_mime_type in ('audio/mpeg', 'audio/mp4', 'audio/webm', 'audio/ogg', 'audio/wav') then 'audio'
  end;
end
$$;
comment on function app_private.media_kind(text) is 'image, video or audio of a type that is taken; null of any other.';

create function app_private.can_read_message(p_viewer uuid, p_conversation uuid, p_seq bigint)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (
    select from public.messages x join public.conversation_members m on m.conversation_id = x.conversation_id and m.user_id = p_viewer
    where x.conversation_id = p_conversation and x.seq = p_seq and x.seq > m.from_seq and not app_private.is_gone(x)
      and not exists (
        select from public.message_hides h where h.user_id = p_viewer and h.conversation_id = x.conversation_id and h.seq = x.seq)
      and (x.sender_id is null or app_hidden.is_person(x.sender_id))
  );
end
$$;
comment on function app_private.can_read_message(uuid, uuid, bigint) is
  'Whether somebody reads a message and what came with it. The policy of messages says the same.';

create function app_private.can_view_edit(p_viewer uuid, p_edit uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (
    select from public.post_edits e join public.posts p on p.id = e.post_id
    where e.id = p_edit and (e.visibility = 'public' or e.visibility = p.visibility or p.author_id = p_viewer)
      and app_private.can_view_post(p_viewer, p.id)
  );
end
$$;
comment on function app_private.can_view_edit(uuid, uuid) is 'Whether somebody reads how a post read before. The policy of post_edits says the same.';

create function app_private.can_view_media(p_viewer uuid, m public.media)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if m.owner_id = p_viewer then
    return true;
  elsif m.state <> 'ready' or (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, m.owner_id)) then
    return false;
  end if;
  return exists (
    select from app_private.media_refs r
    where r.media_id = m.id and case r.kind
      when 'post' then app_private.can_view_post(p_viewer, r.subject_id)
      when 'post_edit' then app_private.can_view_edit(p_viewer, r.subject_id)
      when 'message' then app_private.can_read_message(p_viewer, r.subject_id, r.part)
      when 'avatar' then app_private.can_view_profile(p_viewer, r.subject_id)
      else app_private.can_view_group(p_viewer, r.subject_id)
    end
  );
end
$$;
comment on function app_private.can_view_media(uuid, public.media) is
  'Whether a viewer (null: nobody signed in) sees a medium: its owner always, others when it is ready and they see something that names it, and no block stands between them and its owner.';

-- For the policy of storage.objects. Also of one's own: only what the table knows, so nothing that came to lie beside it.
create function app_hidden.may_fetch_media(p_bucket text, p_name text)
returns boolean
language plpgsql stable security definer -- what a medium hangs on is not to be read by everybody
set search_path = ''
as $$
declare
  v_parts text[] := string_to_array(p_name, '/');
  m public.media;
begin
  if cardinality(v_parts) <> 3 or not pg_input_is_valid(v_parts[2], 'uuid') then
    return false;
  end if;
  select * into m from public.media x where x.id = v_parts[2]::uuid;
  if not found or m.bucket <> p_bucket or m.owner_id::text <> v_parts[1] then
    return false;
  elsif m.files @> jsonb_build_array(jsonb_build_object('path', p_name)) then
    return app_private.can_view_media(auth.uid(), m);
  end if;
  return m.owner_id = auth.uid() and m.state in ('pending', 'processing') and v_parts[3] = 'original';
end
$$;
comment on function app_hidden.may_fetch_media(text, text) is
  'Whether I may fetch an object of the buckets of media: what was made of a medium that I see, and my own upload until it is checked.';

create function app_hidden.may_upload_media(p_bucket text, p_name text)
returns boolean
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_parts text[] := string_to_array(p_name, '/');
begin
  if cardinality(v_parts) <> 3 or v_parts[3] <> 'original' or not pg_input_is_valid(v_parts[2], 'uuid') then
    return false;
  end if;
  return exists (
    select from public.media m
    where m.id = v_parts[2]::uuid and m.bucket = p_bucket and m.owner_id = auth.uid() and m.owner_id::text = v_parts[1] and m.state = 'pending');
end
$$;
comment on function app_hidden.may_upload_media(text, text) is 'Whether an object is the one that a place of mine in public.media waits for.';

create function app_private.media_card(m public.media)
returns public.media_card
language plpgsql stable
set search_path = ''
as $$
begin
  return (m.id, m.bucket, m.kind, m.state, m.mime_type, m.size_bytes, m.width, m.height, m.duration_ms, m.blurhash,
    case when m.state = 'pending' then app_private.media_folder(m.owner_id, m.id) || 'original' end, m.files, m.error, m.created_at)::public.media_card;
end
$$;
comment on function app_private.media_card(public.media) is 'A medium as it is shown.';

create function app_private.media_folder(p_owner uuid, p_media uuid)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return p_owner::text || '/' || p_media::text || '/';
end
$$;
comment on function app_private.media_folder(uuid, uuid) is 'Where the objects of a medium lie within its bucket.';

create function public.media_details(p_ids uuid[])
returns setof public.media_card
language plpgsql stable security definer -- the table shows one's own only
set search_path = ''
as $$
begin
  if coalesce(cardinality(p_ids), 0) not between 1 and 50 then
    perform app_hidden.fail(422, 'media.field_invalid', 'That is no list of media.', 'Ask for 1 to 50 media.');
  end if;
  return query
  select c.* from public.media m cross join lateral app_private.media_card(m) c
  where m.id = any (p_ids) and app_private.can_view_media(auth.uid(), m)
  order by array_position(p_ids, m.id);
end
$$;
comment on function public.media_details(uuid[]) is
  'Those of up to 50 media that I may see, in the order asked for: their measures, and the paths of their files in Storage. 422 media.field_invalid.';

create function public.media_usage()
returns table (used_bytes bigint, quota_bytes bigint, media_count bigint)
language plpgsql stable security definer -- quotas are the operators'
set search_path = ''
as $$
begin
  return query
  select coalesce(sum(m.size_bytes), 0)::bigint, app_private.media_quota(auth.uid()), count(*)
  from public.media m where m.owner_id = auth.uid();
end
$$;
comment on function public.media_usage() is 'How much I store, and how much I may.';

create function app_private.media_quota(p_user uuid)
returns bigint
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((select q.quota_bytes from app_private.media_quotas q where q.user_id = p_user),
    (select r.quota_bytes from app_private.media_rules r));
end
$$;
comment on function app_private.media_quota(uuid) is 'How many bytes somebody may store.';
