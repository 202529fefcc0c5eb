import type { ErrorEntry } from './error-entry.ts';
import { CALL_ERRORS } from './errors-calls.ts';
import { CHAT_ERRORS } from './errors-chat.ts';
import { GROUPS_ERRORS } from './errors-groups.ts';
import { MEDIA_ERRORS } from './errors-media.ts';
import { NOTIFICATION_ERRORS } from './errors-notifications.ts';
import { PEOPLE_ERRORS } from './errors-people.ts';
import { POSTS_ERRORS } from './errors-posts.ts';
import { REQUEST_ERRORS } from './errors-requests.ts';
import { SERVICE_ERRORS } from './errors-service.ts';
import { WALLET_ERRORS } from './errors-wallet.ts';

/**
 * Every error code of the API, the same in functions and in SQL (`app_hidden.fail`). A code is a promise to clients:
 * it is never renamed. docs/errors.md is generated from this table; each group stands in a file of its own, `errors-<group>.ts`.
 */
export const ERRORS = {
  ...REQUEST_ERRORS,
  ...PEOPLE_ERRORS,
  ...POSTS_ERRORS,
  ...GROUPS_ERRORS,
  ...CHAT_ERRORS,
  ...CALL_ERRORS,
  ...WALLET_ERRORS,
  ...MEDIA_ERRORS,
  ...NOTIFICATION_ERRORS,
  ...SERVICE_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

/** A stable code of `ERRORS`. */
export type ErrorCode = keyof typeof ERRORS;

/** One refused field or part: where it is in the request (`body.amount`, `query.limit`, `body.transfers.3`) and why. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
  /** The code with which the part alone would be refused; a field that was never looked at further has none. */
  readonly code?: string;
}

/** What may differ between two occurrences of the same code. */
export interface AppErrorOptions {
  readonly detail?: string;
  readonly hint?: string;
  readonly fields?: readonly FieldError[];
  readonly retry_after_s?: number;
  readonly cause?: unknown;
}

/** The one error that handlers throw on purpose; everything in it may be shown to a client, except `cause`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string;
  readonly fields: readonly FieldError[] | undefined;
  readonly retry_after_s: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const entry = ERRORS[code];
    const detail = options.detail ?? entry.detail;
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
    this.hint = options.hint ?? entry.hint;
    this.fields = options.fields;
    this.retry_after_s = options.retry_after_s;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Whether a text (from SQL, say) is one of our codes. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
