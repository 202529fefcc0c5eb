import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import {
  assertFresh,
  type Deposit,
  type LinkedAccount,
  linkedAccount,
  type PaymentProvider,
  type Payout,
  ProviderError,
  type ProviderEvent,
  providerEvent,
  WebhookRefused,
  type WebhookRequest,
} from './provider.ts';

export interface FakeProviderOptions {
  /** Where the fake of the local stack answers, without a path. */
  readonly url: string;
  readonly api_key: string;
  /** `whsec_…`, base64; two while one is being replaced. */
  readonly webhook_secrets: readonly string[];
  readonly fetch: typeof fetch;
  /** After this a call has an unknown outcome. */
  readonly timeout_ms: number;
}

/** The client of the local stack's payment provider (docs/payments.md has its protocol). */
export function createFakeProvider(options: FakeProviderOptions): PaymentProvider {
  const verifiers = options.webhook_secrets.map((secret) => new Webhook(secret));
  const ask = <T>(call: Call<T>) => request(options, call);
  return {
    name: 'fake',

    async linkAccount({ token, user_id, idempotency_key }): Promise<LinkedAccount> {
      const { id, ...account } = await ask({
        method: 'POST',
        path: '/v1/accounts',
        key: idempotency_key,
        body: { token, user_id },
        answer: accountAnswer,
      });
      return { ...account, provider_token: id };
    },

    async unlinkAccount(provider_token): Promise<void> {
      await ask({ method: 'DELETE', path: `/v1/accounts/${encodeURIComponent(provider_token)}`, answer: z.unknown() });
    },

    async createDeposit({ deposit_id, user_id, amount_minor, currency, exponent }): Promise<Deposit> {
      const { id, checkout_url } = await ask({
        method: 'POST',
        path: '/v1/deposits',
        key: deposit_id,
        body: { reference: deposit_id, user_id, amount_minor, currency, exponent },
        answer: z.object({ id: z.string().min(1), checkout_url: z.url() }),
      });
      return { provider_reference: id, checkout: { url: checkout_url } };
    },

    async createPayout({ withdrawal_id, user_id, account_token, amount_minor, currency, exponent }): Promise<Payout> {
      const { id } = await ask({
        method: 'POST',
        path: '/v1/payouts',
        key: withdrawal_id,
        body: { reference: withdrawal_id, user_id, account: account_token, amount_minor, currency, exponent },
        answer: z.object({ id: z.string().min(1) }),
      });
      return { provider_reference: id };
    },

    parseWebhook: async (webhook) => parse(webhook, verifiers),
  };
}

const accountAnswer = linkedAccount.omit({ provider_token: true }).extend({ id: z.string().min(1) });

interface Call<T> {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly key?: string;
  readonly body?: unknown;
  readonly answer: z.ZodType<T>;
}

async function request<T>(options: FakeProviderOptions, call: Call<T>): Promise<T> {
  const { status, text } = await send(options, call);
  const gone = call.method === 'DELETE' && status === 404;
  if (!gone && (status < 200 || status > 299)) throw refusal(status, text);
  const answer = call.answer.safeParse(parseJson(text));
  if (answer.success) return answer.data;
  throw new ProviderError('provider.unavailable', 'bad_answer', 'the answer has an unknown shape', answer.error);
}

async function send(
  { fetch, url, api_key, timeout_ms }: FakeProviderOptions,
  { method, path, key, body }: Call<unknown>,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${api_key}`,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout_ms),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // The request may have arrived all the same.
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    const code = timedOut ? 'timeout' : 'connection';
    throw new ProviderError('provider.unavailable', code, 'the payment provider did not answer', error);
  }
}

const errorAnswer = z.object({ error: z.object({ code: z.string().max(100), message: z.string().max(500) }) });

/** Only a 4xx that judges the request is final; the rest is somebody's trouble that may pass. */
function refusal(status: number, text: string): ProviderError {
  const parsed = errorAnswer.safeParse(parseJson(text));
  const { code, message } = parsed.success ? parsed.data.error : { code: `http_${status}`, message: 'no reason given' };
  const passing = status < 400 || status >= 500 || [401, 403, 408, 425, 429].includes(status);
  return new ProviderError(passing ? 'provider.unavailable' : 'provider.refused', code, message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Standard Webhooks asks for a type, a time and the data; the id is the header's, which the signature covers. */
const payload = z.object({ type: z.string().max(255), timestamp: z.string(), data: z.looseObject({}) });
const OUR_TYPES: readonly string[] = ['deposit.succeeded', 'deposit.failed', 'payout.paid', 'payout.failed'];

function parse({ headers, body, now_ms }: WebhookRequest, verifiers: readonly Webhook[]): ProviderEvent {
  const event_id = headers.get('webhook-id') ?? '';
  const timestamp = headers.get('webhook-timestamp') ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookRefused('the timestamp is missing or no number');
  assertFresh(Number(timestamp), now_ms);
  const message = payload.safeParse(verified(verifiers, { headers, body }));
  if (!message.success) throw new WebhookRefused('the body has an unknown shape', message.error);
  const { type, timestamp: occurred_at, data } = message.data;
  if (!OUR_TYPES.includes(type)) return providerEvent.parse({ event_id, type: 'ignored', provider_type: type });
  const event = providerEvent.safeParse({ ...data, event_id, occurred_at, type });
  if (!event.success) throw new WebhookRefused('the event has an unknown shape', event.error);
  return event.data;
}

/** The body, once one of the secrets fits. The package checks its own clock too, which is as strict. */
function verified(verifiers: readonly Webhook[], { headers, body }: Pick<WebhookRequest, 'headers' | 'body'>): unknown {
  let reason: unknown;
  for (const verifier of verifiers) {
    try {
      return verifier.verify(body, Object.fromEntries(headers));
    } catch (error) {
      reason = error;
    }
  }
  throw new WebhookRefused('no signature fits', reason);
}
