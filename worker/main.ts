import { readConfig, type WorkerConfig } from './config.ts';
import { createLog, reasonOf } from './log.ts';
import { systemClock } from './time.ts';
import { startWorker } from './worker.ts';

/** The composition root: environment in, a running worker out, until SIGTERM or SIGINT. */
async function main(config: WorkerConfig): Promise<void> {
  const log = createLog(config.logLevel, systemClock.now);
  await using worker = await startWorker(config, systemClock, log);
  log('info', 'the worker is running', { url: worker.url });
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
  log('info', 'finishing the batch in hand', { signal });
}

try {
  await main(readConfig(process.env));
  process.exit(0);
} catch (error) {
  console.error(reasonOf(error));
  process.exit(1);
}
