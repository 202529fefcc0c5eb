import { createPayments } from '../payments/config.ts';
import { accountLoops } from './accounts/loops.ts';
import { type Analytics, createAnalytics } from './analytics/analytics.ts';
import { createCache } from './cache/cache.ts';
import { callLoops } from './calls/loops.ts';
import { chatLoops } from './chat/loops.ts';
import type { WorkerConfig } from './config.ts';
import { createDatabase } from './database.ts';
import { feedLoops } from './feed/loops.ts';
import { createFeedStats } from './feed/stats.ts';
import { serveHealth } from './health.ts';
import { type Log, reasonOf } from './log.ts';
import { mediaLoops } from './media/loops.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { notificationLoops } from './notifications/loops.ts';
import { createObjectStore } from './objects.ts';
import { consumeOutbox } from './outbox/consumer.ts';
import { listenToOutbox } from './outbox/listener.ts';
import { createOutboxStore } from './outbox/store.ts';
import { leadRollups } from './rollups/leader.ts';
import { runTasks } from './tasks/runner.ts';
import { Bell, backoffMs, type Clock } from './time.ts';
import { createBroadcast } from './wallet/broadcast.ts';
import { walletLoops } from './wallet/loops.ts';
import { createWalletStats } from './wallet/stats.ts';

/** How long a batch in hand may take to finish once the worker is told to stop. */
const DRAIN_MS = 8_000;
/** Two, so that Postgres works on one batch while MongoDB works on the other. */
const CONSUMERS = 2;
const PREPARE = { first_ms: 500, max_ms: 30_000 };

/** A running worker. Disposing it finishes the batch in hand, then closes everything. */
export interface Worker extends AsyncDisposable {
  /** Where /healthz and /metrics answer. */
  readonly url: string;
  readonly metrics: Metrics;
}

/**
 * Starts every loop of the worker. None of them ends, or brings the process down, because Postgres, MongoDB or Redis
 * is away: each waits with a bounded, growing pause.
 * @throws only when its own port cannot be had.
 */
export async function startWorker(config: WorkerConfig, clock: Clock, log: Log): Promise<Worker> {
  await using started = new AsyncDisposableStack();
  const metrics = createMetrics();
  const database = started.use(createDatabase(config.database, log));
  const analytics = config.mongodbUrl === null ? null : started.use(createAnalytics(config.mongodbUrl));
  const cache = started.use(
    createCache({
      ...{
        url: config.redisUrl,
        clock,
        log,
        profileTtl_ms: config.profileTtl_ms,
        accessToken_ms: config.accessToken_ms,
      },
      onFailure: () => metrics.failures.inc({ part: 'redis' }),
    }),
  );
  const outbox = createOutboxStore(database);
  const health = started.use(
    await serveHealth(
      {
        ...{ outbox, wallet: createWalletStats(database), feed: createFeedStats(database) },
        ...{ analytics, cache, metrics, log },
      },
      config,
    ),
  );

  const stop = new AbortController();
  const loops: Promise<void>[] = [];
  const { batchSize, lease_ms, maxAttempts, retention_days } = config;
  loops.push(runTasks({ database, analytics, retention_days, metrics, clock, log }, stop.signal));
  const payments = createPayments(config.payments);
  loops.push(...walletLoops({ database, payments, metrics, clock, log }, stop.signal));
  const feedBell = new Bell();
  const notificationBell = new Bell();
  const bells = [feedBell, notificationBell];
  loops.push(
    ...feedLoops(
      { database, cache, bell: feedBell, largeFrom: config.feedLargeFrom, metrics, clock, log },
      stop.signal,
    ),
  );
  loops.push(...chatLoops({ database, metrics, clock, log }, stop.signal));
  loops.push(...callLoops({ database, metrics, clock, log }, stop.signal));
  loops.push(
    ...notificationLoops(
      { database, bell: notificationBell, channels: config.channels, metrics, clock, log },
      stop.signal,
    ),
  );
  const objects = config.storage === null ? null : createObjectStore(config.storage);
  loops.push(...mediaLoops({ database, objects, tools: config.ffmpeg, metrics, clock, log }, stop.signal));
  loops.push(...accountLoops({ database, files: objects, metrics, clock, log }, stop.signal));
  if (analytics === null) {
    log('warn', 'MONGODB_URL is not set: events wait in the outbox until the worker is started with one');
  } else {
    const consumerBells = Array.from({ length: CONSUMERS }, () => new Bell());
    const foldBell = new Bell();
    const broadcast = createBroadcast({ database, metrics, log });
    const shared = { outbox, analytics, metrics, log, clock, batchSize };
    loops.push(prepareAnalytics(analytics, clock, log, stop.signal));
    bells.push(...consumerBells, foldBell);
    for (const bell of consumerBells) {
      loops.push(consumeOutbox({ ...shared, cache, broadcast, bell, lease_ms, maxAttempts }, stop.signal));
    }
    loops.push(leadRollups({ ...shared, database, bell: foldBell }, stop.signal));
  }
  loops.push(listenToOutbox({ database, bells, clock, log }, stop.signal));
  started.defer(() => drain(stop, loops, log));
  const running = started.move();
  return { url: health.url, metrics, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function drain(stop: AbortController, loops: readonly Promise<void>[], log: Log): Promise<void> {
  stop.abort();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), DRAIN_MS);
  });
  if ((await Promise.race([Promise.allSettled(loops), late])) === 'late') {
    log('warn', 'the batch in hand was not finished in time; its events come back after their lease');
  }
  clearTimeout(timer);
}

/** Indexes are made once MongoDB answers; events need not wait for them. */
async function prepareAnalytics(analytics: Analytics, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      await analytics.prepare();
      return;
    } catch (error) {
      log('debug', 'the indexes in MongoDB wait', { reason: reasonOf(error) });
      await clock.sleep(backoffMs(PREPARE, attempt, clock.random), signal);
    }
  }
}
