import type { Database } from '../database.ts';

const STATS = `select queued_entries::float8 as queued, queued_seconds as queued_s, overdue_holds::float8 as "overdueHolds",
  waiting_withdrawals::float8 as waiting, waiting_seconds as waiting_s from app_private.wallet_stats()`;

/** What the wallet still has to do; counts end at 10,000. */
export interface WalletStats {
  readonly queued: number;
  readonly queued_s: number;
  readonly overdueHolds: number;
  readonly waiting: number;
  readonly waiting_s: number;
}

export function createWalletStats(database: Pick<Database, 'query'>): () => Promise<WalletStats> {
  return async () => {
    const [row] = await database.query<WalletStats>(STATS);
    if (row === undefined) throw new Error('wallet_stats gave no row');
    return row;
  };
}
