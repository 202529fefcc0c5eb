// Everything that must hold, in one command: the checks of the sources, then the tests. Arguments go to vitest and skip the
// checks: `npm test -- tests/sql` runs one folder, `npm test -- --project unit` one project.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ensureChromium } from './chromium.ts';
import { ensurePrograms } from './stack/programs.ts';
import { ensureRedis } from './stack/redis.ts';

const root = join(import.meta.dirname, '..');
const node = join(root, 'node_modules', '.bin', 'node');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reports = join(root, '.astra', 'test-reports');
const filters = process.argv.slice(2);

/** A project named by the environment is somebody's: it is asked, but nothing of it is stopped, killed or cloned. */
const projects = process.env['SUPABASE_URL'] ? ['unit', 'stack'] : ['unit', 'stack', 'faults'];

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
});

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs a program with our terminal and gives its exit code; one that cannot be run, or is killed, has failed. */
function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** One vitest run. A suite that could not even be loaded counts as a failure, and so does a run that wrote no report. */
async function runTests(name: string, args: readonly string[]): Promise<Totals> {
  const file = join(reports, `${name}.json`);
  await rm(file, { force: true });
  const exitCode = await run(node, [
    vitest,
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...args,
  ]);
  const report = await readReport(file);
  if (report === null) {
    console.error(`\nThe tests of "${name}" ended before they wrote their report; what they said stands above.`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const failed = report.numFailedTests || (exitCode === 0 ? 0 : Math.max(1, report.numFailedTestSuites));
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

async function readReport(file: string): Promise<z.infer<typeof reportSchema> | null> {
  try {
    return reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

await mkdir(reports, { recursive: true });
await ensureRedis((_part, line) => console.log(line));
await ensureChromium(console.log);
await ensurePrograms(console.log);
let checksFailed = false;
const totals = { passed: 0, failed: 0, skipped: 0 };

if (filters.length > 0) {
  Object.assign(totals, await runTests('selection', filters));
} else {
  checksFailed = (await run(node, [join(root, 'scripts', 'check.ts')])) !== 0;
  // Apart from each other: the faults kill what the others need, and both want the machine's two cores for themselves.
  if (!projects.includes('faults')) {
    console.log(
      'Asking the project at SUPABASE_URL: tests/{unit,access,api,e2e}. The others clone, stop or kill databases;',
    );
    console.log('unset SUPABASE_URL to run them on a stack of their own.');
  }
  for (const project of projects) {
    const result = await runTests(project, ['--project', project]);
    totals.passed += result.passed;
    totals.failed += result.failed;
    totals.skipped += result.skipped;
  }
}

if (checksFailed) console.log('\nThe checks of the sources failed, see the top of this output.');
const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
console.log(`\n${totals.passed} passed, ${totals.failed + (checksFailed ? 1 : 0)} failed${skipped}`);
process.exit(totals.failed === 0 && !checksFailed ? 0 : 1);
