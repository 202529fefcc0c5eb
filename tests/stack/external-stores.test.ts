import { afterEach, expect, test } from 'vitest';
import { externalStoreUrl } from '../../scripts/stack/external-store.ts';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { startStack } from '../../scripts/stack/stack.ts';

afterEach(() => {
  for (const name of ['REDIS_URL', 'ASTRA_STACK']) delete process.env[name];
});

test('a REDIS_URL that does not answer stops the start with the next command', async () => {
  process.env['REDIS_URL'] = `redis://127.0.0.1:${await freePortBase()}`;
  const start = startStack({ name: 'test-external', portBase: await freePortBase(), quiet: true, only: ['redis'] });
  await expect(start).rejects.toThrow(/REDIS_URL names 127\.0\.0\.1:\d+, which does not answer[\s\S]*unset REDIS_URL/);
});

test('a REDIS_URL that leads to another stack is not taken over', async () => {
  process.env['REDIS_URL'] = 'redis://127.0.0.1:54328';
  expect(externalStoreUrl('redis')).toBe('redis://127.0.0.1:54328');
  process.env['ASTRA_STACK'] = 'local';
  expect(externalStoreUrl('redis')).toBeUndefined();
});
