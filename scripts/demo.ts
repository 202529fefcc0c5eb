// The main job, played against a running stack: people register, some are funded, they pay each other; one pays in by card and a
// shop is paid out; the ledger, the analytics and the caches show it. The people and payments are in demo/journey.json; some
// payments are bad on purpose.
// Options: --name X plays against the stack in .astra/X.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { z } from 'zod';
import { printLanded } from './demo/landed.ts';
import { lifeSchema, playLife } from './demo/life.ts';
import { fund, type Member, openSession, pay } from './demo/people.ts';
import { table } from './demo/table.ts';
import { type AstraEnvironment, loadEnvironment } from './environment.ts';

const journeySchema = z.strictObject({
  currency: z.string(),
  life: lifeSchema,
  people: z.array(z.strictObject({ username: z.string(), full_name: z.string(), email: z.email(), fund: z.string() })),
  payments: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      amount: z.string(),
      description: z.string(),
      category: z.string(),
      /** The error code this payment must be refused with. */
      refused: z.string().optional(),
      /** The index of the payment whose request is sent a second time, with the same Idempotency-Key. */
      replay_of: z.int().nonnegative().optional(),
    }),
  ),
});

type Journey = z.infer<typeof journeySchema>;

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { name: { type: 'string' } } });
  const environment = await loadEnvironment(values.name);
  const file = join(import.meta.dirname, 'demo', 'journey.json');
  const journey = journeySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  await using operator = await connectOperator(environment);
  const members = await signEverybodyIn(environment, journey);
  await fundSome(operator.client, journey);
  const { bookedIds, unexpected } = await playPayments(members, journey);
  await playLifeOfMoney(environment, members, journey);
  await using mongo =
    environment.MONGODB_URL === undefined
      ? undefined
      : await new MongoClient(environment.MONGODB_URL, { serverSelectionTimeoutMS: 5_000 }).connect();
  await printLanded({ environment, operator: operator.client, mongo, bookedIds, members: [...members.values()] });
  console.log(
    unexpected === 0
      ? `\nEvery payment ended as scripts/demo/journey.json says. Look around: ${environment.STUDIO_URL ?? 'open Studio'}\n`
      : `\n${unexpected} payments ended otherwise than scripts/demo/journey.json says.\n`,
  );
  return unexpected === 0 ? 0 : 1;
}

async function connectOperator({
  SUPABASE_DB_URL,
}: AstraEnvironment): Promise<{ client: pg.Client } & AsyncDisposable> {
  const client = new pg.Client({ connectionString: SUPABASE_DB_URL, connectionTimeoutMillis: 5_000 });
  await client.connect().catch((error: Error) => {
    const { host } = new URL(SUPABASE_DB_URL);
    throw new Error(`The database at ${host} does not answer (${error.message || 'refused'}).\n  Next: npm start`);
  });
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

async function signEverybodyIn(environment: AstraEnvironment, { people }: Journey): Promise<Map<string, Member>> {
  console.log(`\n1. People sign up through supabase-js at ${environment.SUPABASE_URL}\n`);
  const members = new Map<string, Member>();
  for (const person of people) {
    const member = await openSession(environment, person);
    members.set(person.username, member);
    console.log(`   ${member.isNew ? 'registered' : 'signed in '}  ${person.full_name} (@${member.username})`);
  }
  return members;
}

async function fundSome(operator: pg.Client, { people, currency }: Journey): Promise<void> {
  console.log('\n2. An operator funds some of them (admin.fund_wallet, with a reason, in the audit log)\n');
  for (const person of people.filter(({ fund: amount }) => amount !== '0')) {
    await fund(operator, person.username, person.fund, currency);
    console.log(`   ${person.fund.padStart(8)} ${currency}  → @${person.username}`);
  }
}

/** Sends every payment, in order, and compares how it ended with what the journey expects. */
async function playPayments(members: ReadonlyMap<string, Member>, { payments, currency }: Journey) {
  console.log('\n3. Payments through the edge function: POST /functions/v1/wallet/transaction\n');
  const runId = Date.now().toString(36);
  const results: { from: string; to: string; amount: string; outcome: string; expected: boolean }[] = [];
  const bookedIds = new Set<string>();
  for (const [index, payment] of payments.entries()) {
    const payer = members.get(payment.from);
    if (payer === undefined)
      throw new Error(`demo/journey.json: payment ${index} is from nobody of the list (${payment.from})`);
    const result = await pay(payer, { ...payment, currency }, `demo-${runId}-${payment.replay_of ?? index}`);
    if (result.id !== undefined) bookedIds.add(result.id);
    const outcome = result.code ?? (result.replayed ? 'replayed, booked once' : 'booked');
    const expected = payment.replay_of === undefined ? result.code === payment.refused : result.replayed;
    results.push({ from: `@${payment.from}`, to: `@${payment.to}`, amount: payment.amount, outcome, expected });
  }
  console.log(table(results.map(({ expected, ...row }) => ({ ...row, ' ': expected ? '✓' : '✗ unexpected' }))));
  return { bookedIds, unexpected: results.filter(({ expected }) => !expected).length };
}

/** Needs a provider that anybody may pay at: the local stack's own. */
async function playLifeOfMoney(
  { PAYMENTS_FAKE_URL }: AstraEnvironment,
  members: ReadonlyMap<string, Member>,
  { life, currency }: Journey,
): Promise<void> {
  if (PAYMENTS_FAKE_URL === undefined) {
    console.log('\n4. Deposit, hold and withdrawal: not played, the local payment provider is not in use here');
    return;
  }
  console.log('\n4. Money comes in, is held, captured and paid out; statements prove themselves\n');
  await playLife(members, life, currency, PAYMENTS_FAKE_URL);
}
