import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { NotificationCard } from '../../contracts/api/notifications.ts';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { startStack } from '../../scripts/stack/stack.ts';
import { pidOf } from '../stack/supervisor.ts';
import { signUp } from '../support/api.ts';
import { connect, type Person, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { SseStream } from '../support/sse.ts';
import { workerFixture } from '../worker/fixture.ts';
import { spawnWorker } from '../worker/spawn.ts';
import { startStores } from './worker-stores.ts';

const NAME = 'test-faults';
const KILLS = 12;
const NOTE = `select app_private.emit_event('user.password_changed', p, jsonb_build_object('user_id', p)) from unnest($1::uuid[]) p`;

const counting = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** How many numbers were given. */
async function toldBy(db: TestConnection): Promise<number> {
  const { sum } = await db.one<{ sum: string }>(
    'select coalesce(sum(last_seq), 0) as sum from app_private.notification_states',
  );
  return Number(sum);
}

test('a worker killed again and again while things happen tells everybody of each once, in numbers without a gap', async () => {
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls);
  await using db = await connect(stack.urls.database);
  await using writer = await connect(stack.urls.database);
  const people: Person[] = [];
  for (let n = 0; n < 20; n += 1) people.push(await db.signUp());
  const [author] = people as [Person];
  const post = await db.one<{ id: string }>(
    "insert into public.posts (author_id, content) values ($1, 'Hello') returning id",
    [author.id],
  );
  const others = people.slice(1);
  let rounds = 0;
  let likes = 0;
  let isOver = false;
  const happening = (async () => {
    while (!isOver) {
      await wait(20);
      // No more than a worker tells of in some seconds, however long one takes to start.
      if (rounds * others.length - (await toldBy(writer)) > 2_000) continue;
      await writer.query(NOTE, [others.map(({ id }) => id)]);
      if (rounds % 5 === 0 && likes < others.length) {
        await writer.query('insert into public.post_likes (post_id, user_id) values ($1, $2)', [
          post.id,
          others[likes]?.id,
        ]);
        likes += 1;
      }
      rounds += 1;
    }
  })();
  const told = () => toldBy(db);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await told();
    const worker = spawnWorker(stores.environment);
    await eventually('it tells', async () => (await told()) > before, { every_ms: 1 });
    // Wherever it is by then.
    await wait(Math.random() * 30);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  isOver = true;
  await happening;
  await stores.start();
  await eventually(
    'nothing is left',
    async () =>
      (await told()) >= rounds * others.length + 1 &&
      (await db.one<{ lag: number }>('select lag_seconds as lag from app_private.notification_stats()')).lag === 0,
  );
  await eventually(
    'all are told',
    async () => (await db.query('select from app_private.notification_states where told_seq < last_seq')).length === 0,
  );

  const seqs = await db.query<{ user_id: string; last_seq: string; seqs: number[] }>(
    `select s.user_id, s.last_seq, array(select n.seq::int from public.notifications n where n.user_id = s.user_id order by 1) as seqs
     from app_private.notification_states s where s.user_id <> $1`,
    [author.id],
  );
  expect(seqs).toHaveLength(others.length);
  for (const { last_seq, seqs: kept } of seqs) {
    expect(Number(last_seq)).toBe(rounds);
    // Of very many only the latest are kept; what is there has no gap.
    expect(kept).toEqual(counting(rounds).slice(-kept.length));
    expect(kept.length).toBeGreaterThanOrEqual(Math.min(rounds, 450));
  }
  expect(await db.query('select kind, events_count from public.notifications where user_id = $1', [author.id])).toEqual(
    [{ kind: 'like', events_count: likes }],
  );
  const broadcast = await db.query<{ topic: string; seq: number }>(
    `select m.topic, (n ->> 'seq')::int as seq from realtime.messages m, jsonb_array_elements(m.payload -> 'notifications') n
     where m.event = 'notifications_added'`,
  );
  expect(broadcast.length).toBeGreaterThan(0);
  expect(new Set(broadcast.map(({ topic, seq }) => `${topic} ${seq}`)).size).toBe(broadcast.length);
});

test('functions and database killed again and again under a stream lose no notification and double none', async () => {
  await using stack = await startStack({
    ...{ name: NAME, portBase: await freePortBase(), reset: true, quiet: true, watch: false },
    settings: NO_RATE_LIMITS,
  });
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL } = stack.env;
  Object.assign(process.env, { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL });
  const ana = await signUp('ana');
  const got: number[] = [];
  let lastEventId = '0';
  let connections = 0;
  let isOver = false;
  let current: SseStream | null = null as SseStream | null;
  // As EventSource does: again and again, with the last id.
  const listening = (async () => {
    while (!isOver) {
      const stream = await SseStream.open(`${SUPABASE_URL}/api/notifications/stream`, ana.token, lastEventId).catch(
        () => null,
      );
      if (stream === null) {
        await wait(100);
        continue;
      }
      connections += 1;
      current = stream;
      await eventually('it ends', async () => stream.ended !== null || isOver, { deadline_ms: 110_000 });
      stream.close();
      await eventually('it is closed', async () => stream.ended !== null);
      lastEventId = stream.lastEventId;
      for (const { event, data } of stream.events)
        if (event === 'notification') got.push((data as NotificationCard).seq);
    }
  })();
  let total = 0;
  const more = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      await eventually(
        'it is written',
        async () => {
          await using db = await connect(SUPABASE_DB_URL);
          await db.query(NOTE, [[ana.id]]);
          return true;
        },
        { deadline_ms: 60_000, every_ms: 100 },
      ).catch(() => undefined);
    }
  };
  const kill = async (part: 'functions' | 'postgres') => {
    const pid = await pidOf(NAME, part);
    process.kill(pid, 'SIGKILL');
    await eventually(`${part} is started again`, async () => (await pidOf(NAME, part).catch(() => pid)) !== pid, {
      deadline_ms: 60_000,
    });
  };
  for (const part of ['functions', 'functions', 'postgres', 'functions'] as const) {
    await more(10);
    const before = connections;
    await kill(part);
    // Without a database the stream stays open, and goes on when there is one.
    if (part === 'functions')
      await eventually('the stream is open again', async () => connections > before, { deadline_ms: 60_000 });
  }
  await more(10);
  const made = async () => {
    await using db = await connect(SUPABASE_DB_URL);
    const row = await db.one<{ events: number; last: number }>(
      `select (select count(*)::int from app_private.outbox_events where type = 'user.password_changed') as events,
         coalesce((select last_seq::int from app_private.notification_states where user_id = $1), 0) as last`,
      [ana.id],
    );
    total = row.events;
    return row.events > 0 && row.last === row.events;
  };
  await eventually('all are made', () => made().catch(() => false), { deadline_ms: 60_000 });
  await eventually('the stream is where they end', async () => current?.lastEventId === String(total), {
    deadline_ms: 60_000,
  });
  isOver = true;
  await listening;
  expect(got).toEqual(counting(total));
});
