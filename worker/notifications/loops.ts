import type { Database } from '../database.ts';
import { type Loop, type LoopDeps, repeat, runLoop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { Bell } from '../time.ts';
import type { ChannelsConfig } from './config.ts';
import { deliveryLoop } from './deliveries.ts';
import { mailLoop } from './mail.ts';
import { pushChannel } from './push.ts';
import { webhookChannel } from './webhooks.ts';

const PROJECT = 'select done, more from app_private.project_notifications($1)';
const SPREAD = 'select app_private.spread_notices($1) as done';
const STATS = 'select lag_seconds as lag_s, faults::float8 as faults from app_private.notification_stats()';
const TELL = 'select app_private.tell_notifications($1) as done';
const PRUNE = 'select app_private.prune_notifications($1) as done';

const EVENTS_PER_ROUND = 1_000;
/** What comes within it is told together: somebody whom thousands like at once has one row changed, not thousands. */
const GATHER_MS = 100;

export interface NotificationDeps extends Omit<LoopDeps, 'done'> {
  readonly database: Pick<Database, 'query'>;
  /** Rung by NOTIFY. */
  readonly bell: Bell;
  readonly channels: ChannelsConfig;
  readonly metrics: Pick<
    Metrics,
    'notificationsDone' | 'notificationLag' | 'notificationFaults' | 'deliveries' | 'failures'
  >;
}

/** Starts what the worker does for notifications; each promise ends after the signal aborted. Needs neither MongoDB nor Redis. */
export function notificationLoops(deps: NotificationDeps, signal: AbortSignal): Promise<void>[] {
  const told = new Bell();
  const loops = [
    projectLoop(deps, told, signal),
    tellLoop(deps, told),
    statsLoop(deps),
    ...channelLoops(deps),
    ...upkeepLoops(deps.database),
  ];
  return loops.map((loop) => runLoop({ ...deps, done: deps.metrics.notificationsDone }, loop, signal));
}

/** Reads the outbox. Any number of workers may: Postgres lets one of them do it at a time. */
function projectLoop({ database, bell, clock }: NotificationDeps, told: Bell, signal: AbortSignal): Loop {
  return {
    task: 'notifications',
    every_ms: 1_000,
    bell,
    async round() {
      const [row] = await database.query<{ done: number; more: boolean }>(PROJECT, [EVENTS_PER_ROUND]);
      const { done = 0, more = false } = row ?? {};
      if (done > 0) told.ring();
      // The first event after a quiet moment does not wait; those behind it are gathered.
      if (done > 0 && !more) await clock.sleep(GATHER_MS, signal);
      return { done, more };
    },
  };
}

/** Tells people on their topics. Until nobody waits: fifty at a time. */
function tellLoop({ database }: NotificationDeps, bell: Bell): Loop {
  return { task: 'notifications_tell', every_ms: 1_000, bell, round: repeat(database.query, TELL, [50]) };
}

/** What is not set up here waits for a worker where it is, and is too old to be sent at some time. */
function channelLoops(deps: NotificationDeps): Loop[] {
  const { push, mail, appUrl, allowPrivate } = deps.channels;
  const loops = [deliveryLoop({ ...deps, allowPrivate }, webhookChannel(deps.clock))];
  if (push !== null) loops.push(deliveryLoop({ ...deps, allowPrivate }, pushChannel(push)));
  if (mail !== null) loops.push(mailLoop(deps, mail, appUrl));
  return loops;
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
