import { createCoalescer } from '../_shared/coalesce.ts';
import { databaseFields, isConnectionError } from '../_shared/database-errors.ts';
import type { Database } from '../_shared/db.ts';
import type { Outcome } from '../_shared/idempotency.ts';

/** One transfer as the client asked for it; the ledger parses the amount. */
export interface Transfer {
  readonly actor: string;
  readonly session: string;
  readonly key: string | null;
  readonly hash: Uint8Array;
  readonly recipient: string;
  readonly amount: string;
  readonly currency: string;
  readonly description: string | null;
  readonly category: string | null;
}

/** Books transfers. */
export interface Transfers {
  /** The outcome of this transfer alone; throws what the database throws, and service.busy when too many wait. */
  readonly book: (transfer: Transfer) => Promise<Outcome>;
}

/** As many transfers as may wait in one process: about a second of work. */
const MAX_WAITING = 2_000;
/** A transfer that takes longer than any ordinary one waits for a lock, and must not keep others from going meanwhile. */
const SLOT_MS = 50;

/** Session check, idempotency, parsing of the amount and the transfer itself: one statement, one round trip. */
const POST_TRANSACTION = `select r.replayed, r.status, r.body from app_private.assert_session($1, $2) s,
  app_private.post_transaction($1, $3, $4, $5, $6, $7, $8, $9) r`;

/** The same for several. Those that are not plain are not in the answer, and were not touched. */
const POST_TRANSACTIONS = `select ord, replayed, status, body
  from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

type Db = Pick<Database, 'call'>;
/** Where a transfer's outcome comes from, once its batch has let go of it. */
type Ticket = () => Promise<Outcome>;

/**
 * Transfers that arrive while others are being booked share one statement and one commit. A transfer that finds nobody waiting
 * goes at once and alone; so does whatever the batch leaves out, and all of a batch that Postgres refused as a whole: nothing
 * of it was booked. A batch whose answer was lost is never sent again.
 */
export function createTransfers(db: Db): Transfers {
  const { submit } = createCoalescer<Transfer, Ticket>({
    run: async (transfers) => {
      const tickets = transfers.length === 1 ? await bookFirst(db, transfers) : await bookTogether(db, transfers);
      return tickets.map((value) => ({ status: 'fulfilled', value }));
    },
    maxQueue: MAX_WAITING,
  });
  return { book: async (transfer) => await (await submit(transfer))() };
}

async function bookFirst(db: Db, transfers: readonly Transfer[]): Promise<Ticket[]> {
  const [transfer] = transfers as readonly [Transfer];
  const outcome = bookAlone(db, transfer);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SLOT_MS);
  });
  // Its failure is told to its own caller, by the ticket.
  await Promise.race([outcome.then(ignore, ignore), late]);
  clearTimeout(timer);
  return [() => outcome];
}

async function bookTogether(db: Db, transfers: readonly Transfer[]): Promise<Ticket[]> {
  const outcomes = new Map<number, Outcome>();
  try {
    for (const row of await db.call<Outcome & { ord: number }>(
      POST_TRANSACTIONS,
      columnsOf(transfers),
      'wallet.transactions',
    )) {
      outcomes.set(row.ord, row);
    }
  } catch (error) {
    // Postgres itself answered, so the statement was rolled back; otherwise nobody knows what became of it.
    if (databaseFields(error) === undefined || isConnectionError(error)) throw error;
  }
  return transfers.map((transfer, n) => {
    const outcome = outcomes.get(n + 1);
    return outcome === undefined ? () => bookAlone(db, transfer) : async () => outcome;
  });
}

async function bookAlone(db: Db, transfer: Transfer): Promise<Outcome> {
  const params = columnsOf([transfer]).map(([value]) => value);
  const [outcome] = await db.call<Outcome>(POST_TRANSACTION, params, 'wallet.transaction');
  if (outcome === undefined) throw new Error('post_transaction gave no row');
  return outcome;
}

function columnsOf(transfers: readonly Transfer[]): unknown[][] {
  return [
    transfers.map(({ actor }) => actor),
    transfers.map(({ session }) => session),
    transfers.map(({ key }) => key),
    transfers.map(({ hash }) => hash),
    transfers.map(({ recipient }) => recipient),
    transfers.map(({ amount }) => amount),
    transfers.map(({ currency }) => currency),
    transfers.map(({ description }) => description),
    transfers.map(({ category }) => category),
  ];
}

function ignore(): void {}
