import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { personInput } from './graph.ts';
import { mediaAddress } from './media.ts';
import { authorSchema } from './posts.ts';

const kind = z.enum(['text', 'image', 'video', 'audio']);
const count = z.number().int();
/** A number in a query. */
const digits = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

const words = {
  kind: kind.optional(),
  content: z.string().max(4000).nullable().optional(),
  media_urls: z.array(mediaAddress).max(10).optional(),
  /** With every audio, and with a video where it is known. */
  duration_ms: z.number().int().min(1).max(86_400_000).optional(),
  /** Of an audio, to be drawn. */
  waveform: z.array(z.number().int().min(0).max(100)).min(1).max(128).optional(),
  reply_to: z.uuid().optional(),
};

/** POST messages: to one of a person, a group and a conversation. */
export const sendMessageRequest = z
  .strictObject({
    receiver_id: z.uuid().optional(),
    group_id: z.uuid().optional(),
    conversation_id: z.uuid().optional(),
    /** A UUID of the client's, which becomes the message's id: sent again, the message is the same. */
    client_id: z.uuid().optional(),
    ...words,
    /** A message that one may read, instead of words of one's own. */
    forward_of: z.uuid().optional(),
  })
  .refine(
    ({ receiver_id, group_id, conversation_id }) =>
      [receiver_id, group_id, conversation_id].filter((id) => id !== undefined).length === 1,
    'send one of receiver_id, group_id and conversation_id',
  );

/** PUT messages/:id */
export const editMessageRequest = z.strictObject({ content: z.string().max(4000).nullable() });

/** PUT messages/:id/read: of a conversation, up to this message; all when left out. */
export const readRequest = z.strictObject({ seq: z.number().int().min(0).optional() });

/** POST messages/:id/reaction */
export const reactionRequest = z.strictObject({ emoji: z.string().min(1).max(16) });

/** POST messages/:conversationId/mute: for good when left out. */
export const muteRequest = z.strictObject({ until: timestampSchema.nullable().optional() });

/** PUT messages/:conversationId/timer; null: messages stay. */
export const timerRequest = z.strictObject({ seconds: z.number().int().min(30).max(7_776_000).nullable() });

/** Path of what is done to or asked about a message or a conversation. */
export const messageParams = z.strictObject({ id: z.uuid() });

/** Path of GET messages/with/:id: id or username. */
export const withParams = z.strictObject({ id: personInput });

/** GET messages */
export const conversationsQuery = z.strictObject({
  ...pageQuery,
  box: z.enum(['inbox', 'archived', 'requests']).default('inbox'),
});

/** GET messages/requests */
export const requestsQuery = z.strictObject(pageQuery);

/** GET messages/:conversationId: the latest first; after a number or a time, the oldest first. */
export const historyQuery = z.strictObject({
  ...pageQuery,
  before_seq: digits.optional(),
  after_seq: digits.optional(),
  before: timestampSchema.optional(),
  after: timestampSchema.optional(),
});

/** GET messages/:conversationId/changes */
export const changesQuery = z.strictObject({ limit: pageQuery.limit, after_change: digits.default(0) });

/** DELETE messages/:id */
export const deleteQuery = z.strictObject({ for: z.enum(['me', 'all']).default('all') });

/** GET messages/search */
export const searchQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(200),
  conversation_id: z.uuid().optional(),
});

const quote = z.strictObject({
  id: z.uuid(),
  seq: count,
  sender_id: z.uuid().nullable(),
  kind,
  /** Up to 200 characters; null when it is gone, or not for the reader. */
  content: z.string().nullable(),
});

/** A message as its reader may see it: the columns of `public.message_card`. */
export const messageCard = z.strictObject({
  id: z.uuid(),
  conversation_id: z.uuid(),
  seq: count,
  sender_id: z.uuid().nullable(),
  /** Null when the account is gone, or does not exist for the reader. */
  sender: authorSchema.nullable(),
  kind,
  content: z.string().nullable(),
  media_urls: z.array(z.string()),
  duration_ms: count.nullable(),
  waveform: z.array(count).nullable(),
  reply_to: quote.nullable(),
  is_forwarded: z.boolean(),
  mentions: z.array(z.uuid()),
  reactions: z.array(z.strictObject({ emoji: z.string(), count })),
  my_reaction: z.string().nullable(),
  /** Of others: by me. Of mine: by the other in a direct conversation, null where they or I do not show it. */
  is_read: z.boolean().nullable(),
  /** The number of its last change; null while there was none. */
  change: count.nullable(),
  pinned_at: timestampSchema.nullable(),
  edited_at: timestampSchema.nullable(),
  /** Also of one that has disappeared or that I deleted for myself: its words are gone, its place stays. */
  deleted_at: timestampSchema.nullable(),
  expires_at: timestampSchema.nullable(),
  created_at: timestampSchema,
});
export type MessageCard = z.infer<typeof messageCard>;

export const messagesPage = pageOf(messageCard);

/** A conversation as its member sees it: the columns of `public.conversation_card`. */
export const conversationCard = z.strictObject({
  id: z.uuid(),
  kind: z.enum(['direct', 'group']),
  /** The other one; null when they do not exist for the reader any more. */
  person: authorSchema.nullable(),
  group: z
    .strictObject({ id: z.uuid(), name: z.string(), avatar_url: z.string().nullable(), role: z.string().nullable() })
    .nullable(),
  state: z.enum(['accepted', 'requested', 'declined']),
  can_send: z.boolean(),
  last_message: z
    .strictObject({
      id: z.uuid(),
      seq: count,
      sender_id: z.uuid().nullable(),
      kind,
      content: z.string().nullable(),
      is_deleted: z.boolean(),
      created_at: timestampSchema,
    })
    .nullable(),
  last_seq: count,
  last_read_seq: count,
  unread_count: count,
  is_muted: z.boolean(),
  muted_until: timestampSchema.nullable(),
  archived_at: timestampSchema.nullable(),
  disappear_after_s: count.nullable(),
  topic: z.string(),
  active_at: timestampSchema,
  created_at: timestampSchema,
});
export type ConversationCard = z.infer<typeof conversationCard>;

export const conversationsPage = pageOf(conversationCard);

/** PUT messages/:id/read */
export const readSchema = z.strictObject({ conversation_id: z.uuid(), last_read_seq: count, unread_count: count });

/** DELETE messages/:id */
export const deletedMessageSchema = z.strictObject({
  id: z.uuid(),
  conversation_id: z.uuid(),
  seq: count,
  deleted_for: z.enum(['me', 'all']),
});

/** GET messages/:conversationId/topic: where to hear of it now, and how far it is. */
export const topicSchema = z.strictObject({
  topic: z.string(),
  /** Null until both sides of a direct conversation have accepted it. */
  typing_topic: z.string().nullable(),
  epoch: count,
  last_seq: count,
  last_change: count,
});

/** GET messages/:conversationId/changes: ask again after `next_change`, which is null when there is no more. */
export const changesSchema = z.strictObject({ data: z.array(messageCard), next_change: count.nullable() });

/** GET messages/:conversationId/pins */
export const pinsSchema = z.strictObject({ data: z.array(messageCard) });

const receipt = z.strictObject({ id: z.uuid(), username: z.string(), last_read_seq: count });
/** GET messages/:conversationId/receipts */
export const receiptsPage = pageOf(receipt);
export type Receipt = z.infer<typeof receipt>;

const reactor = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  full_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  emoji: z.string(),
  created_at: timestampSchema,
});
/** GET messages/:id/reactions */
export const reactorsPage = pageOf(reactor);
export type Reactor = z.infer<typeof reactor>;

/** GET of lists in the order of ids. */
export const peopleOfMessageQuery = z.strictObject(pageQuery);

/** POST messages/:conversationId/typing: whether the others were told. */
export const typingSchema = z.strictObject({ told: z.boolean() });
