import type { HeardMessage, MessageKind, Person } from './messages.ts';

/** The last message of a conversation, cut for a list. */
export interface LastMessage {
  readonly id: string;
  readonly seq: number;
  readonly sender_id: string | null;
  readonly kind: MessageKind;
  readonly content: string | null;
  readonly is_deleted: boolean;
  readonly created_at: string;
}

/** A conversation in a list, as its member sees it. */
export interface ConversationCard {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly person: Person | null;
  readonly group: {
    readonly id: string;
    readonly name: string;
    readonly avatar_url: string | null;
    readonly role: string | null;
  } | null;
  readonly state: 'accepted' | 'requested' | 'declined';
  readonly can_send: boolean;
  readonly last_message: LastMessage | null;
  readonly last_seq: number;
  readonly last_read_seq: number;
  readonly unread_count: number;
  readonly is_muted: boolean;
  readonly muted_until: string | null;
  readonly archived_at: string | null;
  readonly disappear_after_s: number | null;
  readonly topic: string;
  readonly active_at: string;
  readonly created_at: string;
}

const SHOWN_CHARACTERS = 200;

/** The card after a message was heard; null when it cannot be said without asking. */
export function withMessage(card: ConversationCard, message: HeardMessage, me: string): ConversationCard | null {
  if (message.seq <= card.last_seq) return card;
  // Something between was missed, or the words are not sent along.
  if (message.seq > card.last_seq + 1 || message.is_sealed) return null;
  const { id, seq, sender_id, kind, content, created_at } = message;
  const isMine = sender_id === me;
  return {
    ...card,
    last_message: { id, seq, sender_id, kind, content: cut(content), is_deleted: false, created_at },
    last_seq: seq,
    active_at: created_at,
    last_read_seq: isMine ? seq : card.last_read_seq,
    unread_count: isMine ? 0 : card.unread_count + 1,
  };
}

/** The card after a message was changed; null when it cannot be said without asking. */
export function withChange(card: ConversationCard, message: HeardMessage): ConversationCard | null {
  if (card.last_message?.seq !== message.seq) return card;
  if (message.is_sealed) return null;
  const is_deleted = message.deleted_at !== null;
  return {
    ...card,
    last_message: { ...card.last_message, is_deleted, content: is_deleted ? null : cut(message.content) },
  };
}

/** The card after I read on, on whatever device. */
export function withRead(card: ConversationCard, last_read_seq: number): ConversationCard {
  if (last_read_seq <= card.last_read_seq) return card;
  // Some of what is unread may not be for me, so the count only goes down.
  return {
    ...card,
    last_read_seq,
    unread_count: Math.min(card.unread_count, Math.max(card.last_seq - last_read_seq, 0)),
  };
}

function cut(content: string | null): string | null {
  return content === null ? null : Array.from(content).slice(0, SHOWN_CHARACTERS).join('');
}
