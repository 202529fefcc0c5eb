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
