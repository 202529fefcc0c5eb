import { beforeAll, expect, test } from 'vitest';
import { type Person, signUp } from '../support/api.ts';
import {
  expectAll,
  follow,
  groupConversation,
  liftChatLimits,
  type Room,
  signedIn,
  tokenOf,
  withTokens,
} from '../support/chat-clients.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';

let ana: Person;
let ben: Person;
let room: Room;

beforeAll(async () => {
  await liftChatLimits();
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  room = await groupConversation(ana, [ben]);
});

const soon = { deadline_ms: 25_000, every_ms: 20 };
const LIVES_S = 4;

test('goes on through the ends of several tokens on one socket, and is not interrupted', async () => {
  await using line = await openTcpProxy(testEnvironment().SUPABASE_URL);
  const tokens: string[] = [];
  let madeAt_ms = 0;
  const accessToken = async () => {
    // As Auth does: a new one before the last one ends.
    if (Date.now() - madeAt_ms > (LIVES_S - 2) * 1_000) {
      madeAt_ms = Date.now();
      tokens.push(await tokenOf(ben.id, LIVES_S));
    }
    return tokens.at(-1) ?? '';
  };
  await using his = withTokens(accessToken, { url: line.url, realtime: { heartbeatIntervalMs: 500 } });
  await using hers = await signedIn(ana);
  const reader = await follow(his, room.conversationId);
  const writer = await follow(hers, room.conversationId);
  const from = reader.chat.position.seq;
  let taken = 0;
  await eventually(
    'five tokens were used',
    async () => {
      await writer.chat.send({ content: `${taken}` });
      taken += 1;
      return tokens.length >= 5;
    },
    soon,
  );
  await expectAll(reader, from + 1, from + taken);
  expect(reader.lives).toEqual([true]);
});

test('comes back by itself after its token ended and was renewed too late, without losing a message', async () => {
  let token = await tokenOf(ben.id, LIVES_S);
  await using his = withTokens(async () => token, { realtime: { heartbeatIntervalMs: 500 } });
  await using hers = await signedIn(ana);
  const reader = await follow(his, room.conversationId);
  const writer = await follow(hers, room.conversationId);
  const from = reader.chat.position.seq;
  await writer.chat.send({ content: 'before' });
  await eventually('the server closes the channel', async () => !reader.chat.isLive, soon);
  await writer.chat.send({ content: 'meanwhile' });
  const late = reader.chat.send({ content: 'sent with a token that has ended' });
  token = await tokenOf(ben.id);
  await late;
  await reader.chat.live();
  await writer.chat.send({ content: 'after' });
  await expectAll(reader, from + 1, from + 4);
  expect(reader.ends).toEqual([]);
});

test('goes on when the session of supabase-js is refreshed', async () => {
  const cleo = await signUp('cleo');
  const own = await groupConversation(cleo, [ana]);
  await using theirs = await signedIn(cleo);
  await using hers = await signedIn(ana);
  const reader = await follow(theirs, own.conversationId);
  const writer = await follow(hers, own.conversationId);
  for (let n = 0; n < 3; n += 1) {
    const { error } = await theirs.auth.refreshSession();
    expect(error).toBeNull();
    await writer.chat.send({ content: `to the other ${n}` });
    await reader.chat.send({ content: `back ${n}` });
  }
  await expectAll(reader, 1, 6);
  expect(reader.lives).toEqual([true]);
});
