import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import { exportOf } from '../../worker/accounts/export.ts';
import { type AccountDeps, accountLoop, type FileStore } from '../../worker/accounts/jobs.ts';
import { exportFilesLoop } from '../../worker/accounts/upkeep.ts';
import { createObjectStore } from '../../worker/objects.ts';
import { connect, freshName, type Person, type TestConnection } from '../support/database.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { caughtUp, type WorkerFixture } from './fixture.ts';
import { spawnWorker } from './spawn.ts';
import { ownStores } from './stores.ts';

const { SUPABASE_URL: url, SUPABASE_SECRET_KEY: secretKey } = testEnvironment();
const storage = createClient(url, secretKey, { auth: { persistSession: false } }).storage.from('exports');

type Exported = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** The file of a job, parsed; null when there is none. */
async function fileOf(person: Person, id: string): Promise<Exported | null> {
  const { data } = await storage.download(`${person.id}/${id}.json`);
  return data === null ? null : (JSON.parse(await data.text()) as Exported);
}

async function request(db: TestConnection, kind: 'export' | 'deletion', { id }: Person): Promise<string> {
  const { job } = await db.one<{ job: { id: string } }>(`select app_private.request_${kind}($1) as job`, [id]);
  await db.query('update public.account_jobs set run_after = now() where id = $1', [job.id]);
  return job.id;
}

function stateOf(db: TestConnection, id: string) {
  return db.one<{ state: string; attempts: number; last_error: string | null; file_path: string | null }>(
    'select state, attempts, last_error, file_path from public.account_jobs where id = $1',
    [id],
  );
}

function depsOf(
  { database, deps }: WorkerFixture,
  files: FileStore = createObjectStore({ url, secretKey }),
): AccountDeps {
  const { metrics, clock, log } = deps;
  return { database, files, metrics, clock, log };
}

/** One round of the loop that runs jobs. */
async function runJobs(deps: AccountDeps, signal = new AbortController().signal): Promise<void> {
  await accountLoop(deps, signal).round();
}

/** Gives somebody more rows than a page has: posts, and a bookmark of each. */
async function bookmark(db: TestConnection, person: Person, count: number, words = ''): Promise<void> {
  await db.query(
    `with made as (
       insert into public.posts (author_id, content, status, published_at)
       select $1, 'post ' || n || $3, 'published', now() + n * interval '1 microsecond' from generate_series(1, $2) n returning id)
     insert into public.bookmarks (user_id, post_id) select $1, id from made`,
    [person.id, count, words],
  );
}

/** Takes uploads for Storage and lets none of them end. */
async function stuckStorage() {
  const uploads: IncomingMessage[] = [];
  const server = createServer((incoming) => {
    incoming.once('data', () => uploads.push(incoming.pause()));
    incoming.on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploads,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

test('an export has every row, however many pages they fill, and numbers that JSON would round', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  await bookmark(db, ana, 1_234);
  await db.query(
    `insert into ledger.payment_requests (id, requester, payer, currency, amount_minor, expires_at)
     values (gen_random_uuid(), $1, gen_random_uuid(), 'USD', 9007199254740993, now() + interval '1 day')`,
    [ana.id],
  );
  const id = await request(db, 'export', ana);
  await runJobs(depsOf(stores));
  expect(await stateOf(db, id)).toMatchObject({ state: 'done', file_path: `${ana.id}/${id}.json` });
  const file = await fileOf(ana, id);
  const content = file?.['posts']?.map((post) => post['content']);
  expect(new Set(content).size).toBe(1_234);
  expect(content).toHaveLength(1_234);
  expect(file?.['bookmarks']).toHaveLength(1_234);
  expect(await (await storage.download(`${ana.id}/${id}.json`)).data?.text()).toContain('9007199254740993');
});

test('an export is read as it is written, a few pages ahead at most', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  await bookmark(db, ana, 4_000, 'x'.repeat(4_000));
  let pages = 0;
  const text = exportOf(stores.database, { user_id: ana.id, exported_at: new Date() }, async () => {
    pages += 1;
  });
  await using server = await stuckStorage();
  const stop = new AbortController();
  const written = createObjectStore({ url: server.url, secretKey }).write('exports', 'a', text, stop.signal);
  const refused = expect(written).rejects.toThrow();
  await eventually('it is being written', async () => server.uploads.length === 1);
  const seen: number[] = [];
  await eventually('nothing more is read', async () => seen.push(pages) > 1 && seen.at(-2) === pages, {
    every_ms: 1_000,
  });
  const { before } = await db.one<{ before: number }>(
    "select (n - 1)::int as before from app_private.export_sections() with ordinality x (section, relation, person, keys, hidden, covers, n) where section = 'posts'",
  );
  // The posts are 8 pages of 2 MB: what is beyond the buffers of two sockets has not been read.
  expect(pages).toBeGreaterThan(before);
  expect(pages).toBeLessThan(before + 6);
  stop.abort();
  await refused;
});

test('a worker killed in the middle of an export leaves a job that another one finishes', async () => {
  await using server = await stuckStorage();
  await using stores = await ownStores({ SUPABASE_URL: server.url, SUPABASE_SECRET_KEY: secretKey });
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  await bookmark(db, ana, 700);
  const id = await request(db, 'export', ana);
  const killed = spawnWorker(stores.environment);
  await eventually('it is writing', async () => server.uploads.length > 0);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await stateOf(db, id)).toMatchObject({ state: 'running', attempts: 1 });
  expect(await fileOf(ana, id)).toBeNull();

  // Its lease is five minutes, which nobody has to wait for here.
  await db.query('update public.account_jobs set run_after = now() where id = $1', [id]);
  const next = spawnWorker({ ...stores.environment, SUPABASE_URL: url });
  await eventually('it is done', async () => (await stateOf(db, id)).state === 'done');
  next.kill('SIGTERM');
  await once(next, 'exit');
  expect((await fileOf(ana, id))?.['posts']).toHaveLength(700);
});

test('a worker that is told to stop gives the export back at once', async () => {
  await using server = await stuckStorage();
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  const id = await request(db, 'export', ana);
  const stop = new AbortController();
  const running = runJobs(depsOf(stores, createObjectStore({ url: server.url, secretKey })), stop.signal);
  await eventually('it is writing', async () => server.uploads.length > 0);
  stop.abort();
  await running;
  expect(await stateOf(db, id)).toMatchObject({ state: 'queued' });
  await runJobs(depsOf(stores));
  expect(await stateOf(db, id)).toMatchObject({ state: 'done' });
});

test('without Storage an export is tried again, later each time, and fails after the tenth try', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const id = await request(db, 'export', await db.signUp({ username: freshName() }));
  const away = depsOf(stores, createObjectStore({ url: 'http://127.0.0.1:9', secretKey }));
  await runJobs(away);
  expect(await stateOf(db, id)).toMatchObject({ state: 'queued', attempts: 1, last_error: expect.any(String) });
  expect(await db.query('select from public.account_jobs where id = $1 and run_after <= now()', [id])).toEqual([]);
  await db.query('update public.account_jobs set run_after = now(), attempts = 9 where id = $1', [id]);
  await runJobs(away);
  expect(await stateOf(db, id)).toMatchObject({ state: 'failed', attempts: 10 });
});

test('the file of somebody who was deleted while it was written goes again', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  const id = await request(db, 'export', ana);
  const real = createObjectStore({ url, secretKey });
  const files: FileStore = {
    ...real,
    async write(...args) {
      await real.write(...args);
      await db.query('delete from auth.users where id = $1', [ana.id]);
    },
  };
  await runJobs(depsOf(stores, files));
  expect(await stateOf(db, id)).toMatchObject({ state: 'cancelled', file_path: null });
  expect(await fileOf(ana, id)).toBeNull();
});

test('a file whose time is over is removed', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  const id = await request(db, 'export', ana);
  const deps = depsOf(stores);
  await runJobs(deps);
  await exportFilesLoop(deps).round();
  expect(await fileOf(ana, id)).not.toBeNull();
  await db.query('update public.account_jobs set expires_at = now() where id = $1', [id]);
  await exportFilesLoop(deps).round();
  expect(await fileOf(ana, id)).toBeNull();
  expect(await stateOf(db, id)).toMatchObject({ state: 'done', file_path: null });
});

test('a deletion whose files Storage does not let go of is tried until it does; the person is gone at once', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName() });
  await db.query("insert into storage.objects (bucket_id, name, owner_id) values ('exports', 'ana.txt', $1)", [ana.id]);
  const id = await request(db, 'deletion', ana);
  const removed: string[] = [];
  let works = false;
  const files: FileStore = {
    write: () => Promise.reject(new Error('nothing is written here')),
    async remove(bucket, paths) {
      if (!works) throw new Error('Storage is away');
      removed.push(...paths.map((path) => `${bucket}/${path}`));
      await db.query('delete from storage.objects where owner_id = $1', [ana.id]);
    },
  };
  await runJobs(depsOf(stores, files));
  expect(await db.query('select from auth.users where id = $1', [ana.id])).toEqual([]);
  expect(await stateOf(db, id)).toMatchObject({ state: 'queued', last_error: 'Storage is away' });
  works = true;
  await db.query('update public.account_jobs set run_after = now() where id = $1', [id]);
  await runJobs(depsOf(stores, files));
  expect(await stateOf(db, id)).toMatchObject({ state: 'done' });
  expect(removed).toEqual(['exports/ana.txt']);
});

test('MongoDB and Redis know nothing of a deleted person but ids', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const ana = await db.signUp({ username: freshName('ana'), full_name: 'Ana Perez' });
  await db.signIn(ana);
  await db.query("update public.profiles set bio = 'Bakes bread' where id = $1", [ana.id]);
  await stores.start();
  await caughtUp(stores);
  const stored = async () =>
    JSON.stringify([
      await stores.mongo.collection('events').find().toArray(),
      await stores.mongo.collection('audit_log').find().toArray(),
      await stores.redis.get(`profile:${ana.id}`),
    ]);
  const facts = [ana.username, 'Ana Perez', 'Bakes bread', '192.0.2.7'];
  for (const fact of facts) expect(await stored(), fact).toContain(fact);

  await request(db, 'deletion', ana);
  await runJobs(depsOf(stores));
  await caughtUp(stores);
  for (const fact of facts) expect(await stored(), fact).not.toContain(fact);
  expect(await stored()).toContain(ana.id);
  const { rowCount } = await stores.db.query('select from app_private.outbox_events where dead_at is not null');
  expect(rowCount).toBe(0);
});
