import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { markRequest, notificationParams, readRequest } from '../../contracts/api/notifications.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams } from '../_shared/request.ts';

/** PUT notifications/seen: the list was opened. */
export async function markSeen(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, markRequest);
  return await change(c, deps, body, 'mark_notifications_seen', { p_seq: body.seq ?? null });
}

/** PUT notifications/read: some, those up to a number, or all. Throws notifications.not_found. */
export async function markRead(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, readRequest);
  if (body.ids !== undefined) return await change(c, deps, body, 'mark_notifications_read', { p_ids: body.ids });
  return await change(c, deps, body, 'mark_all_notifications_read', { p_seq: body.seq ?? null });
}

/** PUT notifications/:id/read. Throws notifications.not_found. */
export async function markOneRead(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, notificationParams);
  const body = await readBody(c, emptyRequest);
  return await change(c, deps, body, 'mark_notifications_read', { p_ids: [id] });
}
