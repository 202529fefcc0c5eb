import { beforeAll, describe, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { TestConnection } from '../../support/database.ts';
import { type Caller, Callers } from './callers.ts';

/**
 * In which order accounts are locked must not hang on what the planner thinks of the size of tables: each lock goes through
 * the primary key, account by account, in tables that nobody ever analyzed as in ones with a hundred thousand rows.
 */
const HISTORY = 50_000;

/** A long history of two people, its chains included, and many accounts of people who never did anything. */
async function makeHuge(db: TestConnection, [from, to]: readonly [Caller, Caller]): Promise<void> {
  await db.query(
    `insert into ledger.accounts (owner, purpose, currency)
     select gen_random_uuid(), 'available', 'USD' from generate_series(1, $1)`,
    [2 * HISTORY],
  );
  await db.query('analyze ledger.accounts');
  await db.query(
    `create temp table line as
     select app_private.uuid_v7() as id, clock_timestamp() as now, n from generate_series(1, ${HISTORY}) n order by n`,
  );
  await db.query('begin');
  // Step by step as the ledger does: each hash stands on the one before.
  for (const [who, other, sign] of [
    [from, to, -1],
    [to, from, 1],
  ] as const) {
    await db.query(
      `do $$
       declare
         a ledger.accounts;
         l record;
       begin
         select * into a from ledger.accounts where owner = '${who.id}' and currency = 'USD' and purpose = 'available';
         for l in select * from line order by n loop
           a.seq := a.seq + 1;
           a.balance_minor := a.balance_minor + ${sign};
           a.chain_head := ledger.link(a.chain_head, a.seq, a.balance_minor,
             ledger.line(l.id, 'transfer', 'USD', ${sign}, l.now, '${other.id}', null, null));
           insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor, counterparty, created_at, hash)
           values (a.id, a.seq, l.id, a.owner, 'available', 'transfer', 'USD', ${sign}, a.balance_minor, '${other.id}', l.now, a.chain_head);
         end loop;
         update ledger.accounts x set seq = a.seq, balance_minor = a.balance_minor, chain_head = a.chain_head,
           earned_minor = x.earned_minor + ${sign > 0 ? HISTORY : 0}
         where x.id = a.id;
       end $$`,
    );
  }
  await db.query(
    `insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, created_at)
     select l.id, 'transfer', 'USD', 1, f.owner, t.owner, array[f.id, t.id], array[-1, 1], array[f.seq - ${HISTORY} + l.n, t.seq - ${HISTORY} + l.n], l.now
     from line l, ledger.accounts f, ledger.accounts t
     where f.owner = '${from.id}' and f.purpose = 'available' and t.owner = '${to.id}' and t.purpose = 'available'`,
  );
  await db.query('commit');
  await db.query('analyze');
}

/** Which large tables this transaction went through as a whole, and how often through the primary key of accounts. */
async function scans(db: TestConnection): Promise<{ whole: string[]; by_key: number }> {
  return await db.one(
    `select array(
       select relname::text from pg_stat_xact_user_tables
       where schemaname = 'ledger' and relname in ('accounts', 'entries', 'transfers') and seq_scan > 0 order by 1
     ) as whole, pg_stat_get_xact_numscans('ledger.accounts_pkey'::regclass)::int as by_key`,
  );
}

type Ways = readonly (readonly [string, (db: TestConnection, bank: Callers) => Promise<unknown>])[];

const commandSql = "select body ->> 'id' as id, status from app_private.wallet_command($1, $2, null, null, $3, $4)";

async function command(db: TestConnection, person: Caller, operation: string, args: object): Promise<string> {
  const { id, status } = await db.one<{ id: string; status: number }>(commandSql, [
    person.id,
    person.session,
    operation,
    args,
  ]);
  expect(status, operation).toBeLessThan(300);
  return id;
}

function pay(db: TestConnection, from: Caller, to: Caller, amount = '0.01'): Promise<{ id: string; status: number }> {
  const sql =
    "select body ->> 'id' as id, status from app_private.post_transaction($1, null, null, $2, $3, 'USD', null, null)";
  return db.one(sql, [from.id, to.id, amount]);
}

function hold(db: TestConnection, bank: Callers): Promise<string> {
  const args = { recipient: bank.person(1).id, amount: '0.05', currency: 'USD' };
  return command(db, bank.person(0), 'place_hold', args);
}

const WAYS: Ways = [
  [
    'a transfer',
    async (db, bank) => expect(await pay(db, bank.person(0), bank.person(1))).toMatchObject({ status: 201 }),
  ],
  [
    'a transfer with a fee',
    async (db, bank) => {
      await db.query(
        "insert into ledger.fee_rules (currency, kind, fixed_minor, charged_to) values ('USD', 'transfer', 1, 'sender')",
      );
      expect(await pay(db, bank.person(0), bank.person(1))).toMatchObject({ status: 201 });
    },
  ],
  [
    'a refusal',
    async (db, bank) => expect(await pay(db, bank.person(0), bank.person(1), '99999')).toMatchObject({ status: 402 }),
  ],
  [
    'several transfers in one call',
    async (db, bank) => {
      const pairs = [0, 1, 2, 3].map((n) => [bank.person(n), bank.person(n + 1)] as const);
      const nulls = pairs.map(() => null);
      const rows = await db.query('select * from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
        ...[
          pairs.map(([from]) => from.id),
          pairs.map(([from]) => from.session),
          nulls,
          nulls,
          pairs.map(([, to]) => to.id),
        ],
        ...[pairs.map(() => '0.01'), pairs.map(() => 'USD'), nulls, nulls],
      ]);
      expect(rows).toHaveLength(4);
    },
  ],
  [
    'a batch',
    (db, bank) => {
      const transfers = [1, 2, 3].map((n) => ({ recipient: bank.person(n).id, amount: '0.01' }));
      return command(db, bank.person(0), 'batch', { mode: 'atomic', currency: 'USD', transfers });
    },
  ],
  [
    'a split',
    (db, bank) => {
      const recipients = [1, 2, 3].map((n) => ({ recipient: bank.person(n).id, share: n }));
      return command(db, bank.person(0), 'split', { amount: '0.06', currency: 'USD', recipients });
    },
  ],
  ['a hold', hold],
  [
    'a capture',
    async (db, bank) => command(db, bank.person(1), 'capture_hold', { id: await hold(db, bank), amount: '0.03' }),
  ],
  ['a void', async (db, bank) => command(db, bank.person(1), 'void_hold', { id: await hold(db, bank) })],
  [
    'a reversal',
    async (db, bank) => {
      const { id } = await pay(db, bank.person(0), bank.person(1));
      return command(db, bank.person(1), 'reverse', { id, reason: 'of a test' });
    },
  ],
  [
    'a withdrawal',
    async (db, bank) => {
      const args = { provider: 'fake', provider_token: 'tok_abc', kind: 'bank_account', currency: 'USD' };
      const linked_account_id = await command(db, bank.person(0), 'link_account', args);
      return command(db, bank.person(0), 'withdraw', { linked_account_id, amount: '0.05', currency: 'USD' });
    },
  ],
];

describe.each([
  ['right after they were made', false],
  ['of a hundred thousand rows and more', true],
])('in tables %s', (_name, isHuge) => {
  let database: ClonedDatabase;
  let bank: Callers;

  beforeAll(async () => {
    database = await cloneDatabase();
    bank = await Callers.open(database, 6, 1000);
    if (isHuge) await makeHuge(bank.observer, [bank.person(4), bank.person(5)]);
    return async () => {
      await bank[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    };
  });

  test.each(WAYS)(
    '%s goes through accounts by their primary key, and reads no large table as a whole',
    async (_way, work) => {
      const db = await database.connect();
      await db.query('begin');
      // Plans that are made for any values, and plans that are made for these.
      for (let round = 0; round < 7; round += 1) {
        await db.query('savepoint round');
        await work(db, bank);
        await db.query('rollback to savepoint round');
      }
      const { whole, by_key } = await scans(db);
      await db.query('rollback');
      // A small one may well be read as a whole to look something up.
      if (isHuge) expect(whole).toEqual([]);
      expect(by_key).toBeGreaterThan(0);
    },
  );

  test.each([
    ['where a.id = any ($1::bigint[])'],
    ['where a.owner = $1::uuid'],
    ["where a.owner = $1::uuid and a.purpose = 'available'"],
  ])('accounts are sorted by id before they are locked, %s', async (condition) => {
    const db = await database.connect();
    const rows = await db.query<{ 'QUERY PLAN': string }>(
      `explain (generic_plan, costs off) select from ledger.accounts a ${condition} order by a.id for no key update`,
    );
    const [top, next] = rows.map((row) => row['QUERY PLAN'].trim());
    expect(top).toBe('LockRows');
    expect(next).toMatch(/^->\s+(Sort|Index (Only )?Scan using accounts_pkey)/);
  });

  test('opposite transfers, holds and batches of few people go on without a deadlock', async () => {
    await bank.besideTheWorker(async () => {
      await Promise.all(
        Array.from({ length: 12 }, async (_, n) => {
          for (let i = 0; i < 15; i += 1) {
            const [from, to] = [bank.person(4 + (n % 2)), bank.person(5 - (n % 2))];
            await bank.pay(from, to, '0.01');
            const held = await bank.command(from, 'place_hold', { recipient: to.id, amount: '0.01', currency: 'USD' });
            await bank.command(to, 'capture_hold', { id: held?.body['id'], amount: null });
            const pairs = [from, to, from].map((payer) => ({ from: payer, to: payer === from ? to : from }));
            await bank.payTogether(
              pairs.map((pair, k) => ({ ...pair, amount: '0.01', key: `${n}-${i}-${k}-${pair.from.id}` })),
            );
          }
        }),
      );
    });
    await bank.expectSound();
  });
});

test('every statement that locks accounts waits for one of them, or for several in the order of their ids, or for none', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const rows = await db.query<{ name: string; source: string }>(
    `select p.oid::regproc::text as name, p.prosrc as source from pg_proc p
     where p.pronamespace in ('ledger'::regnamespace, 'app_private'::regnamespace, 'admin'::regnamespace)`,
  );
  const locks = rows.flatMap(({ name, source }) =>
    [...source.matchAll(/from ledger\.accounts (\w)\s([^;]*?)for (?:no key )?update([^;)]*)/g)].map((found) => ({
      name,
      found,
    })),
  );
  expect(locks.length).toBeGreaterThan(10);
  const wrong = locks.filter(({ found: [, alias, condition = '', rest = ''] }) => {
    const isOne = new RegExp(`where ${alias}\\.id = (?!any)`).test(condition);
    return !isOne && !new RegExp(`order by ${alias}\\.id\\s*$`).test(condition) && !rest.includes('skip locked');
  });
  expect(wrong.map(({ name, found: [text] }) => `${name}: ${text}`)).toEqual([]);
});
