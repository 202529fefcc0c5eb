import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { FeeRule } from './model.ts';
import { predict } from './model-ledger.ts';
import { decimal } from './model-money.ts';
import type { ProviderEvent } from './model-provider.ts';
import { ask, currency, index, money, pick, step, type World, who } from './model-steps.ts';

const withPayments = ({ provider }: World) => provider.payments.length > 0;

const withdraw = step(
  'withdraw',
  fc.record({ actor: who, money, isElsewhere: fc.boolean() }),
  async ({ actor, money: sent, isElsewhere }, world, ledger) => {
    // Mostly the account in the currency of the money.
    const account = sent.currency === 'JPY' && !isElsewhere ? 'JPY' : 'USD';
    const done = await ask(world, ledger, {
      ...{ actor, operation: 'withdraw', status: 201 },
      args: {
        linked_account_id: ledger.linked.get(`${actor} ${account}`),
        ...{ amount: sent.text, currency: sent.currency },
      },
      model: () => world.provider.withdraw(actor, sent, account),
    });
    if (done) done[0].id = String(done[1]['id']);
  },
);

const deposit = step(
  'open_deposit',
  fc.record({ actor: who, money, isAttached: fc.boolean() }),
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

/** Money in and out, and what the provider tells. */
export const PROVIDING = [withdraw, withdraw, deposit, claim, refusePayout, webhook, webhook, webhook];
/** What operators and the worker do. */
export const OPERATING = [fund, fund, fund, freeze, limits, fees, block, fold, settle, audit];
