import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { eventually } from '../../tests/support/eventually.ts';

const NAME = 'bench';
const START_MS = 120_000;
const NO_LIMIT = '100000000/1';

const statusSchema = z.object({
  env: z.object({
    SUPABASE_URL: z.string(),
    SUPABASE_PUBLISHABLE_KEY: z.string(),
    SUPABASE_JWT_SECRET: z.string(),
    SUPABASE_DB_URL: z.string(),
    ASTRA_API_DB_URL: z.string(),
  }),
});

/** Where the measured stack is. */
export type BenchEnvironment = z.infer<typeof statusSchema>['env'];

/**
 * An empty stack in a process of its own, without rate limits: measured from outside, so that making the load and answering it
 * do not share a thread.
 */
export async function startBenchStack(): Promise<{ env: BenchEnvironment } & AsyncDisposable> {
  const root = join(import.meta.dirname, '..', '..');
  const limits = ['USER', 'IP', 'LOGIN', 'REGISTER', 'RECOVER'].map((name) => [`ASTRA_RATE_${name}`, NO_LIMIT]);
  const stack = spawn(
    process.execPath,
    [join(root, 'scripts', 'start.ts'), '--name', NAME, '--port-base', String(await freePortBase()), '--reset'],
    {
      env: { ...process.env, ...Object.fromEntries(limits), LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const status = join(root, 'scripts', 'status.ts');
  const env = await eventually(
    'the stack is ready',
    async () => {
      if (stack.exitCode !== null) throw new Error('The stack ended while it started; its reason stands above.');
      const answer = await promisify(execFile)(process.execPath, [status, '--json', '--name', NAME]).catch(() => null);
      return answer && statusSchema.parse(JSON.parse(answer.stdout)).env;
    },
    { deadline_ms: START_MS, every_ms: 250 },
  );
  return { env, [Symbol.asyncDispose]: () => stop(stack) };
}

async function stop(stack: ChildProcess): Promise<void> {
  if (stack.exitCode !== null) return;
  stack.kill('SIGINT');
  await once(stack, 'exit');
}
