import type { Context } from 'hono';
import { AppError } from '../../contracts/errors.ts';
import { type PaymentProvider, ProviderError } from '../../payments/provider.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { describeError } from '../_shared/log.ts';

/** The payment provider of this name, or the one in use. Throws provider.not_configured. */
export function providerOf({ payments }: Deps, name?: string): PaymentProvider {
  const { current, provider } = payments();
  const chosen = name === undefined ? current : provider(name);
  if (chosen === undefined) throw new AppError('provider.not_configured');
  return chosen;
}

/**
 * Asks the provider. Throws provider.refused (final) or provider.unavailable (the outcome is unknown: repeat with the same
 * ids), and logs the provider's own words, which clients do not get.
 */
export async function asking<T>(c: Context<AppEnv>, { logger }: Deps, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    logger.log('warn', 'the payment provider did not accept', {
      request_id: c.get('requestId'),
      code: error.code,
      provider_code: error.provider_code,
      error: describeError(error),
    });
    throw new AppError(error.code, { cause: error });
  }
}

/** The provider's own code of a refusal by `asking`; undefined for every other error. */
export function refusalOf(error: unknown): string | undefined {
  const isRefusal = error instanceof AppError && error.code === 'provider.refused';
  return isRefusal && error.cause instanceof ProviderError ? error.cause.provider_code : undefined;
}
