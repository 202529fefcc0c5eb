import pg from 'pg';
import type { Config } from './config.ts';
import { describeError, type Logger } from './log.ts';

const TIMESTAMPTZ_OID = 1184;
type ParseText = (value: string) => unknown;

/** A pg pool in which everything has a limit: connections, waiting for one, idle time, statements, silent servers. */
export function createPool(config: Config['database'], logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: config.url,
    application_name: 'astra-functions',
    max: config.pool_max,
    connectionTimeoutMillis: config.connect_timeout_ms,
    idleTimeoutMillis: config.idle_timeout_ms,
    statement_timeout: config.statement_timeout_ms,
    idle_in_transaction_session_timeout: config.statement_timeout_ms * 2,
    // The server's own timeout fires first; this one is for a server or a network that says nothing at all.
    query_timeout: config.statement_timeout_ms + 2_000,
    keepAlive: true,
    allowExitOnIdle: true,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  const report = (error: unknown) =>
    logger.log('warn', 'a database connection was lost', { error: describeError(error) });
  pool.on('error', report);
  // A client that is lent out has no listener of the pool's; without one its 'error' event would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

function parserOf(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === TIMESTAMPTZ_OID && format !== 'binary') return isoTimestamp satisfies ParseText;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
}

/** `2026-11-22 16:31:19.123456+00` → `2026-11-22T16:31:19.123456+00:00`. A Date would lose the microseconds that cursors need. */
export function isoTimestamp(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
}
