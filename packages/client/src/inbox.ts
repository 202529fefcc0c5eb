import type { EndReason } from './core-events.ts';
import type { ConversationCard } from './inbox-card.ts';

export interface InboxOptions {
  /** A conversation as it is now: the first time, and whenever its card changed. */
  readonly onConversation: (card: ConversationCard) => void | Promise<void>;
  /** A conversation that is not in this box any more. */
  readonly onGone?: (id: string) => void | Promise<void>;
  readonly onEnd?: (reason: EndReason) => void | Promise<void>;
  readonly onError?: (error: unknown) => void;
  readonly box?: 'inbox' | 'archived' | 'requests';
  /** How many are followed, the latest ones: 1 to 50, 30 when left out. */
  readonly limit?: number;
  /** How often the list is asked for although nothing failed; 120,000. */
  readonly check_every_ms?: number;
}

/** The latest conversations of a person, followed until `close` or `await using` ends it. */
export interface Inbox extends AsyncDisposable {
  /** Resolves when nothing more will come. */
  readonly ended: Promise<EndReason>;
  /** The latest first. */
  readonly conversations: () => readonly ConversationCard[];
  /** Asks for the list now; resolves when it is here. */
  readonly refresh: () => Promise<void>;
  readonly close: () => Promise<void>;
}
