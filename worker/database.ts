import pg from 'pg';
import type { WorkerConfig } from './config.ts';
import { type Log, reasonOf } from './log.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** Postgres as the role astra_worker. */
export interface Database extends AsyncDisposable {
  /** One statement in one transaction. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * One statement on a connection of its own, which may take long: `timeout_ms` instead of the 30 s of `query`. The signal
   * cuts the connection, and the server notices within seconds.
   */
  queryAlone<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[],
    timeout_ms: number,
    signal?: AbortSignal,
  ): Promise<Row[]>;
  /** A connection of its own, for LISTEN and session locks; the caller ends it. */
  connect(): Promise<pg.Client>;
  /** A pool whose sessions are astra_worker, for libraries that bring their own queries; its timeouts have the code ETIMEDOUT. */
  sessionPool(max: number): pg.Pool;
}

export function createDatabase(config: WorkerConfig['database'], log: Log): Database {
  const options = {
    connectionString: config.url,
    application_name: 'astra worker',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
  // A server that stalls without closing must not hold the worker for ever: the client gives up a little after the server.
  const timeouts = { statement_timeout: STATEMENT_TIMEOUT_MS, query_timeout: STATEMENT_TIMEOUT_MS + 2_000 };
  const pool = new pg.Pool({ ...options, ...timeouts, max: 6 });
  // An idle connection that breaks is replaced by the pool at the next query.
  pool.on('error', (error) => log('warn', 'an idle database connection broke', { reason: reasonOf(error) }));
  // The pool listens only while a connection is idle, and the message that ends one may come together with the one that opened it.
  pool.on('connect', (client) => client.on('error', ignoreLoss));

  return {
    async query(sql, values = []) {
      if (config.role === null) return (await pool.query(sql, [...values])).rows;
      return await queryAs(pool, config.role, sql, values);
    },
    async queryAlone<Row extends pg.QueryResultRow>(
      sql: string,
      values: readonly unknown[],
      timeout_ms: number,
      signal?: AbortSignal,
    ) {
      signal?.throwIfAborted();
      const client = new pg.Client({ ...options, query_timeout: timeout_ms + 5_000 });
      client.on('error', ignoreLoss);
      const cut = () => void client.end().catch(ignoreLoss);
      signal?.addEventListener('abort', cut, { once: true });
      try {
        await client.connect();
        if (config.role !== null) await client.query(`set role ${config.role}`);
        await client.query(`set statement_timeout = ${timeout_ms}; set client_connection_check_interval = '5s'`);
        return (await client.query<Row>(sql, [...values])).rows;
      } finally {
        signal?.removeEventListener('abort', cut);
        await client.end().catch(ignoreLoss);
      }
    },
    async connect() {
      const client = new pg.Client(options);
      client.on('error', ignoreLoss);
      await client.connect();
      return client;
    },
    sessionPool(max) {
      const role = config.role === null ? '' : ` -c role=${config.role}`;
      return new SessionPool({ ...options, max, options: `-c statement_timeout=${STATEMENT_TIMEOUT_MS}${role}` });
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

async function queryAs<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  role: string,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query(`begin; set local role ${role}`);
    const result = await client.query<Row>(sql, [...values]);
    await client.query('commit');
    broken = false;
    return result.rows;
  } finally {
    // A connection in an unknown state is closed, which rolls back.
    client.release(broken);
  }
}

/**
 * Graphile-worker tries again after errors with codes that it knows. When no connection can be had in time the error has none, and
 * the library would give the job's end up in a promise that nobody holds, which ends the process.
 */
class SessionPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return super.connect().catch((error: unknown) => Promise.reject(withCode(error)));
    super.connect((error, client, done) => callback(error && withCode(error), client, done));
    return undefined;
  }
}

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

function withCode<E>(error: E): E {
  return error instanceof Error && !('code' in error) ? Object.assign(error, { code: 'ETIMEDOUT' }) : error;
}

/** A connection lost between two queries would end the process if nobody listened; the next query reports it. */
function ignoreLoss(): void {}
