import { divide, type Money, parse, Refusal, sum } from './model-money.ts';

/** Whoever has this index is nobody. */
export const PEOPLE = 4;

export interface Limits {
  readonly transfer: bigint | null;
  readonly day: bigint | null;
  readonly hour: number | null;
}

interface Wallet {
  available: bigint;
  pending: bigint;
  earned: bigint;
  limits: Limits;
  spent: bigint;
  times: number;
}

export interface FeeRule {
  /** In ten-thousandths of a percent. */
  readonly rate: bigint;
  readonly fixed: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint | null;
  readonly charged_to: 'sender' | 'recipient';
}

export interface Hold {
  id: string;
  readonly from: number;
  readonly to: number;
  readonly currency: string;
  readonly minor: bigint;
  state: 'open' | 'captured' | 'voided' | 'expired';
}

/** A booked payment; `legs` is what each person got (the payer: a negative amount) in available and pending together. */
export interface Payment {
  id: string;
  readonly kind: 'transfer' | 'capture' | 'split' | 'reversal';
  readonly from: number;
  readonly currency: string;
  readonly legs: ReadonlyMap<number, bigint>;
  reversed: boolean;
}

export interface Ask {
  id: string;
  readonly from: number;
  readonly to: number;
  readonly money: Money;
  state: 'open' | 'paid' | 'declined' | 'cancelled' | 'expired';
}

const NO_LIMITS: Limits = { transfer: null, day: null, hour: null };

/**
 * The ledger as a few maps in memory: what its rules say, without accounts, locks or queues. Amounts are minor units.
 * A method either does the whole of what was asked or throws a Refusal and has moved nothing.
 */
export class Model {
  wallets = new Map<string, Wallet>();
  readonly frozen = Array.from({ length: PEOPLE }, () => ({ in: false, out: false }));
  readonly fees = new Map<string, FeeRule>();
  readonly blocked = new Set<string>();
  readonly holds: Hold[] = [];
  payments: Payment[] = [];
  readonly asks: Ask[] = [];

  constructor() {
    for (let person = 0; person < PEOPLE; person += 1) this.open(person, 'USD');
  }

  /** The wallet, made on first use. */
  open(person: number, currency: string): Wallet {
    const wallet = this.wallets.get(`${person} ${currency}`) ?? newWallet();
    this.wallets.set(`${person} ${currency}`, wallet);
    return wallet;
  }

  give(person: number, currency: string, minor: bigint): void {
    this.open(person, currency).available += minor;
  }

  transfer(from: number, to: number, money: Money): Payment {
    const minor = parse(money);
    this.counterparty(from, to);
    const { paid, got } = this.feed(minor, money.currency, 'transfer');
    this.mayPay(from, money.currency, paid);
    if (got > 0n) this.mayReceive(to);
    this.spend(from, money.currency, paid);
    this.earn(to, money.currency, got);
    return this.book('transfer', from, money.currency, [
      [from, -paid],
      [to, got],
    ]);
  }

  /** A transfer as a request of its own: the recipient's wallet is made before it is known whether the money can be sent. */
  transferAlone(from: number, to: number, money: Money): Payment {
    const mayDeal = to < PEOPLE && to !== from && !this.isBlocked(from, to);
    if (mayDeal && this.wallets.has(`${from} ${money.currency}`)) this.open(to, money.currency);
    return this.transfer(from, to, money);
  }

  /** `parts` are shares, or amounts that must add up. */
  split(from: number, money: Money, people: readonly number[], parts: readonly string[], byShare: boolean): Payment {
    const minor = parse(money);
    this.payerOf(from, money.currency);
    for (const person of people) this.counterparty(from, person);
    if (new Set(people).size < people.length) throw new Refusal(422, 'wallet.invalid_split');
    const amounts = byShare ? divide(minor, parts.map(BigInt)) : parts.map((text) => parse({ ...money, text }));
    if (amounts.includes(0n) || sum(amounts) !== minor) throw new Refusal(422, 'wallet.invalid_split');
    const each = amounts.map((amount) => this.feed(amount, money.currency, 'transfer'));
    const paid = sum(each.map((one) => one.paid));
    this.mayPay(from, money.currency, paid);
    const got = people.map((person, i): [number, bigint] => [person, each[i]?.got ?? 0n]);
    for (const [person, amount] of got) if (amount > 0n) this.mayReceive(person);
    this.spend(from, money.currency, paid);
    for (const [person, amount] of got) this.earn(person, money.currency, amount);
    return this.book('split', from, money.currency, [[from, -paid], ...got]);
  }

  placeHold(from: number, to: number, money: Money): Hold {
    const minor = parse(money);
    this.counterparty(from, to);
    this.mayPay(from, money.currency, minor);
    this.spend(from, money.currency, minor);
    this.open(from, money.currency).pending += minor;
    const hold: Hold = { id: '', from, to, currency: money.currency, minor, state: 'open' };
    this.holds.push(hold);
    return hold;
  }

  capture(hold: Hold, actor: number, text: string | null): Payment {
    if (actor !== hold.from && actor !== hold.to) throw new Refusal(404, 'wallet.hold_not_found');
    const minor = text === null ? hold.minor : parse({ text, currency: hold.currency });
    if (minor > hold.minor) throw new Refusal(422, 'wallet.capture_exceeds_hold');
    mustBeOpen(hold);
    const { paid, got } = this.feed(minor, hold.currency, 'capture');
    const wallet = this.open(hold.from, hold.currency);
    if (this.frozen[hold.from]?.out) throw new Refusal(403, 'wallet.frozen');
    if (wallet.available + hold.minor < paid) throw new Refusal(402, 'wallet.insufficient_funds');
    if (got > 0n) this.mayReceive(hold.to);
    wallet.pending -= hold.minor;
    wallet.available += hold.minor - paid;
    this.earn(hold.to, hold.currency, got);
    hold.state = 'captured';
    return this.book('capture', hold.from, hold.currency, [
      [hold.from, -paid],
      [hold.to, got],
    ]);
  }

  voidHold(hold: Hold, actor: number): void {
    if (actor !== hold.from && actor !== hold.to) throw new Refusal(404, 'wallet.hold_not_found');
    if (actor === hold.from) throw new Refusal(403, 'auth.forbidden');
    mustBeOpen(hold);
    this.release(hold, 'voided');
  }

  /** From the moment at which a hold is over its money counts as available, whatever the ledger has booked by then. */
  release(hold: Hold, state: 'voided' | 'expired'): void {
    const wallet = this.open(hold.from, hold.currency);
    wallet.pending -= hold.minor;
    wallet.available += hold.minor;
    hold.state = state;
  }

  reverse(payment: Payment, actor: number): Payment {
    const isParty = (payment.legs.get(actor) ?? 0n) !== 0n;
    if (!isParty) throw new Refusal(404, 'wallet.transaction_not_found');
    if (payment.kind !== 'reversal' && payment.from === actor) throw new Refusal(403, 'auth.forbidden');
    if (payment.kind === 'split') throw new Refusal(422, 'wallet.not_reversible');
    if (this.frozen[actor]?.out) throw new Refusal(403, 'wallet.frozen');
    if (payment.kind === 'reversal') throw new Refusal(422, 'wallet.not_reversible');
    if (payment.reversed) throw new Refusal(409, 'wallet.already_reversed');
    const got = payment.legs.get(actor) ?? 0n;
    if (this.open(actor, payment.currency).available < got) throw new Refusal(402, 'wallet.insufficient_funds');
    for (const [person, minor] of payment.legs) this.give(person, payment.currency, -minor);
    payment.reversed = true;
    const legs = [...payment.legs].map(([person, minor]): [number, bigint] => [person, -minor]);
    return this.book('reversal', actor, payment.currency, legs);
  }

  ask(from: number, to: number, money: Money): Ask {
    parse(money);
    this.counterparty(from, to);
    const ask: Ask = { id: '', from, to, money, state: 'open' };
    this.asks.push(ask);
    return ask;
  }

  answer(ask: Ask, actor: number, state: 'paid' | 'declined' | 'cancelled'): Payment | null {
    if (actor !== ask.from && actor !== ask.to) throw new Refusal(404, 'wallet.request_not_found');
    if (actor !== (state === 'cancelled' ? ask.from : ask.to)) throw new Refusal(403, 'auth.forbidden');
    if (ask.state !== 'open') throw new Refusal(409, 'wallet.request_resolved');
    const payment = state === 'paid' ? this.transfer(ask.to, ask.from, ask.money) : null;
    ask.state = state;
    return payment;
  }

  /** Nobody pays what they never had: no wallet is made for a payer. */
  payerOf(person: number, currency: string): Wallet {
    const wallet = this.wallets.get(`${person} ${currency}`);
    if (wallet) return wallet;
    if (this.frozen[person]?.out) throw new Refusal(403, 'wallet.frozen');
    throw new Refusal(402, 'wallet.insufficient_funds');
  }

  mayPay(person: number, currency: string, minor: bigint): void {
    const { available, limits, spent, times } = this.payerOf(person, currency);
    if (this.frozen[person]?.out) throw new Refusal(403, 'wallet.frozen');
    if (available < minor) throw new Refusal(402, 'wallet.insufficient_funds');
    const tooMuch = limits.transfer !== null && minor > limits.transfer;
    const tooMuchToday = limits.day !== null && spent + minor > limits.day;
    if (tooMuch || tooMuchToday || (limits.hour !== null && times >= limits.hour)) {
      throw new Refusal(422, 'wallet.limit_exceeded');
    }
  }

  /** What leaves by a transfer or a hold counts against the limits. */
  spend(person: number, currency: string, minor: bigint): void {
    const wallet = this.open(person, currency);
    wallet.available -= minor;
    wallet.spent += minor;
    wallet.times += 1;
  }

  mayReceive(person: number): void {
    if (this.frozen[person]?.in) throw new Refusal(422, 'wallet.recipient_unavailable');
  }

  counterparty(from: number, to: number): void {
    if (to >= PEOPLE) throw new Refusal(404, 'wallet.recipient_not_found');
    if (to === from) throw new Refusal(422, 'wallet.self_transfer');
    if (this.isBlocked(from, to)) throw new Refusal(403, 'wallet.blocked');
  }

  private isBlocked(one: number, other: number): boolean {
    return this.blocked.has(`${one} ${other}`) || this.blocked.has(`${other} ${one}`);
  }

  fee(minor: bigint, currency: string, kind: string): bigint {
    const rule = this.fees.get(`${currency} ${kind}`);
    if (!rule) return 0n;
    const raw = (minor * rule.rate + 500_000n) / 1_000_000n + rule.fixed;
    const atLeast = raw < rule.minimum ? rule.minimum : raw;
    const fee = rule.maximum !== null && atLeast > rule.maximum ? rule.maximum : atLeast;
    return rule.charged_to === 'recipient' && fee > minor ? minor : fee;
  }

  feed(minor: bigint, currency: string, kind: string): { paid: bigint; got: bigint; fee: bigint } {
    const fee = this.fee(minor, currency, kind);
    const isOnTop = this.fees.get(`${currency} ${kind}`)?.charged_to === 'sender';
    return isOnTop ? { paid: minor + fee, got: minor, fee } : { paid: minor, got: minor - fee, fee };
  }

  private earn(person: number, currency: string, minor: bigint): void {
    this.give(person, currency, minor);
    this.open(person, currency).earned += minor;
  }

  private book(kind: Payment['kind'], from: number, currency: string, legs: [number, bigint][]): Payment {
    const payment: Payment = { id: '', kind, from, currency, legs: new Map(legs), reversed: false };
    this.payments.push(payment);
    return payment;
  }
}

function newWallet(): Wallet {
  return { available: 0n, pending: 0n, earned: 0n, limits: NO_LIMITS, spent: 0n, times: 0 };
}

function mustBeOpen({ state }: Hold): void {
  if (state === 'expired') throw new Refusal(409, 'wallet.hold_expired');
  if (state !== 'open') throw new Refusal(409, 'wallet.hold_resolved');
}
