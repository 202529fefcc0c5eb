import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshTopic, joined, PUBLISHABLE_KEY, payloads, realtimeFixture } from './fixture.ts';

/** A WebSocket whose client has stopped reading: supabase-js would always read. */
async function stalled(url: string, topic: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const handshake = [
    `GET /realtime/v1/websocket?apikey=${PUBLISHABLE_KEY}&vsn=2.0.0 HTTP/1.1`,
    ...[`Host: ${hostname}`, 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  ];
  socket.write(`${handshake.join('\r\n')}\r\n\r\n`);
  let said = '';
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1');
  });
  await eventually('it is connected', async () => said.includes('101 Switching'));
  const text = Buffer.from(JSON.stringify(['1', '1', `realtime:${topic}`, 'phx_join', { config: {} }]));
  // A masked text frame with a mask of zeros.
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 255, 0, 0, 0, 0]), text]));
  await eventually('it has joined', async () => said.includes('phx_reply'));
  socket.pause();
  return socket;
}

test('a client that does not read is disconnected before much waits for it, and the others hear everything', async () => {
  await using realtime = await realtimeFixture({ REALTIME_BUFFERED_BYTES: '2000000' });
  const topic = freshTopic();
  const slow = await stalled(realtime.url, topic);
  const ended = new Promise<void>((resolve) => slow.on('close', () => resolve()));
  const [sender, listener] = [await joined(realtime.client(), topic), await joined(realtime.client(), topic)];
  const payload = { text: 'x'.repeat(100_000) };
  for (let n = 0; n < 200; n += 1) {
    await sender.channel.send({ type: 'broadcast', event: 'e', payload });
    await payloads(listener, n + 1);
  }
  expect(await realtime.metric('realtime_limited_total{limit="slow_consumer"}')).toBe(1);
  slow.resume();
  await ended;
  expect(await realtime.metric('realtime_channels')).toBe(2);
});
