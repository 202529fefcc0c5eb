import type { Analytics } from '../analytics/analytics.ts';
import type { Database } from '../database.ts';
import type { Log } from '../log.ts';
import { foldedBefore } from '../rollups/fold.ts';

const PRUNE_OUTBOX = `select app_private.prune_outbox($1 * interval '1 day', $2)::text as pruned`;
const PRUNE_KEYS = 'select app_private.prune_idempotency_keys()::text as pruned';
const PRUNE_PROVIDER_EVENTS = 'select app_private.prune_provider_events()::text as pruned';

const PRUNE_GROUPS = 'select app_private.prune_groups(1000) as done';
const PURGE_GROUPS = 'select app_private.purge_groups(200) as done';

/** Each deletes some thousand rows; what is left goes in the next hour. */
const MAX_ROUNDS = 500;

export interface PruneDeps {
  readonly database: Database;
  readonly analytics: Analytics | null;
  readonly retention_days: number;
  readonly log: Log;
}

/** Deletes processed events that are old and counted in every rollup; without MongoDB nothing is counted, so nothing goes. */
export async function pruneOutbox({ database, analytics, retention_days, log }: PruneDeps): Promise<void> {
  if (analytics === null) return;
  const before = await foldedBefore(analytics);
  let pruned = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [row] = await database.query<{ pruned: string }>(PRUNE_OUTBOX, [retention_days, before]);
    const count = Number(row?.pruned ?? 0);
    if (count === 0) break;
    pruned += count;
  }
  log('info', 'old events were pruned', { pruned });
}

/** Deletes idempotency keys that are past their life. */
export async function pruneIdempotencyKeys({ database, log }: PruneDeps): Promise<void> {
  const [row] = await database.query<{ pruned: string }>(PRUNE_KEYS);
  log('info', 'expired idempotency keys were pruned', { pruned: Number(row?.pruned ?? 0) });
}

/** Deletes webhooks of payment providers that changed nothing and are older than 90 days. */
export async function pruneProviderEvents({ database, log }: Pick<PruneDeps, 'database' | 'log'>): Promise<void> {
  const [row] = await database.query<{ pruned: string }>(PRUNE_PROVIDER_EVENTS);
  log('info', 'old webhooks were pruned', { pruned: Number(row?.pruned ?? 0) });
}

/** Deletes what is over in groups (links, invitations, bans, old logs), and what was in groups that were deleted. */
export async function pruneGroups({ database, log }: Pick<PruneDeps, 'database' | 'log'>): Promise<void> {
  for (const [text, message] of [
    [PRUNE_GROUPS, 'what is over in groups was pruned'],
    [PURGE_GROUPS, 'deleted groups were purged'],
  ] as const) {
    let done = 0;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const [row] = await database.query<{ done: number }>(text);
      const count = row?.done ?? 0;
      if (count === 0) break;
      done += count;
    }
    log('info', message, { done });
  }
}
