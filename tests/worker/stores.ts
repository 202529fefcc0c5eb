import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type WorkerFixture, workerFixture } from './fixture.ts';

/** A worker's stores for one test: a database of its own, and its own names in the running MongoDB and Redis. */
export async function ownStores(settings: Readonly<Record<string, string>> = {}): Promise<WorkerFixture> {
  const { MONGODB_URL: mongodb, REDIS_URL: redis, ASTRA_TEST_DB_URL: template } = process.env;
  if (!mongodb || !redis || !template)
    throw new Error('Set MONGODB_URL, REDIS_URL and ASTRA_TEST_DB_URL, or run npm test');
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await cloneDatabase(template));
  const fixture = stack.use(await workerFixture({ database: database.url, mongodb, redis }, settings));
  const moved = stack.move();
  return { ...fixture, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

async function cloneDatabase(template: string): Promise<AsyncDisposable & { readonly url: string }> {
  const name = `worker_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: Object.assign(new URL(template), { pathname: '/postgres' }).href });
  await admin.connect();
  await admin.query(`create database ${name} template ${new URL(template).pathname.slice(1)}`);
  return {
    url: Object.assign(new URL(template), { pathname: `/${name}` }).href,
    async [Symbol.asyncDispose]() {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}
