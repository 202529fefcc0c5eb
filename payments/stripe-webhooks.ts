import type Stripe from 'stripe';
import { z } from 'zod';
import {
  assertFresh,
  ProviderError,
  type ProviderEvent,
  providerEvent,
  WEBHOOK_TOLERANCE_MS,
  WebhookRefused,
  type WebhookRequest,
} from './provider.ts';
import { fromStripeAmount } from './stripe-amounts.ts';

/** What a failed payout leaves to do: its transfer must come back before anybody books the failure. */
export interface Unfinished {
  readonly transfer_id: string;
  readonly withdrawal_id: string;
}

export interface StripeMessage {
  readonly event: ProviderEvent;
  readonly unfinished: Unfinished | undefined;
}

/**
 * Reads a webhook of Stripe: its signature by one of the secrets (the platform's endpoint and the connected accounts'
 * endpoint have one each), its age both ways, then what it tells. Events of payments that are not ours are ignored.
 * @throws WebhookRefused
 */
export async function readWebhook(
  webhooks: Stripe['webhooks'],
  secrets: readonly string[],
  livemode: boolean,
  { headers, body, now_ms }: WebhookRequest,
): Promise<StripeMessage> {
  const signature = headers.get('stripe-signature') ?? '';
  const signed_at = /(?:^|,)t=(\d{1,12})(?:,|$)/.exec(signature)?.[1];
  if (signed_at === undefined) throw new WebhookRefused('the signature is missing');
  // Stripe's package looks for old messages only.
  assertFresh(Number(signed_at), now_ms);
  const event = await verified(webhooks, secrets, { signature, body, now_ms });
  const message = stripeEvent.safeParse(event);
  if (!message.success) throw new WebhookRefused('the event has an unknown shape', message.error);
  return tell(message.data, livemode);
}

async function verified(
  webhooks: Stripe['webhooks'],
  secrets: readonly string[],
  { signature, body, now_ms }: { signature: string; body: string; now_ms: number },
): Promise<unknown> {
  let reason: unknown;
  const tolerance_s = WEBHOOK_TOLERANCE_MS / 1000;
  for (const secret of secrets) {
    try {
      return await webhooks.constructEventAsync(body, signature, secret, tolerance_s, undefined, now_ms);
    } catch (error) {
      reason = error;
    }
  }
  throw new WebhookRefused('no signature fits', reason);
}

const stripeEvent = z.object({
  id: z.string(),
  type: z.string(),
  created: z.number().int().nonnegative(),
  livemode: z.boolean(),
  account: z.string().nullish(),
  data: z.object({ object: z.unknown() }),
});
type StripeEvent = z.infer<typeof stripeEvent>;

const metadata = z.record(z.string(), z.string());
const paymentIntent = z.object({
  id: z.string(),
  amount: z.number(),
  amount_received: z.number().default(0),
  currency: z.string(),
  metadata,
  cancellation_reason: z.string().nullish(),
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
});
const payout = z.object({
  id: z.string(),
  amount: z.number(),
  currency: z.string(),
  metadata,
  failure_code: z.string().nullish(),
});

function tell(event: StripeEvent, livemode: boolean): StripeMessage {
  // An endpoint for connected accounts in live mode gets their test events too: no money moved there.
  if (event.livemode !== livemode) return ignored(event);
  switch (event.type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.payment_failed':
    case 'payment_intent.canceled':
      // Deposits are paid to us, never to a connected account.
      return event.account ? ignored(event) : deposit(event);
    case 'payout.paid':
    case 'payout.failed':
    case 'payout.canceled':
      return event.account ? paidOut(event) : ignored(event);
    default:
      return ignored(event);
  }
}

function deposit(event: StripeEvent): StripeMessage {
  const intent = shaped(paymentIntent, event);
  const { deposit_id, exponent } = intent.metadata;
  if (deposit_id === undefined) return ignored(event);
  const succeeded = event.type === 'payment_intent.succeeded';
  const problem = intent.last_payment_error;
  return settled(event, {
    type: succeeded ? 'deposit.succeeded' : 'deposit.failed',
    reference: deposit_id,
    provider_reference: intent.id,
    ...amountOf(succeeded ? intent.amount_received : intent.amount, intent.currency, exponent),
    ...(succeeded
      ? {}
      : { reason: problem?.decline_code ?? problem?.code ?? intent.cancellation_reason ?? 'payment_failed' }),
  });
}

function paidOut(event: StripeEvent): StripeMessage {
  const { id, amount, currency, failure_code, ...object } = shaped(payout, event);
  const { withdrawal_id, transfer_id, exponent } = object.metadata;
  if (withdrawal_id === undefined || transfer_id === undefined) return ignored(event);
  const paid = event.type === 'payout.paid';
  const reason = failure_code ?? (event.type === 'payout.canceled' ? 'canceled' : 'payout_failed');
  const message = settled(event, {
    type: paid ? 'payout.paid' : 'payout.failed',
    reference: withdrawal_id,
    provider_reference: id,
    ...amountOf(amount, currency, exponent),
    ...(paid ? {} : { reason }),
  });
  return paid ? message : { ...message, unfinished: { transfer_id, withdrawal_id } };
}

function shaped<T>(schema: z.ZodType<T>, event: StripeEvent): T {
  const parsed = schema.safeParse(event.data.object);
  if (parsed.success) return parsed.data;
  throw new WebhookRefused(`the ${event.type} has an unknown shape`, parsed.error);
}

/** In our units, by the exponent that was ours when the money was asked for. */
function amountOf(amount: number, currency: string, exponent: string | undefined) {
  try {
    const amount_minor = fromStripeAmount(amount, currency, /^\d{1,2}$/.test(exponent ?? '') ? Number(exponent) : -1);
    return { amount_minor, currency: currency.toUpperCase() };
  } catch (error) {
    if (error instanceof ProviderError) throw new WebhookRefused('the amount is not one that we asked for', error);
    throw error;
  }
}

function settled(event: StripeEvent, facts: Record<string, string>): StripeMessage {
  const occurred_at = new Date(event.created * 1000).toISOString();
  const parsed = providerEvent.safeParse({ event_id: event.id, occurred_at, ...facts });
  if (!parsed.success) throw new WebhookRefused('the event has an unknown shape', parsed.error);
  return { event: parsed.data, unfinished: undefined };
}

function ignored({ id, type }: StripeEvent): StripeMessage {
  return { event: { event_id: id, type: 'ignored', provider_type: type }, unfinished: undefined };
}
