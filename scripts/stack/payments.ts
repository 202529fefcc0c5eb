import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Service, StackContext } from './context.ts';
import { BodyTooLarge } from './gateway/body.ts';
import { answerByFetch } from './gateway/fetch-bridge.ts';
import { listen } from './gateway/listen.ts';
import { guardLocal } from './gateway/local-only.ts';
import { sendProblem } from './gateway/respond.ts';
import { createPaymentsApp } from './payments/app.ts';
import { createBank } from './payments/bank.ts';
import { createDeliveries, type RetryPolicy } from './payments/deliveries.ts';
import { openPaymentStore } from './payments/store.ts';

const MAX_BODY_BYTES = 64 * 1024;
const SETTLE_MS = 300;

export interface PaymentsServerOptions {
  readonly port: number;
  /** The file with everything that it remembers. */
  readonly path: string;
  readonly apiKey: string;
  /** `whsec_…` */
  readonly webhookSecret: string;
  readonly webhookUrl: string;
  /** How long a payout is under way; default 300 ms. */
  readonly settle_ms?: number;
  readonly retries?: RetryPolicy;
  readonly log: (line: string) => void;
}

/**
 * Starts the stack's payment provider on `ports.payments`: it takes deposits, pays out, and tells the wallet function by
 * signed webhooks. No money moves. What it knows is kept in `dataDir/payments.jsonl`.
 * @throws Error when the port is taken.
 */
export function startPayments(context: StackContext): Promise<Service> {
  const settle_ms = Number(process.env['ASTRA_PAYMENTS_SETTLE_MS'] || SETTLE_MS);
  if (!Number.isInteger(settle_ms) || settle_ms < 0 || settle_ms > 3_600_000) {
    throw new Error('ASTRA_PAYMENTS_SETTLE_MS is a number of milliseconds, at most an hour.');
  }
  return startPaymentsServer({
    port: context.ports.payments,
    path: join(context.dataDir, 'payments.jsonl'),
    apiKey: context.secrets.paymentsKey,
    webhookSecret: context.secrets.paymentsWebhookSecret,
    webhookUrl: `http://127.0.0.1:${context.ports.api}/functions/v1/wallet/webhooks/fake`,
    settle_ms,
    log: (line) => context.log('payments', line),
  });
}

/** The provider by itself, as tests start it. */
export async function startPaymentsServer(options: PaymentsServerOptions): Promise<Service> {
  const { port, log } = options;
  const origin = `http://127.0.0.1:${port}`;
  const store = await openPaymentStore(options.path);
  const deliveries = createDeliveries({
    store,
    url: options.webhookUrl,
    secret: options.webhookSecret,
    log,
    ...(options.retries && { retries: options.retries }),
  });
  const bank = createBank({ store, deliveries, settle_ms: options.settle_ms ?? SETTLE_MS });
  const app = createPaymentsApp({ store, bank, deliveries, apiKey: options.apiKey, origin });
  const closeParts = async () => {
    bank[Symbol.dispose]();
    await deliveries[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    answerByFetch(async (asked) => await app.fetch(asked), request, response, `${origin}${request.url ?? '/'}`, {
      maxBytes: MAX_BODY_BYTES,
      stream: false,
    }).catch((error: unknown) => refuseLarge(response, error));
  try {
    const server = await listen(
      createServer(withOpenTokens(answer, guardLocal(port, answer, log), log)),
      port,
      'payments',
    );
    bank.resume();
    deliveries.resume();
    return {
      name: 'payments',
      url: origin,
      died: server.died,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An app's page tokenises an account at the provider itself, so this one path answers every origin. */
function withOpenTokens(
  answer: Answer,
  guarded: (request: IncomingMessage, response: ServerResponse) => void,
  log: (line: string) => void,
) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url !== '/v1/tokens') {
      guarded(request, response);
      return;
    }
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'content-type');
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    answer(request, response).catch((error: unknown) => {
      log(`tokens: ${String(error)}`);
      response.destroy();
    });
  };
}

function refuseLarge(response: ServerResponse, error: unknown): void {
  if (!(error instanceof BodyTooLarge)) throw error;
  response.setHeader('connection', 'close');
  const hint = 'Send less at once.';
  sendProblem(response, { status: 413, code: 'payments.too_large', detail: error.message, hint });
}
