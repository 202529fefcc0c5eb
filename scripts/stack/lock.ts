import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface LockRecord {
  readonly pid: number;
  /** When that process began, as its system tells it: a pid alone may belong to another process by now. */
  readonly since: string | null;
}

/**
 * Lets one stack at a time use a data folder. What a killed stack left behind is recognised and taken over.
 * @throws Error with the pid of the stack that holds it, and the next command.
 */
export async function lockDataDir(dataDir: string): Promise<AsyncDisposable> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'lock');
  const mine: LockRecord = { pid: process.pid, since: await processStart(process.pid) };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(path, mine)) {
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    }
    const holder = await lockHolder(dataDir);
    if (holder !== null) {
      throw new Error(
        `A stack is already running on ${dataDir} (pid ${holder}).\n` +
          `  Next: npm run status, or stop it with: kill ${holder}, or start a second one: npm start -- --name two --port-base 55321`,
      );
    }
    await removeStale(path);
  }
  throw new Error(`Other stacks keep taking ${path}.\n  Next: npm run status`);
}

/** The pid of the stack that uses this data folder, or null when none runs. */
export function lockHolder(dataDir: string): Promise<number | null> {
  return holderOf(join(dataDir, 'lock'));
}

/** Moved aside before it is deleted: somebody who found it stale too may have put a lock of their own here since. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  if ((await holderOf(aside)) !== null) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function holderOf(path: string): Promise<number | null> {
  let record: LockRecord;
  try {
    record = JSON.parse(await readFile(path, 'utf8')) as LockRecord;
  } catch {
    return null;
  }
  const since = await processStart(record.pid);
  return since !== null && since === record.since ? record.pid : null;
}

async function create(path: string, record: LockRecord): Promise<boolean> {
  // Linked into place with its content, so that nobody can read a lock that is half written.
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Null when there is no such process. */
async function processStart(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      // Field 22, counted after the program's name, which may itself contain spaces and parentheses.
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
