import fc from 'fast-check';
import { expect } from 'vitest';
import { decimal } from './model-money.ts';
import { payAll } from './model-paying.ts';
import { ask, index, money, pair, pickOpen, step, type World } from './model-steps.ts';

const withHolds = ({ model }: World) => model.holds.length > 0;
const withAsks = ({ model }: World) => model.asks.length > 0;

const hold = step('place_hold', fc.record({ pair, money }), async (given, world, ledger) => {
  const {
    pair: [from, to],
    money: sent,
  } = given;
  const done = await ask(world, ledger, {
    ...{ actor: from, operation: 'place_hold', status: 201 },
    args: { recipient: ledger.name(to), amount: sent.text, currency: sent.currency },
    model: () => world.model.placeHold(from, to, sent),
  });
  if (done) done[0].id = String(done[1]['id']);
});

/** Mostly one of its two sides, sometimes somebody else. */
const side = fc.constantFrom<'from' | 'to' | number>('to', 'to', 'from', 0);
const actorOf = (one: { from: number; to: number }, by: 'from' | 'to' | number) =>
  typeof by === 'number' ? by : one[by];

const capture = step(
  'capture_hold',
  fc.record({ which: index, by: side, part: fc.option(fc.integer({ min: 1, max: 5 })), busy: fc.boolean() }),
  async ({ which, by, part, busy }, world, ledger) => {
    const one = pickOpen(world.model.holds, which);
    const actor = actorOf(one, by);
    // Quarters: 4 is all of it, 5 too much.
    const amount = part === null ? null : decimal((one.minor * BigInt(part)) / 4n, one.currency);
    const done = await ask(world, ledger, {
      ...{ actor, operation: 'capture_hold', status: 200, args: { id: one.id, amount } },
      model: () => world.model.capture(one, actor, amount),
      ...{ busy: busy ? [one.to] : [], isSystemBusy: busy },
    });
    if (done) done[0].id = String(done[1]['transfer_id']);
  },
  withHolds,
);

const voidHold = step(
  'void_hold',
  fc.record({ which: index, by: side, busy: fc.boolean() }),
  async ({ which, by, busy }, world, ledger) => {
    const one = pickOpen(world.model.holds, which);
    const actor = actorOf(one, by);
    await ask(world, ledger, {
      ...{ actor, operation: 'void_hold', status: 200, args: { id: one.id } },
      model: () => world.model.voidHold(one, actor),
      busy: busy ? [one.from] : [],
    });
  },
  withHolds,
);

const letHoldExpire = step(
  'a hold is over',
  fc.record({ which: index, isSpent: fc.boolean() }),
  async ({ which, isSpent }, world, ledger) => {
    const one = pickOpen(world.model.holds, which);
    if (one.state !== 'open') return;
    const sql = "update ledger.holds set expires_at = now() - interval '1 second' where id = $1";
    await ledger.operator.query(sql, [one.id]);
    world.model.release(one, 'expired');
    // At once, whatever the worker has done by then.
    if (isSpent) await payAll(world, ledger, { from: one.from, to: one.to, currency: one.currency, more: 0n });
  },
  withHolds,
);

const expireHolds = step('expire_holds', fc.boolean(), async (busy, _world, ledger) => {
  const { due } = await ledger.operator.one<{ due: number }>(
    "select count(*)::int as due from ledger.holds where state = 'open' and expires_at <= now()",
  );
  const expire = () => ledger.worker.one('select app_private.expire_holds(1000) as count');
  expect(await ledger.whileBusy(busy ? [0, 1, 2, 3] : [], false, expire)).toEqual({ count: due });
});

const request = step('request_payment', fc.record({ pair, money }), async (given, world, ledger) => {
  const {
    pair: [from, to],
    money: sent,
  } = given;
  const done = await ask(world, ledger, {
    ...{ actor: from, operation: 'request_payment', status: 201 },
    args: { payer: ledger.name(to), amount: sent.text, currency: sent.currency },
    model: () => world.model.ask(from, to, sent),
  });
  if (done) done[0].id = String(done[1]['id']);
});

const answers = { pay_request: 'paid', decline_request: 'declined', cancel_request: 'cancelled' } as const;
const answer = step(
  'answer a request',
  fc.record({
    which: index,
    by: side,
    how: fc.constantFrom('pay_request', 'pay_request', 'decline_request', 'cancel_request'),
  }),
  async ({ which, by, how }, world, ledger) => {
    const one = pickOpen(world.model.asks, which);
    const actor = actorOf(one, by);
    const done = await ask(world, ledger, {
      ...{ actor, operation: how, status: 200, args: { id: one.id } },
      model: () => world.model.answer(one, actor, answers[how as keyof typeof answers]),
    });
    if (done?.[0]) done[0].id = String((done[1]['transaction'] as { id: string }).id);
  },
  withAsks,
);

const letRequestExpire = step(
  'a request is over',
  fc.record({ which: index, isTold: fc.boolean() }),
  async ({ which, isTold }, world, ledger) => {
    const one = pickOpen(world.model.asks, which);
    if (one.state !== 'open') return;
    const sql = "update ledger.payment_requests set expires_at = now() - interval '1 second' where id = $1";
    await ledger.operator.query(sql, [one.id]);
    one.state = 'expired';
    if (isTold) await ledger.worker.query('select app_private.expire_payment_requests(100)');
  },
  withAsks,
);

/** Money set aside, and what becomes of it. */
export const HOLDING = [hold, hold, hold, capture, capture, voidHold, letHoldExpire, expireHolds];
/** Money asked for. */
export const REQUESTING = [request, request, answer, answer, letRequestExpire];
