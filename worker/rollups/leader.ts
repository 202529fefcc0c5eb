import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type Bell, backoffMs, type Clock, createRest } from '../time.ts';
import { type FoldDeps, foldOnce, restartFoldIfDropped } from './fold.ts';

/** "astra" and "roll" in ASCII, so that it meets no other application's lock. */
const LOCK = 'select pg_try_advisory_lock(1634956402, 1919904876) as leads';
const FOLLOWER_MS = 5_000;
/** A day's document is written a few times a second while events keep coming, not once for each event. */
const GATHER_MS = 250;
const CHECK_MS = 10_000;
const OUTAGE = { first_ms: 500, max_ms: 10_000 };

export interface LeaderDeps extends FoldDeps {
  readonly database: Database;
  readonly metrics: Metrics;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Folds while this worker holds the lock; other workers wait for it. The lock only saves work: two leaders at once (one
 * of them cut off from Postgres) still count exactly.
 */
export async function leadRollups(deps: LeaderDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, metrics } = deps;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const client = await deps.database.connect();
      const lost = new AbortController();
      client.on('error', () => lost.abort());
      client.on('end', () => lost.abort());
      try {
        const { rows } = await client.query<{ leads: boolean }>(LOCK);
        if (rows[0]?.leads) {
          if (failures === 0) log('info', 'this worker folds the rollups');
          metrics.rollupLeader.set(1);
          await foldWhileLeading(deps, AbortSignal.any([signal, lost.signal]), () => {
            failures = 0;
          });
        } else {
          failures = 0;
        }
      } finally {
        metrics.rollupLeader.set(0);
        await client.end().catch(() => undefined);
      }
    } catch (error) {
      failures += 1;
      metrics.failures.inc({ part: 'rollups' });
      log(failures === 1 ? 'warn' : 'debug', 'the rollups wait', { reason: reasonOf(error) });
    }
    const pause_ms = failures > 0 ? backoffMs(OUTAGE, failures, clock.random) : FOLLOWER_MS;
    await clock.sleep(pause_ms, signal);
  }
}

/** @param folded told after each piece: only then is an outage, of MongoDB too, over. */
async function foldWhileLeading(deps: LeaderDeps, signal: AbortSignal, folded: () => void): Promise<void> {
  const { clock, metrics, log } = deps;
  const rest = createRest(GATHER_MS, deps.bell, clock);
  let checked = 0;
  while (!signal.aborted) {
    const now = clock.now();
    if (now.getTime() - checked > CHECK_MS) {
      checked = now.getTime();
      if (await restartFoldIfDropped(deps.analytics, now)) log('info', 'the rollups are counted again from the start');
    }
    const { rows, last } = await foldOnce(deps);
    folded();
    metrics.rollupEvents.inc(rows);
    const behind = rows === deps.batchSize && last !== null;
    metrics.rollupLag.set(behind ? (now.getTime() - last.getTime()) / 1_000 : 0);
    if (behind) continue;
    await rest(rows > 0, signal);
  }
}
