import type { Context } from 'hono';
import type { z } from 'zod';
import { emptyRequest } from '../../contracts/api/common.ts';
import {
  type ConversationCard,
  conversationsQuery,
  messageParams,
  muteRequest,
  peopleOfMessageQuery,
  type Receipt,
  requestsQuery,
  timerRequest,
  type topicSchema,
  withParams,
} from '../../contracts/api/messages.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Page, PageQuery } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { whomId } from '../follows/people.ts';
import { change } from './call.ts';
import { readById } from './pages.ts';

/** GET messages: conversations with their last message and how many are unread, the latest first. */
export async function listConversations(c: Context<AppEnv>, deps: Deps): Promise<Page<ConversationCard>> {
  const { box, ...page } = readQuery(c, conversationsQuery);
  return await listBox(c, deps, box, page);
}

/** GET messages/requests: of people whom one does not follow. */
export async function listRequests(c: Context<AppEnv>, deps: Deps): Promise<Page<ConversationCard>> {
  return await listBox(c, deps, 'requests', readQuery(c, requestsQuery));
}

async function listBox(c: Context<AppEnv>, deps: Deps, box: string, page: PageQuery): Promise<Page<ConversationCard>> {
  const timeOf = ({ active_at }: ConversationCard) => active_at;
  return await readPage(c, deps, 'my_conversations', { p_box: box }, page, timeOf, `conversations ${box}`);
}

/** GET messages/:conversationId/conversation. Throws messages.conversation_not_found. */
export async function getConversation(c: Context<AppEnv>, deps: Deps): Promise<ConversationCard> {
  const { id } = readParams(c, messageParams);
  return only(await readRows<ConversationCard>(c, deps, 'conversation', { p_id: id }));
}

/** GET messages/with/:id: the direct one with somebody. Throws messages.conversation_not_found, users.not_found. */
export async function getConversationWith(c: Context<AppEnv>, deps: Deps): Promise<ConversationCard> {
  const { id } = readParams(c, withParams);
  const p_user = await whomId(c, deps, id);
  return only(await readRows<ConversationCard>(c, deps, 'conversation_with', { p_user }));
}

/** GET messages/:conversationId/topic: where to hear of it. Throws messages.conversation_not_found. */
export async function getTopic(c: Context<AppEnv>, deps: Deps): Promise<z.infer<typeof topicSchema>> {
  const { id } = readParams(c, messageParams);
  return only(await readRows(c, deps, 'conversation_topic', { p_conversation: id }));
}

function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new AppError('messages.conversation_not_found');
  return row;
}

/** GET messages/:conversationId/receipts: how far the others have read. Throws messages.conversation_not_found. */
export async function listReceipts(c: Context<AppEnv>, deps: Deps): Promise<Page<Receipt>> {
  const { id } = readParams(c, messageParams);
  const query = readQuery(c, peopleOfMessageQuery);
  return await readById(c, deps, 'conversation_receipts', { p_conversation: id }, query);
}

/** POST messages/:conversationId/accept and decline. Throws messages.conversation_not_found, messages.no_request. */
export async function decideRequest(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'accept_conversation' | 'decline_conversation',
): Promise<Response> {
  const { id } = readParams(c, messageParams);
  return await change(c, deps, await readBody(c, emptyRequest), name, { p_id: id });
}

/** POST and DELETE messages/:conversationId/mute. Throws messages.conversation_not_found, messages.field_invalid. */
export async function muteConversation(c: Context<AppEnv>, deps: Deps, muted: boolean): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, muteRequest);
  const args = { p_id: id, p_muted: muted, p_until: muted ? (body.until ?? null) : null };
  return await change(c, deps, body, 'mute_conversation', args);
}

/** POST and DELETE messages/:conversationId/archive. Throws messages.conversation_not_found. */
export async function archiveConversation(c: Context<AppEnv>, deps: Deps, archived: boolean): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, emptyRequest);
  return await change(c, deps, body, 'archive_conversation', { p_id: id, p_archived: archived });
}

/** DELETE messages/:conversationId/history: all of it, for oneself. Throws messages.conversation_not_found. */
export async function clearConversation(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  return await change(c, deps, await readBody(c, emptyRequest), 'clear_conversation', { p_id: id });
}

/** PUT messages/:conversationId/timer. Throws messages.not_accepted, messages.request_open, groups.not_allowed. */
export async function setTimer(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, timerRequest);
  return await change(c, deps, body, 'set_message_timer', { p_id: id, p_seconds: body.seconds });
}

/** POST messages/:conversationId/typing: for clients without a socket. Throws messages.conversation_not_found. */
export async function tellTyping(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, messageParams);
  const body = await readBody(c, emptyRequest);
  return await change(c, deps, body, 'send_typing', { p_conversation: id }, { shape: (told) => ({ told }) });
}
