import type { Cache } from '../cache/cache.ts';
import type { Database } from '../database.ts';
import type { Log } from '../log.ts';
import type { Loop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import type { Bell } from '../time.ts';

/** Each step may touch a thousand inboxes; the function itself ends after a second. */
const STEPS = 50;

const WORK = 'select worked, failed, changed from app_private.work_feed($1, $2)';

export interface FanOutDeps {
  readonly database: Pick<Database, 'query'>;
  readonly cache: Pick<Cache, 'apply'>;
  /** Rung by NOTIFY: what changes a feed writes an event too. */
  readonly bell: Bell;
  readonly largeFrom: number;
  readonly metrics: Pick<Metrics, 'failures'>;
  readonly log: Log;
}

interface Work {
  readonly worked: number;
  readonly failed: number;
  readonly changed: readonly string[];
}

/**
 * Carries posts and follows into inboxes. The tasks are rows that a transaction of Postgres takes, does and deletes: whatever is
 * killed here, and whenever, a task is either done or still there, and doing half of one again changes nothing. After that, cached
 * pages of the feeds that changed are dropped; one that is missed lives for seconds.
 */
export function fanOutLoop({ database, cache, bell, largeFrom, metrics, log }: FanOutDeps): Loop {
  return {
    task: 'feed',
    every_ms: 250,
    bell,
    round: async () => {
      const [work] = await database.query<Work & Record<string, unknown>>(WORK, [STEPS, largeFrom]);
      if (work === undefined) throw new Error('work_feed gave no row');
      const user_ids = [...new Set(work.changed)];
      if (user_ids.length > 0) await cache.apply([{ kind: 'feed_changed', user_ids }]);
      if (work.failed > 0) {
        metrics.failures.inc({ part: 'feed_task' }, work.failed);
        log('warn', 'steps of the feed failed and will be tried again: see app_private.feed_tasks', {
          failed: work.failed,
        });
      }
      return { done: work.worked - work.failed, more: work.worked > 0 };
    },
  };
}
