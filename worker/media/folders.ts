import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names whose it is: beside this worker others may run on the same machine. */
const FOLDER = /^astra-media-(\d+)-/;

/** A folder for the files of one upload. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `astra-media-${process.pid}-`));
}

/** Removes what workers left that were killed. Call it before the first makeFolder: one of our own number is of a process before this one. */
export async function removeLeftFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(FOLDER.exec(name)?.[1] ?? 0);
    if (pid > 0 && (pid === process.pid || !isAlive(pid))) {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
