// `npm start`: brings the local stack up, says what it does, and stops it on Ctrl-C.
import { parseArgs } from 'node:util';
import type { StackEnvironment } from './stack/environment.ts';
import { parsePortBase } from './stack/ports.ts';
import { type Stack, startStack } from './stack/stack.ts';

const HELP = `npm start -- [options]

  --reset          forget all data of this stack first (its keys stay)
  --seed           add the people of supabase/seed.sql, with money
  --port-base N    the API's port, default 54321; the others follow it
  --name X         a stack of its own with its data in .astra/X, default local
  --help           this text

REDIS_URL and MONGODB_URL, when set, are used instead of servers of the stack's own.
`;

const LABEL_WIDTH = 11;

process.exitCode = await main();
// Nothing may keep the process alive once everything was stopped, such as a download that was given up.
process.exit();

async function main(): Promise<number> {
  const stopping = new AbortController();
  // Sent more than once by a terminal (to everybody in it) and by npm: only the first counts, and stopping is bounded.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  try {
    const options = readOptions();
    if (options === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    await using stack = await startStack({ ...options, log, signal: stopping.signal });
    showReady(stack, options);
    const reason = await Promise.race([stack.died, whenAborted(stopping.signal)]);
    if (reason === null) {
      console.log('\nStopping …');
      return 0;
    }
    console.error(`\nThe stack stops: ${reason}\n  Next: npm start`);
    return 1;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    console.error(`\nThe stack did not start.\n${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

interface StartOptions {
  readonly name: string;
  readonly reset: boolean;
  readonly seed: boolean;
  readonly portBase?: number;
}

function readOptions(): StartOptions | 'help' {
  let values: Record<string, string | boolean | undefined>;
  try {
    const flag = { type: 'boolean', default: false } as const;
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      options: { reset: flag, seed: flag, help: flag, 'port-base': text, name: { ...text, default: 'local' } },
    }));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n  Next: npm start -- --help`);
  }
  if (values['help']) return 'help';
  const base = values['port-base'];
  return {
    name: String(values['name']),
    reset: values['reset'] === true,
    seed: values['seed'] === true,
    ...(base === undefined ? {} : { portBase: parsePortBase(String(base)) }),
  };
}

function log(service: string, line: string): void {
  for (const part of line.split('\n')) console.log(`${service.padEnd(LABEL_WIDTH)} ${part}`);
}

function showReady({ env, seconds }: Stack, options: StartOptions): void {
  const named = options.name === 'local' ? '' : ` -- --name ${options.name}`;
  console.log(`
Ready in ${seconds.toFixed(1)} s.

  API          ${env.SUPABASE_URL}   (/auth/v1 /rest/v1 /storage/v1 /realtime/v1 /functions/v1 /api)
  Studio       ${env.STUDIO_URL}
  Mail inbox   ${env.MAIL_URL}
  Database     ${env.SUPABASE_DB_URL}
  Publishable  ${env.SUPABASE_PUBLISHABLE_KEY}
  Secret       ${env.SUPABASE_SECRET_KEY}

Try next, in another terminal:
  npm run demo${named}
  ${registerLine(env)}
  npm run status${named}

Ctrl-C stops everything; the data stays.`);
}

function registerLine(env: StackEnvironment): string {
  const body = '{"email":"ana@example.com","password":"correct-horse-7","username":"ana"}';
  return `curl ${env.API_URL}/auth/register -H 'content-type: application/json' -d '${body}'`;
}

/** Resolves with null when the signal fires. */
function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
