import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { asOperator, signUp } from '../support/api.ts';
import {
  expectAll,
  type Follower,
  follow,
  groupConversation,
  liftChatLimits,
  type SignedIn,
  signedIn,
  tokenOf,
  withTokens,
} from '../support/chat-clients.ts';
import { eventually } from '../support/eventually.ts';
import { clientOf } from '../support/social-api.ts';
import { startStackProcess } from '../support/stack-process.ts';

const MEMBERS = 1_000;
/** Clients that ask by themselves from time to time would find a new epoch without being told. */
const NEVER_MS = 24 * 60 * 60_000;
/** Joined at the same time; the others wait. */
const AT_ONCE = 25;

/** People without passwords, who are given tokens. */
async function manyPeople(count: number): Promise<{ id: string }[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await asOperator(
    `insert into auth.users (id, email, raw_user_meta_data)
     select id, id || '@example.test', jsonb_build_object('username', 'm' || left(replace(id::text, '-', ''), 20)) from unnest($1::uuid[]) u (id)`,
    [ids],
  );
  return ids.map((id) => ({ id }));
}

async function inTurns<T, R>(things: readonly T[], work: (thing: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let n = 0; n < things.length; n += AT_ONCE) {
    results.push(...(await Promise.all(things.slice(n, n + AT_ONCE).map(work))));
  }
  return results;
}

test('a thousand members each have every message once and in order, and all but the removed one after a removal', {
  timeout: 600_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  // So many take all of a small machine, and tests beside this one would wait for an answer for longer than they may.
  const { env } = stack.use(await startStackProcess('test-faults', NO_RATE_LIMITS));
  Object.assign(process.env, env);
  await liftChatLimits();
  const owner = await signUp('owner');
  const members = await manyPeople(MEMBERS - 1);
  const room = await groupConversation(owner, members);
  const writer = await follow(stack.use(await signedIn(owner)), room.conversationId);
  const clients: SignedIn[] = [];
  // All at once: each waits for its socket's end.
  stack.defer(async () => {
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });
  const readers = await inTurns(members, async ({ id }): Promise<Follower> => {
    const token = await tokenOf(id);
    const client = withTokens(async () => token);
    clients.push(client);
    return await follow(client, room.conversationId, { check_every_ms: NEVER_MS });
  });

  for (let n = 0; n < 20; n += 1) await writer.chat.send({ content: `${n}` });
  for (const reader of readers) await expectAll(reader, 1, 20, 60_000);

  const [removed, ...rest] = readers as [Follower, ...Follower[]];
  const { error } = await clientOf(owner).rpc('remove_group_member', {
    p_group: room.groupId,
    p_user: members[0]?.id ?? '',
  });
  expect(error).toBeNull();
  for (let n = 20; n < 40; n += 1) await writer.chat.send({ content: `${n}` });
  expect(await removed.chat.ended).toBe('removed');
  for (const reader of rest) await expectAll(reader, 1, 40, 60_000);
  expect(removed.messages).toHaveLength(20);
  await eventually('all are live again', async () => rest.every(({ chat }) => chat.isLive), { deadline_ms: 60_000 });
});
