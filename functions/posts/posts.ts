import type { Context } from 'hono';
import {
  createPostRequest,
  idParams,
  type PostCard,
  type PostEdit,
  postsQuery,
  sharePostRequest,
  updatePostRequest,
} from '../../contracts/api/posts.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { remove } from './call.ts';
import { forgetFeed } from './feed-cache.ts';

/** GET posts/:id. Throws posts.not_found. */
export async function getPost(c: Context<AppEnv>, deps: Deps): Promise<PostCard> {
  const { id } = readParams(c, idParams);
  const [post] = await readRows<PostCard>(c, deps, 'post_cards', { p_ids: [id] });
  if (post === undefined) throw new AppError('posts.not_found');
  return post;
}

/** POST posts */
export async function createPost(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  return await create(c, deps, await readBody(c, createPostRequest));
}

/** POST posts/:id/share */
export async function sharePost(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, sharePostRequest);
  return await create(c, deps, { ...body, type: 'share', shared_post_id: id });
}

async function create(c: Context<AppEnv>, deps: Deps, post: object): Promise<Response> {
  const { user_id } = c.get('claims');
  await limitKey(deps, c, 'post', user_id);
  const response = await change(c, deps, post, 'create_post', { p: JSON.stringify(post) }, 201);
  // The author's own feed begins with it; the feeds of others are the worker's.
  await forgetFeed(deps.redis, user_id);
  return response;
}

/** PUT posts/:id. Throws posts.not_found, also for who is not its author. */
export async function updatePost(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, updatePostRequest);
  const response = await change(c, deps, body, 'update_post', { p_id: id, p: JSON.stringify(body) });
  // A draft that is published now belongs into the feed at once.
  await forgetFeed(deps.redis, c.get('claims').user_id);
  return response;
}

/** DELETE posts/:id, with its comments, likes and everything else. Throws posts.not_found. */
export async function deletePost(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  return await remove(c, deps, 'delete_post', 'posts.not_found', id);
}

/** GET posts/:id/history: for everybody who may read the post. Throws posts.not_found. */
export async function getHistory(c: Context<AppEnv>, deps: Deps): Promise<Page<PostEdit>> {
  const { id } = readParams(c, idParams);
  return await readPage<PostEdit>(
    c,
    deps,
    'post_history',
    { p_post: id },
    readQuery(c, postsQuery),
    (edit) => edit.replaced_at,
  );
}
