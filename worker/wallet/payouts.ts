import type { Payments } from '../../payments/config.ts';
import { ProviderError } from '../../payments/provider.ts';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';

/** A payout takes up to six calls of 10 s each (payments/stripe-payouts.ts); the lease leaves room for the answer to be written down. */
const LEASE_S = 120;
const AT_ONCE = 10;
const RETRY: Backoff = { first_ms: 2_000, max_ms: 15 * 60_000 };

const CLAIM = `select id, owner, provider, provider_token, amount_minor::text, currency, exponent, attempts
  from app_private.claim_withdrawals($1, $2 * interval '1 second')`;
const SUBMITTED = 'select app_private.withdrawal_submitted($1, $2) as noted';
const REFUSED = 'select app_private.withdrawal_refused($1, $2)';
const RETRY_LATER = `select app_private.withdrawal_retry($1, $2, $3 * interval '1 millisecond')`;

interface Withdrawal {
  readonly id: string;
  readonly owner: string;
  readonly provider: string;
  readonly provider_token: string;
  readonly amount_minor: string;
  readonly currency: string;
  readonly exponent: number;
  readonly attempts: number;
}

export interface PayoutDeps {
  readonly database: Pick<Database, 'query'>;
  readonly payments: Pick<Payments, 'current' | 'provider'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

type Outcome = 'submitted' | 'refused' | 'retried';

/**
 * Takes requested withdrawals to the payment provider. A withdrawal is asked for under its own id, so asking again, after a
 * crash or by a second worker, pays once. Only a provider that said no ends one; whatever else goes wrong is tried again for ever,
 * because its money may be on the way. Null without a provider: then withdrawals wait.
 */
export function payoutLoop(deps: PayoutDeps): Loop | null {
  if (deps.payments.current === undefined) return null;
  return {
    task: 'payouts',
    every_ms: 1_000,
    round: leased(
      AT_ONCE,
      (limit) => deps.database.query<Withdrawal>(CLAIM, [limit, LEASE_S]),
      (withdrawal) => payOut(deps, withdrawal),
    ),
  };
}

async function payOut(deps: PayoutDeps, withdrawal: Withdrawal): Promise<void> {
  const { database, payments, metrics, clock, log } = deps;
  const { id, provider: name, attempts } = withdrawal;
  const note = (outcome: Outcome, reason?: string) => {
    metrics.payouts.inc({ outcome });
    const level = outcome === 'submitted' ? 'debug' : 'warn';
    log(level, 'a withdrawal went to its provider', { withdrawal_id: id, provider: name, outcome, attempts, reason });
  };
  const provider = payments.provider(name);
  let provider_reference: string;
  try {
    if (provider === undefined) throw new Error(`the payment provider ${name} is not set up here`);
    ({ provider_reference } = await provider.createPayout({
      ...{ withdrawal_id: id, user_id: withdrawal.owner, account_token: withdrawal.provider_token },
      ...{ amount_minor: withdrawal.amount_minor, currency: withdrawal.currency, exponent: withdrawal.exponent },
    }));
  } catch (error) {
    if (error instanceof ProviderError && !error.retryable) {
      await database.query(REFUSED, [id, error.provider_code]);
      return note('refused', error.provider_code);
    }
    const reason = reasonOf(error);
    await database.query(RETRY_LATER, [id, reason, backoffMs(RETRY, Math.max(attempts, 1), clock.random)]);
    return note('retried', reason);
  }
  const [row] = await database.query<{ noted: boolean }>(SUBMITTED, [id, provider_reference]);
  if (row?.noted !== true)
    log('error', 'a withdrawal has another payout already', { withdrawal_id: id, provider_reference });
  note('submitted');
}
