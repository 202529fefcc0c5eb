import type { Database } from '../database.ts';
import { type Loop, type LoopDeps, repeat, runLoop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import type { Bell } from '../time.ts';

const PROJECT = 'select done, more from app_private.project_notifications($1)';
const SPREAD = 'select app_private.spread_notices($1) as done';
const STATS = 'select lag_seconds as lag_s, faults::float8 as faults from app_private.notification_stats()';
const PRUNE = 'select app_private.prune_notifications($1) as done';

const EVENTS_PER_ROUND = 1_000;
/** What comes within it is told together: somebody whom thousands like at once has one row changed, not thousands. */
const GATHER_MS = 100;

export interface NotificationDeps extends Omit<LoopDeps, 'done'> {
  readonly database: Pick<Database, 'query'>;
  /** Rung by NOTIFY. */
  readonly bell: Bell;
  readonly metrics: Pick<Metrics, 'notificationsDone' | 'notificationLag' | 'notificationFaults' | 'failures'>;
}

/** Starts what the worker does for notifications; each promise ends after the signal aborted. Needs neither MongoDB nor Redis. */
export function notificationLoops(deps: NotificationDeps, signal: AbortSignal): Promise<void>[] {
  const loops = [projectLoop(deps, signal), statsLoop(deps), ...upkeepLoops(deps.database)];
  return loops.map((loop) => runLoop({ ...deps, done: deps.metrics.notificationsDone }, loop, signal));
}

/** Reads the outbox. Any number of workers may: Postgres lets one of them do it at a time. */
export function projectLoop({ database, bell, clock }: NotificationDeps, signal: AbortSignal): Loop {
  return {
    task: 'notifications',
    every_ms: 1_000,
    bell,
    async round() {
      const [row] = await database.query<{ done: number; more: boolean }>(PROJECT, [EVENTS_PER_ROUND]);
      const { done = 0, more = false } = row ?? {};
      // The first event after a quiet moment does not wait; those behind it are gathered.
      if (done > 0 && !more) await clock.sleep(GATHER_MS, signal);
      return { done, more };
    },
  };
}

function statsLoop({ database, metrics }: NotificationDeps): Loop {
  return {
    task: 'notification_stats',
    every_ms: 5_000,
    async round() {
      const [row] = await database.query<{ lag_s: number; faults: number }>(STATS);
      metrics.notificationLag.set(row?.lag_s ?? 0);
      metrics.notificationFaults.set(row?.faults ?? 0);
      return { done: 0, more: false };
    },
  };
}

function upkeepLoops({ query }: Pick<Database, 'query'>): Loop[] {
  return [
    { task: 'notices', every_ms: 1_000, round: repeat(query, SPREAD, [500], 1) },
    { task: 'notifications_prune', every_ms: 600_000, round: repeat(query, PRUNE, [1_000]) },
  ];
}
