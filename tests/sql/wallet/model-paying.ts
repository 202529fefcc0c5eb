import fc from 'fast-check';
import { expect } from 'vitest';
import { type Model, type Payment, PEOPLE } from './model.ts';
import { type Answer, type Item, type Ledger, outcomeOf, predict, type Request } from './model-ledger.ts';
import { decimal, type Money } from './model-money.ts';
import { anybody, ask, currency, index, money, pair, pick, step, type World, who } from './model-steps.ts';

function transferArgs(ledger: Ledger, to: number, { text, currency: code }: Money) {
  return { recipient: ledger.name(to), amount: text, currency: code };
}

const transfer = step(
  'transfer',
  fc.record({ pair, money, busy: fc.boolean() }),
  async ({ pair: [from, to], money: sent, busy }, world, ledger) => {
    const done = await ask(world, ledger, {
      ...{ actor: from, operation: 'transaction', status: 201, args: transferArgs(ledger, to, sent) },
      model: () => world.model.transferAlone(from, to, sent),
      ...{ busy: busy && to !== from ? [to] : [], isSystemBusy: busy },
    });
    if (done) done[0].id = String(done[1]['id']);
  },
);

const split = step(
  'split',
  fc.record({
    ...{ from: who, money, byShare: fc.boolean(), busy: fc.boolean() },
    parts: fc.array(fc.tuple(anybody, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 3 }),
  }),
  async ({ from, money: sent, byShare, parts, busy }, world, ledger) => {
    const people = parts.map(([person]) => person);
    // Amounts of which the first takes what is left, so that they mostly add up.
    const rest = (Number(sent.text) || 1) - parts.slice(1).reduce((total, [, part]) => total + part, 0);
    const texts = parts.map(([, part], i) => (byShare || i > 0 ? String(part) : exact(rest, sent)));
    const recipients = texts.map((text, i) => ({
      recipient: ledger.name(people[i] ?? 0),
      ...(byShare ? { share: Number(text) } : { amount: text }),
    }));
    const done = await ask(world, ledger, {
      ...{ actor: from, operation: 'split', status: 201 },
      args: { amount: sent.text, currency: sent.currency, recipients },
      model: () => world.model.split(from, sent, people, texts, byShare),
      ...{ busy: busy ? people.filter((person) => person !== from) : [], isSystemBusy: busy },
    });
    if (!done) return;
    done[0].id = String((done[1]['transaction'] as { id: string }).id);
  },
);

function exact(amount: number, { currency: code }: Money): string {
  return amount > 0 && amount < 1e9 ? amount.toFixed(code === 'JPY' ? 0 : 2) : '1';
}

/** All that somebody has, or one minor unit less or more: where refusals begin. */
export async function payAll(
  world: World,
  ledger: Ledger,
  { from, to, currency: code, more }: { from: number; to: number; currency: string; more: bigint },
): Promise<void> {
  const minor = (world.model.wallets.get(`${from} ${code}`)?.available ?? 0n) + more;
  if (minor <= 0n) return;
  const sent = { text: decimal(minor, code), currency: code };
  const done = await ask(world, ledger, {
    ...{ actor: from, operation: 'transaction', status: 201, args: transferArgs(ledger, to, sent) },
    model: () => world.model.transferAlone(from, to, sent),
  });
  if (done) done[0].id = String(done[1]['id']);
}

const spendAll = step(
  'transfer of everything',
  fc.record({ pair, currency, more: fc.constantFrom(0n, 0n, -1n, 1n) }),
  ({ pair: [from, to], ...rest }, world, ledger) => payAll(world, ledger, { from, to, ...rest }),
);

const reverse = step(
  'reverse',
  fc.record({ which: index, by: fc.constantFrom<'payee' | number>('payee', 'payee', 'payee', 0, 1) }),
  async ({ which, by }, world, ledger) => {
    const payment = pick(world.model.payments, which);
    const payees = [...payment.legs.keys()].filter((person) => person !== payment.from);
    const actor = by === 'payee' ? pick(payees, which) : by;
    const done = await ask(world, ledger, {
      ...{ actor, operation: 'reverse', status: 201, args: { id: payment.id, reason: 'of a model' } },
      model: () => world.model.reverse(payment, actor),
    });
    if (done) done[0].id = String(done[1]['id']);
  },
  ({ model }) => model.payments.length > 0,
);

const items = fc.array(fc.record({ pair, money, like: fc.option(index), isStale: rarely() }), {
  ...{ minLength: 1, maxLength: 6 },
});

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat({ max: 19 }).map((n) => n === 19);
}

const together = step(
  'post_transactions',
  fc.record({ items, busy: fc.boolean() }),
  async ({ items: given, busy }, world, ledger) => {
    const earlier = world.sent.filter(({ request }) => request.operation === 'transaction');
    const list: Item[] = [];
    for (const {
      like,
      pair: [from, to],
      ...rest
    } of given) {
      const item = { from, to, ...rest };
      const again = like !== null && like < list.length ? list[like] : undefined;
      const replayed = like !== null && again === undefined && earlier.length > 0 ? pick(earlier, like).request : null;
      if (again) list.push(again);
      else list.push({ ...item, key: replayed && replayed.actor === item.from ? replayed.key : world.nextKey() });
    }
    const payers = new Set(list.map(({ from }) => from));
    const payees = list.map(({ to }) => to).filter((to) => !payers.has(to));
    const answers = await ledger.whileBusy(busy ? payees : [], false, () => ledger.sendTogether(list));
    for (const [n, item] of list.entries()) {
      const answer = answers.get(n);
      if (answer) answeredTogether(world, ledger, item, answer);
    }
    // Whoever is left out is sent alone, but for whom the API would not have let in.
    for (const [n, item] of list.entries()) if (!answers.has(n) && !item.isStale) await sentAlone(world, ledger, item);
  },
);

function requestOf(ledger: Ledger, { from, to, money: sent, key }: Item): Request {
  return { actor: from, operation: 'transaction', key, args: transferArgs(ledger, to, sent) };
}

function answeredTogether(world: World, ledger: Ledger, item: Item, answer: Answer): void {
  expect(item.isStale).toBe(false);
  expect(world.sent.some(({ request }) => request.actor === item.from && request.key === item.key)).toBe(false);
  const { outcome, result } = predict(201, () => world.model.transfer(item.from, item.to, item.money));
  expect({ ...outcomeOf(answer), replayed: answer.replayed }).toEqual({ ...outcome, replayed: false });
  if (result) result.id = String(answer.body['id']);
  world.sent.push({ request: requestOf(ledger, item), answer });
}

async function sentAlone(world: World, ledger: Ledger, item: Item): Promise<void> {
  const request = requestOf(ledger, item);
  const before = world.sent.find(({ request: one }) => one.actor === item.from && one.key === item.key);
  if (before) {
    // A key stands for the hash that was sent with it, which here is always the same.
    expect(await ledger.send(request)).toEqual({ ...before.answer, replayed: true });
    return;
  }
  const { outcome, result } = predict(201, () => world.model.transferAlone(item.from, item.to, item.money));
  const answer = await ledger.send(request);
  expect({ ...outcomeOf(answer), replayed: answer.replayed }).toEqual({ ...outcome, replayed: false });
  if (result) result.id = String(answer.body['id']);
  world.sent.push({ request, answer });
}

const batch = step(
  'batch',
  fc.record({
    ...{ actor: who, atomic: fc.boolean(), busy: fc.boolean() },
    items: fc.array(fc.record({ to: anybody, money }), { minLength: 1, maxLength: 5 }),
  }),
  async ({ actor, atomic, items: given, busy }, world, ledger) => {
    const args = {
      ...{ mode: atomic ? 'atomic' : 'independent', currency: 'USD' },
      transfers: given.map(({ to, money: sent }) => transferArgs(ledger, to, sent)),
    };
    const { results, payments } = batchInModel(world.model, actor, given, atomic);
    const first = results.find(({ status }) => status !== 201);
    const request = { actor, operation: 'batch', args, key: world.nextKey() };
    const payees = given.map(({ to }) => to).filter((to) => to !== actor);
    const answer = await ledger.whileBusy(busy ? payees : [], busy, () => ledger.send(request));
    world.sent.push({ request, answer });
    if (atomic && first) {
      expect(outcomeOf(answer)).toEqual({ status: 422, code: 'wallet.batch_refused' });
      return;
    }
    const told = (answer.body as { results: { status: number; error?: { code: string }; transaction?: Payment }[] })
      .results;
    expect(told.map(({ status, error }) => ({ status, code: error?.code ?? null }))).toEqual(results);
    for (const [i, { transaction }] of told.filter(({ status }) => status === 201).entries()) {
      pick(payments, i).id = String(transaction?.id);
    }
  },
);

/** The outcome of each; in an atomic batch one refusal leaves everything as it was. */
function batchInModel(model: Model, actor: number, given: readonly { to: number; money: Money }[], atomic: boolean) {
  const before = { wallets: structuredClone(model.wallets), payments: [...model.payments] };
  for (const { to, money: sent } of given) {
    // Wallets are made before anything is paid.
    if (to !== actor && to < PEOPLE && sent.currency !== 'XXX') model.open(to, sent.currency);
  }
  const all = given.map(({ to, money: sent }) => predict(201, () => model.transfer(actor, to, sent)));
  if (atomic && all.some(({ result }) => result === null)) Object.assign(model, before);
  return { results: all.map(({ outcome }) => outcome), payments: all.flatMap(({ result }) => result ?? []) };
}

const replay = step(
  'replay',
  fc.record({ which: index, isOther: rarely() }),
  async ({ which, isOther }, world, ledger) => {
    const { request, answer } = pick(world.sent, which);
    if (isOther) {
      const refused = { status: 409, code: 'idempotency.key_reused' };
      expect(outcomeOf(await ledger.sendOther(request))).toEqual(refused);
    } else {
      expect(await ledger.send(request)).toEqual({ ...answer, replayed: true });
    }
  },
  ({ sent }) => sent.length > 0,
);

/** Payments, of one and of many, and each of them once more. */
export const PAYING = [
  transfer,
  transfer,
  transfer,
  spendAll,
  spendAll,
  split,
  reverse,
  reverse,
  together,
  together,
  batch,
  replay,
];
