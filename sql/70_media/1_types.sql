create type public.media_card as (
  id uuid,
  bucket text,
  kind text,
  state text,
  mime_type text,
  size_bytes bigint,
  width int,
  height int,
  duration_ms int,
  blurhash text,
  path text,
  files jsonb,
  error text,
  created_at timestamptz
);
comment on type public.media_card is
  'A medium as who may see it sees it. path: where its owner puts the object; null for others, and when it is there. files: [{name, path, mime_type, size_bytes, width, height}], of an image thumbnail, feed and full, of a video thumbnail, poster and full, of audio full.';
