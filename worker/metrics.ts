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
    ...walletMetrics(registers),
    ...feedMetrics(registers),
    chatDone: new Counter({
      name: 'astra_chat_done_total',
      help: 'Messages that disappeared, members told of a new epoch, pieces of what was left behind, by task',
      labelNames: ['task'],
      registers,
    }),
    notificationsDone: new Counter({
      name: 'astra_notifications_done_total',
      help: 'Events read for notifications, people told of notices, notifications pruned, by task',
      labelNames: ['task'],
      registers,
    }),
    deliveries: new Counter({
      name: 'astra_notification_deliveries_total',
      help: 'Push messages, webhooks and mails by what became of them',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    notificationLag: new Gauge({
      name: 'astra_notifications_lag_seconds',
      help: 'Age of the oldest event that is not read for notifications',
      registers,
    }),
    notificationFaults: new Gauge({
      name: 'astra_notifications_faults',
      help: 'Events of the last 90 days from which no notification could be made',
      registers,
    }),
    accountTasks: new Counter({
      name: 'astra_account_tasks_total',
      help: 'Jobs of accounts claimed, expired files removed',
      labelNames: ['task'],
      registers,
    }),
    accountJobs: new Counter({
      name: 'astra_account_jobs_total',
      help: 'Exports and deletions of accounts by what became of them',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    cacheMissed: new Gauge({ name: 'astra_cache_missed', help: 'Cache changes kept until Redis is back', registers }),
  };
}

function walletMetrics(registers: Registry[]) {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const byScope = (name: string, help: string) => new Gauge({ name, help, labelNames: ['scope'], registers });
  return {
    walletDone: new Counter({
      name: 'astra_wallet_done_total',
      help: 'Entries folded, holds and requests expired, withdrawals and removed accounts claimed',
      labelNames: ['task'],
      registers,
    }),
    payouts: new Counter({
      name: 'astra_payouts_total',
      help: 'Withdrawals handed to the payment provider by what it said',
      labelNames: ['outcome'],
      registers,
    }),
    unlinks: new Counter({
      name: 'astra_unlinks_total',
      help: 'Removed accounts by whether their payment provider has forgotten them',
      labelNames: ['outcome'],
      registers,
    }),
    payoutsConfigured: gauge('astra_payouts_configured', '1 when this worker has a payment provider'),
    queuedEntries: gauge('astra_wallet_queued_entries', 'Credits that are still to be booked, up to 10,000'),
    queuedAge: gauge('astra_wallet_queued_seconds', 'Age of the oldest of these'),
    overdueHolds: gauge('astra_wallet_overdue_holds', 'Holds past their end whose money is not back yet'),
    waitingWithdrawals: gauge('astra_withdrawals_waiting', 'Withdrawals that the payment provider does not have yet'),
    waitingAge: gauge('astra_withdrawals_waiting_seconds', 'Age of the oldest of these'),
    broadcasts: new Counter({ name: 'astra_broadcasts_total', help: 'Messages to owners of wallets', registers }),
    auditOk: byScope('astra_ledger_audit_ok', '1 when the last audit by this worker found nothing'),
    auditViolations: byScope('astra_ledger_audit_violations', 'What the last audit found'),
    auditSeconds: byScope('astra_ledger_audit_seconds', 'How long the last audit took'),
    auditLastRun: byScope('astra_ledger_audit_last_run_timestamp_seconds', 'When the last audit ended (Unix time)'),
  };
}

function feedMetrics(registers: Registry[]) {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  return {
    feedDone: new Counter({
      name: 'astra_feed_done_total',
      help: 'Steps of tasks, inboxes settled and trimmed, counts folded, posts published, by task',
      labelNames: ['task'],
      registers,
    }),
    feedWaiting: gauge('astra_feed_tasks_waiting', 'What inboxes still have to learn, up to 10,000'),
    feedAge: gauge('astra_feed_tasks_waiting_seconds', 'Age of the oldest of these that did not fail'),
    feedFailing: gauge('astra_feed_tasks_failing', 'Those that failed and are tried again'),
    feedUnsettled: gauge('astra_feed_unsettled', 'Inboxes that were just built and are looked at once more'),
    largeAuthors: gauge('astra_feed_large_authors', 'Authors whose posts are pulled'),
    countsWaiting: gauge('astra_counts_waiting', 'Changes of counts that are still to be added, up to 10,000'),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
