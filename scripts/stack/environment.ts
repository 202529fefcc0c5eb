import type { StackContext } from './context.ts';

/** What any child may see of our environment: where programs and certificates are, and how to speak. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NO_COLOR', 'LOG_LEVEL', 'FFMPEG_PATH', 'FFPROBE_PATH'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
];

/** The product's own settings, such as rate limits and batch sizes; URLs are the stack's to give. */
const SETTING = /^(?:ASTRA|WORKER|REALTIME|OUTBOX|PROFILE|ACCESS_TOKEN)_(?!.*_URL$)/;

/** Where the two stores answer; null when this machine has none. */
export interface StoreUrls {
  readonly redis: string | null;
  readonly mongodb: string | null;
}

/**
 * The environment of one child: the few harmless variables above, settings of the product and what is given here. Everything else is removed, so
 * that neither a variable in somebody's shell nor a secret of another part gets in.
 */
export function childEnvironment(given: Readonly<Record<string, string | null>>): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {};
  for (const name of Object.keys(process.env)) {
    if (!PASSED_ON.includes(name) && !SETTING.test(name)) env[name] = undefined;
  }
  for (const [name, value] of Object.entries(given)) env[name] = value ?? undefined;
  return env;
}

/** The URL of a role of this stack's database. */
export function databaseUrl(context: StackContext, role: keyof StackContext['secrets']['passwords']): string {
  return `postgresql://${role}:${context.secrets.passwords[role]}@127.0.0.1:${context.ports.database}/postgres`;
}

/** How the stack's own payment provider is reached, and how its webhooks are known. */
function localPayments({ ports, secrets }: StackContext) {
  return {
    PAYMENTS_FAKE_URL: `http://127.0.0.1:${ports.payments}`,
    PAYMENTS_FAKE_KEY: secrets.paymentsKey,
    PAYMENTS_WEBHOOK_SECRET: secrets.paymentsWebhookSecret,
  };
}

const STRIPE_VARIABLES = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_API_BASE'] as const;

/**
 * What the functions and the worker are told of payments: the stack's own provider. A Stripe key in somebody's shell may be
 * one of real money, so it is passed on only to who also says PAYMENTS_PROVIDER=stripe.
 */
export function paymentsEnvironment(context: StackContext): Record<string, string | null> {
  const provider = process.env['PAYMENTS_PROVIDER'] || 'fake';
  const own = { ...localPayments(context), PAYMENTS_PROVIDER: provider };
  if (provider !== 'stripe') return own;
  return { ...own, ...Object.fromEntries(STRIPE_VARIABLES.map((name) => [name, process.env[name] ?? null])) };
}

/** The host that the functions must reach for payments besides this machine; null when there is none. */
export function paymentsHost(): string | null {
  if (process.env['PAYMENTS_PROVIDER'] !== 'stripe') return null;
  const base = process.env['STRIPE_API_BASE'];
  return base ? (URL.parse(base)?.hostname ?? null) : 'api.stripe.com';
}

/** Every address, key and URL of a stack by the name that programs read it under. */
export interface StackEnvironment {
  readonly SUPABASE_URL: string;
  readonly API_URL: string;
  readonly FUNCTIONS_URL: string;
  readonly STUDIO_URL: string;
  readonly MAIL_URL: string;
  readonly SMTP_URL: string;
  readonly WORKER_URL: string;
  /** The server's own page of health and metrics; clients reach it through SUPABASE_URL. */
  readonly REALTIME_URL: string;
  readonly SUPABASE_PUBLISHABLE_KEY: string;
  readonly SUPABASE_SECRET_KEY: string;
  readonly SUPABASE_JWT_SECRET: string;
  readonly SUPABASE_DB_URL: string;
  readonly ASTRA_API_DB_URL: string;
  readonly ASTRA_WORKER_DB_URL: string;
  readonly REALTIME_DB_URL: string;
  /** The superuser, which a hosted project does not have: only tests and the stack itself use it. */
  readonly ASTRA_ADMIN_DB_URL: string;
  readonly PAYMENTS_FAKE_URL: string;
  readonly PAYMENTS_FAKE_KEY: string;
  readonly PAYMENTS_WEBHOOK_SECRET: string;
  readonly REDIS_URL?: string;
  readonly MONGODB_URL?: string;
}

/** What `npm run status` prints and what tests and benches are given. */
export function stackEnvironment(context: StackContext, stores: StoreUrls): StackEnvironment {
  const { ports, secrets } = context;
  const http = (port: number) => `http://127.0.0.1:${port}`;
  return {
    SUPABASE_URL: http(ports.api),
    API_URL: `${http(ports.api)}/api`,
    FUNCTIONS_URL: `${http(ports.api)}/functions/v1`,
    STUDIO_URL: http(ports.studio),
    MAIL_URL: http(ports.mail),
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    WORKER_URL: http(ports.worker),
    REALTIME_URL: http(ports.realtime),
    SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
    SUPABASE_SECRET_KEY: secrets.secretKey,
    SUPABASE_JWT_SECRET: secrets.jwtSecret,
    SUPABASE_DB_URL: databaseUrl(context, 'postgres'),
    ASTRA_API_DB_URL: databaseUrl(context, 'astra_api'),
    ASTRA_WORKER_DB_URL: databaseUrl(context, 'astra_worker'),
    REALTIME_DB_URL: databaseUrl(context, 'supabase_realtime_gateway'),
    ASTRA_ADMIN_DB_URL: databaseUrl(context, 'supabase_admin'),
    ...localPayments(context),
    ...(stores.redis ? { REDIS_URL: stores.redis } : {}),
    ...(stores.mongodb ? { MONGODB_URL: stores.mongodb } : {}),
  };
}
