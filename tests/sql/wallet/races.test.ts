import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { untilWaiting } from '../../support/races.ts';

interface Answer {
  readonly replayed: boolean;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function pay(
  db: TestConnection,
  from: Person,
  to: Person,
  amount: string,
  key: string | null = null,
  currency = 'USD',
) {
  return db.one<Answer>("select * from app_private.post_transaction($1, $2, 'h', $3, $4, $5, null, null)", [
    from.id,
    key,
    to.id,
    amount,
    currency,
  ]);
}

async function people(database: ClonedDatabase, count: number, amount: string): Promise<[TestConnection, Person[]]> {
  const db = await database.connect();
  const made: Person[] = [];
  for (let i = 0; i < count; i += 1) {
    const person = await db.signUp();
    await db.fund(person, amount);
    made.push(person);
  }
  return [db, made];
}

async function expectSound(db: TestConnection): Promise<void> {
  expect(await db.query('select * from admin.ledger_audit where not ok')).toEqual([]);
}

test('a twin waits for the first request and replays its answer', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2, '100');
  if (!ada || !bob) throw new Error('no people');
  const [first, second] = [await database.connect(), await database.connect()];
  await first.query('begin');
  const answer = await pay(first, ada, bob, '60', 'k');
  const twin = pay(second, ada, bob, '60', 'k');
  await untilWaiting(db, second);
  await first.query('commit');
  expect(await twin).toEqual({ ...answer, replayed: true });
  await expectSound(db);
});

test('a twin of a request that was rolled back does the work itself', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2, '100');
  if (!ada || !bob) throw new Error('no people');
  const [first, second] = [await database.connect(), await database.connect()];
  await first.query('begin');
  await pay(first, ada, bob, '60', 'k');
  const twin = pay(second, ada, bob, '60', 'k');
  await untilWaiting(db, second);
  await first.query('rollback');
  expect(await twin).toMatchObject({ replayed: false, status: 201 });
  expect(await db.query('select balance from public.wallet where user_id = $1', [ada.id])).toEqual([
    { balance: '40.00' },
  ]);
});

test('ten twins at once move the money once', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2, '100');
  if (!ada || !bob) throw new Error('no people');
  const twins = await Promise.all(Array.from({ length: 10 }, () => database.connect()));
  // As the API does: whoever is told that a twin was quicker asks once more.
  const again = (twin: TestConnection) => (error: unknown) => {
    expect(refusalOf(error).sqlstate).toBe('40001');
    return pay(twin, ada, bob, '30', 'k');
  };
  const answers = await Promise.all(twins.map((twin) => pay(twin, ada, bob, '30', 'k').catch(again(twin))));
  expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
  expect(await db.query('select balance from public.wallet where user_id = $1', [bob.id])).toEqual([
    { balance: '130.00' },
  ]);
});

test('payments at once from one wallet spend no more than there is', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2, '100');
  if (!ada || !bob) throw new Error('no people');
  const payers = await Promise.all(Array.from({ length: 10 }, () => database.connect()));
  const answers = await Promise.all(payers.map((payer) => pay(payer, ada, bob, '30')));
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, 201, 201, ...Array(7).fill(402)]);
  await expectSound(db);
});

test('opposing transfers among few people never deadlock', async () => {
  await using database = await cloneDatabase();
  const [db, all] = await people(database, 4, '1000');
  const connections = await Promise.all(Array.from({ length: 8 }, () => database.connect()));
  const failures: unknown[] = [];
  await Promise.all(
    connections.map(async (connection, n) => {
      for (let i = 0; i < 100; i += 1) {
        const [from, to] = [all[(n + i) % 4], all[(n + i + 1 + ((n + i * 7) % 3)) % 4]];
        if (!from || !to || from === to) continue;
        await pay(connection, from, to, '1').catch((error) => failures.push(refusalOf(error)));
      }
    }),
  );
  expect(failures).toEqual([]);
  const { total } = await db.one('select sum(balance::numeric)::text as total from public.wallet');
  expect(total).toBe('4000.00');
  await expectSound(db);
});

test('the first payments in a new currency at once open one account', async () => {
  await using database = await cloneDatabase();
  const [db, all] = await people(database, 6, '1');
  const [payee, ...payers] = all;
  if (!payee) throw new Error('no people');
  for (const payer of payers) await db.fund(payer, '5', 'EUR');
  const connections = await Promise.all(payers.map(() => database.connect()));
  const answers = await Promise.all(
    payers.map((payer, i) => pay(connections[i] as TestConnection, payer, payee, '5', null, 'EUR')),
  );
  expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 201]);
  const wallets = await db.query("select balance from public.wallet where user_id = $1 and currency = 'EUR'", [
    payee.id,
  ]);
  expect(wallets).toEqual([{ balance: '25.00' }]);
  await expectSound(db);
});

test('nobody who is just being deleted is paid into a new account (wallet.recipient_not_found)', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2, '1');
  if (!ada || !bob) throw new Error('no people');
  await db.fund(ada, '5', 'EUR');
  const [leaving, payer] = [await database.connect(), await database.connect()];
  await leaving.query('begin');
  await leaving.query('delete from auth.users where id = $1', [bob.id]);
  const payment = pay(payer, ada, bob, '5', null, 'EUR');
  await untilWaiting(db, payer);
  await leaving.query('commit');
  expect(await payment).toMatchObject({ status: 404, body: { code: 'wallet.recipient_not_found' } });
  expect(await db.query('select from ledger.accounts where owner = $1 and closed_at is null', [bob.id])).toEqual([]);
  await expectSound(db);
});

test('transfers that wait for each other leave each account a chain without a gap, queued legs included', async () => {
  await using database = await cloneDatabase();
  const [db, all] = await people(database, 3, '100');
  const connections = await Promise.all(Array.from({ length: 6 }, () => database.connect()));
  await Promise.all(
    connections.map(async (connection, n) => {
      for (let i = 0; i < 20; i += 1) await pay(connection, all[n % 3] as Person, all[(n + 1) % 3] as Person, '0.01');
    }),
  );
  await expectSound(db);
  await db.query('select ledger.fold(a.id) from ledger.accounts a');
  await expectSound(db);
  expect(await db.one('select count(*)::int as waiting from ledger.queued_entries')).toEqual({ waiting: 0 });
});
