import { expect, test } from 'vitest';
import type { ConversationCard } from '../../packages/client/src/inbox-card.ts';
import { joinInbox } from '../../packages/client/src/index.ts';
import { signUp } from '../support/api.ts';
import { directConversation, follow, groupConversation, liftChatLimits, signedIn } from '../support/chat-clients.ts';
import { eventually } from '../support/eventually.ts';
import { clientOf, done, post } from '../support/social-api.ts';

const soon = { deadline_ms: 15_000, every_ms: 10 };

/** Lets answers with the list of conversations through, or none. */
class Gate {
  #closed: PromiseWithResolvers<void> | null = null;

  readonly fetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const url = input instanceof Request ? input.url : `${input}`;
    if (url.includes('/rpc/my_conversations')) await this.#closed?.promise;
    return answer;
  };

  close(): void {
    this.#closed = Promise.withResolvers();
  }

  open(): void {
    this.#closed?.resolve();
    this.#closed = null;
  }
}

test('an inbox is told of messages, readings, new conversations and lost ones, without asking for each', async () => {
  await liftChatLimits();
  const [ana, ben, cleo] = await Promise.all([signUp('ana'), signUp('ben'), signUp('cleo')]);
  const direct = await directConversation(ana, ben);
  const room = await groupConversation(ana, [ben, cleo]);
  const gate = new Gate();
  await using client = await signedIn(ben, { fetch: gate.fetch });
  const said: ConversationCard[] = [];
  const gone: string[] = [];
  await using inbox = await joinInbox(client, {
    onConversation: (card) => void said.push(card),
    onGone: (id) => void gone.push(id),
  });
  const card = (id: string) => inbox.conversations().find((one) => one.id === id);
  expect(card(direct)).toMatchObject({ kind: 'direct', unread_count: 1, last_message: { content: 'First' } });

  await eventually('it listens', async () => client.getChannels().every(({ state }) => state === 'joined'), soon);
  expect(client.getChannels()).toHaveLength(3);
  gate.close();

  await using hers = await signedIn(ana);
  const writer = await follow(hers, direct);
  await writer.chat.send({ content: 'Second' });
  await eventually('it shows the message', async () => card(direct)?.last_message?.content === 'Second', soon);
  expect(card(direct)?.unread_count).toBe(2);
  expect(inbox.conversations()[0]?.id).toBe(direct);
  done(await post(ana, 'messages', { conversation_id: room.conversationId, content: 'To all' }), 201);
  await eventually('the group is first', async () => inbox.conversations()[0]?.id === room.conversationId, soon);

  await using again = await signedIn(ben);
  const other = await follow(again, direct);
  await other.chat.markRead();
  await eventually('it is read', async () => card(direct)?.unread_count === 0, soon);
  gate.open();

  const stranger = await signUp('dan');
  done(await post(ben, `users/follow/${stranger.id}`));
  const sent = done<{ conversation_id: string }>(
    await post(stranger, 'messages', { receiver_id: ben.id, content: 'Hi' }),
    201,
  );
  await eventually('a new conversation', async () => card(sent.conversation_id)?.unread_count === 1, soon);

  const removed = await clientOf(ana).rpc('remove_group_member', { p_group: room.groupId, p_user: ben.id });
  expect(removed.error).toBeNull();
  await eventually('the group is gone', async () => gone.includes(room.conversationId), soon);
  expect(card(room.conversationId)).toBeUndefined();
  // Every word of it came to the handler as well.
  for (const one of inbox.conversations()) expect(said.findLast(({ id }) => id === one.id)).toEqual(one);
});
