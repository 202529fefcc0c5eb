import { z } from 'zod';

/** What is drawn of a picture or of a video. */
export const pictureName = z.enum(['thumbnail', 'feed', 'poster', 'full']);
export type PictureName = z.infer<typeof pictureName>;

/** A file that was made of a medium, on this machine. */
export const madeFile = z.strictObject({
  name: pictureName,
  file: z.string(),
  mime_type: z.string(),
  size_bytes: z.number().int(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
});
export type MadeFile = z.infer<typeof madeFile>;

export const pictures = z.strictObject({ files: z.array(madeFile), blurhash: z.string() });
export type Pictures = z.infer<typeof pictures>;
