import { expect } from 'vitest';
import type { ClonedDatabase } from '../../support/clone-database.ts';
import { type Person, type Refusal, type TestConnection, withRollback } from '../../support/database.ts';
import * as wallet from '../../support/wallet.ts';

/** The answer of a command of the wallet. */
export type Body = Record<string, unknown> & { readonly id: string };

/** Runs ledger.<name> for a person. */
export function command(db: TestConnection, name: string, actor: Person, args: Record<string, unknown>): Promise<Body> {
  return wallet.command<Body>(db, name, actor, args);
}

/** Runs a command that must be refused, in a transaction that goes on afterwards. */
export function refusedCommand(
  db: TestConnection,
  name: string,
  actor: Person,
  args: Record<string, unknown>,
): Promise<Refusal> {
  return db.refusal(...wallet.refusedCommand(name, actor, args));
}

/** People with this much money each. */
export async function people(db: TestConnection, count: number, amount: string, currency = 'USD'): Promise<Person[]> {
  const made: Person[] = [];
  for (let i = 0; i < count; i += 1) {
    const person = await db.signUp();
    await db.fund(person, amount, currency);
    made.push(person);
  }
  return made;
}

/** What the system's fees account has, in minor units, queued credits included. */
export async function fees(db: TestConnection, currency = 'USD'): Promise<number> {
  const { total } = await db.one<{ total: string }>(
    `select a.balance_minor + coalesce((select sum(q.amount_minor) from ledger.queued_entries q where q.account_id = a.id), 0) as total
     from ledger.accounts a where a.owner is null and a.purpose = 'fees' and a.currency = $1`,
    [currency],
  );
  return Number(total);
}

export async function chargeFee(
  db: TestConnection,
  kind: 'transfer' | 'capture',
  percent: number,
  chargedTo: 'sender' | 'recipient',
): Promise<void> {
  await db.query("insert into ledger.fee_rules (currency, kind, percent, charged_to) values ('USD', $1, $2, $3)", [
    kind,
    percent,
    chargedTo,
  ]);
}

export async function block(db: TestConnection, blocker: Person, blocked: Person): Promise<void> {
  await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [blocker.id, blocked.id]);
}

/** Freezes a wallet, in and out as said. */
export async function freeze(db: TestConnection, person: Person, into: boolean, out: boolean): Promise<void> {
  await db.query('update ledger.accounts set frozen_in = $2, frozen_out = $3 where owner = $1', [person.id, into, out]);
}

/** Lets an open hold or request be over. */
export async function letExpire(db: TestConnection, table: 'holds' | 'payment_requests', id: string): Promise<void> {
  await db.query(`update ledger.${table} set expires_at = now() - interval '1 second' where id = $1`, [id]);
}

const VIOLATIONS = `
  with booked as (
    select transfer_id, account_id, amount_minor from ledger.entries
    union all
    select transfer_id, account_id, amount_minor from ledger.queued_entries
  ), legs as (
    select t.id, u.account, u.amount from ledger.transfers t, unnest(t.accounts, t.amounts) u (account, amount)
  ), chained as (
    select e.*, a.owner as account_owner,
      sha256(lag(e.hash, 1, '\\x') over w || convert_to(e.seq || '|' || e.balance_minor || '|' || ledger.line(e.transfer_id, e.kind,
        e.currency, e.amount_minor, e.created_at, e.counterparty, e.category, e.description), 'UTF8')) as right_hash,
      sum(e.amount_minor) over w as right_balance,
      row_number() over w as right_seq
    from ledger.entries e join ledger.accounts a on a.id = e.account_id
    window w as (partition by e.account_id order by e.seq)
  ), held as (
    select owner, currency, sum(amount_minor) as amount from ledger.holds where state = 'open' group by owner, currency
  ), pending as (
    select a.owner, a.currency, a.balance_minor + coalesce(sum(q.amount_minor), 0) as amount
    from ledger.accounts a left join ledger.queued_entries q on q.account_id = a.id
    where a.purpose = 'pending' group by a.id
  )
  select 'legs of a transfer were not booked' as violation, l.id::text as what from (select * from legs except all select * from booked) l
  union all
  select 'booked without a leg', b.transfer_id::text from (select * from booked except all select * from legs) b
  union all
  select 'a transfer does not sum to zero', b.transfer_id::text from booked b group by b.transfer_id having sum(b.amount_minor) <> 0
  union all
  select 'a balance or seq is not that of the entries', a.id::text from ledger.accounts a
  left join (select account_id, sum(amount_minor) as total, count(*) as count from ledger.entries group by account_id) e on e.account_id = a.id
  where (a.balance_minor, a.seq) is distinct from (coalesce(e.total, 0), coalesce(e.count, 0))
  union all
  select 'an entry has a wrong seq, balance or hash', c.account_id || ' ' || c.seq from chained c
  where (c.seq, c.balance_minor, c.hash) is distinct from (c.right_seq, c.right_balance, c.right_hash)
  union all
  select 'a chain does not end at its head', a.id::text from ledger.accounts a
  where a.chain_head <> coalesce((select e.hash from ledger.entries e where e.account_id = a.id order by e.seq desc limit 1), '\\x')
  union all
  select 'pending is not what is held', coalesce(p.owner, h.owner)::text
  from pending p full join held h on h.owner = p.owner and h.currency = p.currency
  where coalesce(p.amount, 0) <> coalesce(h.amount, 0)`;

/** Every transfer is booked as its legs say, every balance is the sum of its entries, chained without a gap, and pending is what is held. */
export async function expectSound(db: TestConnection): Promise<void> {
  expect(await db.query(VIOLATIONS)).toEqual([]);
}

/** Connections to one database, for people who act at the same time. */
export function connections(database: ClonedDatabase, count: number): Promise<TestConnection[]> {
  return Promise.all(Array.from({ length: count }, () => database.connect()));
}

/** Who holds money for whom. */
export interface Parties {
  readonly db: TestConnection;
  readonly ada: Person;
  readonly bob: Person;
}

/** Ada has 100.00, bob nothing of his own. The books are checked at the end. */
export function withParties(fn: (parties: Parties) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    const [ada] = await people(db, 1, '100');
    if (!ada) throw new Error('no people');
    await fn({ db, ada, bob: await db.signUp() });
    await expectSound(db);
  });
}

/** Ada holds money for bob. */
export function place({ db, ada, bob }: Parties, amount: string, more: Record<string, unknown> = {}): Promise<Body> {
  return command(db, 'place_hold', ada, { recipient: bob.username, amount, currency: 'USD', ...more });
}
