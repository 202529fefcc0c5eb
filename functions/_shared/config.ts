import { z } from 'zod';
import { type PaymentsConfig, PaymentsConfigError, readPaymentsConfig } from '../../payments/config.ts';

/** Thrown when the environment is wrong; the message names every bad variable and what to do about it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** How many requests a policy lets through in a window. */
export interface RatePolicy {
  readonly limit: number;
  readonly window_s: number;
}

/** Names of the rate limits; each can be set by an environment variable, see `RATE_VARIABLES`. */
export type RatePolicyName =
  | 'user'
  | 'ip'
  | 'login'
  | 'register'
  | 'recover'
  | 'follow'
  | 'follow_day'
  | 'post'
  | 'comment'
  | 'like'
  | 'group'
  | 'group_join'
  | 'group_invite'
  | 'message'
  | 'call';

/** How the devices of people in a call find each other. */
export interface IceConfig {
  readonly stun_urls: readonly string[];
  /** A relay, for those whom no direct way leads to each other. */
  readonly turn: { readonly urls: readonly string[]; readonly secret: string; readonly ttl_s: number } | undefined;
}

/** What the functions know of the world outside. */
export interface Config {
  readonly supabase_url: string;
  readonly publishable_key: string;
  /** Where clients reach the project; differs from supabase_url only inside a container network. */
  readonly public_url: string;
  /** Reaches private files; nothing else is done with it. */
  readonly secret_key: string | undefined;
  readonly database: {
    readonly url: string;
    readonly pool_max: number;
    readonly connect_timeout_ms: number;
    readonly idle_timeout_ms: number;
    readonly statement_timeout_ms: number;
  };
  readonly jwt: {
    /** HS256 secret, where the project still signs with one. */
    readonly secret: string | undefined;
    readonly jwks: { readonly keys: readonly Record<string, unknown>[] } | undefined;
    readonly jwks_url: string | undefined;
    readonly audience: string;
  };
  readonly redis_url: string | undefined;
  readonly cors_origins: readonly string[];
  readonly body_limit_bytes: number;
  readonly upstream_timeout_ms: number;
  /** How many proxies of ours append to X-Forwarded-For; 0 means that the header is not trusted at all. */
  readonly trusted_hops: number;
  readonly rate_limits: Readonly<Record<RatePolicyName, RatePolicy>>;
  readonly ice: IceConfig;
  /** Failed logins and reset mails answer no sooner than this, so that timing does not tell known addresses. */
  readonly auth_floor_ms: number;
  /** How long a stream of events is open before it ends by itself, and its client comes again. */
  readonly stream_s: number;
  /** With which browsers subscribe to push messages; the worker has the private one. */
  readonly vapid_public_key: string | undefined;
  readonly log_level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** Limits as `<requests>/<seconds>`; tests and benchmarks raise them. */
const RATE_VARIABLES: Record<RatePolicyName, { variable: string; fallback: string }> = {
  user: { variable: 'ASTRA_RATE_USER', fallback: '300/60' },
  // An address may be shared by a whole office or a mobile carrier's gateway.
  ip: { variable: 'ASTRA_RATE_IP', fallback: '1200/60' },
  login: { variable: 'ASTRA_RATE_LOGIN', fallback: '10/60' },
  register: { variable: 'ASTRA_RATE_REGISTER', fallback: '20/3600' },
  recover: { variable: 'ASTRA_RATE_RECOVER', fallback: '5/3600' },
  // Both count for each follow: nobody meets sixty people a minute, and who follows all day is a machine.
  follow: { variable: 'ASTRA_RATE_FOLLOW', fallback: '60/60' },
  follow_day: { variable: 'ASTRA_RATE_FOLLOW_DAY', fallback: '400/86400' },
  post: { variable: 'ASTRA_RATE_POST', fallback: '30/300' },
  comment: { variable: 'ASTRA_RATE_COMMENT', fallback: '30/60' },
  like: { variable: 'ASTRA_RATE_LIKE', fallback: '120/60' },
  group: { variable: 'ASTRA_RATE_GROUP', fallback: '10/3600' },
  group_join: { variable: 'ASTRA_RATE_GROUP_JOIN', fallback: '60/3600' },
  group_invite: { variable: 'ASTRA_RATE_GROUP_INVITE', fallback: '60/3600' },
  message: { variable: 'ASTRA_RATE_MESSAGE', fallback: '120/60' },
  call: { variable: 'ASTRA_RATE_CALL', fallback: '20/60' },
};

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${min} to ${max}`)
    .default(fallback);

const postgresUrl = z
  .string()
  .regex(
    /^postgres(ql)?:\/\/./,
    'must start with postgres://; `npm run status -- --env` prints it for the local stack',
  );

const rate = (fallback: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}\/[1-9]\d{0,5}$/, 'must be <requests>/<seconds>, like 300/60')
    .default(fallback)
    .transform((text): RatePolicy => {
      const [limit = 1, window_s = 1] = text.split('/').map(Number);
      return { limit, window_s };
    });

/** Addresses of STUN or TURN servers; browsers take nothing else in them. */
const iceUrls = (shape: RegExp, message: string) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((url) => (url.trim() === '' ? [] : [url.trim()])))
    .refine((urls) => urls.length <= 10 && urls.every((url) => shape.test(url)), message);

const keyMap = z.record(z.string(), z.string());
const jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

const environment = z.object({
  SUPABASE_URL: z.url({ protocol: /^https?$/, error: 'must be the URL of your Supabase project' }),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1).optional(),
  SUPABASE_PUBLISHABLE_KEYS: json(keyMap).optional(),
  SUPABASE_SECRET_KEY: z.string().min(1).optional(),
  SUPABASE_SECRET_KEYS: json(keyMap).optional(),
  SUPABASE_SERVICE_ROLE_KEY: z.string().min(1).optional(),
  ASTRA_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ASTRA_API_DB_URL: postgresUrl.optional(),
  SUPABASE_DB_URL: postgresUrl.optional(),
  SUPABASE_JWKS: json(jwks).optional(),
  SUPABASE_JWKS_URL: z.url().optional(),
  SUPABASE_JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  ASTRA_JWT_AUDIENCE: z.string().min(1).default('authenticated'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, 'must start with redis:// or rediss://; leave it out to run without Redis')
    .optional(),
  ASTRA_CORS_ORIGINS: z.string().min(1).default('*'),
  ASTRA_BODY_LIMIT_BYTES: integer(1024, 10_485_760, 65_536),
  ASTRA_UPSTREAM_TIMEOUT_MS: integer(100, 60_000, 10_000),
  ASTRA_TRUSTED_HOPS: integer(0, 10, 1),
  ASTRA_DB_POOL_MAX: integer(1, 200, 10),
  ASTRA_DB_CONNECT_TIMEOUT_MS: integer(50, 60_000, 2_000),
  ASTRA_DB_IDLE_TIMEOUT_MS: integer(1_000, 3_600_000, 30_000),
  ASTRA_DB_STATEMENT_TIMEOUT_MS: integer(100, 120_000, 5_000),
  ASTRA_AUTH_FLOOR_MS: integer(0, 5_000, 250),
  // A hosted function lives for 150 s on the free plan (supabase.com/docs/guides/functions/limits).
  ASTRA_STREAM_SECONDS: integer(1, 3_600, 120),
  ASTRA_VAPID_PUBLIC_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{87}$/, 'must be a VAPID key; docs/notifications.md says how to make one')
    .optional(),
  ASTRA_RATE_USER: rate(RATE_VARIABLES.user.fallback),
  ASTRA_RATE_IP: rate(RATE_VARIABLES.ip.fallback),
  ASTRA_RATE_LOGIN: rate(RATE_VARIABLES.login.fallback),
  ASTRA_RATE_REGISTER: rate(RATE_VARIABLES.register.fallback),
  ASTRA_RATE_RECOVER: rate(RATE_VARIABLES.recover.fallback),
  ASTRA_RATE_FOLLOW: rate(RATE_VARIABLES.follow.fallback),
  ASTRA_RATE_FOLLOW_DAY: rate(RATE_VARIABLES.follow_day.fallback),
  ASTRA_RATE_POST: rate(RATE_VARIABLES.post.fallback),
  ASTRA_RATE_COMMENT: rate(RATE_VARIABLES.comment.fallback),
  ASTRA_RATE_LIKE: rate(RATE_VARIABLES.like.fallback),
  ASTRA_RATE_GROUP: rate(RATE_VARIABLES.group.fallback),
  ASTRA_RATE_GROUP_JOIN: rate(RATE_VARIABLES.group_join.fallback),
  ASTRA_RATE_GROUP_INVITE: rate(RATE_VARIABLES.group_invite.fallback),
  ASTRA_RATE_MESSAGE: rate(RATE_VARIABLES.message.fallback),
  ASTRA_RATE_CALL: rate(RATE_VARIABLES.call.fallback),
  ASTRA_STUN_URLS: iceUrls(
    /^stuns?:[^\s,?]+$/,
    'must be addresses like stun:stun.example.com:3478, separated by commas',
  ),
  ASTRA_TURN_URLS: iceUrls(
    /^turns?:[^\s,?]+(\?transport=(udp|tcp))?$/,
    'must be addresses like turn:turn.example.com:3478?transport=udp, separated by commas',
  ),
  ASTRA_TURN_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  ASTRA_TURN_TTL_S: integer(60, 86_400, 600),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
type Environment = z.infer<typeof environment>;

/**
 * Reads and validates the environment (`process.env` or `Deno.env.toObject()`); empty values count as missing.
 * Throws ConfigError with one line a variable.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path[0]?.toString() ?? '?'}: ${issue.message}`);
    throw new ConfigError(`The environment is not usable.\n  ${lines.join('\n  ')}\n${NEXT_STEP}`);
  }
  return fromEnvironment(parsed.data);
}

/** Reads and validates the payment variables. Throws ConfigError. */
export function readPayments(env: Readonly<Record<string, string | undefined>>): PaymentsConfig {
  try {
    return readPaymentsConfig(env);
  } catch (error) {
    if (error instanceof PaymentsConfigError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}

const NEXT_STEP =
  'Locally, `npm start` sets these variables; on a hosted project set them with `supabase secrets set NAME=value`.';

function fromEnvironment(env: Environment): Config {
  const supabase_url = env.SUPABASE_URL.replace(/\/+$/, '');
  const keys = env.SUPABASE_JWKS !== undefined && env.SUPABASE_JWKS.keys.length > 0 ? env.SUPABASE_JWKS : undefined;
  const usesDefaultJwks = keys === undefined && env.SUPABASE_JWT_SECRET === undefined;
  return {
    supabase_url,
    publishable_key: required(
      env.SUPABASE_PUBLISHABLE_KEY ?? env.SUPABASE_PUBLISHABLE_KEYS?.['default'],
      'SUPABASE_PUBLISHABLE_KEY',
      'the sb_publishable_… key of the project (or SUPABASE_PUBLISHABLE_KEYS, a JSON map with the entry "default")',
    ),
    public_url: (env.ASTRA_PUBLIC_URL ?? supabase_url).replace(/\/+$/, ''),
    secret_key: env.SUPABASE_SECRET_KEY ?? env.SUPABASE_SECRET_KEYS?.['default'] ?? env.SUPABASE_SERVICE_ROLE_KEY,
    database: {
      url: required(
        env.ASTRA_API_DB_URL ?? env.SUPABASE_DB_URL,
        'ASTRA_API_DB_URL',
        'the Postgres URL of the login astra_api (or SUPABASE_DB_URL, that of postgres)',
      ),
      pool_max: env.ASTRA_DB_POOL_MAX,
      connect_timeout_ms: env.ASTRA_DB_CONNECT_TIMEOUT_MS,
      idle_timeout_ms: env.ASTRA_DB_IDLE_TIMEOUT_MS,
      statement_timeout_ms: env.ASTRA_DB_STATEMENT_TIMEOUT_MS,
    },
    jwt: {
      secret: env.SUPABASE_JWT_SECRET,
      jwks: keys,
      jwks_url:
        env.SUPABASE_JWKS_URL ?? (usesDefaultJwks ? `${supabase_url}/auth/v1/.well-known/jwks.json` : undefined),
      audience: env.ASTRA_JWT_AUDIENCE,
    },
    redis_url: env.REDIS_URL,
    cors_origins: env.ASTRA_CORS_ORIGINS.split(',').map((origin) => origin.trim()),
    body_limit_bytes: env.ASTRA_BODY_LIMIT_BYTES,
    upstream_timeout_ms: env.ASTRA_UPSTREAM_TIMEOUT_MS,
    trusted_hops: env.ASTRA_TRUSTED_HOPS,
    rate_limits: {
      user: env.ASTRA_RATE_USER,
      ip: env.ASTRA_RATE_IP,
      login: env.ASTRA_RATE_LOGIN,
      register: env.ASTRA_RATE_REGISTER,
      recover: env.ASTRA_RATE_RECOVER,
      follow: env.ASTRA_RATE_FOLLOW,
      follow_day: env.ASTRA_RATE_FOLLOW_DAY,
      post: env.ASTRA_RATE_POST,
      comment: env.ASTRA_RATE_COMMENT,
      like: env.ASTRA_RATE_LIKE,
      group: env.ASTRA_RATE_GROUP,
      group_join: env.ASTRA_RATE_GROUP_JOIN,
      group_invite: env.ASTRA_RATE_GROUP_INVITE,
      message: env.ASTRA_RATE_MESSAGE,
      call: env.ASTRA_RATE_CALL,
    },
    ice: iceOf(env),
    auth_floor_ms: env.ASTRA_AUTH_FLOOR_MS,
    stream_s: env.ASTRA_STREAM_SECONDS,
    vapid_public_key: env.ASTRA_VAPID_PUBLIC_KEY,
    log_level: env.LOG_LEVEL,
  };
}

function iceOf(env: Environment): IceConfig {
  const { ASTRA_STUN_URLS: stun_urls, ASTRA_TURN_URLS: urls } = env;
  if (urls.length === 0) return { stun_urls, turn: undefined };
  const what = 'the secret that the TURN server has as static-auth-secret';
  const secret = required(env.ASTRA_TURN_SECRET, 'ASTRA_TURN_SECRET', what);
  return { stun_urls, turn: { urls, secret, ttl_s: env.ASTRA_TURN_TTL_S } };
}

function required(value: string | undefined, variable: string, what: string): string {
  if (value !== undefined) return value;
  throw new ConfigError(`The environment is not usable.\n  ${variable}: is missing; set it to ${what}.\n${NEXT_STEP}`);
}

/** A variable whose text is JSON of the given shape. */
function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be valid JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
