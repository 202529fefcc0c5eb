import { z } from 'zod';

const uuid = z.uuid();
const timestamp = z.iso.datetime({ offset: true });

/** Who wrote where. The words stay in Postgres. */
export const messageCreated = z.object({
  message_id: uuid,
  conversation_id: uuid,
  conversation_kind: z.enum(['direct', 'group']),
  group_id: uuid.nullable(),
  seq: z.number().int(),
  sender_id: uuid,
  /** Of a direct conversation; of a group, its members at that time. */
  receiver_id: uuid.nullable(),
  /** The receiver does not follow the sender and has not accepted yet. */
  is_request: z.boolean(),
  kind: z.string(),
  /** Ids of those it mentions. */
  mentions: z.array(uuid),
  created_at: timestamp,
  expires_at: timestamp.nullable(),
});

/** message.edited and message.deleted. */
export const messageChanged = z.object({
  message_id: uuid,
  conversation_id: uuid,
  seq: z.number().int(),
  sender_id: uuid.nullable(),
});

export const messageReacted = z.object({
  message_id: uuid,
  conversation_id: uuid,
  seq: z.number().int(),
  sender_id: uuid.nullable(),
  user_id: uuid,
  emoji: z.string(),
});

export const conversationCreated = z.object({
  conversation_id: uuid,
  kind: z.enum(['direct', 'group']),
  group_id: uuid.nullable(),
  opened_by: uuid.nullable(),
});

/** By whom it was asked of. */
export const conversationRequestDecided = z.object({
  conversation_id: uuid,
  user_id: uuid,
  state: z.enum(['accepted', 'requested', 'declined']),
});
