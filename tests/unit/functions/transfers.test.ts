import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTransfers, type Transfer } from '../../../functions/wallet/transfers.ts';
import { postgresError } from './fakes.ts';

const transferOf = (amount: string): Transfer => ({
  actor: randomUUID(),
  session: randomUUID(),
  key: null,
  hash: new Uint8Array(32),
  recipient: 'ben',
  amount,
  currency: 'USD',
  description: null,
  category: null,
});

/** A database that books each amount, leaves the `odd` ones out of a batch, and fails where `fault` gives an error. */
function ledger(fault: (amounts: readonly string[]) => Error | undefined, odd: readonly string[] = []) {
  const statements: (readonly string[])[] = [];
  const booked: string[] = [];
  return {
    statements,
    booked,
    async call<R extends object>(text: string, params: readonly unknown[] = []) {
      const together = text.includes('post_transactions');
      const amounts = together ? (params[5] as string[]) : [String(params[5])];
      statements.push(amounts);
      await Promise.resolve();
      const error = fault(amounts);
      if (error !== undefined) throw error;
      const rows = amounts.map((amount, n) => ({ ord: n + 1, replayed: false, status: 201, body: { amount } }));
      const done = rows.filter(({ body }) => !together || !odd.includes(body.amount));
      booked.push(...done.map(({ body }) => body.amount));
      // The order of rows is the database's own.
      return done.reverse() as unknown as R[];
    },
  };
}

/** Pays all amounts at once; tells what each was answered. */
async function payAll(db: ReturnType<typeof ledger>, amounts: readonly string[]) {
  const { book } = createTransfers(db);
  const answers = await Promise.allSettled(amounts.map((amount) => book(transferOf(amount))));
  return answers.map((answer) =>
    answer.status === 'fulfilled' ? (answer.value.body as { amount: string }).amount : String(answer.reason.code),
  );
}

const AMOUNTS = Array.from({ length: 40 }, (_, n) => String(n));

test('transfers at the same time share statements, each with its own answer', async () => {
  const db = ledger(() => undefined);
  expect(await payAll(db, AMOUNTS)).toEqual(AMOUNTS);
  expect(db.statements.map((batch) => batch.length)).toEqual([1, 1, 38]);
});

test('what a batch leaves out goes alone, and is booked once like the rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(AMOUNTS), async (odd) => {
      const db = ledger(() => undefined, odd);
      expect(await payAll(db, AMOUNTS)).toEqual(AMOUNTS);
      expect([...db.booked].sort()).toEqual([...AMOUNTS].sort());
    }),
  );
});

test('a batch that Postgres refuses as a whole goes one by one: what is wrong with one does not touch the others', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(AMOUNTS), async (bad) => {
      const db = ledger((batch) => (batch.some((amount) => bad.includes(amount)) ? postgresError('XX000') : undefined));
      expect(await payAll(db, AMOUNTS)).toEqual(AMOUNTS.map((amount) => (bad.includes(amount) ? 'XX000' : amount)));
      expect([...db.booked].sort()).toEqual(AMOUNTS.filter((amount) => !bad.includes(amount)).sort());
    }),
  );
});

test('a batch whose answer was lost is not sent again', async () => {
  const lost = Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
  const db = ledger((batch) => (batch.length > 1 ? lost : undefined));
  expect(await payAll(db, ['1', '2', '3', '4'])).toEqual(['1', '2', 'ECONNRESET', 'ECONNRESET']);
  expect(db.statements).toEqual([['1'], ['2'], ['3', '4']]);
});

test('a transfer that waits for a lock does not hold up the others', async () => {
  const db = ledger(() => undefined);
  const stuck = Promise.withResolvers<never>();
  const { book } = createTransfers({
    call: (text, params = []) => (params[5] === 'stuck' ? stuck.promise : db.call(text, params)),
  });
  const waiting = [book(transferOf('stuck')), book(transferOf('stuck'))];
  expect((await book(transferOf('1'))).status).toBe(201);
  stuck.reject(postgresError('55P03'));
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
