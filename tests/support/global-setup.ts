import { startStackProcess } from './stack-process.ts';

let stack: Awaited<ReturnType<typeof startStackProcess>> | undefined;

/** Starts the stack that the `stack` project tests, unless SUPABASE_URL names a project that runs already. */
export async function setup(): Promise<void> {
  if (process.env['SUPABASE_URL']) {
    console.log(`Testing the Supabase project at ${process.env['SUPABASE_URL']}`);
    return;
  }
  stack = await startStackProcess('test', { LOG_LEVEL: 'warn' });
  Object.assign(process.env, stack.env, { ASTRA_TEST_DB_URL: stack.env.SUPABASE_DB_URL });
}

export async function teardown(): Promise<void> {
  await stack?.[Symbol.asyncDispose]();
}
