/** A person as messages show them. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly full_name: string | null;
  readonly avatar_url: string | null;
  readonly is_verified: boolean;
  readonly verification_level: string | null;
}

/** What a message answers; `content` is null where its reader may not see it, and in what is heard. */
export interface Reply {
  readonly id: string;
  readonly seq: number;
  readonly sender_id: string | null;
  readonly kind: MessageKind;
  readonly content: string | null;
}

export type MessageKind = 'text' | 'image' | 'video' | 'audio';

/** A message as its reader may see it. One that is gone has `deleted_at`, keeps its place and has no words. */
export interface Message {
  readonly id: string;
  readonly conversation_id: string;
  /** Counts from 1 in its conversation, without a gap. */
  readonly seq: number;
  readonly sender_id: string | null;
  readonly sender: Person | null;
  readonly kind: MessageKind;
  readonly content: string | null;
  readonly media_urls: readonly string[];
  readonly duration_ms: number | null;
  readonly waveform: readonly number[] | null;
  readonly reply_to: Reply | null;
  readonly is_forwarded: boolean;
  readonly mentions: readonly string[];
  readonly reactions: readonly { readonly emoji: string; readonly count: number }[];
  /** Not said of a message that was heard: keep what was known. */
  readonly my_reaction?: string | null;
  /** Not said of a message that was heard: keep what was known. */
  readonly is_read?: boolean | null;
  /** The number of its last change; null while there was none. */
  readonly change: number | null;
  readonly pinned_at: string | null;
  readonly edited_at: string | null;
  readonly deleted_at: string | null;
  readonly expires_at: string | null;
  readonly created_at: string;
}

/** What the topic says of a message. Sealed: its words are not sent along, and must be asked for. */
export type HeardMessage = Message & { readonly is_sealed?: boolean };

/** Where a conversation is heard, and how much there is of it. */
export interface Place {
  readonly topic: string;
  /** Null while nobody types there: before both sides of a direct conversation have accepted it. */
  readonly typing_topic: string | null;
  readonly epoch: number;
  readonly last_seq: number;
  readonly last_change: number;
}

/** What to send: words, media, or another message passed on. */
export interface Draft {
  readonly kind?: MessageKind;
  readonly content?: string;
  readonly media_urls?: readonly string[];
  readonly duration_ms?: number;
  readonly waveform?: readonly number[];
  /** The id of a message of this conversation. */
  readonly reply_to?: string;
  /** The id of a message, sent without words of one's own. */
  readonly forward_of?: string;
}

/** How far somebody has read. */
export interface Receipt {
  readonly conversation_id: string;
  readonly user_id: string;
  readonly last_read_seq: number;
}
