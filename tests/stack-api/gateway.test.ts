import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../scripts/stack/context.ts';
import { startGateway } from '../../scripts/stack/gateway.ts';
import { openScratch, type Scratch } from './scratch.ts';

let scratch: Scratch;
let gateway: Service;
let peers: (string | null)[];

/** Runs one function host for the length of a test. */
async function hostFunctions(listener: RequestListener, { context } = scratch): Promise<AsyncDisposable> {
  const server = createServer(listener).listen(context.ports.functions, '127.0.0.1');
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

beforeAll(async () => {
  scratch = await openScratch();
  peers = [];
  gateway = await startGateway(scratch.context, {
    supabase: {
      async fetch(request, peerAddress) {
        peers.push(peerAddress);
        const { pathname, search } = new URL(request.url);
        const body = {
          path: pathname + search,
          body: await request.text(),
          forwarded: request.headers.get('x-forwarded-for'),
        };
        return Response.json(body, {
          headers: [
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
          ],
        });
      },
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

describe('routes', () => {
  it.each([
    ['/functions/v1/wallet/transactions?limit=2', '/wallet/transactions?limit=2'],
    ['/api/wallet/transactions?limit=2', '/wallet/transactions?limit=2'],
    ['/api/wallet', '/wallet'],
    ['/functions/v1/wallet/', '/wallet/'],
  ])('passes %s on as %s', async (path, seen) => {
    await using _host = await hostFunctions((request, response) => response.end(request.url));
    expect(await (await fetch(gateway.url + path)).text()).toBe(seen);
  });

  it('hands Auth, REST and Storage the real peer, all cookies and nobody else’s word', async () => {
    const response = await fetch(`${gateway.url}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '203.0.113.9' },
      body: '{"a":1}',
    });
    expect(await response.json()).toEqual({
      path: '/auth/v1/token?grant_type=password',
      body: '{"a":1}',
      forwarded: '127.0.0.1',
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(peers.at(-1)).toBe('127.0.0.1');
  });

  it.each(['/nowhere', '/api', '/functions/v1', '/functions/v1/%2e%2e/x', '/_system/info', '/authx/v1'])(
    'answers 404 for %s (gateway.not_found)',
    async (path) => {
      const response = await fetch(gateway.url + path);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ status: 404, code: 'gateway.not_found' });
    },
  );

  it('answers /health', async () => {
    expect(await (await fetch(`${gateway.url}/health`)).json()).toEqual({ status: 'ok' });
  });

  it.each(['/auth/v1/token', '/rest/v1/profiles', '/storage/v1/object/x/y'])(
    'lets browsers of any origin call %s with the headers of the SDK',
    async (path) => {
      const response = await fetch(gateway.url + path, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:3000',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'apikey,authorization,x-client-info',
        },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-headers')).toContain('apikey');
      const answer = await fetch(gateway.url + path, { method: 'POST', headers: { origin: 'http://localhost:3000' } });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    },
  );
});

describe('functions', () => {
  it('says itself where a request comes from and drops what belongs to one connection', async () => {
    let seen: IncomingMessage['headers'] = {};
    await using _host = await hostFunctions((request, response) => {
      seen = request.headers;
      response.end();
    });
    const request = httpRequest(`${gateway.url}/api/users/me`, {
      headers: {
        authorization: 'Bearer token',
        forwarded: 'for=203.0.113.9',
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'https',
        'x-real-ip': '203.0.113.9',
        connection: 'keep-alive, x-secret-hop',
        'x-secret-hop': '1',
        te: 'trailers',
      },
    }).end();
    await once(request, 'response');
    expect(seen).toMatchObject({
      authorization: 'Bearer token',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(gateway.url).host,
    });
    for (const name of ['forwarded', 'x-real-ip', 'x-secret-hop', 'te']) expect(seen).not.toHaveProperty(name);
  });

  it('passes an event stream on event by event', async () => {
    const sendNext = Promise.withResolvers<void>();
    await using _host = await hostFunctions(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      await sendNext.promise;
      response.end('data: 2\n\n');
    });
    const response = await fetch(`${gateway.url}/api/notifications/stream`);
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    // The host has not sent the second event, so the first one was not held back.
    expect((await reader.read()).value).toBe('data: 1\n\n');
    sendNext.resolve();
    expect((await reader.read()).value).toBe('data: 2\n\n');
    expect((await reader.read()).done).toBe(true);
  });

  it('passes a request body on while it is still being sent', async () => {
    await using _host = await hostFunctions((request, response) => {
      request.once('data', (part: Buffer) => response.end(`first: ${part}`));
    });
    const request = httpRequest(`${gateway.url}/functions/v1/media/upload`, { method: 'POST' });
    request.on('error', () => undefined);
    request.write('a');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('first: a');
    request.destroy();
  });

  it('ends the request at the function when the client leaves', async () => {
    const left = Promise.withResolvers<void>();
    await using _host = await hostFunctions((_request, response) => {
      response.on('close', () => left.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
    });
    const leaving = new AbortController();
    const response = await fetch(`${gateway.url}/api/notifications/stream`, { signal: leaving.signal });
    expect(response.status).toBe(200);
    leaving.abort();
    await left.promise;
  });

  it('answers 503 with Retry-After while the functions are down (gateway.functions_unavailable)', async () => {
    const response = await fetch(`${gateway.url}/api/wallet`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({ code: 'gateway.functions_unavailable' });
  });

  it('answers 504 when a function says nothing (gateway.timeout)', async () => {
    // A gateway of its own, which loses patience sooner than a busy machine answers.
    await using own = await openScratch();
    const supabase = { fetch: async () => new Response() };
    await using impatient = await startGateway(own.context, { answerMs: 300, supabase });
    await using _host = await hostFunctions(() => undefined, own);
    const response = await fetch(`${impatient.url}/api/wallet`);
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ code: 'gateway.timeout' });
  });

  it('cuts the connection when the function dies in the middle of an answer', async () => {
    await using _host = await hostFunctions((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
    });
    const response = await fetch(`${gateway.url}/api/wallet`);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('limits', () => {
  const big = Buffer.alloc(11 * 1024 * 1024);

  it.each(['/rest/v1/profiles', '/api/wallet'])(
    'refuses a body over 10 MiB on %s, announced or not (gateway.payload_too_large)',
    async (path) => {
      await using _host = await hostFunctions((request, response) => {
        request.resume().on('end', () => response.end());
      });
      const announced = await post(path, big, { 'content-length': String(big.length) });
      const chunked = await post(path, big, { 'transfer-encoding': 'chunked' });
      for (const answer of [announced, chunked]) {
        expect(answer.status).toBe(413);
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'gateway.payload_too_large' });
      }
    },
  );

  it('takes the next request of a connection whose last one was answered before it was read', async () => {
    await using _host = await hostFunctions((request, response) => {
      if (request.method === 'POST') response.writeHead(413).end('too large');
      else response.end('next');
    });
    const socket = connect(scratch.context.ports.api, '127.0.0.1');
    const body = Buffer.alloc(8 * 1024 * 1024);
    socket.write(`POST /api/wallet HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
    socket.write('GET /api/wallet HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const answers = await text(socket);
    expect(answers).toMatch(/^HTTP\/1\.1 413 /);
    expect(answers).toContain('next');
  });

  it('takes files over 10 MiB for Storage', async () => {
    expect((await post('/storage/v1/object/media/film', big, {})).status).toBe(200);
  });
});

describe('WebSockets', () => {
  it('says so while no Realtime server answers (gateway.realtime_unavailable)', async () => {
    const socket = connect(scratch.context.ports.api, '127.0.0.1');
    socket.write(
      'GET /realtime/v1/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('gateway.realtime_unavailable');
  });
});

it('listens on 127.0.0.1 and no other address', async () => {
  const other = connect(scratch.context.ports.api, '127.0.0.2');
  await expect(once(other, 'connect')).rejects.toThrow();
});

function post(
  path: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(gateway.url + path, { method: 'POST', headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
