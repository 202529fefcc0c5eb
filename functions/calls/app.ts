import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { requireUser } from '../_shared/guards.ts';
import { getIceServers } from './ice.ts';
import { getCall, getCurrentCall, listCalls } from './reading.ts';
import { addPeople, answerCall, endCall, heartbeat, removePerson, reportVanished, startCall, step } from './steps.ts';

/** The `calls` function: calls of two people and of several. What is said in them goes from one device to another. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('calls', deps);
  const signedIn = requireUser(deps);

  app.get('/', signedIn, async (c) => c.json(await listCalls(c, deps)));
  app.post('/', signedIn, (c) => startCall(c, deps));
  app.get('/current', signedIn, async (c) => c.json(await getCurrentCall(c, deps)));
  app.get('/:id', signedIn, async (c) => c.json(await getCall(c, deps)));
  app.get('/:id/ice-servers', signedIn, async (c) => c.json(await getIceServers(c, deps)));
  app.post('/:id/answer', signedIn, (c) => answerCall(c, deps));
  app.post('/:id/decline', signedIn, (c) => step(c, deps, 'decline_call'));
  app.post('/:id/cancel', signedIn, (c) => step(c, deps, 'cancel_call'));
  app.post('/:id/end', signedIn, (c) => endCall(c, deps));
  app.post('/:id/heartbeat', signedIn, async (c) => c.json(await heartbeat(c, deps)));
  app.post('/:id/people', signedIn, (c) => addPeople(c, deps));
  app.delete('/:id/people/:userId', signedIn, (c) => removePerson(c, deps));
  app.post('/:id/people/:userId/vanished', signedIn, async (c) => c.json(await reportVanished(c, deps)));

  return app;
}
