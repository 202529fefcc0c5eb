import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import {
  deleteQuery,
  editMessageRequest,
  messageParams,
  peopleOfMessageQuery,
  type Reactor,
  reactionRequest,
  readRequest,
} from '../../contracts/api/messages.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { change } from './call.ts';
import { readById } from './pages.ts';

/** PUT messages/:id. Throws messages.not_found, messages.not_yours, messages.edit_too_late, messages.content_invalid. */
export async function editMessage(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, editMessageRequest);
  return await change(c, deps, body, 'edit_message', { p_id: id, p_content: body.content });
}

/** DELETE messages/:id?for=me|all. Throws messages.not_found, messages.not_yours. */
export async function deleteMessage(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const query = readQuery(c, deleteQuery);
  await readBody(c, emptyRequest);
  return await change(c, deps, query, 'delete_message', { p_id: id, p_for: query.for });
}

/** PUT messages/:id/read: a message and all before it, or a conversation. Throws messages.not_found. */
export async function markRead(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, readRequest);
  return await change(c, deps, body, 'mark_read', { p_id: id, p_seq: body.seq ?? null });
}

/** POST messages/:id/reaction: instead of an earlier one. Throws messages.not_found, messages.too_many_reactions. */
export async function react(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, reactionRequest);
  return await change(c, deps, body, 'react_to_message', { p_id: id, p_emoji: body.emoji });
}

/** DELETE messages/:id/reaction. Throws messages.not_found. */
export async function unreact(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, emptyRequest);
  return await change(c, deps, body, 'react_to_message', { p_id: id, p_emoji: null });
}

/** POST and DELETE messages/:id/pin. Throws messages.not_found, groups.not_allowed, messages.too_many_pinned. */
export async function pin(c: Context<AppEnv>, deps: Deps, pinned: boolean): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, emptyRequest);
  return await change(c, deps, body, 'pin_message', { p_id: id, p_pinned: pinned });
}

/** GET messages/:id/reactions: who reacted how. Throws messages.not_found. */
export async function listReactors(c: Context<AppEnv>, deps: Deps): Promise<Page<Reactor>> {
  const { id } = readParams(c, messageParams);
  return await readById(c, deps, 'message_reactors', { p_id: id }, readQuery(c, peopleOfMessageQuery));
}
