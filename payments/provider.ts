import { z } from 'zod';

/** A positive amount in minor units, as decimal digits: money is never a floating-point number. */
export const minorUnits = z.string().regex(/^[1-9]\d{0,18}$/, 'must be a positive whole number of minor units');

/** A currency's code as Astra writes it: capitals. */
export const currencyCode = z.string().regex(/^[A-Z][A-Z0-9]{2,9}$/, 'must be a currency code in capitals');

const settledEvent = z.object({
  /** The provider's id of the event: the same in every copy of it. */
  event_id: z.string().min(1).max(255),
  /** ISO 8601, UTC. */
  occurred_at: z.iso.datetime(),
  type: z.enum(['deposit.succeeded', 'deposit.failed', 'payout.paid', 'payout.failed']),
  /** Our deposit_id or withdrawal_id, which the provider was given when the money was asked for. */
  reference: z.guid(),
  provider_reference: z.string().min(1).max(255),
  amount_minor: minorUnits,
  currency: currencyCode,
  /** Why it failed, in the provider's words (`account_closed`). */
  reason: z.string().max(500).optional(),
});

const ignoredEvent = z.object({
  event_id: z.string().min(1).max(255),
  type: z.literal('ignored'),
  /** The provider's own name of what happened. */
  provider_type: z.string().max(255),
});

/** What a verified webhook tells. Copies and any order are normal: whoever books it looks at `event_id` and the state. */
export const providerEvent = z.union([settledEvent, ignoredEvent]);
export type ProviderEvent = z.infer<typeof providerEvent>;

/** A user's account at a bank, as far as Astra may know it. */
export const linkedAccount = z.object({
  /** What `createPayout` and `unlinkAccount` take; says nothing about the account to anybody else. */
  provider_token: z.string().min(1).max(255),
  kind: z.enum(['bank_account', 'card']),
  bank_name: z.string().max(200),
  last4: z.string().regex(/^[A-Z0-9]{1,4}$/i),
  currency: currencyCode,
});

export type LinkedAccount = z.infer<typeof linkedAccount>;

export interface LinkAccountRequest {
  /** What the provider gave the client for the account's number; the number itself never reaches Astra. */
  readonly token: string;
  readonly user_id: string;
  readonly idempotency_key: string;
}

/** An amount with what it takes to write it in a provider's units. */
export interface Money {
  readonly amount_minor: string;
  readonly currency: string;
  /** Decimals of the currency in our ledger: 2 for USD, 0 for JPY, 3 for KWD. */
  readonly exponent: number;
}

export interface DepositRequest extends Money {
  readonly deposit_id: string;
  readonly user_id: string;
}

export interface Deposit {
  readonly provider_reference: string;
  /** A page to open, or what the provider's own client library needs to take the payment. */
  readonly checkout: { readonly url: string } | { readonly client_secret: string };
}

export interface PayoutRequest extends Money {
  readonly withdrawal_id: string;
  readonly user_id: string;
  /** The `provider_token` of a linked account of this user. */
  readonly account_token: string;
}

export interface Payout {
  readonly provider_reference: string;
}

export interface WebhookRequest {
  readonly headers: Headers;
  /** The body exactly as it arrived: its signature covers every byte. */
  readonly body: string;
  readonly now_ms: number;
}

/**
 * Who moves real money for the wallet. Every call may be repeated with the same ids and then does nothing twice.
 * A call that returns means that the provider has accepted; whether money moved is told by a webhook alone.
 * All but `parseWebhook` throw `ProviderError`, and nothing else, when the provider does not accept.
 */
export interface PaymentProvider {
  /** Stands in the path of its webhooks: `wallet/webhooks/<name>`. */
  readonly name: string;
  readonly linkAccount: (request: LinkAccountRequest) => Promise<LinkedAccount>;
  /** An account that is already gone counts as removed. */
  readonly unlinkAccount: (provider_token: string) => Promise<void>;
  readonly createDeposit: (request: DepositRequest) => Promise<Deposit>;
  readonly createPayout: (request: PayoutRequest) => Promise<Payout>;
  /**
   * Checks signature, time and shape of a webhook.
   * @throws WebhookRefused when it is not the provider's; ProviderError (retryable) when it is genuine but could not be
   *   finished now: answer 503, and the provider sends it again.
   */
  readonly parseWebhook: (request: WebhookRequest) => Promise<ProviderEvent>;
}

/**
 * A provider did not accept.
 * - `provider.refused`: it said no, and nothing happened. The outcome is final for these ids.
 * - `provider.unavailable`: the outcome is unknown or undecided. Repeat with the same ids; never count it as done or undone.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: 'provider.refused' | 'provider.unavailable';
  readonly retryable: boolean;
  /** The provider's own code, for logs and operators: `insufficient_funds`, `timeout`. */
  readonly provider_code: string;

  constructor(code: ProviderError['code'], provider_code: string, message: string, cause?: unknown) {
    super(`${code} (${provider_code}): ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = code === 'provider.unavailable';
    this.provider_code = provider_code;
  }
}

/** A request at the webhook's address that is not a fresh, signed message of the provider. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  readonly code = 'provider.webhook_invalid';

  /** @param reason for logs; a forger is told nothing. */
  constructor(reason: string, cause?: unknown) {
    super(`provider.webhook_invalid: ${reason}`, cause === undefined ? undefined : { cause });
  }
}

/** How far the clock in a webhook may be from ours, either way. */
export const WEBHOOK_TOLERANCE_MS = 5 * 60 * 1000;

/** @throws WebhookRefused when the time that a message was signed with is too far from now. */
export function assertFresh(signed_at_s: number, now_ms: number): void {
  if (!Number.isSafeInteger(signed_at_s)) throw new WebhookRefused('the timestamp is not a number');
  const age_ms = now_ms - signed_at_s * 1000;
  // A signer writes whole seconds, so a fresh message may look up to a second older than it is.
  if (age_ms >= WEBHOOK_TOLERANCE_MS + 1000) throw new WebhookRefused('the timestamp is too old');
  if (age_ms < -WEBHOOK_TOLERANCE_MS) throw new WebhookRefused('the timestamp is too far in the future');
}
