import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../../functions/_shared/log.ts';
import { createLocalLimiter, createRateLimiter, rateHeaders } from '../../../functions/_shared/rate-limit.ts';
import { createRedis, type RedisGate } from '../../../functions/_shared/redis.ts';
import { eventually } from '../../support/eventually.ts';

const silent = createLogger('silent', Date.now);
const policy = { limit: 5, window_s: 10 };

describe('the limit within one process', () => {
  test('lets as many through as the policy says, then says how long to wait', async () => {
    const limiter = createLocalLimiter(() => 1_000_000);
    const verdicts = [];
    for (let i = 0; i < 6; i += 1) verdicts.push(await limiter.hit('user', policy, 'ana'));
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0]);
    expect(verdicts[5]?.wait_ms).toBe(12_000);
  });

  test('keeps keys and policies apart', async () => {
    const limiter = createLocalLimiter(() => 0);
    for (let i = 0; i < 5; i += 1) await limiter.hit('user', policy, 'ana');
    expect((await limiter.hit('user', policy, 'ben')).allowed).toBe(true);
    expect((await limiter.hit('ip', policy, 'ana')).allowed).toBe(true);
  });

  test('never lets more than the limit through in any window, and lets through after wait_ms', async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(gaps, async (steps) => {
        let now_ms = 0;
        const limiter = createLocalLimiter(() => now_ms);
        const passed: number[] = [];
        for (const step of steps) {
          now_ms += step;
          const verdict = await limiter.hit('user', policy, 'ana');
          if (verdict.allowed) passed.push(now_ms);
          else {
            now_ms += verdict.wait_ms;
            expect((await limiter.hit('user', policy, 'ana')).allowed).toBe(true);
            passed.push(now_ms);
          }
        }
        // Aligned windows are exact; a window across a boundary is an estimate, yet never twice the limit.
        const inWindow = Map.groupBy(passed, (at) => Math.floor(at / 10_000));
        for (const hits of inWindow.values()) expect(hits.length).toBeLessThanOrEqual(policy.limit);
      }),
    );
  });

  test('forgets the oldest keys instead of growing', async () => {
    const limiter = createLocalLimiter(() => 0, 2);
    for (const key of ['a', 'a', 'b', 'c']) await limiter.hit('user', policy, key);
    expect((await limiter.hit('user', policy, 'a')).remaining).toBe(4);
  });
});

describe('the headers', () => {
  test('are structured fields of the draft', () => {
    const verdict = {
      name: 'user',
      policy: { limit: 300, window_s: 60 },
      allowed: true,
      remaining: 299,
      wait_ms: 58_001,
    } as const;
    expect(rateHeaders([verdict])).toEqual([
      ['RateLimit-Policy', '"user";q=300;w=60'],
      ['RateLimit', '"user";r=299;t=59'],
    ]);
  });
});

describe('the limit in Redis', () => {
  let server: ChildProcess | undefined;
  let url: string;
  let redis: RedisGate;

  beforeAll(async () => {
    [server, url] = await startRedis();
    redis = createRedis(url, { clock: Date.now, logger: silent });
    await eventually('Redis answers', () => redis.run((client) => client.ping()));
  });

  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
    server?.kill();
  });

  test('decides exactly as the one within a process', async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 40 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(gaps, async (steps) => {
        run += 1;
        let now_ms = 1_700_000_000_000;
        const local = createLocalLimiter(() => now_ms);
        const shared = createRateLimiter(
          redis,
          () => 0,
          () => now_ms,
        );
        for (const step of steps) {
          now_ms += step;
          expect(await shared.hit('user', policy, `twin-${process.pid}-${run}`)).toEqual(
            await local.hit('user', policy, `${run}`),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  test('counts two instances together', async () => {
    const key = crypto.randomUUID();
    const other = createRedis(url, { clock: Date.now, logger: silent });
    await eventually('Redis answers', () => other.run((client) => client.ping()));
    const instances = [createRateLimiter(redis, Date.now), createRateLimiter(other, Date.now)];
    const hits = await Promise.all(
      Array.from({ length: 20 }, (_, i) => instances[i % 2]?.hit('user', { limit: 7, window_s: 3600 }, key)),
    );
    expect(hits.filter((verdict) => verdict?.allowed)).toHaveLength(7);
    await other[Symbol.asyncDispose]();
  });

  test('counts several hits in one call, each under its own policy whatever the others say', async () => {
    const limiter = createRateLimiter(redis, Date.now);
    const [user, ip] = [crypto.randomUUID(), crypto.randomUUID()];
    const hits = [
      { name: 'user', policy: { limit: 1, window_s: 3600 }, key: user },
      { name: 'ip', policy: { limit: 10, window_s: 3600 }, key: ip },
    ] as const;
    const outcomes = [await limiter.hitAll(hits), await limiter.hitAll(hits)];
    expect(outcomes.map(({ verdicts }) => verdicts.map(({ name, allowed }) => [name, allowed]))).toEqual([
      [
        ['user', true],
        ['ip', true],
      ],
      [
        ['user', false],
        ['ip', true],
      ],
    ]);
    expect((await limiter.hit('ip', hits[1].policy, ip)).remaining).toBe(7);
  });

  test('reads a flag in the same call', async () => {
    const limiter = createRateLimiter(redis, Date.now);
    const flag = `flag:${crypto.randomUUID()}`;
    const hits = [{ name: 'user', policy, key: flag }] as const;
    expect((await limiter.hitAll(hits, flag)).flagged).toBe(false);
    await redis.run((client) => client.set(flag, '1', 'EX', 60));
    expect((await limiter.hitAll(hits, flag)).flagged).toBe(true);
    expect((await limiter.hitAll(hits)).flagged).toBe(false);
  });

  test('goes on when Redis has forgotten the script', async () => {
    const limiter = createRateLimiter(redis, Date.now);
    const key = crypto.randomUUID();
    await limiter.hit('user', policy, key);
    await redis.run((client) => client.script('FLUSH'));
    expect((await limiter.hit('user', policy, key)).remaining).toBe(3);
  });

  test('leaves no key behind for ever', async () => {
    const key = crypto.randomUUID();
    await createRateLimiter(redis, Date.now).hit('user', policy, key);
    const ttl_ms = await redis.run((client) => client.pttl(`rate:user:${key}`));
    expect(ttl_ms).toBeGreaterThan(0);
    expect(ttl_ms).toBeLessThanOrEqual(20_000);
  });
});

describe('a Redis that accepts connections and says nothing', () => {
  test('costs a bounded time and then nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using redis = createRedis(`redis://127.0.0.1:${port}`, { clock: Date.now, logger: silent });
    const limiter = createRateLimiter(redis, Date.now);
    const startedAt = performance.now();
    for (let i = 0; i < 5; i += 1) expect((await limiter.hit('user', policy, 'ana')).allowed).toBe(true);
    expect((await limiter.hit('user', policy, 'ana')).allowed).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    server.close();
  });
});

/** The Redis of REDIS_URL, else one of our own from the redis-server on PATH. */
async function startRedis(): Promise<[ChildProcess | undefined, string]> {
  const given = process.env['REDIS_URL'];
  if (given) return [undefined, given];
  if (spawnSync('redis-server', ['--version']).error) {
    throw new Error('These tests need Redis: install it (apt-get install redis-server) or set REDIS_URL');
  }
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return [spawn('redis-server', args, { stdio: 'ignore' }), `redis://127.0.0.1:${port}`];
}
