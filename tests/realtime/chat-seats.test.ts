import { expect, test } from 'vitest';
import { joinConversation } from '../../packages/client/src/index.ts';
import { asOperator, type Person, signUp } from '../support/api.ts';
import { expectAll, follow, groupConversation, liftChatLimits, signedIn } from '../support/chat-clients.ts';
import { clientOf } from '../support/social-api.ts';

const RACERS = 10;
const ROUNDS = 2;

test('of many who race for the last seat of a group one gets it, and is the only one whom its conversation lets in', async () => {
  await liftChatLimits();
  const owner = await signUp('owner');
  const racers: Person[] = [];
  for (let n = 0; n < RACERS; n += 1) racers.push(await signUp('racer'));
  await using hers = await signedIn(owner);
  for (let round = 0; round < ROUNDS; round += 1) {
    const room = await groupConversation(owner, [], { member_cap: 2 });
    const writer = await follow(hers, room.conversationId);
    await writer.chat.send({ content: 'Who will it be?' });
    const answers = await Promise.all(
      racers.map((racer) => clientOf(racer).rpc('join_group', { p_group: room.groupId })),
    );
    expect(answers.flatMap(({ error }) => error?.details ?? []).sort()).toEqual(
      Array.from({ length: RACERS - 1 }, () => 'groups.full'),
    );
    const inside = await asOperator<{ user_id: string }>(
      'select user_id from public.conversation_members where conversation_id = $1 and user_id <> $2',
      [room.conversationId, owner.id],
    );
    const winner = racers[answers.findIndex(({ error }) => error === null)];
    expect(inside).toEqual([{ user_id: winner?.id }]);
    for (const racer of racers) {
      if (racer === winner) continue;
      await using hisClient = await signedIn(racer);
      const refused = joinConversation(hisClient, room.conversationId, { onMessage: () => undefined });
      await expect(refused).rejects.toMatchObject({ code: 'messages.conversation_not_found' });
    }
    await using his = await signedIn(winner as Person);
    const reader = await follow(his, room.conversationId, { after_seq: 0 });
    await writer.chat.send({ content: 'Welcome' });
    await expectAll(reader, 1, 2);
  }
});
