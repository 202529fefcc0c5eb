-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

ALTER TABLE "public"."groups"
  DROP CONSTRAINT "avatar_url_shape";

ALTER TABLE "public"."groups"
  DROP CONSTRAINT "cover_url_shape";

ALTER TABLE "public"."profiles"
  DROP CONSTRAINT "avatar_url_shape";

CREATE TABLE "app_private"."media_deletions" (
  "media_id"     uuid                     NOT NULL,
  "owner_id"     uuid                     NOT NULL,
  "bucket"       text                     NOT NULL,
  "name"         text,
  "reason"       text                     NOT NULL,
  "attempts"     integer                  NOT NULL DEFAULT 0,
  "run_after"    timestamp with time zone NOT NULL DEFAULT now(),
  "last_error"   text,
  "requested_at" timestamp with time zone NOT NULL DEFAULT now(),
  "done_at"      timestamp with time zone,
  CONSTRAINT "reason_known"
    CHECK ((reason = ANY (ARRAY['owner'::text, 'unused'::text, 'refused'::text, 'abandoned'::text, 'account_deleted'::text, 'cleaned'::text, 'stray'::text]))),
  "id"           uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "media_deletions_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."media_deletions"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_quotas" (
  "user_id"     uuid   NOT NULL,
  "quota_bytes" bigint NOT NULL,
  CONSTRAINT "media_quotas_pkey" PRIMARY KEY (user_id),
  CONSTRAINT "media_quotas_quota_bytes_check" CHECK ((quota_bytes >= 0))
);

ALTER TABLE "app_private"."media_quotas"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_refs" (
  "media_id"   uuid   NOT NULL,
  "kind"       text   NOT NULL,
  "subject_id" uuid   NOT NULL,
  "part"       bigint NOT NULL DEFAULT 0,
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['post'::text, 'post_edit'::text, 'message'::text, 'avatar'::text, 'group_avatar'::text, 'group_cover'::text]))),
  CONSTRAINT "media_refs_pkey" PRIMARY KEY (media_id, kind, subject_id, part)
);

ALTER TABLE "app_private"."media_refs"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_rules" (
  "single"             boolean  NOT NULL DEFAULT true,
  "quota_bytes"        bigint   NOT NULL DEFAULT 1073741824,
  "media_per_person"   integer  NOT NULL DEFAULT 20000,
  "uploads_at_once"    integer  NOT NULL DEFAULT 20,
  "uses_of_one"        integer  NOT NULL DEFAULT 200,
  "image_bytes"        bigint   NOT NULL DEFAULT 20971520,
  "audio_bytes"        bigint   NOT NULL DEFAULT 52428800,
  "video_bytes"        bigint   NOT NULL DEFAULT 209715200,
  "audio_ms"           integer  NOT NULL DEFAULT 3600000,
  "video_ms"           integer  NOT NULL DEFAULT 600000,
  "image_pixels"       bigint   NOT NULL DEFAULT 50000000,
  "unused_for"         interval NOT NULL DEFAULT '1 day'::interval,
  "no_longer_used_for" interval NOT NULL DEFAULT '00:10:00'::interval,
  CONSTRAINT "media_rules_audio_bytes_check" CHECK ((audio_bytes > 0)),
  CONSTRAINT "media_rules_audio_ms_check" CHECK ((audio_ms > 0)),
  CONSTRAINT "media_rules_image_bytes_check" CHECK ((image_bytes > 0)),
  CONSTRAINT "media_rules_image_pixels_check" CHECK ((image_pixels > 0)),
  CONSTRAINT "media_rules_media_per_person_check" CHECK ((media_per_person > 0)),
  CONSTRAINT "media_rules_no_longer_used_for_check" CHECK ((no_longer_used_for >= '00:00:00'::interval)),
  CONSTRAINT "media_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "media_rules_quota_bytes_check" CHECK ((quota_bytes > 0)),
  CONSTRAINT "media_rules_single_check" CHECK (single),
  CONSTRAINT "media_rules_unused_for_check" CHECK ((unused_for >= '00:00:00'::interval)),
  CONSTRAINT "media_rules_uploads_at_once_check" CHECK ((uploads_at_once > 0)),
  CONSTRAINT "media_rules_uses_of_one_check" CHECK ((uses_of_one > 0)),
  CONSTRAINT "media_rules_video_bytes_check" CHECK ((video_bytes > 0)),
  CONSTRAINT "media_rules_video_ms_check" CHECK ((video_ms > 0))
);

ALTER TABLE "app_private"."media_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_worker" (
  "single"       boolean                  NOT NULL DEFAULT true,
  "has_ffmpeg"   boolean,
  "seen_at"      timestamp with time zone,
  "swept_bucket" text                     NOT NULL DEFAULT ''::text,
  "swept_name"   text                     NOT NULL DEFAULT ''::text,
  CONSTRAINT "media_worker_pkey" PRIMARY KEY (single),
  CONSTRAINT "media_worker_single_check" CHECK (single)
);

ALTER TABLE "app_private"."media_worker"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."media" (
  "owner_id"     uuid                     NOT NULL,
  "bucket"       text                     NOT NULL,
  "kind"         text                     NOT NULL,
  "state"        text                     NOT NULL DEFAULT 'pending'::text,
  "mime_type"    text                     NOT NULL,
  "size_bytes"   bigint                   NOT NULL,
  "width"        integer,
  "height"       integer,
  "duration_ms"  integer,
  "blurhash"     text,
  "files"        jsonb                    NOT NULL DEFAULT '[]'::jsonb,
  "error"        text,
  "attempts"     integer                  NOT NULL DEFAULT 0,
  "run_after"    timestamp with time zone NOT NULL DEFAULT now(),
  "delete_after" timestamp with time zone DEFAULT (now() + '03:00:00'::interval),
  "uploaded_at"  timestamp with time zone,
  "ready_at"     timestamp with time zone,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "blurhash_length" CHECK ((length(blurhash) <= 100)),
  CONSTRAINT "bucket_known" CHECK ((bucket = ANY (ARRAY['avatars'::text, 'covers'::text, 'posts'::text, 'messages'::text]))),
  CONSTRAINT "error_length" CHECK ((length(error) <= 100)),
  CONSTRAINT "files_bounded" CHECK (((jsonb_typeof(files) = 'array'::text) AND (length((files)::text) <= 8192))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['image'::text, 'video'::text, 'audio'::text]))),
  CONSTRAINT "mime_type_length" CHECK ((length(mime_type) <= 100)),
  CONSTRAINT "size_bytes_bounded" CHECK (((size_bytes >= 1) AND (size_bytes <= '10737418240'::bigint))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['pending'::text, 'processing'::text, 'ready'::text, 'refused'::text]))),
  "id"           uuid                     NOT NULL DEFAULT app_hidden.new_id(),
  CONSTRAINT "media_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."media"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."media" FROM "anon";

CREATE TYPE "public"."media_card" AS (
  "id"          uuid,
  "bucket"      text,
  "kind"        text,
  "state"       text,
  "mime_type"   text,
  "size_bytes"  bigint,
  "width"       integer,
  "height"      integer,
  "duration_ms" integer,
  "blurhash"    text,
  "path"        text,
  "files"       jsonb,
  "error"       text,
  "created_at"  timestamp WITH time zone
);

CREATE OR REPLACE FUNCTION app_hidden.are_media (
  p_urls text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return app_hidden.are_addresses(array(select u from unnest(p_urls) u where (u ~ '^media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') is not true))
    and coalesce(array_ndims(p_urls), 1) = 1;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.may_fetch_media (
  p_bucket text,
  p_name   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_hidden.may_upload_media (
  p_bucket text,
  p_name   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.add_media_ref (
  p_media   uuid,
  p_kind    text,
  p_subject uuid,
  p_part    bigint,
  p_actor   uuid,
  p_as_seen boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_bucket text := case p_kind
    when 'message' then 'messages' when 'avatar' then 'avatars' when 'group_avatar' then 'avatars' when 'group_cover' then 'covers' else 'posts' end;
  m public.media;
begin
  -- Whoever takes the last reference away, or sweeps, waits here.
  select * into m from public.media x where x.id = p_media for no key update;
  if m.bucket is distinct from v_bucket
    or (m.owner_id is distinct from p_actor and p_actor is not null and not (p_as_seen and app_private.can_view_media(p_actor, m))) then
    perform app_hidden.fail(422, 'media.not_usable', 'You have no such medium for this.',
      format('Upload it to the bucket %s, and name it as media:<id>.', v_bucket));
  elsif m.state <> 'ready' then
    perform app_hidden.fail(409, 'media.not_ready', 'This medium is not ready.', 'Ask GET media/<id> until its state is ready, and send this again.');
  elsif (select count(*) from app_private.media_refs r where r.media_id = p_media) >= (select r.uses_of_one from app_private.media_rules r) then
    perform app_hidden.fail(422, 'media.used_too_often', 'This medium is already used in many places.', 'Upload it again.');
  end if;
  insert into app_private.media_refs (media_id, kind, subject_id, part) values (p_media, p_kind, p_subject, p_part) on conflict do nothing;
  update public.media x set delete_after = null where x.id = p_media and x.delete_after is not null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.adopt_media (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m public.media;
  v_bytes bigint;
  v_done int := 0;
begin
  for m in
    select * from public.media x
    where x.state = 'pending' and x.created_at < now() - interval '20 seconds' and app_private.uploaded_bytes(x) is not null
    order by x.created_at limit least(greatest(p_limit, 1), 1000) for update skip locked
  loop
    v_bytes := app_private.uploaded_bytes(m);
    perform app_private.take_upload(m.id, v_bytes);
    v_done := v_done + 1;
  end loop;
  return v_done;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room (
  p_user  uuid,
  p_bytes bigint
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r app_private.media_rules;
  u record;
begin
  -- Two uploads at once must not both find the last room.
  perform pg_advisory_xact_lock(hashtextextended('media.owner:' || p_user::text, 0));
  select * into strict r from app_private.media_rules;
  select coalesce(sum(m.size_bytes), 0) as bytes, count(*) as media, count(*) filter (where m.state = 'pending') as open
  into u from public.media m where m.owner_id = p_user;
  if u.open >= r.uploads_at_once then
    perform app_hidden.fail(429, 'media.too_many_uploads', 'Too many uploads have begun and not ended.',
      'Finish or delete some of them; what is left alone goes after three hours.');
  elsif u.media >= r.media_per_person or u.bytes + p_bytes > app_private.media_quota(p_user) then
    perform app_hidden.fail(413, 'media.quota_exceeded', 'There is no room for that.', 'Delete media that you no longer need; GET media/usage says how much there is.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_words (
  p_message public.messages
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_media int := coalesce(cardinality(p_message.media_urls), 0);
begin
  if length(p_message.content) > 4000 or p_message.kind = 'text' and coalesce(p_message.content !~ '\S', true) then
    perform app_hidden.fail(422, 'messages.content_invalid', 'A message has 1 to 4,000 characters.', 'Mend `content`.');
  elsif p_message.kind = 'text' and v_media > 0 or p_message.kind <> 'text' and v_media not between 1 and 10
    or p_message.kind = 'audio' and v_media <> 1 or v_media > 0 and not app_hidden.are_media(p_message.media_urls) then
    perform app_hidden.fail(422, 'messages.media_invalid', 'A message of this kind does not take these media.',
      'Send `media_urls` as media:<id> of what you uploaded, or https:// or http:// addresses: 1 to 10 for image and video, one for audio, none for text.');
  elsif (p_message.kind in ('audio', 'video')) < (p_message.duration_ms is not null) or p_message.kind = 'audio' and p_message.duration_ms is null
    or p_message.duration_ms not between 1 and 86400000 then
    perform app_private.fail_field('`duration_ms` as milliseconds up to a day, with every audio and, if you know it, video');
  elsif p_message.waveform is not null and (p_message.kind <> 'audio' or cardinality(p_message.waveform) not between 1 and 128
    or 0 > any (p_message.waveform) or 100 < any (p_message.waveform)) then
    perform app_private.fail_field('`waveform` with an audio, as 1 to 128 whole numbers from 0 to 100');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_read_message (
  p_viewer       uuid,
  p_conversation uuid,
  p_seq          bigint
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from public.messages x join public.conversation_members m on m.conversation_id = x.conversation_id and m.user_id = p_viewer
    where x.conversation_id = p_conversation and x.seq = p_seq and x.seq > m.from_seq and not app_private.is_gone(x)
      and not exists (
        select from public.message_hides h where h.user_id = p_viewer and h.conversation_id = x.conversation_id and h.seq = x.seq)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_edit (
  p_viewer uuid,
  p_edit   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from public.post_edits e join public.posts p on p.id = e.post_id
    where e.id = p_edit and (e.visibility = 'public' or e.visibility = p.visibility or p.author_id = p_viewer)
      and app_private.can_view_post(p_viewer, p.id)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_media (
  p_viewer uuid,
  m        public.media
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_media (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id           uuid,
    bucket       text,
    folder       text,
    kind         text,
    mime_type    text,
    attempts     integer,
    image_pixels bigint,
    audio_ms     integer,
    video_ms     integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select m.id from public.media m where m.state = 'processing' and m.run_after <= now()
    order by m.run_after limit least(greatest(p_limit, 1), 100) for update skip locked
  )
  update public.media m set attempts = m.attempts + 1, run_after = clock_timestamp() + p_lease
  from due, app_private.media_rules r where m.id = due.id
  returning m.id, m.bucket, app_private.media_folder(m.owner_id, m.id), m.kind, m.mime_type, m.attempts, r.image_pixels, r.audio_ms, r.video_ms;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_media_deletions (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id       uuid,
    bucket   text,
    folder   text,
    name     text,
    attempts integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select d.id from app_private.media_deletions d where d.done_at is null and d.run_after <= now()
    order by d.run_after limit least(greatest(p_limit, 1), 100) for update skip locked
  )
  update app_private.media_deletions d set attempts = d.attempts + 1, run_after = clock_timestamp() + p_lease
  from due where d.id = due.id
  returning d.id, d.bucket, app_private.media_folder(d.owner_id, d.media_id), d.name, d.attempts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.clean_group (
  g public.groups
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_limit text;
begin
  g.name := btrim(g.name, e' \t\r\n');
  g.description := nullif(btrim(g.description, e' \t\r\n'), '');
  g.category := nullif(lower(btrim(g.category) collate pg_catalog.pg_c_utf8), '');
  g.rules := array(select btrim(r, e' \t\r\n') from unnest(g.rules) r);
  v_limit := case
    when coalesce(length(g.name), 0) not between 1 and 80 then '`name` of 1 to 80 characters'
    when length(g.description) > 2000 then '`description` of at most 2,000 characters'
    when g.visibility is null or g.visibility not in ('public', 'private', 'secret') then '`visibility` as public, private or secret'
    when length(g.category) > 50 then '`category` of at most 50 characters'
    when g.avatar_url is not null and not app_hidden.are_media(array[g.avatar_url]) then '`avatar_url` as media:<id> of what you uploaded, or an address that begins with https:// or http://'
    when g.cover_url is not null and not app_hidden.are_media(array[g.cover_url]) then '`cover_url` as media:<id> of what you uploaded, or an address that begins with https:// or http://'
    when cardinality(g.rules) > 20 or exists (select from unnest(g.rules) r where r is null or length(r) not between 1 and 500)
      then '`rules` as a list of at most 20, each of 1 to 500 characters'
    when g.member_cap is null or g.member_cap not between 1 and 20000 then '`member_cap` between 1 and 20,000'
    end;
  if v_limit is not null then
    perform app_private.fail_group_field(format('Send %s.', v_limit));
  end if;
  return g;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_lost_refs()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.media m where m.id in (select g.media_id from gone g) order by m.id for no key update;
  -- A new statement, which sees what others committed while this one waited.
  update public.media m set delete_after = now() + (select r.no_longer_used_for from app_private.media_rules r)
  where m.id in (select g.media_id from gone g) and m.state = 'ready'
    and not exists (select from app_private.media_refs r where r.media_id = m.id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.delete_media_row (
  p_id     uuid,
  p_reason text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform set_config('astra.media_reason', p_reason, true);
  delete from public.media m where m.id = p_id;
  perform set_config('astra.media_reason', '', true);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.export_sections()
  RETURNS TABLE (
    section  text,
    relation text,
    person   text,
    keys     text[],
    hidden   text[],
    covers   text[]
  )
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return query values
    ('account', $r$(select u.id, u.email, u.phone, u.email_confirmed_at, u.phone_confirmed_at, u.last_sign_in_at, u.created_at, u.updated_at,
        u.raw_user_meta_data as user_metadata, u.raw_app_meta_data as app_metadata from auth.users u)$r$,
      'id', '{id}'::text[], '{}'::text[], '{auth.users.id}'::text[]),
    ('identities', $r$(select i.user_id, i.provider, i.provider_id, i.identity_data, i.last_sign_in_at, i.created_at from auth.identities i)$r$,
      'user_id', '{provider,provider_id}', '{user_id}', '{auth.identities.user_id}'),
    ('sessions', $r$(select s.user_id, s.id, s.created_at, s.updated_at, s.user_agent, host(s.ip) as ip from auth.sessions s)$r$,
      'user_id', '{id}', '{user_id}', '{auth.sessions.user_id}'),
    ('profile', 'public.profiles', 'id', '{id}', '{}', '{public.profiles.id}'),
    ('settings', 'public.account_settings', 'user_id', '{user_id}', '{}', '{public.account_settings.user_id}'),
    ('counts', 'public.profile_counts', 'user_id', '{user_id}', '{}', '{public.profile_counts.user_id}'),
    ('former_usernames', 'app_private.former_usernames', 'user_id', '{username}', '{user_id}', '{app_private.former_usernames.user_id}'),
    ('verification_requests', 'public.verification_requests', 'user_id', '{created_at,id}', '{}', '{public.verification_requests.user_id}'),
    ('jobs', 'public.account_jobs', 'user_id', '{created_at,id}', '{user_id,file_path,attempts,last_error}', '{public.account_jobs.user_id}'),
    ('files', $r$(select coalesce(o.owner_id, o.owner::text) as user_id, o.bucket_id, o.name, o.metadata, o.created_at from storage.objects o)$r$,
      'user_id', '{bucket_id,name}', '{user_id}', '{storage.objects.owner,storage.objects.owner_id}'),
    ('following', $r$(select f.follower_id, f.followee_id as user_id, p.username, f.created_at
        from public.follows f join public.profiles p on p.id = f.followee_id)$r$,
      'follower_id', '{created_at,user_id}', '{follower_id}', '{public.follows.follower_id}'),
    ('followers', $r$(select f.followee_id, f.follower_id as user_id, p.username, f.created_at
        from public.follows f join public.profiles p on p.id = f.follower_id)$r$,
      'followee_id', '{created_at,user_id}', '{followee_id}', '{public.follows.followee_id}'),
    ('follow_requests_sent', $r$(select f.requester_id, f.target_id as user_id, p.username, f.created_at
        from public.follow_requests f join public.profiles p on p.id = f.target_id)$r$,
      'requester_id', '{created_at,user_id}', '{requester_id}', '{public.follow_requests.requester_id}'),
    ('follow_requests_received', $r$(select f.target_id, f.requester_id as user_id, p.username, f.created_at
        from public.follow_requests f join public.profiles p on p.id = f.requester_id)$r$,
      'target_id', '{created_at,user_id}', '{target_id}', '{public.follow_requests.target_id}'),
    ('blocked', $r$(select b.blocker_id, b.blocked_id as user_id, p.username, b.created_at
        from public.blocks b join public.profiles p on p.id = b.blocked_id)$r$,
      'blocker_id', '{created_at,user_id}', '{blocker_id}', '{public.blocks.blocker_id}'),
    ('muted', $r$(select m.muter_id, m.muted_id as user_id, p.username, m.until, m.created_at
        from public.mutes m join public.profiles p on p.id = m.muted_id)$r$,
      'muter_id', '{created_at,user_id}', '{muter_id}', '{public.mutes.muter_id}'),
    ('groups', $r$(select m.user_id, m.group_id, g.name, m.role, m.joined_at
        from public.group_members m join public.groups g on g.id = m.group_id)$r$,
      'user_id', '{joined_at,group_id}', '{user_id}', '{public.group_members.user_id}'),
    ('groups_founded', $r$(select g.created_by, g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
        g.member_cap, g.created_at, g.updated_at from public.groups g where g.deleted_at is null)$r$,
      'created_by', '{created_at,id}', '{created_by}', '{public.groups.created_by}'),
    ('group_requests', 'app_private.group_requests', 'user_id', '{created_at,group_id}', '{user_id}', '{app_private.group_requests.user_id}'),
    ('group_invitations_received', $r$(select i.user_id, i.group_id, g.name, i.created_at, i.expires_at
        from app_private.group_invitations i join public.groups g on g.id = i.group_id)$r$,
      'user_id', '{created_at,group_id}', '{user_id}', '{app_private.group_invitations.user_id}'),
    ('group_invitations_sent', $r$(select i.invited_by, i.group_id, i.user_id, p.username, i.created_at, i.expires_at
        from app_private.group_invitations i join public.profiles p on p.id = i.user_id)$r$,
      'invited_by', '{created_at,group_id,user_id}', '{invited_by}', '{app_private.group_invitations.invited_by}'),
    ('group_links', 'app_private.group_links', 'created_by', '{created_at,id}', '{created_by,token_hash}', '{app_private.group_links.created_by}'),
    ('group_bans_made', 'app_private.group_bans', 'banned_by', '{created_at,group_id,user_id}', '{banned_by}', '{app_private.group_bans.banned_by}'),
    ('group_log', 'app_private.group_log', 'actor_id', '{created_at,id}', '{actor_id}', '{app_private.group_log.actor_id}'),
    ('posts', 'public.posts', 'author_id', '{id}', '{}', '{public.posts.author_id}'),
    ('post_edits', $r$(select p.author_id, e.* from public.posts p join public.post_edits e on e.post_id = p.id)$r$,
      'author_id', '{post_id,replaced_at,id}', '{author_id}', '{}'),
    ('polls', $r$(select p.author_id, l.*, (select jsonb_agg(to_jsonb(o) - 'post_id' order by o.position) from public.poll_options o where o.post_id = l.post_id) as options
        from public.posts p join public.polls l on l.post_id = p.id)$r$,
      'author_id', '{post_id}', '{author_id}', '{}'),
    ('mentions_in_posts', 'public.post_mentions', 'user_id', '{post_id}', '{user_id}', '{public.post_mentions.user_id}'),
    ('likes', 'public.post_likes', 'user_id', '{created_at,post_id}', '{user_id}', '{public.post_likes.user_id}'),
    ('bookmarks', 'public.bookmarks', 'user_id', '{created_at,post_id}', '{user_id}', '{public.bookmarks.user_id}'),
    ('votes', 'public.poll_votes', 'user_id', '{post_id,position}', '{user_id}', '{public.poll_votes.user_id}'),
    ('comments', 'public.comments', 'author_id', '{created_at,id}', '{}', '{public.comments.author_id}'),
    ('mentions_in_comments', 'public.comment_mentions', 'user_id', '{comment_id}', '{user_id}', '{public.comment_mentions.user_id}'),
    ('comment_likes', 'public.comment_likes', 'user_id', '{comment_id}', '{user_id}', '{public.comment_likes.user_id}'),
    ('reports', 'public.reports', 'reporter_id', '{id}', '{excerpt,accused_id}', '{public.reports.reporter_id}'),
    ('conversations', $r$(select m.user_id, m.conversation_id, c.kind, c.group_id, p.id as with_user_id, p.username as with_username, m.state,
        m.last_read_seq, m.is_muted, m.muted_until, m.archived_at, m.joined_at, coalesce(c.opened_by = m.user_id, false) as opened_by_me
        from public.conversation_members m join public.conversations c on c.id = m.conversation_id
        left join public.profiles p on p.id = case c.low_id when m.user_id then c.high_id else c.low_id end)$r$,
      'user_id', '{conversation_id}', '{user_id}', '{public.conversation_members.user_id,public.conversations.low_id,public.conversations.high_id,public.conversations.opened_by}'),
    -- Without those whose time is over and that the worker has still to come to.
    ('messages', $r$(select x.* from public.messages x where x.expires_at is null or x.expires_at > now())$r$,
      'sender_id', '{created_at,id}', '{request_hash}', '{public.messages.sender_id}'),
    ('message_reactions', $r$(select r.user_id, x.id as message_id, r.conversation_id, r.seq, r.emoji, r.created_at
        from public.message_reactions r join public.messages x on x.conversation_id = r.conversation_id and x.seq = r.seq)$r$,
      'user_id', '{created_at,conversation_id,seq}', '{user_id}', '{public.message_reactions.user_id}'),
    ('messages_deleted_for_oneself', 'public.message_hides', 'user_id', '{conversation_id,seq}', '{user_id}', '{public.message_hides.user_id}'),
    ('media', 'public.media', 'owner_id', '{created_at,id}', '{attempts,run_after}', '{public.media.owner_id}'),
    ('media_quota', 'app_private.media_quotas', 'user_id', '{user_id}', '{user_id}', '{app_private.media_quotas.user_id}'),
    ('media_deleted', 'app_private.media_deletions', 'owner_id', '{requested_at,id}', '{owner_id,attempts,run_after,last_error}', '{app_private.media_deletions.owner_id}'),
    ('notifications', 'public.notifications', 'user_id', '{seq}', '{user_id,in_app,group_key}', '{public.notifications.user_id}'),
    ('push_subscriptions', 'app_private.push_subscriptions', 'user_id', '{created_at,id}', '{user_id,auth}', '{app_private.push_subscriptions.user_id}'),
    ('notification_webhooks', 'app_private.notification_webhooks', 'user_id', '{url}', '{user_id,secret}', '{app_private.notification_webhooks.user_id}'),
    ('notices', 'app_private.notices', 'user_id', '{created_at,id}', '{user_id,done_to,done_at}', '{app_private.notices.user_id}'),
    ('wallet_accounts', 'ledger.accounts', 'owner', '{id}', '{}', '{ledger.accounts.owner}'),
    ('wallet_entries', $r$(select * from ledger.entries e where e.purpose = 'available')$r$,
      'owner', '{created_at,transfer_id,account_id,seq}', '{}', '{ledger.entries.owner}'),
    ('wallet_entries_of_held_money', $r$(select e.* from ledger.accounts a join ledger.entries e on e.account_id = a.id and e.owner = a.owner where a.purpose = 'pending')$r$,
      'owner', '{account_id,seq}', '{}', '{ledger.entries.owner}'),
    ('wallet_entries_waiting', $r$(select q.* from ledger.accounts a join ledger.queued_entries q on q.account_id = a.id and q.owner = a.owner)$r$,
      'owner', '{account_id,transfer_id}', '{}', '{ledger.queued_entries.owner}'),
    ('holds_given', 'ledger.holds', 'owner', '{created_at,id}', '{}', '{ledger.holds.owner}'),
    ('holds_received', 'ledger.holds', 'payee', '{created_at,id}', '{}', '{ledger.holds.payee}'),
    ('payment_requests_sent', 'ledger.payment_requests', 'requester', '{created_at,id}', '{}', '{ledger.payment_requests.requester}'),
    ('payment_requests_received', 'ledger.payment_requests', 'payer', '{created_at,id}', '{}', '{ledger.payment_requests.payer}'),
    -- The token pays out to a bank: it is for the provider alone.
    ('linked_accounts', 'ledger.linked_accounts', 'owner', '{id}', '{provider_token}', '{ledger.linked_accounts.owner}'),
    ('withdrawals', 'ledger.withdrawals', 'owner', '{created_at,id}', '{provider_reference,attempts,next_attempt_at,last_error}', '{ledger.withdrawals.owner}'),
    ('deposits', 'ledger.deposits', 'owner', '{created_at,id}', '{provider_reference,checkout}', '{ledger.deposits.owner}');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_too_large (
  p_kind text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(413, 'media.too_large', format('That is too large for %s.', p_kind),
    format('Send at most %s bytes.', app_private.max_media_bytes(p_kind)));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_type (
  p_bucket text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(415, 'media.type_unsupported', 'This type of file is not taken.', case
    when p_bucket in ('avatars', 'covers') then 'Send JPEG, PNG, WebP, GIF or AVIF.'
    else 'Send JPEG, PNG, WebP, GIF, AVIF, MP4, MOV, WebM, MP3, M4A, Ogg or WAV.' end);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_media (
  p_id       uuid,
  p_attempts integer,
  p          jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update public.media m set state = 'ready', kind = p ->> 'kind', mime_type = p ->> 'mime_type', size_bytes = (p ->> 'size_bytes')::bigint,
    width = (p ->> 'width')::int, height = (p ->> 'height')::int, duration_ms = (p ->> 'duration_ms')::int, blurhash = p ->> 'blurhash',
    files = p -> 'files', ready_at = now(), delete_after = now() + (select r.unused_for from app_private.media_rules r)
  where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts;
  if not found then
    return false;
  end if;
  insert into app_private.media_deletions (media_id, owner_id, bucket, name, reason)
  select m.id, m.owner_id, m.bucket, app_private.media_folder(m.owner_id, m.id) || 'original', 'cleaned' from public.media m where m.id = p_id;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_media_deletion (
  p_id       uuid,
  p_attempts integer
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if exists (select from app_private.media_objects(p_id, 1)) then
    return false;
  end if;
  update app_private.media_deletions d set done_at = now(), last_error = null where d.id = p_id and d.attempts = p_attempts and d.done_at is null;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_new boolean := tg_op = 'INSERT';
  v_was text := case when tg_op = 'UPDATE' then old.status else 'draft' end;
begin
  if v_is_new then
    perform app_private.assert_oneself(new.author_id);
    perform app_private.assert_calm('posts', new.author_id, 120, '1 hour');
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  if v_is_new and new.group_id is not null and new.visibility = 'public' then
    new.visibility := 'group'; -- nobody said otherwise
  end if;
  perform app_private.assert_post_fields(new);
  if new.group_id is not null and (v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published')) then
    perform app_private.assert_may(new.author_id, new.group_id, 'post');
  end if;
  if new.group_id is not null and not v_is_new and (new.pinned_at is null) <> (old.pinned_at is null) and auth.uid() is not null then
    perform app_private.assert_may(auth.uid(), new.group_id, 'moderate_posts');
  end if;
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_media(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send media:<id> of what you uploaded, or addresses that begin with https:// or http://, up to 2048 characters.');
  end if;

  if new.status <> 'scheduled' then
    new.scheduled_for := null;
  elsif new.scheduled_for is null or ((v_is_new or new.scheduled_for is distinct from old.scheduled_for)
    and new.scheduled_for not between now() and now() + interval '1 year') then
    perform app_hidden.fail(422, 'posts.schedule_invalid', 'A post is scheduled for a time to come, within a year.', 'Send `scheduled_for` as a time in the future.');
  end if;
  if v_was in ('published', 'removed') and new.status in ('draft', 'scheduled') then
    perform app_hidden.fail(409, 'posts.already_published', 'A published post does not become a draft again.', 'Make it private, or delete it.');
  end if;

  if new.type <> 'share' then
    if new.status in ('scheduled', 'published') then
      perform app_private.assert_complete(new);
    end if;
  elsif v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published') then
    new.shared_post_id := app_private.shared_original(new.id, new.author_id, new.shared_post_id, new.content is null);
  end if;

  case new.status
    when 'published' then new.published_at := coalesce(case when v_is_new then new.published_at else old.published_at end, now());
    when 'removed' then null; -- keeps its time, in case it comes back
    else new.published_at := null;
  end case;
  if not v_is_new then
    perform app_private.assert_edit(old, new);
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id, new.group_id);
    new.pinned_at := now();
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_profile()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hint text := case
    when length(new.full_name) > 100 then 'full_name takes at most 100 characters.'
    when length(new.bio) > 500 then 'bio takes at most 500 characters.'
    when length(new.location) > 100 then 'location takes at most 100 characters.'
    when new.website !~ '^https?://' or length(new.website) > 500 then
      'website takes an http:// or https:// address of at most 500 characters.'
    when new.avatar_url !~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)' or length(new.avatar_url) > 2048 then
      'avatar_url takes media:<id> of what you uploaded, or an http:// or https:// address of at most 2048 characters.'
    when jsonb_typeof(new.business_info) <> 'object' or length(new.business_info::text) > 8192 then
      'business_info takes a JSON object of at most 8192 characters.'
  end;
begin
  if v_hint is not null then
    perform app_hidden.fail(422, 'users.field_invalid', 'A field does not take this value.', v_hint);
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_stray (
  p_bucket text,
  p_name   text,
  p_owner  text,
  p_media  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not (pg_input_is_valid(p_owner, 'uuid') and pg_input_is_valid(p_media, 'uuid')) then
    return false;
  end if;
  return not exists (
    select from public.media m
    where m.id = p_media::uuid and m.owner_id = p_owner::uuid and m.bucket = p_bucket
      and (m.state in ('pending', 'processing') or m.files @> jsonb_build_array(jsonb_build_object('path', p_name))));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.max_media_bytes (
  p_kind text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select case p_kind when 'image' then r.image_bytes when 'video' then r.video_bytes else r.audio_bytes end from app_private.media_rules r
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_card (
  m public.media
)
  RETURNS public.media_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (m.id, m.bucket, m.kind, m.state, m.mime_type, m.size_bytes, m.width, m.height, m.duration_ms, m.blurhash,
    case when m.state = 'pending' then app_private.media_folder(m.owner_id, m.id) || 'original' end, m.files, m.error, m.created_at)::public.media_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_folder (
  p_owner uuid,
  p_media uuid
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_owner::text || '/' || p_media::text || '/';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_ids (
  p_urls text[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select distinct substr(u, 7)::uuid from unnest(p_urls) u where u like 'media:%' order by 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_kind (
  p_mime_type text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_mime_type in ('image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif') then 'image'
    when p_mime_type in ('video/mp4', 'video/quicktime', 'video/webm') then 'video'
    when p_mime_type in ('audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/wav') then 'audio'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_objects (
  p_id    uuid,
  p_limit integer
)
  RETURNS SETOF text
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  d app_private.media_deletions;
begin
  select * into d from app_private.media_deletions x where x.id = p_id;
  return query
  select o.name from storage.objects o
  where o.bucket_id = d.bucket and o.name like app_private.media_folder(d.owner_id, d.media_id) || '%' and (d.name is null or o.name = d.name)
  order by o.name limit least(greatest(p_limit, 1), 1000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_quota (
  p_user uuid
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((select q.quota_bytes from app_private.media_quotas q where q.user_id = p_user),
    (select r.quota_bytes from app_private.media_rules r));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.own_media (
  p_id uuid
)
  RETURNS public.media
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.media;
begin
  select * into m from public.media x where x.id = p_id and x.owner_id = auth.uid() for update;
  if not found then
    perform app_hidden.fail(404, 'media.not_found', 'There is no such medium.', 'It may have been deleted, or is not shown to you.');
  end if;
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.person_files (
  p_user  uuid,
  p_limit integer
)
  RETURNS TABLE (
    bucket_id text,
    name      text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select o.bucket_id, o.name from storage.objects o
  where o.owner_id = p_user::text or o.owner = p_user or (o.bucket_id in ('exports', 'avatars', 'covers', 'posts', 'messages') and o.name like p_user::text || '/%')
  order by o.bucket_id, o.name
  limit least(greatest(p_limit, 1), 1000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.queue_media_deletion()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.media_deletions (media_id, owner_id, bucket, reason)
  values (old.id, old.owner_id, old.bucket, coalesce(nullif(current_setting('astra.media_reason', true), ''), 'account_deleted'));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_group()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_old public.groups;
  v_new public.groups;
  v_id uuid;
begin
  if tg_op <> 'INSERT' then
    v_old := old;
  end if;
  if tg_op <> 'DELETE' and new.deleted_at is null then
    v_new := new;
  end if;
  v_id := coalesce(v_old.id, v_new.id);
  perform app_private.set_media_refs('group_avatar', v_id, 0, auth.uid(), array[v_old.avatar_url], array[v_new.avatar_url]);
  perform app_private.set_media_refs('group_cover', v_id, 0, auth.uid(), array[v_old.cover_url], array[v_new.cover_url]);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_message()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('message', old.conversation_id, old.seq, null, old.media_urls, '{}');
  else
    perform app_private.set_media_refs('message', new.conversation_id, new.seq, new.sender_id,
      case when tg_op = 'UPDATE' then coalesce(old.media_urls, '{}') else '{}' end, coalesce(new.media_urls, '{}'), new.is_forwarded);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('post', old.id, 0, null, old.media_urls, '{}');
  else
    perform app_private.set_media_refs('post', new.id, 0, new.author_id, case when tg_op = 'UPDATE' then old.media_urls else '{}' end, new.media_urls);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_post_edit()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('post_edit', old.id, 0, null, old.media_urls, '{}');
  else
    -- The post named them; those that are gone meanwhile stay out.
    insert into app_private.media_refs (media_id, kind, subject_id)
    select m.id, 'post_edit', new.id from public.media m where m.id = any (app_private.media_ids(new.media_urls)) for key share;
    update public.media m set delete_after = null
    where m.id = any (app_private.media_ids(new.media_urls)) and m.state = 'ready' and m.delete_after is not null;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_profile()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('avatar', old.id, 0, null, array[old.avatar_url], '{}');
  else
    perform app_private.set_media_refs('avatar', new.id, 0, new.id, array[old.avatar_url], array[new.avatar_url]);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse (
  p_id    uuid,
  p_error text
)
  RETURNS public.media
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.media;
begin
  update public.media x set state = 'refused', error = p_error, size_bytes = 1, files = '[]', delete_after = now() + interval '1 day'
  where x.id = p_id returning * into m;
  insert into app_private.media_deletions (media_id, owner_id, bucket, reason) values (m.id, m.owner_id, m.bucket, 'refused');
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse_media (
  p_id       uuid,
  p_attempts integer,
  p_error    text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.media m where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts for update;
  if not found then
    return false;
  end if;
  perform app_private.refuse(p_id, p_error);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_media (
  p_id       uuid,
  p_attempts integer,
  p_in       interval,
  p_counts   boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update public.media m set run_after = clock_timestamp() + p_in, attempts = m.attempts - (not p_counts)::int
  where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_media_deletion (
  p_id       uuid,
  p_attempts integer,
  p_error    text,
  p_in       interval
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.media_deletions d set last_error = left(p_error, 500), run_after = clock_timestamp() + p_in
  where d.id = p_id and d.attempts = p_attempts and d.done_at is null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.set_media_refs (
  p_kind    text,
  p_subject uuid,
  p_part    bigint,
  p_actor   uuid,
  p_old     text[],
  p_new     text[],
  p_as_seen boolean DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_old uuid[] := app_private.media_ids(p_old);
  v_new uuid[] := app_private.media_ids(p_new);
  v_id uuid;
begin
  if v_old = v_new then
    return;
  end if;
  -- In the order of ids: two posts with the same media must not wait for each other.
  foreach v_id in array v_new loop
    if v_id <> all (v_old) then
      perform app_private.add_media_ref(v_id, p_kind, p_subject, p_part, p_actor, p_as_seen);
    end if;
  end loop;
  delete from app_private.media_refs r
  where r.kind = p_kind and r.subject_id = p_subject and r.part = p_part and r.media_id = any (v_old) and r.media_id <> all (v_new);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_media (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_strays (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.take_upload (
  p_id    uuid,
  p_bytes bigint
)
  RETURNS public.media
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.media;
begin
  update public.media x set state = 'processing', size_bytes = greatest(p_bytes, 1), uploaded_at = now(), run_after = now(), delete_after = null
  where x.id = p_id and x.state = 'pending' returning * into m;
  if p_bytes > app_private.max_media_bytes(m.kind) then
    return app_private.refuse(m.id, 'media.too_large');
  elsif (select sum(x.size_bytes) from public.media x where x.owner_id = m.owner_id) > app_private.media_quota(m.owner_id) then
    return app_private.refuse(m.id, 'media.quota_exceeded');
  end if;
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_media()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_media_deleted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('media.deleted', null, jsonb_build_object('media_id', new.media_id, 'user_id', new.owner_id,
    'bucket', new.bucket, 'name', new.name, 'reason', new.reason, 'attempts', new.attempts, 'requested_at', new.requested_at));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_media_worker (
  p_has_ffmpeg boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.media_worker w set has_ffmpeg = p_has_ffmpeg, seen_at = now();
end
$function$;

CREATE OR REPLACE FUNCTION app_private.uploaded_bytes (
  m public.media
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce((o.metadata ->> 'size')::bigint, 0) from storage.objects o
    where o.bucket_id = m.bucket and o.name = app_private.media_folder(m.owner_id, m.id) || 'original'
  );
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_media (
  p_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m public.media := app_private.own_media(p_id);
begin
  if exists (select from app_private.media_refs r where r.media_id = m.id) then
    perform app_hidden.fail(409, 'media.in_use', 'Something refers to this medium.', 'Take it out of the posts, messages, profile or group that name it; then it goes by itself.');
  end if;
  perform app_private.delete_media_row(m.id, 'owner');
  return jsonb_build_object('id', m.id, 'deleted', true);
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_media"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.finish_media_upload (
  p_id uuid
)
  RETURNS public.media_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

REVOKE ALL ON FUNCTION "public"."finish_media_upload"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.media_details (
  p_ids uuid[]
)
  RETURNS SETOF public.media_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if coalesce(cardinality(p_ids), 0) not between 1 and 50 then
    perform app_hidden.fail(422, 'media.field_invalid', 'That is no list of media.', 'Ask for 1 to 50 media.');
  end if;
  return query
  select c.* from public.media m cross join lateral app_private.media_card(m) c
  where m.id = any (p_ids) and app_private.can_view_media(auth.uid(), m)
  order by array_position(p_ids, m.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."media_details"(uuid[]) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.media_usage()
  RETURNS TABLE (
    used_bytes  bigint,
    quota_bytes bigint,
    media_count bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return query
  select coalesce(sum(m.size_bytes), 0)::bigint, app_private.media_quota(auth.uid()), count(*)
  from public.media m where m.owner_id = auth.uid();
end
$function$;

REVOKE ALL ON FUNCTION "public"."media_usage"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.start_media_upload (
  p jsonb
)
  RETURNS public.media_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
  perform app_private.assert_room(v_me, v_size::bigint);
  insert into public.media (owner_id, bucket, kind, mime_type, size_bytes)
  values (v_me, p ->> 'bucket', v_kind, v_mime_type, v_size::bigint)
  returning * into m;
  return app_private.media_card(m);
end
$function$;

REVOKE ALL ON FUNCTION "public"."start_media_upload"(jsonb) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "app_private"."media_quotas"
  ADD CONSTRAINT "media_quotas_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."groups"
  ADD CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)'::text) AND (length(avatar_url) <= 2048)));

ALTER TABLE "public"."groups"
  ADD CONSTRAINT "cover_url_shape" CHECK (((cover_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)'::text) AND (length(cover_url) <= 2048)));

ALTER TABLE "public"."media"
  ADD CONSTRAINT "media_owner_id_fkey" FOREIGN KEY (owner_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."profiles"
  ADD CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)'::text) AND (length(avatar_url) <= 2048)));

CREATE INDEX media_deletions_done_idx ON app_private.media_deletions USING btree (done_at)
  WHERE (done_at IS NOT NULL);

CREATE INDEX media_deletions_due_idx ON app_private.media_deletions USING btree (run_after)
  WHERE (done_at IS NULL);

CREATE INDEX media_deletions_media_idx ON app_private.media_deletions USING btree (media_id);

CREATE INDEX media_delete_after_idx ON public.media USING btree (delete_after)
  WHERE (delete_after IS NOT NULL);

CREATE INDEX media_due_idx ON public.media USING btree (run_after)
  WHERE (state = 'processing'::text);

CREATE INDEX media_pending_idx ON public.media USING btree (created_at)
  WHERE (state = 'pending'::text);

CREATE TRIGGER tell_media_deleted
  AFTER UPDATE OF done_at ON app_private.media_deletions
  FOR EACH ROW
  WHEN (((old.done_at IS NULL) AND (new.done_at IS NOT NULL)))
  EXECUTE FUNCTION app_private.tell_media_deleted();

CREATE TRIGGER count_lost_refs
  AFTER DELETE ON app_private.media_refs REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_lost_refs();

CREATE TRIGGER refer_when_changed
  AFTER UPDATE OF avatar_url, cover_url, deleted_at ON public.groups
  FOR EACH ROW
  WHEN (((old.avatar_url IS DISTINCT FROM new.avatar_url) OR (old.cover_url IS DISTINCT FROM new.cover_url) OR (old.deleted_at IS DISTINCT FROM new.deleted_at)))
  EXECUTE FUNCTION app_private.refer_from_group();

CREATE TRIGGER refer_when_founded
  AFTER INSERT ON public.groups
  FOR EACH ROW
  WHEN (((new.avatar_url IS NOT NULL) OR (new.cover_url IS NOT NULL)))
  EXECUTE FUNCTION app_private.refer_from_group();

CREATE TRIGGER refer_when_gone
  AFTER DELETE ON public.groups
  FOR EACH ROW
  WHEN (((old.avatar_url IS NOT NULL) OR (old.cover_url IS NOT NULL)))
  EXECUTE FUNCTION app_private.refer_from_group();

CREATE TRIGGER queue_media_deletion
  AFTER DELETE ON public.media
  FOR EACH ROW
  WHEN ((old.state <> 'refused'::text))
  EXECUTE FUNCTION app_private.queue_media_deletion();

CREATE TRIGGER tell_media
  AFTER UPDATE OF state ON public.media
  FOR EACH ROW
  WHEN (((old.state <> new.state) AND (new.state = ANY (ARRAY['ready'::text, 'refused'::text]))))
  EXECUTE FUNCTION app_private.tell_media();

CREATE TRIGGER refer_when_changed
  AFTER UPDATE OF media_urls ON public.messages
  FOR EACH ROW
  WHEN ((old.media_urls IS DISTINCT FROM new.media_urls))
  EXECUTE FUNCTION app_private.refer_from_message();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.messages
  FOR EACH ROW
  WHEN ((old.media_urls IS NOT NULL))
  EXECUTE FUNCTION app_private.refer_from_message();

CREATE TRIGGER refer_when_sent
  AFTER INSERT ON public.messages
  FOR EACH ROW
  WHEN ((new.media_urls IS NOT NULL))
  EXECUTE FUNCTION app_private.refer_from_message();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.post_edits
  FOR EACH ROW
  WHEN ((old.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post_edit();

CREATE TRIGGER refer_when_replaced
  AFTER INSERT ON public.post_edits
  FOR EACH ROW
  WHEN ((new.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post_edit();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.posts
  FOR EACH ROW
  WHEN ((old.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post();

CREATE TRIGGER refer_when_edited
  AFTER UPDATE OF media_urls ON public.posts
  FOR EACH ROW
  WHEN ((old.media_urls IS DISTINCT FROM new.media_urls))
  EXECUTE FUNCTION app_private.refer_from_post();

CREATE TRIGGER refer_when_posted
  AFTER INSERT ON public.posts
  FOR EACH ROW
  WHEN ((new.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post();

CREATE TRIGGER refer_when_changed
  AFTER UPDATE OF avatar_url ON public.profiles
  FOR EACH ROW
  WHEN ((old.avatar_url IS DISTINCT FROM new.avatar_url))
  EXECUTE FUNCTION app_private.refer_from_profile();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.profiles
  FOR EACH ROW
  WHEN ((old.avatar_url IS NOT NULL))
  EXECUTE FUNCTION app_private.refer_from_profile();

CREATE POLICY "people see their own uploads" ON "public"."media"
  FOR SELECT
  TO "authenticated"
  USING ((owner_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people fetch media of what they may see" ON "storage"."objects"
  FOR SELECT
  TO "anon", "authenticated"
  USING (((bucket_id = ANY (ARRAY['avatars'::text, 'covers'::text, 'posts'::text, 'messages'::text])) AND app_hidden.may_fetch_media(bucket_id, name)));

CREATE POLICY "people upload to the places they have taken" ON "storage"."objects"
  FOR INSERT
  TO "authenticated"
  WITH CHECK (((bucket_id = ANY (ARRAY['avatars'::text, 'covers'::text, 'posts'::text, 'messages'::text])) AND app_hidden.may_upload_media(bucket_id, name)));

COMMENT ON FUNCTION "app_hidden"."are_media"(text[]) IS 'Whether this is a plain list of media: media:<id> for what was uploaded here, or http and https addresses.';

COMMENT ON FUNCTION "app_hidden"."may_fetch_media"(text, text) IS 'Whether I may fetch an object of the buckets of media: what was made of a medium that I see, and my own upload until it is checked.';

COMMENT ON FUNCTION "app_hidden"."may_upload_media"(text, text) IS 'Whether an object is the one that a place of mine in public.media waits for.';

COMMENT ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) IS 'One more reference to a medium, by its owner, or by whoever forwards what they see: 422 media.not_usable, media.used_too_often, 409 media.not_ready.';

COMMENT ON FUNCTION "app_private"."adopt_media"(integer) IS 'Takes up uploads whose object is there and whose client never said so.';

COMMENT ON FUNCTION "app_private"."assert_room"(uuid, bigint) IS '429 media.too_many_uploads, 413 media.quota_exceeded; holds other uploads of the same person up to the end of the transaction.';

COMMENT ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) IS 'Whether somebody reads a message and what came with it. The policy of messages says the same.';

COMMENT ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) IS 'Whether somebody reads how a post read before. The policy of post_edits says the same.';

COMMENT ON FUNCTION "app_private"."can_view_media"(uuid, public.media) IS 'Whether a viewer (null: nobody signed in) sees a medium: its owner always, others when it is ready and they see something that names it, and no block stands between them and its owner.';

COMMENT ON FUNCTION "app_private"."claim_media"(integer, interval) IS 'Takes up to p_limit uploads to be checked and cleaned; after the lease they are due again.';

COMMENT ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) IS 'Takes up to p_limit jobs that remove objects; after the lease they are due again.';

COMMENT ON FUNCTION "app_private"."count_lost_refs"() IS 'Trigger on media_refs: what nothing refers to any more goes soon.';

COMMENT ON FUNCTION "app_private"."delete_media_row"(uuid, text) IS 'Deletes a medium, and says why to the job that removes its objects.';

COMMENT ON FUNCTION "app_private"."fail_too_large"(text) IS '413 media.too_large, with how much is taken.';

COMMENT ON FUNCTION "app_private"."fail_type"(text) IS '415 media.type_unsupported, with what is taken.';

COMMENT ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) IS 'An upload is ready: {kind, mime_type, size_bytes, width, height, duration_ms, blurhash, files}. What was uploaded goes, and what was made of it stays. false: it was deleted meanwhile, or another worker has it.';

COMMENT ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) IS 'A deletion is done; false while Storage still knows one of the objects.';

COMMENT ON FUNCTION "app_private"."is_stray"(text, text, text, text) IS 'Whether an object lies where those of media lie, and no medium knows it.';

COMMENT ON FUNCTION "app_private"."max_media_bytes"(text) IS 'How large a medium of a kind may be.';

COMMENT ON FUNCTION "app_private"."media_card"(public.media) IS 'A medium as it is shown.';

COMMENT ON FUNCTION "app_private"."media_folder"(uuid, uuid) IS 'Where the objects of a medium lie within its bucket.';

COMMENT ON FUNCTION "app_private"."media_ids"(text[]) IS 'Which of our media a list names (media:id), without other addresses.';

COMMENT ON FUNCTION "app_private"."media_kind"(text) IS 'image, video or audio of a type that is taken; null of any other.';

COMMENT ON FUNCTION "app_private"."media_objects"(uuid, integer) IS 'The objects that a deletion has still to remove.';

COMMENT ON FUNCTION "app_private"."media_quota"(uuid) IS 'How many bytes somebody may store.';

COMMENT ON FUNCTION "app_private"."own_media"(uuid) IS 'A medium of mine, held to the end of the transaction; else 404 media.not_found.';

COMMENT ON FUNCTION "app_private"."person_files"(uuid, integer) IS 'Files that a person uploaded, what was made of them, and exports of theirs.';

COMMENT ON FUNCTION "app_private"."queue_media_deletion"() IS 'Trigger on media: Storage is left by its API alone, so a job of the worker removes the objects of a medium that is gone, whoever deleted it.';

COMMENT ON FUNCTION "app_private"."refer_from_group"() IS 'Trigger on groups: the media that are their picture and cover, until the group is deleted.';

COMMENT ON FUNCTION "app_private"."refer_from_message"() IS 'Trigger on messages: the media that they carry. Whoever forwards one passes on what they see.';

COMMENT ON FUNCTION "app_private"."refer_from_post"() IS 'Trigger on posts: the media that they name.';

COMMENT ON FUNCTION "app_private"."refer_from_post_edit"() IS 'Trigger on post_edits: who reads how a post read before also sees its media.';

COMMENT ON FUNCTION "app_private"."refer_from_profile"() IS 'Trigger on profiles: the medium that is their picture.';

COMMENT ON FUNCTION "app_private"."refuse"(uuid, text) IS 'Refuses an upload: its owner reads why for a day, and its objects go at once.';

COMMENT ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) IS 'An upload is refused, for the code that its owner reads.';

COMMENT ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) IS 'An upload is to be looked at again. It does not count as a try where something was away.';

COMMENT ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) IS 'A deletion is tried again, however often.';

COMMENT ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) IS 'Writes down which media something names now, and no longer. p_as_seen: what p_actor sees of others may be named too (forwarding).';

COMMENT ON FUNCTION "app_private"."sweep_media"(integer) IS 'Deletes media that nothing refers to, uploads that never came, and what is left of refused ones, when their time is over.';

COMMENT ON FUNCTION "app_private"."sweep_strays"(integer) IS 'Looks at the next p_limit objects, and queues the deletion of those that belong to no medium. What was laid there by hand under other names stays.';

COMMENT ON FUNCTION "app_private"."take_upload"(uuid, bigint) IS 'Gives an uploaded object to the worker, or refuses one that is larger than it said.';

COMMENT ON FUNCTION "app_private"."tell_media"() IS 'Trigger on media: media.ready, media.refused.';

COMMENT ON FUNCTION "app_private"."tell_media_deleted"() IS 'Trigger on media_deletions: media.deleted, when Storage has none of the objects any more.';

COMMENT ON FUNCTION "app_private"."tell_media_worker"(boolean) IS 'Says whether the worker has ffmpeg: without it video and audio are refused at once.';

COMMENT ON FUNCTION "app_private"."uploaded_bytes"(public.media) IS 'How large the object of an upload is in Storage; null when it is not there.';

COMMENT ON FUNCTION "public"."delete_media"(uuid) IS 'Deletes a medium of mine that nothing refers to. 404 media.not_found, 409 media.in_use.';

COMMENT ON FUNCTION "public"."finish_media_upload"(uuid) IS 'Says that the object of an upload is there: the worker checks and cleans it, then it is ready or refused. Safe to repeat. 404 media.not_found, 409 media.not_uploaded.';

COMMENT ON FUNCTION "public"."media_details"(uuid[]) IS 'Those of up to 50 media that I may see, in the order asked for: their measures, and the paths of their files in Storage. 422 media.field_invalid.';

COMMENT ON FUNCTION "public"."media_usage"() IS 'How much I store, and how much I may.';

COMMENT ON FUNCTION "public"."start_media_upload"(jsonb) IS 'Takes a place for an object: {bucket, mime_type, size_bytes}; without a size, for the largest of its kind. Upload it to `path` of that bucket, then call finish_media_upload. 415 media.type_unsupported, 413 media.too_large, media.quota_exceeded, 429 media.too_many_uploads, 503 media.video_unavailable, 422 media.field_invalid.';

COMMENT ON TABLE "app_private"."media_deletions" IS 'Objects to be removed from Storage, and which were, why and when: all of a medium, or one by its name. A job is repeated until Storage has none of them any more; done ones are kept for 90 days.';

COMMENT ON TABLE "app_private"."media_quotas" IS 'People who may store another amount than the others.';

COMMENT ON TABLE "app_private"."media_refs" IS 'Which post, message (conversation and number), profile or group names which medium, kept by triggers. A medium lives while one does, and is seen by whoever sees one.';

COMMENT ON TABLE "app_private"."media_rules" IS 'Settings of the operators, one row: what a person may store, how large and long one medium may be, how long one stays that nothing has referred to (unused_for) or refers to any more (no_longer_used_for).';

COMMENT ON TABLE "app_private"."media_worker" IS 'What the worker said of itself: whether it can read video and audio, and as far as it has looked for objects that belong to nothing.';

COMMENT ON TABLE "public"."media" IS 'What people uploaded. Its objects lie in the bucket under owner_id/id/. pending: a place that waits for its object; processing: nobody else sees it until the worker has checked and cleaned it; ready: posts, messages, profiles and groups may name it as media:id; refused: why stands in error. files: what the worker made of it. size_bytes: what was announced, then what is stored. delete_after: when it goes if nothing refers to it.';

COMMENT ON TYPE "public"."media_card" IS 'A medium as who may see it sees it. path: where its owner puts the object; null for others, and when it is there. files: [{name, path, mime_type, size_bytes, width, height}], of an image thumbnail, feed and full, of a video thumbnail, poster and full, of audio full.';

REVOKE ALL ON FUNCTION "app_hidden"."are_media"(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."are_media"(text[]) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."are_media"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."are_media"(text[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."are_media"(text[]) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."may_fetch_media"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."may_fetch_media"(text, text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."may_fetch_media"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."may_fetch_media"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."may_upload_media"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."may_upload_media"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."may_upload_media"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."may_upload_media"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."adopt_media"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."adopt_media"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."adopt_media"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."adopt_media"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room"(uuid, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room"(uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room"(uuid, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_media"(uuid, public.media) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_media"(uuid, public.media) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_media"(uuid, public.media) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_media"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_media"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_media"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_media"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_lost_refs"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_lost_refs"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_lost_refs"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."delete_media_row"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."delete_media_row"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."delete_media_row"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_too_large"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_too_large"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_too_large"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_type"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_type"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_type"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_stray"(text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_stray"(text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_stray"(text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."max_media_bytes"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."max_media_bytes"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."max_media_bytes"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_card"(public.media) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_card"(public.media) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_card"(public.media) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_folder"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_folder"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_folder"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_ids"(text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_ids"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_ids"(text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_kind"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_kind"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_kind"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_objects"(uuid, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."media_objects"(uuid, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."media_objects"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_objects"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_quota"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_quota"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_quota"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."own_media"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."own_media"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."own_media"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."queue_media_deletion"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."queue_media_deletion"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."queue_media_deletion"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_group"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_group"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_group"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_message"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_message"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_message"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_post"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_post"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_post"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_post_edit"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_post_edit"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_post_edit"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_profile"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_profile"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_profile"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refuse"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_media"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."sweep_media"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."sweep_media"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_media"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_strays"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."sweep_strays"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."sweep_strays"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_strays"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_upload"(uuid, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_upload"(uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_upload"(uuid, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_media"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_media"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_media"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_media_deleted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_media_deleted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_media_deleted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_media_worker"(boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."tell_media_worker"(boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."tell_media_worker"(boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_media_worker"(boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."uploaded_bytes"(public.media) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."uploaded_bytes"(public.media) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."uploaded_bytes"(public.media) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_media"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_media"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_media"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."finish_media_upload"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."finish_media_upload"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."finish_media_upload"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_details"(uuid[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."media_details"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_details"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_usage"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."media_usage"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_usage"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_media_upload"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."start_media_upload"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_media_upload"(jsonb) TO "postgres";

REVOKE ALL ON TABLE "public"."media" FROM "authenticated";

GRANT SELECT ON TABLE "public"."media" TO "authenticated";

REVOKE ALL ON TABLE "public"."media" FROM "service_role";

GRANT SELECT ON TABLE "public"."media" TO "service_role";

CREATE INDEX media_deletions_owner_idx ON app_private.media_deletions USING btree (owner_id, requested_at, id);

ALTER TABLE "app_private"."media_refs"
  ADD CONSTRAINT "media_refs_media_id_fkey" FOREIGN KEY (media_id) REFERENCES public.media(id) ON DELETE CASCADE;

CREATE INDEX media_owner_idx ON public.media USING btree (owner_id, created_at DESC, id DESC) INCLUDE (size_bytes, state);

-- copy of sql/70_media/5_data.sql sha256:e409552deaf911d2769b77c2569d6b7653c06cf740f8a98a88b3f376a9ce3ce4
insert into app_private.media_rules default values on conflict do nothing;
insert into app_private.media_worker default values on conflict do nothing;

-- Whatever they were before, they are private: what may be fetched is for the policies to say. Types and sizes are refused here before
-- anything is stored; how large one medium may be is said once more, by kind, in app_private.media_rules.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('avatars', 'avatars', false, 20971520, '{image/jpeg,image/png,image/webp,image/gif,image/avif}'),
  ('covers', 'covers', false, 20971520, '{image/jpeg,image/png,image/webp,image/gif,image/avif}'),
  ('posts', 'posts', false, 209715200,
    '{image/jpeg,image/png,image/webp,image/gif,image/avif,video/mp4,video/quicktime,video/webm,audio/mpeg,audio/mp4,audio/webm,audio/ogg,audio/wav}'),
  ('messages', 'messages', false, 209715200,
    '{image/jpeg,image/png,image/webp,image/gif,image/avif,video/mp4,video/quicktime,video/webm,audio/mpeg,audio/mp4,audio/webm,audio/ogg,audio/wav}')
on conflict (id) do update
set public = false, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;
