import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  freshTopic,
  joined,
  listen,
  PUBLISHABLE_KEY,
  payloads,
  type RealtimeFixture,
  realtimeFixture,
  SECRET_KEY,
  subscribe,
} from './fixture.ts';
import { rawClient } from './raw-client.ts';

let realtime: RealtimeFixture;

beforeAll(async () => {
  realtime = await realtimeFixture();
});

afterAll(() => realtime[Symbol.asyncDispose]());

const hello = { type: 'broadcast' as const, event: 'hello', payload: {} };
const soon = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

describe('a private channel', () => {
  test('is open to whom the policies let read, and refused to everybody else with the topic’s name', async () => {
    const topic = freshTopic();
    const [ana, eve] = [await realtime.somebody(), await realtime.somebody()];
    await realtime.allow(topic, ana);
    await joined(realtime.client(ana), topic, { private: true });
    const reason = `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`;
    for (const client of [realtime.client(eve), realtime.client(null)]) {
      await client.realtime.setAuth();
      expect(await subscribe(listen(client, topic, { private: true }))).toBe(`"${reason}"`.replaceAll('"', ''));
    }
  });

  test('takes messages only from whom the policies let write; others are met with silence', async () => {
    const topic = freshTopic();
    const [ana, ben] = [await realtime.somebody(), await realtime.somebody()];
    await realtime.allow(topic, ana);
    await realtime.allow(topic, ben, { writes: [] });
    const writer = await joined(realtime.client(ana), topic, { private: true, broadcast: { ack: true } });
    const client = realtime.client(ben, { timeout: 500 });
    const reader = await joined(client, topic, { private: true, broadcast: { ack: true } });
    expect(await reader.channel.send(hello)).toBe('timed out');
    expect(await writer.channel.send(hello)).toBe('ok');
    await payloads(reader, 1);
    expect(writer.messages).toEqual([]);
  });

  test('and a public one of the same name are separate worlds', async () => {
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    const inside = await joined(realtime.client(ana), topic, { private: true });
    const outside = await joined(realtime.client(), topic);
    await realtime.db.query(`select realtime.send('{"to": "private"}', 'hello', $1)`, [topic]);
    await realtime.db.query(`select realtime.send('{"to": "public"}', 'hello', $1, false)`, [topic]);
    await inside.channel.send({ ...hello, payload: { from: 'inside' } });
    await outside.channel.send({ ...hello, payload: { from: 'outside' } });
    await realtime.db.query(
      `select realtime.send('{"last": true}', 'hello', $1), realtime.send('{"last": true}', 'hello', $1, false)`,
      [topic],
    );
    expect(await payloads(inside, 2)).toMatchObject([{ to: 'private' }, { last: true }]);
    expect(await payloads(outside, 2)).toMatchObject([{ to: 'public' }, { last: true }]);
  });

  test('by HTTP takes a message from a member; from others 403, or of a batch only what they may send', async () => {
    const topic = freshTopic();
    const [ana, eve] = [await realtime.somebody(), await realtime.somebody()];
    await realtime.allow(topic, ana);
    const heard = await joined(realtime.client(ana), topic, { private: true });
    const outside = (token: string, path: string, body: unknown) =>
      fetch(`${realtime.url}/realtime/v1/api/broadcast${path}`, {
        method: 'POST',
        headers: { apikey: PUBLISHABLE_KEY, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(({ status }) => status);
    const single = `/${topic}/events/hello?private=true`;
    expect(await outside(eve.token, single, { from: 'eve' })).toBe(403);
    expect(await outside(PUBLISHABLE_KEY, single, { from: 'nobody' })).toBe(403);
    const batch = (from: string) => ({ messages: [{ topic, event: 'hello', payload: { from }, private: true }] });
    expect(await outside(eve.token, '', batch('eve'))).toBe(202);
    expect(await outside(ana.token, '', batch('ana'))).toBe(202);
    expect(await outside(ana.token, single, { from: 'ana again' })).toBe(202);
    expect(await outside(SECRET_KEY, single, { from: 'the server' })).toBe(202);
    expect(await payloads(heard, 3)).toEqual([{ from: 'ana' }, { from: 'ana again' }, { from: 'the server' }]);
  });

  test('asks the policies once per token: what they say later counts from the next token on', async () => {
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    const client = realtime.client(ana);
    const heard = await joined(client, topic, { private: true });
    await realtime.allow(topic, ana, { reads: [] });
    await realtime.db.query(`select realtime.send('{}', 'hello', $1)`, [topic]);
    await payloads(heard, 1);
    await client.realtime.setAuth(await realtime.sign({ sub: ana.id, role: 'authenticated', exp: soon(3_000) }));
    await eventually('it is closed', async () => heard.statuses.some(({ status }) => status === 'CLOSED'));
    expect(heard.system.map(({ message }) => message)).toEqual([
      `You do not have permissions to read from this Channel topic: ${topic}`,
    ]);
  });

  test('with a policy that fails is refused, and others are not disturbed', async () => {
    await realtime.db.query(`
      create policy "broken" on realtime.messages for select to authenticated
        using (topic = 'broken' and 1 / (length(topic) - 6) > 0)`);
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    const client = realtime.client(ana);
    await client.realtime.setAuth();
    expect(await subscribe(listen(client, 'broken', { private: true }))).toContain('Unauthorized');
    await realtime.db.query('drop policy "broken" on realtime.messages');
    await joined(client, topic, { private: true });
  });

  test('leaves no probe of its policies behind', async () => {
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    const heard = await joined(realtime.client(ana), topic, { private: true, broadcast: { ack: true } });
    expect(await heard.channel.send(hello)).toBe('ok');
    expect(await realtime.db.query('select from realtime.messages where topic = $1', [topic])).toEqual([]);
  });
});

describe('a token', () => {
  const joinWith = async (token: string, config: object = {}) => {
    await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
    const { status, response } = await client.ask('realtime:any', 'phx_join', { access_token: token, config });
    return status === 'ok' ? 'ok' : response['reason'];
  };

  test('of another secret, without an end or a role, or that has ended, joins nothing', async () => {
    const claims = { sub: 'x', role: 'authenticated', exp: soon(60) };
    expect(await joinWith(await realtime.sign(claims))).toBe('ok');
    const forged = await realtime.sign(claims, 'another-secret-of-somebody-with-at-least-32-characters');
    expect(await joinWith(forged)).toBe('JwtSignatureError: Failed to validate JWT signature');
    expect(await joinWith('no token')).toBe('MalformedJWT: The token provided is not a valid JWT');
    const { exp: _exp, ...endless } = claims;
    const missing = 'InvalidJWTToken: Fields `role` and `exp` are required in JWT';
    expect(await joinWith(await realtime.sign(endless))).toBe(missing);
    expect(await joinWith(await realtime.sign({ exp: claims.exp }))).toBe(missing);
    const ended = await joinWith(await realtime.sign({ ...claims, exp: soon(-90) }));
    expect(ended).toMatch(/^InvalidJWTToken: Token has expired (?:89|90|91) seconds ago$/);
  });

  test.each(['postgres', 'supabase_admin', 'supabase_realtime_gateway', 'astra_api', 'nobody', '"; drop table x'])(
    'for the role %s is refused although its signature is right',
    async (role) => {
      const token = await realtime.sign({ sub: 'x', role, exp: soon(60) });
      expect(await joinWith(token, { private: true })).toMatch(/^InvalidJWTToken: The role .* is not one of a client$/);
    },
  );

  test('without a signature is refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none' })}.${part({ role: 'service_role', exp: soon(60) })}.`;
    expect(await joinWith(unsigned)).toMatch(/^(?:JwtSignatureError|MalformedJWT)/);
  });

  test('that ends closes its channels, and one that came in time keeps them', async () => {
    const topic = freshTopic();
    const [ana, ben] = [await realtime.somebody({ exp: soon(2) }), await realtime.somebody({ exp: soon(2) })];
    const [clientOfAna, clientOfBen] = [realtime.client(ana), realtime.client(ben)];
    const [closing, staying] = [await joined(clientOfAna, topic), await joined(clientOfBen, topic)];
    // The client would fetch a token by itself; here it may not.
    Object.assign(clientOfAna.realtime, { accessToken: null });
    Object.assign(clientOfBen.realtime, { accessToken: null });
    await clientOfBen.realtime.setAuth(await realtime.sign({ sub: ben.id, role: 'authenticated', exp: soon(60) }));
    await eventually('it is closed', async () => closing.statuses.some(({ status }) => status === 'CLOSED'));
    expect(closing.system.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Token has expired \d seconds ago$/),
    ]);
    await realtime.db.query(`select realtime.send('{}', 'hello', $1, false)`, [topic]);
    await payloads(staying, 1);
    expect(staying.statuses).toHaveLength(1);
  });

  test('that is forged closes the channel that it is sent to', async () => {
    await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
    await client.ask('realtime:room', 'phx_join', { config: {} });
    const forged = await realtime.sign(
      { role: 'service_role', exp: soon(60) },
      'another-secret-with-at-least-32-characters',
    );
    client.send('1', '9', 'realtime:room', 'access_token', { access_token: forged });
    await client.frame(({ event, joinRef }) => event === 'phx_close' && joinRef === '1');
    expect(client.frames.find(({ event }) => event === 'system')?.payload).toMatchObject({
      ...{ extension: 'system', status: 'error', message: 'Failed to validate JWT signature', channel: 'room' },
    });
  });

  test('an unknown or missing API key gets no socket', async () => {
    await expect(rawClient(realtime.url, 'sb_publishable_of_nobody')).rejects.toThrow();
    await expect(rawClient(realtime.url, '')).rejects.toThrow();
  });

  test('the API key stands in where nobody is signed in, and is ignored as a fresh token', async () => {
    await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
    expect(await client.ask('realtime:a', 'phx_join', { access_token: PUBLISHABLE_KEY, config: {} })).toMatchObject({
      status: 'ok',
    });
    client.send('1', '9', 'realtime:a', 'access_token', { access_token: PUBLISHABLE_KEY });
    client.send('1', '10', 'realtime:a', 'access_token', { access_token: null });
    expect(await client.ask('phoenix', 'heartbeat', {})).toEqual({ status: 'ok', response: {} });
    expect(client.frames.filter(({ event }) => event === 'phx_close')).toEqual([]);
  });
});
