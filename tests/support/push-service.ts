import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, importJWK, jwtVerify } from 'jose';

/** What a browser gives an app when it subscribes. */
export interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A message as the browser shows it. */
export interface Pushed {
  readonly endpoint: string;
  readonly payload: Record<string, unknown>;
  readonly topic: string | undefined;
  readonly urgency: string | undefined;
  readonly ttl: string | undefined;
}

/** How the service answers the next messages for an endpoint; `hang`: never. */
export type PushAnswer = number | 'hang' | { readonly status: number; readonly retryAfter_s: number };

/**
 * A push service as RFC 8030 has it, and the browsers behind it, on 127.0.0.1: it knows its subscriptions, asks for VAPID (RFC 8292), and the browsers
 * decrypt what comes (RFC 8291). What it does not know, or was told to forget, is 404 or 410.
 */
export async function startPushService(vapidPublicKey: string) {
  const browsers = new Map<string, { readonly decrypt: (body: Buffer) => string }>();
  const answers = new Map<string, PushAnswer[]>();
  const pushed: Pushed[] = [];
  let requests = 0;

  const server = createServer(async (request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const endpoint = `${origin}${request.url}`;
    const answer = answers.get(endpoint)?.shift();
    if (answer === 'hang') return;
    if (typeof answer === 'object')
      return void response.writeHead(answer.status, { 'retry-after': String(answer.retryAfter_s) }).end();
    if (answer !== undefined) return void response.writeHead(answer).end('no');
    const browser = browsers.get(endpoint);
    if (browser === undefined) return void response.writeHead(404).end();
    try {
      await checkVapid(request.headers.authorization ?? '', vapidPublicKey, origin);
      if (request.headers['content-encoding'] !== 'aes128gcm') throw new Error('not aes128gcm');
      if (Buffer.concat(chunks).length > 4096) throw new Error('too large');
      pushed.push({
        endpoint,
        payload: JSON.parse(browser.decrypt(Buffer.concat(chunks))) as Record<string, unknown>,
        topic: request.headers['topic'] as string | undefined,
        urgency: request.headers['urgency'] as string | undefined,
        ttl: request.headers['ttl'] as string | undefined,
      });
      response.writeHead(201, { location: `${endpoint}/message` }).end();
    } catch (error) {
      response.writeHead(403).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    pushed,
    requests: () => requests,
    /** A browser subscribes. */
    subscribe(): Subscription {
      const keys = createECDH('prime256v1');
      keys.generateKeys();
      const auth = randomBytes(16);
      const endpoint = `${origin}/push/${randomBytes(16).toString('hex')}`;
      browsers.set(endpoint, { decrypt: (body) => decrypt(body, keys, auth) });
      return { endpoint, keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') } };
    },
    answer(endpoint: string, ...next: PushAnswer[]): void {
      answers.set(endpoint, next);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type PushService = Awaited<ReturnType<typeof startPushService>>;

/** `vapid t=<jwt>, k=<key>`: of the key that the browser subscribed with, for this service, not for longer than a day. */
async function checkVapid(header: string, publicKey: string, audience: string): Promise<void> {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(header) ?? [];
  if (key !== publicKey) throw new Error('another key');
  const point = Buffer.from(publicKey, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  await jwtVerify(token, await importJWK(jwk, 'ES256'), { audience, algorithms: ['ES256'] });
  const { exp = 0, sub = '' } = decodeJwt(token);
  if (exp > Date.now() / 1_000 + 86_400 || !/^(mailto:|https:)/.test(sub)) throw new Error('bad claims');
}

/** RFC 8188 and RFC 8291, by the receiver: one record, for this browser's key and secret. */
function decrypt(body: Buffer, keys: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', keys.computeSecret(sender), auth, info, 32));
  const derive = (label: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${label}\0`), length));
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}
