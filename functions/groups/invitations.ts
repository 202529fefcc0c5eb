import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import {
  groupPageQuery,
  groupParams,
  type InvitationCard,
  type ReceivedInvitation,
  whomRequest,
} from '../../contracts/api/groups.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage } from '../_shared/rows.ts';
import { whomId } from '../follows/people.ts';
import { memberArgs } from './members.ts';

/** GET groups/invitations: those that one got. */
export async function listReceivedInvitations(c: Context<AppEnv>, deps: Deps): Promise<Page<ReceivedInvitation>> {
  const query = readQuery(c, groupPageQuery);
  return await readPage<ReceivedInvitation>(c, deps, 'my_group_invitations', {}, query, ({ at }) => at);
}

/** GET groups/:id/invitations. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function listInvitations(c: Context<AppEnv>, deps: Deps): Promise<Page<InvitationCard>> {
  const { id } = readParams(c, groupParams);
  const query = readQuery(c, groupPageQuery);
  return await readPage<InvitationCard>(c, deps, 'invitations_of_group', { p_group: id }, query, ({ at }) => at);
}

/** POST groups/:id/invitations. Throws groups.not_found, users.not_found, groups.invitation_refused, groups.person_banned, rate_limit.exceeded. */
export async function invite(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  const body = await readBody(c, whomRequest);
  await limitKey(deps, c, 'group_invite', c.get('claims').user_id);
  const args = { p_group: id, p_user: await whomId(c, deps, body.user_id) };
  return await change(c, deps, body, 'invite_to_group', args);
}

/** DELETE groups/:id/invitations/:user_id. Throws groups.not_found, groups.not_allowed, groups.invitation_not_found. */
export async function withdrawInvitation(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const args = await memberArgs(c, deps);
  return await change(c, deps, await readBody(c, emptyRequest), 'withdraw_group_invitation', args);
}

/** POST groups/:id/invitations/accept and decline. Throws groups.invitation_not_found, groups.full, groups.limit_reached. */
export async function answerInvitation(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'accept_group_invitation' | 'decline_group_invitation',
): Promise<Response> {
  const { id } = readParams(c, groupParams);
  return await change(c, deps, await readBody(c, emptyRequest), name, { p_group: id });
}
