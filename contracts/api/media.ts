import { z } from 'zod';

/** Where media lie, by what they are for. */
export const mediaBucket = z.enum(['avatars', 'covers', 'posts', 'messages']);

/** What `media_urls`, `avatar_url` and `cover_url` take: `media:<id>` of one's own upload, or an address elsewhere. */
export const mediaAddress = z.union([
  z.string().regex(/^media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be media:<id>'),
  z.url({ protocol: /^https?$/ }).max(2048),
]);

export const mediaParams = z.strictObject({ id: z.uuid() });

export const mediaFileName = z.enum(['thumbnail', 'feed', 'full', 'poster']);
export const mediaFileParams = z.strictObject({ id: z.uuid(), name: mediaFileName });

/** GET media: ids with commas between them. */
export const mediaQuery = z.strictObject({
  ids: z
    .string()
    .transform((ids) => ids.split(','))
    .pipe(z.array(z.uuid()).min(1).max(50)),
});

/** POST media/upload: a form, whose file is streamed on as it comes. */
export const uploadForm = z.strictObject({ bucket: mediaBucket, file: z.file() });

/** POST media/uploads: a large file goes to Storage by itself. */
export const startUploadRequest = z.strictObject({
  bucket: mediaBucket,
  mime_type: z.string().max(100),
  size_bytes: z.number().int().positive(),
});

const count = z.number().int();

const mediaFile = z.strictObject({
  name: mediaFileName,
  /** Within the bucket. */
  path: z.string(),
  mime_type: z.string(),
  size_bytes: count,
  width: count.nullable(),
  height: count.nullable(),
  /** Good for an hour, for whoever has it; absent in answers to writes. */
  url: z.string().optional(),
});

/** A medium: the columns of `public.media_card`. */
export const mediaCard = z.strictObject({
  id: z.uuid(),
  bucket: mediaBucket,
  kind: z.enum(['image', 'video', 'audio']),
  state: z.enum(['pending', 'processing', 'ready', 'refused']),
  mime_type: z.string(),
  size_bytes: count,
  width: count.nullable(),
  height: count.nullable(),
  duration_ms: count.nullable(),
  blurhash: z.string().nullable(),
  /** Where a pending upload goes, within the bucket. */
  path: z.string().nullable(),
  files: z.array(mediaFile),
  /** Why it was refused: one of the codes of media. */
  error: z.string().nullable(),
  created_at: z.string(),
});
export type MediaCard = z.infer<typeof mediaCard>;

export const mediaList = z.strictObject({ data: z.array(mediaCard) });

/** POST media/uploads: `PUT` the bytes to `url`, or give `path` and `token` to `uploadToSignedUrl`; then POST media/:id/finish. */
export const startedUpload = z.strictObject({
  ...mediaCard.shape,
  upload: z.strictObject({ url: z.string(), token: z.string(), expires_in_s: count }),
});

/** DELETE media/:id */
export const deletedMedia = z.strictObject({ id: z.uuid(), deleted: z.literal(true) });

export const mediaUsage = z.strictObject({ used_bytes: count, quota_bytes: count, media_count: count });
