import { setTimeout as delay } from 'node:timers/promises';

/** The time and waiting, injected so that a test decides both. */
export interface Clock {
  now(): Date;
  /** Waits, or returns early when the signal aborts; never throws. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ r < 1, for jitter. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  },
  random: Math.random,
};

/** Bounds of a growing pause. */
export interface Backoff {
  readonly first_ms: number;
  readonly max_ms: number;
}

/** The pause before try number `attempt` (from 1): doubling, bounded, and half of it random so that retries spread out. */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const full = Math.min(backoff.max_ms, backoff.first_ms * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full / 2 + (full / 2) * random());
}

/** Wakes whoever waits; a wake that nobody waits for is kept for the next one. */
export class Bell {
  #rung = false;
  #waiter: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#waiter?.();
  }

  /** Returns when the bell rings, after `ms`, or when the signal aborts. One waiter at a time. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const timer = new AbortController();
      const rings = new Promise<void>((resolve) => {
        this.#waiter = resolve;
      });
      await Promise.race([rings, clock.sleep(ms, AbortSignal.any([signal, timer.signal]))]);
      timer.abort();
      this.#waiter = null;
    }
    this.#rung = false;
  }
}

const IDLE = { first_ms: 250, max_ms: 1_000 };

/**
 * How a loop rests between two looks at the outbox. After a look that found something it waits `gather_ms`, whatever rings, so that
 * events which keep coming are done together; after an empty one it waits for the bell, longer each time. The first event after a
 * quiet moment therefore does not wait.
 */
export function createRest(
  gather_ms: number,
  bell: Bell,
  clock: Clock,
): (found: boolean, signal: AbortSignal) => Promise<void> {
  let idle_ms = IDLE.first_ms;
  return async (found, signal) => {
    if (found) {
      idle_ms = IDLE.first_ms;
      await clock.sleep(gather_ms, signal);
    } else {
      await bell.wait(idle_ms, clock, signal);
      idle_ms = Math.min(IDLE.max_ms, idle_ms * 2);
    }
  };
}
