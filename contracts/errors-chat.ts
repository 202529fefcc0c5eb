import type { ErrorEntry } from './error-entry.ts';

/** The codes of conversations and messages. */
export const CHAT_ERRORS = {
  'messages.not_found': {
    status: 404,
    detail: 'There is no such message.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'messages.conversation_not_found': {
    status: 404,
    detail: 'There is no such conversation.',
    hint: 'Take an id from GET messages.',
  },
  'messages.not_accepted': {
    status: 403,
    detail: 'This person cannot be written to.',
    hint: 'They decide who may write to them: show the field only where `can_send` is true.',
  },
  'messages.to_oneself': {
    status: 422,
    detail: 'Nobody writes to themselves.',
    hint: 'Name somebody else.',
  },
  'messages.request_pending': {
    status: 422,
    detail: 'This person has not accepted your request yet.',
    hint: 'Wait for an answer.',
  },
  'messages.request_open': {
    status: 409,
    detail: 'You have not accepted this conversation.',
    hint: 'Accept it first: POST messages/:conversationId/accept.',
  },
  'messages.no_request': {
    status: 409,
    detail: 'You have accepted this conversation.',
    hint: 'Mute, archive or clear it, or block the person.',
  },
  'messages.client_id_reused': {
    status: 409,
    detail: 'This client_id was used for another message.',
    hint: 'Make a new UUID for each message; repeat a message unchanged.',
  },
  'messages.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/chat.md.',
  },
  'messages.content_invalid': {
    status: 422,
    detail: 'A message has 1 to 4,000 characters.',
    hint: 'Mend `content`.',
  },
  'messages.media_invalid': {
    status: 422,
    detail: 'A message of this kind does not take these media.',
    hint: 'Send `media_urls` as media:<id> of what you uploaded, or https:// or http:// addresses: 1 to 10 for image and video, one for audio, none for text.',
  },
  'messages.not_forwardable': {
    status: 422,
    detail: 'A message that disappears is not forwarded.',
    hint: 'Forward messages without `expires_at`.',
  },
  'messages.not_yours': {
    status: 403,
    detail: 'Only who wrote a message changes it.',
    hint: 'Answer it, or delete it for yourself.',
  },
  'messages.edit_too_late': {
    status: 422,
    detail: 'This message is too old to be changed.',
    hint: 'Delete it, or write another one.',
  },
  'messages.delete_too_late': {
    status: 422,
    detail: 'This message is too old to be deleted for all.',
    hint: 'Delete it for yourself: `for` as me.',
  },
  'messages.too_many_reactions': {
    status: 422,
    detail: 'A message takes 20 different reactions.',
    hint: 'Choose one that is there.',
  },
  'messages.too_many_pinned': {
    status: 422,
    detail: 'At most 50 messages of a conversation can be pinned.',
    hint: 'Unpin another message first.',
  },
} as const satisfies Record<string, ErrorEntry>;
