import { type LoopDeps, runLoop } from '../loop.ts';
import { type AccountDeps, accountLoop, type FileStore } from './jobs.ts';
import { exportFilesLoop } from './upkeep.ts';

/** Starts what the worker does for accounts; each promise ends after the signal aborted. */
export function accountLoops(
  deps: Omit<LoopDeps, 'done'> & Omit<AccountDeps, 'files'> & { readonly files: FileStore | null },
  signal: AbortSignal,
): Promise<void>[] {
  const { files } = deps;
  if (files === null) {
    deps.log('warn', 'SUPABASE_URL and SUPABASE_SECRET_KEY are not set: exports and deletions of accounts wait');
    return [];
  }
  const withFiles = { ...deps, files };
  return [accountLoop(withFiles, signal), exportFilesLoop(withFiles)].map((loop) =>
    runLoop({ ...deps, done: deps.metrics.accountTasks }, loop, signal),
  );
}
