import type { Context } from 'hono';
import { z } from 'zod';
import {
  type NotificationCard,
  type NotificationCounts,
  notificationsQuery,
  preferencesRequest,
  type preferencesSchema,
} from '../../contracts/api/notifications.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import { type Page, seal, toPageBy, unseal } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readQuery } from '../_shared/request.ts';
import { readRows } from '../_shared/rows.ts';

const seqPosition = z.tuple([z.number().int().min(0)]);

/** GET notifications: the latest first; with after_seq the oldest first, so that nothing is missed. Throws request.invalid_cursor. */
export async function listNotifications(c: Context<AppEnv>, deps: Deps): Promise<Page<NotificationCard>> {
  const { limit, cursor, after_seq, unread, category } = readQuery(c, notificationsQuery);
  const isForward = after_seq !== undefined;
  // A cursor of one list would give another page in the other.
  const list = `notifications ${isForward ? 'after' : 'before'} ${unread} ${category ?? ''}`;
  const from = cursor === undefined ? undefined : unseal(list, cursor, seqPosition)[0];
  const rows = await readRows<NotificationCard>(c, deps, 'my_notifications', {
    ...{ p_limit: limit + 1, p_unread: unread === 'true', p_category: category },
    p_before_seq: isForward ? undefined : from,
    p_after_seq: isForward ? (from ?? after_seq) : undefined,
  });
  return toPageBy(rows, limit, ({ seq }) => seal(list, [seq]));
}

/** GET notifications/unread-count */
export async function countUnread(c: Context<AppEnv>, deps: Deps): Promise<NotificationCounts> {
  return only(await readRows<NotificationCounts>(c, deps, 'notification_counts', {}));
}

/** GET notifications/preferences */
export async function getPreferences(c: Context<AppEnv>, deps: Deps): Promise<z.infer<typeof preferencesSchema>> {
  return only(await readRows(c, deps, 'notification_preferences', {}));
}

/** PUT notifications/preferences. Throws users.notification_settings_invalid. */
export async function putPreferences(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, preferencesRequest);
  return await change(c, deps, body, 'set_notification_preferences', { p: JSON.stringify(body) });
}

function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error('a function of one row gave none');
  return row;
}
