import type { EndReason } from './core-events.ts';
import type { Draft, Message, Receipt } from './messages.ts';
import type { ReadMark } from './reader.ts';

export type Handler<T> = (what: T) => void | Promise<void>;

/** Handlers are called one after the other; one that returns a promise is waited for. */
export interface ConversationOptions {
  /** Each message, once and in the order of its seq: mine too. */
  readonly onMessage: Handler<Message>;
  /** How a message reads now: edited, deleted, pinned, with other reactions. In order; what is left out keeps what was known. */
  readonly onChange?: Handler<Message>;
  /** A message that I deleted for myself, on another device. */
  readonly onHidden?: Handler<{ readonly id: string; readonly seq: number }>;
  /** Somebody is typing; they say so again while they do. What members say of themselves, not what the server knows. */
  readonly onTyping?: Handler<{ readonly user_id: string }>;
  /** Who is there, without me. What members say of themselves, not what the server knows. */
  readonly onPresence?: Handler<readonly string[]>;
  /** How far somebody has read, or I have on another device. */
  readonly onReceipt?: Handler<Receipt>;
  /** How long messages stay from now on; null: for good. */
  readonly onTimer?: Handler<{ readonly disappear_after_s: number | null; readonly by: string }>;
  /** Whether what is sent arrives at once. While it is false nothing is lost. */
  readonly onLive?: Handler<boolean>;
  readonly onEnd?: Handler<EndReason>;
  /** A handler failed, or the server answers nonsense. The conversation goes on. */
  readonly onError?: (error: unknown) => void;
  /** Begins after this message, which I have; otherwise with the next one. */
  readonly after_seq?: number;
  /** Begins with changes after this one. */
  readonly after_change?: number;
  /** How often the server is asked whether something was missed although nothing failed; 60,000. */
  readonly check_every_ms?: number;
  /** Gives up joining; afterwards it does nothing. */
  readonly signal?: AbortSignal;
}

/** A conversation that is followed until `close` or `await using` ends it, or it ends by itself. */
export interface Conversation extends AsyncDisposable {
  readonly id: string;
  readonly isLive: boolean;
  /** Up to where everything was handed over: keep both, and begin there the next time. */
  readonly position: { readonly seq: number; readonly change: number };
  /** Resolves when what is sent arrives at once; rejects when the conversation ended before. */
  readonly live: () => Promise<void>;
  /** Resolves with the reason when nothing more will come. */
  readonly ended: Promise<EndReason>;
  /**
   * Sends a message, after those before it, and repeats it until the server has it or refuses it. `client_id` becomes the message's
   * id: give the one of a message whose fate is not known.
   * @throws ClientError with the server's code, client.too_many_waiting, client.closed
   */
  readonly send: (
    draft: Draft,
    options?: { readonly client_id?: string; readonly signal?: AbortSignal },
  ) => Promise<Message>;
  /** Tells the others that I am typing; call it with every key, it is sent every 2.5 s. */
  readonly typing: () => void;
  /** Marks as read up to a message, or all that was handed over. */
  readonly markRead: (seq?: number) => Promise<ReadMark>;
  /** Up to 100 messages before one, the latest first; without `before_seq` those before what is handed over. */
  readonly history: (page?: { readonly before_seq?: number; readonly limit?: number }) => Promise<readonly Message[]>;
  readonly close: () => Promise<void>;
}
