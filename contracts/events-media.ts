import { z } from 'zod';

const uuid = z.uuid();
const count = z.number().int();

/** What every event of a medium names; user_id is its owner. */
const medium = { media_id: uuid, user_id: uuid, bucket: z.string() };

export const mediaReady = z.object({
  ...medium,
  kind: z.enum(['image', 'video', 'audio']),
  mime_type: z.string(),
  size_bytes: count,
  width: count.nullable(),
  height: count.nullable(),
  duration_ms: count.nullable(),
  blurhash: z.string().nullable(),
  files: z.array(z.object({ name: z.string(), path: z.string(), mime_type: z.string(), size_bytes: count })),
});

export const mediaRefused = z.object({ ...medium, kind: z.string(), mime_type: z.string(), error: z.string() });

/** Its objects are gone from Storage; name: that one alone. */
export const mediaDeleted = z.object({
  ...medium,
  name: z.string().nullable(),
  reason: z.enum(['owner', 'unused', 'refused', 'abandoned', 'account_deleted', 'cleaned', 'stray']),
  attempts: count,
});
