import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackContext } from './context.ts';
import type { StoreUrls } from './environment.ts';
import { lockHolder } from './lock.ts';

/** The parts of a stack, in the order in which people are told of them. */
export const PARTS = [
  'postgres',
  'redis',
  'mongodb',
  'mail',
  'payments',
  'supabase',
  'gateway',
  'studio',
  'realtime',
  'functions',
  'worker',
] as const;
export type Part = (typeof PARTS)[number];

/** What a running stack tells others, in `dataDir/state.json`. It holds no secret. */
export interface StackState {
  readonly pid: number;
  readonly portBase: number;
  readonly startedAt: string;
  readonly parts: readonly Part[];
  readonly stores: StoreUrls;
}

/** Where a stack keeps its data, by its name. */
export function stackFolder(root: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new Error(
      `--name is made of small letters, digits and dashes, not "${name}".\n  Next: npm start -- --name two`,
    );
  }
  return join(root, '.astra', name);
}

/** Publishes what runs; written whole or not at all, because others read it at any moment. */
export async function writeState(context: StackContext, parts: readonly Part[], stores: StoreUrls): Promise<void> {
  const state: StackState = {
    pid: process.pid,
    portBase: context.ports.api,
    startedAt: new Date().toISOString(),
    parts,
    stores,
  };
  const path = join(context.dataDir, 'state.json');
  await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function clearState(dataDir: string): Promise<void> {
  await rm(join(dataDir, 'state.json'), { force: true });
}

/** The state of the stack that runs on a data folder; null when none runs, or when it is not ready yet. */
export async function readState(dataDir: string): Promise<StackState | null> {
  const holder = await lockHolder(dataDir);
  if (holder === null) return null;
  try {
    const state = JSON.parse(await readFile(join(dataDir, 'state.json'), 'utf8')) as StackState;
    return state.pid === holder ? state : null;
  } catch {
    return null;
  }
}

/** The names of the stacks that run from a checkout. */
export async function runningStacks(root: string): Promise<string[]> {
  const folders = await readdir(join(root, '.astra'), { withFileTypes: true }).catch(() => []);
  const names = folders.filter((folder) => folder.isDirectory()).map(({ name }) => name);
  const states = await Promise.all(names.map((name) => readState(join(root, '.astra', name))));
  return names.filter((_name, index) => states[index] !== null).sort();
}
