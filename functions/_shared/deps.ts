import { createPayments, type Payments } from '../../payments/config.ts';
import { keepAlive } from './background.ts';
import { type Config, readConfig, readPayments } from './config.ts';
import { createDatabase, type Database } from './db.ts';
import { createLogger, type Logger } from './log.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';
import { createRedis, type RedisGate } from './redis.ts';
import { createRevocations, type Revocations } from './revocations.ts';
import { createTokenVerifier, type TokenVerifier } from './tokens.ts';

/** Everything that an app needs from outside; a test passes its own. */
export interface Deps extends AsyncDisposable {
  readonly config: Config;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A new request id. */
  readonly newId: () => string;
  readonly logger: Logger;
  readonly db: Database;
  readonly redis: RedisGate;
  readonly tokens: TokenVerifier;
  readonly revocations: Revocations;
  readonly limiter: RateLimiter;
  /** Calls Supabase Auth and payment providers. */
  readonly fetch: typeof fetch;
  /** Made at the first call, so that a mistake in their variables stops nothing else. Throws ConfigError. */
  readonly payments: () => Payments;
  /** Lets work that an answer did not wait for come to its end; it must not reject. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}

/** What may be replaced when deps are made from an environment. */
export type DepsOverrides = Partial<Pick<Deps, 'clock' | 'newId' | 'logger' | 'fetch'>>;

/**
 * Builds the dependencies from environment variables. Nothing connects before the first request.
 * Throws ConfigError when a variable is missing or wrong.
 */
export function createDeps(env: Readonly<Record<string, string | undefined>>, overrides: DepsOverrides = {}): Deps {
  const config = readConfig(env);
  const clock = overrides.clock ?? Date.now;
  const logger = overrides.logger ?? createLogger(config.log_level, clock);
  const db = createDatabase(config.database, logger);
  const redis = createRedis(config.redis_url, { clock, logger });
  const fetchIt: typeof fetch = overrides.fetch ?? ((input, init) => fetch(input, init));
  let payments: Payments | undefined;
  return {
    config,
    clock,
    newId: overrides.newId ?? (() => crypto.randomUUID()),
    logger,
    db,
    redis,
    tokens: createTokenVerifier(config.jwt, clock),
    revocations: createRevocations(redis),
    limiter: createRateLimiter(redis, clock),
    fetch: fetchIt,
    payments() {
      payments ??= createPayments(readPayments(env), { fetch: fetchIt, timeout_ms: config.upstream_timeout_ms });
      return payments;
    },
    keepAlive,
    async [Symbol.asyncDispose]() {
      await Promise.all([db[Symbol.asyncDispose](), redis[Symbol.asyncDispose]()]);
    },
  };
}
