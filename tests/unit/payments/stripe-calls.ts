import { createStripeProvider } from '../../../payments/stripe-provider.ts';

type Fetch = typeof fetch;

/** One request that the adapter made. */
export interface StripeCall {
  /** `POST /v1/payouts` */
  readonly what: string;
  readonly key: string | null;
  /** The connected account that it was made for. */
  readonly account: string | null;
  readonly version: string | null;
  /** The form's fields, as Stripe names them: `metadata[deposit_id]`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The adapter, with everything that it asks written down. */
export function recordedProvider(
  answer: Fetch,
  options: { api_base?: string; key?: string; timeout_ms?: number } = {},
) {
  const calls: StripeCall[] = [];
  const recording: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    const form = request.method === 'GET' ? searchParams : new URLSearchParams(await request.clone().text());
    calls.push({
      what: `${request.method} ${pathname}`,
      key: request.headers.get('idempotency-key'),
      account: request.headers.get('stripe-account'),
      version: request.headers.get('stripe-version'),
      fields: Object.fromEntries(form),
    });
    return await answer(input, init);
  };
  const provider = createStripeProvider({
    secret_key: options.key ?? 'sk_test_123',
    webhook_secrets: ['whsec_platform', 'whsec_connect'],
    api_base: options.api_base,
    fetch: recording,
    timeout_ms: options.timeout_ms ?? 5_000,
  });
  return { provider, calls };
}

/** Answers each `METHOD /path` with what stands there; what is not there is a mistake of the test. */
export function scripted(answers: Readonly<Record<string, unknown>>): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const what = `${request.method} ${new URL(request.url).pathname}`;
    const answer = answers[what];
    if (answer instanceof Response) return answer.clone();
    if (answer === undefined) throw new Error(`The test has no answer to ${what}.`);
    return Response.json(answer);
  };
}

/** A refusal as Stripe words it. */
export function stripeError(status: number, type: string, code?: string): Response {
  return Response.json({ error: { type, code, message: 'No.' } }, { status });
}
