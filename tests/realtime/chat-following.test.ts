import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { joinConversation } from '../../packages/client/src/index.ts';
import type { Receipt } from '../../packages/client/src/messages.ts';
import { type Person, signUp } from '../support/api.ts';
import {
  directConversation,
  expectAll,
  follow,
  groupConversation,
  liftChatLimits,
  type SignedIn,
  signedIn,
} from '../support/chat-clients.ts';
import { eventually } from '../support/eventually.ts';
import { block, post, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let cleo: Person;

beforeAll(async () => {
  await liftChatLimits();
  [ana, ben, cleo] = await Promise.all([signUp('ana'), signUp('ben'), signUp('cleo')]);
});

/** Two who talk to each other, each with a client. */
async function pair(stack: AsyncDisposableStack): Promise<{ id: string; mine: SignedIn; theirs: SignedIn }> {
  const id = await directConversation(ana, ben);
  return { id, mine: stack.use(await signedIn(ana)), theirs: stack.use(await signedIn(ben)) };
}

const soon = { deadline_ms: 10_000, every_ms: 10 };

describe('a conversation', () => {
  test('reaches everybody once and in one order, whoever writes', async () => {
    await using stack = new AsyncDisposableStack();
    const room = await groupConversation(ana, [ben, cleo]);
    const followers = [];
    for (const person of [ana, ben, cleo]) {
      followers.push(await follow(stack.use(await signedIn(person)), room.conversationId));
    }
    const writers = followers.map(async ({ chat }, writer) => {
      for (let n = 0; n < 20; n += 1) await chat.send({ content: `${writer} ${n}` });
    });
    const rest = Array.from({ length: 20 }, (_, n) =>
      post(ben, 'messages', { conversation_id: room.conversationId, content: `rest ${n}` }),
    );
    await Promise.all([...writers, ...rest]);
    for (const follower of followers) await expectAll(follower, 1, 80);
    const [first, ...others] = followers.map(({ messages }) => messages.map(({ id, content }) => [id, content]));
    for (const other of others) expect(other).toEqual(first);
    // What one writes comes in the order in which it was written.
    expect(first?.map(([, content]) => content).filter((content) => content?.startsWith('1 '))).toEqual(
      Array.from({ length: 20 }, (_, n) => `1 ${n}`),
    );
  });

  test('sends what is given at once in the order in which it was given', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const [writer, reader] = [await follow(mine, id), await follow(theirs, id)];
    const from = reader.chat.position.seq;
    await Promise.all(Array.from({ length: 30 }, (_, n) => writer.chat.send({ content: `${n}` })));
    await expectAll(reader, from + 1, from + 30);
    expect(reader.messages.map(({ content }) => content)).toEqual(Array.from({ length: 30 }, (_, n) => `${n}`));
  });

  test('tells of edits, reactions and deletions, in their order', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const reader = await follow(theirs, id);
    const writer = await follow(mine, id);
    const message = await writer.chat.send({ content: 'Helo' });
    await mine.rpc('edit_message', { p_id: message.id, p_content: 'Hello' });
    await theirs.rpc('react_to_message', { p_id: message.id, p_emoji: '👍' });
    await mine.rpc('delete_message', { p_id: message.id });
    for (const { changes } of [reader, writer]) {
      await eventually('three changes', async () => changes.length >= 3, soon);
      expect(changes.map(({ content, reactions, deleted_at }) => [content, reactions, deleted_at !== null])).toEqual([
        ['Hello', [], false],
        ['Hello', [{ emoji: '👍', count: 1 }], false],
        [null, [], true],
      ]);
    }
  });

  test('gives the words of messages that disappear, which are not broadcast', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const reader = await follow(theirs, id);
    const timers: unknown[] = [];
    const writer = await follow(mine, id, { onTimer: ({ disappear_after_s }) => void timers.push(disappear_after_s) });
    const from = reader.chat.position.seq;
    expect((await mine.rpc('set_message_timer', { p_id: id, p_seconds: 600 })).error).toBeNull();
    for (let n = 0; n < 5; n += 1) await writer.chat.send({ content: `secret ${n}` });
    await expectAll(reader, from + 1, from + 5);
    expect(reader.messages.map(({ content }) => content)).toEqual([0, 1, 2, 3, 4].map((n) => `secret ${n}`));
    await mine.rpc('set_message_timer', { p_id: id, p_seconds: null });
    await eventually('both timers', async () => timers.length === 2, soon);
    expect(timers).toEqual([600, null]);
  });

  test('goes on where the client was, and pages through what was before', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const writer = await follow(mine, id);
    const sent = [];
    for (let n = 0; n < 5; n += 1) sent.push(await writer.chat.send({ content: `${n}` }));
    const first = await follow(theirs, id);
    await first.chat.close();
    const away = await writer.chat.send({ content: 'while away' });
    const { error } = await mine.rpc('edit_message', { p_id: sent[4]?.id, p_content: 'edited while away' });
    expect(error).toBeNull();
    const { seq, change } = first.chat.position;
    const second = await follow(theirs, id, { after_seq: seq, after_change: change });
    await expectAll(second, away.seq, away.seq);
    await eventually('the change', async () => second.changes.length === 1, soon);
    expect(second.changes[0]?.content).toBe('edited while away');
    const page = await second.chat.history({ limit: 3 });
    expect(page.map(({ seq: before }) => before)).toEqual([seq, seq - 1, seq - 2]);
    const older = await second.chat.history({ before_seq: seq - 2, limit: 2 });
    expect(older.map(({ seq: before }) => before)).toEqual([seq - 3, seq - 4]);
  });

  test('tells who types and who is there, and of nobody who hides their presence', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const typing: string[] = [];
    const present: (readonly string[])[] = [];
    const reader = await follow(theirs, id, {
      onTyping: ({ user_id }) => void typing.push(user_id),
      onPresence: (people) => void present.push(people),
    });
    const watched = await follow(mine, id, { onPresence: () => undefined });
    await eventually('she is there', async () => present.at(-1)?.includes(ana.id), soon);
    watched.chat.typing();
    watched.chat.typing();
    await eventually('she types', async () => typing.length > 0, soon);
    expect(typing).toEqual([ana.id]);
    await watched.chat.close();
    await eventually('she is gone', async () => present.at(-1)?.length === 0, soon);

    await setPrivacy(ana, { hide_presence: true });
    const hidden = await follow(stack.use(await signedIn(ana)), id, { onPresence: () => undefined });
    hidden.chat.typing();
    const last = await hidden.chat.send({ content: 'there, unseen' });
    await eventually('the message', async () => reader.messages.at(-1)?.seq === last.seq, soon);
    expect({ typing, present: present.at(-1) }).toEqual({ typing: [ana.id], present: [] });
    await setPrivacy(ana, { hide_presence: false });
  });

  test('tells how far the other has read, and marks only move on', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const receipts: Receipt[] = [];
    const writer = await follow(mine, id, { onReceipt: (receipt) => void receipts.push(receipt) });
    const reader = await follow(theirs, id);
    const { seq } = await writer.chat.send({ content: 'Read me' });
    await eventually('the message', async () => reader.messages.at(-1)?.seq === seq, soon);
    const first = await reader.chat.markRead();
    const marks = [first, ...(await Promise.all([reader.chat.markRead(1), reader.chat.markRead(seq)]))];
    expect(marks.map(({ last_read_seq }) => last_read_seq)).toEqual([seq, seq, seq]);
    await eventually('the receipt', async () => receipts.some(({ user_id }) => user_id === ben.id), soon);
    expect(receipts.filter(({ user_id }) => user_id === ben.id)).toMatchObject([
      { conversation_id: id, user_id: ben.id, last_read_seq: seq },
    ]);
  });

  test('calls a handler that takes its time once at a time, and goes on after one that fails', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    let running = 0;
    let most = 0;
    const seqs: number[] = [];
    const errors: unknown[] = [];
    const reader = await follow(theirs, id, {
      onMessage: async ({ seq }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        seqs.push(seq);
        if (seqs.length === 3) throw new Error('of the app');
      },
      onError: (error) => void errors.push(error),
    });
    const from = reader.chat.position.seq;
    const writer = await follow(mine, id);
    await Promise.all(Array.from({ length: 10 }, (_, n) => writer.chat.send({ content: `${n}` })));
    await eventually('all', async () => seqs.length === 10, soon);
    expect(seqs).toEqual(Array.from({ length: 10 }, (_, n) => from + 1 + n));
    expect({ most, errors }).toEqual({ most: 1, errors: [new Error('of the app')] });
  });
});

describe('a message', () => {
  test('is sent once however often it is repeated with its client_id', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine } = await pair(stack);
    const writer = await follow(mine, id);
    const client_id = randomUUID();
    const first = await writer.chat.send({ content: 'Once' }, { client_id });
    const again = await writer.chat.send({ content: 'Once' }, { client_id });
    expect(again).toMatchObject({ id: client_id, seq: first.seq });
    await expect(writer.chat.send({ content: 'Another' }, { client_id })).rejects.toMatchObject({
      ...{ name: 'ClientError', code: 'messages.client_id_reused', status: 409 },
    });
  });

  test('that is refused is said to be at once, and the next one goes (messages.content_invalid)', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine } = await pair(stack);
    const writer = await follow(mine, id);
    const [bad, good] = [writer.chat.send({ content: ' ' }), writer.chat.send({ content: 'Good' })];
    await expect(bad).rejects.toMatchObject({
      code: 'messages.content_invalid',
      status: 422,
      hint: expect.any(String),
    });
    expect((await good).content).toBe('Good');
  });

  test('to somebody who has blocked the writer is refused, and the conversation stays (messages.not_accepted)', async () => {
    await using stack = new AsyncDisposableStack();
    const [dan, eve] = [await signUp('dan'), await signUp('eve')];
    const id = await directConversation(dan, eve);
    const writer = await follow(stack.use(await signedIn(dan)), id);
    const blocker = await follow(stack.use(await signedIn(eve)), id);
    await block(eve, dan);
    await expect(writer.chat.send({ content: 'Hello?' })).rejects.toMatchObject({ code: 'messages.not_accepted' });
    await expect(blocker.chat.send({ content: 'Bye' })).rejects.toMatchObject({ code: 'follows.blocked' });
    expect([writer.ends, blocker.ends]).toEqual([[], []]);
    expect(await writer.chat.history()).toHaveLength(1);
  });
});

describe('joining', () => {
  test('a conversation of others is refused (messages.conversation_not_found)', async () => {
    await using client = await signedIn(cleo);
    const id = await directConversation(ana, ben);
    for (const unknown of [id, randomUUID()]) {
      await expect(joinConversation(client, unknown, { onMessage: () => undefined })).rejects.toMatchObject({
        ...{ code: 'messages.conversation_not_found', status: 404 },
      });
    }
  });

  test('twice with one client gives each its messages, and closing one leaves the other', async () => {
    await using stack = new AsyncDisposableStack();
    const { id, mine, theirs } = await pair(stack);
    const [one, other] = [await follow(theirs, id), await follow(theirs, id)];
    const from = one.chat.position.seq;
    const writer = await follow(mine, id);
    await writer.chat.send({ content: 'Both' });
    for (const follower of [one, other]) await expectAll(follower, from + 1, from + 1);
    await one.chat.close();
    await writer.chat.send({ content: 'One' });
    await expectAll(other, from + 1, from + 2);
    expect(one.messages).toHaveLength(1);
  });

  test('ends when its client signs out (signed_out)', async () => {
    const id = await directConversation(ana, ben);
    const guest = await signUp('guest');
    const room = await groupConversation(guest, [ana]);
    await using client = await signedIn(guest);
    const follower = await follow(client, room.conversationId);
    await client.auth.signOut({ scope: 'local' });
    expect(await follower.chat.ended).toBe('signed_out');
    await eventually('the app is told', async () => follower.ends.length > 0, soon);
    expect(follower.ends).toEqual(['signed_out']);
    await expect(follower.chat.send({ content: 'Late' })).rejects.toMatchObject({ code: 'client.closed' });
    await expect(joinConversation(client, id, { onMessage: () => undefined })).rejects.toMatchObject({
      code: 'client.not_signed_in',
    });
  });
});
