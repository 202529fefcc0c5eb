import type { Context } from 'hono';
import { z } from 'zod';
import {
  changesQuery,
  historyQuery,
  type MessageCard,
  messageParams,
  searchQuery,
} from '../../contracts/api/messages.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { type Page, seal, toPageBy, unseal } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';

const seqPosition = z.tuple([z.number().int().min(0)]);

/**
 * GET messages/:conversationId: the latest first, from a number or a time backwards; with after_seq or after the oldest first, each
 * exactly once. Throws messages.conversation_not_found, request.invalid_cursor.
 */
export async function listMessages(c: Context<AppEnv>, deps: Deps): Promise<Page<MessageCard>> {
  const { id } = readParams(c, messageParams);
  const { limit, cursor, ...range } = readQuery(c, historyQuery);
  const isForward = range.after_seq !== undefined || range.after !== undefined;
  // A cursor of one direction would give another page in the other.
  const list = `messages ${id} ${isForward ? 'after' : 'before'}`;
  const from = cursor === undefined ? undefined : unseal(list, cursor, seqPosition)[0];
  const rows = await readRows<MessageCard>(c, deps, 'conversation_messages', {
    p_conversation: id,
    p_limit: limit + 1,
    p_before_seq: isForward ? range.before_seq : (from ?? range.before_seq),
    p_after_seq: isForward ? (from ?? range.after_seq) : undefined,
    p_before: range.before,
    p_after: range.after,
  });
  return toPageBy(rows, limit, ({ seq }) => seal(list, [seq]));
}

/** GET messages/:conversationId/changes?after_change=: what became of messages since. Throws messages.conversation_not_found. */
export async function listChanges(c: Context<AppEnv>, deps: Deps) {
  const { id } = readParams(c, messageParams);
  const { limit, after_change } = readQuery(c, changesQuery);
  const args = { p_conversation: id, p_after_change: after_change, p_limit: limit + 1 };
  const rows = await readRows<MessageCard>(c, deps, 'conversation_changes', args);
  const data = rows.slice(0, limit);
  return { data, next_change: rows.length > limit ? (data.at(-1)?.change ?? null) : null };
}

/** GET messages/message/:id: one message, for a link to it. Throws messages.not_found. */
export async function getMessage(c: Context<AppEnv>, deps: Deps): Promise<MessageCard> {
  const { id } = readParams(c, messageParams);
  const [message] = await readRows<MessageCard>(c, deps, 'message', { p_id: id });
  if (message === undefined) throw new AppError('messages.not_found');
  return message;
}

/** GET messages/:conversationId/pins: up to 50, the latest pin first. Throws messages.conversation_not_found. */
export async function listPins(c: Context<AppEnv>, deps: Deps): Promise<{ data: MessageCard[] }> {
  const { id } = readParams(c, messageParams);
  return { data: await readRows<MessageCard>(c, deps, 'pinned_messages', { p_conversation: id }) };
}

/** GET messages/search?q=: in all conversations or one, the newest first. Throws messages.conversation_not_found. */
export async function searchMessages(c: Context<AppEnv>, deps: Deps): Promise<Page<MessageCard>> {
  const { q, conversation_id, ...page } = readQuery(c, searchQuery);
  const args = { p_query: q, p_conversation: conversation_id };
  return await readPage<MessageCard>(c, deps, 'search_messages', args, page, ({ created_at }) => created_at);
}
