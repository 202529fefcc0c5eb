// The main job, played against a running stack: people register, some are funded, they pay each other, and the ledger,
// the analytics and the caches show it. The people and payments come from demo/journey.json; some payments are bad on purpose.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { z } from 'zod';
import { printLanded } from './demo/landed.ts';
import { fund, type Member, openSession, pay } from './demo/people.ts';
import { table } from './demo/table.ts';
import { loadEnvironment } from './environment.ts';

const journeySchema = z.strictObject({
  currency: z.string(),
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

const environment = await loadEnvironment().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const journey = journeySchema.parse(
  JSON.parse(await readFile(join(import.meta.dirname, 'demo', 'journey.json'), 'utf8')),
);
const runId = Date.now().toString(36);
const operator = new pg.Client({ connectionString: environment.SUPABASE_DB_URL });
await operator.connect();

console.log(`\n1. People sign up through supabase-js at ${environment.SUPABASE_URL}\n`);
const members = new Map<string, Member>();
for (const person of journey.people) {
  const member = await openSession(environment, person);
  members.set(person.username, member);
  console.log(`   ${member.isNew ? 'registered' : 'signed in '}  ${person.full_name} (@${member.username})`);
}

console.log('\n2. An operator funds some of them (admin.fund_wallet, with a reason, in the audit log)\n');
for (const person of journey.people.filter(({ fund: amount }) => amount !== '0')) {
  await fund(operator, person.username, person.fund, journey.currency);
  console.log(`   ${person.fund.padStart(8)} ${journey.currency}  → @${person.username}`);
}

console.log('\n3. Payments through the edge function: POST /functions/v1/wallet/transaction\n');
const results: { from: string; to: string; amount: string; outcome: string; expected: boolean }[] = [];
const bookedIds = new Set<string>();
for (const [index, payment] of journey.payments.entries()) {
  const payer = members.get(payment.from);
  if (payer === undefined)
    throw new Error(`demo/journey.json: payment ${index} is from nobody of the list (${payment.from})`);
  const result = await pay(
    payer,
    { ...payment, currency: journey.currency },
    `demo-${runId}-${payment.replay_of ?? index}`,
  );
  if (result.id !== undefined) bookedIds.add(result.id);
  const outcome = result.code ?? (result.replayed ? 'replayed, booked once' : 'booked');
  const expected = payment.replay_of === undefined ? result.code === payment.refused : result.replayed;
  results.push({ from: `@${payment.from}`, to: `@${payment.to}`, amount: payment.amount, outcome, expected });
}
console.log(table(results.map(({ expected, ...row }) => ({ ...row, ' ': expected ? '✓' : '✗ unexpected' }))));

await using mongo =
  environment.MONGODB_URL === undefined
    ? undefined
    : await new MongoClient(environment.MONGODB_URL, { serverSelectionTimeoutMS: 5_000 }).connect();
await printLanded({ environment, operator, mongo, bookedIds, members: [...members.values()] });
await operator.end();

const unexpected = results.filter(({ expected }) => !expected).length;
console.log(
  unexpected === 0
    ? `\nEvery payment ended as demo/journey.json says. Look around: ${environment.STUDIO_URL ?? 'open Studio'}\n`
    : `\n${unexpected} payments ended otherwise than demo/journey.json says.\n`,
);
process.exitCode = unexpected === 0 ? 0 : 1;
