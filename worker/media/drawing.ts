import { join } from 'node:path';
import { z } from 'zod';
import { isErrorCode } from '../../contracts/errors.ts';
import { type PictureName, type Pictures, pictures } from './made.ts';
import { run } from './programs.ts';
import { Refused } from './refused.ts';

/** Longer than what is measured inside takes together. */
const DRAW_MS = 250_000;
/** No picture that is made is as large. */
const FILE_BYTES = 256 * 1024 * 1024;
const MAIN = join(import.meta.dirname, 'drawing-main.ts');

const answer = z.union([pictures, z.strictObject({ refused: z.string().refine(isErrorCode), reason: z.string() })]);

/**
 * Draws a picture anew in a process of its own: what decodes files of strangers is handed no key and no database, and does not take the worker
 * with it when it fails. Throws Refused as drawAnew does, and another error when the process did not end well.
 */
export async function drawApart(
  source: string,
  names: readonly PictureName[],
  { folder, maxPixels, signal }: { readonly folder: string; readonly maxPixels: number; readonly signal: AbortSignal },
): Promise<Pictures> {
  const args = [MAIN, JSON.stringify({ source, names, folder, maxPixels })];
  const output = await run(process.execPath, args, { within_ms: DRAW_MS, file_bytes: FILE_BYTES, signal });
  const drawn = answer.parse(JSON.parse(output));
  if ('refused' in drawn) throw new Refused(drawn.refused, new Error(drawn.reason));
  return drawn;
}
