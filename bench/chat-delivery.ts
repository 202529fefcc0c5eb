import { execFileSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { type BenchEnvironment, pidOf } from './support/bench-stack.ts';
import { messageTo, SEND, signInText, type World, writerOf } from './support/chat-world.ts';
import { flood } from './support/flood.ts';
import { type Listeners, startBareServer, startListeners } from './support/listeners.ts';
import type { Seat } from './support/listeners-process.ts';
import type { Measurement } from './support/load.ts';
import { medianOfRounds } from './support/loop.ts';
import type { Ratio } from './support/report.ts';
import { measurement } from './support/turns.ts';

const SUBSCRIBERS = [200, 1_000] as const;
const ROUNDS = 3;
/** One writer who sends so often, for the time that a message takes when nothing waits for another. */
const EVERY_MS = 50;
/** Writers whose messages are delivered as fast as they come. */
const FLOOD_WRITERS = 4;
/** Sockets that join and leave without end. */
const JOINERS = 64;
const CONNECTIONS = 5_000;
/** How long a process is left alone before its memory is read. */
const SETTLE_MS = 3_000;

const COMMITTED = 'commit to client, 200 subscribers';
const CALLED = 'call to client, 200 subscribers';

/** How fast and how far messages go, at what price of memory. */
export async function measureDelivery(
  env: BenchEnvironment,
  world: World,
  seconds: number,
): Promise<{ measurements: Measurement[]; facts: Record<string, number> }> {
  await using listeners = startListeners();
  const latencies = await measureLatency(env, world, listeners, seconds);
  const facts = await measureMemory(env, world, listeners);
  const deliveries: Measurement[] = [];
  for (const subscribers of SUBSCRIBERS)
    deliveries.push(...(await measureDeliveries(env, world, subscribers, seconds)));
  const joins = await measureJoins(env, world, listeners, seconds);
  return { measurements: [...latencies, ...deliveries, joins], facts };
}

export function deliveryRatios(): Ratio[] {
  return [
    { name: `${COMMITTED}: p50 ms`, of: COMMITTED, by: 'p50_ms', aim: 10 },
    { name: `${COMMITTED}: p99 ms`, of: COMMITTED, by: 'p99_ms', aim: 60 },
    ...SUBSCRIBERS.flatMap((n) => {
      const { sent, told, bare } = deliveryNames(n);
      return [
        { name: `${told} / bare ws`, of: told, against: bare, aim: 0.5 },
        { name: `${sent} / bare ws`, of: sent, against: bare, aim: 0.5 },
      ];
    }),
  ];
}

const deliveryNames = (subscribers: number) => ({
  sent: `deliveries of sent messages, ${subscribers} subscribers`,
  told: `deliveries of broadcasts, ${subscribers} subscribers`,
  bare: `deliveries by bare ws, ${subscribers} subscribers`,
});

const socketOf = (env: BenchEnvironment) =>
  `${env.SUPABASE_URL.replace('http', 'ws')}/realtime/v1/websocket?apikey=${env.SUPABASE_PUBLISHABLE_KEY}&vsn=2.0.0`;

const topicOf = (conversation: string) => `conversation:${conversation}:1`;

/** Seats on the topic that all people hear; more of them than people are further devices. */
function seatsInRoom(env: BenchEnvironment, world: World, count: number): Seat[] {
  const url = socketOf(env);
  return Array.from({ length: count }, (_, n) => {
    const { token } = world.people[n % world.people.length] ?? { token: '' };
    return { url, topic: topicOf(world.room), token };
  });
}

async function writer(env: BenchEnvironment, world: World, n: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await client.connect();
  await client.query(signInText(writerOf(world, true, n).person.id));
  return client;
}

const send = (client: pg.Client, world: World, words?: string) =>
  client.query({ name: 'send', text: SEND, values: [messageTo(world.room, words)] });

const now_ms = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * From the moment at which Postgres has answered the writer that its message is committed, to that at which the message is in a client's
 * process: for each client and message. Also from the moment of the call, since a message may be with its readers before its writer has the answer.
 */
async function measureLatency(
  env: BenchEnvironment,
  world: World,
  listeners: Listeners,
  seconds: number,
): Promise<Measurement[]> {
  await listeners.open(seatsInRoom(env, world, 200));
  const client = await writer(env, world, 0);
  const sent: { called_ms: number; committed_ms: number }[] = [];
  const rounds = Math.max(20, (2 * seconds * 1000) / EVERY_MS);
  for (let mark = 0; mark < rounds; mark += 1) {
    const called_ms = now_ms();
    await send(client, world, `#${mark}# See you at the station at half past seven, I bring the tickets`);
    sent.push({ called_ms, committed_ms: now_ms() });
    await wait(Math.max(0, EVERY_MS - (now_ms() - called_ms)));
  }
  await client.end();
  await heardBy(listeners, rounds * 200);
  const { marks } = await listeners.times();
  const counted = sent.slice(Math.floor(rounds / 6)); // what came before was the warm-up
  const from = sent.length - counted.length;
  const times = (since: 'called_ms' | 'committed_ms') =>
    counted.flatMap((one, i) => (marks.get(from + i) ?? []).map((heard) => Math.max(0, heard - one[since])));
  await listeners.close();
  tellSlowest(counted.map((one, i) => ({ ...one, heard: (marks.get(from + i) ?? []).toSorted((a, b) => a - b) })));
  return [measurement(COMMITTED, times('committed_ms')), measurement(CALLED, times('called_ms'))];
}

/** Whether the last were late because the first was: then it was not the sockets that took the time. */
function tellSlowest(messages: readonly { called_ms: number; committed_ms: number; heard: readonly number[] }[]): void {
  const slowest = messages
    .map(({ called_ms, committed_ms, heard }) => ({
      call: committed_ms - called_ms,
      first: (heard[0] ?? Number.NaN) - committed_ms,
      last: (heard.at(-1) ?? Number.NaN) - committed_ms,
    }))
    .toSorted((a, b) => b.last - a.last)
    .slice(0, 5);
  for (const { call, first, last } of slowest)
    console.log(
      `  slow: call ${call.toFixed(1)} ms, first client ${first.toFixed(1)} ms after it, last ${last.toFixed(1)}`,
    );
}

/** A lost message would make every figure look better. */
async function heardBy(listeners: Listeners, count: number): Promise<void> {
  const deadline = now_ms() + 30_000;
  for (;;) {
    const heard = await listeners.heard();
    if (heard.count === count) return;
    if (now_ms() > deadline || heard.count > count) throw new Error(`${heard.count} of ${count} deliveries came`);
    await wait(20);
  }
}

/**
 * Deliveries per second of messages that are really sent, and of broadcasts alone, many in a transaction, so that it is the server of the
 * sockets that is measured and not the writing; beside a bare `ws` that sends the same bytes to the same listeners.
 */
async function measureDeliveries(
  env: BenchEnvironment,
  world: World,
  subscribers: number,
  seconds: number,
): Promise<Measurement[]> {
  await using listeners = startListeners();
  await using bareListeners = startListeners();
  await using bare = await startBareServer();
  await listeners.open(seatsInRoom(env, world, subscribers));
  await bareListeners.open(
    Array.from({ length: subscribers }, () => ({ url: bare.url })),
    false,
  );
  const writers = await Promise.all(Array.from({ length: FLOOD_WRITERS }, (_, n) => writer(env, world, n)));
  const owner = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await owner.connect();
  const names = deliveryNames(subscribers);
  const bytes = await exampleOf(world, writers, listeners, subscribers);
  const shape = { subscribers, seconds };
  try {
    return await medianOfRounds(ROUNDS, [
      () => flood(names.bare, bareListeners, async (count) => bare.send(bytes.frame, count), shape),
      () => flood(names.told, listeners, (count) => tell(owner, world, bytes.event, count), shape),
      () => flood(names.sent, listeners, (count) => sendMany(writers, world, count), shape),
    ]);
  } finally {
    await Promise.all([owner, ...writers].map((client) => client.end()));
  }
}

/** The bytes of one message as a client gets them, and what was broadcast. */
async function exampleOf(world: World, [client]: readonly pg.Client[], listeners: Listeners, subscribers: number) {
  if (client === undefined) throw new Error('no writer');
  await send(client, world);
  await heardBy(listeners, subscribers);
  const { last } = await listeners.heard();
  return { frame: last, event: JSON.parse(last.toString('utf8', bodyAt(last))) as object };
}

/** Kind, lengths of topic, event and metadata, encoding, then these; the rest is the payload. */
function bodyAt(frame: Buffer): number {
  return 5 + (frame[1] ?? 0) + (frame[2] ?? 0) + (frame[3] ?? 0);
}

async function tell(owner: pg.Client, world: World, event: object, count: number): Promise<void> {
  const text = `select realtime.send($1, 'message_created', $2, true) from generate_series(1, $3::int)`;
  await owner.query({ name: 'tell', text, values: [event, topicOf(world.room), count] });
}

async function sendMany(writers: readonly pg.Client[], world: World, count: number): Promise<void> {
  const left = Array.from({ length: count }).values();
  await Promise.all(
    writers.map(async (client) => {
      for (const _ of left) await send(client, world);
    }),
  );
}

async function measureJoins(env: BenchEnvironment, world: World, listeners: Listeners, seconds: number) {
  const url = socketOf(env);
  const seats = Array.from({ length: JOINERS }, (_, n) => {
    const { person, conversation } = writerOf(world, false, n);
    return { url, topic: topicOf(conversation), token: person.token };
  });
  await listeners.open(seats, false);
  await listeners.joinOverAndOver((seconds * 1000) / 5);
  const { took_ms, times } = await listeners.joinOverAndOver(seconds * 1000);
  await listeners.close();
  const found = measurement('joins of private channels', [...times]);
  return { ...found, connections: JOINERS, requests_per_s: Math.round((times.length * 1000) / took_ms) };
}

/** What the realtime process grows by when so many clients connect, and when each has joined a private channel. Garbage is counted too. */
async function measureMemory(env: BenchEnvironment, world: World, listeners: Listeners) {
  const pid = await pidOf('realtime');
  await wait(SETTLE_MS);
  const before = residentKib(pid);
  await listeners.open(seatsInRoom(env, world, CONNECTIONS));
  await wait(SETTLE_MS);
  const { closed } = await listeners.heard();
  if (closed > 0) throw new Error(`${closed} of ${CONNECTIONS} connections were closed again`);
  const after = residentKib(pid);
  await listeners.close();
  const each = Math.round(((after - before) / CONNECTIONS) * 10) / 10;
  console.log(`memory: ${each} KiB for each of ${CONNECTIONS} connections (${before} to ${after} KiB)`);
  return { memory_connections: CONNECTIONS, memory_before_kib: before, memory_after_kib: after, memory_each_kib: each };
}

function residentKib(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' }).trim());
}
