import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { acceptUser, requireUser } from '../_shared/guards.ts';
import { createGroup, deleteGroup, getGroup, listGroups, listLog, transferGroup, updateGroup } from './groups.ts';
import {
  answerInvitation,
  invite,
  listInvitations,
  listReceivedInvitations,
  withdrawInvitation,
} from './invitations.ts';
import { createLink, listLinks, previewLink, redeemLink, revokeLink } from './links.ts';
import {
  ban,
  decideRequest,
  joinGroup,
  leaveGroup,
  listBans,
  listMembers,
  listRequests,
  removeMember,
  setRole,
  unban,
} from './members.ts';
import { listPinned, listPosts, pinPost, removePost } from './posts.ts';

/** The `groups` function: groups, who is in them, how people come in and are kept out, and what is posted there. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('groups', deps);
  const signedIn = requireUser(deps);
  const anybody = acceptUser(deps);

  app.get('/', anybody, async (c) => c.json(await listGroups(c, deps)));
  app.post('/', signedIn, (c) => createGroup(c, deps));
  app.get('/invitations', signedIn, async (c) => c.json(await listReceivedInvitations(c, deps)));
  app.post('/links/preview', signedIn, async (c) => c.json(await previewLink(c, deps)));
  app.post('/links/redeem', signedIn, (c) => redeemLink(c, deps));

  app.get('/:id', anybody, async (c) => c.json(await getGroup(c, deps)));
  app.put('/:id', signedIn, (c) => updateGroup(c, deps));
  app.delete('/:id', signedIn, (c) => deleteGroup(c, deps));
  app.post('/:id/transfer', signedIn, (c) => transferGroup(c, deps));
  app.get('/:id/log', signedIn, async (c) => c.json(await listLog(c, deps)));

  app.post('/:id/join', signedIn, (c) => joinGroup(c, deps));
  app.post('/:id/leave', signedIn, (c) => leaveGroup(c, deps));
  app.get('/:id/members', signedIn, async (c) => c.json(await listMembers(c, deps)));
  app.put('/:id/members/:user_id', signedIn, (c) => setRole(c, deps));
  app.delete('/:id/members/:user_id', signedIn, (c) => removeMember(c, deps));
  app.get('/:id/bans', signedIn, async (c) => c.json(await listBans(c, deps)));
  app.put('/:id/bans/:user_id', signedIn, (c) => ban(c, deps));
  app.delete('/:id/bans/:user_id', signedIn, (c) => unban(c, deps));

  app.get('/:id/requests', signedIn, async (c) => c.json(await listRequests(c, deps)));
  app.post('/:id/requests/:user_id/approve', signedIn, (c) => decideRequest(c, deps, 'approve_group_request'));
  app.post('/:id/requests/:user_id/decline', signedIn, (c) => decideRequest(c, deps, 'decline_group_request'));

  app.get('/:id/invitations', signedIn, async (c) => c.json(await listInvitations(c, deps)));
  app.post('/:id/invitations', signedIn, (c) => invite(c, deps));
  app.post('/:id/invitations/accept', signedIn, (c) => answerInvitation(c, deps, 'accept_group_invitation'));
  app.post('/:id/invitations/decline', signedIn, (c) => answerInvitation(c, deps, 'decline_group_invitation'));
  app.delete('/:id/invitations/:user_id', signedIn, (c) => withdrawInvitation(c, deps));

  app.get('/:id/links', signedIn, async (c) => c.json(await listLinks(c, deps)));
  app.post('/:id/links', signedIn, (c) => createLink(c, deps));
  app.delete('/:id/links/:link_id', signedIn, (c) => revokeLink(c, deps));

  app.get('/:id/posts', anybody, async (c) => c.json(await listPosts(c, deps)));
  app.get('/:id/posts/pinned', anybody, async (c) => c.json(await listPinned(c, deps)));
  app.delete('/:id/posts/:post_id', signedIn, (c) => removePost(c, deps));
  app.post('/:id/posts/:post_id/pin', signedIn, (c) => pinPost(c, deps, true));
  app.delete('/:id/posts/:post_id/pin', signedIn, (c) => pinPost(c, deps, false));

  return app;
}
