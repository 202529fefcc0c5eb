import type { Database } from '../database.ts';
import { type Loop, type LoopDeps, repeat, runLoop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type FanOutDeps, fanOutLoop } from './fan-out.ts';

const SETTLE = 'select app_private.settle_feeds($1) as done';
const RESIZE = 'select app_private.resize_authors($1, $2) as done';
const TRIM = 'select app_private.trim_inboxes($1) as done';
const PRUNE = 'select app_private.prune_feeds($1) as done';
const FOLD_COUNTS = 'select app_private.fold_counts($1) as done';
const PUBLISH = 'select app_private.publish_scheduled_posts($1) as done';
const TRENDING = 'select app_private.refresh_trending() as done';

/** An author is small again below this share of where they become large, so that nobody goes back and forth. */
const SMALL_AGAIN = 0.8;

/** Starts everything that keeps feeds, counts and trending tags; each promise ends after the signal aborted. Needs no MongoDB. */
export function feedLoops(
  deps: Omit<LoopDeps, 'done'> & FanOutDeps & { readonly metrics: Pick<Metrics, 'feedDone' | 'failures'> },
  signal: AbortSignal,
): Promise<void>[] {
  const loops = [fanOutLoop(deps), ...upkeepLoops(deps.database, deps.largeFrom)];
  return loops.map((loop) => runLoop({ ...deps, done: deps.metrics.feedDone }, loop, signal));
}

/** Any number of workers may do these: the functions pass over what another one has in hand. */
export function upkeepLoops(database: Pick<Database, 'query'>, largeFrom: number): Loop[] {
  const { query } = database;
  const smallBelow = Math.floor(largeFrom * SMALL_AGAIN);
  return [
    { task: 'feed_settle', every_ms: 500, round: repeat(query, SETTLE, [1]) },
    // 500 follows a step, until nobody is between two sizes.
    { task: 'feed_authors', every_ms: 5_000, round: repeat(query, RESIZE, [500, smallBelow], 1) },
    { task: 'feed_trim', every_ms: 60_000, round: repeat(query, TRIM, [200]) },
    { task: 'feed_prune', every_ms: 3_600_000, round: repeat(query, PRUNE, [500]) },
    { task: 'counts', every_ms: 500, round: repeat(query, FOLD_COUNTS, [500]) },
    { task: 'scheduled_posts', every_ms: 1_000, round: repeat(query, PUBLISH, [50]) },
    { task: 'trending', every_ms: 60_000, round: repeat(query, TRENDING, []) },
  ];
}
