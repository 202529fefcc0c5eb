import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection, withRollback } from '../../support/database.ts';
import { untilWaiting } from '../../support/races.ts';
import { money } from '../../support/wallet.ts';
import {
  type Body,
  block,
  chargeFee,
  command,
  connections,
  expectSound,
  freeze,
  letExpire,
  people,
  refusedCommand,
} from './support.ts';

interface Asked {
  readonly db: TestConnection;
  /** Who has 100.00 and is asked. */
  readonly ada: Person;
  /** Who asks for 30.00. */
  readonly bob: Person;
  readonly request: Body;
}

function ask(db: TestConnection, bob: Person, ada: Person, more: Record<string, unknown> = {}): Promise<Body> {
  return command(db, 'request_payment', bob, { payer: ada.username, amount: '30', currency: 'USD', ...more });
}

/** Bob asked ada for 30.00. The books are checked at the end. */
function withRequest(fn: (asked: Asked) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    const [ada] = await people(db, 1, '100');
    if (!ada) throw new Error('no people');
    const bob = await db.signUp();
    await fn({ db, ada, bob, request: await ask(db, bob, ada, { description: 'rent', category: 'home' }) });
    await expectSound(db);
  });
}

test('asking for money answers the request and moves nothing', () =>
  withRequest(async ({ db, ada, bob, request }) => {
    expect(request).toMatchObject({
      requester_id: bob.id,
      requester_username: bob.username,
      payer_id: ada.id,
      payer_username: ada.username,
      amount: '30.00',
      currency: 'USD',
      description: 'rent',
      category: 'home',
      state: 'open',
      resolved_at: null,
      transfer_id: null,
    });
    const lasts_ms = Date.parse(String(request['expires_at'])) - Date.parse(String(request['created_at']));
    expect(Math.round(lasts_ms / 1000)).toBe(7 * 86_400);
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
  }));

test.each([
  ['nobody', { payer: 'nobody.here' }, 'wallet.recipient_not_found'],
  ['for nothing', { amount: '0.00' }, 'wallet.invalid_amount'],
  ['in an unknown currency', { currency: 'XXX' }, 'wallet.unknown_currency'],
  ['for more than 90 days', { expires_in_s: 90 * 86_400 + 1 }, 'request.unprocessable'],
])('refuses to ask %s (%s)', (_what, args, code) =>
  withRequest(async ({ db, ada, bob }) => {
    const all = { payer: ada.username, amount: '1', currency: 'USD', ...args };
    expect(await refusedCommand(db, 'request_payment', bob, all)).toMatchObject({ code });
  }),
);

test('refuses to ask oneself (wallet.self_transfer)', () =>
  withRequest(async ({ db, bob }) => {
    const args = { payer: bob.username, amount: '1', currency: 'USD' };
    expect(await refusedCommand(db, 'request_payment', bob, args)).toMatchObject({ code: 'wallet.self_transfer' });
  }));

test('neither side of a block asks or pays the other (wallet.blocked)', () =>
  withRequest(async ({ db, ada, bob, request }) => {
    await block(db, ada, bob);
    const args = { amount: '1', currency: 'USD' };
    for (const [from, to] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect(await refusedCommand(db, 'request_payment', from, { ...args, payer: to.id })).toMatchObject({
        code: 'wallet.blocked',
      });
    }
    expect(await refusedCommand(db, 'pay_request', ada, { id: request.id })).toMatchObject({ code: 'wallet.blocked' });
    await command(db, 'decline_request', ada, { id: request.id });
  }));

test('paying a request moves the money and answers both', () =>
  withRequest(async ({ db, ada, bob, request }) => {
    const paid = await command(db, 'pay_request', ada, { id: request.id });
    expect(paid).toMatchObject({
      request: { id: request.id, state: 'paid' },
      transaction: { type: 'expense', amount: '30.00', kind: 'transfer', description: 'rent', counterparty_id: bob.id },
    });
    const { request: answered, transaction } = paid as unknown as Record<string, Body>;
    expect(answered?.['transfer_id']).toBe(transaction?.id);
    expect(await money(db, ada)).toEqual(['70.00', '0.00']);
    expect(await money(db, bob)).toEqual(['30.00', '0.00']);
  }));

test('the payment of a request costs the fee of a transfer', () =>
  withRequest(async ({ db, ada, bob, request }) => {
    await chargeFee(db, 'transfer', 10, 'recipient');
    await command(db, 'pay_request', ada, { id: request.id });
    expect(await money(db, bob)).toEqual(['27.00', '0.00']);
  }));

test('a request in a currency that the requester never had opens their wallet', () =>
  withRequest(async ({ db, ada, bob }) => {
    await db.fund(ada, '50', 'EUR');
    const request = await ask(db, bob, ada, { currency: 'EUR' });
    await command(db, 'pay_request', ada, { id: request.id });
    expect(await money(db, bob, 'EUR')).toEqual(['30.00', '0.00']);
  }));

test('a payment that is refused leaves the request open (wallet.insufficient_funds, wallet.frozen)', () =>
  withRequest(async ({ db, ada, bob }) => {
    const request = await ask(db, bob, ada, { amount: '100.01' });
    expect(await refusedCommand(db, 'pay_request', ada, { id: request.id })).toMatchObject({
      sqlstate: 'PT402',
      code: 'wallet.insufficient_funds',
    });
    await freeze(db, ada, false, true);
    expect(await refusedCommand(db, 'pay_request', ada, { id: request.id })).toMatchObject({ code: 'wallet.frozen' });
    await freeze(db, ada, false, false);
    await db.fund(ada, '1');
    await command(db, 'pay_request', ada, { id: request.id });
    expect(await money(db, ada)).toEqual(['0.99', '0.00']);
  }));

const ANSWERS = [
  ['pay_request', 'ada'],
  ['decline_request', 'ada'],
  ['cancel_request', 'bob'],
] as const;

test.each([
  ['decline_request', 'ada', 'declined'],
  ['cancel_request', 'bob', 'cancelled'],
] as const)('%s by %s ends the request as %s', (name, who, state) =>
  withRequest(async (asked) => {
    const ended = await command(asked.db, name, asked[who], { id: asked.request.id });
    expect(ended).toMatchObject({ id: asked.request.id, state, transfer_id: null });
    expect(ended['resolved_at']).not.toBeNull();
    expect(await money(asked.db, asked.ada)).toEqual(['100.00', '0.00']);
  }),
);

test.each(ANSWERS)('a request is answered once: no other answer follows %s (wallet.request_resolved)', (name, who) =>
  withRequest(async (asked) => {
    await command(asked.db, name, asked[who], { id: asked.request.id });
    for (const [later, by] of ANSWERS) {
      expect(await refusedCommand(asked.db, later, asked[by], { id: asked.request.id })).toMatchObject({
        sqlstate: 'PT409',
        code: 'wallet.request_resolved',
      });
    }
  }),
);

test.each(ANSWERS)('%s is not for the other side of the request (auth.forbidden)', (name, who) =>
  withRequest(async ({ db, ada, bob, request }) => {
    const other = who === 'ada' ? bob : ada;
    expect(await refusedCommand(db, name, other, { id: request.id })).toMatchObject({
      sqlstate: 'PT403',
      code: 'auth.forbidden',
    });
  }),
);

test.each(ANSWERS)('%s finds no request of other people (wallet.request_not_found)', (name) =>
  withRequest(async ({ db, request }) => {
    const stranger = await db.signUp();
    for (const id of [request.id, randomUUID(), 'no-uuid']) {
      expect(await refusedCommand(db, name, stranger, { id })).toMatchObject({
        sqlstate: 'PT404',
        code: 'wallet.request_not_found',
      });
    }
  }),
);

test.each(ANSWERS)('%s comes too late once a request has expired (wallet.request_resolved)', (name, who) =>
  withRequest(async (asked) => {
    const { db, request } = asked;
    await letExpire(db, 'payment_requests', request.id);
    expect(await refusedCommand(db, name, asked[who], { id: request.id })).toMatchObject({
      code: 'wallet.request_resolved',
    });
    expect(await db.one('select state from public.payment_requests where id = $1', [request.id])).toEqual({
      state: 'expired',
    });
  }),
);

test('the worker ends what nobody answered in time, as many as it asked for, and nothing else', () =>
  withRequest(async ({ db, ada, bob }) => {
    for (let i = 0; i < 3; i += 1) await letExpire(db, 'payment_requests', (await ask(db, bob, ada)).id);
    await db.as({ role: 'astra_worker' });
    const expire = async () =>
      (await db.one<{ count: number }>('select app_private.expire_payment_requests(2) as count')).count;
    expect(await expire()).toBe(2);
    // Other tests may have left some to expire.
    while ((await expire()) > 0);
    await db.as({ role: 'postgres' });
    const states =
      'select state, count(*)::int from ledger.payment_requests where requester = $1 group by state order by state';
    expect(await db.query(states, [bob.id])).toEqual([
      { state: 'expired', count: 3 },
      { state: 'open', count: 1 },
    ]);
  }));

test('a request of somebody who left is not paid (wallet.recipient_not_found)', () =>
  withRequest(async ({ db, ada, bob, request }) => {
    await db.query('delete from auth.users where id = $1', [bob.id]);
    expect(await refusedCommand(db, 'pay_request', ada, { id: request.id })).toMatchObject({
      code: 'wallet.recipient_not_found',
    });
  }));

test.each([
  ['pay_request', 'pay_request'],
  ['cancel_request', 'pay_request'],
  ['pay_request', 'cancel_request'],
])('of %s and %s at once the first wins (wallet.request_resolved)', async (first, second) => {
  await using database = await cloneDatabase();
  const [db, one, other] = (await connections(database, 3)) as [TestConnection, TestConnection, TestConnection];
  const [ada, bob] = (await people(db, 2, '100')) as [Person, Person];
  const { id } = await ask(db, bob, ada);
  const by = (name: string) => (name === 'pay_request' ? ada : bob);
  await one.query('begin');
  await command(one, first, by(first), { id });
  const late = command(other, second, by(second), { id }).then(() => null, refusalOf);
  await untilWaiting(db, other);
  await one.query('commit');
  expect(await late).toMatchObject({ code: 'wallet.request_resolved' });
  expect((await money(db, ada))[0]).toBe(first === 'pay_request' ? '70.00' : '100.00');
  await expectSound(db);
});
