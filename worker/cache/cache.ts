import { Redis } from 'ioredis';
import { type Log, reasonOf } from '../log.ts';
import { backoffMs, type Clock } from '../time.ts';
import { type CacheChange, type CacheLifetimes, queueChange } from './changes.ts';

const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT = { first_ms: 100, max_ms: 5_000 };
const MAX_MISSED = 10_000;
const SWEEP_PAGE = 1_000;
const CHANGES_PER_PIPELINE = 500;

/** The worker's side of Redis. It never fails its caller: a cache that is away costs speed, not events. */
export interface Cache extends AsyncDisposable {
  /** Applies the changes, or keeps them for the reconnect. */
  apply(changes: readonly CacheChange[]): Promise<void>;
  state(): 'up' | 'down' | 'not_configured';
  /** Changes waiting for Redis to come back. */
  missed(): number;
}

export interface CacheOptions extends CacheLifetimes {
  readonly url: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly onFailure: () => void;
}

/**
 * Connects in the background and for ever. What could not be written while Redis was away is written when it is back
 * (changes are newest-wins, so late is not wrong); when that was too much to remember, every cached profile is dropped
 * instead, because one of them may be out of date. docs/decisions/0021-caches-never-hold-events-back.md
 */
export function createCache(options: CacheOptions): Cache {
  return options.url === null ? NO_CACHE : connectCache(options.url, options);
}

const NO_CACHE: Cache = {
  apply: async () => undefined,
  state: () => 'not_configured',
  missed: () => 0,
  [Symbol.asyncDispose]: async () => undefined,
};

function connectCache(url: string, options: CacheOptions): Cache {
  const { clock, log } = options;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt) => backoffMs(RECONNECT, attempt, clock.random),
  });
  let missed: CacheChange[] = [];
  let forgot = false;

  const keep = (changes: readonly CacheChange[]) => {
    missed.push(...changes);
    if (missed.length > MAX_MISSED) {
      forgot = true;
      missed = missed.slice(-MAX_MISSED);
    }
  };

  const write = async (changes: readonly CacheChange[]) => {
    try {
      await send(redis, changes, options);
    } catch (error) {
      options.onFailure();
      log('debug', 'cache changes are kept for later', { changes: changes.length, reason: reasonOf(error) });
      keep(changes);
    }
  };

  const catchUp = async () => {
    if (forgot) {
      await sweep(redis, 'profile:*');
      forgot = false;
    }
    const late = missed;
    missed = [];
    await write(late);
  };

  followConnection(redis, log, catchUp);
  // The first failure is told by the `error` event, and retryStrategy goes on from there.
  void redis.connect().catch(() => undefined);

  return {
    async apply(changes) {
      if (changes.length === 0) return;
      if (redis.status !== 'ready') {
        options.onFailure();
        keep(changes);
        return;
      }
      if (missed.length > 0) await catchUp().catch(() => undefined);
      await write(changes);
    },
    state: () => (redis.status === 'ready' ? 'up' : 'down'),
    missed: () => missed.length,
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
}

/** Throws the first error; some of the changes may have been made then. */
async function send(redis: Redis, changes: readonly CacheChange[], lifetimes: CacheLifetimes): Promise<void> {
  for (let start = 0; start < changes.length; start += CHANGES_PER_PIPELINE) {
    const pipeline = redis.pipeline();
    for (const change of changes.slice(start, start + CHANGES_PER_PIPELINE)) queueChange(pipeline, change, lifetimes);
    const results = (await pipeline.exec()) ?? [];
    const failure = results.find(([error]) => error !== null)?.[0];
    if (failure) throw failure;
  }
}

/** Catches up at each connect; an outage is told once when it begins and once when it is over. */
function followConnection(redis: Redis, log: Log, catchUp: () => Promise<void>): void {
  let wasUp = true;
  redis.on('ready', () => {
    if (!wasUp) log('info', 'redis is back');
    wasUp = true;
    void catchUp().catch((error) => log('warn', 'the cache could not catch up', { reason: reasonOf(error) }));
  });
  redis.on('error', (error) => {
    if (wasUp) log('warn', 'redis is away: events go on without it', { reason: reasonOf(error) });
    wasUp = false;
  });
}

async function sweep(redis: Redis, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', SWEEP_PAGE);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}
