import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { acceptUser, requireUser } from '../_shared/guards.ts';
import { act, approveAll, follow, mute } from './actions.ts';
import {
  getRelationship,
  listAround,
  listBlocked,
  listFriends,
  listMuted,
  listRequests,
  listSuggestions,
} from './lists.ts';

/** The `follows` function: who follows, blocks and mutes whom. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('follows', deps);
  const signedIn = requireUser(deps);
  addGraphRoutes(app, deps);
  app.post('/:id', signedIn, (c) => follow(c, deps));
  app.delete('/:id', signedIn, (c) => act(c, deps, 'unfollow'));
  return app;
}

/** What `follows` and `users` answer alike. */
export function addGraphRoutes(app: DomainApp, deps: Deps): void {
  const signedIn = requireUser(deps);
  const anybody = acceptUser(deps);

  app.get('/followers', anybody, async (c) => c.json(await listAround(c, deps, 'followers')));
  app.delete('/followers/:id', signedIn, (c) => act(c, deps, 'remove_follower'));
  app.get('/following', anybody, async (c) => c.json(await listAround(c, deps, 'following')));

  app.get('/friends', signedIn, async (c) => c.json(await listFriends(c, deps)));

  app.get('/requests', signedIn, async (c) => c.json(await listRequests(c, deps)));
  app.post('/requests/approve-all', signedIn, (c) => approveAll(c, deps));
  app.post('/requests/:id/approve', signedIn, (c) => act(c, deps, 'approve_follow_request'));
  app.post('/requests/:id/decline', signedIn, (c) => act(c, deps, 'decline_follow_request'));

  app.get('/blocked', signedIn, async (c) => c.json(await listBlocked(c, deps)));
  app.post('/block/:id', signedIn, (c) => act(c, deps, 'block_person'));
  app.delete('/block/:id', signedIn, (c) => act(c, deps, 'unblock_person'));

  app.get('/muted', signedIn, async (c) => c.json(await listMuted(c, deps)));
  app.post('/mute/:id', signedIn, (c) => mute(c, deps));
  app.delete('/mute/:id', signedIn, (c) => act(c, deps, 'unmute_person'));

  app.get('/suggestions', signedIn, async (c) => c.json(await listSuggestions(c, deps)));
  app.get('/:id/relationship', signedIn, async (c) => c.json(await getRelationship(c, deps)));
}
