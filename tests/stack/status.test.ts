import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSecrets } from '../../scripts/stack/secrets.ts';
import type { Stack } from '../../scripts/stack/stack.ts';
import { PARTS } from '../../scripts/stack/state.ts';
import { freshStack } from './supervisor.ts';

const NAME = 'test-status';
const script = join(import.meta.dirname, '..', '..', 'scripts', 'status.ts');
const status = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args]);

let stack: Stack;
beforeAll(async () => {
  stack = await freshStack({ name: NAME });
});
afterAll(() => stack[Symbol.asyncDispose]());

test('tells programs every address, key and URL, and that every part answers', async () => {
  const told = JSON.parse((await status('--name', NAME, '--json')).stdout);
  expect(told).toMatchObject({ name: NAME, pid: process.pid, portBase: stack.context.ports.api });
  expect(told.env).toEqual(stack.env);
  const healthy = told.health.filter((part: { healthy: boolean }) => part.healthy);
  expect(healthy.map(({ part }: { part: string }) => part).sort()).toEqual([...PARTS].sort());
});

test('tells a shell the same variables', async () => {
  const { stdout } = await status('--name', NAME, '--env');
  const { stdout: url } = await promisify(execFile)('sh', ['-c', `${stdout}\nprintf %s "$SUPABASE_URL $MONGODB_URL"`]);
  expect(url).toBe(`${stack.env.SUPABASE_URL} ${stack.env.MONGODB_URL}`);
});

test('shows people a table without the passwords of the parts', async () => {
  const { stdout } = await status('--name', NAME);
  expect(stdout).toMatch(/postgres +up/);
  expect(stdout).not.toContain('DOWN');
  const parts = stdout.split('\n').filter((line) => / up /.test(line));
  expect(parts).toHaveLength(PARTS.length);
  expect(parts.filter((line) => line.includes('@'))).toEqual([]);
});

test('exits with 1 and the next command when the stack does not run', async () => {
  await expect(status('--name', 'nobody')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/does not run\.\n {2}Next: npm start -- --name nobody/),
  });
});

test('names the stacks that do run', async () => {
  await expect(status('--name', 'nobody')).rejects.toMatchObject({
    stderr: expect.stringContaining(`\n  "${NAME}" runs: npm run status -- --name ${NAME}\n`),
  });
});

test('keeps the secrets where only their owner can read them, and out of the state file', async () => {
  const path = join(stack.context.dataDir, 'secrets.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(stack.context.dataDir)).mode & 0o067).toBe(0);
  const state = await readFile(join(stack.context.dataDir, 'state.json'), 'utf8');
  for (const secret of [stack.env.SUPABASE_SECRET_KEY, stack.env.SUPABASE_JWT_SECRET]) {
    expect(state).not.toContain(secret);
  }
});

test('never replaces a damaged secrets file, because the database depends on it', async () => {
  const folder = join(stack.context.dataDir, 'elsewhere');
  const first = await loadSecrets(folder);
  expect(await loadSecrets(folder)).toEqual(first);
  await writeFile(join(folder, 'secrets.json'), '{');
  await expect(loadSecrets(folder)).rejects.toThrow(/damaged[\s\S]+Next: .*--reset/);
});
