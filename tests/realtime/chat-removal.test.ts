import { beforeAll, expect, test } from 'vitest';
import { asOperator, type Person, signUp } from '../support/api.ts';
import {
  expectAll,
  follow,
  groupConversation,
  liftChatLimits,
  type Room,
  type SignedIn,
  signedIn,
} from '../support/chat-clients.ts';
import { eventually } from '../support/eventually.ts';
import { block, clientOf, follow as followPerson, post } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let eve: Person;
let room: Room;

beforeAll(async () => {
  await liftChatLimits();
  [ana, ben, eve] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve')]);
  room = await groupConversation(ana, [ben, eve]);
});

const soon = { deadline_ms: 20_000, every_ms: 10 };

interface Raw {
  readonly seqs: number[];
  readonly events: string[];
  readonly refusals: string[];
}

/** The channel itself, as somebody would use it who does not want to go. */
async function listenRaw(client: SignedIn, topic: string): Promise<Raw> {
  const raw: Raw = { seqs: [], events: [], refusals: [] };
  await client.realtime.setAuth();
  await new Promise<void>((resolve) => {
    client
      .channel(topic, { config: { private: true } })
      .on('broadcast', { event: '*' }, ({ event, payload }) => {
        raw.events.push(event);
        if (event === 'message_created') raw.seqs.push((payload as { seq: number }).seq);
      })
      .subscribe((status, error) => {
        if (status === 'SUBSCRIBED') resolve();
        else raw.refusals.push(error?.message ?? status);
      });
  });
  return raw;
}

async function topicOf(client: SignedIn, id: string): Promise<string> {
  const { data } = await client.rpc('conversation_topic', { p_conversation: id });
  return (data as { topic: string }[])[0]?.topic ?? '';
}

/** Sends something on the topic itself, and waits until it is heard: what was sent there before has been heard by then. */
async function expectStillOpen(raw: Raw, topic: string): Promise<void> {
  await asOperator("select realtime.send('{}', 'still_open', $1, true)", [topic]);
  await eventually('the channel is still open', async () => raw.events.includes('still_open'), soon);
}

/** How many messages a conversation has. */
async function lastSeq(id: string): Promise<number> {
  const [row] = await asOperator<{ last_seq: number }>('select last_seq::int from public.conversations where id = $1', [
    id,
  ]);
  return row?.last_seq ?? 0;
}

test('removed while messages flow, a member receives nothing from the commit on, and everybody else everything', async () => {
  await using hers = await signedIn(ana);
  await using his = await signedIn(ben);
  await using theirs = await signedIn(eve);
  await using rawClient = await signedIn(eve);
  const [writer, reader] = [await follow(hers, room.conversationId), await follow(his, room.conversationId)];
  const removed = await follow(theirs, room.conversationId);
  const topic = await topicOf(theirs, room.conversationId);
  const raw = await listenRaw(rawClient, topic);
  const from = reader.chat.position.seq;

  let isOver = false;
  let taken = 0;
  const flow = (async () => {
    for (; !isOver; taken += 1) await writer.chat.send({ content: `${taken}` });
  })();
  await eventually('messages flow', async () => raw.seqs.length > 20 && removed.messages.length > 20, soon);

  const { error } = await clientOf(ana).rpc('remove_group_member', { p_group: room.groupId, p_user: eve.id });
  expect(error).toBeNull();
  // What was sent before the commit may still be on its way. This was certainly sent after it.
  const atCommit = await lastSeq(room.conversationId);
  expect(await removed.chat.ended).toBe('removed');

  const before = taken;
  await eventually('messages go on', async () => taken > before + 50, soon);
  isOver = true;
  await flow;
  for (const follower of [writer, reader]) await expectAll(follower, from + 1, from + taken);

  // The one who is gone still listens, and was told nothing of all that.
  await expectStillOpen(raw, topic);
  for (const seqs of [raw.seqs, removed.messages.map(({ seq }) => seq)]) {
    expect(seqs.length).toBeGreaterThan(20);
    expect(Math.max(...seqs)).toBeLessThanOrEqual(atCommit);
  }
  expect(new Set(raw.events)).toEqual(new Set(['message_created', 'still_open']));
  await eventually('the app is told', async () => removed.ends.length > 0, soon);
  expect(removed.ends).toEqual(['removed']);
  await expect(removed.chat.send({ content: 'Still here?' })).rejects.toMatchObject({ code: 'client.closed' });

  // The token lives on and reads other things; neither topic lets it in, and nothing can be read or written.
  const next = await topicOf(hers, room.conversationId);
  expect(next).not.toBe(topic);
  for (const name of [topic, next]) {
    await using again = await signedIn(eve);
    await again.realtime.setAuth();
    const answer = await new Promise((resolve) => {
      again
        .channel(name, { config: { private: true } })
        .subscribe((status, refusal) => resolve(refusal?.message ?? status));
    });
    expect(answer).toMatch(/Unauthorized/);
  }
  const page = await clientOf(eve).rpc('conversation_messages', { p_conversation: room.conversationId });
  expect(page.error?.details).toBe('messages.conversation_not_found');
  expect((await clientOf(eve).from('messages').select('seq').eq('conversation_id', room.conversationId)).data).toEqual(
    [],
  );
  const sent = await post(eve, 'messages', { conversation_id: room.conversationId, content: 'Hello?' });
  expect(sent.status).toBe(404);
});

test('blocked while messages flow, the other hears nothing from the commit on, and may not write', async () => {
  const [dan, fay] = await Promise.all([signUp('dan'), signUp('fay')]);
  await followPerson(dan, fay);
  await followPerson(fay, dan);
  const first = await post(dan, 'messages', { receiver_id: fay.id, content: 'First' });
  const id = (first.body as { conversation_id: string }).conversation_id;
  await using his = await signedIn(dan);
  await using hers = await signedIn(fay);
  const [writer, blocked] = [await follow(hers, id), await follow(his, id)];
  await using rawClient = await signedIn(dan);
  const topic = await topicOf(his, id);
  const raw = await listenRaw(rawClient, topic);
  let refused: unknown = null;
  const flow = (async () => {
    for (let n = 0; refused === null; n += 1) {
      await writer.chat.send({ content: `${n}` }).catch((error: unknown) => {
        refused = error;
      });
    }
  })();
  await eventually('messages flow', async () => raw.seqs.length > 10, soon);
  await block(fay, dan);
  await flow;
  expect(refused).toMatchObject({ code: 'follows.blocked' });
  await expect(blocked.chat.send({ content: 'Hello?' })).rejects.toMatchObject({ code: 'messages.not_accepted' });
  const last = await lastSeq(id);
  await expectAll(writer, 2, last);
  await eventually('what was sent before', async () => blocked.messages.at(-1)?.seq === last, soon);
  // What the one who blocks takes back is told on a topic that only they are on.
  const { data, error } = await clientOf(fay).rpc('delete_message', { p_id: writer.messages.at(-1)?.id ?? '' });
  expect({ data, error }).toMatchObject({ data: { seq: last }, error: null });
  await eventually('she hears of it', async () => writer.changes.length === 1, soon);
  await expectStillOpen(raw, topic);
  expect(raw.events.filter((event) => event !== 'message_created')).toEqual(['still_open']);
  expect(Math.max(...raw.seqs)).toBe(last);
});

test('removed and taken in again, a member goes on in the same conversation', async () => {
  const [gil, hal] = await Promise.all([signUp('gil'), signUp('hal')]);
  const own = await groupConversation(gil, [hal]);
  await using his = await signedIn(hal);
  await using owner = await signedIn(gil);
  const writer = await follow(owner, own.conversationId);
  const before = await follow(his, own.conversationId);
  await writer.chat.send({ content: 'One' });
  await expectAll(before, 1, 1);
  await clientOf(gil).rpc('remove_group_member', { p_group: own.groupId, p_user: hal.id });
  expect(await before.chat.ended).toBe('removed');
  await writer.chat.send({ content: 'Two' });
  expect((await clientOf(hal).rpc('join_group', { p_group: own.groupId })).error).toBeNull();
  const after = await follow(his, own.conversationId, { after_seq: before.chat.position.seq });
  await writer.chat.send({ content: 'Three' });
  await expectAll(after, 2, 3);
});
