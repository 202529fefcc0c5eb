import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import {
  createLinkRequest,
  type GroupCard,
  groupPageQuery,
  groupParams,
  type LinkCard,
  linkParams,
  tokenRequest,
} from '../../contracts/api/groups.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';

/** GET groups/:id/links. Throws groups.not_found, groups.members_only, groups.not_allowed. */
export async function listLinks(c: Context<AppEnv>, deps: Deps): Promise<Page<LinkCard>> {
  const { id } = readParams(c, groupParams);
  const query = readQuery(c, groupPageQuery);
  return await readPage<LinkCard>(c, deps, 'links_of_group', { p_group: id }, query, ({ created_at }) => created_at);
}

/** POST groups/:id/links. Throws groups.not_found, groups.not_allowed, groups.field_invalid, groups.too_many_links, rate_limit.exceeded. */
export async function createLink(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, groupParams);
  const body = await readBody(c, createLinkRequest);
  await limitKey(deps, c, 'group_invite', c.get('claims').user_id);
  return await change(c, deps, body, 'create_group_link', { p_group: id, p: JSON.stringify(body) }, 201);
}

/** DELETE groups/:id/links/:link_id. Throws groups.not_found, groups.not_allowed, groups.link_not_found. */
export async function revokeLink(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id, link_id } = readParams(c, linkParams);
  const args = { p_group: id, p_link: link_id };
  return await change(c, deps, await readBody(c, emptyRequest), 'revoke_group_link', args);
}

/** POST groups/links/preview. Counts as a join, so that nobody tries tokens. Throws groups.link_invalid, rate_limit.exceeded. */
export async function previewLink(c: Context<AppEnv>, deps: Deps): Promise<GroupCard> {
  const { token } = await readBody(c, tokenRequest);
  await limitKey(deps, c, 'group_join', c.get('claims').user_id);
  const [group] = await readRows<GroupCard>(c, deps, 'preview_group_link', { p_token: token });
  if (group === undefined) throw new AppError('groups.link_invalid');
  return group;
}

/** POST groups/links/redeem. Throws groups.link_invalid, groups.full, groups.limit_reached, rate_limit.exceeded. */
export async function redeemLink(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, tokenRequest);
  await limitKey(deps, c, 'group_join', c.get('claims').user_id);
  return await change(c, deps, body, 'redeem_group_link', { p_token: body.token });
}
