import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What a worker counts; docs/worker.md explains each. One registry a worker, so that tests can run several. */
export function createMetrics() {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    pending: new Gauge({ name: 'astra_outbox_pending', help: 'Events waiting in the outbox', registers }),
    dead: new Gauge({ name: 'astra_outbox_dead', help: 'Dead letters', registers }),
    lag: new Gauge({ name: 'astra_outbox_lag_seconds', help: 'Age of the oldest waiting event', registers }),
    events: new Counter({
      name: 'astra_worker_events_total',
      help: 'Events by type and what became of them',
      labelNames: ['type', 'outcome'],
      registers,
    }),
    failures: new Counter({
      name: 'astra_worker_failures_total',
      help: 'Failed attempts by the part that failed',
      labelNames: ['part'],
      registers,
    }),
    batch: new Histogram({
      name: 'astra_worker_batch_seconds',
      help: 'Time from claiming a batch to completing it',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    rollupLag: new Gauge({
      name: 'astra_rollup_lag_seconds',
      help: 'Age of the last event counted in the rollups while more are waiting, else 0 (on the leader)',
      registers,
    }),
    rollupLeader: new Gauge({ name: 'astra_rollup_leader', help: '1 on the worker that folds rollups', registers }),
    rollupEvents: new Counter({ name: 'astra_rollup_events_total', help: 'Events counted in rollups', registers }),
    cacheMissed: new Gauge({ name: 'astra_cache_missed', help: 'Cache changes kept until Redis is back', registers }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
