import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** A worker in a process of its own, for tests that kill it. */
export function spawnWorker(
  environment: Readonly<Record<string, string>>,
  stderr: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../../worker/main.ts')], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'error', ...environment },
    stdio: ['ignore', 'ignore', stderr],
  });
}
