import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { type Db, MongoClient } from 'mongodb';
import pg from 'pg';
import { type Analytics, createAnalytics } from '../../worker/analytics/analytics.ts';
import { type Cache, createCache } from '../../worker/cache/cache.ts';
import { readConfig, type WorkerConfig } from '../../worker/config.ts';
import { createDatabase, type Database } from '../../worker/database.ts';
import type { Log } from '../../worker/log.ts';
import { createMetrics } from '../../worker/metrics.ts';
import type { ConsumerDeps } from '../../worker/outbox/consumer.ts';
import { createOutboxStore } from '../../worker/outbox/store.ts';
import { Bell, systemClock } from '../../worker/time.ts';
import { createBroadcast } from '../../worker/wallet/broadcast.ts';
import { startWorker, type Worker } from '../../worker/worker.ts';
import { eventually } from '../support/eventually.ts';

const quiet: Log = () => undefined;

/** One event for the outbox; ids and names that the test does not care about are made up. */
export interface TestEvent {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A database, a MongoDB database and a Redis for one test, and the parts of a worker on them. */
export interface WorkerFixture extends AsyncDisposable {
  /** As the role postgres: what the product's own SQL would do. */
  readonly db: pg.Pool;
  readonly mongo: Db;
  readonly redis: Redis;
  /** For a worker in a process of its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly config: WorkerConfig;
  readonly database: Database;
  readonly analytics: Analytics;
  readonly cache: Cache;
  /** For calling `consumeBatch` and `foldOnce` without a running worker. */
  readonly deps: ConsumerDeps;
  /** Starts a whole worker in this process; it is stopped with the fixture. */
  start(): Promise<Worker>;
  /** Writes events into the outbox in one transaction; returns their ids. */
  emit(...events: readonly TestEvent[]): Promise<string[]>;
}

export interface StoreUrls {
  /** Of the role postgres, to a database with our schema that belongs to this test. */
  readonly database: string;
  readonly mongodb: string;
  readonly redis: string;
}

export async function workerFixture(
  urls: StoreUrls,
  settings: Readonly<Record<string, string>> = {},
): Promise<WorkerFixture> {
  await using stack = new AsyncDisposableStack();
  const mongodbUrl = Object.assign(new URL(urls.mongodb), { pathname: `/worker_${randomUUID().slice(0, 8)}` }).href;
  const environment = {
    ...{ SUPABASE_DB_URL: urls.database, MONGODB_URL: mongodbUrl, REDIS_URL: urls.redis, WORKER_PORT: '0' },
    ...{ WORKER_LEASE_SECONDS: '2', WORKER_BATCH_SIZE: '50', ...settings },
  };
  const config = readConfig(environment);
  const db = stack.adopt(new pg.Pool({ connectionString: urls.database, max: 4 }), (pool) => pool.end());
  db.on('error', () => undefined);
  const client = stack.adopt(
    new MongoClient(mongodbUrl, { promoteLongs: true, serverSelectionTimeoutMS: 3_000 }),
    (it) => it.close(),
  );
  const mongo = client.db();
  const redis = stack.adopt(new Redis(urls.redis, { maxRetriesPerRequest: 1, lazyConnect: true }), (it) =>
    it.disconnect(),
  );
  redis.on('error', () => undefined);
  await redis.connect();

  const database = stack.use(createDatabase(config.database, quiet));
  const analytics = stack.use(createAnalytics(mongodbUrl));
  const cache = stack.use(
    createCache({ ...cacheSettings(config), log: quiet, clock: systemClock, onFailure: () => undefined }),
  );
  const { batchSize, lease_ms, maxAttempts } = config;
  const metrics = createMetrics();
  const deps: ConsumerDeps = {
    ...{ outbox: createOutboxStore(database), analytics, cache, metrics, log: quiet },
    broadcast: createBroadcast({ database, metrics, log: quiet }),
    ...{ clock: systemClock, bell: new Bell(), batchSize, lease_ms, maxAttempts },
  };
  const started = stack.use(new AsyncDisposableStack());
  const moved = stack.move();
  return {
    ...{ db, mongo, redis, environment, config, database, analytics, cache, deps },
    start: async () => started.use(await startWorker(config, systemClock, quiet)),
    emit: (...events) => emit(db, events),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** A log and a clock that say nothing and are real. */
export const quietLog = quiet;

function cacheSettings({ redisUrl, profileTtl_ms, accessToken_ms }: WorkerConfig) {
  return { url: redisUrl, profileTtl_ms, accessToken_ms };
}

async function emit(db: pg.Pool, events: readonly TestEvent[]): Promise<string[]> {
  const rows = events.map(({ type, payload }) => ({ id: randomUUID(), type, payload }));
  await db.query(INSERT_EVENTS, [JSON.stringify(rows)]);
  return rows.map(({ id }) => id);
}

const INSERT_EVENTS = `insert into app_private.outbox_events (id, type, payload)
  select e.id, e.type, e.payload from jsonb_to_recordset($1::jsonb) as e(id uuid, type text, payload jsonb)`;

/** A transfer of `amount_minor` cents between two people. */
export function transfer(amount_minor: bigint, people: { from?: string; to?: string } = {}): TestEvent {
  return {
    type: 'wallet.transfer_completed',
    payload: {
      ...{ transfer_id: randomUUID(), kind: 'transfer', currency: 'USD', exponent: 2, amount_minor: `${amount_minor}` },
      ...{ from_user_id: people.from ?? randomUUID(), to_user_id: people.to ?? randomUUID() },
      ...{ description: 'Lunch', category: 'food', created_at: new Date().toISOString() },
    },
  };
}

/** A changed profile as it was at `updated_at`. */
export function profileUpdated(user_id: string, username: string, updated_at: string): TestEvent {
  return {
    type: 'profile.updated',
    payload: {
      ...{ user_id, username, full_name: null, avatar_url: null, bio: null, location: null, website: null },
      ...{
        is_verified: false,
        verification_level: null,
        is_business_account: false,
        updated_at,
        changed: ['username'],
      },
    },
  };
}

/** Counts and sums by type, currency and state as SQL sees them, in the form of `rollupsOf`. */
export async function aggregateOf(db: pg.Pool): Promise<Record<string, string>> {
  const { rows } = await db.query<{ key: string; value: string }>(
    `select concat_ws('|', to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD'), type,
         case when payload ? 'amount_minor' then payload ->> 'currency' else '-' end,
         case when payload ? 'amount_minor' then payload ->> 'state' end) as key,
       count(*) || ' ' || coalesce(sum(case payload ->> 'state'
         when 'captured' then payload ->> 'captured_minor'
         when 'open' then null when 'pending' then null when 'requested' then null when 'submitted' then null
         else coalesce(greatest(l.given, l.taken)::text, payload ->> 'amount_minor') end::numeric)::text, '-') as value
     from app_private.outbox_events
     left join lateral (
       select sum(n.net) filter (where n.net > 0) as given, -sum(n.net) filter (where n.net < 0) as taken
       from jsonb_array_elements(payload -> 'legs') leg, lateral (select (leg ->> 'amount_minor')::numeric as net) n) l on true
     group by 1`,
  );
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/** The stored rollups as `{ id: "count sum" }`. */
export async function rollupsOf(analytics: Analytics): Promise<Record<string, string>> {
  const documents = await analytics.rollups.find().toArray();
  return Object.fromEntries(
    documents.map(({ _id, count, amount_minor }) => [_id, `${count} ${amount_minor?.toString() ?? '-'}`]),
  );
}

/** How many outbox rows are in each state. */
export async function outboxStates(db: pg.Pool): Promise<{ pending: number; processed: number; dead: number }> {
  const { rows } = await db.query(
    `select count(*) filter (where processed_at is null and dead_at is null)::int as pending,
       count(*) filter (where processed_at is not null)::int as processed,
       count(*) filter (where dead_at is not null)::int as dead
     from app_private.outbox_events`,
  );
  return rows[0];
}

/** Waits until nothing is pending, then until the rollups say what SQL says. */
export async function caughtUp({ db, analytics }: WorkerFixture, deadline_ms = 20_000): Promise<void> {
  const sorted = (counts: Record<string, string>) => JSON.stringify(Object.entries(counts).sort());
  await eventually('the outbox is empty', async () => (await outboxStates(db)).pending === 0, { deadline_ms });
  const expected = sorted(await aggregateOf(db));
  await eventually(`the rollups are ${expected}`, async () => sorted(await rollupsOf(analytics)) === expected, {
    deadline_ms,
  });
}
