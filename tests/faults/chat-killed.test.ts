import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../packages/client/src/messages.ts';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { pidOf } from '../stack/supervisor.ts';
import { ask, asOperator, type Person, signUp } from '../support/api.ts';
import {
  expectAll,
  type Follower,
  follow,
  groupConversation,
  liftChatLimits,
  type Room,
  type SignedIn,
  signedIn,
} from '../support/chat-clients.ts';
import { connect } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const NAME = 'test-faults';
const QUICK = { heartbeatIntervalMs: 1_000, reconnectAfterMs: () => 100 + Math.random() * 200, timeout: 3_000 };
/** Clients that ask by themselves from time to time would find what they were never told, and did not ask for when they were back. */
const NEVER_MS = 24 * 60 * 60_000;
const soon = { deadline_ms: 60_000, every_ms: 20 };
/** More than the function sends at a time, so that some wait for each other. */
const DEVICES = 6;

let stack: Stack;
let people: Person[];
let room: Room;

beforeAll(async () => {
  stack = await startStack({
    ...{ name: NAME, portBase: await freePortBase(), reset: true, quiet: true, watch: false },
    settings: NO_RATE_LIMITS,
  });
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL } = stack.env;
  Object.assign(process.env, { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL });
  await liftChatLimits();
  people = await Promise.all(['ana', 'ben', 'cleo'].map((name) => signUp(name)));
  const [ana, ...others] = people as [Person, ...Person[]];
  room = await groupConversation(ana, others);
}, 120_000);

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
}, 60_000);

/** What was acknowledged, by the ids that its writers gave. */
interface Flow {
  readonly acknowledged: Map<string, string>;
  /** Attempts to which nobody answered, or only that something is away. */
  readonly failures: () => number;
  readonly more: (count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Two write by the client; one on several devices by REST, so that the function sends together what comes at once. Each until it is taken. */
function writing(followers: readonly Follower[], restWriter: Person): Flow {
  const acknowledged = new Map<string, string>();
  let isOver = false;
  let failures = 0;
  const byClient = followers.slice(0, 2).map(async ({ chat }, writer) => {
    for (let n = 0; !isOver; n += 1) {
      const client_id = randomUUID();
      const content = `client ${writer} ${n}`;
      expect(await chat.send({ content }, { client_id })).toMatchObject({ id: client_id, content });
      acknowledged.set(client_id, content);
    }
  });
  const byRest = Array.from({ length: DEVICES }, async (_, device) => {
    for (let n = 0; !isOver; n += 1) {
      const client_id = randomUUID();
      const content = `rest ${device} ${n}`;
      const body = { conversation_id: room.conversationId, client_id, content };
      await eventually(
        'the message is taken',
        async () => {
          const answer = await ask('messages', { token: restWriter.token, body }).catch(() => null);
          if (answer?.status === 201) return true;
          failures += 1;
          if (answer !== null && answer.status < 500) throw new Error(JSON.stringify(answer.body));
          return false;
        },
        soon,
      );
      acknowledged.set(client_id, content);
    }
  });
  return {
    acknowledged,
    failures: () => failures,
    async more(count) {
      const goal = acknowledged.size + count;
      await eventually(`${count} more messages are taken`, async () => acknowledged.size >= goal, soon);
    },
    async stop() {
      isOver = true;
      await Promise.all([...byClient, ...byRest]);
    },
  };
}

/** Kills the functions while a message of theirs waits in the database, which keeps it and has nobody to tell. */
async function killBeforeTheAnswer(): Promise<void> {
  await using holder = await connect(stack.env.SUPABASE_DB_URL);
  await holder.query('begin');
  await holder.query('select from public.conversations where id = $1 for update', [room.conversationId]);
  const waiting = `select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.usename = 'astra_api'`;
  await eventually('a message waits', async () => (await asOperator(waiting)).length > 0, soon);
  // At once: a batch does not wait for long.
  await kill('functions', async () => void (await holder.query('commit')));
}

async function kill(
  part: 'realtime' | 'functions' | 'postgres',
  then: () => Promise<void> = async () => undefined,
): Promise<void> {
  const pid = await pidOf(NAME, part);
  process.kill(pid, 'SIGKILL');
  await then();
  await eventually(`${part} is started again`, async () => (await pidOf(NAME, part).catch(() => pid)) !== pid, soon);
}

/** Messages flow, `work` is done to the stack, messages flow again; then all of it has to be there once, for everybody. */
async function underFlow(
  work: (flow: Flow, followers: readonly Follower[]) => Promise<void>,
  atTheEnd: () => Promise<void> = async () => undefined,
): Promise<Flow> {
  await using clients = new AsyncDisposableStack();
  const followers: Follower[] = [];
  for (const person of people) {
    const client: SignedIn = clients.use(await signedIn(person, { realtime: QUICK }));
    followers.push(await follow(client, room.conversationId, { check_every_ms: NEVER_MS }));
  }
  const from = followers[0]?.chat.position.seq ?? 0;
  const flow = writing(followers, people[2] as Person);
  await flow.more(30);
  await work(flow, followers);
  await flow.more(30);
  await atTheEnd();
  await flow.more(5);
  await flow.stop();

  const rows = await asOperator<Pick<Message, 'id' | 'seq' | 'content'>>(
    'select id, seq::int, content from public.messages where conversation_id = $1 and seq > $2 order by seq',
    [room.conversationId, from],
  );
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, n) => from + 1 + n));
  // Everything that was acknowledged, and nothing else: the writers did not stop before they knew.
  expect(new Map(rows.map(({ id, content }) => [id, content]))).toEqual(flow.acknowledged);
  for (const follower of followers) {
    await expectAll(follower, from + 1, from + rows.length, 60_000);
    expect(follower.messages.map(({ id, seq, content }) => ({ id, seq, content }))).toEqual(rows);
    expect(follower.ends).toEqual([]);
  }
  await Promise.all(followers.map(({ chat }) => chat.live()));
  return flow;
}

const away = (follower: Follower | undefined) => follower?.lives.filter((isLive) => !isLive).length ?? 0;

test('a Realtime server killed again and again while messages flow loses none for anybody and doubles none', async () => {
  await underFlow(
    async (flow, followers) => {
      for (let n = 1; n <= 3; n += 1) {
        await kill('realtime');
        await flow.more(10);
        await eventually('they noticed', async () => followers.every((follower) => away(follower) >= n), soon);
        await Promise.all(followers.map(({ chat }) => chat.live()));
      }
    },
    // The last messages are written while it is away: no later one tells that they were missed.
    async () => void process.kill(await pidOf(NAME, 'realtime'), 'SIGKILL'),
  );
});

test('functions killed again and again while messages flow take each message once', async () => {
  const flow = await underFlow(async ({ more }) => {
    for (let n = 0; n < 3; n += 1) {
      await killBeforeTheAnswer();
      await more(10);
    }
  });
  expect(flow.failures(), 'some requests were under way').toBeGreaterThan(0);
});

test('a database killed while messages flow has every acknowledged one, and everybody has each once and in order', async () => {
  await underFlow(async (flow) => {
    for (let n = 0; n < 2; n += 1) {
      await kill('postgres');
      await flow.more(10);
    }
  });
});

test('all of them killed at once while messages flow come back with each message once and in order', async () => {
  await underFlow(async ({ more }) => {
    await Promise.all([kill('postgres'), kill('realtime'), kill('functions')]);
    await more(10);
  });
});
