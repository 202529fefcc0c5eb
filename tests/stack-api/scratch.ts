import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StackContext, StackPorts } from '../../scripts/stack/context.ts';

/** A context with ports and a folder of its own, for starting single parts of a stack. */
export interface Scratch extends AsyncDisposable {
  readonly context: StackContext;
}

export const JWT_SECRET = 'a-secret-of-this-test-with-at-least-32-characters';

export async function openScratch(): Promise<Scratch> {
  const dataDir = await mkdtemp(join(tmpdir(), 'astra-test-'));
  const passwords = {
    supabase_admin: '',
    postgres: '',
    supabase_lite: '',
    supabase_realtime_gateway: '',
    astra_api: '',
    astra_worker: '',
  };
  const context: StackContext = {
    root: resolve(import.meta.dirname, '../..'),
    dataDir,
    cacheDir: join(dataDir, 'cache'),
    ports: await freePorts(),
    secrets: {
      passwords,
      jwtSecret: JWT_SECRET,
      publishableKey: 'sb_publishable_test',
      secretKey: 'sb_secret_test',
      paymentsKey: 'sk_fake_test',
      paymentsWebhookSecret: 'whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=',
      vapidPublicKey: `B${'A'.repeat(86)}`,
      vapidPrivateKey: 'A'.repeat(43),
    },
    log: () => undefined,
  };
  return { context, [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) };
}

/** Ports that were free a moment ago; all are held until the last one is found, so that they differ. */
async function freePorts(): Promise<StackPorts> {
  const servers = await Promise.all(
    Array.from(
      { length: 11 },
      () =>
        new Promise<ReturnType<typeof createServer>>((found) => {
          const server = createServer().listen(0, '127.0.0.1', () => found(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  const [
    api = 0,
    database = 0,
    studio = 0,
    mail = 0,
    smtp = 0,
    functions = 0,
    worker = 0,
    redis = 0,
    mongodb = 0,
    payments = 0,
    realtime = 0,
  ] = ports;
  return { api, database, studio, mail, smtp, functions, worker, redis, mongodb, payments, realtime };
}
