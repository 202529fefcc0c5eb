import pg from 'pg';
import type { LoadShape, Measurement } from './load.ts';
import { quantile } from './load.ts';

/** What one turn of a loop does on its own connection, the n-th; gives how many transfers or messages it made. */
export type Turn = (client: pg.Client, n: number) => Promise<number>;

/**
 * Runs `turn` over and over on as many connections, after a warm-up of a fifth of the time. Rates count what turns say they made. `prepare` is run once
 * on each connection.
 */
export async function measureLoop(
  name: string,
  connectionString: string,
  turn: Turn,
  shape: LoadShape,
  prepare?: string | ((n: number) => string),
): Promise<Measurement> {
  const clients = await Promise.all(
    Array.from({ length: shape.connections }, async (_, n) => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      if (prepare !== undefined) await client.query(typeof prepare === 'string' ? prepare : prepare(n));
      return client;
    }),
  );
  const latencies: number[] = [];
  let made = 0;
  const loop = async (client: pg.Client, n: number, until: number, record: boolean) => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      const count = await turn(client, n);
      if (!record) continue;
      latencies.push(performance.now() - startedAt);
      made += count;
    }
  };
  try {
    const warm = performance.now() + (shape.seconds * 1000) / 5;
    await Promise.all(clients.map((client, n) => loop(client, n, warm, false)));
    const startedAt = performance.now();
    await Promise.all(clients.map((client, n) => loop(client, n, startedAt + shape.seconds * 1000, true)));
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    latencies.sort((a, b) => a - b);
    return {
      name,
      connections: shape.connections,
      requests_per_s: Math.round(made / elapsedSeconds),
      p50_ms: quantile(latencies, 0.5),
      p99_ms: quantile(latencies, 0.99),
      failures: 0,
    };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** Runs one statement over and over on as many database connections, as the floor that the HTTP figures stand beside. */
export function measureSql(
  name: string,
  connectionString: string,
  statement: { readonly prepare?: string; readonly text: string; readonly values: () => unknown[] },
  shape: LoadShape,
): Promise<Measurement> {
  const turn: Turn = async (client) => {
    await client.query({ name: 'bench', text: statement.text, values: statement.values() });
    return 1;
  };
  return measureLoop(name, connectionString, turn, shape, statement.prepare);
}

/**
 * Each measurement as the middle one of its rounds by rate. A round takes all measurements in turn, in several slices each: the speed of a
 * shared machine changes from minute to minute, and so it changes for what is compared alike. Ratios go by the round too (`by_round`).
 */
export async function medianOfRounds(
  rounds: number,
  measurements: readonly (() => Promise<Measurement>)[],
  slices = 1,
): Promise<Measurement[]> {
  const results: Measurement[][] = measurements.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const taken: Measurement[][] = measurements.map(() => []);
    for (let slice = 0; slice < slices; slice += 1) {
      for (const [n, measure] of measurements.entries()) taken[n]?.push(await measure());
    }
    for (const [n, of] of taken.entries()) {
      const measured = together(of);
      console.log(`round ${round + 1}  ${measured.name}: ${measured.requests_per_s}/s, p50 ${measured.p50_ms} ms`);
      results[n]?.push(measured);
    }
  }
  return results.map((of) => {
    const sorted = of.toSorted((a, b) => a.requests_per_s - b.requests_per_s);
    return { ...(sorted[Math.floor(sorted.length / 2)] as Measurement), by_round: of.map((m) => m.requests_per_s) };
  });
}

/** Slices of equal length as one measurement: rates and percentiles are their means. */
function together(slices: readonly Measurement[]): Measurement {
  const mean = (of: (slice: Measurement) => number) =>
    slices.reduce((sum, slice) => sum + of(slice), 0) / slices.length;
  const hundredths = (value: number) => Math.round(value * 100) / 100;
  return {
    ...(slices[0] as Measurement),
    requests_per_s: Math.round(mean((slice) => slice.requests_per_s)),
    p50_ms: hundredths(mean((slice) => slice.p50_ms)),
    p99_ms: hundredths(mean((slice) => slice.p99_ms)),
    failures: slices.reduce((sum, slice) => sum + slice.failures, 0),
  };
}
