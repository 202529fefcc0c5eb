import { createHash } from 'node:crypto';
import type { RatePolicy, RatePolicyName } from './config.ts';
import { createRecent } from './recent.ts';
import type { RedisGate } from './redis.ts';

/** The outcome of one request under one policy. */
export interface Verdict {
  readonly name: RatePolicyName;
  readonly policy: RatePolicy;
  readonly allowed: boolean;
  /** Requests left in the window. */
  readonly remaining: number;
  /** Milliseconds until the window ends, or, when refused, until the next request would be let through. */
  readonly wait_ms: number;
}

/** One request to be counted under one policy. */
export interface Hit {
  readonly name: RatePolicyName;
  readonly policy: RatePolicy;
  readonly key: string;
}

/** What became of several hits, in their order. */
export interface HitsAnswer {
  readonly verdicts: readonly Verdict[];
  /** Whether the flag that was asked about is set; false when Redis cannot say. */
  readonly flagged: boolean;
}

/** Counts requests per policy and key; answers are shared by all instances through Redis, else kept in this process. */
export interface RateLimiter {
  readonly hit: (name: RatePolicyName, policy: RatePolicy, key: string) => Promise<Verdict>;
  /** Counts under each policy, whatever the others say, and reads the Redis key `flag`: all of it in one round trip. */
  readonly hitAll: (hits: readonly Hit[], flag?: string) => Promise<HitsAnswer>;
}

/** The state of one key: which window, how many in it, how many in the one before. */
export interface Window {
  index: number;
  current: number;
  previous: number;
}

/**
 * Sliding window by two counters: the previous window counts with the share of it that still overlaps the last `window_ms`. Unlike a
 * fixed window it never lets twice the limit through at a boundary, unlike a log it needs constant memory.
 * Changes `state` when the request is allowed.
 */
export function slide(state: Window, { limit, window_s }: RatePolicy, now_ms: number) {
  const window_ms = window_s * 1000;
  const index = Math.floor(now_ms / window_ms);
  if (state.index !== index) {
    state.previous = state.index === index - 1 ? state.current : 0;
    state.current = 0;
    state.index = index;
  }
  const share = (now_ms % window_ms) / window_ms;
  const used = state.previous * (1 - share) + state.current;
  if (used + 1 <= limit) {
    state.current += 1;
    return { allowed: true, remaining: Math.floor(limit - used - 1), wait_ms: Math.ceil((1 - share) * window_ms) };
  }
  const wait =
    state.current + 1 <= limit
      ? 1 - (limit - 1 - state.current) / state.previous - share
      : 1 - share + (1 - (limit - 1) / state.current);
  return { allowed: false, remaining: 0, wait_ms: Math.max(1, Math.ceil(wait * window_ms)) };
}

/**
 * The same arithmetic as `slide`, in Redis, so that all instances count together in one round trip on Redis' own clock.
 * KEYS: one per hit, then perhaps the flag. ARGV: the time for tests or '', then limit and window of each hit.
 */
const SLIDE_LUA = `
local now_ms = tonumber(ARGV[1])
if not now_ms then
  local t = redis.call('TIME')
  now_ms = t[1] * 1000 + math.floor(t[2] / 1000)
end

local function slide(key, limit, window_ms)
  local index = math.floor(now_ms / window_ms)
  local state = redis.call('HMGET', key, 'i', 'c', 'p')
  local i, c, p = tonumber(state[1]), tonumber(state[2]) or 0, tonumber(state[3]) or 0
  if i ~= index then
    if i == index - 1 then p = c else p = 0 end
    c = 0
  end
  local share = (now_ms % window_ms) / window_ms
  local used = p * (1 - share) + c
  if used + 1 <= limit then
    if i == index then
      redis.call('HSET', key, 'c', c + 1)
    else
      redis.call('HSET', key, 'i', index, 'c', 1, 'p', p)
      -- Counted from here it outlives the next window, the last one that asks for it.
      redis.call('PEXPIRE', key, window_ms * 2)
    end
    return { 1, math.floor(limit - used - 1), math.ceil((1 - share) * window_ms) }
  end
  local wait
  if c + 1 <= limit then wait = 1 - (limit - 1 - c) / p - share
  else wait = 1 - share + (1 - (limit - 1) / c) end
  return { 0, 0, math.max(1, math.ceil(wait * window_ms)) }
end

local hits = (#ARGV - 1) / 2
local flag = KEYS[hits + 1]
local answer = { flag and redis.call('GET', flag) == '1' and 1 or 0 }
for n = 1, hits do
  answer[n + 1] = slide(KEYS[n], tonumber(ARGV[2 * n]), tonumber(ARGV[2 * n + 1]))
end
return answer
`;
const SLIDE_SHA = createHash('sha1').update(SLIDE_LUA).digest('hex');

/** A limiter that counts in Redis; `now_ms` is for tests, production leaves time to Redis. */
export function createRateLimiter(redis: RedisGate, clock: () => number, now_ms?: () => number): RateLimiter {
  const local = createLocalLimiter(clock);
  return limiterOf(async (hits, flag) => {
    const keys = hits.map(({ name, key }) => `rate:${name}:${key}`);
    if (flag !== undefined) keys.push(flag);
    const args = hits.flatMap(({ policy }) => [policy.limit, policy.window_s * 1000]);
    const answer = await redis.run(async (client) => {
      const rest = [keys.length, ...keys, now_ms?.() ?? '', ...args] as const;
      try {
        return await client.evalsha(SLIDE_SHA, ...rest);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await client.eval(SLIDE_LUA, ...rest);
      }
    });
    if (!Array.isArray(answer)) return await local.hitAll(hits);
    const [flagged, ...answers] = answer as [number, ...(readonly [number, number, number])[]];
    const verdicts = hits.map(({ name, policy }, n): Verdict => {
      const [allowed = 0, remaining = 0, wait_ms = 1] = answers[n] ?? [];
      return { name, policy, allowed: allowed === 1, remaining, wait_ms };
    });
    return { verdicts, flagged: flagged === 1 };
  });
}

/** A limiter from its way to count several hits. */
function limiterOf(hitAll: RateLimiter['hitAll']): RateLimiter {
  return {
    hitAll,
    async hit(name, policy, key) {
      const { verdicts } = await hitAll([{ name, policy, key }]);
      const [verdict] = verdicts;
      if (verdict === undefined) throw new Error('a hit has no verdict');
      return verdict;
    },
  };
}

/** As many keys as one process remembers; the oldest is forgotten first, so an attack with many keys cannot fill memory. */
const MAX_LOCAL_KEYS = 10_000;

/** A limiter within this process, for when Redis is away: looser across instances, but neither an open door nor an outage. */
export function createLocalLimiter(clock: () => number, maxKeys: number = MAX_LOCAL_KEYS): RateLimiter {
  const windows = createRecent<string, Window>(maxKeys);
  return limiterOf(async (hits) => {
    const verdicts = hits.map(({ name, policy, key }): Verdict => {
      const id = `${name}:${key}`;
      const state = windows.get(id) ?? { index: -1, current: 0, previous: 0 };
      windows.set(id, state);
      return { name, policy, ...slide(state, policy, clock()) };
    });
    return { verdicts, flagged: false };
  });
}

/** `RateLimit-Policy` and `RateLimit` as structured fields (draft-ietf-httpapi-ratelimit-headers-10). */
export function rateHeaders(verdicts: readonly Verdict[]): [string, string][] {
  if (verdicts.length === 0) return [];
  const policies = verdicts.map(({ name, policy }) => `"${name}";q=${policy.limit};w=${policy.window_s}`);
  const limits = verdicts.map(
    ({ name, remaining, wait_ms }) => `"${name}";r=${remaining};t=${Math.ceil(wait_ms / 1000)}`,
  );
  return [
    ['RateLimit-Policy', policies.join(', ')],
    ['RateLimit', limits.join(', ')],
  ];
}
