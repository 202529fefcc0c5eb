import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { freePortBase } from '../scripts/stack/ports.ts';
import { NO_RATE_LIMITS } from '../scripts/stack/rate-limits.ts';
import { type Stack, startStack } from '../scripts/stack/stack.ts';
import { makeHistory, makeReferences, numberOf } from './support/ledger.ts';
import { type LoadShape, type Measurement, measureHttp } from './support/load.ts';
import { measureLoop, medianOfRounds, type Turn } from './support/loop.ts';
import { makePeople, type Person, twoOf } from './support/people.ts';
import { report } from './support/report.ts';

const PEOPLE = 10_000;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 20);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const ENTRIES = Number(process.env['BENCH_ENTRIES'] ?? 10_000_000);
/** Each measurement of a round is taken in so many slices, in turn with the others. */
const SLICES = 4;
const SIXTEEN: LoadShape = { connections: 16, seconds: SECONDS / SLICES };
const TWO: LoadShape = { connections: 2, seconds: SECONDS / SLICES };
const HASH = Buffer.alloc(32);

/**
 * What a transfer costs, in one run on one database with durable commits: the floor (two updates and an insert), the rows alone, the complete
 * transfer, the same to one recipient whom everybody pays, many in one call, over HTTP, and hold with capture; then floor and transfer with a long
 * history.
 * No worker runs, so that its share of the two cores is not charged to the database; its folding of queued credits does.
 */
export async function runWalletSuite(): Promise<void> {
  await using stack = await startStack({
    name: 'bench-wallet',
    portBase: await freePortBase(),
    reset: true,
    quiet: true,
    watch: false,
    only: ['functions'],
    settings: { ...NO_RATE_LIMITS, LOG_LEVEL: 'warn' },
  });
  const { env } = stack;
  const people = await makePeople(env, PEOPLE);
  await makeReferences(env.SUPABASE_DB_URL);
  const wallets = walletIds(await accountIds(env.SUPABASE_DB_URL), people);
  const measures = measurementsOf(stack, people, wallets);

  const small = await medianOfRounds(ROUNDS, Object.values(measures), SLICES);
  console.log(`making a history of ${ENTRIES.toLocaleString('en')} entries, which takes minutes`);
  await makeHistory(env.SUPABASE_DB_URL, ENTRIES);
  console.log('measuring again with the history');
  const large = (await medianOfRounds(ROUNDS, [measures.floor, measures.complete], SLICES)).map((m) => ({
    ...m,
    name: `${m.name}, ${ENTRIES.toLocaleString('en')} entries`,
  }));
  const deadlocks = await numberOf(
    env.SUPABASE_DB_URL,
    'select deadlocks as n from pg_stat_database where datname = current_database()',
  );
  console.log(`deadlocks: ${deadlocks}`);
  await report('wallet', [...small, ...large], ratios(), { deadlocks, seconds: SECONDS, rounds: ROUNDS });
}

const NAMES = {
  floor: '(a) floor',
  rows: '(a2) the rows alone',
  complete: '(b) complete transfer',
  hot: '(c) one hot recipient',
  sixteen: '(d) batches of 16',
  sixtyFour: '(d) batches of 64',
  fiveHundred: '(d) batches of 500',
  http16: '(e) over HTTP, 16 connections',
  http64: '(e) over HTTP, 64 connections',
  hold: '(f) hold + capture',
} as const;

function ratios() {
  const large = (name: string) => `${name}, ${ENTRIES.toLocaleString('en')} entries`;
  return [
    ['b/a', NAMES.complete, NAMES.floor],
    ['b/a2', NAMES.complete, NAMES.rows],
    ['a2/a', NAMES.rows, NAMES.floor],
    ['c/b', NAMES.hot, NAMES.complete],
    ['d16/a', NAMES.sixteen, NAMES.floor],
    ['d64/a', NAMES.sixtyFour, NAMES.floor],
    ['d500/a', NAMES.fiveHundred, NAMES.floor],
    ['e16/b', NAMES.http16, NAMES.complete],
    ['e64/b', NAMES.http64, NAMES.complete],
    ['f/b', NAMES.hold, NAMES.complete],
    ['b with a long history / b', large(NAMES.complete), NAMES.complete],
    ['floor then / floor', large(NAMES.floor), NAMES.floor],
  ].map(([name = '', of = '', against = '']) => ({ name, of, against }));
}

interface Wallet {
  readonly person: Person;
  readonly account: string;
}

function measurementsOf(stack: Stack, people: readonly Person[], wallets: readonly Wallet[]) {
  const { env } = stack;
  const api = env.ASTRA_API_DB_URL;
  const owner = env.SUPABASE_DB_URL;
  const pair = () => twoOf(wallets);
  const sql =
    (name: string, url: string, turn: Turn, shape: LoadShape = SIXTEEN) =>
    () =>
      measureLoop(name, url, turn, shape);
  const transfer =
    (between: () => readonly [Wallet, Wallet]): Turn =>
    async (client) => {
      const [from, to] = between();
      await client.query({ name: 'one', text: TRANSFER, values: [from.person.id, randomUUID(), HASH, to.person.id] });
      return 1;
    };
  return {
    floor: sql(NAMES.floor, owner, async (client) => {
      const [from, to] = twoOf(FLOOR_IDS);
      await client.query({ name: 'floor', text: 'select bench.transfer($1, $2, 1)', values: [from, to] });
      return 1;
    }),
    rows: sql(NAMES.rows, owner, async (client) => {
      const [from, to] = pair();
      const values = [from.person.id, to.person.id, from.account, to.account, randomUUID()];
      await client.query({ name: 'rows', text: 'select bench.write_rows($1, $2, $3, $4, $5)', values });
      return 1;
    }),
    complete: sql(NAMES.complete, api, transfer(pair)),
    hot: () =>
      folding(
        env.ASTRA_WORKER_DB_URL,
        sql(
          NAMES.hot,
          api,
          transfer(() => [pickOther(wallets), wallets[0] as Wallet]),
        ),
      ),
    sixteen: sql(NAMES.sixteen, api, batch(16, pair), TWO),
    sixtyFour: sql(NAMES.sixtyFour, api, batch(64, pair), TWO),
    fiveHundred: sql(NAMES.fiveHundred, api, batch(500, pair), TWO),
    http16: () => http(NAMES.http16, stack, people, 16),
    http64: () => http(NAMES.http64, stack, people, 64),
    hold: sql(NAMES.hold, api, holdAndCapture(pair)),
  };
}

const FLOOR_IDS = Array.from({ length: PEOPLE }, (_, n) => n + 1);

const TRANSFER = `select * from app_private.post_transaction($1, $2, $3, $4, '0.01', 'USD', 'bench', 'other')`;
const TRANSFERS = 'select * from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)';
const COMMAND = 'select * from app_private.wallet_command($1, $2, $3, $4, $5, $6)';

function batch(size: number, pair: () => readonly [Wallet, Wallet]): Turn {
  return async (client) => {
    const pairs = Array.from({ length: size }, pair);
    const all = <T>(of: (from: Person, to: Person) => T) => pairs.map(([from, to]) => of(from.person, to.person));
    const { rows } = await client.query({
      name: 'many',
      text: TRANSFERS,
      values: [
        all((from) => from.id),
        all((from) => from.session),
        all(() => randomUUID()),
        all(() => HASH),
        all((_, to) => to.id),
        all(() => '0.01'),
        all(() => 'USD'),
        all(() => 'bench'),
        all(() => 'other'),
      ],
    });
    return rows.length;
  };
}

function holdAndCapture(pair: () => readonly [Wallet, Wallet]): Turn {
  return async (client) => {
    const [from, to] = pair();
    const command = async ({ id, session }: Person, operation: string, args: object) => {
      const values = [id, session, randomUUID(), HASH, operation, args];
      const { rows } = await client.query<{ status: number; body: { id: string } }>({
        name: 'command',
        text: COMMAND,
        values,
      });
      if (rows[0] === undefined || rows[0].status > 201) throw new Error(`${operation}: ${JSON.stringify(rows[0])}`);
      return rows[0].body;
    };
    const hold = await command(from.person, 'place_hold', {
      recipient: to.person.id,
      amount: '0.01',
      currency: 'USD',
      expires_in_s: 3600,
    });
    await command(to.person, 'capture_hold', { id: hold.id });
    return 1;
  };
}

function http(name: string, stack: Stack, people: readonly Person[], connections: number): Promise<Measurement> {
  // The functions themselves: the gateway in front of them is the local stack's own.
  const origin = `http://127.0.0.1:${stack.context.ports.functions}`;
  const make = () => {
    const [from, to] = twoOf(people);
    return {
      method: 'POST' as const,
      path: '/wallet/transaction',
      headers: {
        authorization: `Bearer ${from.token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({
        recipient: to.id,
        amount: '0.01',
        currency: 'USD',
        description: 'bench',
        category: 'other',
      }),
    };
  };
  return measureHttp(name, origin, make, { connections, seconds: SECONDS / SLICES });
}

/** Books queued credits every second, as the worker does, while something is measured. */
async function folding(databaseUrl: string, measure: () => Promise<Measurement>): Promise<Measurement> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const done = new AbortController();
  const fold = (async () => {
    while (!done.signal.aborted) {
      await client.query('select app_private.fold_queued_entries(5000)');
      await wait(1_000, undefined, { signal: done.signal }).catch(() => undefined);
    }
  })();
  try {
    return await measure();
  } finally {
    done.abort();
    await fold;
    await client.end();
  }
}

async function accountIds(databaseUrl: string): Promise<ReadonlyMap<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ owner: string; id: string }>(
    "select owner, id from ledger.accounts where purpose = 'available' and currency = 'USD'",
  );
  await client.end();
  return new Map(rows.map(({ owner, id }) => [owner, id]));
}

function walletIds(ids: ReadonlyMap<string, string>, people: readonly Person[]): Wallet[] {
  return people.map((person) => ({ person, account: ids.get(person.id) ?? '' }));
}

function pickOther(wallets: readonly Wallet[]): Wallet {
  return wallets[1 + Math.floor(Math.random() * (wallets.length - 1))] as Wallet;
}
