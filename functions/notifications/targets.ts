import type { Context } from 'hono';
import type { z } from 'zod';
import { emptyRequest } from '../../contracts/api/common.ts';
import {
  type newWebhookSchema,
  notificationParams,
  type pushKeySchema,
  pushSubscriptionRequest,
  type pushSubscriptionSchema,
  webhookRequest,
} from '../../contracts/api/notifications.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { callAs, change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody, readParams } from '../_shared/request.ts';
import { readRows } from '../_shared/rows.ts';

/** GET notifications/push-key. Throws notifications.push_not_configured. */
export function getPushKey({ config }: Pick<Deps, 'config'>): z.infer<typeof pushKeySchema> {
  if (config.vapid_public_key === undefined) throw new AppError('notifications.push_not_configured');
  return { public_key: config.vapid_public_key };
}

/** GET notifications/push-subscriptions: one's own, the latest first. */
export async function listPushSubscriptions(c: Context<AppEnv>, deps: Deps) {
  return { data: await readRows<z.infer<typeof pushSubscriptionSchema>>(c, deps, 'my_push_subscriptions', {}) };
}

/** POST notifications/push-subscriptions. Throws notifications.url_invalid, notifications.keys_invalid. */
export async function addPushSubscription(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, pushSubscriptionRequest);
  return await change(c, deps, body, 'add_push_subscription', { p: JSON.stringify(body) }, 201);
}

/** GET notifications/webhooks: one's own, the latest first. */
export async function listWebhooks(c: Context<AppEnv>, deps: Deps) {
  return { data: await readRows(c, deps, 'my_notification_webhooks', {}) };
}

/**
 * POST notifications/webhooks: its secret is shown once, also where the request is repeated with its key.
 * Throws notifications.url_invalid, notifications.too_many_webhooks.
 */
export async function addWebhook(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, webhookRequest);
  return await write(c, deps, body, async (tx, claims) => {
    const made = (await callAs(tx, claims, 'add_notification_webhook', { p_url: body.url })) as z.infer<
      typeof newWebhookSchema
    >;
    return { status: 201, body: made, kept: { ...made, secret: null } };
  });
}

/** DELETE of a push subscription or a webhook. Throws notifications.target_not_found. */
export async function removeTarget(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'remove_push_subscription' | 'remove_notification_webhook',
): Promise<Response> {
  const { id } = readParams(c, notificationParams);
  const body = await readBody(c, emptyRequest);
  return await write(c, deps, body, async (tx, claims) => {
    await callAs(tx, claims, name, { p_id: id });
    return { status: 200, body: { removed: true } };
  });
}
