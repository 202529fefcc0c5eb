import { startStackProcess } from './stack-process.ts';
import { turnSettings } from './turn.ts';

let stack: Awaited<ReturnType<typeof startStackProcess>> | undefined;

/**
 * Every test comes from one address, and there are more of them than people behind one. Limits of logins and of reset mails
 * are as in production: tests assert them.
 */
const RATE_LIMITS = { ASTRA_RATE_REGISTER: '10000/3600', ASTRA_RATE_IP: '1000000/60' };

/** Starts the stack that the `stack` project tests, unless SUPABASE_URL names a project that runs already. */
export async function setup(): Promise<void> {
  if (process.env['SUPABASE_URL']) {
    console.log(`Testing the Supabase project at ${process.env['SUPABASE_URL']}`);
    return;
  }
  const { settings, variables } = await turnSettings();
  stack = await startStackProcess('test', { ...RATE_LIMITS, ...settings, LOG_LEVEL: 'warn' });
  Object.assign(process.env, stack.env, variables, { ASTRA_TEST_DB_URL: stack.env.SUPABASE_DB_URL });
}

export async function teardown(): Promise<void> {
  await stack?.[Symbol.asyncDispose]();
}
