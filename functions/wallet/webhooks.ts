import type { Context } from 'hono';
import { webhookParams } from '../../contracts/api/wallet-payments.ts';
import { AppError } from '../../contracts/errors.ts';
import { type PaymentProvider, type ProviderEvent, WebhookRefused } from '../../payments/provider.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { describeError } from '../_shared/log.ts';
import { readParams, readText } from '../_shared/request.ts';
import { asking } from './provider.ts';

const APPLY = 'select app_private.apply_provider_event($1, $2, $3, $4) as outcome';

/** Nothing is left to do after these; what became of any other event waits for somebody. */
const DONE: readonly string[] = ['applied', 'already_applied', 'duplicate', 'ignored'];

/**
 * POST wallet/webhooks/:provider: what the payment provider says of money on its way. It comes at least once and in any order;
 * Postgres books each event once. What is wrong with a message is for the log: a forger is told nothing.
 * Throws request.not_found, provider.webhook_invalid, provider.unknown_reference, provider.unavailable.
 */
export async function receiveWebhook(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { provider: name } = readParams(c, webhookParams);
  const provider = deps.payments().provider(name);
  if (provider === undefined) throw new AppError('request.not_found');
  const { event_id, type, ...facts } = await parse(c, deps, provider);
  const params = [provider.name, event_id, type, JSON.stringify(facts)];
  const [row] = await deps.db.call<{ outcome: string }>(APPLY, params, 'wallet.provider_event');
  const outcome = row?.outcome ?? 'ignored';
  deps.logger.log(DONE.includes(outcome) ? 'info' : 'warn', 'a webhook of the payment provider', {
    request_id: c.get('requestId'),
    provider: provider.name,
    event_id,
    type,
    outcome,
  });
  // It may be that our record is not written yet. Anything but a success makes the provider deliver again.
  if (outcome === 'unknown_reference') throw new AppError('provider.unknown_reference');
  return c.json({ outcome });
}

async function parse(c: Context<AppEnv>, deps: Deps, provider: PaymentProvider): Promise<ProviderEvent> {
  const request = { headers: c.req.raw.headers, body: await readText(c), now_ms: deps.clock() };
  try {
    return await asking(c, deps, () => provider.parseWebhook(request));
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error;
    deps.logger.log('warn', 'a webhook was refused', { request_id: c.get('requestId'), error: describeError(error) });
    throw new AppError('provider.webhook_invalid', { cause: error });
  }
}
