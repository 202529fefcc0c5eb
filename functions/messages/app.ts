import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { requireUser } from '../_shared/guards.ts';
import {
  archiveConversation,
  clearConversation,
  decideRequest,
  getConversation,
  getConversationWith,
  getTopic,
  listConversations,
  listReceipts,
  listRequests,
  muteConversation,
  setTimer,
  tellTyping,
} from './conversations.ts';
import { deleteMessage, editMessage, listReactors, markRead, pin, react, unreact } from './messages.ts';
import { getMessage, listChanges, listMessages, listPins, searchMessages } from './reading.ts';
import { createSending, sendMessage } from './sending.ts';

/** The `messages` function: conversations of two people and of groups, and what is written there. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('messages', deps);
  const signedIn = requireUser(deps);
  const sending = createSending(deps.db);

  app.get('/', signedIn, async (c) => c.json(await listConversations(c, deps)));
  app.post('/', signedIn, (c) => sendMessage(c, deps, sending));
  app.get('/requests', signedIn, async (c) => c.json(await listRequests(c, deps)));
  app.get('/search', signedIn, async (c) => c.json(await searchMessages(c, deps)));
  app.get('/with/:id', signedIn, async (c) => c.json(await getConversationWith(c, deps)));
  app.get('/message/:id', signedIn, async (c) => c.json(await getMessage(c, deps)));

  app.get('/:id', signedIn, async (c) => c.json(await listMessages(c, deps)));
  app.get('/:id/conversation', signedIn, async (c) => c.json(await getConversation(c, deps)));
  app.get('/:id/changes', signedIn, async (c) => c.json(await listChanges(c, deps)));
  app.get('/:id/topic', signedIn, async (c) => c.json(await getTopic(c, deps)));
  app.get('/:id/pins', signedIn, async (c) => c.json(await listPins(c, deps)));
  app.get('/:id/receipts', signedIn, async (c) => c.json(await listReceipts(c, deps)));
  app.put('/:id/read', signedIn, (c) => markRead(c, deps));
  app.post('/:id/accept', signedIn, (c) => decideRequest(c, deps, 'accept_conversation'));
  app.post('/:id/decline', signedIn, (c) => decideRequest(c, deps, 'decline_conversation'));
  app.post('/:id/mute', signedIn, (c) => muteConversation(c, deps, true));
  app.delete('/:id/mute', signedIn, (c) => muteConversation(c, deps, false));
  app.post('/:id/archive', signedIn, (c) => archiveConversation(c, deps, true));
  app.delete('/:id/archive', signedIn, (c) => archiveConversation(c, deps, false));
  app.delete('/:id/history', signedIn, (c) => clearConversation(c, deps));
  app.put('/:id/timer', signedIn, (c) => setTimer(c, deps));
  app.post('/:id/typing', signedIn, (c) => tellTyping(c, deps));

  app.put('/:id', signedIn, (c) => editMessage(c, deps));
  app.delete('/:id', signedIn, (c) => deleteMessage(c, deps));
  app.post('/:id/reaction', signedIn, (c) => react(c, deps));
  app.delete('/:id/reaction', signedIn, (c) => unreact(c, deps));
  app.get('/:id/reactions', signedIn, async (c) => c.json(await listReactors(c, deps)));
  app.post('/:id/pin', signedIn, (c) => pin(c, deps, true));
  app.delete('/:id/pin', signedIn, (c) => pin(c, deps, false));

  return app;
}
