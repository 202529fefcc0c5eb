import pg from 'pg';
import { type Measurement, quantile } from './load.ts';
import { personId } from './social.ts';

/** A query that is measured: as the reader under row-level security, or as an owner whom no policy concerns. */
export interface Read {
  readonly name: string;
  readonly text: string;
  /** Who looks: the n-th person. */
  readonly reader: number;
  readonly values?: readonly unknown[];
  /** Instead of both for each sample anew, where one reader's page would soon be all in the cache. */
  readonly pick?: () => { readonly reader: number; readonly values: readonly unknown[] };
  readonly owner?: boolean;
  /** Undone before each sample, outside the measured time. $1 is the reader. */
  readonly before?: readonly string[];
}

/**
 * One for each role: switched from one to the other, a connection would plan everything anew. And one for what is undone before a sample,
 * which would else leave one of the two measured connections warmer than the other.
 */
export interface Connections extends AsyncDisposable {
  readonly reader: pg.Client;
  readonly owner: pg.Client;
  readonly undoing: pg.Client;
}

export async function connectBoth(connectionString: string): Promise<Connections> {
  const reader = new pg.Client({ connectionString });
  const owner = new pg.Client({ connectionString });
  const undoing = new pg.Client({ connectionString });
  await Promise.all([reader.connect(), owner.connect(), undoing.connect()]);
  await reader.query('set role authenticated');
  return {
    reader,
    owner,
    undoing,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([reader.end(), owner.end(), undoing.end()]);
    },
  };
}

/** Says on a connection who is signed in. */
export async function signIn(client: pg.Client, reader: number | null): Promise<void> {
  const sub = reader === null ? '' : personId(reader);
  const claims = reader === null ? '' : JSON.stringify({ sub, role: 'authenticated' });
  await client.query(
    "select set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', $2, false)",
    [claims, sub],
  );
}

/** So many runs of one read, before it is the next one's turn. */
const TURN = 20;

/**
 * Measures reads in turns, so that what else the machine does meets them all alike and their ratios hold. One at a time: what is
 * measured is the time of one page, not how many pages fit on a machine. The first run of each turn is not counted: it finds the
 * processor's caches full of another read.
 */
export async function measureInTurns(
  connections: Connections,
  reads: readonly Read[],
  seconds: number,
): Promise<Measurement[]> {
  const times = reads.map((): number[] => []);
  const until = performance.now() + seconds * reads.length * 1000;
  let round = 0;
  do {
    // To and fro: of two reads of the same rows the second finds them warm.
    for (const [i, read] of round % 2 === 0 ? [...reads.entries()] : [...reads.entries()].reverse()) {
      const found = await takeTurn(connections, read);
      if (round > 0) times[i]?.push(...found); // before, plans were made
    }
    round += 1;
  } while (performance.now() < until || round < 2);
  return reads.map(({ name }, i) => measurement(name, times[i] ?? []));
}

async function takeTurn({ reader, owner, undoing }: Connections, read: Read): Promise<number[]> {
  const client = read.owner ? owner : reader;
  const times: number[] = [];
  for (let i = 0; i <= TURN; i += 1) {
    const picked = read.pick?.() ?? read;
    await signIn(client, picked.reader);
    for (const text of read.before ?? []) await undoing.query(text, [personId(picked.reader)]);
    const query = { name: read.name.slice(0, 60), text: read.text, values: [...(picked.values ?? [])] };
    const startedAt = performance.now();
    await client.query(query);
    if (i > 0) times.push(performance.now() - startedAt);
  }
  return times;
}

/** What times in milliseconds amount to; printed as well. */
export function measurement(name: string, times: number[]): Measurement {
  const mean = times.reduce((sum, each) => sum + each, 0) / times.length;
  times.sort((a, b) => a - b);
  const found = {
    name,
    connections: 1,
    requests_per_s: Math.round(1000 / mean),
    p50_ms: quantile(times, 0.5),
    p99_ms: quantile(times, 0.99),
    failures: 0,
  };
  console.log(`${name}: p50 ${found.p50_ms} ms, p99 ${found.p99_ms} ms`);
  return found;
}
