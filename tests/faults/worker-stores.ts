import { freePortBase } from '../../scripts/stack/ports.ts';
import { startStack } from '../../scripts/stack/stack.ts';
import type { StoreUrls } from '../worker/fixture.ts';

/** Postgres with our schema, MongoDB and Redis, without the worker: for tests that take them away. */
export async function startStores() {
  const stack = await startStack({
    ...{ name: 'test-worker-faults', portBase: await freePortBase(), reset: true, quiet: true, watch: false },
    only: ['postgres', 'redis', 'mongodb'],
  });
  const { SUPABASE_DB_URL: database, MONGODB_URL: mongodb, REDIS_URL: redis } = stack.env;
  if (!mongodb || !redis) throw new Error('These tests need Redis and MongoDB: npm start says what to install');
  const urls: StoreUrls = { database, mongodb, redis };
  return { ...stack, urls };
}
