import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FeeRule } from './model.ts';
import { anybody, ask, currency, index, money, ordinaryMoney, pick, step, type World, who } from './model-commands.ts';
import { predict } from './model-ledger.ts';
import { decimal } from './model-money.ts';
import type { ProviderEvent } from './model-provider.ts';

const withHolds = ({ model }: World) => model.holds.length > 0;
const withAsks = ({ model }: World) => model.asks.length > 0;
const withPayments = ({ provider }: World) => provider.payments.length > 0;

const hold = step('place_hold', fc.record({ from: who, to: anybody, money }), async (given, world, ledger) => {
  const { from, to, money: sent } = given;
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
    const one = pick(world.model.holds, which);
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
    const one = pick(world.model.holds, which);
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
  index,
  async (which, world, ledger) => {
    const one = pick(world.model.holds, which);
    if (one.state !== 'open') return;
    await ledger.operator.query("update ledger.holds set expires_at = now() - interval '1 second' where id = $1", [
      one.id,
    ]);
    world.model.release(one, 'expired');
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

const request = step('request_payment', fc.record({ from: who, to: anybody, money }), async (given, world, ledger) => {
  const { from, to, money: sent } = given;
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
    const one = pick(world.model.asks, which);
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
    const one = pick(world.model.asks, which);
    if (one.state !== 'open') return;
    const sql = "update ledger.payment_requests set expires_at = now() - interval '1 second' where id = $1";
    await ledger.operator.query(sql, [one.id]);
    one.state = 'expired';
    if (isTold) await ledger.worker.query('select app_private.expire_payment_requests(100)');
  },
  withAsks,
);

const withdraw = step('withdraw', fc.record({ actor: who, money }), async ({ actor, money: sent }, world, ledger) => {
  const done = await ask(world, ledger, {
    ...{ actor, operation: 'withdraw', status: 201 },
    args: { linked_account_id: ledger.linked[actor], amount: sent.text, currency: sent.currency },
    model: () => world.provider.withdraw(actor, sent),
  });
  if (done) done[0].id = String(done[1]['id']);
});

const deposit = step(
  'open_deposit',
  fc.record({ actor: who, money: ordinaryMoney, isAttached: fc.boolean() }),
  async ({ actor, money: sent, isAttached }, world, ledger) => {
    const done = await ask(world, ledger, {
      ...{ actor, operation: 'open_deposit', status: 201 },
      args: { amount: sent.text, currency: sent.currency, provider: 'fake' },
      model: () => world.provider.openDeposit(actor, sent),
    });
    if (!done) return;
    done[0].id = String(done[1]['id']);
    if (!isAttached) return;
    done[0].reference = `ref-${done[0].id}`;
    const sql = "select app_private.attach_deposit($1, $2, '{}')";
    await ledger.api.query(sql, [done[0].id, done[0].reference]);
  },
);

const claim = step('claim_withdrawals', fc.boolean(), async (isSubmitted, world, ledger) => {
  const mine = new Map(world.provider.payments.map((payment) => [payment.id, payment]));
  // Whatever was claimed before is due again, as after a worker's death.
  await ledger.operator.query("update ledger.withdrawals set next_attempt_at = now() - interval '1 second'");
  const rows = await ledger.worker.query<{ id: string; amount_minor: string }>(
    "select * from app_private.claim_withdrawals(1000, '1 minute')",
  );
  const claimed = rows.filter(({ id }) => mine.has(id)).map(({ id, amount_minor }) => [id, amount_minor]);
  expect(claimed.sort()).toEqual(
    world.provider
      .due()
      .map(({ id, minor }) => [id, `${minor}`])
      .sort(),
  );
  if (!isSubmitted) return;
  for (const [id = ''] of claimed) {
    const payment = mine.get(id);
    const told = await ledger.worker.one('select app_private.withdrawal_submitted($1, $2) as ok', [id, `ref-${id}`]);
    // An event may have given it another reference, or this one to another payout.
    const isTaken = world.provider.payments.some(
      (one) => one.type === 'payout' && one !== payment && one.reference === `ref-${id}`,
    );
    expect(told).toEqual({ ok: !isTaken && (payment?.reference ?? `ref-${id}`) === `ref-${id}` });
    if (payment && told['ok']) Object.assign(payment, { state: 'submitted', reference: `ref-${id}` });
  }
});

const refusePayout = step(
  'withdrawal_refused',
  index,
  async (which, { provider }, ledger) => {
    const payout = pick(provider.payments, which);
    const isRefused = payout.type === 'payout' && payout.state === 'requested';
    const told = await ledger.worker.one("select app_private.withdrawal_refused($1, 'of a model') as ok", [payout.id]);
    expect(told).toEqual({ ok: isRefused });
    if (isRefused) provider.fail(payout);
  },
  withPayments,
);

const flaws = ['none', 'none', 'none', 'none', 'amount', 'reference', 'stolen', 'unknown'] as const;
const webhook = step(
  'webhook',
  fc.record({
    ...{ which: index, isGood: fc.boolean(), flaw: fc.constantFrom(...flaws), busy: fc.boolean() },
    again: fc.option(index, { freq: 4 }),
  }),
  async ({ which, isGood, flaw, again, busy }, { provider }, ledger) => {
    const payment = pick(provider.payments, which);
    const news = { payout: ['failed', 'paid'], deposit: ['failed', 'succeeded'] }[payment.type][Number(isGood)];
    const given = {
      reference: flaw === 'unknown' ? randomUUID() : payment.id,
      provider_reference:
        flaw === 'stolen'
          ? `ref-${pick(provider.payments, which + 1).id}`
          : `${flaw === 'reference' ? 'other' : 'ref'}-${payment.id}`,
      amount_minor: `${payment.minor + (flaw === 'amount' ? 1n : 0n)}`,
      currency: payment.currency,
    };
    const isRepeated = again !== null && provider.events.length > 0;
    const event: ProviderEvent = isRepeated
      ? pick(provider.events, again)
      : { id: `evt-${randomUUID()}`, type: `${payment.type}.${news}`, payload: given, outcome: 'received' };
    if (!isRepeated) provider.events.push(event);
    const expected = provider.hear(event);
    // A copy is judged by what came first, whatever it says itself.
    const sql = "select app_private.apply_provider_event('fake', $1, $2, $3) as outcome";
    const values = [event.id, event.type, isRepeated ? given : event.payload];
    const told = await ledger.whileBusy(busy ? [payment.owner] : [], busy, () => ledger.api.one(sql, values));
    expect(told).toEqual({ outcome: expected });
  },
  withPayments,
);

const fund = step(
  'fund_wallet',
  fc.record({ to: who, minor: fc.bigInt({ min: 1n, max: 5000n }), currency }),
  async (given, world, ledger) => {
    const { to, minor, currency: code } = given;
    const { outcome } = predict(201, () => {
      world.model.mayReceive(to);
      world.model.give(to, code, minor);
    });
    const sql = "select admin.fund_wallet($1, $2, $3, 'of a model')";
    const funding = ledger.operator.query(sql, [ledger.person(to).username, decimal(minor, code), code]);
    expect(
      await funding.then(
        () => null,
        (error) => error.detail,
      ),
    ).toBe(outcome.code);
  },
);

const freeze = step(
  'freeze_wallet',
  fc.record({ person: who, how: fc.constantFrom('none', 'none', 'none', 'in', 'out', 'both') }),
  async ({ person, how }, world, ledger) => {
    const flags = { in: how === 'in' || how === 'both', out: how === 'out' || how === 'both' };
    Object.assign(pick(world.model.frozen, person), flags);
    await ledger.operator.query("select admin.freeze_wallet($1, $2, 'of a model')", [
      ledger.person(person).username,
      how,
    ]);
  },
);

const limit = fc.option(fc.bigInt({ min: 100n, max: 4000n }), { freq: 1 });
const limits = step(
  'set_limits',
  fc.record({
    person: who,
    currency,
    transfer: limit,
    day: limit,
    hour: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 1 }),
  }),
  async ({ person, currency: code, transfer, day, hour }, world, ledger) => {
    world.model.open(person, code).limits = { transfer, day, hour };
    const text = (minor: bigint | null) => (minor === null ? null : decimal(minor, code));
    await ledger.operator.query("select admin.set_limits($1, $2, $3, $4, $5, 'of a model')", [
      ...[ledger.person(person).username, code, text(transfer), text(day), hour],
    ]);
  },
);

const fee: fc.Arbitrary<FeeRule> = fc.record({
  rate: fc.constantFrom(0n, 5_000n, 15_000n, 333_333n, 1_000_000n),
  fixed: fc.constantFrom(0n, 0n, 7n, 150n),
  minimum: fc.constantFrom(0n, 0n, 3n),
  maximum: fc.constantFrom(null, null, 40n),
  charged_to: fc.constantFrom('sender', 'recipient'),
});
const fees = step(
  'set_fee',
  fc.record({
    currency,
    kind: fc.constantFrom('transfer', 'capture', 'withdrawal'),
    rule: fc.option(fee, { freq: 2 }),
  }),
  async ({ currency: code, kind, rule }, { model }, ledger) => {
    if (rule === null) {
      model.fees.delete(`${code} ${kind}`);
      await ledger.operator.query("select admin.remove_fee($1, $2, 'of a model')", [code, kind]);
      return;
    }
    model.fees.set(`${code} ${kind}`, rule);
    const [fixed, minimum] = [decimal(rule.fixed, code), decimal(rule.minimum, code)];
    await ledger.operator.query("select admin.set_fee($1, $2, $3, $4, $5, $6, $7, 'of a model')", [
      ...[code, kind, Number(rule.rate) / 10_000, fixed, minimum],
      ...[rule.maximum === null ? null : decimal(rule.maximum, code), rule.charged_to],
    ]);
  },
);

const block = step(
  'block',
  fc.record({ from: who, to: who, isOn: fc.boolean() }),
  async ({ from, to, isOn }, { model }, ledger) => {
    if (from === to) return;
    const sql = isOn
      ? 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2) on conflict do nothing'
      : 'delete from public.blocks where blocker_id = $1 and blocked_id = $2';
    await ledger.operator.query(sql, [ledger.person(from).id, ledger.person(to).id]);
    if (isOn) model.blocked.add(`${from} ${to}`);
    else model.blocked.delete(`${from} ${to}`);
  },
);

const fold = step('fold_queued_entries', fc.integer({ min: 1, max: 5 }), async (most, _world, ledger) => {
  await ledger.worker.query('select app_private.fold_queued_entries($1)', [most]);
});

const settle = step('settle', who, async (actor, world, ledger) => {
  await ask(world, ledger, { actor, operation: 'settle', args: {}, status: 200, model: () => ({}) });
});

const audit = step('audit_ledger', fc.constantFrom('recent', 'recent', 'full'), async (scope, _world, ledger) => {
  const { audit: found } = await ledger.worker.one<{ audit: { violations: unknown } }>(
    'select app_private.audit_ledger($1) as audit',
    [scope],
  );
  expect(found.violations).toEqual([]);
});

export const HOLDING = [hold, hold, hold, capture, capture, voidHold, letHoldExpire, expireHolds];
export const REQUESTING = [request, request, answer, answer, letRequestExpire];
export const PROVIDING = [withdraw, withdraw, deposit, claim, refusePayout, webhook, webhook, webhook];
export const OPERATING = [fund, fund, fund, freeze, limits, fees, block, fold, settle, audit];
