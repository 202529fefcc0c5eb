import { defineConfig } from 'vitest/config';

/** Rooms whose tests ask only what any Supabase project can answer: no databases of their own, nothing killed. */
const PORTABLE = 'access,api,e2e';
const STACK = `sql,properties,worker,realtime,stack-api,fitness,browser,${PORTABLE}`;
const rooms = process.env['SUPABASE_URL'] ? PORTABLE : STACK;

/**
 * Three kinds of tests, one project each:
 * - `unit` needs nothing that runs;
 * - `stack` shares one running stack (or the Supabase project named by SUPABASE_URL);
 * - `faults` starts, cuts and kills stacks of its own, one file at a time.
 */
export default defineConfig({
  test: {
    // Longer than `eventually` waits, so that its message is the one that is shown, and than the longest test takes on a machine
    // that is a third as fast as ours.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    silent: 'passed-only',
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'stack',
          include: [`tests/{${rooms}}/**/*.test.ts`],
          globalSetup: ['tests/support/global-setup.ts'],
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['tests/{faults,stack}/**/*.test.ts'],
          setupFiles: ['tests/support/own-stacks.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
        },
      },
    ],
  },
});
