import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { untilWaiting } from '../../support/races.ts';
import { money } from '../../support/wallet.ts';
import { command, connections, expectSound, letExpire, people } from './support.ts';

type Three = [TestConnection, TestConnection, TestConnection];

async function twoPeople(database: ClonedDatabase): Promise<{ all: Three; ada: Person; bob: Person }> {
  const all = (await connections(database, 3)) as Three;
  const [ada, bob] = (await people(all[0], 2, '100')) as [Person, Person];
  return { all, ada, bob };
}

function place(db: TestConnection, from: Person, to: Person, amount: string) {
  return command(db, 'place_hold', from, { recipient: to.id, amount, currency: 'USD' });
}

const WAYS = ['capture_hold', 'void_hold'] as const;

test.each(WAYS.flatMap((first) => WAYS.map((second) => [first, second] as const)))(
  '%s wins over the %s that came second, which is refused (wallet.hold_resolved)',
  async (first, second) => {
    await using database = await cloneDatabase();
    const { all, ada, bob } = await twoPeople(database);
    const [db, one, other] = all;
    const { id } = await place(db, ada, bob, '30');
    await one.query('begin');
    await command(one, first, bob, { id });
    const late = command(other, second, bob, { id }).then(() => null, refusalOf);
    await untilWaiting(db, other);
    await one.query('commit');
    expect(await late).toMatchObject({ sqlstate: 'PT409', code: 'wallet.hold_resolved' });
    const captured = first === 'capture_hold';
    expect(await money(db, ada)).toEqual([captured ? '70.00' : '100.00', '0.00']);
    expect(await money(db, bob)).toEqual([captured ? '130.00' : '100.00', '0.00']);
    await expectSound(db);
  },
);

test('a capture takes over from one that was rolled back', async () => {
  await using database = await cloneDatabase();
  const { all, ada, bob } = await twoPeople(database);
  const [db, one, other] = all;
  const { id } = await place(db, ada, bob, '30');
  await one.query('begin');
  await command(one, 'void_hold', bob, { id });
  const late = command(other, 'capture_hold', bob, { id });
  await untilWaiting(db, other);
  await one.query('rollback');
  expect(await late).toMatchObject({ state: 'captured' });
  await expectSound(db);
});

test.each(WAYS)('an expiry that came first wins over %s (wallet.hold_expired)', async (name) => {
  await using database = await cloneDatabase();
  const { all, ada, bob } = await twoPeople(database);
  const [db, one, other] = all;
  const { id } = await place(db, ada, bob, '30');
  await letExpire(db, 'holds', id);
  await one.query('begin');
  expect(await one.one('select app_private.expire_holds(10) as count')).toEqual({ count: 1 });
  const late = command(other, name, bob, { id }).then(() => null, refusalOf);
  await one.query('commit');
  expect(await late).toMatchObject({ code: 'wallet.hold_expired' });
  expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  await expectSound(db);
});

test.each(WAYS)(
  'neither the worker nor a payer short of money waits for a hold that %s has, though its time came',
  async (name) => {
    await using database = await cloneDatabase();
    const { all, ada, bob } = await twoPeople(database);
    const [db, one, other] = all;
    const { id } = await place(db, ada, bob, '30');
    await letExpire(db, 'holds', id);
    await one.query('begin');
    // For everybody else its time is over; this one has the row, and still finds it open.
    await one.query("update ledger.holds set expires_at = clock_timestamp() + interval '1 minute' where id = $1", [id]);
    await other.query('set statement_timeout = 5000');
    expect(await other.one('select app_private.expire_holds(10) as count')).toEqual({ count: 0 });
    const short = await place(other, ada, bob, '90').then(() => null, refusalOf);
    expect(short).toMatchObject({ code: 'wallet.insufficient_funds' });
    await command(one, name, bob, { id });
    await one.query('commit');
    await expectSound(db);
  },
);

test('the worker leaves holds of a wallet that is busy to its next round', async () => {
  await using database = await cloneDatabase();
  const { all, ada, bob } = await twoPeople(database);
  const [db, one, other] = all;
  const [busy, free] = [await place(db, ada, bob, '30'), await place(db, bob, ada, '20')];
  for (const hold of [busy, free]) await letExpire(db, 'holds', hold.id);
  await one.query('begin');
  await one.query("select from ledger.accounts where owner = $1 and purpose = 'pending' for no key update", [ada.id]);
  await other.query('set statement_timeout = 5000');
  expect(await other.one('select app_private.expire_holds(10) as count')).toEqual({ count: 1 });
  await one.query('commit');
  expect(await other.one('select app_private.expire_holds(10) as count')).toEqual({ count: 1 });
  expect([await money(db, ada), await money(db, bob)]).toEqual([
    ['100.00', '0.00'],
    ['100.00', '0.00'],
  ]);
  await expectSound(db);
});

test('a capture never waits for its payee, whom others pay at that moment', async () => {
  await using database = await cloneDatabase();
  const { all, ada, bob } = await twoPeople(database);
  const [db, one, other] = all;
  const { id } = await place(db, ada, bob, '30');
  await one.query('begin');
  await one.query('select from ledger.accounts where owner = $1 for no key update', [bob.id]);
  await other.query('set statement_timeout = 5000');
  await command(other, 'capture_hold', bob, { id });
  await one.query('rollback');
  expect(await money(db, bob)).toEqual(['130.00', '0.00']);
  await expectSound(db);
});

test('holds and captures of one payer at once spend no more than there is', async () => {
  await using database = await cloneDatabase();
  const { all, ada, bob } = await twoPeople(database);
  const payers = await connections(database, 8);
  const placed = await Promise.all(payers.map((payer) => place(payer, ada, bob, '30').catch(() => null)));
  const holds = placed.filter((hold) => hold !== null);
  expect(holds).toHaveLength(3);
  await Promise.all(holds.map((hold, i) => command(payers[i] as TestConnection, 'capture_hold', bob, { id: hold.id })));
  expect(await money(all[0], ada)).toEqual(['10.00', '0.00']);
  expect(await money(all[0], bob)).toEqual(['190.00', '0.00']);
  await expectSound(all[0]);
});

test('opposite holds, captures, voids, expiries and payments among few people never deadlock', async () => {
  await using database = await cloneDatabase();
  const [db, ...workers] = await connections(database, 7);
  if (!db) throw new Error('no connection');
  const all = await people(db, 3, '100');
  const failures: string[] = [];
  const business = new Set(['wallet.insufficient_funds', 'wallet.hold_expired', 'wallet.hold_resolved']);
  const attempt = async <T>(work: Promise<T>): Promise<T | null> =>
    work.catch((error) => {
      const refusal = refusalOf(error);
      if (!business.has(refusal.code ?? '')) failures.push(`${refusal.sqlstate} ${refusal.message}`);
      return null;
    });
  await Promise.all(
    workers.map(async (worker, n) => {
      for (let i = 0; i < 40; i += 1) {
        const [from, to] = [all[(n + i) % 3], all[(n + i + 1 + (i % 2)) % 3]] as [Person, Person];
        const hold = await attempt(place(worker, from, to, String(10 + ((n * 7 + i * 13) % 50))));
        if (i % 4 === 0) await attempt(worker.query('select app_private.expire_holds(5)'));
        if (!hold) continue;
        if (i % 3 === 0) await attempt(letExpire(worker, 'holds', hold.id));
        await attempt(command(worker, i % 5 === 0 ? 'void_hold' : 'capture_hold', to, { id: hold.id, amount: '5' }));
        const pay = "select ledger.transfer($1, $2, '1', 'USD', null, null)";
        await attempt(worker.query(pay, [to.id, from.id]));
      }
    }),
  );
  expect(failures).toEqual([]);
  const { total } = await db.one(
    `select (select sum(balance_minor) from ledger.accounts where owner is not null)
       + coalesce((select sum(amount_minor) from ledger.queued_entries), 0) as total`,
  );
  expect(total).toBe('30000');
  await expectSound(db);
});
