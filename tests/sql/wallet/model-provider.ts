import type { Model } from './model.ts';
import { type Money, parse, Refusal } from './model-money.ts';

/** Money on its way in or out. `minor` is what the provider moves. */
export interface ProviderPayment {
  id: string;
  readonly type: 'payout' | 'deposit';
  readonly owner: number;
  readonly currency: string;
  readonly minor: bigint;
  readonly fee: bigint;
  state: 'requested' | 'submitted' | 'paid' | 'failed' | 'pending' | 'completed';
  reference: string | null;
}

/** A webhook as it first arrived. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: {
    readonly reference: string;
    readonly provider_reference: string;
    readonly amount_minor: string;
    readonly currency: string;
  };
  outcome: string;
}

/** What the ledger knows of the payment provider. */
export class ProviderModel {
  readonly payments: ProviderPayment[] = [];
  readonly events: ProviderEvent[] = [];
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
  }

  /** @param account the currency of the linked account */
  withdraw(owner: number, money: Money, account: string): ProviderPayment {
    const minor = parse(money);
    const { paid, got, fee } = this.model.feed(minor, money.currency, 'withdrawal');
    if (got === 0n) throw new Refusal(422, 'wallet.invalid_amount');
    this.model.payerOf(owner, money.currency);
    if (account !== money.currency) throw new Refusal(422, 'wallet.linked_account_currency');
    this.model.mayPay(owner, money.currency, paid);
    this.model.spend(owner, money.currency, paid);
    this.model.open(owner, money.currency).pending += paid;
    return this.add({ ...{ id: '', type: 'payout', owner, fee }, currency: money.currency, minor: got }, 'requested');
  }

  openDeposit(owner: number, money: Money): ProviderPayment {
    const minor = parse(money);
    if (minor > 10n ** 12n) throw new Refusal(422, 'wallet.limit_exceeded');
    if (this.model.frozen[owner]?.in) throw new Refusal(403, 'wallet.frozen');
    this.model.open(owner, money.currency);
    return this.add({ ...{ id: '', type: 'deposit', owner, fee: 0n }, currency: money.currency, minor }, 'pending');
  }

  /** The withdrawals that the worker may hand over now, when it has not claimed them before. */
  due(): ProviderPayment[] {
    return this.payments.filter(({ state, owner }) => state === 'requested' && !this.model.frozen[owner]?.out);
  }

  fail(payout: ProviderPayment): void {
    const wallet = this.model.open(payout.owner, payout.currency);
    wallet.pending -= payout.minor + payout.fee;
    wallet.available += payout.minor + payout.fee;
    payout.state = 'failed';
  }

  /** What comes of an event: a copy of it is judged again only while there is something left to do. */
  hear(event: ProviderEvent): string {
    if (['applied', 'already_applied', 'ignored'].includes(event.outcome)) return 'duplicate';
    event.outcome = this.judge(event);
    return event.outcome;
  }

  private judge({ type, payload }: ProviderEvent): string {
    const [about, news] = type.split('.');
    const payment = this.payments.find((one) => one.type === about && one.id === payload.reference);
    if (!payment) return 'unknown_reference';
    if (payload.amount_minor !== payment.minor.toString() || payload.currency !== payment.currency) {
      return 'amount_differs';
    }
    const given = payload.provider_reference;
    const isTaken = this.payments.some((one) => one !== payment && one.type === about && one.reference === given);
    if (isTaken || (payment.reference !== null && payment.reference !== given)) return 'reference_differs';
    const outcome = about === 'payout' ? this.payoutNews(payment, news) : this.depositNews(payment, news);
    if (outcome === 'applied') payment.reference = given;
    return outcome;
  }

  private payoutNews(payout: ProviderPayment, news: string | undefined): string {
    if (payout.state === 'paid' || payout.state === 'failed') {
      return payout.state === news ? 'already_applied' : 'contradicts';
    }
    if (news === 'failed') this.fail(payout);
    else {
      this.model.open(payout.owner, payout.currency).pending -= payout.minor + payout.fee;
      payout.state = 'paid';
    }
    return 'applied';
  }

  private depositNews(deposit: ProviderPayment, news: string | undefined): string {
    if (news === 'failed') {
      if (deposit.state !== 'pending') return deposit.state === 'failed' ? 'already_applied' : 'contradicts';
      deposit.state = 'failed';
      return 'applied';
    }
    if (deposit.state === 'completed') return 'already_applied';
    if (this.model.frozen[deposit.owner]?.in) return 'wallet_unavailable';
    this.model.give(deposit.owner, deposit.currency, deposit.minor);
    deposit.state = 'completed';
    return 'applied';
  }

  private add(payment: Omit<ProviderPayment, 'state' | 'reference'>, state: ProviderPayment['state']): ProviderPayment {
    const added: ProviderPayment = { ...payment, state, reference: null };
    this.payments.push(added);
    return added;
  }
}
