import type { NotificationCard } from '../../contracts/api/notifications.ts';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';
import { ForbiddenTarget, type Outgoing, type Sent, send } from './send.ts';

/** Longer than a message may take (`send.ts`), with room to write down how it ended. */
const LEASE_S = 30;
const AT_ONCE = 20;
const RETRY: Backoff = { first_ms: 5_000, max_ms: 60 * 60_000 };
/** With these pauses about six hours. */
const MAX_ATTEMPTS = 15;
const MAX_RETRY_AFTER_S = 3_600;

const CLAIM = `select id, attempts, seq::float8 as seq, notification_id, target, card
  from app_private.claim_deliveries($1, $2, $3 * interval '1 second')`;
const FINISH = 'select app_private.finish_delivery($1, $2, $3, $4) as noted';
const RETRY_LATER = `select app_private.retry_delivery($1, $2, $3, $4 * interval '1 millisecond')`;
const DROP = 'select app_private.drop_delivery_target($1, $2, $3)';

/** One message as it was claimed. */
export interface Delivery<Target> {
  readonly id: string;
  readonly attempts: number;
  readonly seq: number;
  readonly notification_id: string;
  /** Null when it was removed meanwhile. */
  readonly target: (Target & { readonly id: string; readonly url: string }) | null;
  /** Null when there is nothing to say any more. */
  readonly card: NotificationCard | null;
}

export interface DeliveryDeps {
  readonly database: Pick<Database, 'query'>;
  readonly allowPrivate: boolean;
  readonly metrics: Pick<Metrics, 'deliveries'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a channel makes a message of a notification, and which answers say that its receiver is gone. */
export interface Channel<Target> {
  readonly name: 'push' | 'webhook';
  readonly every_ms: number;
  readonly message: (card: NotificationCard, target: Target & { readonly url: string }, seq: number) => Outgoing;
  readonly gone: readonly number[];
}

type Outcome = 'sent' | 'nothing' | 'retried' | 'given_up' | 'gone';

/**
 * Sends what waits for a channel. A message whose end was not written down, because the worker was killed, is sent again after its lease,
 * with the same id: whoever takes it twice can tell.
 */
export function deliveryLoop<Target>(deps: DeliveryDeps, channel: Channel<Target>): Loop {
  return {
    task: `notifications_${channel.name}`,
    every_ms: channel.every_ms,
    round: leased(
      AT_ONCE,
      (limit) => deps.database.query<Delivery<Target>>(CLAIM, [channel.name, limit, LEASE_S]),
      (delivery) => deliver(deps, channel, delivery),
    ),
  };
}

async function deliver<Target>(
  deps: DeliveryDeps,
  channel: Channel<Target>,
  delivery: Delivery<Target>,
): Promise<void> {
  const { database, allowPrivate, metrics, clock, log } = deps;
  const { id, attempts, seq, target, card } = delivery;
  const note = (outcome: Outcome, reason?: string) => {
    metrics.deliveries.inc({ channel: channel.name, outcome });
    if (outcome !== 'sent' && outcome !== 'nothing')
      log('info', 'a notification did not reach a target', {
        ...{ channel: channel.name, outcome, attempts, target_id: target?.id, reason },
      });
  };
  const finish = (error: string | null) => database.query(FINISH, [id, attempts, seq, error]);
  if (target === null || card === null) {
    await finish(null);
    return note('nothing');
  }
  let sent: Sent | null = null;
  let reason: string;
  let isFinal = false;
  try {
    sent = await send(channel.message(card, target, seq), { allowPrivate });
    if (sent.status >= 200 && sent.status < 300) {
      await finish(null);
      return note('sent');
    }
    reason = `it answered ${sent.status}`;
    // What is wrong with the message is wrong the next time; who is busy, or asks for another token, may take it later.
    isFinal = sent.status >= 300 && sent.status < 500 && ![401, 403, 408, 425, 429].includes(sent.status);
  } catch (error) {
    reason = reasonOf(error);
    isFinal = error instanceof ForbiddenTarget;
  }
  if (sent !== null && channel.gone.includes(sent.status)) {
    await database.query(DROP, [channel.name, target.id, reason]);
    return note('gone', reason);
  }
  if (isFinal || attempts >= MAX_ATTEMPTS) {
    await finish(reason);
    return note('given_up', reason);
  }
  const asked_ms = Math.min(sent?.retryAfter_s ?? 0, MAX_RETRY_AFTER_S) * 1_000;
  const pause_ms = Math.max(asked_ms, backoffMs(RETRY, attempts, clock.random));
  await database.query(RETRY_LATER, [id, attempts, reason, pause_ms]);
  note('retried', reason);
}
