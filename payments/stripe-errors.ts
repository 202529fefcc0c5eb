import { ProviderError } from './provider.ts';

/** What a Stripe error tells, read by shape: the package is loaded on first use only. */
interface StripeFailure {
  readonly type: string;
  readonly statusCode: number | undefined;
  readonly code: string | undefined;
  readonly decline_code: string | undefined;
}

/**
 * Runs one call of Stripe's client, and says of its failure whether it is final.
 * @throws ProviderError, and nothing else.
 */
export async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof ProviderError ? error : toProviderError(error);
  }
}

/**
 * Final is only a 4xx that judges this request. A wrong key, a limit, a conflict with a call still running, a timeout and
 * every 5xx leave the outcome open.
 */
function toProviderError(error: unknown): ProviderError {
  const failure = stripeFailure(error);
  if (failure === null) return new ProviderError('provider.unavailable', 'unexpected', 'the call failed', error);
  const provider_code = failure.decline_code ?? failure.code ?? failure.type;
  const judged = ['StripeCardError', 'StripeInvalidRequestError', 'StripeIdempotencyError'].includes(failure.type);
  // 409 is a conflict with a call that still runs, also under the name of an idempotency error.
  const final = judged && failure.statusCode !== 409 && !PASSING.has(failure.code ?? '');
  // Stripe's text may repeat what was sent; it stays in the cause.
  return final
    ? new ProviderError('provider.refused', provider_code, 'Stripe refused', error)
    : new ProviderError('provider.unavailable', provider_code, 'Stripe did not decide', error);
}

/** https://docs.stripe.com/error-codes: refusals of the moment, not of the request. */
const PASSING = new Set([
  'lock_timeout',
  'rate_limit',
  'idempotency_key_in_use',
  'api_key_expired',
  'platform_api_key_expired',
]);

/** Whether Stripe says that there is no such thing (any more). */
export function isMissing(error: unknown): boolean {
  const failure = stripeFailure(error);
  return failure?.statusCode === 404 || failure?.code === 'resource_missing' || failure?.code === 'account_invalid';
}

function stripeFailure(error: unknown): StripeFailure | null {
  if (!(error instanceof Error) || !('type' in error) || typeof error.type !== 'string') return null;
  if (!error.type.startsWith('Stripe')) return null;
  const field = (name: string) => (name in error ? (error as unknown as Record<string, unknown>)[name] : undefined);
  const text = (name: string) => (typeof field(name) === 'string' ? (field(name) as string) : undefined);
  const status = field('statusCode');
  return {
    type: error.type,
    statusCode: typeof status === 'number' ? status : undefined,
    code: text('code'),
    decline_code: text('decline_code'),
  };
}
