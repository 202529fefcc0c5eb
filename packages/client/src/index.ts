import type { SupabaseClient } from '@supabase/supabase-js';
import type { Conversation, ConversationOptions } from './conversation.ts';
import { FollowedConversation } from './followed-conversation.ts';
import { FollowedInbox } from './followed-inbox.ts';
import type { Inbox, InboxOptions } from './inbox.ts';
import { Session } from './session.ts';

export { reconnectAfterMs } from './backoff.ts';
export { ClientError } from './client-error.ts';
export { newClientId } from './client-id.ts';
export type { Conversation, ConversationOptions } from './conversation.ts';
export type { EndReason } from './core-events.ts';
export type { Inbox, InboxOptions } from './inbox.ts';
export type { ConversationCard, LastMessage } from './inbox-card.ts';
export type { Draft, Message, MessageKind, Person, Receipt, Reply } from './messages.ts';
export type { ReadMark } from './reader.ts';

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
