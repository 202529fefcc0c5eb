import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { MongoClient } from 'mongodb';
import type pg from 'pg';
import type { FoldState } from '../../worker/analytics/analytics.ts';
import type { LogPlace } from '../../worker/outbox/store.ts';
import { LOG_START, watermarkOf } from '../../worker/rollups/increments.ts';
import type { AstraEnvironment } from '../environment.ts';
import type { Member } from './people.ts';
import { table } from './table.ts';

interface Landing {
  readonly environment: AstraEnvironment;
  readonly operator: pg.Client;
  readonly mongo: MongoClient | undefined;
  /** The transactions that this run booked. */
  readonly bookedIds: ReadonlySet<string>;
  readonly members: readonly Member[];
}

const DEADLINE_MS = 20_000;

/** Prints what the journey left in Postgres, MongoDB and Redis; waits, up to a deadline, until the worker has caught up. */
export async function printLanded(landing: Landing): Promise<void> {
  await printLedger(landing);
  await printAnalytics(landing);
  await printCache(landing);
}

async function printLedger({ operator, members }: Landing): Promise<void> {
  console.log('\n5. Postgres, the authority: wallets as their owners see them, and the ledger behind them\n');
  const wallets = await Promise.all(
    members.map(async ({ client, username }) => {
      const { data } = await client
        .from('wallet')
        .select('currency, balance, pending_balance, total_earnings')
        .single();
      return { owner: `@${username}`, ...data };
    }),
  );
  console.log(table(wallets));
  const { rows } = await operator.query<{ legs: string; sum: string; transfers: string }>(
    // With the legs that wait to become entries.
    `select (select count(*) from ledger.transfers) as transfers, count(*) as legs, coalesce(sum(l.amount_minor), 0) as sum
     from (select amount_minor from ledger.entries union all select amount_minor from ledger.queued_entries) l`,
  );
  console.log(`\n   ${rows[0]?.transfers} transfers, ${rows[0]?.legs} legs; all legs together sum to ${rows[0]?.sum}`);
}

async function printAnalytics({ operator, mongo, bookedIds }: Landing): Promise<void> {
  if (mongo === undefined) {
    console.log('\n6. MongoDB: not running here, the events wait in the outbox (docs/worker.md says what to install)');
    return;
  }
  const analytics = mongo.db();
  const mine = { type: 'wallet.transfer_completed', 'payload.transfer_id': { $in: [...bookedIds] } };
  const arrived = await until(
    () => analytics.collection('events').countDocuments(mine),
    (count) => count === bookedIds.size,
  );
  console.log(`\n6. MongoDB, analytics: ${arrived} of the ${bookedIds.size} booked transfers arrived as events\n`);
  const { rows } = await operator.query<LogPlace>(
    'select tx_id::text, position::text from app_private.outbox_events order by tx_id desc, position desc limit 1',
  );
  const last = rows[0] === undefined ? LOG_START : watermarkOf(rows[0]);
  const counted = await until(
    () => analytics.collection<FoldState>('worker_state').findOne({ _id: 'rollups_daily' }),
    (state) => (state?.upto ?? LOG_START) >= last,
  );
  const rollups = await analytics
    .collection('rollups_daily')
    .find({ currency: { $ne: null } })
    .sort({ _id: -1 })
    .toArray();
  const today = rollups.filter(({ day }) => day === rollups[0]?.['day']);
  console.log(
    table(
      today.map(({ day, type, state, count, amount_minor, currency }) => ({
        ...{ day, event: type, state: state ?? '', count: String(count) },
        // Of money on its way there is no sum: it is counted where it ends.
        amount_minor: amount_minor === null ? '' : `${amount_minor} ${currency}`,
      })),
    ),
  );
  if ((counted?.upto ?? LOG_START) < last)
    console.log('\n   The worker is still counting: some of the latest events are not in yet.');
}

async function printCache({ environment, members }: Landing): Promise<void> {
  const first = members[0];
  if (environment.REDIS_URL === undefined || first === undefined) {
    console.log('\n7. Redis: not running here, requests go on without a cache');
    return;
  }
  const redis = new Redis(environment.REDIS_URL, { maxRetriesPerRequest: 1 });
  try {
    const profile = await until(
      () => redis.get(`profile:${first.id}`),
      (cached) => cached !== null,
    );
    const activity = await redis.zrevrange(`wallet:activity:${first.id}`, 0, 2);
    console.log(
      `\n7. Redis, the cache\n\n   profile:${first.id}\n     ${profile}\n   wallet:activity:${first.id} (newest 3)`,
    );
    for (const entry of activity) console.log(`     ${entry}`);
  } finally {
    redis.disconnect();
  }
}

/** Asks again until the answer is `done` or the deadline has passed; gives the last answer. */
async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (done(answer) || Date.now() > deadline) return answer;
    await wait(100);
  }
}
