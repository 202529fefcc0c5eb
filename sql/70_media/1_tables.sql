create table public.media (
  id uuid primary key default app_hidden.new_id(),
  owner_id uuid not null references public.profiles (id) on delete cascade,
  bucket text not null constraint bucket_known check (bucket in ('avatars', 'covers', 'posts', 'messages')),
  kind text not null constraint kind_known check (kind in ('image', 'video', 'audio')),
  state text not null default 'pending' constraint state_known check (state in ('pending', 'processing', 'ready', 'refused')),
  mime_type text not null constraint mime_type_length check (length(mime_type) <= 100),
  size_bytes bigint not null constraint size_bytes_bounded check (size_bytes between 1 and 10737418240),
  width int,
  height int,
  duration_ms int,
  blurhash text constraint blurhash_length check (length(blurhash) <= 100),
  files jsonb not null default '[]' constraint files_bounded check (jsonb_typeof(files) = 'array' and length(files::text) <= 8192),
  error text constraint error_length check (length(error) <= 100),
  attempts int not null default 0,
  run_after timestamptz not null default now(),
  delete_after timestamptz default now() + interval '3 hours',
  uploaded_at timestamptz,
  ready_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table public.media is
  'What people uploaded. Its objects lie in the bucket under owner_id/id/. pending: a place that waits for its object; processing: nobody else sees it until the worker has checked and cleaned it; ready: posts, messages, profiles and groups may name it as media:id; refused: why stands in error. files: what the worker made of it. size_bytes: what was announced, then what is stored. delete_after: when it goes if nothing refers to it.';
create index media_owner_idx on public.media (owner_id, created_at desc, id desc) include (size_bytes, state);
create index media_processing_idx on public.media (owner_id, uploaded_at) include (run_after) where state = 'processing';
create index media_pending_idx on public.media (created_at) where state = 'pending';
create index media_delete_after_idx on public.media (delete_after) where delete_after is not null;

create table app_private.media_refs (
  media_id uuid not null references public.media (id) on delete cascade,
  kind text not null constraint kind_known
    check (kind in ('post', 'post_edit', 'message', 'avatar', 'group_avatar', 'group_cover')),
  subject_id uuid not null,
  part bigint not null default 0,
  is_of_other boolean not null default false,
  primary key (media_id, kind, subject_id, part)
);
comment on table app_private.media_refs is
  'Which post, message (conversation and number), profile or group names which medium, kept by triggers. A medium lives while one does, and is seen by whoever sees one. is_of_other: somebody else passed it on.';

create table app_private.media_deletions (
  id uuid primary key default app_private.uuid_v7(),
  media_id uuid not null,
  owner_id uuid not null,
  bucket text not null,
  name text,
  reason text not null constraint reason_known
    check (reason in ('owner', 'unused', 'refused', 'abandoned', 'account_deleted', 'cleaned', 'stray')),
  attempts int not null default 0,
  run_after timestamptz not null default now(),
  last_error text,
  held_bytes bigint not null default 0,
  is_watched boolean not null default true,
  requested_at timestamptz not null default now(),
  done_at timestamptz
);
comment on table app_private.media_deletions is
  'Objects to be removed from Storage, and which were, why and when: all of a medium, or one by its name. A job is repeated until Storage has none of them any more; done ones are kept for 90 days. is_watched: looked after again, since an address for an upload may still be used; held_bytes: the room that counts until then.';
create index media_deletions_due_idx on app_private.media_deletions (run_after) where done_at is null or is_watched;
create index media_deletions_done_idx on app_private.media_deletions (done_at) where done_at is not null;
create index media_deletions_owner_idx on app_private.media_deletions (owner_id, requested_at, id);
create index media_deletions_media_idx on app_private.media_deletions (media_id);

create table app_private.media_rules (
  single boolean primary key default true check (single),
  quota_bytes bigint not null default 1073741824 check (quota_bytes > 0),
  media_per_person int not null default 20000 check (media_per_person > 0),
  uploads_at_once int not null default 20 check (uploads_at_once > 0),
  uploads_per_hour int not null default 600 check (uploads_per_hour > 0),
  uses_of_one int not null default 200 check (uses_of_one > 0),
  image_bytes bigint not null default 20971520 check (image_bytes > 0),
  audio_bytes bigint not null default 52428800 check (audio_bytes > 0),
  video_bytes bigint not null default 209715200 check (video_bytes > 0),
  audio_ms int not null default 3600000 check (audio_ms > 0),
  video_ms int not null default 600000 check (video_ms > 0),
  image_pixels bigint not null default 50000000 check (image_pixels > 0),
  unused_for interval not null default '1 day' check (unused_for >= interval '0'),
  no_longer_used_for interval not null default '10 minutes' check (no_longer_used_for >= interval '0')
);
comment on table app_private.media_rules is
  'Settings of the operators, one row: what a person may store, how large and long one medium may be, how long one stays that nothing has referred to (unused_for) or refers to any more (no_longer_used_for).';

create table app_private.media_quotas (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  quota_bytes bigint not null check (quota_bytes >= 0)
);
comment on table app_private.media_quotas is 'People who may store another amount than the others.';

create table app_private.media_worker (
  single boolean primary key default true check (single),
  has_ffmpeg boolean,
  seen_at timestamptz,
  swept_bucket text not null default '',
  swept_name text not null default ''
);
comment on table app_private.media_worker is
  'What the worker said of itself: whether it can read video and audio, and as far as it has looked for objects that belong to nothing.';
