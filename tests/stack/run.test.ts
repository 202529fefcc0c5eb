import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { lockHolder } from '../../scripts/stack/lock.ts';
import { stackFolder } from '../../scripts/stack/state.ts';
import { eventually } from '../support/eventually.ts';
import { forgetStack, PORT_BASE } from './supervisor.ts';

const root = join(import.meta.dirname, '..', '..');

/** Runs scripts/run.mjs and gives what a person sees. */
async function runCommand(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'scripts', 'run.mjs'), ...args],
      {
        env: { ...process.env, ...env },
      },
    );
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as ExecFileException;
    return { code, output: `${stdout}${stderr}` };
  }
}

/** A checkout in which nothing is installed yet. */
async function bareCheckout(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'astra-bare-'));
  await mkdir(join(folder, 'scripts'));
  for (const file of ['scripts/run.mjs', 'package.json', 'package-lock.json']) {
    await copyFile(join(root, file), join(folder, file));
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('names every command when it is given none that exists', async () => {
  const { code, output } = await runCommand(root, ['nonsense']);
  expect(code).toBe(1);
  expect(output).toContain('There is no command "nonsense"');
  expect(output).toMatch(/^ {2}start +\S/m);
});

test('hands arguments and the exit code on', async () => {
  const { code, output } = await runCommand(root, ['status', '--name', 'nobody']);
  expect(code).toBe(1);
  expect(output).toContain('Next: npm start -- --name nobody');
});

test('says that the registry cannot be reached, and what to type, when the first installation is offline', async () => {
  await using checkout = await bareCheckout();
  const { code, output } = await runCommand(checkout.folder, ['start'], {
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_cache: join(checkout.folder, 'cache'),
    npm_config_fetch_retries: '0',
  });
  expect(code).toBe(1);
  expect(output).toMatch(/registry cannot be reached\.\n {2}Next: npm ping/);
});

test('says that npm is missing, and where to get it', async () => {
  await using checkout = await bareCheckout();
  const { code, output } = await runCommand(checkout.folder, ['start'], { PATH: '/nonexistent' });
  expect(code).toBe(1);
  expect(output).toMatch(/npm was not found[\s\S]+Next: /);
});

test('npm start says what to try next, and stops everything when npm itself is ended', async () => {
  const name = 'test-run';
  await forgetStack(name);
  const npm = spawn('npm', ['start', '--', '--name', name, '--port-base', String(PORT_BASE)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let warnings = '';
  npm.stderr.on('data', (chunk: Buffer) => {
    warnings += chunk.toString();
  });
  const exited = once(npm, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: npm.stdout })) {
    lines.push(line);
    if (line.startsWith('Ctrl-C stops')) break;
  }
  npm.kill('SIGTERM');
  await exited;
  expect(lines.join('\n')).toMatch(/Ready in \d+\.\d s\.[\s\S]+npm run demo/);
  expect(warnings).not.toContain('EXPERIMENTAL');
  const folder = stackFolder(root, name);
  await eventually('the stack is gone', async () => (await lockHolder(folder)) === null);
  await forgetStack(name);
});
