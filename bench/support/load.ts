import autocannon from 'autocannon';
import pg from 'pg';

/** What one measurement gives. Rates are per second, latencies in milliseconds. */
export interface Measurement {
  readonly name: string;
  readonly connections: number;
  readonly requests_per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Answers that were not 2xx, and connection errors: a run with any is not worth quoting. */
  readonly failures: number;
}

/** How long and how wide one measurement is; a warm-up of a fifth of the time goes before it. */
export interface LoadShape {
  readonly connections: number;
  readonly seconds: number;
}

/** One request of an HTTP load; called once for each request, so that keys and users can differ. */
export type MakeRequest = () => {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
};

/** Loads an HTTP origin with closed-loop connections. */
export async function measureHttp(
  name: string,
  origin: string,
  make: MakeRequest,
  shape: LoadShape,
): Promise<Measurement> {
  const load = (seconds: number) =>
    autocannon({
      url: origin,
      connections: shape.connections,
      duration: seconds,
      requests: [{ setupRequest: (request) => ({ ...request, ...make() }) }],
    });
  await load(Math.max(1, shape.seconds / 5));
  const result = await load(shape.seconds);
  return {
    name,
    connections: shape.connections,
    requests_per_s: Math.round(result['2xx'] / result.duration),
    p50_ms: result.latency.p50,
    p99_ms: result.latency.p99,
    failures: result.non2xx + result.errors,
  };
}

/** Runs one statement over and over on as many database connections, as the floor that the HTTP figures stand beside. */
export async function measureSql(
  name: string,
  connectionString: string,
  statement: { readonly prepare?: string; readonly text: string; readonly values: () => unknown[] },
  shape: LoadShape,
): Promise<Measurement> {
  const clients = await Promise.all(
    Array.from({ length: shape.connections }, async () => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      if (statement.prepare !== undefined) await client.query(statement.prepare);
      return client;
    }),
  );
  const latencies: number[] = [];
  const loop = async (client: pg.Client, until: number, record: boolean) => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      await client.query({ name: 'bench', text: statement.text, values: statement.values() });
      if (record) latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(clients.map((client) => loop(client, performance.now() + (shape.seconds * 1000) / 5, false)));
  const startedAt = performance.now();
  await Promise.all(clients.map((client) => loop(client, startedAt + shape.seconds * 1000, true)));
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  latencies.sort((a, b) => a - b);
  return {
    name,
    connections: shape.connections,
    requests_per_s: Math.round(latencies.length / elapsedSeconds),
    p50_ms: quantile(latencies, 0.5),
    p99_ms: quantile(latencies, 0.99),
    failures: 0,
  };
}

/** The value below which the share `q` of the sorted values lies, rounded to hundredths. */
export function quantile(sorted: readonly number[], q: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
  return Math.round(value * 100) / 100;
}
