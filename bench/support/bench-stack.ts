import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { type StackProcessEnvironment, startStackProcess } from '../../tests/support/stack-process.ts';

/** Where the measured stack is. */
export type BenchEnvironment = StackProcessEnvironment;

/** An empty stack without rate limits. */
export function startBenchStack(): ReturnType<typeof startStackProcess> {
  return startStackProcess('bench', { ...NO_RATE_LIMITS, LOG_LEVEL: 'warn' });
}

/** The process of a part of it. */
export async function pidOf(part: 'realtime' | 'worker'): Promise<number> {
  const record = join(import.meta.dirname, '..', '..', '.astra', 'bench', 'pids', `${part}.json`);
  return (JSON.parse(await readFile(record, 'utf8')) as { pid: number }).pid;
}
