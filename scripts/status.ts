// `npm run status`: what runs, where, and whether it answers. `-- --json` and `-- --env` are for programs and shells.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { portsFrom, type StackContext } from './stack/context.ts';
import { type StackEnvironment, stackEnvironment } from './stack/environment.ts';
import { lockHolder } from './stack/lock.ts';
import { type Health, probeParts } from './stack/probe.ts';
import { readSecrets } from './stack/secrets.ts';
import { readState, runningStacks, type StackState, stackFolder } from './stack/state.ts';

const HELP = `npm run status -- [options]

  --json       every address, key and URL, and the health of each part, as JSON
  --env        the same as shell variables: eval "$(npm run --silent status -- --env)"
  --name X     the stack in .astra/X, default local

The exit code is 1 when the stack does not run.
`;

const root = join(import.meta.dirname, '..');
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        env: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        name: { type: 'string', default: 'local' },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    return await show(values.name, values.json ? 'json' : values.env ? 'env' : 'table');
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function show(name: string, format: 'json' | 'env' | 'table'): Promise<number> {
  const dataDir = stackFolder(root, name);
  const [state, secrets] = await Promise.all([readState(dataDir), readSecrets(dataDir)]);
  if (state === null || secrets === null) {
    const starting = (await lockHolder(dataDir)) !== null;
    console.error(starting ? `The stack "${name}" is still starting.` : await notRunning(name));
    return 1;
  }
  const context: StackContext = {
    root,
    dataDir,
    cacheDir: join(root, '.astra', 'cache'),
    ports: portsFrom(state.portBase),
    secrets,
    log: () => undefined,
  };
  const env = stackEnvironment(context, state.stores);
  switch (format) {
    case 'env':
      // Marks where REDIS_URL and MONGODB_URL come from: `npm start` in the same shell must not take them for servers of its user's own.
      for (const [variable, value] of Object.entries({ ...env, ASTRA_STACK: name }))
        console.log(`export ${variable}='${value}'`);
      return 0;
    case 'json': {
      const health = await probeParts(env, state.parts);
      console.log(JSON.stringify({ name, ...state, dataDir, env, health }, null, 2));
      return 0;
    }
    case 'table':
      showTable(name, state, env, await probeParts(env, state.parts));
      return 0;
  }
}

/** That a stack does not run, and what to type: how to start it, or the name of one that does run. */
async function notRunning(name: string): Promise<string> {
  const start = `npm start${name === 'local' ? '' : ` -- --name ${name}`}`;
  const others = (await runningStacks(root)).map((other) => `"${other}" runs: npm run status -- --name ${other}`);
  return [`The stack "${name}" does not run.`, `Next: ${start}`, ...others].join('\n  ');
}

function showTable(name: string, state: StackState, env: StackEnvironment, health: readonly Health[]): void {
  console.log(`The stack "${name}" runs since ${state.startedAt} (pid ${state.pid}).\n`);
  for (const { part, url, healthy, milliseconds } of health) {
    console.log(`  ${part.padEnd(10)} ${healthy ? 'up  ' : 'DOWN'} ${`${milliseconds} ms`.padStart(8)}   ${url}`);
  }
  console.log(`\n  Database     ${env.SUPABASE_DB_URL}`);
  console.log(`  Publishable  ${env.SUPABASE_PUBLISHABLE_KEY}`);
  console.log(`  Secret       ${env.SUPABASE_SECRET_KEY}`);
}
