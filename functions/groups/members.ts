import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import {
  type BanCard,
  banRequest,
  groupPageQuery,
  groupParams,
  joinGroupRequest,
  type MemberCard,
  memberParams,
  membersQuery,
  type RequestCard,
  setRoleRequest,
} from '../../contracts/api/groups.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage } from '../_shared/rows.ts';
import { whomId } from '../follows/people.ts';

/** POST groups/:id/join. Throws groups.not_found, groups.join_refused, groups.full, groups.limit_reached, rate_limit.exceeded. */
export async function joinGroup(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  const body = await readBody(c, joinGroupRequest);
  await limitKey(deps, c, 'group_join', c.get('claims').user_id);
  return await change(c, deps, body, 'join_group', { p_group: id, p_message: body.message ?? null });
}

/** POST groups/:id/leave. Throws groups.not_found, groups.owner_must_stay. */
export async function leaveGroup(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  return await change(c, deps, await readBody(c, emptyRequest), 'leave_group', { p_group: id });
}

/** GET groups/:id/members. Throws groups.not_found, groups.members_only. */
export async function listMembers(c: Context<AppEnv>, deps: Deps): Promise<Page<MemberCard>> {
  const { id } = readParams(c, groupParams);
  const { role, ...query } = readQuery(c, membersQuery);
  return await readPage<MemberCard>(c, deps, 'members_of_group', { p_group: id, p_role: role }, query, ({ at }) => at);
}

/** A person of a group by the path, who may be named by id or username, as arguments. Throws users.not_found. */
export async function memberArgs(c: Context<AppEnv>, deps: Deps): Promise<{ p_group: string; p_user: string }> {
  const { id, user_id } = readParams(c, memberParams);
  return { p_group: id, p_user: await whomId(c, deps, user_id) };
}

/** PUT groups/:id/members/:user_id. Throws groups.not_found, groups.not_allowed, groups.member_not_found. */
export async function setRole(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const args = await memberArgs(c, deps);
  const body = await readBody(c, setRoleRequest);
  return await change(c, deps, body, 'set_group_role', { ...args, p_role: body.role });
}

/** DELETE groups/:id/members/:user_id. Throws groups.not_found, groups.not_allowed, groups.member_not_found. */
export async function removeMember(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const args = await memberArgs(c, deps);
  return await change(c, deps, await readBody(c, emptyRequest), 'remove_group_member', args);
}

/** GET groups/:id/bans. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function listBans(c: Context<AppEnv>, deps: Deps): Promise<Page<BanCard>> {
  const { id } = readParams(c, groupParams);
  const query = readQuery(c, groupPageQuery);
  return await readPage<BanCard>(c, deps, 'bans_of_group', { p_group: id }, query, ({ at }) => at);
}

/** PUT groups/:id/bans/:user_id. Throws groups.not_found, users.not_found, groups.not_allowed, groups.field_invalid. */
export async function ban(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const args = await memberArgs(c, deps);
  const body = await readBody(c, banRequest);
  const terms = { p_until: body.until ?? null, p_reason: body.reason ?? null };
  return await change(c, deps, body, 'ban_from_group', { ...args, ...terms });
}

/** DELETE groups/:id/bans/:user_id. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function unban(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const args = await memberArgs(c, deps);
  return await change(c, deps, await readBody(c, emptyRequest), 'unban_from_group', args);
}

/** GET groups/:id/requests. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function listRequests(c: Context<AppEnv>, deps: Deps): Promise<Page<RequestCard>> {
  const { id } = readParams(c, groupParams);
  const query = readQuery(c, groupPageQuery);
  return await readPage<RequestCard>(c, deps, 'requests_of_group', { p_group: id }, query, ({ at }) => at);
}

/** POST groups/:id/requests/:user_id/approve and decline. Throws groups.not_found, groups.not_allowed, groups.request_not_found, groups.full. */
export async function decideRequest(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'approve_group_request' | 'decline_group_request',
): Promise<Response> {
  const args = await memberArgs(c, deps);
  return await change(c, deps, await readBody(c, emptyRequest), name, args);
}
