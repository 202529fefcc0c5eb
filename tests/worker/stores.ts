import { cloneDatabase } from '../support/clone-database.ts';
import { type WorkerFixture, workerFixture } from './fixture.ts';

/** A worker's stores for one test: a database of its own, and its own names in the running MongoDB and Redis. */
export async function ownStores(settings: Readonly<Record<string, string>> = {}): Promise<WorkerFixture> {
  const { MONGODB_URL: mongodb, REDIS_URL: redis } = process.env;
  if (!mongodb || !redis) throw new Error('MONGODB_URL and REDIS_URL are not set: npm test starts both');
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await cloneDatabase());
  const fixture = stack.use(await workerFixture({ database: database.url, mongodb, redis }, settings));
  const moved = stack.move();
  return { ...fixture, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}
