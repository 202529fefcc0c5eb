import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startChild } from '../../scripts/stack/child.ts';
import { startGateway } from '../../scripts/stack/gateway.ts';
import { openScratch } from './scratch.ts';

const run = promisify(execFile);

const BUSY_MS = 300;

/** Answers the handshake at once, comes to listen later than the gateway looks at what has happened, and says what it hears. */
const ANSWERS = `
  process.on('message', (_handshake, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${2 * BUSY_MS});
    socket.on('data', (data) => socket.write('heard ' + data));
  });
`;

/** Speaks as soon as the handshake is answered, once, and prints what it is told. A process of its own: this one is busy. */
const SPEAKS = `
  const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
  socket.setTimeout(5_000, () => process.exit());
  socket.write('GET /realtime/v1/websocket HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
  socket.once('data', () => {
    socket.write('hello');
    socket.once('data', (data) => {
      console.log(String(data));
      process.exit();
    });
  });
`;

test('what a client says while the gateway still gives its connection away is heard by the Realtime server', async () => {
  await using scratch = await openScratch();
  const { context } = scratch;
  await using child = await startChild(context, {
    ...{ name: 'realtime', command: process.execPath, args: ['-e', ANSWERS], url: 'http://127.0.0.1:0' },
    takesSockets: true,
  });
  await using _gateway = await startGateway(context, {
    supabase: { fetch: async () => new Response() },
    realtime(handshake, socket) {
      const taken = child.give(handshake, socket);
      // The client is answered, and speaks, before this process comes to see that its connection has arrived there.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
      return taken;
    },
  });
  const { stdout } = await run(process.execPath, ['-e', SPEAKS, `${context.ports.api}`]);
  expect(stdout.trim()).toBe('heard hello');
});
