import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  freshTopic,
  type Heard,
  joined,
  listen,
  PUBLISHABLE_KEY,
  type RealtimeFixture,
  realtimeFixture,
  subscribe,
} from './fixture.ts';
import { rawClient } from './raw-client.ts';

let realtime: RealtimeFixture;

beforeAll(async () => {
  realtime = await realtimeFixture();
});

afterAll(() => realtime[Symbol.asyncDispose]());

/** Joins with presence and keeps what the client made of joins and leaves. */
async function present(client: ReturnType<RealtimeFixture['client']>, topic: string, key: string, isPrivate = false) {
  await client.realtime.setAuth();
  const heard = listen(client, topic, { private: isPrivate, presence: { key } });
  const seen: string[] = [];
  heard.channel
    .on('presence', { event: 'join' }, (change) => seen.push(`+${change.key}`))
    .on('presence', { event: 'leave' }, (change) => seen.push(`-${change.key}`));
  expect(await subscribe(heard)).toBe('joined');
  return { ...heard, seen };
}

const keysOf = ({ channel }: Heard) => Object.keys(channel.presenceState()).sort();
const sees = (heard: Heard, ...keys: string[]) =>
  eventually(`it sees ${keys}`, async () => keysOf(heard).join() === keys.sort().join(), {
    deadline_ms: 10_000,
    every_ms: 5,
  });

test('everybody sees who comes, who changes and who goes, whoever joins later sees who is there', async () => {
  const topic = freshTopic();
  const ana = await present(realtime.client(), topic, 'ana');
  expect(await ana.channel.track({ mood: 'good' })).toBe('ok');
  const ben = await present(realtime.client(), topic, 'ben');
  await sees(ben, 'ana');
  await ben.channel.track({ mood: 'new' });
  await sees(ana, 'ana', 'ben');
  await ben.channel.track({ mood: 'better' });
  await eventually('it changed', async () => JSON.stringify(ana.channel.presenceState()['ben']).includes('better'));
  expect(ana.channel.presenceState()['ben']).toHaveLength(1);
  await ben.channel.untrack();
  await sees(ana, 'ana');
  expect(await ana.channel.unsubscribe()).toBe('ok');
  await sees(ben);
});

test('a connection that is cut takes its presence along', async () => {
  const topic = freshTopic();
  const ana = await present(realtime.client(), topic, 'ana');
  const gone = realtime.client();
  const ben = await present(gone, topic, 'ben');
  await ben.channel.track({});
  await sees(ana, 'ben');
  await gone.realtime.disconnect();
  await sees(ana);
  expect(ana.seen).toEqual(['+ben', '-ben']);
});

test('one person on two devices is one key with two entries', async () => {
  const topic = freshTopic();
  const [phone, laptop] = [
    await present(realtime.client(), topic, 'ana'),
    await present(realtime.client(), topic, 'ana'),
  ];
  await phone.channel.track({ device: 'phone' });
  await laptop.channel.track({ device: 'laptop' });
  await eventually('both are there', async () => phone.channel.presenceState()['ana']?.length === 2);
  await laptop.channel.untrack();
  await eventually('one is left', async () => phone.channel.presenceState()['ana']?.length === 1);
  expect(phone.channel.presenceState()['ana']).toMatchObject([{ device: 'phone' }]);
});

test('on a private channel only those are shown and see others whom the policies let', async () => {
  const topic = freshTopic();
  const [ana, ben, cem] = [await realtime.somebody(), await realtime.somebody(), await realtime.somebody()];
  await realtime.allow(topic, ana);
  await realtime.allow(topic, ben, { writes: [] });
  await realtime.allow(topic, cem, { reads: ['broadcast'] });
  const sender = await present(realtime.client(ana), topic, 'ana', true);
  const reader = await present(realtime.client(ben), topic, 'ben', true);
  const blind = await present(realtime.client(cem), topic, 'cem', true);
  expect(await sender.channel.track({})).toBe('ok');
  expect(await reader.channel.track({})).toBe('error');
  expect(await blind.channel.track({})).toBe('ok');
  await sees(reader, 'ana', 'cem');
  await sees(sender, 'ana', 'cem');
  await realtime.db.query(`select realtime.send('{}', 'hello', $1)`, [topic]);
  await eventually('it hears', async () => blind.messages.length === 1);
  expect(keysOf(blind)).toEqual([]);
});

test('a second join on a topic replaces the first, whose presence ends', async () => {
  const topic = freshTopic();
  const ana = await present(realtime.client(), topic, 'ana');
  await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
  const config = { presence: { key: 'ben', enabled: true } };
  await client.ask(`realtime:${topic}`, 'phx_join', { config });
  await client.ask(`realtime:${topic}`, 'presence', { type: 'presence', event: 'track', payload: {} });
  await sees(ana, 'ben');
  await client.ask(`realtime:${topic}`, 'phx_join', { config });
  await client.frame(({ event, joinRef }) => event === 'phx_close' && joinRef === '1');
  await sees(ana);
});

test('somebody may have a key that JavaScript has a use for, and what is no map is refused', async () => {
  const topic = freshTopic();
  await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
  const config = { presence: { key: '__proto__', enabled: true } };
  await client.ask(`realtime:${topic}`, 'phx_join', { config });
  const track = (payload: unknown) => client.ask(`realtime:${topic}`, 'presence', { event: 'track', payload });
  expect(await track({ n: 1 })).toMatchObject({ status: 'ok' });
  expect(await track([1])).toMatchObject({
    status: 'error',
    response: { reason: 'Presence track payload must be a map' },
  });
  await client.frame(({ event }) => event === 'presence_diff');
  await using other = await rawClient(realtime.url, PUBLISHABLE_KEY);
  await other.ask(`realtime:${topic}`, 'phx_join', { config });
  const { payload } = await other.frame(({ event }) => event === 'presence_state');
  expect(Object.entries(payload)).toEqual([['__proto__', { metas: [{ n: 1, phx_ref: expect.any(String) }] }]]);
});

test('without presence nobody is told of it', async () => {
  const topic = freshTopic();
  const heard = await joined(realtime.client(), topic);
  expect(heard.channel.presenceState()).toEqual({});
});
