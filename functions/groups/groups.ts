import type { Context } from 'hono';
import { z } from 'zod';
import {
  createGroupRequest,
  type GroupCard,
  groupPageQuery,
  groupParams,
  groupsQuery,
  type LogEntry,
  updateGroupRequest,
  whomRequest,
} from '../../contracts/api/groups.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import { type Page, type PageQuery, seal, toPageBy, unseal } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf, limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { whomId } from '../follows/people.ts';
import { remove } from '../posts/call.ts';

/** GET groups: one's own, those that one may find, or those whose name is like `q`. Throws auth.required for one's own. */
export async function listGroups(c: Context<AppEnv>, deps: Deps): Promise<Page<GroupCard>> {
  const { scope = 'mine', category, q, ...query } = readQuery(c, groupsQuery);
  if (q !== undefined) return await searchGroups(c, deps, q, query);
  if (scope === 'discover') {
    // A place in the groups of one category is one in those of another as well.
    const list = `discover_groups ${category?.toLowerCase() ?? ''}`;
    return await readPage(c, deps, 'discover_groups', { p_category: category }, query, timeOf, asciiOf(list));
  }
  if (callerOf(c) === undefined) throw new AppError('auth.required');
  return await readPage(c, deps, 'my_groups', {}, query, timeOf);
}

const timeOf = ({ at }: GroupCard): string => at;

/** A cursor is plain ASCII, and a category may be anything. */
function asciiOf(text: string): string {
  return encodeURIComponent(text);
}

/** Where a page of a search ended: the rank of its last row, and its id. */
const position = z.tuple([z.number().min(-1e6).max(1e6), z.uuid()]);

interface Ranked extends GroupCard {
  readonly rank: number;
}

async function searchGroups(c: Context<AppEnv>, deps: Deps, q: string, query: PageQuery): Promise<Page<GroupCard>> {
  const { limit, cursor } = query;
  const [rank, id] = cursor === undefined ? [] : unseal('search_groups', cursor, position);
  const args = { p_query: q, p_limit: limit + 1, p_before_rank: rank, p_before_id: id };
  const rows = await readRows<Ranked>(c, deps, 'search_groups', args);
  const { data, next_cursor } = toPageBy(rows, limit, (row) => seal('search_groups', [row.rank, row.id]));
  // A rank means nothing beside those of another query.
  return { data: data.map(({ rank: _, ...card }) => card), next_cursor };
}

/** GET groups/:id. Throws groups.not_found, for a secret group as for none. */
export async function getGroup(c: Context<AppEnv>, deps: Deps): Promise<GroupCard> {
  const { id } = readParams(c, groupParams);
  const [group] = await readRows<GroupCard>(c, deps, 'group_page', { p_group: id });
  if (group === undefined) throw new AppError('groups.not_found');
  return group;
}

/** POST groups. Throws groups.limit_reached, rate_limit.exceeded. */
export async function createGroup(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, createGroupRequest);
  await limitKey(deps, c, 'group', c.get('claims').user_id);
  return await change(c, deps, body, 'create_group', { p: JSON.stringify(body) }, 201);
}

/** PUT groups/:id. Throws groups.not_found, groups.members_only, groups.not_allowed, groups.cap_too_low. */
export async function updateGroup(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  const body = await readBody(c, updateGroupRequest);
  return await change(c, deps, body, 'update_group', { p_id: id, p: JSON.stringify(body) });
}

/** DELETE groups/:id. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function deleteGroup(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  return await remove(c, deps, 'delete_group', 'groups.not_found', id);
}

/** POST groups/:id/transfer. Throws groups.not_found, groups.not_allowed, groups.member_not_found. */
export async function transferGroup(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  const body = await readBody(c, whomRequest);
  const args = { p_group: id, p_user: await whomId(c, deps, body.user_id) };
  return await change(c, deps, body, 'transfer_group', args);
}

/** GET groups/:id/log. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function listLog(c: Context<AppEnv>, deps: Deps): Promise<Page<LogEntry>> {
  const { id } = readParams(c, groupParams);
  const query = readQuery(c, groupPageQuery);
  return await readPage<LogEntry>(c, deps, 'log_of_group', { p_group: id }, query, ({ created_at }) => created_at);
}
