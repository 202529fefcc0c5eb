import { z } from 'zod';
import { pictureName } from './made.ts';
import { drawAnew } from './pictures.ts';
import { Refused } from './refused.ts';

const job = z.strictObject({
  source: z.string(),
  names: z.array(pictureName),
  folder: z.string(),
  maxPixels: z.number(),
});

const { source, names, ...limits } = job.parse(JSON.parse(process.argv[2] ?? ''));
const answer = await drawAnew(source, names, limits).catch((error: unknown) => {
  if (!(error instanceof Refused)) throw error;
  const { code, cause } = error;
  return { refused: code, reason: cause instanceof Error ? cause.message.slice(0, 500) : '' };
});
process.stdout.write(JSON.stringify(answer));
