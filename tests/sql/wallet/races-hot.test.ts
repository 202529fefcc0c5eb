import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Answer, type Caller, Callers } from './callers.ts';

const CONNECTIONS = 16;

/** The same numbers in each run, different ones for each connection. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return state % below;
  };
}

/** One of the ways in which money moves, among people of whom each pays and is paid at the same time. */
async function moveSomething(bank: Callers, random: (below: number) => number): Promise<void> {
  const [from, to] = twoOf(bank, random);
  const amount = `0.${10 + random(80)}`;
  switch (random(6)) {
    case 0:
      await bank.payTogether(
        Array.from({ length: 8 }, () => {
          const [payer, payee] = twoOf(bank, random);
          return { from: payer, to: payee, amount, key: randomUUID() };
        }),
      );
      return;
    case 1: {
      const transfers = Array.from({ length: 5 }, () => ({ recipient: bank.person(random(999)).id, amount }));
      const mode = random(2) === 0 ? 'atomic' : 'independent';
      await bank.command(from, 'batch', { mode, currency: 'USD', transfers });
      return;
    }
    case 2: {
      const placed = await bank.command(from, 'place_hold', { recipient: to.id, amount, currency: 'USD' });
      if (placed?.status !== 201) return;
      const how = random(3) === 0 ? 'void_hold' : 'capture_hold';
      await bank.command(to, how, { id: placed.body['id'], amount: random(2) === 0 ? '0.05' : null });
      return;
    }
    case 3: {
      const paid = await bank.pay(from, to, amount);
      if (paid?.status === 201) await bank.command(to, 'reverse', { id: paid.body['id'], reason: 'of a race' });
      return;
    }
    default:
      await bank.pay(from, to, amount);
  }
}

function twoOf(bank: Callers, random: (below: number) => number): [Caller, Caller] {
  const first = random(bank.people.length);
  return [bank.person(first), bank.person(first + 1 + random(bank.people.length - 1))];
}

async function allAtOnce(work: (connection: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => work(connection)));
}

test.each([2, 10, 50])(
  'of %i people who pay each other in every way on 16 connections, none is told of a deadlock and no cent is lost',
  async (people) => {
    await using database = await cloneDatabase();
    await using bank = await Callers.open(database, people, 100, CONNECTIONS);
    await bank.besideTheWorker(async () => {
      await allAtOnce(async (connection) => {
        const random = numbers(connection + 100 * people);
        for (let i = 0; i < 20; i += 1) await moveSomething(bank, random);
      });
    });
    await bank.expectSound();
  },
);

test('transfers in opposite directions, alone and together, wait for each other and never for ever', async () => {
  await using database = await cloneDatabase();
  await using bank = await Callers.open(database, 2, 100, CONNECTIONS);
  await bank.besideTheWorker(async () => {
    await allAtOnce(async (connection) => {
      const [from, to] = [bank.person(connection), bank.person(connection + 1)];
      for (let i = 0; i < 25; i += 1) {
        if (i % 3 > 0) await bank.pay(from, to, '0.01');
        else {
          const both = [
            { from, to, amount: '0.02', key: randomUUID() },
            { from: to, to: from, amount: '0.02', key: randomUUID() },
          ];
          await bank.payTogether(connection % 3 === 0 ? both : both.reverse());
        }
      }
    });
  });
  await bank.expectSound();
});

test('one key on 8 connections at once, in one call of its own or among others, books once and is replayed seven times', async () => {
  await using database = await cloneDatabase();
  await using bank = await Callers.open(database, 4, 100);
  const [ada, bob] = [bank.person(0), bank.person(1)];
  for (let round = 0; round < 15; round += 1) {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, n): Promise<Answer | null> => {
        if (n % 2 === 0) return await bank.pay(ada, bob, '1', key);
        const other = { from: bank.person(2), to: bank.person(3), amount: '0.01', key: randomUUID() };
        const same = { from: ada, to: bob, amount: '1', key };
        const both = await bank.payTogether(n % 4 === 1 ? [same, other] : [other, same]);
        return both[n % 4 === 1 ? 0 : 1] ?? null;
      }),
    );
    expect(answers.map((answer) => answer?.status)).toEqual(Array(8).fill(201));
    expect(answers.filter((answer) => answer?.replayed === false)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer?.body['id'])).size).toBe(1);
  }
  const sql = 'select balance from public.wallet where user_id = $1';
  expect(await bank.observer.one(sql, [bob.id])).toEqual({ balance: '115.00' });
  await bank.expectSound();
});

test('of a capture, a void and an expiry of one hold at once exactly one happens', async () => {
  await using database = await cloneDatabase();
  await using bank = await Callers.open(database, 2, 100);
  const [ada, bob] = [bank.person(0), bank.person(1)];
  const past = "update ledger.holds set expires_at = now() - interval '1 second' where id = $1 and state = 'open'";
  const [clock, worker] = [await database.connect(), await database.connect()];
  const ends = new Map<unknown, number>();
  for (let round = 0; round < 40; round += 1) {
    const placed = await bank.command(ada, 'place_hold', { recipient: bob.id, amount: '1', currency: 'USD' });
    const id = placed?.body['id'];
    const [captured, voided] = await Promise.all([
      bank.command(bob, 'capture_hold', { id, amount: null }),
      bank.command(bob, 'void_hold', { id }),
      round % 2 === 0 ? clock.query(past, [id]) : null,
      worker.query('select app_private.expire_holds(10)'),
    ]);
    const done = [captured, voided].filter((answer) => answer?.status === 200).length;
    await worker.query('select app_private.expire_holds(10)');
    const { state } = await bank.observer.one('select state from ledger.holds where id = $1', [id]);
    expect(done).toBe(state === 'expired' ? 0 : 1);
    expect(captured?.status === 200).toBe(state === 'captured');
    ends.set(state, (ends.get(state) ?? 0) + 1);
  }
  expect([...ends.values()].reduce((sum, count) => sum + count)).toBe(40);
  const { balance } = await bank.observer.one('select balance from public.wallet where user_id = $1', [bob.id]);
  expect(balance).toBe(`${100 + (ends.get('captured') ?? 0)}.00`);
  await bank.expectSound();
});

/** Pays and is paid on all connections until `stop` has returned, and a little longer; gives what came of what began after it. */
async function trafficUntil(bank: Callers, stop: () => Promise<void>, traffic: (n: number) => Promise<Answer | null>) {
  let hasStopped = false;
  const late: (Answer | null)[] = [];
  await bank.besideTheWorker(async () => {
    const busy = Array.from({ length: 8 }, async (_, n) => {
      for (let after = 0; after < 5; ) {
        const isLate = hasStopped;
        const answer = await traffic(n);
        if (!isLate) continue;
        late.push(answer);
        after += 1;
      }
    });
    await bank.pay(bank.person(0), bank.person(1), '0.01');
    await stop();
    hasStopped = true;
    await Promise.all(busy);
  });
  return late;
}

test('once a freeze has returned, no transfer succeeds that was not there before (wallet.frozen)', async () => {
  await using database = await cloneDatabase();
  await using bank = await Callers.open(database, 3, 500);
  const [ada, bob] = [bank.person(0), bank.person(1)];
  const operator = await database.connect();
  const spent = () => operator.one('select balance from public.wallet where user_id = $1', [ada.id]);
  let atOnce: unknown;
  const late = await trafficUntil(
    bank,
    async () => {
      await operator.query("select admin.freeze_wallet($1, 'out', 'of a race')", [ada.username]);
      atOnce = await spent();
    },
    async (n) => {
      if (n % 3 > 0) return await bank.pay(ada, bob, '0.01');
      return (await bank.payTogether([{ from: ada, to: bob, amount: '0.01', key: randomUUID() }]))[0] ?? null;
    },
  );
  expect(late.map((answer) => answer?.body['code'])).toEqual(Array(40).fill('wallet.frozen'));
  expect(await spent()).toEqual(atOnce);
  await bank.expectSound();
});

test('once somebody is deleted, nothing leaves their wallet and nobody begins to pay them (wallet.recipient_not_found)', async () => {
  await using database = await cloneDatabase();
  await using bank = await Callers.open(database, 3, 500);
  const [ada, bob, eve] = [bank.person(0), bank.person(1), bank.person(2)];
  const operator = await database.connect();
  const left = async () => {
    const { minor } = await operator.one<{ minor: number }>(
      `select sum(a.balance_minor + coalesce((select sum(q.amount_minor) from ledger.queued_entries q where q.account_id = a.id), 0))::int as minor
       from ledger.accounts a where a.owner = $1`,
      [bob.id],
    );
    return minor;
  };
  let atOnce = 0;
  const pay = "select * from app_private.post_transaction($1, null, 'h', $2, '0.02', 'USD', null, null)";
  const late = await trafficUntil(
    bank,
    async () => {
      await operator.query('delete from auth.users where id = $1', [bob.id]);
      atOnce = await left();
    },
    // Without a look at the session, which would stop the deleted one earlier.
    async (n) =>
      n % 2 === 0 ? await bank.pay(ada, bob, '0.01') : ((await bank.call<Answer>(pay, [bob.id, eve.id]))?.[0] ?? null),
  );
  expect(new Set(late.map((answer) => answer?.body['code']))).toEqual(new Set(['wallet.recipient_not_found']));
  // Nothing left. Whoever had begun to pay before the end waited for nothing, and is counted.
  const inFlight = (await left()) - atOnce;
  expect([0, 1, 2, 3, 4]).toContain(inFlight);
  await bank.expectSound();
});
