import type { Database } from '../_shared/db.ts';
import type { Outcome } from '../_shared/idempotency.ts';
import { createTogether } from '../_shared/together.ts';

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

/** Session check, idempotency, parsing of the amount and the transfer itself: one statement, one round trip. */
const POST_TRANSACTION = `select r.replayed, r.status, r.body from app_private.assert_session($1, $2) s,
  app_private.post_transaction($1, $3, $4, $5, $6, $7, $8, $9) r`;

/** The same for several. Those that are not plain are not in the answer, and were not touched. */
const POST_TRANSACTIONS = `select ord, replayed, status, body
  from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

type Db = Pick<Database, 'call'>;

/** Transfers that arrive while others are being booked share one statement and one commit; what is odd goes alone. */
export function createTransfers(db: Db): Transfers {
  const book = createTogether<Transfer, Outcome>({
    together: (transfers) => bookTogether(db, transfers),
    alone: (transfer) => bookAlone(db, transfer),
    maxQueue: MAX_WAITING,
  });
  return { book };
}

async function bookTogether(db: Db, transfers: readonly Transfer[]): Promise<Map<number, Outcome>> {
  const rows = await db.call<Outcome & { ord: number }>(POST_TRANSACTIONS, columnsOf(transfers), 'wallet.transactions');
  return new Map(rows.map((row) => [row.ord - 1, row]));
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
