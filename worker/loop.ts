import type { Counter } from 'prom-client';
import { type Log, reasonOf } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type Backoff, type Bell, backoffMs, type Clock } from './time.ts';

const OUTAGE: Backoff = { first_ms: 500, max_ms: 15_000 };
/** A full round is followed by the next at once; after so many in a row others get a turn. */
const BREATH_MS = 20;

export interface LoopDeps {
  readonly metrics: Pick<Metrics, 'failures'>;
  /** Counts what was done, by task. */
  readonly done: Pick<Counter<'task'>, 'inc'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Something that a worker does again and again. */
export interface Loop {
  readonly task: string;
  /** The pause between two rounds. */
  readonly every_ms: number;
  /** Cuts the pause short. */
  readonly bell?: Bell;
  /** One bounded round; says how much it did and whether there may be more to do at once. Throws when something is away. */
  readonly round: () => Promise<{ readonly done: number; readonly more: boolean }>;
  /** Waits for what rounds have begun and left to itself. */
  readonly end?: () => Promise<void>;
}

/** Runs rounds until the signal aborts; the round in hand is finished first, and what rounds have begun. An outage only makes the pauses grow. */
export async function runLoop(deps: LoopDeps, loop: Loop, signal: AbortSignal): Promise<void> {
  const { metrics, clock, log } = deps;
  const { task, every_ms, bell } = loop;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { done, more } = await loop.round();
      if (failures > 0) log('info', 'a task goes on', { task });
      failures = 0;
      deps.done.inc({ task }, done);
      if (more) await clock.sleep(BREATH_MS, signal);
      else if (bell === undefined) await clock.sleep(every_ms, signal);
      else await bell.wait(every_ms, clock, signal);
    } catch (error) {
      failures += 1;
      metrics.failures.inc({ part: task });
      const pause_ms = Math.max(every_ms, backoffMs(OUTAGE, failures, clock.random));
      // Once an outage, then about every five minutes.
      const level = failures === 1 || failures % 20 === 0 ? 'warn' : 'debug';
      log(level, 'a task waits', { task, failures, pause_ms, reason: reasonOf(error) });
      await clock.sleep(pause_ms, signal);
    }
  }
  await loop.end?.();
}

/**
 * A round of one SQL function that says how much it did; one that did `full` (by default its first value, a limit) is followed by the
 * next at once.
 */
export function repeat(
  query: (sql: string, values: readonly unknown[]) => Promise<{ done: number }[]>,
  sql: string,
  values: readonly number[],
  full = values[0] ?? Number.POSITIVE_INFINITY,
): Loop['round'] {
  return async () => {
    const [row] = await query(sql, values);
    const done = row?.done ?? 0;
    return { done, more: done >= full };
  };
}

/**
 * A round that claims up to `atOnce` things under a lease and works on all of them at the same time. `work` writes down how each ended, so
 * only Postgres can have failed when it throws: what was not written down is claimed again after the lease.
 */
export function leased<T>(
  atOnce: number,
  claim: (atOnce: number) => Promise<readonly T[]>,
  work: (claimed: T) => Promise<void>,
): Loop['round'] {
  return async () => {
    const claimed = await claim(atOnce);
    const settled = await Promise.allSettled(claimed.map(work));
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { done: claimed.length, more: claimed.length === atOnce };
  };
}
