import { Redis } from 'ioredis';
import { describeError, type Logger } from './log.ts';

/**
 * Redis as an optional part: what it cannot answer quickly is answered without it. `run` gives undefined when Redis is not
 * configured, not connected, or does not answer within the deadline; it never throws and never waits longer.
 */
export interface RedisGate extends AsyncDisposable {
  readonly run: <T>(command: (client: Redis) => Promise<T>) => Promise<T | undefined>;
}

const COMMAND_TIMEOUT_MS = 200;
/** After a failure nobody asks for this long: a stalled Redis must not cost each request its whole timeout. */
const REST_AFTER_FAILURE_MS = 1_000;
const MAX_RECONNECT_DELAY_MS = 2_000;
const LOG_INTERVAL_MS = 30_000;

/** Connects on first use, and again for ever in the background; without a URL every answer is undefined. */
export function createRedis(
  url: string | undefined,
  { clock, logger }: { clock: () => number; logger: Logger },
): RedisGate {
  if (url === undefined) return { run: async () => undefined, async [Symbol.asyncDispose]() {} };

  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
  });
  let lastLog_ms = Number.NEGATIVE_INFINITY;
  let restUntil_ms = Number.NEGATIVE_INFINITY;
  let firstConnect: Promise<unknown> | undefined;

  const report = (error: unknown) => {
    if (clock() - lastLog_ms < LOG_INTERVAL_MS) return;
    lastLog_ms = clock();
    logger.log('warn', 'Redis does not answer; requests go on without it', { error: describeError(error) });
  };
  client.on('error', report);

  return {
    async run(command) {
      firstConnect ??= withDeadline(client.connect(), COMMAND_TIMEOUT_MS).catch(report);
      await firstConnect;
      if (client.status !== 'ready' || clock() < restUntil_ms) return undefined;
      try {
        return await command(client);
      } catch (error) {
        restUntil_ms = clock() + REST_AFTER_FAILURE_MS;
        report(error);
        return undefined;
      }
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await firstConnect;
    },
  };
}

async function withDeadline<T>(work: Promise<T>, limit_ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit_ms);
  });
  // The loser of the race may still fail later, when nobody listens any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
