import type { Payments } from '../../payments/config.ts';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';

/** One call of 10 s; the lease leaves room for the answer to be written down. */
const LEASE_S = 60;
const AT_ONCE = 10;
/** With the twenty times that the database allows: about three days. */
const RETRY: Backoff = { first_ms: 5_000, max_ms: 12 * 3_600_000 };

const CLAIM = `select id, provider, provider_token, attempts
  from app_private.claim_unlinked_accounts($1, $2, $3 * interval '1 second')`;
const UNLINKED = 'select app_private.account_unlinked($1)';
const RETRY_LATER = `select app_private.unlink_retry($1, $2, $3 * interval '1 millisecond') as again`;

interface UnlinkedAccount {
  readonly id: string;
  readonly provider: string;
  readonly provider_token: string;
  readonly attempts: number;
}

export interface UnlinkDeps {
  readonly database: Pick<Database, 'query'>;
  readonly payments: Pick<Payments, 'names' | 'provider'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Has payment providers forget the accounts that people removed, or left behind with their deleted user. Asking again does
 * nothing twice, so whatever goes wrong is tried again, a refusal too: it may be for money that is still in the account. After the
 * last time the account keeps its token and waits for an operator. Null without a provider: then removed accounts wait.
 */
export function unlinkLoop(deps: UnlinkDeps): Loop | null {
  if (deps.payments.names.length === 0) return null;
  return {
    task: 'unlinks',
    every_ms: 2_000,
    round: leased(
      AT_ONCE,
      (limit) => deps.database.query<UnlinkedAccount>(CLAIM, [deps.payments.names, limit, LEASE_S]),
      (account) => unlink(deps, account),
    ),
  };
}

async function unlink(
  { database, payments, metrics, clock, log }: UnlinkDeps,
  account: UnlinkedAccount,
): Promise<void> {
  const { id, provider, provider_token, attempts } = account;
  try {
    const asked = payments.provider(provider);
    if (asked === undefined) throw new Error(`the payment provider ${provider} is not set up here`);
    await asked.unlinkAccount(provider_token);
  } catch (error) {
    const reason = reasonOf(error);
    const pause_ms = backoffMs(RETRY, attempts, clock.random);
    const [row] = await database.query<{ again: boolean }>(RETRY_LATER, [id, reason, pause_ms]);
    const outcome = row?.again === false ? 'given_up' : 'retried';
    metrics.unlinks.inc({ outcome });
    const level = outcome === 'given_up' ? 'error' : 'warn';
    log(level, 'a removed account is still at its provider', { linked_account_id: id, provider, attempts, reason });
    return;
  }
  await database.query(UNLINKED, [id]);
  metrics.unlinks.inc({ outcome: 'unlinked' });
}
