// The Realtime server of the local stack, a child process of it: environment in, a running server out, until SIGTERM or SIGINT.

import type { Socket } from 'node:net';
import { createLog, reasonOf } from '../../../worker/log.ts';
import type { Handshake } from '../gateway/hand-over.ts';
import { readConfig } from './config.ts';
import { startRealtimeServer } from './server.ts';

try {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, () => new Date());
  await using server = await startRealtimeServer(config, log);
  log('info', 'the Realtime server is running', { url: server.url });
  // Only the gateway, which started this process, can send here. A connection that its client has given up meanwhile is none.
  process.on('message', (handshake: Handshake, socket: Socket | undefined) => {
    if (socket !== undefined) server.adopt(handshake, socket);
  });
  await new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
process.exit();
