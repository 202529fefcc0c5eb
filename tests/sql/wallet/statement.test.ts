import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

interface Line {
  readonly seq: string;
  readonly type: string;
  readonly amount: string;
  readonly balance_after: string;
  readonly line: string;
  readonly hash: string;
  readonly created_at: Date;
}

interface Header {
  readonly opening_balance: string;
  readonly closing_balance: string;
  readonly total_in: string;
  readonly total_out: string;
  readonly first_seq: string | null;
  readonly last_seq: string | null;
  readonly previous_hash: string;
  readonly last_hash: string;
  readonly head_seq: string;
  readonly head_hash: string;
}

type Time = Date | null;

const linesOf = (
  db: TestConnection,
  person: Person,
  from: Time = null,
  to: Time = null,
  limit = 100,
  after: string | null = null,
) =>
  db.query<Line>("select * from app_private.statement($1, 'USD', $2, $3, $4, $5)", [person.id, from, to, limit, after]);

const headerOf = (db: TestConnection, person: Person, from: Time = null, to: Time = null) =>
  db.one<Header>("select * from app_private.statement_header($1, 'USD', $2, $3)", [person.id, from, to]);

async function history(db: TestConnection, amounts = ['1', '2', '3', '4']): Promise<Person> {
  const [person, other] = [await db.signUp(), await db.signUp()];
  await db.fund(person, '100.00');
  for (const amount of amounts) {
    await db.query("select ledger.transfer($1, $2, $3, 'USD', 'Crème | brûlée', 'a|b')", [
      person.id,
      other.username,
      amount,
    ]);
  }
  return person;
}

/** What anybody can do with a statement alone. */
function verify(header: Header, lines: readonly Line[]): void {
  let head = Buffer.from(header.previous_hash, 'hex');
  for (const { seq, balance_after, line, hash } of lines) {
    const text = `${seq}|${balance_after.replace('.', '').replace(/^0+(?=\d)/, '')}|${line}`;
    head = createHash('sha256').update(head).update(text).digest();
    expect(head.toString('hex')).toBe(hash);
  }
  expect(head.toString('hex')).toBe(header.last_hash);
}

test('shows every line in the order of posting, and its reader can check the hash chain', () =>
  withRollback(async (db) => {
    const person = await history(db);
    await db.as({ role: 'astra_api' });
    const [header, lines] = [await headerOf(db, person), await linesOf(db, person)];
    expect(lines.map(({ seq, type, amount, balance_after }) => [seq, type, amount, balance_after])).toEqual([
      ['1', 'income', '100.00', '100.00'],
      ['2', 'expense', '1.00', '99.00'],
      ['3', 'expense', '2.00', '97.00'],
      ['4', 'expense', '3.00', '94.00'],
      ['5', 'expense', '4.00', '90.00'],
    ]);
    expect(header).toMatchObject({
      currency: 'USD',
      opening_balance: '0.00',
      closing_balance: '90.00',
      total_in: '100.00',
      total_out: '10.00',
      first_seq: '1',
      last_seq: '5',
      previous_hash: '',
      head_seq: '5',
      pending_balance: '0.00',
    });
    expect(header.last_hash).toBe(header.head_hash);
    verify(header, lines);
  }));

test('pages meet without a gap', () =>
  withRollback(async (db) => {
    const person = await history(db);
    const first = await linesOf(db, person, null, null, 3);
    const rest = await linesOf(db, person, null, null, 3, first.at(-1)?.seq);
    expect([...first, ...rest]).toEqual(await linesOf(db, person));
  }));

test('a person without this currency has no statement (wallet.not_found)', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const refusal = await db.refusal("select * from app_private.statement_header($1, 'EUR', null, null)", [person.id]);
    expect(refusal).toMatchObject({ sqlstate: 'PT404', code: 'wallet.not_found' });
  }));

test('nothing booked is an empty statement', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    expect(await linesOf(db, person)).toEqual([]);
    expect(await headerOf(db, person)).toMatchObject({
      opening_balance: '0.00',
      closing_balance: '0.00',
      first_seq: null,
      head_hash: '',
    });
  }));

test('periods that meet share no line and leave none out, also where a leg was booked late', () =>
  withRollback((db) =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 7 }), { maxLength: 4 }), async (cuts) => {
        await db.query('savepoint one');
        const person = await history(db);
        // A leg that waited in the queue: made before the lines that follow, booked after them.
        const { account, at } = await db.one<{ account: string; at: Date }>(
          `select account_id as account, created_at as at from ledger.entries
           where owner = $1 and purpose = 'available' and seq = 2`,
          [person.id],
        );
        await db.query(
          `insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor, created_at)
           values ($1, app_private.uuid_v7(), $2, 'available', 'transfer', 'USD', 500, $3)`,
          [account, person.id, at],
        );
        await db.query('select ledger.fold($1)', [account]);
        const all = await linesOf(db, person);
        const times = cuts.map((cut) => all[Math.min(cut, 5)]?.created_at ?? null).filter((time) => time !== null);
        times.sort((a, b) => a.getTime() - b.getTime());
        const bounds: Time[] = [null, ...times, null];
        const parts: Line[] = [];
        let closing = '0.00';
        for (const [i, from] of bounds.slice(0, -1).entries()) {
          const to = bounds[i + 1] ?? null;
          const [header, lines] = [await headerOf(db, person, from, to), await linesOf(db, person, from, to)];
          verify(header, lines);
          expect(header.opening_balance).toBe(closing);
          closing = header.closing_balance;
          parts.push(...lines);
        }
        expect(parts).toEqual(all);
        await db.query('rollback to savepoint one');
      }),
      { numRuns: 20 },
    ),
  ));
