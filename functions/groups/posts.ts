import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { groupPageQuery, groupParams, groupPostParams, removePostRequest } from '../../contracts/api/groups.ts';
import type { PostCard } from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';

/** GET groups/:id/posts. Throws groups.not_found, groups.members_only. */
export async function listPosts(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  const { id } = readParams(c, groupParams);
  const query = readQuery(c, groupPageQuery);
  return await readPage<PostCard>(c, deps, 'posts_of_group', { p_group: id }, query, (post) => post.published_at);
}

/** GET groups/:id/posts/pinned: there are at most three, so this is a page of its own. Throws groups.not_found, groups.members_only. */
export async function listPinned(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  const { id } = readParams(c, groupParams);
  return { data: await readRows<PostCard>(c, deps, 'pinned_posts_of_group', { p_group: id }), next_cursor: null };
}

/** DELETE groups/:id/posts/:post_id: by its moderators. Throws groups.not_found, groups.not_allowed, posts.not_found. */
export async function removePost(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id, post_id } = readParams(c, groupPostParams);
  const body = await readBody(c, removePostRequest);
  const args = { p_group: id, p_post: post_id, p_reason: body.reason ?? null };
  return await change(c, deps, body, 'remove_group_post', args);
}

/** POST and DELETE groups/:id/posts/:post_id/pin. Throws groups.not_found, groups.not_allowed, posts.not_found, posts.too_many_pinned. */
export async function pinPost(c: Context<AppEnv>, deps: Deps, pinned: boolean): Promise<Response> {
  const { id, post_id } = readParams(c, groupPostParams);
  const args = { p_group: id, p_post: post_id, p_pinned: pinned };
  return await change(c, deps, await readBody(c, emptyRequest), 'pin_group_post', args);
}
