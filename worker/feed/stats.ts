import type { Database } from '../database.ts';

const STATS = `select waiting_tasks::float8 as waiting, waiting_seconds as waiting_s, failing_tasks::float8 as failing,
  unsettled::float8, large_authors::float8 as "largeAuthors", waiting_counts::float8 as "waitingCounts" from app_private.feed_stats()`;

/** What inboxes and counts still have to learn; numbers end at 10,000. */
export interface FeedStats {
  readonly waiting: number;
  readonly waiting_s: number;
  readonly failing: number;
  readonly unsettled: number;
  readonly largeAuthors: number;
  readonly waitingCounts: number;
}

export function createFeedStats(database: Pick<Database, 'query'>): () => Promise<FeedStats> {
  return async () => {
    const [row] = await database.query<FeedStats & Record<string, unknown>>(STATS);
    if (row === undefined) throw new Error('feed_stats gave no row');
    return row;
  };
}
