import { beforeAll, expect, test } from 'vitest';
import { type Person, signUp } from '../support/api.ts';
import {
  expectAll,
  follow,
  groupConversation,
  liftChatLimits,
  type SignedIn,
  signedIn,
} from '../support/chat-clients.ts';
import { eventually } from '../support/eventually.ts';
import { clientOf } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  await liftChatLimits();
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

/** Joins a topic and asks for all that the server still has of it; gives what is heard, or the refusal. */
async function replay(client: SignedIn, topic: string): Promise<string[] | string> {
  await client.realtime.setAuth();
  const heard: string[] = [];
  return await new Promise((resolve) => {
    client
      .channel(topic, { config: { private: true, broadcast: { replay: { since: 0, limit: 25 } } } })
      .on('broadcast', { event: '*' }, ({ payload }) => heard.push((payload as { content: string }).content))
      .subscribe((status, error) => resolve(status === 'SUBSCRIBED' ? heard : (error?.message ?? status)));
  });
}

async function topicOf(person: Person, conversation: string): Promise<string> {
  const { data } = await clientOf(person).rpc('conversation_topic', { p_conversation: conversation });
  return (data as { topic: string }[])[0]?.topic ?? '';
}

test.each(['private', 'secret'])(
  'a newcomer of a %s group hears nothing from before by replay, and who was there misses nothing',
  async (visibility) => {
    const eve = await signUp('eve');
    const room = await groupConversation(ana, [ben], { visibility });
    await using hers = await signedIn(ana);
    await using his = await signedIn(ben);
    await using theirs = await signedIn(eve);
    const writer = await follow(hers, room.conversationId);
    const reader = await follow(his, room.conversationId);
    for (let n = 1; n <= 3; n += 1) await writer.chat.send({ content: `Before ${n}` });
    const former = await topicOf(ben, room.conversationId);

    const invited = await clientOf(ana).rpc('invite_to_group', { p_group: room.groupId, p_user: eve.id });
    expect(invited.error).toBeNull();
    const accepted = await clientOf(eve).rpc('accept_group_invitation', { p_group: room.groupId });
    expect(accepted.error).toBeNull();

    expect(await replay(theirs, former)).toMatch(/Unauthorized/);
    const topic = await topicOf(eve, room.conversationId);
    const heard = await replay(theirs, topic);
    await writer.chat.send({ content: 'Later' });
    await eventually('what comes now', async () => heard.includes('Later'));
    expect(heard).toEqual(['Later']);
    // The server does replay: what was said since.
    await using again = await signedIn(eve);
    const since = await replay(again, topic);
    await eventually('what was said since', async () => since.length > 0);
    expect(since).toEqual(['Later']);
    for (const follower of [writer, reader]) await expectAll(follower, 1, 4);
  },
);

test('a newcomer of a public group reads all of it, and nobody has to join another topic', async () => {
  const eve = await signUp('eve');
  const room = await groupConversation(ana, [ben]);
  await using hers = await signedIn(ana);
  await using theirs = await signedIn(eve);
  const writer = await follow(hers, room.conversationId);
  await writer.chat.send({ content: 'Before' });
  const former = await topicOf(ben, room.conversationId);
  expect((await clientOf(eve).rpc('join_group', { p_group: room.groupId })).error).toBeNull();
  expect(await topicOf(eve, room.conversationId)).toBe(former);
  const newcomer = await follow(theirs, room.conversationId, { after_seq: 0 });
  await expectAll(newcomer, 1, 1);
});
