import type { HeardMessage, Message, Place } from './messages.ts';

/** Why a conversation is over for this client. */
export type EndReason = 'left' | 'removed' | 'signed_out';

/** What happens to a conversation. */
export type ConversationEvent =
  /** Answers to what was asked for by an action. */
  | { readonly on: 'place'; readonly place: Place }
  | { readonly on: 'messages'; readonly page: readonly Message[] }
  | { readonly on: 'changes'; readonly page: readonly Message[] }
  | { readonly on: 'failed' }
  | { readonly on: 'waited'; readonly ticket: number }
  /** What the topic says. */
  | { readonly on: 'joined' | 'lost'; readonly topic: string }
  | { readonly on: 'heard' | 'heard_change'; readonly topic: string; readonly message: HeardMessage }
  /** What is known from elsewhere. */
  | { readonly on: 'sent'; readonly message: Message }
  | { readonly on: 'moved'; readonly topic: string; readonly epoch: number }
  /** Something may have been missed. */
  | { readonly on: 'doubt' }
  /** Whether whoever is handed messages can take more. */
  | { readonly on: 'full' | 'drained' }
  | { readonly on: 'over'; readonly reason: EndReason };

/** What has to be done about it. Each request (`locate`, `read`, `read_changes`) is answered by one event before the next is made. */
export type ConversationAction =
  | { readonly do: 'locate' }
  | { readonly do: 'read' | 'read_changes'; readonly after: number }
  | { readonly do: 'wait'; readonly ticket: number; readonly attempt: number }
  | { readonly do: 'listen'; readonly topic: string }
  | { readonly do: 'listen_typing'; readonly topic: string | null }
  | { readonly do: 'hand' | 'hand_change'; readonly message: Message }
  | { readonly do: 'located' }
  | { readonly do: 'live'; readonly is_live: boolean }
  | { readonly do: 'end'; readonly reason: EndReason };

/** From where on messages are wanted; what is left out begins with what comes next. */
export interface Start {
  readonly after_seq?: number | undefined;
  readonly after_change?: number | undefined;
}
