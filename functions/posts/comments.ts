import type { Context } from 'hono';
import { addCommentRequest, type CommentCard, editCommentRequest } from '../../contracts/api/comments.ts';
import { emptyRequest } from '../../contracts/api/common.ts';
import { idParams, postsQuery } from '../../contracts/api/posts.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { remove } from './call.ts';

/** GET posts/comments/:id: what a link to one comment shows. Throws comments.not_found, also when it was deleted and no answer keeps its place. */
export async function getComment(c: Context<AppEnv>, deps: Deps): Promise<CommentCard> {
  const { id } = readParams(c, idParams);
  const [comment] = await readRows<CommentCard>(c, deps, 'comment_cards', { p_ids: [id] });
  if (comment === undefined || (comment.deleted_at !== null && comment.replies_count === 0)) {
    throw new AppError('comments.not_found');
  }
  return comment;
}

/** POST posts/:id/comment. Throws posts.not_found, posts.comments_not_allowed, comments.not_found, rate_limit.exceeded. */
export async function addComment(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, addCommentRequest);
  await limitKey(deps, c, 'comment', c.get('claims').user_id);
  const args = { p_post: id, p_content: body.content, p_parent: body.parent_id ?? null };
  return await change(c, deps, body, 'add_comment', args, 201);
}

/** GET posts/:id/comments: those on the post itself, the newest first. Throws posts.not_found. */
export async function listComments(c: Context<AppEnv>, deps: Deps): Promise<Page<CommentCard>> {
  const { id } = readParams(c, idParams);
  return await readPage(c, deps, 'post_comments', { p_post: id }, readQuery(c, postsQuery), timeOf);
}

/** GET posts/comments/:id/replies: the answers, the oldest first. Throws comments.not_found. */
export async function listReplies(c: Context<AppEnv>, deps: Deps): Promise<Page<CommentCard>> {
  const { id } = readParams(c, idParams);
  const args = { p_post: null, p_parent: id };
  return await readPage(c, deps, 'post_comments', args, readQuery(c, postsQuery), timeOf, 'replies');
}

const timeOf = ({ created_at }: CommentCard): string => created_at;

/** PUT posts/comments/:id. Throws comments.not_found, also for who did not write it. */
export async function editComment(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, editCommentRequest);
  return await change(c, deps, body, 'edit_comment', { p_id: id, p_content: body.content });
}

/** DELETE posts/comments/:id: by who wrote it or the post. Throws comments.not_found. */
export async function deleteComment(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  return await remove(c, deps, 'delete_comment', 'comments.not_found', id);
}

/** POST and DELETE posts/comments/:id/like. Throws comments.not_found, rate_limit.exceeded. */
export async function likeComment(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'like_comment' | 'unlike_comment',
): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, emptyRequest);
  await limitKey(deps, c, 'like', c.get('claims').user_id);
  return await change(c, deps, body, name, { p_comment: id });
}
