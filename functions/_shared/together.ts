import { createCoalescer } from './coalesce.ts';
import { databaseFields, isConnectionError } from './database-errors.ts';

export interface TogetherOptions<Item, Result> {
  /** Does what is plain of several items in one statement, and gives the results of those by their place; it touches nothing else. */
  readonly together: (items: readonly Item[]) => Promise<ReadonlyMap<number, Result>>;
  /** Does one item, whatever it is. */
  readonly alone: (item: Item) => Promise<Result>;
  /** As many items as may wait in one process: about a second of work. */
  readonly maxQueue: number;
}

/** An item that takes longer alone than any ordinary one waits for a lock, and must not keep others from going meanwhile. */
const SLOT_MS = 50;

/** Where an item's result comes from, once its batch has let go of it. */
type Ticket<Result> = () => Promise<Result>;

/**
 * Items that arrive while others are being worked on share one statement and one commit. An item that finds nobody waiting goes at
 * once and alone; so does whatever the batch leaves out, and all of a batch that Postgres refused as a whole: nothing of it was
 * done. A batch whose answer was lost is never sent again. Gives the result of an item alone; throws what the database throws, and
 * service.busy when too many wait.
 */
export function createTogether<Item, Result>(options: TogetherOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { submit } = createCoalescer<Item, Ticket<Result>>({
    run: async (items) => {
      const tickets = items.length === 1 ? await first(options, items) : await all(options, items);
      return tickets.map((value) => ({ status: 'fulfilled', value }));
    },
    maxQueue: options.maxQueue,
  });
  return async (item) => await (await submit(item))();
}

async function first<Item, Result>(
  { alone }: TogetherOptions<Item, Result>,
  items: readonly Item[],
): Promise<Ticket<Result>[]> {
  const [item] = items as readonly [Item];
  const result = alone(item);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SLOT_MS);
  });
  // Its failure is told to its own caller, by the ticket.
  await Promise.race([result.then(ignore, ignore), late]);
  clearTimeout(timer);
  return [() => result];
}

async function all<Item, Result>(
  { together, alone }: TogetherOptions<Item, Result>,
  items: readonly Item[],
): Promise<Ticket<Result>[]> {
  let results: ReadonlyMap<number, Result> = new Map();
  try {
    results = await together(items);
  } catch (error) {
    // Postgres itself answered, so the statement was rolled back; otherwise nobody knows what became of it.
    if (databaseFields(error) === undefined || isConnectionError(error)) throw error;
  }
  return items.map((item, n) => {
    const result = results.get(n);
    return result === undefined ? () => alone(item) : async () => result;
  });
}

function ignore(): void {}
