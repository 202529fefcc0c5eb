import { emptyRequest } from './api/common.ts';
import * as notifications from './api/notifications.ts';
import type { Route } from './routes.ts';

const base = { domain: 'notifications', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const put = { ...base, method: 'put', idempotent: true } as const;
const counts = { answer: { status: 200, schema: notifications.notificationCounts } } as const;

/** Every operation of notifications. */
export const NOTIFICATION_ROUTES: readonly Route[] = [
  {
    ...{ ...read, path: '' },
    summary: 'What one was told, the latest first; after a number the oldest first, each exactly once.',
    query: notifications.notificationsQuery,
    answer: { status: 200, schema: notifications.notificationsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/unread-count', ...counts },
    summary: 'How many are unread and unseen, and how far their numbers are.',
    errors: [],
  },
  {
    ...{ ...put, path: '/seen', ...counts },
    summary: 'Mark notifications up to a number, or all, as seen.',
    body: notifications.markRequest,
    errors: [],
  },
  {
    ...{ ...put, path: '/read', ...counts },
    summary: 'Mark some notifications, those up to a number, or all as read.',
    body: notifications.readRequest,
    errors: ['notifications.not_found'],
  },
  {
    ...{ ...put, path: '/{id}/read', ...counts },
    summary: 'Mark one notification as read.',
    params: notifications.notificationParams,
    body: emptyRequest,
    errors: ['notifications.not_found'],
  },
  {
    ...{ ...read, path: '/preferences' },
    summary: 'Which kinds one wants by which channel, defaults included, and when it is to be quiet.',
    answer: { status: 200, schema: notifications.preferencesSchema },
    errors: [],
  },
  {
    ...{ ...put, path: '/preferences' },
    summary: 'Change which kinds one wants by which channel, key by key, and when it is to be quiet.',
    body: notifications.preferencesRequest,
    answer: { status: 200, schema: notifications.preferencesSchema },
    errors: ['users.notification_settings_invalid'],
  },
];
