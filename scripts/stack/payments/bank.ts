import { randomUUID } from 'node:crypto';
import type { Deliveries } from './deliveries.ts';
import { type BankAccount, type BankToken, type DepositRecord, type PayoutRecord, Refused } from './records.ts';
import type { PaymentStore } from './store.ts';

const BANK_NAME = 'Astra Test Bank';

/** The last four characters of an account's number decide how payouts to it end; all others are paid. */
const OUTCOME_BY_LAST4: Readonly<Record<string, BankAccount['outcome']>> = {
  '0000': 'account_closed',
  '0001': 'by_hand',
  '0002': 'refused',
};

export interface BankOptions {
  readonly store: PaymentStore;
  readonly deliveries: Pick<Deliveries, 'publish'>;
  /** How long a payout is under way. */
  readonly settle_ms: number;
}

type Asked<T extends { readonly id: string }> = Omit<T, 'id' | 'status' | 'reason' | 'created_at'>;

/** Tokens, accounts, deposits and payouts. Every method changes the store at once; the caller waits until it is saved. */
export interface Bank extends Disposable {
  readonly tokenise: (number: string, currency: string) => BankToken;
  readonly attach: (token: string, user_id: string) => BankAccount;
  readonly detach: (account: string) => void;
  readonly openDeposit: (asked: Asked<DepositRecord>) => DepositRecord;
  readonly deposit: (id: string) => DepositRecord;
  /** A customer who was declined may try again; one who has paid is done. */
  readonly pay: (id: string) => DepositRecord;
  readonly decline: (id: string) => DepositRecord;
  readonly sendPayout: (asked: Asked<PayoutRecord>) => PayoutRecord;
  /** A payout that was paid may still come back, as with real banks; one that failed is done. */
  readonly settle: (id: string, outcome: 'paid' | 'failed', reason?: string) => PayoutRecord;
  /** Goes on with payouts that an earlier run left under way. */
  readonly resume: () => void;
}

export function createBank({ store, deliveries, settle_ms }: BankOptions): Bank {
  const timers = new Set<NodeJS.Timeout>();
  const { tables } = store;

  function settleSoon(payout: PayoutRecord): void {
    const outcome = tables.accounts.get(payout.account)?.outcome ?? 'paid';
    if (outcome === 'by_hand') return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (tables.payouts.get(payout.id)?.status !== 'processing') return;
      if (outcome === 'account_closed') settle(payout.id, 'failed', outcome);
      else settle(payout.id, 'paid');
      void store.saved();
    }, settle_ms);
    timers.add(timer);
  }

  function settle(id: string, outcome: 'paid' | 'failed', reason = 'returned_by_bank'): PayoutRecord {
    const payout = found(tables.payouts.get(id), 'payout');
    if (payout.status === outcome) return payout;
    if (payout.status === 'failed') throw new Refused(409, 'payout_settled', 'This payout has failed already.');
    const settled: PayoutRecord = { ...payout, status: outcome, reason: outcome === 'failed' ? reason : null };
    store.put('payouts', settled);
    publish(outcome === 'paid' ? 'payout.paid' : 'payout.failed', settled, settled.reason);
    return settled;
  }

  function answerDeposit(id: string, status: 'paid' | 'declined'): DepositRecord {
    const deposit = found(tables.deposits.get(id), 'deposit');
    if (deposit.status === status) return deposit;
    if (deposit.status === 'paid') throw new Refused(409, 'deposit_paid', 'This deposit is paid already.');
    const answered: DepositRecord = { ...deposit, status };
    store.put('deposits', answered);
    if (status === 'paid') publish('deposit.succeeded', answered, null);
    else publish('deposit.failed', answered, 'declined');
    return answered;
  }

  function publish(type: string, record: DepositRecord | PayoutRecord, reason: string | null): void {
    const { id, reference, amount_minor, currency } = record;
    const facts = { provider_reference: id, amount_minor, currency };
    deliveries.publish(type, reference, reason === null ? facts : { ...facts, reason });
  }

  return {
    tokenise(number, currency) {
      const last4 = number.slice(-4);
      const facts = { bank_name: BANK_NAME, last4, currency, outcome: OUTCOME_BY_LAST4[last4] ?? 'paid' };
      const token: BankToken = { ...stamp('tok'), ...facts, account: null };
      store.put('tokens', token);
      return token;
    },
    attach(id, user_id) {
      const token = tables.tokens.get(id);
      if (token === undefined) throw new Refused(422, 'token_unknown', 'There is no such token.');
      if (token.account !== null) throw new Refused(422, 'token_used', 'This token was used already.');
      const { bank_name, last4, currency, outcome } = token;
      const account: BankAccount = { ...stamp('ba'), user_id, bank_name, last4, currency, outcome, removed: false };
      store.put('tokens', { ...token, account: account.id });
      store.put('accounts', account);
      return account;
    },
    detach(id) {
      store.put('accounts', { ...found(tables.accounts.get(id), 'account'), removed: true });
    },
    openDeposit(asked) {
      const deposit: DepositRecord = { ...stamp('dep'), ...asked, status: 'open' };
      store.put('deposits', deposit);
      return deposit;
    },
    deposit: (id) => found(tables.deposits.get(id), 'deposit'),
    pay: (id) => answerDeposit(id, 'paid'),
    decline: (id) => answerDeposit(id, 'declined'),
    sendPayout(asked) {
      const account = tables.accounts.get(asked.account);
      if (account === undefined || account.removed || account.user_id !== asked.user_id) {
        throw new Refused(422, 'account_unknown', 'This user has no such account.');
      }
      if (account.currency !== asked.currency) {
        throw new Refused(422, 'account_currency', `This account takes ${account.currency} only.`);
      }
      if (account.outcome === 'refused') throw new Refused(422, 'account_refused', 'The bank refuses this account.');
      const payout: PayoutRecord = { ...stamp('po'), ...asked, status: 'processing', reason: null };
      store.put('payouts', payout);
      settleSoon(payout);
      return payout;
    },
    settle,
    resume() {
      for (const payout of tables.payouts.values()) if (payout.status === 'processing') settleSoon(payout);
    },
    [Symbol.dispose]() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function stamp(prefix: string): { id: string; created_at: string } {
  return { id: `${prefix}_${randomUUID().replaceAll('-', '')}`, created_at: new Date().toISOString() };
}

function found<T>(record: T | undefined, what: string): T {
  if (record === undefined) throw new Refused(404, `${what}_not_found`, `There is no such ${what}.`);
  return record;
}
