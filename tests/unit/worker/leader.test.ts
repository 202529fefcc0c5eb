import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../worker/metrics.ts';
import { type LeaderDeps, leadRollups } from '../../../worker/rollups/leader.ts';
import { Bell } from '../../../worker/time.ts';

test('a leader without MongoDB tries ever more rarely, and warns once', async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  const levels: string[] = [];
  const away = () => Promise.reject(new Error('no MongoDB'));
  const deps = {
    database: {
      connect: async () =>
        Object.assign(new EventEmitter(), {
          query: async () => ({ rows: [{ leads: true }] }),
          end: async () => undefined,
        }),
    },
    analytics: { foldState: { findOne: away } },
    metrics: createMetrics(),
    bell: new Bell(),
    log: (level: string, message: string) => message === 'the rollups wait' && levels.push(level),
    clock: {
      now: () => new Date(),
      random: () => 0,
      sleep: async (ms: number) => {
        if (pauses.push(ms) === 6) stop.abort();
      },
    },
    batchSize: 10,
  };
  await leadRollups(deps as unknown as LeaderDeps, stop.signal);
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000]);
  expect(levels).toEqual(['warn', 'debug', 'debug', 'debug', 'debug', 'debug']);
});
