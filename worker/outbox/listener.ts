import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Bell, backoffMs, type Clock } from '../time.ts';

const RECONNECT = { first_ms: 250, max_ms: 10_000 };
const KEEPALIVE_MS = 30_000;

/**
 * Rings the bells whenever Postgres says that something was written to the outbox, until the signal aborts. Only a wake-up:
 * without it (a pooler in transaction mode, a broken connection) the readers' own polling finds every event.
 */
export async function listenToOutbox(
  deps: { readonly database: Database; readonly bells: readonly Bell[]; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { database, bells, clock, log } = deps;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const client = await database.connect();
      const lost = new AbortController();
      try {
        client.on('notification', () => {
          for (const bell of bells) bell.ring();
        });
        client.on('error', () => lost.abort());
        client.on('end', () => lost.abort());
        await client.query('listen outbox');
        failures = 0;
        const over = AbortSignal.any([signal, lost.signal]);
        while (!over.aborted) {
          await clock.sleep(KEEPALIVE_MS, over);
          // A connection that went silent (a firewall forgot it) is found out here.
          if (!over.aborted) await client.query({ text: 'select 1', query_timeout: 5_000 } as { text: string });
        }
      } finally {
        await client.end().catch(() => undefined);
      }
    } catch (error) {
      log('debug', 'cannot listen to the outbox, polling goes on', { reason: reasonOf(error) });
    }
    if (signal.aborted) return;
    failures += 1;
    await clock.sleep(backoffMs(RECONNECT, failures, clock.random), signal);
  }
}
