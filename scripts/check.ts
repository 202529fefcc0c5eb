import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** One thing that must hold of the sources, and the command that mends it when it does not. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
  readonly fix: string;
}

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const node = (script: string, ...args: string[]) => [bin('node'), join(root, 'scripts', script), ...args];

const checks: readonly Check[] = [
  { name: 'format and lint', command: [bin('biome'), 'check', '.'], fix: 'npm run fix' },
  { name: 'types (Node)', command: [bin('tsc'), '--project', 'tsconfig.json'], fix: 'mend the types named above' },
  {
    name: 'types (packages)',
    command: [bin('tsc'), '--project', join(root, 'packages', 'client', 'tsconfig.json'), '--noEmit'],
    fix: 'mend the types named above',
  },
  {
    name: 'types (Deno)',
    command: [bin('deno'), 'check', '--config', 'functions/deno.json', 'functions/', 'scripts/stack/functions/host.ts'],
    fix: 'mend the types named above',
  },
  { name: 'docs/errors.md', command: node('docs/errors.ts', '--check'), fix: 'npm run docs:errors' },
  { name: 'schema, types, advisors', command: node('db/check-schema.ts'), fix: 'see the command named above' },
];

/** Runs one command and gives what it printed, so that a passing check stays one line. */
function run([program, ...args]: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    if (program === undefined) throw new Error('a check without a command');
    const child = spawn(program, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

let failures = 0;
for (const check of checks) {
  const startedAt = performance.now();
  const { ok, output } = await run(check.command);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
  if (!ok) {
    failures += 1;
    console.log(output.trimEnd());
    console.log(`To mend it: ${check.fix}\n`);
  }
}
process.exit(failures === 0 ? 0 : 1);
