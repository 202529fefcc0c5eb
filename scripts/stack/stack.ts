import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { applyMigrations } from '../db/migrate.ts';
import { applySeed } from '../db/seed.ts';
import type { ChildService } from './child.ts';
import { DEFAULT_PORT_BASE, portsFrom, type Service, type StackContext, type StackPorts } from './context.ts';
import { databaseUrl, type StackEnvironment, type StoreUrls, stackEnvironment } from './environment.ts';
import { externalStoreUrl } from './external-store.ts';
import { startFunctions } from './functions.ts';
import type { HandOver } from './gateway/hand-over.ts';
import { startGateway } from './gateway.ts';
import { type KeptService, keepRunning } from './keep-running.ts';
import { lockDataDir } from './lock.ts';
import { startMail } from './mail.ts';
import { startMongodb } from './mongodb.ts';
import { startPayments } from './payments.ts';
import { assertPortsFree } from './ports.ts';
import { enableProductLogins } from './postgres/cluster.ts';
import { startPostgres } from './postgres.ts';
import { localRateLimits } from './rate-limits.ts';
import { startRealtime } from './realtime.ts';
import { startRedis } from './redis.ts';
import { endLeftovers, forgetData } from './reset.ts';
import { loadSecrets } from './secrets.ts';
import { clearState, PARTS, type Part, stackFolder, writeState } from './state.ts';
import { startStudio } from './studio.ts';
import { startSupabase } from './supabase.ts';
import { startWorker } from './worker.ts';

const SETTLE_MS = 5_000;
const STOP_STAGE_MS = 25_000;

/** What must run for a part to be of use. */
const NEEDS: Readonly<Record<Part, readonly Part[]>> = {
  postgres: [],
  redis: [],
  mongodb: [],
  mail: [],
  payments: [],
  supabase: ['postgres', 'mail'],
  gateway: ['supabase'],
  studio: ['postgres', 'mail'],
  realtime: ['postgres'],
  functions: ['postgres'],
  worker: ['postgres'],
};

/** Who asks first, stores last: a part is stopped before those that it uses. Realtime holds sockets that the gateway waits for. */
const STOP_STAGES: readonly (readonly Part[])[] = [
  ['gateway', 'studio', 'realtime'],
  ['functions', 'worker'],
  ['supabase', 'mail', 'payments'],
  ['redis', 'mongodb'],
  ['postgres'],
];

/** Parts whose port has another name, or that have more than one or none. */
const PORTS_OF: Readonly<Record<Part, readonly (keyof StackPorts)[]>> = {
  postgres: ['database'],
  redis: ['redis'],
  mongodb: ['mongodb'],
  mail: ['mail', 'smtp'],
  payments: ['payments'],
  supabase: [],
  gateway: ['api'],
  studio: ['studio'],
  realtime: ['realtime'],
  functions: ['functions'],
  worker: ['worker'],
};

export interface StackOptions {
  /** The data folder `.astra/<name>`; default `local`. */
  readonly name?: string;
  /** The API's port; the others follow. Default 54321. */
  readonly portBase?: number;
  /** Forgets all data first; keys and passwords stay. */
  readonly reset?: boolean;
  /** Runs supabase/seed.sql after the migrations. */
  readonly seed?: boolean;
  /** Says nothing; default false. */
  readonly quiet?: boolean;
  /** Only these parts, and those that they need; default all. */
  readonly only?: readonly Part[];
  /** Loads functions again when their files change; default true. */
  readonly watch?: boolean;
  /** Further variables for the functions, such as other rate limits. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Stops a start that is under way; what already runs is stopped again. */
  readonly signal?: AbortSignal;
  readonly log?: StackContext['log'];
}

/** A running stack. Disposing it stops every part, in order, within a bounded time. */
export interface Stack extends AsyncDisposable {
  readonly context: StackContext;
  readonly env: StackEnvironment;
  readonly parts: readonly Part[];
  readonly seconds: number;
  /** Resolves with the reason when a part could not be kept running: the stack must then be stopped. */
  readonly died: Promise<string>;
  /** Takes a child away until `resume`, or brings it back: postgres, redis, mongodb, realtime, functions or worker. */
  readonly pause: (part: Part) => Promise<void>;
  readonly resume: (part: Part) => Promise<void>;
}

/**
 * Starts the local stack: the three stores at the same time, then migrations, then everything that needs them.
 * A child that dies is started again; one that keeps dying ends the stack with the reason.
 * @throws Error with the cause and the next command; whatever had been started is stopped first.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const startedAt = performance.now();
  const root = join(import.meta.dirname, '..', '..');
  const dataDir = stackFolder(root, options.name ?? 'local');
  const wanted = withNeeds(options.only ?? PARTS);
  const lock = await lockDataDir(dataDir);
  const running = new Map<Part, Service>();
  try {
    const context: StackContext = {
      root,
      dataDir,
      cacheDir: join(root, '.astra', 'cache'),
      ports: portsFrom(options.portBase ?? DEFAULT_PORT_BASE),
      secrets: await loadSecrets(dataDir, options.reset ?? false),
      log: options.quiet ? () => undefined : (options.log ?? (() => undefined)),
    };
    await endLeftovers(context);
    await assertPortsFree(portsOf(context.ports, wanted));
    if (options.reset) await forgetData(context);
    const stores = await startParts(context, options, wanted, running);
    await writeState(
      context,
      PARTS.filter((part) => running.has(part)),
      stores,
    );
    return describe(context, stores, running, lock, (performance.now() - startedAt) / 1000);
  } catch (error) {
    await stopParts(running);
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts everything as early as what it needs allows; a failure or the signal ends the rest. */
async function startParts(
  context: StackContext,
  options: StackOptions,
  wanted: ReadonlySet<Part>,
  running: Map<Part, Service>,
): Promise<StoreUrls> {
  let over = false;
  const launch = async <T extends Service>(part: Part, start: () => Promise<T | null>): Promise<T | null> => {
    if (!wanted.has(part)) return null;
    options.signal?.throwIfAborted();
    const from = performance.now();
    const service = await start();
    if (service === null) return null;
    if (over) {
      await service[Symbol.asyncDispose]();
      return null;
    }
    running.set(part, service);
    context.log(part, `ready at ${service.url.replace(/\/\/[^@/]*@/, '//')} (${seconds(from)} s)`);
    return service;
  };
  const child = <T extends Service>(part: Part, start: () => Promise<T | null>) =>
    launch(part, () => keepRunning(context, start));

  const redis = child('redis', () => startRedis(context));
  const mongodb = child('mongodb', () => startMongodb(context));
  const mail = launch('mail', () => startMail(context));
  const payments = launch('payments', () => startPayments(context));
  const postgres = child('postgres', () => startPostgres(context)).then(() => migrate(context, options, wanted));
  const settings = { ...localRateLimits(process.env), ...options.settings };
  const functions = Promise.all([redis, postgres]).then(([cache]) =>
    child('functions', () =>
      startFunctions(context, { redisUrl: cache?.url ?? null, watch: options.watch ?? true, settings }),
    ),
  );
  let sockets: KeptService<ChildService> | null = null;
  const realtime = postgres.then(async () => {
    sockets = (await child('realtime', () => startRealtime(context, options.settings))) as typeof sockets;
  });
  const handOver: HandOver = (handshake, socket) => sockets?.current()?.give(handshake, socket) ?? false;
  const stores = Promise.all([redis, mongodb]).then(([cache, documents]) => ({
    redis: cache?.url ?? null,
    mongodb: documents?.url ?? null,
  }));
  const worker = Promise.all([stores, postgres]).then(([urls]) => child('worker', () => startWorker(context, urls)));
  const web = Promise.all([mail, postgres]).then(([inbox]) => inbox && startWeb(context, inbox, handOver, launch));

  const all = Promise.all([stores, postgres, realtime, functions, worker, web, payments]);
  try {
    return (await Promise.race([all, aborted(options.signal)]))[0];
  } catch (error) {
    over = true;
    // What is starting right now finishes soon, and is then stopped; a download may not, and ends with the process.
    const rest = Promise.allSettled([redis, mongodb, mail, postgres, realtime, functions, worker, web, payments]);
    await Promise.race([rest, delay(SETTLE_MS, undefined, { ref: false })]);
    throw error;
  }
}

type Launch = <T extends Service>(part: Part, start: () => Promise<T | null>) => Promise<T | null>;

/** What answers in this process: Auth, REST and Storage behind the gateway, and Studio. */
async function startWeb(
  context: StackContext,
  mail: Awaited<ReturnType<typeof startMail>>,
  realtime: HandOver,
  launch: Launch,
): Promise<void> {
  const studio = launch('studio', () => startStudio(context, { mail }));
  const supabase = await launch('supabase', () => startSupabase(context, { mail }));
  await Promise.all([studio, supabase && launch('gateway', () => startGateway(context, { supabase, realtime }))]);
}

/** Brings the database to the newest schema, and lets the roles that it defines log in. */
async function migrate(context: StackContext, options: StackOptions, wanted: ReadonlySet<Part>): Promise<void> {
  if (!wanted.has('postgres')) return;
  const from = performance.now();
  await applyMigrations(databaseUrl(context, 'postgres'), (line) => context.log('migrations', line));
  await enableProductLogins(databaseUrl(context, 'supabase_admin'), context.secrets);
  if (options.seed) await applySeed(databaseUrl(context, 'postgres'));
  context.log('migrations', `done (${seconds(from)} s)`);
}

function describe(
  context: StackContext,
  stores: StoreUrls,
  running: Map<Part, Service>,
  lock: AsyncDisposable,
  took: number,
): Stack {
  const kept = (part: Part): KeptService<Service> => {
    const service = running.get(part);
    if (service && 'pause' in service) return service as KeptService<Service>;
    throw new Error(`${part} is not a child of this stack`);
  };
  return {
    context,
    env: stackEnvironment(context, stores),
    parts: PARTS.filter((part) => running.has(part)),
    seconds: took,
    died: Promise.race([...running.values()].map((service) => service.died)),
    pause: (part) => kept(part).pause(),
    resume: (part) => kept(part).resume(),
    async [Symbol.asyncDispose]() {
      await clearState(context.dataDir);
      await stopParts(running);
      await lock[Symbol.asyncDispose]();
    },
  };
}

/** Every stage gets a bounded time; a part that does not stop in it must not keep the others from stopping. */
async function stopParts(running: Map<Part, Service>): Promise<void> {
  for (const stage of STOP_STAGES) {
    const services = stage.map((part) => running.get(part)).filter((service) => service !== undefined);
    for (const part of stage) running.delete(part);
    const stopped = Promise.allSettled(services.map((service) => service[Symbol.asyncDispose]()));
    await Promise.race([stopped, delay(STOP_STAGE_MS, undefined, { ref: false })]);
  }
}

function withNeeds(parts: readonly Part[]): ReadonlySet<Part> {
  const wanted = new Set<Part>();
  const add = (part: Part) => {
    wanted.add(part);
    for (const need of NEEDS[part]) add(need);
  };
  for (const part of parts) add(part);
  return wanted;
}

function portsOf(ports: StackPorts, wanted: ReadonlySet<Part>): Partial<StackPorts> {
  const used = [...wanted].filter((part) => !((part === 'redis' || part === 'mongodb') && externalStoreUrl(part)));
  return Object.fromEntries(used.flatMap((part) => PORTS_OF[part].map((name) => [name, ports[name]])));
}

/** Never resolves; rejects when the signal fires. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1);
}
