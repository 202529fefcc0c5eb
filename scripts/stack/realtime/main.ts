// The Realtime server of the local stack, a child process of it: environment in, a running server out, until SIGTERM or SIGINT.
import { createLog, reasonOf } from '../../../worker/log.ts';
import { readConfig } from './config.ts';
import { startRealtimeServer } from './server.ts';

try {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, () => new Date());
  await using server = await startRealtimeServer(config, log);
  log('info', 'the Realtime server is running', { url: server.url });
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
process.exit();
