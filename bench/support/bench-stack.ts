import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { type StackProcessEnvironment, startStackProcess } from '../../tests/support/stack-process.ts';

/** Where the measured stack is. */
export type BenchEnvironment = StackProcessEnvironment;

/** An empty stack without rate limits. */
export function startBenchStack(): ReturnType<typeof startStackProcess> {
  return startStackProcess('bench', { ...NO_RATE_LIMITS, LOG_LEVEL: 'warn' });
}
