import {
  conversationCard,
  conversationsPage,
  type MessageCard,
  messageCard,
  messagesPage,
} from '../../contracts/api/messages.ts';
import { type Answer, ask, type Person } from './api.ts';
import { done } from './social-api.ts';

type Body = Record<string, unknown>;

/** GET messages/<path> */
export function get(person: Person, path: string, base?: string): Promise<Answer> {
  return ask(`messages/${path}`, { token: person.token, ...(base === undefined ? {} : { base }) });
}

/** POST, PUT or DELETE messages/<path>, with an Idempotency-Key where one is given. */
export function change(person: Person, method: string, path: string, body?: Body, key?: string): Promise<Answer> {
  return ask(`messages/${path}`, {
    ...{ method, token: person.token, headers: key === undefined ? {} : { 'Idempotency-Key': key } },
    ...(body === undefined ? {} : { body }),
  });
}

/** Sends a message that must be taken. */
export async function send(person: Person, message: Body): Promise<MessageCard> {
  return messageCard.parse(done(await change(person, 'POST', '', { content: 'Hello', ...message }), 201));
}

/** A message from one person to another. */
export function write(from: Person, to: Person, content = 'Hello'): Promise<MessageCard> {
  return send(from, { receiver_id: to.id, content });
}

/** A page of messages. */
export async function pageOf(person: Person, path: string) {
  return messagesPage.parse(done(await get(person, path)));
}

/** A page of conversations. */
export async function listOf(person: Person, path = '') {
  return conversationsPage.parse(done(await get(person, path)));
}

/** What a change of a conversation answers. */
export async function conversationAfter(person: Person, method: string, path: string, body?: Body) {
  return conversationCard.parse(done(await change(person, method, path, body)));
}
