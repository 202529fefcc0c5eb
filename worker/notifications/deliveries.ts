import type { NotificationCard } from '../../contracts/api/notifications.ts';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import type { Loop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type Backoff, Bell, backoffMs, type Clock } from '../time.ts';
import { createHosts, type HostOutcome, type Hosts } from './hosts.ts';
import { ForbiddenTarget, failureOf, type Outgoing, type Sent, send } from './send.ts';

/** Longer than a message may take (`send.ts`), with room to write down how it ended. */
const LEASE_S = 30;
/** So many messages of a channel are on their way at the same time. */
const AT_ONCE = 40;
const RETRY: Backoff = { first_ms: 5_000, max_ms: 60 * 60_000 };
/** With these pauses about six hours. */
const MAX_ATTEMPTS = 15;
const MAX_RETRY_AFTER_S = 3_600;

const CLAIM = `select id, attempts, seq::float8 as seq, user_id, notification_id, target, card
  from app_private.claim_deliveries($1, $2, $3 * interval '1 second', $4, $5)`;
const FINISH = 'select app_private.finish_delivery($1, $2, $3, $4, $5) as noted';
const RETRY_LATER = `select app_private.retry_delivery($1, $2, $3, $4 * interval '1 millisecond')`;
const DROP = 'select app_private.drop_delivery_target($1, $2, $3, $4)';

/** One message as it was claimed. */
export interface Delivery<Target> {
  readonly id: string;
  readonly attempts: number;
  readonly seq: number;
  readonly user_id: string;
  readonly notification_id: string;
  /** Null when it was removed meanwhile. */
  readonly target: (Target & { readonly id: string; readonly url: string; readonly host: string }) | null;
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
  /** How many messages may be on their way to one host that answers quickly. */
  readonly most_per_host: number;
  /** Throws UnusableTarget. */
  readonly message: (card: NotificationCard, target: Target & { readonly url: string }, seq: number) => Outgoing;
  readonly gone: readonly number[];
}

/** Thrown for a target to which no message can be made, however often it is tried. */
export class UnusableTarget extends Error {
  override name = 'UnusableTarget';
}

type Outcome = 'sent' | 'nothing' | 'retried' | 'given_up' | 'gone';

/**
 * Sends what waits for a channel, each message by itself: one that takes long keeps its own place and no other. A message whose end was not written
 * down, because the worker was killed, is sent again after its lease, with the same id: whoever takes it twice can tell.
 */
export function deliveryLoop<Target>(deps: DeliveryDeps, channel: Channel<Target>): Loop {
  const hosts = createHosts(deps.clock, channel.most_per_host);
  const bell = new Bell();
  const flying = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | null = null;

  function begin(delivery: Delivery<Target>): void {
    const flight = deliver(deps, channel, hosts, delivery)
      // What could not be written down is claimed again after the lease.
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        flying.delete(flight);
        bell.ring();
      });
    flying.add(flight);
  }

  return {
    task: `notifications_${channel.name}`,
    every_ms: channel.every_ms,
    bell,
    async round() {
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        throw error;
      }
      const free = AT_ONCE - flying.size;
      if (free === 0) return { done: 0, more: false };
      const values = [channel.name, free, LEASE_S, JSON.stringify(hosts.rooms()), JSON.stringify(hosts.closed())];
      const claimed = await deps.database.query<Delivery<Target>>(CLAIM, values);
      for (const delivery of claimed) begin(delivery);
      return { done: claimed.length, more: claimed.length === free };
    },
    async end() {
      await Promise.all(flying);
    },
  };
}

interface Attempt {
  readonly sent: Sent | null;
  /** Null when it was taken. */
  readonly reason: string | null;
  /** Whether another try would end the same. */
  readonly isFinal: boolean;
  readonly isUnusable: boolean;
  readonly host: HostOutcome;
}

async function deliver<Target>(
  deps: DeliveryDeps,
  channel: Channel<Target>,
  hosts: Hosts,
  delivery: Delivery<Target>,
): Promise<void> {
  const { database, metrics, clock, log } = deps;
  const { id, attempts, seq, target, card, user_id } = delivery;
  const note = (outcome: Outcome, reason?: string) => {
    metrics.deliveries.inc({ channel: channel.name, outcome });
    if (outcome !== 'sent' && outcome !== 'nothing')
      log('info', 'a notification did not reach a target', {
        ...{ channel: channel.name, outcome, attempts, target_id: target?.id, reason },
      });
  };
  const finish = (error: string | null, wasSent = true) => database.query(FINISH, [id, attempts, seq, error, wasSent]);
  if (target === null || card === null) {
    await finish(null, false);
    return note('nothing');
  }
  const flight = { host: target.host, user_id, target_id: target.id };
  hosts.begin(flight);
  const since_ms = clock.now().getTime();
  const { sent, reason, isFinal, isUnusable, host } = await attempt(deps, channel, { ...delivery, target, card });
  hosts.end(flight, host, clock.now().getTime() - since_ms);
  if (reason === null) {
    await finish(null);
    return note('sent');
  }
  if (isUnusable || (sent !== null && channel.gone.includes(sent.status))) {
    await database.query(DROP, [channel.name, target.id, reason, !isUnusable]);
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

/** Never throws. */
async function attempt<Target>(
  { allowPrivate, log }: DeliveryDeps,
  channel: Channel<Target>,
  {
    target,
    card,
    seq,
  }: {
    readonly target: Target & { readonly id: string; readonly url: string };
    readonly card: NotificationCard;
    readonly seq: number;
  },
): Promise<Attempt> {
  try {
    const sent = await send(channel.message(card, target, seq), { allowPrivate });
    const { status } = sent;
    const isTaken = status >= 200 && status < 300;
    return {
      ...{ sent, isUnusable: false, reason: isTaken ? null : `it answered ${status}` },
      // What is wrong with the message is wrong the next time; who is busy, or asks for another token, may take it later.
      isFinal: status >= 300 && status < 500 && ![401, 403, 408, 425, 429].includes(status),
      host: status >= 500 ? 'failed' : 'answered',
    };
  } catch (error) {
    const isUnusable = error instanceof UnusableTarget;
    const isFinal = isUnusable || error instanceof ForbiddenTarget;
    // What its owner reads is one of a few sentences; what the network says may name our own.
    log('debug', 'a message broke', { channel: channel.name, target_id: target.id, reason: reasonOf(error) });
    const reason = isUnusable ? error.message : failureOf(error);
    return { sent: null, reason, isFinal, isUnusable, host: isFinal ? 'not_asked' : 'failed' };
  }
}
