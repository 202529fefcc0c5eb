import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { requireUser } from '../_shared/guards.ts';
import { markOneRead, markRead, markSeen } from './marking.ts';
import { countUnread, getPreferences, listNotifications, putPreferences } from './reading.ts';

/** The `notifications` function: what people are told, and how they want to be told. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('notifications', deps);
  const signedIn = requireUser(deps);

  app.get('/', signedIn, async (c) => c.json(await listNotifications(c, deps)));
  app.get('/unread-count', signedIn, async (c) => c.json(await countUnread(c, deps)));
  app.get('/preferences', signedIn, async (c) => c.json(await getPreferences(c, deps)));
  app.put('/preferences', signedIn, (c) => putPreferences(c, deps));
  app.put('/seen', signedIn, (c) => markSeen(c, deps));
  app.put('/read', signedIn, (c) => markRead(c, deps));
  app.put('/:id/read', signedIn, (c) => markOneRead(c, deps));

  return app;
}
