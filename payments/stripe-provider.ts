import type Stripe from 'stripe';
import { type Deposit, type DepositRequest, type PaymentProvider, ProviderError } from './provider.ts';
import { linkAccount, unlinkAccount } from './stripe-accounts.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { asking } from './stripe-errors.ts';
import { createPayout, takeBack } from './stripe-payouts.ts';
import { readWebhook } from './stripe-webhooks.ts';

/** Pinned: what the package's types describe. A newer package fails to compile here until somebody has read what changed. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

export interface StripeProviderOptions {
  /** `sk_…` or a restricted `rk_…` with write access to PaymentIntents, Accounts, Transfers and Payouts. */
  readonly secret_key: string;
  /** One for each webhook endpoint: the account's own, and the connected accounts'. */
  readonly webhook_secrets: readonly string[];
  /** Another address than api.stripe.com, for stripe-mock. */
  readonly api_base: string | undefined;
  readonly fetch: typeof fetch;
  readonly timeout_ms: number;
}

/**
 * Payments through Stripe: deposits are PaymentIntents, whose `client_secret` the client gives to Stripe.js; linked accounts
 * and payouts are Connect's (`linkAccount` and `createPayout` in the files beside this one say why).
 * The package is loaded with the first call, so that who does not use Stripe does not wait for it.
 */
export function createStripeProvider(options: StripeProviderOptions): PaymentProvider {
  let loading: Promise<Stripe> | undefined;
  const client = (): Promise<Stripe> => {
    loading ??= loadClient(options);
    return loading;
  };
  const livemode = /^[sr]k_live_/.test(options.secret_key);
  return {
    name: 'stripe',
    linkAccount: async (request) => linkAccount(await client(), request),
    unlinkAccount: async (provider_token) => unlinkAccount(await client(), provider_token),
    createDeposit: async (request) => createDeposit(await client(), request),
    createPayout: async (request) => createPayout(await client(), request),
    async parseWebhook(request) {
      const stripe = await client();
      const { event, unfinished } = await readWebhook(stripe.webhooks, options.webhook_secrets, livemode, request);
      // Before the failure is told: who books it gives the user their money back, so it must be ours again.
      if (unfinished) await takeBack(stripe, unfinished.transfer_id, unfinished.withdrawal_id);
      return event;
    },
  };
}

async function loadClient({ secret_key, api_base, fetch, timeout_ms }: StripeProviderOptions): Promise<Stripe> {
  const { default: StripeClient } = await import('stripe');
  const base = api_base === undefined ? undefined : new URL(api_base);
  return new StripeClient(secret_key, {
    apiVersion: STRIPE_API_VERSION,
    httpClient: StripeClient.createFetchHttpClient(fetch),
    timeout: timeout_ms,
    // Whoever calls repeats by its own rules, with the same ids.
    maxNetworkRetries: 0,
    telemetry: false,
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === 'http:' ? '80' : '443'),
      protocol: base.protocol === 'http:' ? ('http' as const) : ('https' as const),
    }),
  });
}

async function createDeposit(stripe: Stripe, request: DepositRequest): Promise<Deposit> {
  const { deposit_id, user_id, exponent } = request;
  const money = toStripeAmount(request, 'charge');
  const intent = await asking(() =>
    stripe.paymentIntents.create(
      {
        ...money,
        automatic_payment_methods: { enabled: true },
        metadata: { deposit_id, user_id, exponent: String(exponent) },
      },
      { idempotencyKey: `deposit:${deposit_id}` },
    ),
  );
  const { id, client_secret } = intent;
  if (client_secret === null)
    throw new ProviderError('provider.unavailable', 'bad_answer', 'no client secret was given');
  return { provider_reference: id, checkout: { client_secret } };
}
