import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { installDebianPackage } from './apt.ts';
import { endOrphan, findOnPath, portAnswers, startChild } from './child.ts';
import type { Service, StackContext } from './context.ts';
import { childEnvironment } from './environment.ts';
import { externalStoreUrl, useExternalStore } from './external-store.ts';

const NAME = 'redis';

/**
 * Redis for this stack: `REDIS_URL` if given, else a `redis-server` of this machine on a loopback port of its own.
 * @returns null when there is none to be had: the stack then runs without a cache, and the log says what to install.
 */
export async function startRedis(context: StackContext): Promise<Service | null> {
  const given = externalStoreUrl(NAME);
  if (given) return await useExternalStore(context, NAME, given);
  const server = await ensureRedis(context.log);
  if (server === null) return null;

  const port = context.ports.redis;
  await endOrphan(context, NAME);
  if (await portAnswers(port)) {
    throw new Error(
      `Port ${port} (Redis) is taken. Stop what uses it, or choose other ports: npm start -- --port-base 55321`,
    );
  }
  const folder = join(context.dataDir, 'redis');
  await mkdir(folder, { recursive: true });
  return startChild(context, {
    name: NAME,
    command: server,
    // No persistence: everything in here can be built again from Postgres.
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'].concat([
      ...['--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru', '--loglevel', 'warning'],
    ]),
    url: `redis://127.0.0.1:${port}`,
    env: childEnvironment({}),
    ready: () => redisAnswers(port),
    // Its greetings and its advice about kernel settings do not matter on a laptop; its last lines are in `died`.
    filterLine: (line) => (/error|fail|fatal|can't|oom/i.test(line) && !line.includes('WARNING') ? line : null),
  });
}

/**
 * True when a Redis on this machine answers a command. Its port takes connections before it has given itself the name by which
 * the next start recognises a leftover, and that name is what is kept once it is ready.
 */
export function redisAnswers(port: number, timeoutMs = 500): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('data', (answer) => finish(answer.toString().startsWith('+PONG')));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}

/**
 * Finds a `redis-server`, or installs Debian's when that needs no password.
 * @returns its path, or null after having said what to type.
 */
export async function ensureRedis(log: StackContext['log']): Promise<string | null> {
  const found = await findOnPath('redis-server', 'valkey-server');
  if (found) return found;
  const apt = await findOnPath('apt-get');
  if (await installDebianPackage('redis-server', (line) => log(NAME, line))) return await findOnPath('redis-server');
  const command = apt ? 'sudo apt-get install -y redis-server' : 'brew install redis (or your package manager)';
  log(NAME, `no Redis here: the stack runs without a cache. To have one: ${command}, or set REDIS_URL.`);
  return null;
}
