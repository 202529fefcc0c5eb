import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A webhook as its receiver took it: known by its id, however often it came. */
export interface Received {
  readonly id: string;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
  times: number;
}

/** Somebody's server on 127.0.0.1 that checks signatures as the library of Standard Webhooks does, and keeps what it took. */
export async function startWebhookReceiver() {
  const received = new Map<string, Received>();
  const answers: (number | 'hang')[] = [];
  let secret = '';
  let refused = 0;
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    try {
      new Webhook(secret).verify(text, request.headers as Record<string, string>);
    } catch {
      refused += 1;
      return void response.writeHead(400).end();
    }
    const answer = answers.shift();
    const id = String(request.headers['webhook-id']);
    // What is not taken is not kept; what hangs was taken, and its sender never learns of it.
    if (answer === undefined || answer === 'hang' || (answer >= 200 && answer < 300)) {
      const known = received.get(id);
      if (known) known.times += 1;
      else received.set(id, { id, body: JSON.parse(text), times: 1 });
    }
    if (answer === 'hang') return;
    response.writeHead(answer ?? 204, answer === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    requests: () => requests,
    refused: () => refused,
    expect(it: string): void {
      secret = it;
    },
    answer(...next: (number | 'hang')[]): void {
      answers.push(...next);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type WebhookReceiver = Awaited<ReturnType<typeof startWebhookReceiver>>;
