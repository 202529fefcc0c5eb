import { randomBytes, randomUUID } from 'node:crypto';
import {
  createClient,
  type RealtimeChannel,
  type RealtimeChannelOptions,
  type RealtimeClientOptions,
  type SupabaseClient,
} from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { readConfig } from '../../scripts/stack/realtime/config.ts';
import { startRealtimeServer } from '../../scripts/stack/realtime/server.ts';
import { cloneDatabase } from '../support/clone-database.ts';
import type { TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const JWT_SECRET = 'a-secret-of-these-tests-with-at-least-32-characters';
export const PUBLISHABLE_KEY = 'sb_publishable_of_these_tests';
export const SECRET_KEY = 'sb_secret_of_these_tests';

/** Somebody with a token; there is no account behind it. */
export interface Somebody {
  readonly id: string;
  readonly token: string;
}

/** One client with everything it has heard on one channel. */
export interface Heard {
  readonly channel: RealtimeChannel;
  readonly messages: { event: string; payload: unknown; meta?: { id?: string; replayed?: boolean } }[];
  readonly system: { extension: string; status: string; message: string }[];
  readonly statuses: { status: string; reason: string }[];
}

/** A Realtime server with a database of its own, whose topics have the members that a test names. */
export interface RealtimeFixture extends AsyncDisposable {
  readonly url: string;
  readonly db: TestConnection;
  readonly somebody: (claims?: Record<string, unknown>) => Promise<Somebody>;
  /** Signs claims as they are, for tokens that must be refused. */
  readonly sign: (claims: Record<string, unknown>, secret?: string) => Promise<string>;
  /** A supabase-js client; without somebody it has only the publishable key. */
  readonly client: (somebody?: Somebody | null, options?: RealtimeClientOptions) => SupabaseClient;
  /** Lets somebody read and write what a private topic has. */
  readonly allow: (
    topic: string,
    somebody: Somebody,
    rights?: { reads?: string[]; writes?: string[] },
  ) => Promise<void>;
  readonly metric: (name: string) => Promise<number>;
}

const MEMBERS = `
  create table public.topic_members (topic text, person uuid, reads text[], writes text[], primary key (topic, person));
  grant select on public.topic_members to authenticated;
  create policy "members read" on realtime.messages for select to authenticated using (exists (
    select from public.topic_members m where m.topic = (select realtime.topic()) and m.person = (select auth.uid())
      and messages.topic = m.topic and messages.extension = any (m.reads)));
  create policy "members write" on realtime.messages for insert to authenticated with check (exists (
    select from public.topic_members m where m.topic = (select realtime.topic()) and m.person = (select auth.uid())
      and messages.topic = m.topic and messages.extension = any (m.writes)));
`;

export async function realtimeFixture(settings: Readonly<Record<string, string>> = {}): Promise<RealtimeFixture> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await cloneDatabase());
  const db = await database.connect();
  await db.query(MEMBERS);
  const login = Object.assign(new URL(process.env['REALTIME_DB_URL'] ?? ''), {
    pathname: new URL(database.url).pathname,
  });
  const config = readConfig({
    ...{ REALTIME_DB_URL: login.href, REALTIME_PORT: '0', SUPABASE_JWT_SECRET: JWT_SECRET },
    ...{ SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY, SUPABASE_SECRET_KEY: SECRET_KEY, ...settings },
  });
  const server = stack.use(await startRealtimeServer(config, () => undefined));
  const clients: SupabaseClient[] = [];
  stack.defer(async () => {
    await Promise.all(clients.map((client) => client.realtime.disconnect()));
  });
  const moved = stack.move();
  const sign = (claims: Record<string, unknown>, secret = JWT_SECRET) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
  return {
    url: server.url,
    db,
    sign,
    async somebody(claims = {}) {
      const id = randomUUID();
      const exp = Math.floor(Date.now() / 1_000) + 3_600;
      return { id, token: await sign({ sub: id, role: 'authenticated', exp, jti: randomUUID(), ...claims }) };
    },
    client(somebody = null, options = {}) {
      const client = createClient(server.url, PUBLISHABLE_KEY, {
        realtime: options,
        ...(somebody === null ? {} : { accessToken: async () => somebody.token }),
      });
      clients.push(client);
      return client;
    },
    async allow(topic, { id }, { reads = ['broadcast', 'presence'], writes = ['broadcast', 'presence'] } = {}) {
      await db.query(
        `insert into public.topic_members values ($1, $2, $3, $4)
         on conflict (topic, person) do update set reads = excluded.reads, writes = excluded.writes`,
        [topic, id, reads, writes],
      );
    },
    async metric(name) {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.split(' ')[1] ?? Number.NaN);
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** A topic that no other test has. */
export function freshTopic(): string {
  return `room:${randomBytes(6).toString('hex')}`;
}

/** Listens on a channel, without joining it yet. */
export function listen(client: SupabaseClient, topic: string, config: RealtimeChannelOptions['config'] = {}): Heard {
  const channel = client.channel(topic, { config });
  const heard: Heard = { channel, messages: [], system: [], statuses: [] };
  channel
    .on('broadcast', { event: '*' }, (message) => heard.messages.push(message as unknown as (typeof heard.messages)[0]))
    .on('system', {}, (message) => heard.system.push(message));
  return heard;
}

/** Joins, and gives the error's message when that is refused. */
export function subscribe({ channel, statuses }: Heard): Promise<'joined' | string> {
  return new Promise((resolve) => {
    channel.subscribe((status, error) => {
      statuses.push({ status, reason: error?.message ?? '' });
      if (status === 'SUBSCRIBED') resolve('joined');
      else resolve(error?.message ?? status);
    });
  });
}

/** Listens and joins. */
export async function joined(
  client: SupabaseClient,
  topic: string,
  config: RealtimeChannelOptions['config'] = {},
): Promise<Heard> {
  // As the documentation of private channels asks: a join takes the token that is known by then.
  await client.realtime.setAuth();
  const heard = listen(client, topic, config);
  const answer = await subscribe(heard);
  if (answer !== 'joined') throw new Error(`not joined: ${answer}`);
  return heard;
}

/** Waits until `count` messages were heard and gives what they carried. */
export async function payloads(heard: Heard, count: number): Promise<unknown[]> {
  const what = `${count} messages on ${heard.channel.topic}`;
  await eventually(what, async () => heard.messages.length >= count, { deadline_ms: 10_000, every_ms: 5 });
  return heard.messages.map(({ payload }) => payload);
}
