import { ERRORS, type ErrorCode, type FieldError } from '../../contracts/errors.ts';

/** A failure as it will be told to the client: the same for errors of ours, of Postgres and of a stored response. */
export interface Failure {
  readonly status: number;
  /** An `ErrorCode`, unless SQL raised one that this build does not know yet. */
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
  readonly fields?: readonly FieldError[] | undefined;
  readonly retry_after_s?: number | undefined;
}

/** Seconds that a client should wait when a part of the service is away and nobody knows for how long. */
const RETRY_AFTER_S = 2;
/** Seconds until the next try where a limit is counted by the database, which may then refuse again. */
const LIMITED_S = 60;

/** The failure with the default words of a code. */
export function ofCode(code: ErrorCode): Failure {
  const { status, detail, hint } = ERRORS[code];
  return { status, code, detail, hint, retry_after_s: defaultWait(status) };
}

/** Retry-After for statuses that need one. */
export function defaultWait(status: number): number | undefined {
  if (status === 429) return LIMITED_S;
  return status === 503 ? RETRY_AFTER_S : undefined;
}
