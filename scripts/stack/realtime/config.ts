import { z } from 'zod';
import type { Limits } from './limits.ts';

const count = (fallback: number, max: number) => z.coerce.number().int().positive().max(max).default(fallback);

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** An empty variable means "not set", as compose files write it. */
const jwks = z
  .string()
  .transform((text) => (text.trim() === '' ? null : JSON.parse(text)))
  .pipe(jwksSchema.nullable())
  .default(null);

const environmentSchema = z
  .object({
    REALTIME_DB_URL: z.string().min(1),
    REALTIME_HOST: z.string().min(1).default('127.0.0.1'),
    REALTIME_PORT: z.coerce.number().int().min(0).max(65_535).default(54_331),
    SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
    SUPABASE_SECRET_KEY: z.string().min(1),
    SUPABASE_JWT_SECRET: z.string().min(32).nullable().default(null),
    SUPABASE_JWKS: jwks,
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    REALTIME_MAX_CONNECTIONS: count(10_000, 1_000_000),
    REALTIME_CHANNELS_PER_CONNECTION: count(100, 10_000),
    REALTIME_JOINS_PER_SECOND: count(100, 100_000),
    REALTIME_MESSAGES_PER_SECOND: count(500, 1_000_000),
    REALTIME_PRESENCE_PER_SECOND: count(50, 100_000),
    REALTIME_HTTP_MESSAGES_PER_SECOND: count(5_000, 1_000_000),
    REALTIME_PAYLOAD_BYTES: count(3_000_000, 100_000_000),
    REALTIME_PRESENCE_BYTES: count(65_536, 10_000_000),
    REALTIME_BUFFERED_BYTES: count(16_777_216, 1_000_000_000),
    REALTIME_IDLE_SECONDS: count(60, 3_600),
  })
  .refine((env) => env.SUPABASE_JWT_SECRET !== null || env.SUPABASE_JWKS !== null, {
    path: ['SUPABASE_JWT_SECRET'],
    message: 'set SUPABASE_JWT_SECRET or SUPABASE_JWKS: without a key no token can be checked',
  });

/** Everything the server is told from outside, checked once. */
export interface RealtimeConfig {
  /** Its own login: see scripts/stack/postgres/realtime-role.sql. */
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Keys that are no JWTs, and the role that each stands for. */
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly jwtSecret: string | null;
  readonly jwks: z.infer<typeof jwksSchema> | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly limits: Limits;
}

/**
 * Reads the server's environment variables (docs/realtime.md lists the limits).
 * @throws Error naming every wrong variable.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): RealtimeConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(
      `The environment of the Realtime server is not right (docs/realtime.md lists the variables):\n${problems.join('\n')}`,
    );
  }
  const env = parsed.data;
  return {
    databaseUrl: env.REALTIME_DB_URL,
    host: env.REALTIME_HOST,
    port: env.REALTIME_PORT,
    apiKeys: new Map([
      [env.SUPABASE_PUBLISHABLE_KEY, 'anon'],
      [env.SUPABASE_SECRET_KEY, 'service_role'],
    ]),
    jwtSecret: env.SUPABASE_JWT_SECRET,
    jwks: env.SUPABASE_JWKS,
    logLevel: env.LOG_LEVEL,
    limits: {
      connections: env.REALTIME_MAX_CONNECTIONS,
      channelsPerConnection: env.REALTIME_CHANNELS_PER_CONNECTION,
      joinsPerSecond: env.REALTIME_JOINS_PER_SECOND,
      messagesPerSecond: env.REALTIME_MESSAGES_PER_SECOND,
      presencePerSecond: env.REALTIME_PRESENCE_PER_SECOND,
      httpMessagesPerSecond: env.REALTIME_HTTP_MESSAGES_PER_SECOND,
      payload_bytes: env.REALTIME_PAYLOAD_BYTES,
      presence_bytes: env.REALTIME_PRESENCE_BYTES,
      buffered_bytes: env.REALTIME_BUFFERED_BYTES,
      idle_ms: env.REALTIME_IDLE_SECONDS * 1_000,
    },
  };
}
