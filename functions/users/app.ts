import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { acceptUser, requireUser } from '../_shared/guards.ts';
import { act, follow } from '../follows/actions.ts';
import { addGraphRoutes } from '../follows/app.ts';
import { addAccountRoutes } from './account.ts';
import { getPerson } from './person.ts';
import { getOwn, previewPrivacy, putOwn } from './profile.ts';
import { reportPerson } from './reports.ts';
import { searchPeople } from './search.ts';
import { listVerificationRequests, requestVerification, withdrawVerification } from './verification.ts';

/** The `users` function: one's own profile and settings, other people, and all that `follows` can do. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('users', deps);
  const signedIn = requireUser(deps);
  const anybody = acceptUser(deps);

  app.get('/profile', signedIn, async (c) => c.json(await getOwn(c, deps)));
  app.put('/profile', signedIn, (c) => putOwn(c, deps));
  app.get('/privacy/preview', signedIn, async (c) => c.json(await previewPrivacy(c, deps)));

  app.get('/search', anybody, async (c) => c.json(await searchPeople(c, deps)));

  app.post('/follow/:id', signedIn, (c) => follow(c, deps));
  app.delete('/unfollow/:id', signedIn, (c) => act(c, deps, 'unfollow'));
  addGraphRoutes(app, deps);

  app.post('/:id/report', signedIn, (c) => reportPerson(c, deps));

  app.post('/verification-requests', signedIn, (c) => requestVerification(c, deps));
  app.get('/verification-requests', signedIn, async (c) => c.json(await listVerificationRequests(c, deps)));
  app.delete('/verification-requests/:id', signedIn, (c) => withdrawVerification(c, deps));

  addAccountRoutes(app, deps);

  // Last: names of people, of which none is a path above (app_private.reserved_usernames).
  app.get('/:id', anybody, async (c) => c.json(await getPerson(c, deps)));

  return app;
}
