import type { ErrorEntry } from './error-entry.ts';

/** The codes of notifications; those of their settings stand with the accounts. */
export const NOTIFICATION_ERRORS = {
  'notifications.not_found': {
    status: 404,
    detail: 'There is no such notification.',
    hint: 'Take ids from GET notifications; the oldest are not kept.',
  },
  'notifications.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/notifications.md.',
  },
} as const satisfies Record<string, ErrorEntry>;
