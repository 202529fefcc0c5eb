import { type Log, reasonOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';

const OUTAGE: Backoff = { first_ms: 500, max_ms: 15_000 };
/** A full round is followed by the next at once; after so many in a row others get a turn. */
const BREATH_MS = 20;

/** The parts of a worker that do something for the wallet again and again. */
export type WalletTask = 'fold' | 'holds' | 'requests' | 'payouts' | 'unlinks';

export interface LoopDeps {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Loop {
  readonly task: WalletTask;
  /** The pause between two rounds. */
  readonly every_ms: number;
  /** One bounded round; says how much it did and whether there may be more to do at once. Throws when something is away. */
  readonly round: () => Promise<{ readonly done: number; readonly more: boolean }>;
}

/** Runs rounds until the signal aborts; the round in hand is finished first. An outage only makes the pauses grow. */
export async function runLoop({ metrics, clock, log }: LoopDeps, loop: Loop, signal: AbortSignal): Promise<void> {
  const { task } = loop;
  let failures = 0;
  while (!signal.aborted) {
    let pause_ms = loop.every_ms;
    try {
      const { done, more } = await loop.round();
      if (failures > 0) log('info', 'a task of the wallet goes on', { task });
      failures = 0;
      metrics.walletDone.inc({ task }, done);
      if (more) pause_ms = BREATH_MS;
    } catch (error) {
      failures += 1;
      metrics.failures.inc({ part: task });
      pause_ms = Math.max(loop.every_ms, backoffMs(OUTAGE, failures, clock.random));
      // Once an outage, then about every five minutes.
      const level = failures === 1 || failures % 20 === 0 ? 'warn' : 'debug';
      log(level, 'a task of the wallet waits', { task, failures, pause_ms, reason: reasonOf(error) });
    }
    await clock.sleep(pause_ms, signal);
  }
}
