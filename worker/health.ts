import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Analytics } from './analytics/analytics.ts';
import type { Cache } from './cache/cache.ts';
import type { FeedStats } from './feed/stats.ts';
import { type Log, reasonOf } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { OutboxStats, OutboxStore } from './outbox/store.ts';
import type { WalletStats } from './wallet/stats.ts';

const CHECK_TIMEOUT_MS = 2_000;
const FRESH_MS = 500;

type State = 'up' | 'down' | 'not_configured';

export interface HealthReport {
  /** `degraded`: events flow or wait safely, but a part is missing. */
  readonly status: 'ok' | 'degraded' | 'down';
  readonly dependencies: { readonly postgres: State; readonly mongodb: State; readonly redis: State };
  readonly outbox: OutboxStats | null;
}

export interface HealthDeps {
  readonly outbox: Pick<OutboxStore, 'stats'>;
  /** What the wallet still has to do, for /metrics. */
  readonly wallet: () => Promise<WalletStats>;
  /** What inboxes and counts still have to learn, for /metrics. */
  readonly feed: () => Promise<FeedStats>;
  readonly analytics: Pick<Analytics, 'ping'> | null;
  readonly cache: Pick<Cache, 'state' | 'missed'>;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Asks every part, at most for two seconds. Postgres or a configured MongoDB away: `down`, because events stand still.
 * Redis away, or no MongoDB configured: `degraded`.
 */
export async function checkHealth(deps: HealthDeps): Promise<HealthReport> {
  const { analytics, cache } = deps;
  const [outbox, mongodb] = await Promise.all<[Promise<OutboxStats | null>, Promise<State>]>([
    within(deps.outbox.stats()).catch(() => null),
    analytics === null ? Promise.resolve('not_configured') : within(analytics.ping()).then(...upOrDown),
  ]);
  const postgres: State = outbox === null ? 'down' : 'up';
  const dependencies = { postgres, mongodb, redis: cache.state() };
  const stuck = postgres === 'down' || mongodb === 'down';
  const complete = mongodb === 'up' && dependencies.redis !== 'down';
  return { status: stuck ? 'down' : complete ? 'ok' : 'degraded', dependencies, outbox };
}

const upOrDown = [(): State => 'up', (): State => 'down'] as const;

/** Serves `GET /healthz` (200 or 503) and `GET /metrics` (Prometheus); rejects with the reason when the port is taken. */
export async function serveHealth(
  deps: HealthDeps,
  address: { readonly host: string; readonly port: number },
): Promise<AsyncDisposable & { readonly url: string }> {
  const health = remembered(() => checkHealth(deps));
  const server = createServer((request, response) => {
    void answer(request.method ?? 'GET', request.url ?? '/', response).catch((error) => {
      deps.log('error', 'a health request failed', { reason: reasonOf(error) });
      response.destroy();
    });
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;

  async function answer(method: string, url: string, response: ServerResponse): Promise<void> {
    const path = url.split('?')[0];
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'application/json', '{"error":"use GET"}');
    if (path === '/healthz') {
      const report = await health();
      return send(response, report.status === 'down' ? 503 : 200, 'application/json', JSON.stringify(report));
    }
    if (path === '/metrics') {
      const [report, wallet, feed] = await Promise.all([
        health(),
        within(deps.wallet()).catch(() => null),
        within(deps.feed()).catch(() => null),
      ]);
      measure(deps, report);
      if (wallet !== null) measureWallet(deps.metrics, wallet);
      if (feed !== null) measureFeed(deps.metrics, feed);
      const { registry } = deps.metrics;
      return send(response, 200, registry.contentType, await registry.metrics());
    }
    return send(response, 404, 'application/json', '{"error":"there are /healthz and /metrics"}');
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`Port ${address.port} is taken: set WORKER_PORT to a free one`) : error);
    });
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address.host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function measure({ metrics, cache }: HealthDeps, { outbox }: HealthReport): void {
  metrics.cacheMissed.set(cache.missed());
  if (outbox === null) return;
  metrics.pending.set(outbox.pending);
  metrics.dead.set(outbox.dead);
  metrics.lag.set(outbox.oldestPending_s);
}

function measureWallet(metrics: Metrics, wallet: WalletStats): void {
  metrics.queuedEntries.set(wallet.queued);
  metrics.queuedAge.set(wallet.queued_s);
  metrics.overdueHolds.set(wallet.overdueHolds);
  metrics.waitingWithdrawals.set(wallet.waiting);
  metrics.waitingAge.set(wallet.waiting_s);
}

function measureFeed(metrics: Metrics, feed: FeedStats): void {
  metrics.feedWaiting.set(feed.waiting);
  metrics.feedAge.set(feed.waiting_s);
  metrics.feedFailing.set(feed.failing);
  metrics.feedUnsettled.set(feed.unsettled);
  metrics.largeAuthors.set(feed.largeAuthors);
  metrics.countsWaiting.set(feed.waitingCounts);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

/** Many probes at once, or a fast one, ask the parts only once in half a second. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly at: number; readonly value: Promise<T> } | null = null;
  return () => {
    const now = performance.now();
    if (answer === null || now - answer.at > FRESH_MS) answer = { at: now, value: ask() };
    return answer.value;
  };
}

function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), CHECK_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
