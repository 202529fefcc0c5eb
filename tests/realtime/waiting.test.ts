import { afterAll, beforeAll, expect, test } from 'vitest';
import { WAITING_MESSAGES } from '../../scripts/stack/realtime/limits.ts';
import { connect } from '../support/database.ts';
import { freshTopic, PUBLISHABLE_KEY, type RealtimeFixture, realtimeFixture } from './fixture.ts';
import { type RawClient, rawClient } from './raw-client.ts';

let realtime: RealtimeFixture;

beforeAll(async () => {
  realtime = await realtimeFixture({ REALTIME_MESSAGES_PER_SECOND: '100000' });
});

afterAll(() => realtime[Symbol.asyncDispose]());

/** Keeps the database from saying who may what until it is disposed. */
async function withoutPolicies(): Promise<AsyncDisposable> {
  const { database, host, port, password, user } = realtime.db.client;
  const url = Object.assign(new URL('postgres://x'), {
    username: user,
    password,
    hostname: host,
    port: `${port}`,
    pathname: database,
  });
  const holder = await connect(url.href);
  await holder.query('begin');
  await holder.query('lock table public.topic_members in access exclusive mode');
  return holder;
}

/** Joins a private topic, and sends on it without waiting for the answer. */
async function joinAndSend(client: RawClient, topic: string, messages: number): Promise<void> {
  const ana = await realtime.somebody();
  const config = { private: true };
  client.send('1', 'join', `realtime:${topic}`, 'phx_join', { config, access_token: ana.token });
  for (let n = 0; n < messages; n += 1)
    client.send('1', null, `realtime:${topic}`, 'broadcast', { event: 'e', payload: {} });
}

const heartbeat = (client: RawClient) => client.ask('phoenix', 'heartbeat', {});

test('messages of one connection wait for the database, up to a limit, and go on when it answers', async () => {
  await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
  {
    await using _silent = await withoutPolicies();
    await joinAndSend(client, freshTopic(), WAITING_MESSAGES - 1);
    // Asked after them, answered before them: the connection is open, and other topics do not wait.
    expect(await heartbeat(client)).toMatchObject({ status: 'ok' });
    expect(client.frames.filter(({ topic }) => topic !== 'phoenix')).toEqual([]);
  }
  const { payload } = await client.frame(({ ref }) => ref === 'join');
  expect(payload.response).toMatchObject({ reason: expect.stringMatching(/^Unauthorized/) });
  expect(await realtime.metric('realtime_limited_total{limit="waiting_messages"}')).toBeNaN();
});

test('a connection with more messages that wait is cut', async () => {
  await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
  await using _silent = await withoutPolicies();
  await joinAndSend(client, freshTopic(), WAITING_MESSAGES);
  expect(await client.closed).toBe(1006);
  expect(await realtime.metric('realtime_limited_total{limit="waiting_messages"}')).toBeGreaterThan(0);
});
