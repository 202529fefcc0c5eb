import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { pidOf } from '../stack/supervisor.ts';
import { type Answer, ask, asOperator, fund, type Person, signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

const NAME = 'test-faults';
const PEOPLE = 6;
const FUNDS = 1_000;

let stack: Stack;
const people: Person[] = [];

beforeAll(async () => {
  stack = await startStack({
    ...{ name: NAME, portBase: await freePortBase(), reset: true, quiet: true, watch: false },
    settings: NO_RATE_LIMITS,
  });
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL } = stack.env;
  Object.assign(process.env, { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL });
  for (let i = 0; i < PEOPLE; i += 1) people.push(await signUp('payer'));
  for (const person of people) await fund(person, FUNDS.toFixed(2));
}, 120_000);

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
}, 60_000);

/** A request that a client sends again, unchanged, until it knows what became of it. */
interface Sent {
  readonly from: Person;
  readonly path: 'wallet/transaction' | 'wallet/batch';
  readonly body: object;
  readonly key: string;
  /** The ids of what was booked, as acknowledged; null while the outcome is unknown. */
  booked: string[] | null;
}

function newRequest(n: number): Sent {
  const from = people[n % PEOPLE] as Person;
  const to = (step: number) => (people[(n + step) % PEOPLE] as Person).username;
  // Everybody is paid by everybody; the first much more often.
  const recipient = n % 3 === 0 && from !== people[0] ? (people[0] as Person).username : to(1 + (n % (PEOPLE - 1)));
  const key = randomUUID();
  const common = { from, key, booked: null };
  if (n % 5 > 0)
    return { ...common, path: 'wallet/transaction', body: { recipient, amount: '0.01', description: key } };
  const transfers = [1, 2, 3].map((step) => ({ recipient: to(step), amount: '0.01', description: key }));
  return { ...common, path: 'wallet/batch', body: { mode: n % 2 === 0 ? 'atomic' : 'independent', transfers } };
}

async function send({ from, path, body, key }: Sent): Promise<Answer | null> {
  return await ask(path, { token: from.token, body, headers: { 'Idempotency-Key': key } }).catch(() => null);
}

function bookedIn({ path }: Sent, answer: Answer | null): string[] | null {
  if (answer === null || answer.status >= 300) return null;
  if (path === 'wallet/transaction') return [(answer.body as { id: string }).id];
  return (answer.body as { results: { transaction: { id: string } }[] }).results.map(
    ({ transaction }) => transaction.id,
  );
}

/** Several clients send one request after the other, while `kill` does what it does. */
async function underLoad(kill: () => Promise<void>): Promise<Sent[]> {
  const sent: Sent[] = [];
  let isOver = false;
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let n = client; !isOver; n += 8) {
      const request = newRequest(n);
      sent.push(request);
      request.booked = bookedIn(request, await send(request));
    }
  });
  const known = () => sent.filter(({ booked }) => booked !== null).length;
  const flowing = async (least: number) => {
    const before = known();
    await eventually('money moves', async () => known() >= before + least, { every_ms: 5 });
  };
  await flowing(40);
  await kill();
  await flowing(40);
  isOver = true;
  await Promise.all(clients);
  return sent;
}

/** What the ledger has of each request, by its key, which is the description of its transfers. */
async function bookedInLedger(): Promise<Map<string, string[]>> {
  const rows = await eventually('the database answers', () =>
    asOperator<{ key: string; ids: string[] }>(
      "select description as key, array_agg(id::text order by id) as ids from ledger.transfers where kind = 'transfer' group by 1",
    ).catch(() => null),
  );
  return new Map(rows.map(({ key, ids }) => [key, ids]));
}

function expectOnce(sent: readonly Sent[], ledger: ReadonlyMap<string, readonly string[]>): void {
  for (const { key, path, booked } of sent) {
    const there = ledger.get(key) ?? [];
    if (booked !== null) expect(there, key).toEqual([...booked].sort());
    // All of it or nothing, and not twice.
    else expect([0, path === 'wallet/batch' ? 3 : 1], key).toContain(there.length);
  }
}

/** Every request that was not acknowledged gets its one outcome, and keeps it. */
async function finish(sent: readonly Sent[]): Promise<void> {
  for (const request of sent.filter(({ booked }) => booked === null)) {
    request.booked = await eventually('it is booked', async () => bookedIn(request, await send(request)));
    const again = await eventually('it is replayed', async () => {
      const answer = await send(request);
      return answer?.status === 503 ? null : answer;
    });
    expect(bookedIn(request, again)).toEqual(request.booked);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  }
}

async function expectSound(): Promise<void> {
  await eventually('the worker has booked what was queued', async () => {
    const [row] = await asOperator<{ waiting: number }>('select count(*)::int as waiting from ledger.queued_entries');
    return row?.waiting === 0;
  });
  expect(await asOperator('select * from ledger.audit() where violations > 0')).toEqual([]);
  const [row] = await asOperator<{ total: number }>(
    'select sum(balance_minor)::int as total from ledger.accounts where owner is not null',
  );
  expect(row?.total).toBe(PEOPLE * FUNDS * 100);
}

async function expectExactlyOnce(sent: readonly Sent[]): Promise<void> {
  // Else nothing was under way when it was killed.
  expect(sent.some(({ booked }) => booked === null)).toBe(true);
  expectOnce(sent, await bookedInLedger());
  await finish(sent);
  expectOnce(sent, await bookedInLedger());
  await expectSound();
}

test('functions killed again and again under load lose no acknowledged transfer and book none twice', async () => {
  const sent = await underLoad(async () => {
    for (let kill = 0; kill < 3; kill += 1) {
      const pid = await pidOf(NAME, 'functions');
      process.kill(pid, 'SIGKILL');
      await eventually('they are back', async () => (await pidOf(NAME, 'functions').catch(() => pid)) !== pid);
      await eventually('they answer', async () => (await ask('wallet', { token: people[0]?.token })).status === 200);
    }
  });
  await expectExactlyOnce(sent);
});

test('a database killed under load loses no acknowledged transfer and has none twice', async () => {
  const sent = await underLoad(async () => {
    process.kill(await pidOf(NAME, 'postgres'), 'SIGKILL');
  });
  await expectExactlyOnce(sent);
});
