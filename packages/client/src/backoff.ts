const FIRST_MS = 200;
const LONGEST_MS = 15_000;

/**
 * How long to wait after so many failures (1, 2, …): twice as long each time up to 15 s, and half of it by chance, so that many
 * clients that failed together do not come back together.
 */
export function backoff_ms(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return longest * (0.5 + random() / 2);
}

/**
 * For `createClient(url, key, { realtime: { reconnectAfterMs } })`: supabase-js alone connects all clients again 1, 2, 5 and 10 s
 * after a server that restarted went away, each time at once.
 */
export function reconnectAfterMs(tries: number): number {
  return ([1_000, 2_000, 5_000][tries - 1] ?? 10_000) * (0.5 + Math.random());
}

/** Waits; ends early, by throwing its reason, when `signal` is aborted. */
export function pause(duration_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, duration_ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
