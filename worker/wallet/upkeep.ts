import type { Database } from '../database.ts';
import { type Loop, repeat } from '../loop.ts';

const FOLD = 'select app_private.fold_queued_entries($1) as done';
const EXPIRE_HOLDS = 'select app_private.expire_holds($1) as done';
const EXPIRE_REQUESTS = 'select app_private.expire_payment_requests($1) as done';

/**
 * What the ledger leaves for later: booking credits that found their wallet busy, giving the money of expired holds back, closing
 * payment requests that nobody answered. Any number of workers may do it: the functions pass over what another one has in hand.
 */
export function upkeepLoops(database: Pick<Database, 'query'>): Loop[] {
  return [
    // Nothing waits for it: a queued credit counts at once and is booked by whoever needs it. It keeps the queue short.
    { task: 'fold', every_ms: 1_000, round: repeat(database.query, FOLD, [500]) },
    { task: 'holds', every_ms: 2_000, round: repeat(database.query, EXPIRE_HOLDS, [200]) },
    { task: 'requests', every_ms: 60_000, round: repeat(database.query, EXPIRE_REQUESTS, [500]) },
  ];
}
