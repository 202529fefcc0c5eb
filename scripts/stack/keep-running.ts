import { setTimeout as delay } from 'node:timers/promises';
import type { Service, StackContext } from './context.ts';

/** How patient the stack is with a part that keeps dying. */
export interface RestartPolicy {
  /** After so many deaths within `windowMs` the part is given up. */
  readonly maxDeaths: number;
  readonly windowMs: number;
  /** The pause before the first restart; it doubles with each further death in the window. */
  readonly firstPauseMs: number;
}

const DEFAULT_POLICY: RestartPolicy = { maxDeaths: 5, windowMs: 60_000, firstPauseMs: 100 };

/** A part that is started again when it dies. `died` resolves only when it was given up. */
export interface KeptService<T extends Service> extends Service {
  /** The part as it runs now; null between a death or a stop and the next start. */
  readonly current: () => T | null;
  /** Stops it until `resume`: for tests that take a part away. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/**
 * Starts a part and keeps it running: whatever dies is started again, after a pause that grows, a bounded number of times.
 * @returns null when `start` says that this machine has no such part.
 * @throws Error when the first start fails: that is a fault of the setup, which trying again would only hide.
 */
export async function keepRunning<T extends Service>(
  context: StackContext,
  start: () => Promise<T | null>,
  policy: RestartPolicy = DEFAULT_POLICY,
): Promise<KeptService<T> | null> {
  const first = await start();
  if (first === null) return null;
  let current: T | null = null;
  let wanted = true;
  let deaths: number[] = [];
  let restarting: Promise<void> = Promise.resolve();
  let giveUp: (reason: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => {
    giveUp = resolve;
  });

  const follow = (service: T) => {
    current = service;
    void service.died.then((reason) => {
      if (current === service) restarting = onDeath(service, reason);
    });
  };

  const startAgain = async (): Promise<T> => {
    const service = await start();
    if (service === null) throw new Error(`${first.name} cannot be found any more`);
    return service;
  };

  const onDeath = async (service: T, firstReason: string): Promise<void> => {
    current = null;
    await disposeQuietly(service);
    let reason = firstReason;
    while (wanted) {
      const now = Date.now();
      deaths = [...deaths.filter((at) => now - at < policy.windowMs), now];
      if (deaths.length > policy.maxDeaths) {
        giveUp(
          `${service.name} died ${deaths.length} times within ${policy.windowMs / 1000} s. The last time:\n${reason}`,
        );
        return;
      }
      context.log(service.name, `${reason}\n  starting it again`);
      await delay(policy.firstPauseMs * 2 ** (deaths.length - 1));
      if (!wanted) return;
      try {
        follow(await startAgain());
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  };

  const pause = async () => {
    wanted = false;
    // A restart under way is waited for, so that nothing is left running that nobody knows.
    await restarting;
    const service = current;
    current = null;
    await service?.[Symbol.asyncDispose]();
  };

  follow(first);
  return {
    name: first.name,
    url: first.url,
    died,
    current: () => current,
    pause,
    resume: async () => {
      if (wanted) return;
      wanted = true;
      deaths = [];
      follow(await startAgain());
    },
    [Symbol.asyncDispose]: pause,
  };
}

/** Cleans up after a dead part; that this fails too is no news. */
async function disposeQuietly(service: Service): Promise<void> {
  try {
    await service[Symbol.asyncDispose]();
  } catch {
    // It is gone, which is all that was wanted.
  }
}
