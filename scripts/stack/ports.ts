import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { portAnswers } from './child.ts';
import { DEFAULT_PORT_BASE, portsFrom, type StackPorts } from './context.ts';

const run = promisify(execFile);

/** Where a second stack is proposed: far enough from the first, and not the tests'. */
const OTHER_PORT_BASE = 55321;

const FREE_BASE = { from: 20_000, step: 20, choices: 600, attempts: 20 };

/**
 * Checks that nothing else listens on these ports, before anything is started.
 * @throws Error that names each port, the part that wants it, who holds it if that can be known, and the next command.
 */
export async function assertPortsFree(ports: Readonly<Partial<StackPorts>>): Promise<void> {
  const found = await Promise.all(
    Object.entries(ports).map(async ([part, port]) => {
      if (await isFree(port)) return null;
      const holder = await findHolder(port);
      return `Port ${port} (${part}) is taken${holder ? ` by ${holder}` : ''}.`;
    }),
  );
  const taken = found.filter((line) => line !== null);
  if (taken.length === 0) return;
  const other = ports.api === undefined || ports.api === DEFAULT_PORT_BASE ? OTHER_PORT_BASE : ports.api + 1000;
  throw new Error(`${taken.join('\n')}\n  Next: stop what uses it, or: npm start -- --port-base ${other}`);
}

/** Checks a port base that a person typed: eleven ports from it on must exist and need no privileges. */
export function parsePortBase(text: string): number {
  const base = Number(text);
  if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
    throw new Error(
      `--port-base is a number from 1024 to 65000, not "${text}".\n  Next: npm start -- --port-base 55321`,
    );
  }
  return base;
}

/**
 * A base whose ports are all free right now, for tests and benches. It lies below the range that systems give to outgoing
 * connections, so that none of those takes a port between this look and the start.
 */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < FREE_BASE.attempts; attempt += 1) {
    const base = FREE_BASE.from + FREE_BASE.step * randomInt(FREE_BASE.choices);
    const free = await Promise.all(Object.values(portsFrom(base)).map((port) => isFree(port)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`No eleven free ports in a row from ${FREE_BASE.from} up, in ${FREE_BASE.attempts} attempts.`);
}

async function isFree(port: number): Promise<boolean> {
  // Asked as well, because some systems let a loopback listener stand beside one on all addresses.
  if (await portAnswers(port)) return false;
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** `name (pid 123)`, or null: other people's processes cannot be seen without being root. */
async function findHolder(port: number): Promise<string | null> {
  try {
    return process.platform === 'linux' ? await holderFromProc(port) : await holderFromLsof(port);
  } catch {
    return null;
  }
}

async function holderFromLsof(port: number): Promise<string | null> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const command = /^c(.+)$/m.exec(stdout)?.[1];
  return pid ? `${command ?? 'a process'} (pid ${pid})` : null;
}

async function holderFromProc(port: number): Promise<string | null> {
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const socket of listeningSockets(await readFile(table, 'utf8').catch(() => ''))) {
      if (socket.port === port) sockets.add(`socket:[${socket.inode}]`);
    }
  }
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (sockets.has(target)) {
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        return `${basename(command.split('\0')[0] || 'a process')} (pid ${pid})`;
      }
    }
  }
  return null;
}

/** One listening socket of Linux' table; `address` is hexadecimal, as the kernel writes it. */
export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** Reads `/proc/net/tcp` or `tcp6`: columns are fixed by the kernel (Documentation/networking/proc_net_tcp.rst). */
export function listeningSockets(table: string): ListeningSocket[] {
  const LISTEN = '0A';
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN)
    .map((columns) => {
      const [address = '', port = ''] = (columns[1] ?? '').split(':');
      return { address, port: Number.parseInt(port, 16), inode: columns[9] ?? '' };
    });
}
