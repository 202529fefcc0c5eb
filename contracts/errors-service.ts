import type { ErrorEntry } from './error-entry.ts';

/** The codes of the service itself. */
export const SERVICE_ERRORS = {
  'idempotency.invalid_key': {
    status: 400,
    detail: 'The Idempotency-Key header is not acceptable.',
    hint: 'Send 1 to 255 printable ASCII characters, for example a UUID.',
  },
  'idempotency.key_reused': {
    status: 409,
    detail: 'This Idempotency-Key was used for another request.',
    hint: 'Use a new key for a new request, and repeat a request unchanged.',
  },
  'idempotency.in_progress': {
    status: 409,
    detail: 'A request with this Idempotency-Key is still running.',
    hint: 'Repeat the request in a moment with the same key.',
  },
  'rate_limit.exceeded': {
    status: 429,
    detail: 'Too many requests.',
    hint: 'Wait as many seconds as Retry-After says.',
  },
  'service.database_unavailable': {
    status: 503,
    detail: 'The database cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'service.database_timeout': {
    status: 503,
    detail: 'The database took too long.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'service.busy': {
    status: 503,
    detail: 'Too many requests touched the same data at once.',
    hint: 'Repeat the request after Retry-After seconds; send the same Idempotency-Key.',
  },
  'service.auth_unavailable': {
    status: 503,
    detail: 'The sign-in service cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds.',
  },
  'service.storage_unavailable': {
    status: 503,
    detail: 'Files cannot be reached at the moment.',
    hint: 'Repeat the request after Retry-After seconds.',
  },
  'internal.misconfigured': {
    status: 500,
    detail: 'The server is not configured correctly.',
    hint: 'Operators: the log of the function names the variable and the next step.',
  },
  'internal.unexpected': {
    status: 500,
    detail: 'Something went wrong on our side.',
    hint: 'Repeat the request later; if it fails again, report the `instance` of this problem.',
  },
} as const satisfies Record<string, ErrorEntry>;
