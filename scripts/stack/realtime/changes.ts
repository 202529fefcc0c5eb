import { type Log, reasonOf } from '../../../worker/log.ts';
import { prepareBatch } from './change-batch.ts';
import type { Channel } from './channel.ts';
import type { Database } from './database.ts';
import type { Metrics } from './metrics.ts';
import type { WantedChanges } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { resolveSubscriptions, type Subscription, subscriptionId } from './subscriptions.ts';
import { Tables } from './tables.ts';

/** A row as the log has it: the text of each column; one that is missing did not change and is too long to be logged again. */
export type RowTexts = Readonly<Record<string, string | null | undefined>>;

/** One change of one row of a published table. */
export interface RowChange {
  readonly type: 'INSERT' | 'UPDATE' | 'DELETE';
  /** The table's oid. */
  readonly table: string;
  readonly schema: string;
  readonly name: string;
  readonly row: RowTexts | null;
  /** What the table's replica identity keeps of the row as it was. */
  readonly old: RowTexts | null;
  /** ISO 8601, in UTC. */
  readonly committed_at: string;
  readonly xid: number;
}

const BATCH = 500;
/** Beyond either the log waits: Postgres keeps it for us. */
const QUEUED_CHANGES = 5_000;
const QUEUED_LETTERS = 64 * 1024 * 1024;

export interface ChangesDeps {
  readonly database: Pick<Database, 'query'>;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Called for a channel that may have missed changes. */
  readonly onLost: (channel: Channel) => void;
}

/** Who wants to hear of which table, and the way of a change from the log to them: filters, policies, frames, in the log's order. */
export class Changes {
  readonly #deps: ChangesDeps & { readonly tables: Tables };
  readonly #subscribers = new Map<string, Set<Subscription>>();
  readonly #queue: RowChange[] = [];
  #queuedLetters = 0;
  #draining = false;
  #goOn: (() => void) | null = null;

  constructor(deps: ChangesDeps) {
    this.#deps = { ...deps, tables: new Tables(deps.database) };
  }

  idOf(wanted: WantedChanges): number {
    return subscriptionId(wanted);
  }

  /** @throws Refusal */
  resolve(channel: Channel, wanted: readonly WantedChanges[]): Promise<Subscription[]> {
    return resolveSubscriptions(this.#deps, channel, wanted);
  }

  /** After the channel's role has changed: another role may read other columns. */
  async resolveAgain(channel: Channel): Promise<void> {
    const wanted = [...new Set(channel.subscriptions.map((subscription) => subscription.wanted))];
    if (wanted.length === 0) return;
    try {
      const subscriptions = await this.resolve(channel, wanted);
      this.unlink(channel);
      if (channel.open) this.link(channel, subscriptions);
    } catch (error) {
      this.unlink(channel);
      if (!(error instanceof Refusal)) throw error;
      channel.system('postgres_changes', 'error', error.message);
    }
  }

  link(channel: Channel, subscriptions: readonly Subscription[]): void {
    channel.subscriptions = [...channel.subscriptions, ...subscriptions];
    for (const subscription of subscriptions) {
      const subscribers = this.#subscribers.get(subscription.table);
      if (subscribers === undefined) this.#subscribers.set(subscription.table, new Set([subscription]));
      else subscribers.add(subscription);
    }
  }

  unlink(channel: Channel): void {
    for (const subscription of channel.subscriptions) this.#drop(subscription);
    channel.subscriptions = [];
  }

  #drop(subscription: Subscription): void {
    const subscribers = this.#subscribers.get(subscription.table);
    subscribers?.delete(subscription);
    if (subscribers?.size === 0) this.#subscribers.delete(subscription.table);
  }

  forgetTable(id: string): void {
    this.#deps.tables.forget(id);
  }

  /** Takes a change of the log; the promise, if there is one, resolves when there is room for more. */
  add(change: RowChange): Promise<void> | undefined {
    if (!this.#subscribers.has(change.table)) return undefined;
    this.#queue.push(change);
    this.#queuedLetters += lettersOf(change);
    if (!this.#isFull()) return undefined;
    this.flush();
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  /** A transaction is complete: what was taken may go out. */
  flush(): void {
    if (this.#draining || this.#queue.length === 0) return;
    this.#draining = true;
    void this.#drain().finally(() => {
      this.#draining = false;
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH);
      for (const change of batch) this.#queuedLetters -= lettersOf(change);
      if (!this.#isFull()) {
        this.#goOn?.();
        this.#goOn = null;
      }
      this.#deps.metrics.queuedChanges.set(this.#queue.length);
      this.#deps.metrics.received.inc({ kind: 'change' }, batch.length);
      const senders = new Map<RowChange, () => void>();
      const byTable = Map.groupBy(batch, ({ table }) => table);
      await Promise.all([...byTable].map(([table, changes]) => this.#prepare(table, changes, senders)));
      for (const change of batch) senders.get(change)?.();
    }
  }

  /** Everything that must be asked about the changes of one table. Who might miss something because it failed is told. */
  async #prepare(id: string, changes: readonly RowChange[], senders: Map<RowChange, () => void>): Promise<void> {
    const subscribers = [...(this.#subscribers.get(id) ?? [])];
    if (subscribers.length === 0) return;
    try {
      const table = await this.#deps.tables.describe(id);
      if (table === null) return;
      const { senders: prepared, failing } = await prepareBatch(this.#deps, table, changes, subscribers);
      for (const [change, send] of prepared) senders.set(change, send);
      for (const { subscription, reason } of failing) this.#endFailing(subscription, reason);
    } catch (error) {
      this.#deps.metrics.lostChanges.inc(changes.length);
      this.#deps.log('warn', 'changes could not be sent', {
        table: id,
        changes: changes.length,
        reason: reasonOf(error),
      });
      for (const channel of new Set(subscribers.map(({ channel }) => channel))) this.#deps.onLost(channel);
    }
  }

  /** A filter that cannot be decided in time must not be asked again for every batch. */
  #endFailing(subscription: Subscription, reason: string): void {
    const { channel } = subscription;
    if (!channel.subscriptions.includes(subscription)) return;
    this.#drop(subscription);
    channel.subscriptions = channel.subscriptions.filter((other) => other !== subscription);
    this.#deps.metrics.failures.inc({ part: 'filter' });
    channel.system('postgres_changes', 'error', `The filter ${subscription.wanted.filter} failed: ${reason}`);
  }

  #isFull(): boolean {
    return this.#queue.length >= QUEUED_CHANGES || this.#queuedLetters >= QUEUED_LETTERS;
  }
}

function lettersOf({ row, old }: RowChange): number {
  let letters = 0;
  for (const texts of [row, old]) {
    for (const name in texts) letters += texts[name]?.length ?? 0;
  }
  return letters;
}
