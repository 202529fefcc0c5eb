import type { Cache } from '../cache/cache.ts';
import type { Database } from '../database.ts';
import type { Log } from '../log.ts';
import type { Loop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import type { Bell } from '../time.ts';

/** In one round; each is a transaction of its own and may touch a thousand inboxes. */
const STEPS = 200;
const ROUND_MS = 1_000;

const WORK = 'select worked, failed, changed from app_private.work_feed(1, $1)';

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
      const until = performance.now() + ROUND_MS;
      let [worked, failed] = [0, 0];
      const changed = new Set<string>();
      let more = true;
      while (more && worked < STEPS && performance.now() < until) {
        const [work] = await database.query<Work & Record<string, unknown>>(WORK, [largeFrom]);
        if (work === undefined) throw new Error('work_feed gave no row');
        more = work.worked > 0;
        worked += work.worked;
        failed += work.failed;
        for (const id of work.changed) changed.add(id);
      }
      if (changed.size > 0) await cache.apply([{ kind: 'feed_changed', user_ids: [...changed] }]);
      if (failed > 0) {
        metrics.failures.inc({ part: 'feed_task' }, failed);
        log('warn', 'steps of the feed failed and will be tried again: see app_private.feed_tasks', {
          failed,
        });
      }
      return { done: worked - failed, more };
    },
  };
}
