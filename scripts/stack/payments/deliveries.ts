import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { Refused, type WebhookEvent } from './records.ts';
import type { PaymentStore } from './store.ts';

/** How long a webhook is tried: after each failure twice as long a pause, up to a limit. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly first_pause_ms: number;
  readonly longest_pause_ms: number;
}

const DEFAULT_RETRIES: RetryPolicy = { attempts: 12, first_pause_ms: 200, longest_pause_ms: 30_000 };
const ANSWER_MS = 10_000;
const AT_ONCE = 8;
const REORDER_WINDOW_MS = 200;

/** What goes wrong on the way, on purpose. */
export interface Chaos {
  /** Further copies of each webhook that is sent for the first time. */
  readonly duplicate: number;
  /** Those made within a fifth of a second arrive in the opposite order, one after the other. */
  readonly reorder: boolean;
  /** Each is sent so much later. */
  readonly delay_ms: number;
  /** So many of the next requests are lost on the way, and count as unanswered. */
  readonly drop: number;
}

export const NO_CHAOS: Chaos = { duplicate: 0, reorder: false, delay_ms: 0, drop: 0 };

export interface DeliveryOptions {
  readonly store: PaymentStore;
  /** Where webhooks are sent. */
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  readonly retries?: RetryPolicy;
  readonly log: (line: string) => void;
}

export interface Deliveries extends AsyncDisposable {
  /** Records a webhook and sends it soon; it is kept until it was answered with 2xx. */
  readonly publish: (type: string, reference: string, data: Readonly<Record<string, unknown>>) => void;
  /** Sends one again, as often as it takes. @throws Refused (event_not_found) */
  readonly redeliver: (id: string) => WebhookEvent;
  /** Replaces what goes wrong; it ends with the process. */
  readonly setChaos: (chaos: Chaos) => void;
  /** Takes up what an earlier run did not deliver. */
  readonly resume: () => void;
}

/** Sends signed webhooks (Standard Webhooks), at least once and in no promised order, as real providers do. */
export function createDeliveries(options: DeliveryOptions): Deliveries {
  const { store, log } = options;
  const retries = options.retries ?? DEFAULT_RETRIES;
  const signer = new Webhook(options.secret);
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  const queue: string[] = [];
  let held: string[] = [];
  let chaos = NO_CHAOS;

  const change = (event: WebhookEvent, changes: Partial<WebhookEvent>): WebhookEvent => {
    const changed = { ...event, ...changes };
    store.put('events', changed);
    return changed;
  };

  function after(ms: number, step: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      step();
    }, ms);
    timers.add(timer);
  }

  function track(work: Promise<void>): void {
    running.add(work);
    const done = () => {
      running.delete(work);
      pump();
    };
    work.then(done, (error: unknown) => {
      log(`webhooks: ${String(error)}`);
      done();
    });
  }

  function pump(): void {
    while (!stop.signal.aborted && running.size < AT_ONCE) {
      const id = queue.shift();
      if (id === undefined) return;
      track(attempt(id));
    }
  }

  function enqueue(id: string): void {
    queue.push(id);
    pump();
  }

  function sendFirst(id: string): void {
    if (!chaos.reorder) {
      after(chaos.delay_ms, () => enqueue(id));
      return;
    }
    held.push(id);
    if (held.length > 1) return;
    after(REORDER_WINDOW_MS + chaos.delay_ms, () => {
      const ids = held.reverse();
      held = [];
      track(oneByOne(ids));
    });
  }

  async function oneByOne(ids: readonly string[]): Promise<void> {
    for (const id of ids) await attempt(id);
  }

  async function attempt(id: string): Promise<void> {
    const event = store.tables.events.get(id);
    if (event === undefined || event.state !== 'pending' || stop.signal.aborted) return;
    const first = event.attempts === 0;
    const { ok, answer } = await send(event);
    // Not its failure: it goes on with the next start.
    if (!ok && stop.signal.aborted) return;
    const attempts = event.attempts + 1;
    if (ok) {
      change(event, { state: 'delivered', attempts, deliveries: event.deliveries + 1, last_answer: answer });
      if (first) await sendCopies(id, chaos.duplicate);
    } else if (attempts >= retries.attempts) {
      change(event, { state: 'failed', attempts, last_answer: answer });
      log(`webhook ${event.type} for ${event.reference} was given up after ${attempts} tries: ${answer}`);
    } else {
      change(event, { attempts, last_answer: answer });
      after(Math.min(retries.first_pause_ms * 2 ** (attempts - 1), retries.longest_pause_ms), () => enqueue(id));
    }
    await store.saved();
  }

  async function sendCopies(id: string, count: number): Promise<void> {
    for (let copy = 0; copy < count; copy += 1) {
      const event = store.tables.events.get(id);
      if (event === undefined) return;
      const { ok } = await send(event);
      if (ok) change(event, { deliveries: event.deliveries + 1 });
    }
  }

  async function send({ id, body }: WebhookEvent): Promise<{ ok: boolean; answer: string }> {
    if (chaos.drop > 0) {
      chaos = { ...chaos, drop: chaos.drop - 1 };
      return { ok: false, answer: 'lost on the way' };
    }
    const now = new Date();
    try {
      const response = await fetch(options.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': signer.sign(id, now, body),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      await response.body?.cancel();
      return { ok: response.ok, answer: `HTTP ${response.status}` };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return { ok: false, answer: String(cause).slice(0, 200) };
    }
  }

  function takeUp(event: WebhookEvent): WebhookEvent {
    const changed = change(event, { state: 'pending', attempts: 0 });
    enqueue(event.id);
    return changed;
  }

  return {
    publish(type, reference, data) {
      const created_at = new Date().toISOString();
      const body = JSON.stringify({ type, timestamp: created_at, data: { reference, ...data } });
      const id = `evt_${randomUUID().replaceAll('-', '')}`;
      const fresh = { attempts: 0, deliveries: 0, last_answer: null, created_at };
      store.put('events', { id, type, reference, body, state: 'pending', ...fresh });
      sendFirst(id);
    },
    redeliver(id) {
      const event = store.tables.events.get(id);
      if (event === undefined) throw new Refused(404, 'event_not_found', 'There is no such event.');
      // One that is on its way is not sent by two at once.
      return event.state === 'pending' ? event : takeUp(event);
    },
    setChaos(next) {
      chaos = next;
    },
    resume() {
      for (const event of store.tables.events.values()) if (event.state !== 'delivered') takeUp(event);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      // Until they are done, they still change what the store is about to save.
      await Promise.allSettled(running);
    },
  };
}
