import { Logger, type Runner, run, type TaskList } from 'graphile-worker';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { type Log, type LogLevel, reasonOf } from '../log.ts';
import { backoffMs, type Clock } from '../time.ts';
import { type AuditDeps, auditLedger } from '../wallet/audit.ts';
import { pruneFormerUsernames, refreshPopularPeople } from './people.ts';
import { type PruneDeps, pruneGroups, pruneIdempotencyKeys, pruneOutbox, pruneProviderEvents } from './prune.ts';

const RESTART = { first_ms: 1_000, max_ms: 60_000 };
/** A full audit may take one place for hours. */
const CONCURRENCY = 3;
/** Each task of the worker pool holds a connection while it fetches; one more listens. */
const POOL_SIZE = CONCURRENCY + 2;

/** Minutes that other people's cron jobs leave alone. Times are UTC. By its key an audit is never waiting twice. */
export const CRONTAB = `
7 * * * * prune_outbox ?max=3
23 * * * * prune_idempotency_keys ?max=3
37 * * * * prune_provider_events ?max=3
47 * * * * prune_groups ?max=3
53 * * * * refresh_popular_people ?max=3
11 4 * * * prune_former_usernames ?max=3
*/5 * * * * audit_recent ?max=1&jobKey=audit_recent
41 3 * * * audit_full ?max=3&jobKey=audit_full
`;

/**
 * The library would create its schema and needs a right on the whole database for that; the schema is ours already
 * (sql/90_outbox), so only its first table is made here, and its migrations do the rest.
 */
const FIRST_TABLE = `create table if not exists graphile_worker.migrations (
  id int primary key, ts timestamptz default now() not null, breaking boolean not null default false)`;

export interface TaskDeps extends PruneDeps, AuditDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs jobs and cron (graphile-worker) until the signal aborts; an outage of Postgres only pauses it. */
export async function runTasks(deps: TaskDeps, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const pool = deps.database.sessionPool(POOL_SIZE);
    // The library asks for both: the task that needed the connection reports what went wrong with it.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    try {
      await pool.query(FIRST_TABLE);
      // Not in an hour only: a new network has nobody to suggest until then. Not as a job, which a worker that stops at once leaves half done.
      await refreshPopularPeople(deps);
      await runUntilAborted(deps, pool, signal);
      failures = 0;
    } catch (error) {
      failures += 1;
      const level = failures === 1 ? 'warn' : 'debug';
      deps.log(level, 'scheduled tasks wait', { reason: reasonOf(error) });
    } finally {
      await pool.end().catch(() => undefined);
    }
    if (!signal.aborted) await deps.clock.sleep(backoffMs(RESTART, failures + 1, deps.clock.random), signal);
  }
}

async function runUntilAborted(deps: TaskDeps, pgPool: pg.Pool, signal: AbortSignal): Promise<void> {
  const taskList: TaskList = {
    prune_outbox: () => pruneOutbox(deps),
    prune_idempotency_keys: () => pruneIdempotencyKeys(deps),
    prune_provider_events: () => pruneProviderEvents(deps),
    prune_groups: () => pruneGroups(deps),
    refresh_popular_people: () => refreshPopularPeople(deps),
    prune_former_usernames: () => pruneFormerUsernames(deps),
    audit_recent: () => auditLedger(deps, 'recent', signal),
    audit_full: () => auditLedger(deps, 'full', signal),
  };
  const runner: Runner = await run({
    ...{ pgPool, schema: 'graphile_worker', taskList, crontab: CRONTAB, concurrency: CONCURRENCY },
    noHandleSignals: true,
    logger: new Logger(() => (level, message) => deps.log(levelOf(level), `tasks: ${message}`)),
  });
  const stop = () => void runner.stop().catch(() => undefined);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    await runner.promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function levelOf(level: string): LogLevel {
  if (level === 'error') return 'error';
  if (level === 'warning') return 'warn';
  // Its "info" tells of every job.
  return 'debug';
}
