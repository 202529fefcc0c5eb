import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { type Stack, type StackOptions, startStack } from '../../scripts/stack/stack.ts';
import { stackFolder } from '../../scripts/stack/state.ts';

const root = join(import.meta.dirname, '..', '..');

/** Ports of the stacks under test, and of a second one beside them: free when the test file began. */
export const PORT_BASE = await freePortBase();
export const OTHER_PORT_BASE = await freePortBase();

/** A stack that starts empty and leaves nothing on the disk. */
export async function freshStack(
  options: StackOptions & { readonly name: string },
): Promise<Stack & { readonly stop: () => Promise<void> }> {
  await forgetStack(options.name);
  const stack = await startStack({ portBase: PORT_BASE, quiet: true, watch: false, ...options });
  let stopped: Promise<void> | undefined;
  const dispose = () => {
    stopped ??= Promise.resolve(stack[Symbol.asyncDispose]());
    return stopped;
  };
  return {
    ...stack,
    stop: dispose,
    async [Symbol.asyncDispose]() {
      await dispose();
      await forgetStack(options.name);
    },
  };
}

/** Deletes the data of a stack that does not run. */
export async function forgetStack(name: string): Promise<void> {
  await rm(stackFolder(root, name), { recursive: true, force: true });
}

/** A stack in a process of its own, which a test can kill. */
export interface Supervisor {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
}

/** Starts the stack of `options` in another process and waits until it is ready. */
export async function startSupervisor(options: StackOptions): Promise<Supervisor> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'supervisor-main.ts'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') return { process: child, exited };
  }
  throw new Error('the supervisor ended before its stack was ready');
}

/** The pid of a running child, from the record that the stack keeps. */
export async function pidOf(name: string, part: string): Promise<number> {
  const folder = stackFolder(root, name);
  if (part === 'postgres') {
    return Number((await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  }
  return (JSON.parse(await readFile(join(folder, 'pids', `${part}.json`), 'utf8')) as { pid: number }).pid;
}

/** True while a process exists and is not a zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) Z /.test(stat);
}
