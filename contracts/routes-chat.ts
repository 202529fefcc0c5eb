import { emptyRequest } from './api/common.ts';
import * as messages from './api/messages.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

const base = { domain: 'messages', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const write = { ...base, method: 'post', idempotent: true } as const;
const put = { ...write, method: 'put' } as const;
const remove = { ...base, method: 'delete', idempotent: true } as const;
const one = { params: messages.messageParams } as const;

/** What keeps somebody from reaching the other side. */
const REACH: readonly ErrorCode[] = ['messages.not_accepted', 'messages.request_open', 'follows.blocked'];
const CONVERSATION: readonly ErrorCode[] = ['messages.conversation_not_found'];
const conversation = { answer: { status: 200, schema: messages.conversationCard } } as const;
const message = { answer: { status: 200, schema: messages.messageCard } } as const;

const CONVERSATIONS: readonly Route[] = [
  {
    ...{ ...read, path: '' },
    summary: 'Conversations with their last message and how many are unread, the latest first.',
    query: messages.conversationsQuery,
    answer: { status: 200, schema: messages.conversationsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/requests' },
    summary: 'Conversations that people began whom one does not follow.',
    query: messages.requestsQuery,
    answer: { status: 200, schema: messages.conversationsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/with/{id}', params: messages.withParams, ...conversation },
    summary: 'The direct conversation with somebody, once there is one.',
    errors: [...CONVERSATION, 'users.not_found'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/conversation', ...conversation },
    summary: 'One conversation.',
    errors: CONVERSATION,
  },
  {
    ...{ ...read, ...one, path: '/{id}/topic' },
    summary: 'The private Realtime channels of a conversation now, and how far it is.',
    answer: { status: 200, schema: messages.topicSchema },
    errors: CONVERSATION,
  },
  {
    ...{ ...read, ...one, path: '/{id}/receipts' },
    summary: 'How far the others have read, of those who show it.',
    query: messages.peopleOfMessageQuery,
    answer: { status: 200, schema: messages.receiptsPage },
    errors: [...CONVERSATION, 'request.invalid_cursor'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/accept', ...conversation },
    summary: 'Accept a request.',
    body: emptyRequest,
    errors: CONVERSATION,
  },
  {
    ...{ ...write, ...one, path: '/{id}/decline', ...conversation },
    summary: 'Decline a request; nobody is told.',
    body: emptyRequest,
    errors: [...CONVERSATION, 'messages.no_request'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/mute', ...conversation },
    summary: 'Keep a conversation out of one’s notifications, until a time or for good.',
    body: messages.muteRequest,
    errors: [...CONVERSATION, 'messages.field_invalid'],
  },
  {
    ...{ ...remove, ...one, path: '/{id}/mute', ...conversation },
    summary: 'End the mute of a conversation.',
    errors: CONVERSATION,
  },
  {
    ...{ ...write, ...one, path: '/{id}/archive', ...conversation },
    summary: 'Put a conversation aside.',
    body: emptyRequest,
    errors: CONVERSATION,
  },
  {
    ...{ ...remove, ...one, path: '/{id}/archive', ...conversation },
    summary: 'Take a conversation back into the inbox.',
    errors: CONVERSATION,
  },
  {
    ...{ ...remove, ...one, path: '/{id}/history', ...conversation },
    summary: 'Delete all messages of a conversation for oneself.',
    errors: CONVERSATION,
  },
  {
    ...{ ...put, ...one, path: '/{id}/timer', ...conversation },
    summary: 'Let new messages disappear after a time, or stay.',
    body: messages.timerRequest,
    errors: [...CONVERSATION, ...REACH, 'groups.not_allowed'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/typing' },
    summary: 'Tell the others that one is typing, without a socket.',
    body: emptyRequest,
    answer: { status: 200, schema: messages.typingSchema },
    errors: CONVERSATION,
  },
];

const MESSAGES: readonly Route[] = [
  {
    ...{ ...write, path: '' },
    summary: 'Send a message to a person, a group or a conversation.',
    body: messages.sendMessageRequest,
    answer: { status: 201, schema: messages.messageCard },
    errors: [
      ...([...CONVERSATION, 'messages.not_found', 'messages.not_accepted', 'follows.blocked'] as const),
      ...(['messages.request_pending', 'messages.client_id_reused', 'messages.to_oneself'] as const),
      ...(['messages.content_invalid', 'messages.media_invalid', 'messages.field_invalid'] as const),
      'messages.not_forwardable',
    ],
  },
  {
    ...{ ...read, ...one, path: '/{id}' },
    summary: 'Messages of a conversation, the latest first; after a number or a time the oldest first.',
    query: messages.historyQuery,
    answer: { status: 200, schema: messages.messagesPage },
    errors: [...CONVERSATION, 'request.invalid_cursor'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/changes' },
    summary: 'Messages that were changed after a change that one knows.',
    query: messages.changesQuery,
    answer: { status: 200, schema: messages.changesSchema },
    errors: CONVERSATION,
  },
  {
    ...{ ...read, ...one, path: '/{id}/pins' },
    summary: 'Pinned messages of a conversation.',
    answer: { status: 200, schema: messages.pinsSchema },
    errors: CONVERSATION,
  },
  {
    ...{ ...read, path: '/search' },
    summary: 'Find messages that one may read by their words.',
    query: messages.searchQuery,
    answer: { status: 200, schema: messages.messagesPage },
    errors: [...CONVERSATION, 'request.invalid_cursor'],
  },
  {
    ...{ ...read, ...one, path: '/message/{id}', ...message },
    summary: 'One message.',
    errors: ['messages.not_found'],
  },
  {
    ...{ ...put, ...one, path: '/{id}/read' },
    summary: 'Mark a message and all before it as read, or a conversation.',
    body: messages.readRequest,
    answer: { status: 200, schema: messages.readSchema },
    errors: ['messages.not_found'],
  },
  {
    ...{ ...put, ...one, path: '/{id}', ...message },
    summary: 'Change the words of one’s own message.',
    body: messages.editMessageRequest,
    errors: [
      ...REACH,
      'messages.not_found',
      'messages.not_yours',
      'messages.edit_too_late',
      'messages.content_invalid',
    ],
  },
  {
    ...{ ...remove, ...one, path: '/{id}' },
    summary: 'Delete a message for all or for oneself.',
    query: messages.deleteQuery,
    answer: { status: 200, schema: messages.deletedMessageSchema },
    errors: ['messages.not_found', 'messages.not_yours', 'messages.delete_too_late'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/reaction', ...message },
    summary: 'React to a message with one emoji.',
    body: messages.reactionRequest,
    errors: [...REACH, 'messages.not_found', 'messages.field_invalid', 'messages.too_many_reactions'],
  },
  {
    ...{ ...remove, ...one, path: '/{id}/reaction', ...message },
    summary: 'Take a reaction back.',
    errors: [...REACH, 'messages.not_found'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/reactions' },
    summary: 'Who reacted how to a message.',
    query: messages.peopleOfMessageQuery,
    answer: { status: 200, schema: messages.reactorsPage },
    errors: ['messages.not_found', 'request.invalid_cursor'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/pin', ...message },
    summary: 'Pin a message for everybody in the conversation.',
    body: emptyRequest,
    errors: [...REACH, 'messages.not_found', 'groups.not_allowed', 'messages.too_many_pinned'],
  },
  {
    ...{ ...remove, ...one, path: '/{id}/pin', ...message },
    summary: 'Take a pin off.',
    errors: [...REACH, 'messages.not_found', 'groups.not_allowed'],
  },
];

/** Every operation of messages. */
export const CHAT_ROUTES: readonly Route[] = [...CONVERSATIONS, ...MESSAGES];
