import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { eventually } from './eventually.ts';

/** The first start on a machine installs Redis and builds or downloads MongoDB. */
const START_MS = 300_000;

const statusSchema = z.object({
  env: z.object({
    SUPABASE_URL: z.string(),
    SUPABASE_PUBLISHABLE_KEY: z.string(),
    SUPABASE_SECRET_KEY: z.string(),
    SUPABASE_JWT_SECRET: z.string(),
    SUPABASE_DB_URL: z.string(),
    ASTRA_API_DB_URL: z.string(),
    ASTRA_WORKER_DB_URL: z.string(),
    REALTIME_DB_URL: z.string(),
    REALTIME_URL: z.string(),
    ASTRA_ADMIN_DB_URL: z.string(),
    REDIS_URL: z.string().optional(),
    MONGODB_URL: z.string().optional(),
    MAIL_URL: z.string(),
    STUDIO_URL: z.string(),
    WORKER_URL: z.string(),
    PAYMENTS_FAKE_URL: z.string(),
    PAYMENTS_FAKE_KEY: z.string(),
    PAYMENTS_WEBHOOK_SECRET: z.string(),
  }),
});

/** Where a stack is, and its keys. */
export type StackProcessEnvironment = z.infer<typeof statusSchema>['env'];

/**
 * An empty stack in a process of its own, as `npm start` runs it: who asks and who answers do not share a thread.
 * `settings` are further variables of the product, such as rate limits. Its output goes to `.astra/<name>.log`.
 */
export async function startStackProcess(
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ env: StackProcessEnvironment } & AsyncDisposable> {
  const root = join(import.meta.dirname, '..', '..');
  const log = join(root, '.astra', `${name}.log`);
  await mkdir(join(root, '.astra'), { recursive: true });
  // It prints the stack's keys.
  await using output = await open(log, 'w', 0o600);
  const start = [
    join(root, 'scripts', 'start.ts'),
    '--name',
    name,
    '--reset',
    '--port-base',
    `${await freePortBase()}`,
  ];
  const stack = spawn(process.execPath, start, {
    env: { ...process.env, ...settings },
    stdio: ['ignore', output.fd, output.fd],
  });
  const env = await eventually(
    `the stack "${name}" is ready, see ${log}`,
    async () => {
      const said = await readFile(log, 'utf8');
      if (hasEnded(stack)) throw new Error(said);
      // Until then it may be another stack of this name that answers, which somebody left running.
      if (!said.includes('Ready in')) return null;
      const status = [join(root, 'scripts', 'status.ts'), '--json', '--name', name];
      const answer = await promisify(execFile)(process.execPath, status).catch(() => null);
      return answer && statusSchema.parse(JSON.parse(answer.stdout)).env;
    },
    { deadline_ms: START_MS, every_ms: 250 },
  ).catch(async (error: unknown) => {
    await stop(stack);
    throw error;
  });
  return { env, [Symbol.asyncDispose]: () => stop(stack) };
}

async function stop(stack: ChildProcess): Promise<void> {
  if (hasEnded(stack)) return;
  const exited = once(stack, 'exit');
  stack.kill('SIGINT');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
