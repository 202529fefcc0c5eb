import { setTimeout as wait } from 'node:timers/promises';
import type { Listeners } from './listeners.ts';
import { type Measurement, quantile } from './load.ts';

/** Deliveries under way at most: enough that nobody waits for work, too few to be taken for a client that does not read. */
const UNDER_WAY = 40_000;
const PIECES = 4;
const STALLED_MS = 30_000;

/** Has messages sent as fast as they arrive with all subscribers, and counts deliveries per second. Times are those of a piece of messages. */
export async function flood(
  name: string,
  listeners: Listeners,
  send: (messages: number) => Promise<void>,
  { subscribers, seconds }: { readonly subscribers: number; readonly seconds: number },
): Promise<Measurement> {
  const piece = Math.ceil(UNDER_WAY / PIECES / subscribers);
  const { count: before } = await listeners.heard();
  let sent = 0;
  const times: number[] = [];
  const run = async (until: number) => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      await send(piece);
      sent += piece * subscribers;
      await arrived(listeners, before + sent - UNDER_WAY);
      times.push(performance.now() - startedAt);
    }
    return (await listeners.heard()).count;
  };
  const warm = await run(performance.now() + (seconds * 1000) / 5);
  times.length = 0;
  const startedAt = performance.now();
  const end = await run(startedAt + seconds * 1000);
  const took_s = (performance.now() - startedAt) / 1000;
  await arrived(listeners, before + sent);
  times.sort((a, b) => a - b);
  return {
    name,
    connections: subscribers,
    requests_per_s: Math.round((end - warm) / took_s),
    p50_ms: quantile(times, 0.5),
    p99_ms: quantile(times, 0.99),
    failures: 0,
  };
}

/** Waits until so many were heard. A socket that was cut would keep it waiting for good. */
async function arrived(listeners: Listeners, count: number): Promise<void> {
  const deadline = performance.now() + STALLED_MS;
  for (;;) {
    const heard = await listeners.heard();
    if (heard.count >= count) return;
    if (heard.closed > 0) throw new Error(`${heard.closed} listeners were cut off`);
    if (performance.now() > deadline) throw new Error(`${heard.count} of ${count} deliveries came`);
    await wait(2);
  }
}
