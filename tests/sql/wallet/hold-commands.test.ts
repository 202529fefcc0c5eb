import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { untilWaiting } from '../../support/races.ts';
import { broken, command, money } from '../../support/wallet.ts';
import { block, chargeFee, connections, expectSound, freeze, people, withParties } from './support.ts';

interface Answer {
  readonly replayed: boolean;
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly id: string };
}

interface Ask {
  readonly session: string;
  readonly key?: string | null;
  readonly hash?: string;
}

const COMMAND = 'select * from app_private.wallet_command($1, $2, $3, $4, $5, $6)';

function ask(db: TestConnection, person: Person, operation: string, args: object, { session, key, hash }: Ask) {
  return db.one<Answer>(COMMAND, [person.id, session, key ?? null, Buffer.from(hash ?? 'h'), operation, args]);
}

/** Two people, of whom the first has 100 USD, and their sessions. */
function withSessions(
  work: (all: { db: TestConnection; ada: Person; bob: Person; here: Ask; there: Ask }) => Promise<void>,
): Promise<void> {
  return withParties(async ({ db, ada, bob }) => {
    const [here, there] = [{ session: await db.signIn(ada) }, { session: await db.signIn(bob) }];
    await work({ db, ada, bob, here, there });
  });
}

const thirty = (recipient: Person) => ({
  recipient: recipient.id,
  amount: '30',
  currency: 'USD',
  description: 'room 7',
});

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00$/;

/** A hold without what differs between two of them; moments must be in UTC. */
function alike(hold: Record<string, unknown>): Record<string, unknown> {
  const isMoment = (value: unknown) => typeof value === 'string' && MOMENT.test(value);
  return Object.fromEntries(
    Object.entries(hold).map(([name, value]) => [
      name,
      isMoment(value) ? 'a moment' : /^(id|transfer_id)$/.test(name) && value !== null ? 'an id' : value,
    ]),
  );
}

const BOOKED = `select e.kind, e.purpose, e.owner, e.amount_minor, e.balance_minor, e.counterparty, e.description, e.category,
    t.from_owner, t.to_owner, t.amount_minor as moved, t.amounts from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
  where t.kind in ('hold', 'capture') order by e.created_at, e.amount_minor`;
const TOLD = `select type, actor_id, payload - 'hold_id' - 'transfer_id' - 'created_at' - 'expires_at' - 'resolved_at' as payload
  from app_private.outbox_events where type in ('wallet.hold_placed', 'wallet.hold_resolved') or payload ->> 'kind' in ('hold', 'capture')
  order by position`;

test('what is plain is answered, booked and told as by the general way', async () => {
  const seen: unknown[] = [];
  for (const isPlain of [true, false]) {
    await withSessions(async ({ db, ada, bob, here, there }) => {
      const run = async (person: Person, operation: string, args: Record<string, unknown>, as: Ask) =>
        isPlain
          ? (await ask(db, person, operation, args, as)).body
          : command<Answer['body']>(db, operation, person, args);
      await db.query("set local timezone = 'UTC'");
      const placed = await run(ada, 'place_hold', thirty(bob), here);
      const captured = await run(bob, 'capture_hold', { id: placed.id }, there);
      const early = await run(ada, 'place_hold', { ...thirty(bob), recipient: bob.username }, here);
      await run(ada, 'capture_hold', { id: early.id }, here);
      const named = (rows: unknown) =>
        JSON.stringify(rows).replaceAll(ada.id, 'ada').replaceAll(bob.id, 'bob').replaceAll(bob.username, 'bob');
      seen.push({
        answers: JSON.parse(named([alike(placed), alike(captured)])),
        booked: JSON.parse(named(await db.query(BOOKED))),
        told: JSON.parse(named(await db.query(TOLD))),
        money: [await money(db, ada), await money(db, bob)],
      });
      expect(await broken(db)).toEqual([]);
    });
  }
  expect(seen[0]).toEqual(seen[1]);
});

test('a retry gets the first answer, and another request under the key is refused (idempotency.key_reused)', () =>
  withSessions(async ({ db, ada, bob, here, there }) => {
    const placed = await ask(db, ada, 'place_hold', thirty(bob), { ...here, key: 'k' });
    expect(placed).toMatchObject({ replayed: false, status: 201 });
    expect(await ask(db, ada, 'place_hold', thirty(bob), { ...here, key: 'k' })).toEqual({ ...placed, replayed: true });
    const { id } = placed.body;
    const captured = await ask(db, bob, 'capture_hold', { id }, { ...there, key: 'k' });
    expect(captured).toMatchObject({ replayed: false, status: 200, body: { state: 'captured' } });
    expect(await ask(db, bob, 'capture_hold', { id }, { ...there, key: 'k' })).toEqual({ ...captured, replayed: true });
    expect(await money(db, ada)).toEqual(['70.00', '0.00']);
    for (const operation of ['place_hold', 'capture_hold']) {
      const values = [ada.id, here.session, 'k', Buffer.from('other'), operation, { ...thirty(bob), id }];
      expect(await db.refusal(COMMAND, values)).toMatchObject({ code: 'idempotency.key_reused' });
    }
  }));

test('a refusal is stored under its key, and stays when it would go through by now', () =>
  withSessions(async ({ db, ada, bob, here }) => {
    const much = { ...thirty(bob), amount: '130' };
    const refused = await ask(db, ada, 'place_hold', much, { ...here, key: 'k' });
    expect(refused).toMatchObject({ status: 402, body: { code: 'wallet.insufficient_funds' } });
    await db.fund(ada, '100');
    expect(await ask(db, ada, 'place_hold', much, { ...here, key: 'k' })).toEqual({ ...refused, replayed: true });
  }));

test('no hold is placed or captured in a session that has ended (auth.session_revoked) or by whom is banned (auth.user_banned)', () =>
  withSessions(async ({ db, ada, bob, here, there }) => {
    const { id } = (await ask(db, ada, 'place_hold', thirty(bob), here)).body;
    const place = [ada.id, here.session, 'k', Buffer.from('h'), 'place_hold', thirty(bob)];
    const capture = [bob.id, there.session, 'k', Buffer.from('h'), 'capture_hold', { id }];
    await db.query("update auth.users set banned_until = now() + interval '1 day' where id = any ($1)", [
      [ada.id, bob.id],
    ]);
    for (const values of [place, capture])
      expect(await db.refusal(COMMAND, values)).toMatchObject({ code: 'auth.user_banned' });
    await db.query('delete from auth.sessions where id = any ($1)', [[here.session, there.session]]);
    for (const values of [place, capture])
      expect(await db.refusal(COMMAND, values)).toMatchObject({ code: 'auth.session_revoked' });
    expect(await money(db, ada)).toEqual(['70.00', '30.00']);
  }));

test.each<[string, string, (db: TestConnection, ada: Person, bob: Person) => Promise<unknown>]>([
  ['two of whom one blocked the other', 'wallet.blocked', (db, ada, bob) => block(db, ada, bob)],
  ['two of whom the other blocked the one', 'wallet.blocked', (db, ada, bob) => block(db, bob, ada)],
  ['a frozen payer', 'wallet.frozen', (db, ada) => freeze(db, ada, false, true)],
  [
    'a payer at a limit',
    'wallet.limit_exceeded',
    (db, ada) => db.query("select admin.set_limits($1, 'USD', '29', null, null, 'a test')", [ada.username]),
  ],
  [
    'a payer at a limit of the day',
    'wallet.limit_exceeded',
    (db, ada) => db.query("select admin.set_limits($1, 'USD', null, '29', null, 'a test')", [ada.username]),
  ],
])('refuses to hold money of %s (%s)', (_, code, prepare) =>
  withSessions(async ({ db, ada, bob, here }) => {
    await prepare(db, ada, bob);
    expect((await ask(db, ada, 'place_hold', thirty(bob), here)).body).toMatchObject({ code });
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  }),
);

test.each<[string, string, (db: TestConnection, ada: Person, bob: Person) => Promise<unknown>]>([
  ['of a frozen payer', 'wallet.frozen', (db, ada) => freeze(db, ada, false, true)],
  ['for a payee who may receive nothing', 'wallet.recipient_unavailable', (db, _, bob) => freeze(db, bob, true, false)],
])('refuses to capture a hold %s, which stays open (%s)', (_, code, prepare) =>
  withSessions(async ({ db, ada, bob, here, there }) => {
    const { id } = (await ask(db, ada, 'place_hold', thirty(bob), here)).body;
    await prepare(db, ada, bob);
    const refused = await ask(db, bob, 'capture_hold', { id }, { ...there, key: 'k' });
    expect(refused.body).toMatchObject({ code });
    expect(await ask(db, bob, 'capture_hold', { id }, { ...there, key: 'k' })).toEqual({ ...refused, replayed: true });
    expect(await db.one('select state from ledger.holds where id = $1', [id])).toEqual({ state: 'open' });
    expect(await money(db, ada)).toEqual(['70.00', '30.00']);
  }),
);

test('a capture with a fee, or of a part, goes the general way', () =>
  withSessions(async ({ db, ada, bob, here, there }) => {
    const [one, other] = [
      (await ask(db, ada, 'place_hold', thirty(bob), here)).body,
      (await ask(db, ada, 'place_hold', thirty(bob), here)).body,
    ];
    const part = await ask(db, bob, 'capture_hold', { id: one.id, amount: '10' }, there);
    expect(part.body).toMatchObject({ captured_amount: '10.00', amount: '30.00' });
    await chargeFee(db, 'capture', 10, 'recipient');
    await ask(db, bob, 'capture_hold', { id: other.id }, there);
    expect(await money(db, ada)).toEqual(['60.00', '0.00']);
    expect(await money(db, bob)).toEqual(['37.00', '0.00']);
    expect(await broken(db)).toEqual([]);
  }));

test('of twins one places the hold, and the other is run again and gets its answer', async () => {
  await using database = await cloneDatabase();
  const [db, one, other] = (await connections(database, 3)) as [TestConnection, TestConnection, TestConnection];
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  const here = { session: await db.signIn(ada), key: 'k' };
  await one.query('begin');
  const placed = await ask(one, ada, 'place_hold', thirty(bob), here);
  const late = ask(other, ada, 'place_hold', thirty(bob), here).then(() => null, refusalOf);
  await untilWaiting(db, other);
  await one.query('commit');
  expect(await late).toMatchObject({ sqlstate: '40001' });
  expect(await ask(other, ada, 'place_hold', thirty(bob), here)).toEqual({ ...placed, replayed: true });
  expect(await money(db, ada)).toEqual(['70.00', '30.00']);
  await expectSound(db);
});

test('of twins one captures, and the other waits for it and gets its answer', async () => {
  await using database = await cloneDatabase();
  const [db, one, other] = (await connections(database, 3)) as [TestConnection, TestConnection, TestConnection];
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  const here = { session: await db.signIn(ada) };
  const there = { session: await db.signIn(bob), key: 'k' };
  const { id } = (await ask(db, ada, 'place_hold', thirty(bob), here)).body;
  await one.query('begin');
  const captured = await ask(one, bob, 'capture_hold', { id }, there);
  const late = ask(other, bob, 'capture_hold', { id }, there);
  await untilWaiting(db, other);
  await one.query('commit');
  expect(await late).toEqual({ ...captured, replayed: true });
  expect(await money(db, bob)).toEqual(['130.00', '0.00']);
  await expectSound(db);
});

test('a plain capture waits for no payee whom others pay', async () => {
  await using database = await cloneDatabase();
  const [db, one, other] = (await connections(database, 3)) as [TestConnection, TestConnection, TestConnection];
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  const [here, there] = [{ session: await db.signIn(ada) }, { session: await db.signIn(bob) }];
  const { id } = (await ask(db, ada, 'place_hold', thirty(bob), here)).body;
  await one.query('begin');
  await one.query('select from ledger.accounts where owner = $1 for no key update', [bob.id]);
  await other.query('set statement_timeout = 5000');
  expect(await ask(other, bob, 'capture_hold', { id }, there)).toMatchObject({ status: 200 });
  await one.query('rollback');
  expect(await money(db, bob)).toEqual(['130.00', '0.00']);
  await expectSound(db);
});

test('ten twins at once place one hold, and ten capture it once', async () => {
  await using database = await cloneDatabase();
  const [db, ...twins] = await connections(database, 11);
  if (!db) throw new Error('no connection');
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  // Whoever comes second finds too little for another, and goes the general way.
  const args = { ...thirty(bob), amount: '60' };
  const all = async (person: Person, operation: string, of: object, as: Ask) => {
    // As the API does: whoever is told that a twin was quicker asks once more.
    const again = (twin: TestConnection) => (error: unknown) => {
      expect(refusalOf(error).sqlstate).toBe('40001');
      return ask(twin, person, operation, of, as);
    };
    const answers = await Promise.all(twins.map((twin) => ask(twin, person, operation, of, as).catch(again(twin))));
    expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    return answers[0] as Answer;
  };
  const { body } = await all(ada, 'place_hold', args, { session: await db.signIn(ada), key: 'k' });
  await all(bob, 'capture_hold', { id: body.id }, { session: await db.signIn(bob), key: 'k' });
  expect([await money(db, ada), await money(db, bob)]).toEqual([
    ['40.00', '0.00'],
    ['160.00', '0.00'],
  ]);
  await expectSound(db);
});
