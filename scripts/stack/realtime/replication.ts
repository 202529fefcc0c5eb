import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { type Log, reasonOf } from '../../../worker/log.ts';
import { sessionOf } from './database.ts';
import type { Metrics } from './metrics.ts';

type PgoutputMessage = ReturnType<PgoutputPlugin['parse']>;

const PUBLICATIONS = ['supabase_realtime', 'supabase_realtime_messages_publication'];
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Postgres says something every 30 s (half of wal_sender_timeout); after so long the connection is dead. */
const SILENCE_MS = 75_000;
const CLOSE_MS = 2_000;

export interface ReplicationHandlers {
  /** One message of the log, in its order; a promise holds the log back. */
  readonly message: (message: PgoutputMessage) => Promise<void> | undefined;
  /** The log is read again after an outage. What was committed in between was not seen. */
  readonly resumed: () => void;
}

export interface Replication extends AsyncDisposable {
  /** Whether the log is being read now. */
  readonly up: () => boolean;
}

/** Keeps the texts of Postgres as they are, and makes its own slot, which ends with the connection. */
class TextPlugin extends PgoutputPlugin {
  override parse(buffer: Buffer): PgoutputMessage {
    const message = super.parse(buffer);
    if (message.tag === 'relation') for (const column of message.columns) column.parser = (text: string) => text;
    return message;
  }

  override async start(client: Client, slot: string): Promise<unknown> {
    await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
    return await super.start(client, slot, '0/0');
  }
}

/**
 * Reads the changes of published tables and the broadcasts of the database from one temporary slot, and begins again, with a
 * new one, whenever the connection ends: after pauses that grow to five seconds, as long as the server runs.
 * @returns once the first slot is read.
 */
export async function startReplication(
  databaseUrl: string,
  handlers: ReplicationHandlers,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): Promise<Replication> {
  const stopping = new AbortController();
  let up = false;
  let starts = 0;
  let failures = 0;
  let firstStart: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    firstStart = resolve;
  });

  const onStart = () => {
    up = true;
    failures = 0;
    starts += 1;
    metrics.replicationUp.set(1);
    metrics.replicationStarts.inc();
    if (starts === 1) firstStart();
    else {
      log('info', 'changes of the database are read again');
      handlers.resumed();
    }
  };

  const running = (async () => {
    while (!stopping.signal.aborted) {
      const reason = await readOnce(databaseUrl, handlers, onStart, stopping.signal);
      up = false;
      metrics.replicationUp.set(0);
      if (stopping.signal.aborted) return;
      failures += 1;
      metrics.failures.inc({ part: 'replication' });
      log(failures === 1 ? 'warn' : 'debug', 'changes of the database are not read', { reason, failures });
      const pause_ms = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
      await delay(pause_ms, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  await started;
  return {
    up: () => up,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}

/** Reads until the connection ends, and gives the reason. */
async function readOnce(
  databaseUrl: string,
  handlers: ReplicationHandlers,
  onStart: () => void,
  signal: AbortSignal,
): Promise<string> {
  // Nothing is acknowledged by message: the slot is temporary. A report each five seconds lets Postgres forget old log.
  const service = new LogicalReplicationService(sessionOf(databaseUrl) as never, {
    acknowledge: { auto: false, timeoutSeconds: 5 },
    flowControl: { enabled: true },
  });
  let heard_ms = Date.now();
  const heard = () => {
    heard_ms = Date.now();
  };
  const ended = new Promise<string>((resolve) => {
    service.on('error', (error) => resolve(reasonOf(error)));
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const silence = new AbortController();
  const watch = setInterval(() => {
    if (Date.now() - heard_ms > SILENCE_MS) silence.abort();
  }, 1_000);
  const silent = new Promise<string>((resolve) => {
    silence.signal.addEventListener('abort', () => resolve('the database has not said anything for a while'));
  });
  service.on('start', onStart);
  service.on('heartbeat', heard);
  const onData = (_lsn: string, message: PgoutputMessage) => {
    heard();
    return handlers.message(message);
  };
  // The library waits for what a listener returns, although its type does not say so.
  service.on('data', onData as (lsn: string, message: PgoutputMessage) => void);
  try {
    const plugin = new TextPlugin({ protoVersion: 1, publicationNames: PUBLICATIONS });
    const reading = service.subscribe(plugin, `realtime_${randomBytes(6).toString('hex')}`).then(
      () => 'the connection ended',
      (error: unknown) => reasonOf(error),
    );
    return await Promise.race([reading, ended, silent]);
  } finally {
    clearInterval(watch);
    const closed = service.destroy().catch(() => undefined);
    await Promise.race([closed, delay(CLOSE_MS, undefined, { ref: false })]);
  }
}
