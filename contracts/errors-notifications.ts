import type { ErrorEntry } from './error-entry.ts';

/** The codes of notifications; those of their settings stand with the accounts. */
export const NOTIFICATION_ERRORS = {
  'notifications.not_found': {
    status: 404,
    detail: 'There is no such notification.',
    hint: 'Take ids from GET notifications; the oldest are not kept.',
  },
  'notifications.too_many_streams': {
    status: 429,
    detail: 'You have too many open streams.',
    hint: 'Share one stream among the windows of an app, and close those that are not needed.',
  },
  'notifications.url_invalid': {
    status: 422,
    detail: 'Messages do not go to this address.',
    hint: 'Send an https:// address of at most 2048 characters, of port 443 or 8443, without a name and a password.',
  },
  'notifications.keys_invalid': {
    status: 422,
    detail: 'These are not the keys of a push subscription.',
    hint: 'Send what `PushSubscription.toJSON()` gives.',
  },
  'notifications.target_not_found': {
    status: 404,
    detail: 'There is no such push subscription or webhook.',
    hint: 'Take an id from the list; what said that it is gone was removed.',
  },
  'notifications.too_many_webhooks': {
    status: 422,
    detail: 'Nobody has more than five webhooks.',
    hint: 'Remove one first.',
  },
  'notifications.push_not_configured': {
    status: 501,
    detail: 'This project sends no push messages.',
    hint: 'Its operators set ASTRA_VAPID_PUBLIC_KEY, see docs/notifications.md.',
  },
  'notifications.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/notifications.md.',
  },
} as const satisfies Record<string, ErrorEntry>;
