import { AppError } from '../../contracts/errors.ts';

export interface CoalescerOptions<Item, Result> {
  /** Does the work of a batch; gives one outcome for each item, in the same order. Rejects when it cannot tell what became of them. */
  readonly run: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  /** The most items that go together. */
  readonly maxBatch?: number;
  /** The most batches at the same time. */
  readonly maxInFlight?: number;
  /** The most items that may wait for a batch. */
  readonly maxQueue: number;
}

/** Lets callers that ask at the same time share one call. */
export interface Coalescer<Item, Result> {
  /** The item's own result, or the error of the item alone; service.busy when too many are waiting. */
  readonly submit: (item: Item) => Promise<Result>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** How long a caller should stay away when the queue is full: by then it has long been worked off. */
const RETRY_AFTER_S = 1;
const QUEUE_IS_FULL = 'More requests are waiting already than can be worked off at once.';

/**
 * Gathers items into batches by how busy the work is, without ever waiting for company. Invariants:
 * - An item that finds a free slot goes at once, so alone it is no slower than without batches. Items wait only while `maxInFlight`
 *   batches are running, and go together, at most `maxBatch`, as soon as one of those has ended.
 * - First come, first served: batches start in the order of submission, and so do the items within one.
 * - Each item settles once, with its own outcome; the failure of one does not touch its neighbours.
 * - When `run` itself fails, nobody knows what became of its items: each is told that error and none is run again.
 * - No more than `maxQueue` items wait; the next is refused with service.busy and was certainly not run.
 */
export function createCoalescer<Item, Result>(options: CoalescerOptions<Item, Result>): Coalescer<Item, Result> {
  const { run, maxBatch = 64, maxInFlight = 2, maxQueue } = options;
  // Empty whenever a slot is free.
  const queue: Waiting<Item, Result>[] = [];
  let inFlight = 0;

  async function start(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    inFlight += 1;
    try {
      const outcomes = await run(batch.map(({ item }) => item));
      if (outcomes.length !== batch.length) throw new Error(`${outcomes.length} outcomes for ${batch.length} items`);
      for (const [n, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') batch[n]?.resolve(outcome.value);
        else batch[n]?.reject(outcome.reason);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    inFlight -= 1;
    if (queue.length > 0) void start(queue.splice(0, maxBatch));
  }

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        const entry = { item, resolve, reject };
        if (inFlight < maxInFlight) void start([entry]);
        else if (queue.length < maxQueue) queue.push(entry);
        else reject(new AppError('service.busy', { detail: QUEUE_IS_FULL, retry_after_s: RETRY_AFTER_S }));
      }),
  };
}
