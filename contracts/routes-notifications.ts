import { emptyRequest } from './api/common.ts';
import * as notifications from './api/notifications.ts';
import type { Route } from './routes.ts';

const base = { domain: 'notifications', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const put = { ...base, method: 'put', idempotent: true } as const;
const counts = { answer: { status: 200, schema: notifications.notificationCounts } } as const;

const post = { ...base, method: 'post', idempotent: true } as const;
const remove = { ...base, method: 'delete', idempotent: true } as const;
const one = { params: notifications.notificationParams } as const;
const removed = { answer: { status: 200, schema: notifications.removedTargetSchema } } as const;

const CHANNELS: readonly Route[] = [
  {
    ...{ ...read, path: '/push-key' },
    summary: 'The key with which a browser subscribes to push messages of this project.',
    answer: { status: 200, schema: notifications.pushKeySchema },
    errors: ['notifications.push_not_configured'],
  },
  {
    ...{ ...read, path: '/push-subscriptions' },
    summary: 'One’s devices that take push messages.',
    answer: { status: 200, schema: notifications.pushSubscriptionsSchema },
    errors: [],
  },
  {
    ...{ ...post, path: '/push-subscriptions' },
    summary: 'Send push messages to this device.',
    body: notifications.pushSubscriptionRequest,
    answer: { status: 201, schema: notifications.pushSubscriptionSchema },
    errors: ['notifications.url_invalid', 'notifications.keys_invalid'],
  },
  {
    ...{ ...remove, ...one, path: '/push-subscriptions/{id}', ...removed },
    summary: 'Send nothing to a device any more.',
    errors: ['notifications.target_not_found'],
  },
  {
    ...{ ...read, path: '/webhooks' },
    summary: 'One’s webhooks, without their secrets.',
    answer: { status: 200, schema: notifications.webhooksSchema },
    errors: [],
  },
  {
    ...{ ...post, path: '/webhooks' },
    summary: 'Send one’s notifications to an address, signed; the answer has the secret.',
    body: notifications.webhookRequest,
    answer: { status: 201, schema: notifications.newWebhookSchema },
    errors: ['notifications.url_invalid', 'notifications.too_many_webhooks'],
  },
  {
    ...{ ...remove, ...one, path: '/webhooks/{id}', ...removed },
    summary: 'Send nothing to a webhook any more.',
    errors: ['notifications.target_not_found'],
  },
];

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
    ...{ ...read, path: '/stream' },
    summary: 'What one is told, as it happens: Server-Sent Events, resumed by `Last-Event-ID`.',
    query: notifications.streamQuery,
    headers: notifications.streamHeaders,
    answer: { status: 200, otherwise: 'text/event-stream' },
    errors: ['notifications.too_many_streams'],
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
  ...CHANNELS,
];
