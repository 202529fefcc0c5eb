import autocannon from 'autocannon';

/** What one measurement gives. Rates are per second, latencies in milliseconds. */
export interface Measurement {
  readonly name: string;
  readonly connections: number;
  readonly requests_per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Answers that were not 2xx, and connection errors: a run with any is not worth quoting. */
  readonly failures: number;
  /** The rates of all rounds, where there were several. */
  readonly by_round?: readonly number[];
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

/** The value below which the share `q` of the sorted values lies, rounded to hundredths. */
export function quantile(sorted: readonly number[], q: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
  return Math.round(value * 100) / 100;
}
