import { reasonOf } from '../log.ts';
import { type Loop, type LoopDeps, repeat, runLoop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import type { ObjectStore } from '../objects.ts';
import { deletionLoop } from './deletions.ts';
import { removeLeftFolders } from './folders.ts';
import { type MediaDeps, processLoop } from './jobs.ts';
import { type Ffmpeg, findFfmpeg } from './recordings.ts';

const ADOPT = 'select app_private.adopt_media($1) as done';
const SWEEP = 'select app_private.sweep_media($1) as done';
const STRAYS = 'select app_private.sweep_strays($1) as done';
const TELL = 'select app_private.tell_media_worker($1)';

export interface MediaLoopDeps extends Omit<LoopDeps, 'done'>, Pick<MediaDeps, 'database' | 'log'> {
  readonly objects: ObjectStore | null;
  readonly tools: Ffmpeg;
  readonly metrics: Pick<Metrics, 'media' | 'mediaDone' | 'failures'>;
}

/** Starts what the worker does for media; each promise ends after the signal aborted. */
export function mediaLoops({ objects, tools, ...deps }: MediaLoopDeps, signal: AbortSignal): Promise<void>[] {
  const { log, metrics } = deps;
  if (objects === null) {
    log(
      'warn',
      'SUPABASE_URL and SUPABASE_SECRET_KEY are not set: uploads wait to be checked, and objects to be deleted',
    );
    return [];
  }
  const start = async () => {
    await removeLeftFolders().catch((error: unknown) =>
      log('warn', 'folders of workers that were killed stay', { reason: reasonOf(error) }),
    );
    const hasFfmpeg = await findFfmpeg(tools);
    if (!hasFfmpeg) {
      log(
        'warn',
        'ffmpeg and ffprobe are not there: video and audio are refused (media.video_unavailable). Install ffmpeg beside the worker, as with apt-get install ffmpeg, or say where it is in FFMPEG_PATH and FFPROBE_PATH',
        {},
      );
    }
    const withTools = { ...deps, objects, ffmpeg: hasFfmpeg ? tools : null };
    const loops: Loop[] = [
      tellLoop(deps.database, hasFfmpeg),
      processLoop(withTools, signal),
      deletionLoop(withTools),
      { task: 'media_adopt', every_ms: 5_000, round: repeat(deps.database.query, ADOPT, [50]) },
      { task: 'media_sweep', every_ms: 5_000, round: repeat(deps.database.query, SWEEP, [100]) },
      // Through everything, slowly: it looks for what should not be there.
      {
        task: 'media_strays',
        every_ms: 60_000,
        round: repeat(deps.database.query, STRAYS, [500], Number.POSITIVE_INFINITY),
      },
    ];
    await Promise.all(loops.map((loop) => runLoop({ ...deps, done: metrics.mediaDone }, loop, signal)));
  };
  return [start()];
}

/** Said again and again: another worker, with or without it, may have said otherwise. */
function tellLoop(database: MediaDeps['database'], hasFfmpeg: boolean): Loop {
  return {
    task: 'media_tell',
    every_ms: 60_000,
    round: async () => {
      await database.query(TELL, [hasFfmpeg]);
      return { done: 0, more: false };
    },
  };
}
