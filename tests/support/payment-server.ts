import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeProvider } from '../../payments/fake-provider.ts';
import type { PaymentProvider } from '../../payments/provider.ts';
import { type PaymentsServerOptions, startPaymentsServer } from '../../scripts/stack/payments.ts';

export const API_KEY = 'sk_fake_of_this_test';
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 'secret').toString('base64')}`;

/** One request that arrived where webhooks are sent. */
export interface Arrival {
  readonly headers: Headers;
  readonly body: string;
}

/** Takes webhooks and answers each with what `answer` says at that moment. */
export interface WebhookSink extends AsyncDisposable {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** Default 204. */
  answer: (arrival: Arrival) => number;
}

export async function openWebhookSink(): Promise<WebhookSink> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const arrival = { headers, body: Buffer.concat(parts).toString() };
      arrivals.push(arrival);
      response.writeHead(sink.answer(arrival)).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sink: WebhookSink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/wallet/webhooks/fake`,
    arrivals,
    answer: () => 204,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return sink;
}

/** The stack's payment provider on a port and a folder of its own, with its client. */
export interface PaymentServer extends AsyncDisposable {
  readonly url: string;
  readonly provider: PaymentProvider;
  /** Asks as a server of ours, with the key; gives the status and the parsed body. */
  readonly ask: (method: string, path: string, body?: unknown, headers?: HeadersInit) => Promise<Answer>;
  /** Stops it and starts it again with the same file. */
  readonly restart: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes, and fail where one is not as they say.
  readonly body: any;
}

export async function openPaymentServer(
  webhookUrl: string,
  options: Partial<PaymentsServerOptions> = {},
): Promise<PaymentServer> {
  const folder = await mkdtemp(join(tmpdir(), 'astra-payments-'));
  const port = await freePort();
  const start = () =>
    startPaymentsServer({
      port,
      path: join(folder, 'payments.jsonl'),
      apiKey: API_KEY,
      webhookSecret: WEBHOOK_SECRET,
      webhookUrl,
      settle_ms: 5,
      retries: { attempts: 12, first_pause_ms: 5, longest_pause_ms: 50 },
      log: () => undefined,
      ...options,
    });
  let server = await start();
  const url = server.url;
  return {
    url,
    provider: createFakeProvider({
      url,
      api_key: API_KEY,
      webhook_secrets: [WEBHOOK_SECRET],
      fetch,
      timeout_ms: 5_000,
    }),
    async ask(method, path, body, headers = { authorization: `Bearer ${API_KEY}` }) {
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await fetch(`${url}${path}`, init);
      const text = await response.text();
      const json = response.headers.get('content-type')?.includes('json');
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    },
    async restart() {
      await server[Symbol.asyncDispose]();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
