import pg from 'pg';
import { type Log, reasonOf } from '../../../worker/log.ts';

const CONNECTIONS = 6;
const CONNECT_MS = 5_000;
/** Longer than any question of ours takes, shorter than a client waits for a join (10 s). */
const STATEMENT_MS = 8_000;

/** Times as text must not depend on who runs the server: changes are read from the log as text. */
const SESSION = '-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex';

export interface Database extends AsyncDisposable {
  readonly query: <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
}

/** The connection settings of the server's login, shared by its pool and its replication. */
export function sessionOf(databaseUrl: string): pg.ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: 'realtime',
    options: SESSION,
    connectionTimeoutMillis: CONNECT_MS,
  };
}

/** A bounded pool. Every question is one statement, hence one transaction: nothing that it sets outlives it. */
export function createDatabase(databaseUrl: string, log: Log): Database {
  const pool = new pg.Pool({ ...sessionOf(databaseUrl), max: CONNECTIONS, statement_timeout: STATEMENT_MS });
  pool.on('error', (error) => log('debug', 'an idle database connection ended', { reason: reasonOf(error) }));
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      return (await pool.query<Row>(text, [...values])).rows;
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
