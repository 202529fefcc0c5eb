import { isErrorCode } from '../../contracts/errors.ts';
import { defaultWait, type Failure, ofCode } from './failure.ts';

/** The fields of a `pg` DatabaseError that matter here. */
export interface DatabaseFields {
  readonly code: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly constraint?: string | undefined;
}

/** The SQLSTATE and words of a Postgres error, or undefined when the error is not one. */
export function databaseFields(error: unknown): DatabaseFields | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined;
  const { code, message, detail, hint, constraint } = error as Error & Partial<DatabaseFields>;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return { code, message, detail, hint, constraint };
}

/** Whether running the whole transaction again may succeed: serialization failure, deadlock, or a plan from before a migration. */
export function isRetryable(error: unknown): boolean {
  const code = databaseFields(error)?.code;
  return code === '40001' || code === '40P01' || isStalePlan(error);
}

/** Whether a prepared statement outlived a migration that changed its columns; only a new connection forgets it. */
export function isStalePlan(error: unknown): boolean {
  const fields = databaseFields(error);
  return fields?.code === '0A000' && fields.message.includes('cached plan');
}

/**
 * Whether the connection is gone or was never made. `pg` has no class for these: sockets carry errno names, the rest are
 * plain Errors known by their words (pg 8.23 lib/client.js, pg-pool index.js).
 */
export function isConnectionError(error: unknown): boolean {
  const sqlstate = databaseFields(error)?.code;
  if (sqlstate !== undefined) return CONNECTION_STATES.has(sqlstate) || sqlstate.startsWith('08');
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && SOCKET_CODES.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  return CONNECTION_MESSAGES.test(error.message);
}

// admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_in_transaction_timeout, too_many_connections,
// invalid_authorization and invalid_password (a restarted server may answer so while roles are being restored)
const CONNECTION_STATES = new Set(['57P01', '57P02', '57P03', '57P04', '25P03', '53300', '28000', '28P01', '3D000']);
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const CONNECTION_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|not queryable|server closed the connection/i;

/** What a client may know of a Postgres failure; undefined when the error is not one, or is a fault of ours. */
export function fromDatabase(error: unknown): Failure | undefined {
  if (isConnectionError(error)) return ofCode('service.database_unavailable');
  if (error instanceof Error && error.message === 'Query read timeout') return ofCode('service.database_timeout');
  const fields = databaseFields(error);
  if (fields === undefined) return undefined;
  if (fields.code.startsWith('PT')) return fromFail(fields);
  if (isStalePlan(error)) return ofCode('service.busy');
  switch (fields.code) {
    case '57014': // query_canceled: statement_timeout
    case '55P03': // lock_not_available
      return ofCode('service.database_timeout');
    case '40001':
    case '40P01':
      return ofCode('service.busy');
    case '42501': // insufficient_privilege: a grant or a policy said no
      return ofCode('auth.forbidden');
    case '23514': // check_violation
      return ofCode('request.unprocessable');
    default:
      // Class 22: data exceptions, such as a text that is not a date.
      return fields.code.startsWith('22') ? ofCode('request.unprocessable') : undefined;
  }
}

/** An error raised by `app_hidden.fail`: SQLSTATE 'PT' + status, message for people, detail = code. */
function fromFail({ code: sqlstate, message, detail, hint }: DatabaseFields): Failure | undefined {
  const status = Number(sqlstate.slice(2));
  if (!(status >= 400 && status <= 599) || detail === undefined) return undefined;
  const known = isErrorCode(detail) ? ofCode(detail) : undefined;
  return { status, code: detail, detail: message, hint: hint ?? known?.hint ?? '', retry_after_s: defaultWait(status) };
}
