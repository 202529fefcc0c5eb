import type { Loop } from '../loop.ts';
import { type AccountDeps, EXPORTS_BUCKET } from './jobs.ts';

const EXPIRED = 'select id, file_path from app_private.expired_exports($1)';
const FORGET = 'select app_private.forget_export_files($1::uuid[])';
const PRUNE = 'select app_private.prune_account_jobs()';
const AT_ONCE = 100;

/** Removes exported files whose time is over, and jobs that ended long ago. */
export function exportFilesLoop({ database, files }: Pick<AccountDeps, 'database' | 'files'>): Loop {
  return {
    task: 'export_files',
    every_ms: 60_000,
    round: async () => {
      const expired = await database.query<{ id: string; file_path: string }>(EXPIRED, [AT_ONCE]);
      if (expired.length > 0) {
        await files.remove(
          EXPORTS_BUCKET,
          expired.map(({ file_path }) => file_path),
        );
        await database.query(FORGET, [expired.map(({ id }) => id)]);
      }
      await database.query(PRUNE);
      return { done: expired.length, more: expired.length === AT_ONCE };
    },
  };
}
