import type { Database } from '../database.ts';

/** An outbox row as the database gives it; `parseEvent` makes an event of it. */
export interface OutboxRow {
  readonly id: string;
  /** bigint as digits. */
  readonly position: string;
  /** xid8 as digits. */
  readonly tx_id: string;
  readonly type: string;
  readonly version: number;
  readonly actor_id: string | null;
  readonly payload: unknown;
  readonly occurred_at: Date;
  readonly attempts: number;
}

/** A place in the log: everything up to and including it was read. */
export interface LogPlace {
  readonly tx_id: string;
  readonly position: string;
}

export interface OutboxStats {
  readonly pending: number;
  readonly dead: number;
  readonly oldestPending_s: number;
}

const COLUMNS = 'id, position::text, tx_id, type, version, actor_id, payload, occurred_at, attempts';
const CLAIM = `select ${COLUMNS} from app_private.claim_outbox($1, $2 * interval '1 millisecond')`;
const COMPLETE = 'select app_private.complete_outbox($1::uuid[])';
// In one order, because two workers may hold the same events after a lease has run out.
const FAIL = `select app_private.fail_outbox(f.id, f.error, f.retry_in_ms * interval '1 millisecond', f.dead)
  from jsonb_to_recordset($1::jsonb) as f(id uuid, error text, retry_in_ms double precision, dead boolean)
  order by f.id`;
const READ_LOG = `select ${COLUMNS} from app_private.read_outbox_log($1, $2::bigint, $3)`;
const STATS =
  'select pending::float8, dead::float8, coalesce(oldest_pending_seconds, 0) as oldest from app_private.outbox_stats()';

/** What becomes of an event that was not projected. */
export interface OutboxFailure {
  readonly id: string;
  readonly error: string;
  readonly retry_in_ms: number;
  readonly dead: boolean;
}

/** The outbox's SQL interface, one method a function. */
export function createOutboxStore(database: Database) {
  return {
    claim: (limit: number, lease_ms: number) => database.query<OutboxRow>(CLAIM, [limit, lease_ms]),
    async complete(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await database.query(COMPLETE, [ids]);
    },
    async fail(failures: readonly OutboxFailure[]): Promise<void> {
      if (failures.length > 0) await database.query(FAIL, [JSON.stringify(failures)]);
    },
    readLog: (after: LogPlace, limit: number) =>
      database.query<OutboxRow>(READ_LOG, [after.tx_id, after.position, limit]),
    async stats(): Promise<OutboxStats> {
      const [row] = await database.query<{ pending: number; dead: number; oldest: number }>(STATS);
      return { pending: row?.pending ?? 0, dead: row?.dead ?? 0, oldestPending_s: row?.oldest ?? 0 };
    },
  };
}

export type OutboxStore = ReturnType<typeof createOutboxStore>;
