import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Service, StackContext } from './context.ts';

const run = promisify(execFile);

const POLL_MS = 50;
const KEPT_LINES = 15;
const LAST_LINES_MS = 300;

/** Children whose end was not seen yet, by pid. */
const alive = new Set<number>();

// A stop is bounded, and a start can be given up: whoever is late must not outlive the stack. Not for Postgres, which is
// stopped in its own way and recognised at the next start.
process.once('exit', () => {
  for (const pid of alive) signalGroup(pid, 'SIGKILL');
});

/** How to start one child process of the stack. */
export interface ChildOptions {
  /** The part's name: log prefix and file name of its pid record. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where it answers once it is ready. */
  readonly url: string;
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Asked every 50 ms until it says true; without it the child counts as ready at once. */
  readonly ready?: () => Promise<boolean>;
  /** Default 30 s. */
  readonly readyTimeoutMs?: number;
  /** Default 10 s: after that SIGTERM becomes SIGKILL. */
  readonly stopTimeoutMs?: number;
  /** Lets `give` pass connections to it; it receives them as `process.on('message', (message, socket) => …)`. */
  readonly takesSockets?: boolean;
  /** Decides what of its output people see; default everything. Return null to drop a line. */
  readonly filterLine?: (line: string) => string | null;
}

/** A running child process; `pid` is for tests and for the status page. */
export interface ChildService extends Service {
  readonly pid: number;
  /** Gives it a connection as a whole, with a message about it; false when it does not take any (any more). */
  readonly give: (message: object, socket: Socket) => boolean;
}

interface PidRecord {
  readonly pid: number;
  readonly command: string;
  readonly args: readonly string[];
  /** As the system shows it once the child is ready: some programs rename themselves. */
  readonly commandLine: string | null;
}

/**
 * Starts a child in its own process group, so that Ctrl-C reaches only the stack, which then stops its parts in order.
 * Its pid is kept in `dataDir/pids/<name>.json`; an orphan that a killed stack left behind is ended first.
 * @throws Error with the child's last lines when it dies or is silent before it is ready.
 */
export async function startChild(context: StackContext, options: ChildOptions): Promise<ChildService> {
  await endOrphan(context, options.name);
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd ?? context.root,
    env: mergedEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe', ...(options.takesSockets ? (['ipc'] as const) : [])],
    detached: true,
  });
  const lines = followLines(child, (line) => {
    const shown = options.filterLine ? options.filterLine(line) : line;
    if (shown !== null) context.log(options.name, shown);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot run ${options.command}: ${error.message}`));
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) {
        alive.delete(child.pid);
        // What it had started itself would keep its port.
        signalGroup(child.pid, 'SIGKILL');
      }
      const reason = signal ? `ended by ${signal}` : `exited with code ${code}`;
      // `close` comes after its last line was read, but never while a grandchild holds the pipe open.
      child.once('close', () => resolve(reason));
      setTimeout(() => resolve(reason), LAST_LINES_MS).unref();
    });
  });
  const stop = () => stopGroup(child, ended, options.stopTimeoutMs ?? 10_000);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name}: ${await ended}`);
  alive.add(pid);

  try {
    await writeRecord(context, options.name, { pid, command: options.command, args: options.args, commandLine: null });
    if (options.ready) await waitReady(options.ready, ended, options.readyTimeoutMs ?? 30_000);
    const commandLine = await commandLineOf(pid);
    await writeRecord(context, options.name, { pid, command: options.command, args: options.args, commandLine });
  } catch (error) {
    await stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error([`${options.name} did not start: ${reason}`, ...lines].join('\n  '));
  }

  let disposed = false;
  return {
    name: options.name,
    url: options.url,
    pid,
    give: (message, socket) => give(child, message, socket),
    died: new Promise<string>((resolve) => {
      void ended.then((reason) => {
        if (!disposed) resolve([`${options.name} ${reason}`, ...lines].join('\n  '));
      });
    }),
    async [Symbol.asyncDispose]() {
      disposed = true;
      await stop();
      await rm(recordPath(context, options.name), { force: true });
    },
  };
}

function give(child: ChildProcess, message: object, socket: Socket): boolean {
  if (!child.connected) return false;
  stopReading(socket);
  // Once it is sent the connection is the child's; where sending fails the client has to come again.
  child.send(message, socket, (error) => {
    if (error) socket.destroy();
  });
  return true;
}

/**
 * Node reads on until the other process has confirmed that it has the connection, and throws away what comes: a client that was
 * answered by then would wait for ever. Nothing public stops it, as `pause` leaves the handle of a connection that nobody reads
 * alone.
 */
function stopReading(socket: Socket): void {
  (socket as Socket & { readonly _handle: { readonly readStop: () => void } | null })._handle?.readStop();
}

/** True when something accepts connections on a port, of this machine unless told otherwise; never throws. */
export function portAnswers(port: number, timeoutMs = 500, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** The first of these programs that the PATH knows, as an absolute path, or null. */
export async function findOnPath(...programs: readonly string[]): Promise<string | null> {
  for (const program of programs) {
    try {
      const { stdout } = await run('sh', ['-c', 'command -v "$1"', 'sh', program]);
      if (stdout.trim().startsWith('/')) return stdout.trim();
    } catch {
      // Not there: the next one.
    }
  }
  return null;
}

/** Ends what an earlier, killed stack left running under this name, if the pid still belongs to that program. */
export async function endOrphan(context: StackContext, name: string): Promise<void> {
  const record = await readRecord(context, name);
  if (!record) return;
  const running = await commandLineOf(record.pid);
  if (running !== null && isSameProgram(record, running)) {
    context.log(name, `ending a leftover of an earlier run (pid ${record.pid})`);
    signalGroup(record.pid, 'SIGTERM');
    if (!(await waitGone(record.pid, 5_000))) {
      signalGroup(record.pid, 'SIGKILL');
      await waitGone(record.pid, 5_000);
    }
  }
  await rm(recordPath(context, name), { force: true });
}

function mergedEnv(extra: ChildOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const [key, value] of Object.entries(extra ?? {})) {
    if (value === undefined) delete env[key];
    else env[key] = value;
  }
  return env;
}

/** Hands every output line on and keeps the last few for the message of a failure. */
function followLines(child: ChildProcess, show: (line: string) => void): readonly string[] {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line);
      if (last.length > KEPT_LINES) last.shift();
      show(line);
    });
  }
  return last;
}

async function waitReady(ready: () => Promise<boolean>, ended: Promise<string>, timeoutMs: number): Promise<void> {
  let death: string | null = null;
  void ended.then((reason) => {
    death = reason;
  });
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (death !== null) throw new Error(death);
    if (await ready()) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s`);
    await delay(POLL_MS);
  }
}

async function stopGroup(child: ChildProcess, ended: Promise<string>, timeoutMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child.pid, 'SIGTERM');
  const timer = new AbortController();
  const late = delay(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'cancelled' as const);
  if ((await Promise.race([ended, late])) === 'late') signalGroup(child.pid, 'SIGKILL');
  timer.abort();
  await ended;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

async function waitGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if ((await commandLineOf(pid)) === null) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** A process's command line as the system shows it, or null when it is gone (a zombie counts as gone). */
async function commandLineOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    // Slim containers have no `ps`. A zombie's command line is empty.
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.replaceAll('\0', ' ').trim() || null;
  }
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,command=', '-ww', '-p', String(pid)]);
    const [state = '', ...command] = stdout.trim().split(/\s+/);
    return state === '' || state.startsWith('Z') ? null : command.join(' ');
  } catch {
    return null;
  }
}

function isSameProgram(record: PidRecord, running: string): boolean {
  if (record.commandLine !== null) return running === record.commandLine;
  return running.includes(basename(record.command)) && record.args.every((argument) => running.includes(argument));
}

function recordPath(context: StackContext, name: string): string {
  return join(context.dataDir, 'pids', `${name}.json`);
}

async function writeRecord(context: StackContext, name: string, record: PidRecord): Promise<void> {
  await mkdir(join(context.dataDir, 'pids'), { recursive: true });
  await writeFile(recordPath(context, name), JSON.stringify(record));
}

async function readRecord(context: StackContext, name: string): Promise<PidRecord | null> {
  try {
    const record = JSON.parse(await readFile(recordPath(context, name), 'utf8')) as PidRecord;
    return Number.isInteger(record.pid) && record.pid > 1 ? record : null;
  } catch {
    return null;
  }
}
