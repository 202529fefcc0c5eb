import { beforeAll, expect, test } from 'vitest';
import { type Person, signUp } from '../support/api.ts';
import {
  expectAll,
  type Follower,
  follow,
  groupConversation,
  liftChatLimits,
  type Room,
  signedIn,
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

/** Quick enough for a test: a client notices a silent line by its heartbeat. */
const QUICK = { heartbeatIntervalMs: 400, reconnectAfterMs: () => 50 + Math.random() * 100, timeout: 2_000 };
const soon = { deadline_ms: 20_000, every_ms: 10 };

/** Writes one message after the other, until it is stopped; gives how many were taken. */
function writing({ chat }: Follower) {
  let isOver = false;
  let taken = 0;
  const done = (async () => {
    while (!isOver) {
      await chat.send({ content: `${taken}` });
      taken += 1;
    }
  })();
  return {
    more: async (count: number) => {
      const goal = taken + count;
      await eventually(`${count} more are taken`, async () => taken >= goal, soon);
    },
    async stop() {
      isOver = true;
      await done;
      return taken;
    },
  };
}

test('cut again and again while messages flow, a client has each message once and in order', async () => {
  await using line = await openTcpProxy(testEnvironment().SUPABASE_URL);
  await using cutOff = await signedIn(ben, { url: line.url, realtime: QUICK });
  await using reliable = await signedIn(ana);
  const reader = await follow(cutOff, room.conversationId);
  const writer = await follow(reliable, room.conversationId);
  const from = reader.chat.position.seq;
  const flow = writing(writer);
  for (let n = 0; n < 8; n += 1) {
    const made = line.made();
    await flow.more(10);
    line.cut();
    // Both while it is away and while it comes back.
    if (n % 2 === 0) await eventually('it connects again', async () => line.made() > made && reader.chat.isLive, soon);
  }
  const taken = await flow.stop();
  await expectAll(reader, from + 1, from + taken);
  await expectAll(writer, from + 1, from + taken);
  expect(reader.lives.filter((isLive) => !isLive).length, 'it was cut off indeed').toBeGreaterThan(2);
});

test('behind a line that says nothing, a client notices, comes back and has each message once and in order', async () => {
  await using line = await openTcpProxy(testEnvironment().SUPABASE_URL);
  await using stalled = await signedIn(ben, { url: line.url, realtime: QUICK });
  await using reliable = await signedIn(ana);
  const reader = await follow(stalled, room.conversationId);
  const writer = await follow(reliable, room.conversationId);
  const from = reader.chat.position.seq;
  const flow = writing(writer);
  for (let n = 0; n < 2; n += 1) {
    await flow.more(10);
    line.stall();
    await eventually('it notices', async () => !reader.chat.isLive, soon);
    await flow.more(10);
    line.mend();
    await reader.chat.live();
  }
  const taken = await flow.stop();
  await expectAll(reader, from + 1, from + taken);
  // A slow machine may make it doubt the line once more.
  expect(reader.lives.filter((isLive) => !isLive).length).toBeGreaterThanOrEqual(2);
});

test('sends what was given while the server cannot be reached, once and in order', async () => {
  await using line = await openTcpProxy(testEnvironment().SUPABASE_URL);
  await using cutOff = await signedIn(ben, { url: line.url, realtime: QUICK });
  await using reliable = await signedIn(ana);
  const reader = await follow(reliable, room.conversationId);
  const writer = await follow(cutOff, room.conversationId);
  const from = reader.chat.position.seq;
  const content = (n: number) => ({ content: `${n}` });
  for (let n = 0; n < 4; n += 1) {
    // The server takes it, and the answer is lost.
    line.mute();
    const unsure = writer.chat.send(content(n));
    await eventually('it is heard', async () => reader.messages.at(-1)?.content === `${n}`, soon);
    line.cut();
    line.mend();
    expect(await unsure).toMatchObject(content(n));
  }
  line.refuse();
  const late = Array.from({ length: 10 }, (_, n) => writer.chat.send(content(n + 4)));
  await eventually('it notices', async () => !writer.chat.isLive, soon);
  line.mend();
  await Promise.all(late);
  await expectAll(reader, from + 1, from + 14);
  expect(reader.messages.map(({ content }) => content)).toEqual(Array.from({ length: 14 }, (_, n) => `${n}`));
});
