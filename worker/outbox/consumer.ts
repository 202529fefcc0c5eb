import { type DomainEvent, parseEvent } from '../../contracts/events.ts';
import type { Analytics } from '../analytics/analytics.ts';
import type { Cache } from '../cache/cache.ts';
import { type Log, reasonOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type Notice, type Projection, project } from '../projections/projection.ts';
import { type Bell, backoffMs, type Clock, createRest } from '../time.ts';
import type { OutboxFailure, OutboxRow, OutboxStore } from './store.ts';

const RETRY = { first_ms: 1_000, max_ms: 15 * 60_000 };
const OUTAGE = { first_ms: 250, max_ms: 5_000 };
/** Without it each payment becomes a batch of its own, and MongoDB spends more on batches than on events. */
const GATHER_MS = 50;

export interface ConsumerDeps {
  readonly outbox: OutboxStore;
  readonly analytics: Analytics;
  readonly cache: Cache;
  /** Tells owners of wallets; never throws. */
  readonly broadcast: (notices: readonly Notice[]) => Promise<void>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  /** Rung by NOTIFY. */
  readonly bell: Bell;
  readonly batchSize: number;
  readonly lease_ms: number;
  readonly maxAttempts: number;
}

/** An event that was read from its row, with what it means. */
interface Ready {
  readonly event: DomainEvent;
  readonly row: OutboxRow;
  readonly projection: Projection;
}

/**
 * Claims events and applies their projections until the signal aborts; the batch in hand is finished first.
 * An outage never ends the loop and never costs an event one of its tries: nothing is claimed before MongoDB answers.
 */
export async function consumeOutbox(deps: ConsumerDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, metrics } = deps;
  let outages = 0;
  let reachable = false;
  const rest = createRest(GATHER_MS, deps.bell, clock);
  while (!signal.aborted) {
    try {
      if (!reachable) await deps.analytics.ping();
      reachable = true;
      const claimed = await consumeBatch(deps);
      if (outages > 0) log('info', 'the outbox is being read again');
      outages = 0;
      if (claimed === deps.batchSize) continue;
      await rest(claimed > 0, signal);
    } catch (error) {
      outages += 1;
      reachable = false;
      metrics.failures.inc({ part: 'outbox' });
      const pause_ms = backoffMs(OUTAGE, outages, clock.random);
      // Once an outage, then about once a minute: a night without MongoDB must not fill the disk.
      const level = outages === 1 || outages % 12 === 0 ? 'warn' : 'debug';
      log(level, 'events wait in the outbox', { reason: reasonOf(error), outages, pause_ms });
      await clock.sleep(pause_ms, signal);
    }
  }
}

/**
 * One batch: claim, project, complete.
 * @returns how many events were claimed.
 * @throws when Postgres or MongoDB cannot be used; what was claimed is then given back, or comes back after its lease.
 */
export async function consumeBatch(deps: ConsumerDeps): Promise<number> {
  const { outbox, metrics } = deps;
  const rows = await outbox.claim(deps.batchSize, deps.lease_ms);
  if (rows.length === 0) return 0;
  const stopTimer = metrics.batch.startTimer();

  const { ready, failures } = readRows(rows, deps);
  // At the same time as the rest and before the events are complete: somebody may be told twice, and does not wait for MongoDB.
  const told = deps.broadcast(ready.flatMap(({ projection }) => projection.notices ?? []));
  let refused: Map<string, string>;
  try {
    refused = await deps.analytics.store(ready.map(({ event, projection }) => ({ event, audit: projection.audit })));
    await deps.analytics.keepMedia(ready.flatMap(({ projection }) => projection.media ?? []));
    await deps.analytics.forget(ready.flatMap(({ projection }) => projection.forgets ?? []));
  } catch (error) {
    await told;
    await giveBack(deps, rows, reasonOf(error));
    throw error;
  }
  const stored = ready.filter(({ event }) => !refused.has(event.id));
  await Promise.all([told, deps.cache.apply(stored.flatMap(({ projection }) => projection.cache))]);
  for (const { event, row } of ready) {
    const reason = refused.get(event.id);
    if (reason !== undefined) failures.push(failureOf(row, reason, deps, row.attempts >= deps.maxAttempts));
  }

  await outbox.complete(stored.map(({ event }) => event.id));
  await outbox.fail(failures);
  for (const { event } of stored) metrics.events.inc({ type: event.type, outcome: 'projected' });
  for (const { dead } of failures) metrics.events.inc({ type: 'refused', outcome: dead ? 'dead' : 'retried' });
  stopTimer();
  return rows.length;
}

/** Each row on its own, so that one that cannot be read does not hold the others back. */
function readRows(rows: readonly OutboxRow[], deps: ConsumerDeps): { ready: Ready[]; failures: OutboxFailure[] } {
  const ready: Ready[] = [];
  const failures: OutboxFailure[] = [];
  for (const row of rows) {
    let event: DomainEvent;
    try {
      event = parseEvent(row);
    } catch (error) {
      // It will read no better the next time: a dead letter at once, where an operator sees it.
      failures.push(failureOf(row, `not a known event: ${reasonOf(error)}`, deps, true));
      continue;
    }
    try {
      ready.push({ event, row, projection: project(event) });
    } catch (error) {
      failures.push(failureOf(row, reasonOf(error), deps, row.attempts >= deps.maxAttempts));
    }
  }
  return { ready, failures };
}

function failureOf(row: OutboxRow, error: string, deps: ConsumerDeps, dead: boolean): OutboxFailure {
  const level = dead ? 'error' : 'warn';
  deps.log(level, dead ? 'an event is dead' : 'an event will be tried again', {
    ...{ event_id: row.id, type: row.type, attempts: row.attempts, reason: error },
  });
  return { id: row.id, error, retry_in_ms: backoffMs(RETRY, row.attempts, deps.clock.random), dead };
}

/** Due again at once: the loop waits for MongoDB before it claims, and another worker may be able to reach it. */
async function giveBack(deps: ConsumerDeps, rows: readonly OutboxRow[], error: string): Promise<void> {
  const failures = rows.map(({ id }) => ({ id, error, retry_in_ms: 0, dead: false }));
  await deps.outbox.fail(failures).catch((failure) => {
    deps.log('debug', 'claimed events come back after their lease', { reason: reasonOf(failure) });
  });
}
