import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, portAnswers } from '../../scripts/stack/child.ts';
import { eventually } from './eventually.ts';

/** What the functions under test and the relay share, where the tests start both. */
export const TURN_SECRET = 'a secret of the tests, shared with coturn';
const PORT_VARIABLE = 'ASTRA_TEST_TURN_PORT';

/** Settings of the functions, and the port for the relay of the tests; it runs only while a test needs it. */
export async function turnSettings(): Promise<{ settings: Record<string, string>; variables: Record<string, string> }> {
  const port = await freePort();
  const at = `127.0.0.1:${port}`;
  return {
    settings: {
      ASTRA_STUN_URLS: `stun:${at}`,
      ASTRA_TURN_URLS: `turn:${at}?transport=udp,turn:${at}?transport=tcp`,
      ASTRA_TURN_SECRET: TURN_SECRET,
    },
    variables: { [PORT_VARIABLE]: `${port}` },
  };
}

/** The relay's port, of which the functions under test tell; undefined where they are not ours. */
export function turnPort(): number | undefined {
  const port = process.env[PORT_VARIABLE];
  return port === undefined ? undefined : Number(port);
}

/** As docs/deploy.md has them, but for the networks that the machine of a test may be in. */
const DENIED_PEERS = [
  '100.64.0.0-100.127.255.255',
  '169.254.0.0-169.254.255.255',
  '0.0.0.0-0.255.255.255',
  'fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  'fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
];

export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** What it logged. */
  readonly said: () => string;
}

/**
 * A real coturn, as docs/deploy.md sets one up, on this machine alone.
 * @throws Error that says what to install.
 */
export async function startCoturn(port: number, more: readonly string[] = []): Promise<Relay> {
  const command = await findOnPath('turnserver');
  if (command === null) {
    throw new Error('No coturn found. Install it (Debian: apt-get install coturn; macOS: brew install coturn).');
  }
  const folder = await mkdtemp(join(tmpdir(), 'astra-coturn-'));
  const options = [
    '-n',
    '--use-auth-secret',
    `--static-auth-secret=${TURN_SECRET}`,
    '--realm=astra.test',
    '--fingerprint',
  ].concat(
    [
      '--listening-ip=127.0.0.1',
      '--relay-ip=127.0.0.1',
      `--listening-port=${port}`,
      '--no-tls',
      '--no-dtls',
      '--no-cli',
    ],
    // Both ends of a call are on this machine; a relay for others refuses that.
    [
      '--allow-loopback-peers',
      '--log-file=stdout',
      '--verbose',
      `--pidfile=${join(folder, 'pid')}`,
      `--userdb=${join(folder, 'db')}`,
      ...DENIED_PEERS.map((range) => `--denied-peer-ip=${range}`),
      ...more,
    ],
  );
  const child = spawn(command, options, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-200_000);
    });
  }
  const exited = once(child, 'exit');
  await eventually(`coturn listens at ${port}`, async () => {
    if (child.exitCode !== null) throw new Error(`coturn ended:\n${said}`);
    return await portAnswers(port);
  });
  return {
    port,
    said: () => said,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nothing has; taken again by whoever is told. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
