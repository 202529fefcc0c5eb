import { defineConfig } from 'vitest/config';

/**
 * Three kinds of tests, one project each:
 * - `unit` needs nothing that runs;
 * - `stack` shares one running stack (or the Supabase project named by SUPABASE_URL);
 * - `faults` starts, cuts and kills stacks of its own, one file at a time.
 */
export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    silent: 'passed-only',
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['tests/{sql,access,properties,api,worker,realtime,stack-api,fitness,browser,e2e}/**/*.test.ts'],
          globalSetup: ['tests/support/global-setup.ts'],
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['tests/{faults,stack}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
    ],
  },
});
