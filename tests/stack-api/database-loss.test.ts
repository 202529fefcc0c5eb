import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Service } from '../../scripts/stack/context.ts';
import { startGateway } from '../../scripts/stack/gateway.ts';
import { type SupabaseService, startSupabase } from '../../scripts/stack/supabase.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { openScratch, type Scratch } from './scratch.ts';

let scratch: Scratch;
let database: Awaited<ReturnType<typeof startCuttable>>;
let supabase: SupabaseService;
let gateway: Service;

beforeAll(async () => {
  scratch = await openScratch();
  database = await startCuttable(testEnvironment().SUPABASE_DB_URL);
  supabase = await startSupabase(scratch.context, { databaseUrl: database.url, mail: { send: async () => undefined } });
  gateway = await startGateway(scratch.context, { supabase });
});

afterAll(async () => {
  for (const part of [gateway, supabase, database, scratch]) await part[Symbol.asyncDispose]();
});

const REQUESTS: readonly [string, RequestInit][] = [
  ['/rest/v1/profiles?select=id&limit=1', {}],
  ['/auth/v1/token?grant_type=password', { method: 'POST', body: '{"email":"nobody@example.com","password":"wrong"}' }],
  ['/storage/v1/bucket', {}],
];

function ask([path, init]: (typeof REQUESTS)[number]): Promise<Response> {
  const headers = { apikey: scratch.context.secrets.publishableKey, 'content-type': 'application/json' };
  return fetch(gateway.url + path, { ...init, headers });
}

it('answers 503 while the database is gone and recovers without a restart (gateway.database_unavailable)', async () => {
  for (const request of REQUESTS) expect((await ask(request)).status).toBeLessThan(500);

  await database.stop();
  // Twice, and several at once: the first ones meet dead connections, the others find nobody to connect to.
  for (const request of [...REQUESTS, ...REQUESTS]) {
    const [response] = await Promise.all([ask(request), ask(request), ask(request)]);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'gateway.database_unavailable' });
  }

  await database.start();
  for (const request of REQUESTS) {
    await eventually('an answer', async () => (await ask(request)).status < 500);
  }
});

it('recovers when only the connections were cut', async () => {
  for (const request of REQUESTS) {
    database.cut();
    await eventually('an answer', async () => (await ask(request)).status < 500);
  }
});

/** A way to the database that can be taken away. */
async function startCuttable(target: string) {
  const url = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(url.port || 5432), url.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(scratch.context.ports.database, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(url);
  through.host = `127.0.0.1:${scratch.context.ports.database}`;
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  return {
    url: through.href,
    cut,
    stop,
    async start() {
      server.listen(scratch.context.ports.database, '127.0.0.1');
      await once(server, 'listening');
    },
    [Symbol.asyncDispose]: stop,
  };
}
