import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { requireUser } from '../_shared/guards.ts';
import { markOneRead, markRead, markSeen } from './marking.ts';
import { countUnread, getPreferences, listNotifications, putPreferences } from './reading.ts';
import { openStream } from './stream.ts';
import { createStreams } from './streams.ts';
import {
  addPushSubscription,
  addWebhook,
  getPushKey,
  listPushSubscriptions,
  listWebhooks,
  removeTarget,
} from './targets.ts';

/** The `notifications` function: what people are told, and how they want to be told. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('notifications', deps);
  const signedIn = requireUser(deps);
  const streams = createStreams(deps);

  app.get('/', signedIn, async (c) => c.json(await listNotifications(c, deps)));
  app.get('/stream', signedIn, (c) => openStream(c, deps, streams));
  app.get('/unread-count', signedIn, async (c) => c.json(await countUnread(c, deps)));
  app.get('/preferences', signedIn, async (c) => c.json(await getPreferences(c, deps)));
  app.put('/preferences', signedIn, (c) => putPreferences(c, deps));
  app.put('/seen', signedIn, (c) => markSeen(c, deps));
  app.put('/read', signedIn, (c) => markRead(c, deps));
  app.put('/:id/read', signedIn, (c) => markOneRead(c, deps));

  app.get('/push-key', signedIn, (c) => c.json(getPushKey(deps)));
  app.get('/push-subscriptions', signedIn, async (c) => c.json(await listPushSubscriptions(c, deps)));
  app.post('/push-subscriptions', signedIn, (c) => addPushSubscription(c, deps));
  app.delete('/push-subscriptions/:id', signedIn, (c) => removeTarget(c, deps, 'remove_push_subscription'));
  app.get('/webhooks', signedIn, async (c) => c.json(await listWebhooks(c, deps)));
  app.post('/webhooks', signedIn, (c) => addWebhook(c, deps));
  app.delete('/webhooks/:id', signedIn, (c) => removeTarget(c, deps, 'remove_notification_webhook'));

  return app;
}
