import { type StackProcessEnvironment, startStackProcess } from '../../tests/support/stack-process.ts';

/** Where the measured stack is. */
export type BenchEnvironment = StackProcessEnvironment;

const NO_LIMIT = '100000000/1';

/** An empty stack without rate limits. */
export function startBenchStack(): ReturnType<typeof startStackProcess> {
  const limits = ['USER', 'IP', 'LOGIN', 'REGISTER', 'RECOVER'].map((name) => [`ASTRA_RATE_${name}`, NO_LIMIT]);
  return startStackProcess('bench', { ...Object.fromEntries(limits), LOG_LEVEL: 'warn' });
}
