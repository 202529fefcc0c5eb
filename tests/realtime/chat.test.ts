import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import { asOperator, type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { write } from '../support/messages-api.ts';
import { dataOf } from '../support/posts-api.ts';
import { befriend, block, clientOf } from '../support/social-api.ts';
import { listen, payloads, subscribe } from './fixture.ts';

/** A person's app, at the address that every client of the project has. */
async function appOf({ token }: Person) {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => token });
  await client.realtime.setAuth();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => void (await client.realtime.disconnect()) });
}

test('members hear messages from the database alone, and nobody else can listen or forge one', async () => {
  const [ana, ben, eve] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve')]);
  await befriend(ana, ben);
  const { conversation_id } = await write(ana, ben, 'First');
  const topic = `conversation:${conversation_id}:1`;
  await using appOfAna = await appOf(ana);
  await using appOfBen = await appOf(ben);
  await using appOfEve = await appOf(eve);
  const hers = listen(appOfAna, topic, { private: true });
  const his = listen(appOfBen, topic, { private: true });
  const foreign = listen(appOfEve, topic, { private: true });
  expect([await subscribe(hers), await subscribe(his)]).toEqual(['joined', 'joined']);
  expect(await subscribe(foreign)).toContain('Unauthorized');
  await hers.channel.send({ type: 'broadcast', event: 'message_created', payload: { content: 'forged' } });
  await write(ana, ben, 'Second');
  expect(await payloads(his, 1)).toMatchObject([{ content: 'Second', seq: 2 }]);
  expect(his.messages).toHaveLength(1);
  expect(foreign.messages).toEqual([]);
});

test('who is removed from a group hears nothing of what is committed afterwards, on a channel that stays open', async () => {
  const [ana, ben, eve] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve')]);
  const group = dataOf<{ id: string }>(
    await clientOf(ana).rpc('create_group', { p: { name: 'Climbers', visibility: 'public' } }),
  );
  for (const person of [ben, eve]) dataOf(await clientOf(person).rpc('join_group', { p_group: group.id }));
  const [{ id }] = (await asOperator('select id from public.conversations where group_id = $1', [group.id])) as [
    { id: string },
  ];
  await using appOfBen = await appOf(ben);
  await using appOfEve = await appOf(eve);
  const staying = listen(appOfBen, `user:${ben.id}`, { private: true });
  const going = listen(appOfEve, `conversation:${id}:1`, { private: true });
  expect([await subscribe(staying), await subscribe(going)]).toEqual(['joined', 'joined']);
  const say = async (content: string) =>
    dataOf(await clientOf(ana).rpc('send_message', { p: { group_id: group.id, content } }));
  await say('To all');
  await payloads(going, 1);
  dataOf(await clientOf(ana).rpc('remove_group_member', { p_group: group.id, p_user: eve.id }));
  // The worker tells who stays; then they hear on the new topic what the other does not.
  const [notice] = await payloads(staying, 1);
  expect(notice).toMatchObject({ conversation_id: id, epoch: 2, topic: `conversation:${id}:2` });
  const moved = listen(appOfBen, `conversation:${id}:2`, { private: true });
  expect(await subscribe(moved)).toBe('joined');
  await say('Without eve');
  expect(await payloads(moved, 1)).toMatchObject([{ content: 'Without eve', seq: 2 }]);
  expect(going.messages).toHaveLength(1);
});

test('typing goes between members, and ends for both with a block', async () => {
  const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  await befriend(ana, ben);
  const { conversation_id } = await write(ana, ben);
  await using appOfAna = await appOf(ana);
  await using appOfBen = await appOf(ben);
  const hers = listen(appOfAna, `typing:${conversation_id}:1`, { private: true });
  const his = listen(appOfBen, `typing:${conversation_id}:1`, { private: true });
  expect([await subscribe(hers), await subscribe(his)]).toEqual(['joined', 'joined']);
  await hers.channel.send({ type: 'broadcast', event: 'typing', payload: { user_id: ana.id } });
  expect(await payloads(his, 1)).toMatchObject([{ user_id: ana.id }]);
  await block(ben, ana);
  const after = listen(appOfAna, `typing:${conversation_id}:2`, { private: true });
  expect(await subscribe(after)).toContain('Unauthorized');
});
