import { z } from 'zod';
import { createFakeProvider } from './fake-provider.ts';
import type { PaymentProvider } from './provider.ts';
import { createStripeProvider } from './stripe-provider.ts';

const TIMEOUT_MS = 10_000;

/** Thrown when the variables are wrong; the message names each and never shows a value. */
export class PaymentsConfigError extends Error {
  override readonly name = 'PaymentsConfigError';
}

/** One or two secrets with a space between: while one is replaced, both are good. */
const secrets = (pattern: RegExp, shape: string) =>
  z
    .string()
    .transform((text) => text.trim().split(/\s+/))
    .pipe(z.array(z.string().regex(pattern, `must be ${shape}`)).max(4, 'holds at most four secrets'));

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const environment = z.object({
  PAYMENTS_PROVIDER: z.enum(['fake', 'stripe', 'none'], 'must be fake, stripe or none').optional(),
  PAYMENTS_FAKE_URL: httpUrl.optional(),
  PAYMENTS_FAKE_KEY: z.string().min(8, 'must have at least 8 characters').optional(),
  PAYMENTS_WEBHOOK_SECRET: secrets(
    /^whsec_[A-Za-z0-9+/]{32,128}={0,2}$/,
    'whsec_ and at least 24 bytes as base64',
  ).optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[sr]k_(test|live)_\w+$/, 'must be an sk_ or rk_ key, not a publishable one')
    .optional(),
  STRIPE_WEBHOOK_SECRET: secrets(/^whsec_\w+$/, "the whsec_ secret of the webhook's endpoint").optional(),
  STRIPE_API_BASE: httpUrl.optional(),
});

/** Which providers are set up, and which one new money goes through. */
export interface PaymentsConfig {
  readonly provider: 'fake' | 'stripe' | 'none';
  readonly fake:
    | { readonly url: string; readonly api_key: string; readonly webhook_secrets: readonly string[] }
    | undefined;
  readonly stripe:
    | {
        readonly secret_key: string;
        readonly webhook_secrets: readonly string[];
        readonly api_base: string | undefined;
      }
    | undefined;
}

/**
 * Reads the payment variables (docs/payments.md lists them); empty values count as missing.
 * @throws PaymentsConfigError with one line a variable.
 */
export function readPaymentsConfig(env: Readonly<Record<string, string | undefined>>): PaymentsConfig {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    throw wrong(parsed.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? '?'}: ${message}`));
  }
  const given = parsed.data;
  const provider =
    given.PAYMENTS_PROVIDER ??
    (given.PAYMENTS_FAKE_URL !== undefined ? 'fake' : given.STRIPE_SECRET_KEY !== undefined ? 'stripe' : 'none');
  const fake = whole(given, provider === 'fake', ['PAYMENTS_FAKE_URL', 'PAYMENTS_FAKE_KEY', 'PAYMENTS_WEBHOOK_SECRET']);
  const stripe = whole(given, provider === 'stripe', ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']);
  return {
    provider,
    fake: fake && {
      url: fake.PAYMENTS_FAKE_URL,
      api_key: fake.PAYMENTS_FAKE_KEY,
      webhook_secrets: fake.PAYMENTS_WEBHOOK_SECRET,
    },
    stripe: stripe && {
      secret_key: stripe.STRIPE_SECRET_KEY,
      webhook_secrets: stripe.STRIPE_WEBHOOK_SECRET,
      api_base: given.STRIPE_API_BASE,
    },
  };
}

type Given = z.infer<typeof environment>;
type Whole<K extends keyof Given> = { readonly [Key in K]: NonNullable<Given[Key]> };

/** The variables of one provider, when all are there; a provider that is chosen must have all. */
function whole<K extends keyof Given>(given: Given, chosen: boolean, names: readonly K[]): Whole<K> | undefined {
  const missing = names.filter((name) => given[name] === undefined);
  if (missing.length === 0) return given as Whole<K>;
  if (chosen) throw wrong(missing.map((name) => `${name}: is missing`));
  return undefined;
}

function wrong(lines: readonly string[]): PaymentsConfigError {
  return new PaymentsConfigError(
    `The payment variables are not usable.\n  ${lines.join('\n  ')}\n` +
      'Locally, `npm start` sets those of the fake; docs/payments.md says what each is.',
  );
}

export interface PaymentsDeps {
  /** Default the global one. */
  readonly fetch?: typeof fetch;
  /** How long one request to a provider may take; default 10 s. */
  readonly timeout_ms?: number;
}

/** The providers of one process. */
export interface Payments {
  /** New deposits, accounts and payouts go here; undefined when payments are switched off. */
  readonly current: PaymentProvider | undefined;
  /** By its name in a webhook's path: one that is no longer current still has payouts on their way. */
  readonly provider: (name: string) => PaymentProvider | undefined;
  /** Of all that are set up. */
  readonly names: readonly string[];
}

/** Builds every provider that is set up. Nothing is asked of them yet. */
export function createPayments(config: PaymentsConfig, deps: PaymentsDeps = {}): Payments {
  const shared = { fetch: deps.fetch ?? fetch, timeout_ms: deps.timeout_ms ?? TIMEOUT_MS };
  const providers = new Map<string, PaymentProvider>();
  if (config.fake) providers.set('fake', createFakeProvider({ ...config.fake, ...shared }));
  if (config.stripe) providers.set('stripe', createStripeProvider({ ...config.stripe, ...shared }));
  return {
    current: providers.get(config.provider),
    provider: (name) => providers.get(name),
    names: [...providers.keys()],
  };
}
