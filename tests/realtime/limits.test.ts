import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshTopic, PUBLISHABLE_KEY, type RealtimeFixture, realtimeFixture } from './fixture.ts';
import { type RawClient, rawClient } from './raw-client.ts';

const LIMITS = {
  REALTIME_MAX_CONNECTIONS: '3',
  REALTIME_CHANNELS_PER_CONNECTION: '5',
  REALTIME_JOINS_PER_SECOND: '20',
  REALTIME_MESSAGES_PER_SECOND: '30',
  REALTIME_PRESENCE_PER_SECOND: '10',
  REALTIME_HTTP_MESSAGES_PER_SECOND: '50',
  REALTIME_PAYLOAD_BYTES: '100000',
  REALTIME_PRESENCE_BYTES: '1000',
  REALTIME_BUFFERED_BYTES: '1000000',
  REALTIME_IDLE_SECONDS: '2',
};

let realtime: RealtimeFixture;

beforeAll(async () => {
  realtime = await realtimeFixture(LIMITS);
});

afterAll(() => realtime[Symbol.asyncDispose]());

const connectRaw = () =>
  // The one before may not be gone yet.
  eventually('a place', () => rawClient(realtime.url, PUBLISHABLE_KEY).catch(() => null));
const join = (client: RawClient, topic: string, config: object = {}) =>
  client.ask(`realtime:${topic}`, 'phx_join', { config });
const systemOf = async (client: RawClient) =>
  (await client.frame(({ event }) => event === 'system')).payload['message'];
const metric = async (limit: string) => realtime.metric(`realtime_limited_total{limit="${limit}"}`);

test('a connection too many is refused with 429', async () => {
  await using _one = await connectRaw();
  await using _two = await connectRaw();
  await using _three = await connectRaw();
  const response = await fetch(`${realtime.url}/realtime/v1/websocket?apikey=${PUBLISHABLE_KEY}`, {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  }).catch(() => null);
  // fetch sends no upgrade: the client that does is refused.
  expect(response?.status ?? 404).toBe(404);
  await expect(rawClient(realtime.url, PUBLISHABLE_KEY)).rejects.toThrow();
  expect(await metric('connections')).toBeGreaterThan(0);
});

test('a channel too many is refused: ChannelRateLimitReached', async () => {
  await using client = await connectRaw();
  for (let n = 0; n < 5; n += 1) expect(await join(client, `room ${n}`)).toMatchObject({ status: 'ok' });
  expect(await join(client, 'one more')).toEqual({
    ...{ status: 'error', response: { reason: 'ChannelRateLimitReached: Too many channels' } },
  });
});

test('who joins without end is told so and disconnected: ClientJoinRateLimitReached', async () => {
  await using client = await connectRaw();
  for (let n = 0; n < 100; n += 1) client.send(`${n}`, `${n}`, 'realtime:again', 'phx_join', { config: {} });
  const reason = 'ClientJoinRateLimitReached: Too many joins per second';
  await client.frame(({ payload }) => payload.response?.['reason'] === reason);
  expect(await client.closed).toBe(1008);
});

test('who sends much while a join waits for the database is disconnected before it fills the memory', async () => {
  const topic = freshTopic();
  const { token } = await realtime.somebody();
  await realtime.db.query('begin');
  try {
    await realtime.db.query('lock table realtime.messages in access exclusive mode');
    await using client = await connectRaw();
    client.send('1', '1', `realtime:${topic}`, 'phx_join', { config: { private: true }, access_token: token });
    const payload = { type: 'broadcast', event: 'e', payload: 'x'.repeat(90_000) };
    for (let n = 0; n < 20; n += 1) client.send('1', null, `realtime:${topic}`, 'broadcast', payload);
    expect(await client.closed).toBe(1006);
    expect(await metric('waiting_messages')).toBe(1);
  } finally {
    await realtime.db.query('rollback');
  }
});

test('who sends too fast loses the channel, with the reason', async () => {
  await using client = await connectRaw();
  await join(client, 'room');
  for (let n = 0; n < 100; n += 1) client.send('1', null, 'realtime:room', 'broadcast', { event: 'e', payload: {} });
  expect(await systemOf(client)).toBe('Too many messages per second');
  await client.frame(({ event }) => event === 'phx_close');
});

test('who changes presence too fast, or shows too much, loses the channel', async () => {
  await using client = await connectRaw();
  await join(client, 'room', { presence: { enabled: true } });
  for (let n = 0; n < 25; n += 1)
    client.send('1', null, 'realtime:room', 'presence', { event: 'track', payload: { n } });
  expect(await systemOf(client)).toBe('Too many presence messages per second');
  await using other = await connectRaw();
  await join(other, 'room', { presence: { enabled: true } });
  other.send('1', null, 'realtime:room', 'presence', { event: 'track', payload: { text: 'x'.repeat(1_000) } });
  expect(await systemOf(other)).toBe('Track message size exceeded');
});

test('a payload too large is an error to whom asked for an answer, and reaches nobody', async () => {
  const topic = freshTopic();
  await using sender = await connectRaw();
  await using listener = await connectRaw();
  await join(sender, topic, { broadcast: { ack: true } });
  await join(listener, topic);
  const send = (text: string) =>
    sender.ask(`realtime:${topic}`, 'broadcast', { type: 'broadcast', event: 'e', payload: { text } });
  expect(await send('x'.repeat(100_000))).toMatchObject({ status: 'error' });
  expect(await send('small')).toMatchObject({ status: 'ok' });
  await eventually('the small one came', async () => (await realtime.metric('realtime_deliveries_total')) > 0);
  expect(listener.frames.filter(({ event }) => event === 'broadcast')).toEqual([]);
});

test('a frame far beyond any payload ends the connection with 1009', async () => {
  await using client = await connectRaw();
  client.sendRaw('x'.repeat(400_000));
  expect(await client.closed).toBe(1009);
});

test('frames that are none are dropped, and the connection goes on', async () => {
  await using client = await connectRaw();
  for (const text of ['', '{', 'null', '1', '[]', '{}', '[1,2,3]', '[null,null,{},{},{}]']) client.sendRaw(text);
  for (const bytes of [[], [3], [9, 1], [3, 255, 255, 255, 255, 255, 1]]) client.sendRaw(new Uint8Array(bytes));
  expect(await join(client, 'room')).toMatchObject({ status: 'ok' });
  expect(await client.ask('realtime:elsewhere', 'broadcast', {})).toMatchObject({
    response: { reason: 'unmatched topic' },
  });
  expect(await client.ask('realtime:', 'phx_join', {})).toMatchObject({
    response: { reason: 'TopicNameRequired: You must provide a topic name' },
  });
  expect(await client.ask('realtime:x', 'phx_join', { config: { postgres_changes: 'all' } })).toMatchObject({
    status: 'error',
  });
});

test('who says nothing for too long is gone', async () => {
  await using client = await connectRaw();
  expect(await client.closed).toBe(1006);
});

test('too many messages by HTTP: 429', async () => {
  const messages = Array.from({ length: 60 }, () => ({ topic: 'any', event: 'e', payload: {} }));
  const response = await fetch(`${realtime.url}/realtime/v1/api/broadcast`, {
    method: 'POST',
    headers: { apikey: PUBLISHABLE_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ messages }),
  });
  expect(response.status).toBe(429);
});
