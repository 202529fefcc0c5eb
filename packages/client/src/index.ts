import type { SupabaseClient } from '@supabase/supabase-js';
import type { Call, CallOptions, CallWatch, CallWatchOptions, StartCallOptions } from './call.ts';
import type { CallCard } from './call-card.ts';
import { insist } from './calls.ts';
import { assertWebRtc } from './client-error.ts';
import { newClientId } from './client-id.ts';
import type { Conversation, ConversationOptions } from './conversation.ts';
import { FollowedConversation } from './followed-conversation.ts';
import { FollowedInbox } from './followed-inbox.ts';
import type { Inbox, InboxOptions } from './inbox.ts';
import { LiveCall } from './live-call.ts';
import { pageId } from './page-id.ts';
import { Session } from './session.ts';
import { WatchedCalls } from './watched-calls.ts';

export { reconnectAfterMs } from './backoff.ts';
export type { Call, CallOptions, CallWatch, CallWatchOptions, StartCallOptions } from './call.ts';
export type { CallCard, CallEnd, CallKind, ParticipantState } from './call-card.ts';
export { ClientError } from './client-error.ts';
export { newClientId } from './client-id.ts';
export type { Conversation, ConversationOptions } from './conversation.ts';
export type { EndReason } from './core-events.ts';
export type { Inbox, InboxOptions } from './inbox.ts';
export type { ConversationCard, LastMessage } from './inbox-card.ts';
export type { Draft, Message, MessageKind, Person, Receipt, Reply } from './messages.ts';
export type { ReadMark } from './reader.ts';

/** Whoever has not got an answer by then would not want it any more. */
const ANSWER_MS = 30_000;

/**
 * Follows a conversation of whoever is signed in at `supabase`: each message is handed over once and in order, whatever happens to
 * the socket, the servers or the membership. Resolves when the conversation was found; `live()` when what is sent arrives at once.
 * @throws ClientError messages.conversation_not_found, client.not_signed_in; and the reason of `options.signal`
 */
export async function joinConversation(
  supabase: SupabaseClient,
  id: string,
  options: ConversationOptions,
): Promise<Conversation> {
  return await FollowedConversation.join(await Session.of(supabase), id, options);
}

/**
 * Follows the latest conversations of whoever is signed in at `supabase`: their last messages and how many are unread.
 * @throws ClientError client.not_signed_in
 */
export async function joinInbox(supabase: SupabaseClient, options: InboxOptions): Promise<Inbox> {
  return await FollowedInbox.join(await Session.of(supabase), options);
}

/**
 * Calls people, or a group, and is in the call: their devices ring, and media flow to each who answers. A call to who is busy is over at
 * once: `ended` says so.
 * @throws ClientError calls.not_accepted, calls.in_call, follows.blocked, … as docs/calls.md lists them; client.no_webrtc, client.not_signed_in
 */
export async function startCall(supabase: SupabaseClient, options: StartCallOptions): Promise<Call> {
  assertWebRtc();
  const session = await Session.of(supabase);
  const { kind, user_ids, group_id, client_id = newClientId(), device_id = newClientId() } = options;
  const p = {
    client_id,
    device_id,
    join_id: await pageId(),
    kind,
    ...(user_ids && { user_ids }),
    ...(group_id && { group_id }),
  };
  const card = await insist<CallCard>(supabase, 'start_call', { p }, AbortSignal.timeout(ANSWER_MS));
  return new LiveCall(session, card, device_id, options);
}

/**
 * Answers a call that rings for whoever is signed in, or comes back into one that goes on.
 * @throws ClientError calls.over, calls.answered_elsewhere, calls.in_call, calls.not_found, client.no_webrtc, client.not_signed_in
 */
export async function joinCall(supabase: SupabaseClient, id: string, options: CallOptions): Promise<Call> {
  assertWebRtc();
  const session = await Session.of(supabase);
  const { device_id = newClientId() } = options;
  const args = { p_id: id, p_device: device_id, p_join: await pageId() };
  const card = await insist<CallCard>(supabase, 'answer_call', args, AbortSignal.timeout(ANSWER_MS));
  return new LiveCall(session, card, device_id, options);
}

/** Does not take a call, on none of one's devices. */
export async function declineCall(supabase: SupabaseClient, id: string): Promise<CallCard> {
  return await insist<CallCard>(supabase, 'decline_call', { p_id: id }, AbortSignal.timeout(ANSWER_MS));
}

/**
 * Tells of calls that ring for whoever is signed in, and when they ring no longer.
 * @throws ClientError client.not_signed_in
 */
export async function watchCalls(supabase: SupabaseClient, options: CallWatchOptions): Promise<CallWatch> {
  return new WatchedCalls(await Session.of(supabase), options);
}
