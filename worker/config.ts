import { z } from 'zod';
import { type PaymentsConfig, readPaymentsConfig } from '../payments/config.ts';
import { optionalText, readEnvironment } from './environment.ts';
import { type ChannelsConfig, readChannelsConfig } from './notifications/config.ts';

const seconds = (fallback: number) => z.coerce.number().positive().max(86_400).default(fallback);
const count = (fallback: number, max: number) => z.coerce.number().int().positive().max(max).default(fallback);

const environmentSchema = z
  .object({
    ASTRA_WORKER_DB_URL: optionalText,
    SUPABASE_DB_URL: optionalText,
    MONGODB_URL: optionalText,
    REDIS_URL: optionalText,
    SUPABASE_URL: optionalText,
    SUPABASE_SECRET_KEY: optionalText,
    FFMPEG_PATH: optionalText,
    FFPROBE_PATH: optionalText,
    WORKER_HOST: z.string().min(1).default('127.0.0.1'),
    WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(54_327),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    WORKER_BATCH_SIZE: count(500, 5_000),
    WORKER_LEASE_SECONDS: seconds(60),
    WORKER_MAX_ATTEMPTS: count(10, 1_000),
    OUTBOX_RETENTION_DAYS: count(90, 3_650),
    PROFILE_TTL_SECONDS: seconds(600),
    ACCESS_TOKEN_SECONDS: seconds(3_600),
    FEED_LARGE_FROM: count(5_000, 1_000_000),
  })
  .refine((env) => env.ASTRA_WORKER_DB_URL !== undefined || env.SUPABASE_DB_URL !== undefined, {
    path: ['ASTRA_WORKER_DB_URL'],
    message: 'set ASTRA_WORKER_DB_URL (login as astra_worker) or SUPABASE_DB_URL (login as postgres)',
  });

/** Everything the worker is told from outside, checked once. */
export interface WorkerConfig {
  readonly database: {
    readonly url: string;
    /** Set when the login is not astra_worker itself: every transaction then starts with `set local role`. */
    readonly role: 'astra_worker' | null;
  };
  readonly mongodbUrl: string | null;
  readonly redisUrl: string | null;
  /** The project's Storage and the key to it; without them exports and deletions of accounts wait. */
  readonly storage: { readonly url: string; readonly secretKey: string } | null;
  /** The programs that read video and audio. */
  readonly ffmpeg: { readonly ffmpeg: string; readonly ffprobe: string };
  readonly host: string;
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly batchSize: number;
  /** A claimed event comes back after this when its worker died; longer than any batch takes. */
  readonly lease_ms: number;
  /** After so many tries an event that fails by its own fault is dead. */
  readonly maxAttempts: number;
  readonly retention_days: number;
  readonly profileTtl_ms: number;
  /** Life of an access token: a revoked session needs no mark for longer. */
  readonly accessToken_ms: number;
  /** Posts of authors with so many followers are fetched by those who read, not pushed to all of them. */
  readonly feedLargeFrom: number;
  /** Where withdrawals are paid out. */
  readonly payments: PaymentsConfig;
  /** How notifications are sent. */
  readonly channels: ChannelsConfig;
}

/**
 * Reads the worker's environment variables (docs/worker.md lists them).
 * @throws Error naming every wrong variable; those of the payment provider (docs/payments.md) in a PaymentsConfigError.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): WorkerConfig {
  const title = "The worker's environment is not right (docs/worker.md lists the variables)";
  const env = readEnvironment(environmentSchema, environment, title);
  return {
    database: {
      url: env.ASTRA_WORKER_DB_URL ?? env.SUPABASE_DB_URL ?? '',
      role: env.ASTRA_WORKER_DB_URL === undefined ? 'astra_worker' : null,
    },
    mongodbUrl: env.MONGODB_URL ?? null,
    redisUrl: env.REDIS_URL ?? null,
    storage:
      env.SUPABASE_URL === undefined || env.SUPABASE_SECRET_KEY === undefined
        ? null
        : { url: env.SUPABASE_URL, secretKey: env.SUPABASE_SECRET_KEY },
    ffmpeg: { ffmpeg: env.FFMPEG_PATH ?? 'ffmpeg', ffprobe: env.FFPROBE_PATH ?? 'ffprobe' },
    host: env.WORKER_HOST,
    port: env.WORKER_PORT,
    logLevel: env.LOG_LEVEL,
    batchSize: env.WORKER_BATCH_SIZE,
    lease_ms: env.WORKER_LEASE_SECONDS * 1_000,
    maxAttempts: env.WORKER_MAX_ATTEMPTS,
    retention_days: env.OUTBOX_RETENTION_DAYS,
    profileTtl_ms: env.PROFILE_TTL_SECONDS * 1_000,
    accessToken_ms: env.ACCESS_TOKEN_SECONDS * 1_000,
    feedLargeFrom: env.FEED_LARGE_FROM,
    payments: readPaymentsConfig(environment),
    channels: readChannelsConfig(environment),
  };
}
