import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type ObjectStore, StorageAway, StorageRefused } from '../objects.ts';
import { drawApart } from './drawing.ts';
import { makeFolder } from './folders.ts';
import { inspect } from './inspect.ts';
import type { MadeFile } from './made.ts';
import { clean, type Ffmpeg } from './recordings.ts';
import { Refused } from './refused.ts';

const LEASE_S = 1_800;
/** Ends before the lease does, after which the upload is somebody else's. */
const WORK_MS = (LEASE_S - 300) * 1_000;
const AT_ONCE = 2;
/** Whoever fails as often fails by its own fault, be it that it brings the worker down. */
const MAX_ATTEMPTS = 5;
const AWAY_S = 10;
const AGAIN_S = 30;

const CLAIM = `select id, bucket, folder, kind, mime_type, attempts, image_pixels::float8 as image_pixels, audio_ms, video_ms
  from app_private.claim_media($1, $2 * interval '1 second')`;
const FINISH = 'select app_private.finish_media($1, $2, $3::jsonb) as kept';
const REFUSE = 'select app_private.refuse_media($1, $2, $3) as kept';
const RETRY = `select app_private.retry_media($1, $2, $3 * interval '1 second', $4)`;

interface Upload {
  readonly id: string;
  readonly bucket: string;
  /** Where its objects lie, with a slash at the end. */
  readonly folder: string;
  readonly kind: 'image' | 'video' | 'audio';
  readonly mime_type: string;
  readonly attempts: number;
  readonly image_pixels: number;
  readonly audio_ms: number;
  readonly video_ms: number;
}

export interface MediaDeps {
  readonly database: Pick<Database, 'query'>;
  readonly objects: ObjectStore;
  /** Null where it is not installed: pictures alone are worked on. */
  readonly ffmpeg: Ffmpeg | null;
  readonly metrics: Pick<Metrics, 'media' | 'failures'>;
  readonly log: Log;
}

/** What was made of an upload, and what is known of it now. */
interface Made {
  readonly kind: 'image' | 'video' | 'audio';
  readonly mime_type: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly duration_ms: number | null;
  readonly blurhash: string | null;
  readonly files: readonly MadeFile[];
}

/**
 * Checks and cleans uploads. Nobody but its owner sees one before that, and what others see is never the file that was uploaded. Every
 * step may be repeated: a worker that dies in the middle leaves an upload that is claimed again.
 */
export function processLoop(deps: MediaDeps, signal: AbortSignal): Loop {
  return {
    task: 'media_process',
    every_ms: 250,
    round: leased(
      AT_ONCE,
      (limit) => deps.database.query<Upload>(CLAIM, [limit, LEASE_S]),
      (upload) => run(deps, upload, signal),
    ),
  };
}

async function run(deps: MediaDeps, upload: Upload, signal: AbortSignal): Promise<void> {
  const { database, metrics, log } = deps;
  const { id, attempts } = upload;
  const note = (outcome: string, reason?: string) => {
    metrics.media.inc({ outcome });
    log(outcome === 'ready' ? 'info' : 'warn', 'an upload was worked on', { media_id: id, outcome, attempts, reason });
  };
  try {
    if (attempts > MAX_ATTEMPTS) throw new Refused('media.unprocessable');
    note((await work(deps, upload, signal)) ? 'ready' : 'lost');
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) {
      await database.query(REFUSE, [id, attempts, refusal]);
      const cause = error instanceof Refused ? error.cause : error;
      return note('refused', `${refusal} ${cause === undefined ? '' : reasonOf(cause)}`);
    }
    const isAway = error instanceof StorageAway || signal.aborted;
    await database.query(RETRY, [id, attempts, signal.aborted ? 0 : isAway ? AWAY_S : AGAIN_S, !isAway]);
    note('retried', reasonOf(error));
  }
}

/** What an upload is refused for; undefined where another try may do. */
function refusalOf(error: unknown): ErrorCode | undefined {
  if (error instanceof Refused) return error.code;
  if (!(error instanceof StorageRefused)) return undefined;
  // What was made of it is more than Storage takes of one object, or of a type that its bucket does not take.
  return error.status === 413 ? 'media.too_large' : error.status === 415 ? 'media.type_unsupported' : undefined;
}

/**
 * False when the upload was deleted meanwhile, has no room any more, or is another worker's. Files have the try in their names, so whoever
 * comes too late removes their own.
 */
async function work(deps: MediaDeps, upload: Upload, stop: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(WORK_MS)]);
  const { database, objects } = deps;
  const { id, bucket, folder, attempts } = upload;
  const here = await makeFolder();
  const paths: string[] = [];
  try {
    const source = join(here, 'original');
    if (!(await objects.fetch(bucket, `${folder}original`, source, signal))) throw new Refused('media.broken');
    const { files, ...facts } = await make(deps, upload, source, here, signal);
    const kept = files.map(({ file, ...fields }) => ({ ...fields, path: `${folder}${attempts}-${basename(file)}` }));
    for (const [n, { path, mime_type }] of kept.entries()) {
      signal.throwIfAborted();
      paths.push(path);
      await objects.put(bucket, path, files[n]?.file ?? '', mime_type, signal);
    }
    const size_bytes = kept.reduce((sum, file) => sum + file.size_bytes, 0);
    const [row] = await database.query<{ kept: boolean }>(FINISH, [
      id,
      attempts,
      JSON.stringify({ ...facts, size_bytes, files: kept }),
    ]);
    if (row?.kept === true) return true;
    await objects.remove(bucket, paths);
    return false;
  } finally {
    await rm(here, { recursive: true, force: true });
  }
}

async function make(
  { ffmpeg }: MediaDeps,
  upload: Upload,
  source: string,
  folder: string,
  signal: AbortSignal,
): Promise<Made> {
  const type = await inspect(source);
  const limits = { folder, maxPixels: upload.image_pixels, signal };
  if (type.startsWith('image/')) {
    // Where the place was taken for sound or moving pictures, other limits of size held.
    if (upload.kind !== 'image') throw new Refused('media.type_unsupported');
    const { files, blurhash } = await drawApart(source, ['thumbnail', 'feed', 'full'], limits);
    const full = files.find(({ name }) => name === 'full');
    const measures = { width: full?.width ?? null, height: full?.height ?? null };
    return { kind: 'image', mime_type: 'image/webp', ...measures, duration_ms: null, blurhash, files };
  }
  if (upload.kind === 'image') throw new Refused('media.type_unsupported');
  if (ffmpeg === null) throw new Refused('media.video_unavailable');
  const { audio_ms, video_ms } = upload;
  const { extension: _extension, ...recording } = await clean(ffmpeg, source, type, { ...limits, audio_ms, video_ms });
  return recording;
}
