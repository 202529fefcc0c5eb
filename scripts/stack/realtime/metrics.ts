import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What a server counts; docs/realtime.md explains each. One registry a server, so that tests can run several. */
export function createMetrics() {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const by = <L extends string>(label: L, name: string, help: string) =>
    new Counter({ name, help, labelNames: [label], registers });
  return {
    registry,
    connections: gauge('realtime_connections', 'Open WebSockets'),
    channels: gauge('realtime_channels', 'Joined channels'),
    joins: by('outcome', 'realtime_joins_total', 'Joins by whether they were allowed'),
    received: by('kind', 'realtime_received_total', 'What came in: broadcast, presence, http, database, change'),
    deliveries: counter('realtime_deliveries_total', 'Messages put on the sockets of clients'),
    limited: by('limit', 'realtime_limited_total', 'Clients that met a limit'),
    closed: by('why', 'realtime_closed_channels_total', 'Channels that the server closed'),
    failures: by('part', 'realtime_failures_total', 'Failed attempts by the part that failed'),
    replicationUp: gauge('realtime_replication_up', '1 while changes and broadcasts arrive from the database'),
    replicationStarts: counter('realtime_replication_starts_total', 'Slots made: 1 and one more for each outage'),
    queuedChanges: gauge('realtime_queued_changes', 'Row changes that are still to be checked and sent'),
    lostChanges: counter('realtime_lost_changes_total', 'Row changes that could not be sent because of an error'),
    visibility: new Histogram({
      name: 'realtime_visibility_seconds',
      help: 'Time to ask the policies about one batch of one table',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
