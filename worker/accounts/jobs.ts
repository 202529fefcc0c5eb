import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import type { ObjectStore } from '../objects.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';
import { exportOf } from './export.ts';

/** Where exports are written (sql/92_accounts/5_data.sql); nobody reads there but by a signed URL. */
export const EXPORTS_BUCKET = 'exports';

/** Each step of a job is shorter, and the lease is renewed between steps. */
const LEASE_S = 300;
const RENEW_MS = 60_000;
const STEP_MS = 240_000;
const AT_ONCE = 2;
const RETRY: Backoff = { first_ms: 2_000, max_ms: 15 * 60_000 };
/** An export that fails as often fails by its own fault; a deletion that was promised is tried for ever. */
const MAX_EXPORT_ATTEMPTS = 10;
const FILES_AT_ONCE = 100;

const CLAIM = `select id, user_id, kind, attempts from app_private.claim_account_jobs($1, $2 * interval '1 second')`;
const KEEP = `select app_private.keep_account_job($1, $2, $3 * interval '1 second') as kept`;
const FINISH_EXPORT = 'select app_private.finish_export($1, $2, $3) as outcome';
const FINISH = 'select app_private.finish_account_job($1, $2, $3, $4)';
const RETRY_LATER = `select app_private.retry_account_job($1, $2, $3, $4 * interval '1 millisecond')`;
const DELETE = 'select app_private.delete_account($1, $2) as outcome';
const FORGET = 'select app_private.forget_person($1)';
const FILES = 'select bucket_id, name from app_private.person_files($1, $2)';

interface Job {
  readonly id: string;
  readonly user_id: string;
  readonly kind: 'export' | 'deletion';
  readonly attempts: number;
}

/** As much of Storage as accounts need. */
export type FileStore = Pick<ObjectStore, 'write' | 'remove'>;

export interface AccountDeps {
  readonly database: Pick<Database, 'query' | 'queryAlone'>;
  readonly files: FileStore;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** `lost`: taken back by its person, or another worker's after the lease. */
type Outcome = 'done' | 'refused' | 'failed' | 'retried' | 'lost';

/** The job is another worker's, or nobody's any more: whoever throws it leaves everything as it is. */
class JobLost extends Error {
  override readonly name = 'JobLost';
}

/**
 * Does what people asked for with all that is theirs. Every step may be repeated, so a worker that dies in the middle leaves a job
 * that the next one finishes.
 */
export function accountLoop(deps: AccountDeps, signal: AbortSignal): Loop {
  return {
    task: 'accounts',
    every_ms: 1_000,
    round: leased(
      AT_ONCE,
      (limit) => deps.database.query<Job>(CLAIM, [limit, LEASE_S]),
      (job) => run(deps, job, signal),
    ),
  };
}

async function run(deps: AccountDeps, job: Job, signal: AbortSignal): Promise<void> {
  const { metrics, log } = deps;
  const { id, kind, attempts } = job;
  const note = (outcome: Outcome, reason?: string) => {
    metrics.accountJobs.inc({ kind, outcome });
    const level = outcome === 'failed' || outcome === 'retried' ? 'warn' : 'info';
    log(level, 'a job of an account was run', { job_id: id, kind, outcome, attempts, reason });
  };
  try {
    note(await (kind === 'export' ? exportAccount(deps, job, signal) : deleteAccount(deps, job)));
  } catch (error) {
    if (error instanceof JobLost) return note('lost');
    const reason = reasonOf(error);
    note(await tryLater(deps, job, reason, signal), reason);
  }
}

async function tryLater(deps: AccountDeps, job: Job, reason: string, signal: AbortSignal): Promise<Outcome> {
  const { database, files, clock } = deps;
  const { id, kind, attempts } = job;
  if (kind === 'export' && attempts >= MAX_EXPORT_ATTEMPTS && !signal.aborted) {
    await files.remove(EXPORTS_BUCKET, [pathOf(job)]).catch(() => undefined);
    await database.query(FINISH, [id, attempts, 'failed', 'internal.unexpected']);
    return 'failed';
  }
  // A worker that is told to stop did not fail: another one may go on at once.
  const retry_in_ms = signal.aborted ? 0 : backoffMs(RETRY, attempts, clock.random);
  await database.query(RETRY_LATER, [id, attempts, reason, retry_in_ms]);
  return 'retried';
}

/** Where the file of an export is. */
function pathOf({ user_id, id }: Job): string {
  return `${user_id}/${id}.json`;
}

async function exportAccount(deps: AccountDeps, job: Job, signal: AbortSignal): Promise<Outcome> {
  const { database, files, clock } = deps;
  const { id, user_id, attempts } = job;
  let renewed_ms = clock.now().getTime();
  const renew = async () => {
    signal.throwIfAborted();
    if (clock.now().getTime() - renewed_ms < RENEW_MS) return;
    renewed_ms = clock.now().getTime();
    await keep(deps, job);
  };
  const text = exportOf(database, { user_id, exported_at: clock.now() }, renew);
  await files.write(EXPORTS_BUCKET, pathOf(job), text, signal);
  const [row] = await database.query<{ outcome: string }>(FINISH_EXPORT, [id, attempts, pathOf(job)]);
  if (row?.outcome === 'taken') throw new JobLost();
  if (row?.outcome === 'gone') {
    // Removed before the job ends: a worker that dies in between comes back to it.
    await files.remove(EXPORTS_BUCKET, [pathOf(job)]);
    await database.query(FINISH, [id, attempts, 'cancelled', null]);
    return 'refused';
  }
  return 'done';
}

async function deleteAccount(deps: AccountDeps, job: Job): Promise<Outcome> {
  const { database } = deps;
  const { id, user_id, attempts } = job;
  const [row] = await database.queryAlone<{ outcome: string }>(DELETE, [id, attempts], STEP_MS);
  if (row?.outcome === 'refused') return 'refused';
  if (row?.outcome !== 'deleted') throw new JobLost();
  await keep(deps, job);
  await database.queryAlone(FORGET, [user_id], STEP_MS);
  await removeFiles(deps, job);
  await database.query(FINISH, [id, attempts, 'done', null]);
  return 'done';
}

/** Removes what the person had in Storage, whichever bucket it is in. */
async function removeFiles(deps: AccountDeps, job: Job): Promise<void> {
  let last = '';
  for (;;) {
    await keep(deps, job);
    const found = await deps.database.query<{ bucket_id: string; name: string }>(FILES, [job.user_id, FILES_AT_ONCE]);
    if (found.length === 0) return;
    const page = JSON.stringify(found);
    if (page === last) throw new Error(`Storage does not let go of ${found[0]?.bucket_id}/${found[0]?.name}`);
    last = page;
    for (const [bucket, files] of Map.groupBy(found, ({ bucket_id }) => bucket_id)) {
      await deps.files.remove(
        bucket,
        files.map(({ name }) => name),
      );
    }
  }
}

async function keep({ database }: AccountDeps, { id, attempts }: Job): Promise<void> {
  const [row] = await database.query<{ kept: boolean }>(KEEP, [id, attempts, LEASE_S]);
  if (row?.kept !== true) throw new JobLost();
}
