import type { Analytics } from '../analytics/analytics.ts';
import type { Database } from '../database.ts';
import type { Log } from '../log.ts';
import { foldedBefore } from '../rollups/fold.ts';

const PRUNE_OUTBOX = `select app_private.prune_outbox($1 * interval '1 day', $2)::text as pruned`;
const PRUNE_KEYS = 'select app_private.prune_idempotency_keys()::text as pruned';

export interface PruneDeps {
  readonly database: Database;
  readonly analytics: Analytics | null;
  readonly retention_days: number;
  readonly log: Log;
}

/** Deletes processed events that are old and counted in every rollup; without MongoDB nothing is counted, so nothing goes. */
export async function pruneOutbox({ database, analytics, retention_days, log }: PruneDeps): Promise<void> {
  if (analytics === null) return;
  const [row] = await database.query<{ pruned: string }>(PRUNE_OUTBOX, [retention_days, await foldedBefore(analytics)]);
  log('info', 'old events were pruned', { pruned: Number(row?.pruned ?? 0) });
}

/** Deletes idempotency keys that are past their life. */
export async function pruneIdempotencyKeys({ database, log }: PruneDeps): Promise<void> {
  const [row] = await database.query<{ pruned: string }>(PRUNE_KEYS);
  log('info', 'expired idempotency keys were pruned', { pruned: Number(row?.pruned ?? 0) });
}
