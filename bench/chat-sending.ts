import pg from 'pg';
import { eventually } from '../tests/support/eventually.ts';
import { type BenchEnvironment, pidOf } from './support/bench-stack.ts';
import { messageTo, SEND, signInText, type World, writerOf } from './support/chat-world.ts';
import { type LoadShape, type Measurement, measureHttp } from './support/load.ts';
import { measureLoop, medianOfRounds, type Turn } from './support/loop.ts';
import type { Ratio } from './support/report.ts';

const WRITERS = [1, 10, 100] as const;
const ROUNDS = 3;
/** Writers of the figures that are aimed at; as many connections as other suites have. */
const SIXTEEN = 16;
const AIM = 0.3;
/** Messages that arrive together, as a function sends them when many write by REST; as many calls as it has under way. */
const TOGETHER = 16;
const CALLS = 2;
const PLACES = [
  ['one conversation', true],
  ['many', false],
] as const;
const WAYS = ['SQL', 'SDK', 'REST'] as const;
type Way = (typeof WAYS)[number];

/** Where a message goes at least: the same row into a table with nothing but a key. */
const BARE = `
  create schema if not exists bench;
  create table bench.messages (like public.messages including defaults);
  alter table bench.messages add primary key (id);`;

/**
 * The rows alone: all that a message writes, into tables with the same columns and indexes, by a function that asks, checks and answers
 * nothing. The difference to the bare row is the price of numbers, receipts, search and delivery; the rest is what the rules cost.
 */
const ROWS = `
  create table bench.rooms (like public.conversations including all);
  insert into bench.rooms select * from public.conversations;
  create table bench.members (like public.conversation_members including all);
  insert into bench.members select * from public.conversation_members;
  create table bench.full_messages (like public.messages including all);
  create table bench.broadcasts (like realtime.messages including all);
  create table bench.events (like app_private.outbox_events including all);
  create function bench.write_rows(p_me uuid, p_room uuid, p_id uuid, p_content text, p_event jsonb) returns void language plpgsql as $$
  declare
    v_seq bigint;
  begin
    update bench.rooms c set last_seq = c.last_seq + 1, active_at = now() where c.id = p_room returning last_seq into v_seq;
    update bench.members m set last_read_seq = v_seq where m.user_id = p_me and m.conversation_id = p_room;
    insert into bench.full_messages (conversation_id, seq, id, sender_id, kind, content, is_forwarded, request_hash, created_at)
    values (p_room, v_seq, p_id, p_me, 'text', p_content, false, 0, now());
    insert into bench.events (id, type, actor_id, payload) values (gen_random_uuid(), 'message.created', p_me, jsonb_build_object(
      'message_id', p_id, 'conversation_id', p_room, 'conversation_kind', 'direct', 'group_id', null, 'seq', v_seq, 'sender_id', p_me, 'receiver_id', p_me,
      'is_request', false, 'kind', 'text', 'mentions', '[]'::jsonb, 'created_at', now(), 'expires_at', null));
    insert into bench.broadcasts (topic, extension, payload, event, private) values ('conversation:' || p_room || ':1', 'broadcast', p_event, 'message_created', true);
  end $$;`;

const INSERT = `insert into bench.messages (conversation_id, seq, id, sender_id, kind, content, is_forwarded, request_hash, created_at)
  values ($1, 1, $2, $3, 'text', $4, false, 0, now())`;

/** Messages per second by the database alone, as the SDK sends them, and by REST, beside the bare row over as many connections. */
export async function measureSending(env: BenchEnvironment, world: World, seconds: number): Promise<Measurement[]> {
  await makeReferences(env.SUPABASE_DB_URL, world);
  const event = await eventOf(env.SUPABASE_DB_URL);
  const shape = (connections: number): LoadShape => ({ connections, seconds });
  const compared = await medianOfRounds(
    ROUNDS,
    [
      () => bare(env, world, shape(SIXTEEN)),
      () => rows(env, world, event, shape(SIXTEEN)),
      ...PLACES.map(
        ([, one]) =>
          () =>
            sendTogether(env, world, one, seconds),
      ),
      ...WAYS.flatMap((way) =>
        PLACES.map(
          ([, one]) =>
            () =>
              send(way, env, world, one, shape(SIXTEEN)),
        ),
      ),
      ...ALONE.map((way) => () => sendAlone(way, env, world, shape(SIXTEEN))),
    ].map((measure) => async () => {
      await settled(env);
      return await measure();
    }),
  );
  const others: Measurement[] = [];
  for (const writers of WRITERS) {
    others.push(await bare(env, world, shape(writers)));
    for (const way of WAYS) for (const [, one] of PLACES) others.push(await send(way, env, world, one, shape(writers)));
    for (const { name, requests_per_s, p50_ms } of others.slice(-7))
      console.log(`${name}: ${requests_per_s}/s, p50 ${p50_ms} ms`);
  }
  return [...compared, ...others];
}

/** Until the worker has done what followed the messages of the last measurement: else the next one, the bare row too, would pay for it. */
async function settled({ SUPABASE_DB_URL }: BenchEnvironment): Promise<void> {
  const client = new pg.Client({ connectionString: SUPABASE_DB_URL });
  await client.connect();
  const behind = `select o.pending = 0 and n.lag_seconds = 0 as is_idle from app_private.outbox_stats() o, app_private.notification_stats() n`;
  try {
    await eventually(
      'the worker has done what followed',
      async () => (await client.query<{ is_idle: boolean }>(behind)).rows[0]?.is_idle,
      { deadline_ms: 120_000, every_ms: 200 },
    );
  } finally {
    await client.end();
  }
}

/**
 * What is sent is also projected, by a worker and a document store that on this machine take their time from the senders: here they
 * wait, which says how much that is.
 */
async function sendAlone(way: Way, env: BenchEnvironment, world: World, shape: LoadShape): Promise<Measurement> {
  const worker = await pidOf('worker');
  process.kill(worker, 'SIGSTOP');
  try {
    return { ...(await send(way, env, world, false, shape)), name: aloneName(way) };
  } finally {
    process.kill(worker, 'SIGCONT');
  }
}

/** The call that the function makes for messages that arrive together, without the way to the function. */
function sendTogether({ ASTRA_API_DB_URL }: BenchEnvironment, world: World, one: boolean, seconds: number) {
  const text = 'select ord, card from app_private.send_messages($1, $2, $3)';
  const turn: Turn = async (client, n) => {
    const writers = Array.from({ length: TOGETHER }, (_, i) => writerOf(world, one, n * TOGETHER + i));
    const values = [
      writers.map(({ person }) => person.id),
      writers.map(({ person }) => person.session),
      writers.map(({ conversation }) => JSON.stringify(messageTo(conversation))),
    ];
    const { rows } = await client.query({ name: 'together', text, values });
    if (rows.length !== TOGETHER) throw new Error(`${rows.length} of ${TOGETHER} messages were sent`);
    return TOGETHER;
  };
  return measureLoop(togetherName(placeOf(one)), ASTRA_API_DB_URL, turn, { connections: CALLS, seconds });
}

export const nameOf = (way: string, place: string, writers: number) => `send: ${way}, ${writers} writers, ${place}`;
const ALONE = ['SQL', 'REST'] as const;
const aloneName = (way: Way) => `${nameOf(way, 'many', SIXTEEN)}, the worker waiting`;
const togetherName = (place: string) => `send: SQL, ${TOGETHER} in a call, ${CALLS} calls, ${place}`;
const placeOf = (one: boolean) => (one ? 'one conversation' : 'many');
const bareName = (writers: number) => `bare row, ${writers} connections`;

export function sendingRatios(): Ratio[] {
  const ratio = (way: Way, place: string, writers: number, aim?: number): Ratio => {
    const name = nameOf(way, place, writers);
    const against = bareName(writers);
    return { name: `${name} / bare row`, of: name, against, ...(aim === undefined ? {} : { aim }) };
  };
  const places = PLACES.map(([place]) => place);
  return [
    { name: 'the rows alone / bare row', of: 'the rows alone', against: bareName(SIXTEEN) },
    ...places.map((place) => ({
      ...{ name: `send: SQL, ${place} / the rows alone`, of: nameOf('SQL', place, SIXTEEN), against: 'the rows alone' },
    })),
    ...places.map(togetherName).map((name) => ({ name: `${name} / bare row`, of: name, against: bareName(SIXTEEN) })),
    ...ALONE.map(aloneName).map((name) => ({ name: `${name} / bare row`, of: name, against: bareName(SIXTEEN) })),
    ...WAYS.flatMap((way) => places.map((place) => ratio(way, place, SIXTEEN, AIM))),
    ...WRITERS.flatMap((writers) => WAYS.flatMap((way) => places.map((place) => ratio(way, place, writers)))),
  ];
}

async function makeReferences(databaseUrl: string, world: World): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(BARE);
  await client.query(ROWS);
  await client.query('analyze bench.rooms, bench.members');
  // One message by the function itself: what is broadcast of it is what the rows alone write too.
  const { person, conversation } = writerOf(world, false, 0);
  await client.query(signInText(person.id));
  await client.query(SEND, [messageTo(conversation)]);
  await client.end();
}

async function eventOf(databaseUrl: string): Promise<object> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ payload: object }>(
    "select payload from realtime.messages where event = 'message_created' limit 1",
  );
  await client.end();
  if (rows[0] === undefined) throw new Error('a message was sent and nobody was told');
  return rows[0].payload;
}

function bare({ SUPABASE_DB_URL }: BenchEnvironment, world: World, shape: LoadShape): Promise<Measurement> {
  const turn: Turn = async (client, n) => {
    const { person, conversation } = writerOf(world, false, n);
    const { client_id, content } = messageTo(conversation);
    await client.query({ name: 'bare', text: INSERT, values: [conversation, client_id, person.id, content] });
    return 1;
  };
  return measureLoop(bareName(shape.connections), SUPABASE_DB_URL, turn, shape);
}

function rows({ SUPABASE_DB_URL }: BenchEnvironment, world: World, event: object, shape: LoadShape) {
  const turn: Turn = async (client, n) => {
    const { person, conversation } = writerOf(world, false, n);
    const { client_id, content } = messageTo(conversation);
    const values = [person.id, conversation, client_id, content, event];
    await client.query({ name: 'rows', text: 'select bench.write_rows($1, $2, $3, $4, $5)', values });
    return 1;
  };
  return measureLoop('the rows alone', SUPABASE_DB_URL, turn, shape);
}

function send(way: Way, env: BenchEnvironment, world: World, one: boolean, shape: LoadShape): Promise<Measurement> {
  const name = nameOf(way, placeOf(one), shape.connections);
  if (way === 'SQL') return sendBySql(name, env.SUPABASE_DB_URL, (n) => writerOf(world, one, n), shape);
  let turn = 0;
  const make = () => {
    turn += 1;
    const { person, conversation } = writerOf(world, one, turn % shape.connections);
    const message = messageTo(conversation);
    return {
      method: 'POST' as const,
      // What supabase.rpc('send_message', { p }) asks for, and what a client without the SDK does.
      path: way === 'SDK' ? '/rest/v1/rpc/send_message' : '/api/messages',
      headers: {
        apikey: env.SUPABASE_PUBLISHABLE_KEY,
        authorization: `Bearer ${person.token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(way === 'SDK' ? { p: message } : message),
    };
  };
  return measureHttp(name, env.SUPABASE_URL, make, shape);
}

/** The function that the other ways call too, on connections that stay signed in. */
export function sendBySql(
  name: string,
  databaseUrl: string,
  writer: (n: number) => { person: { id: string }; conversation: string },
  shape: LoadShape,
): Promise<Measurement> {
  const turn: Turn = async (client, n) => {
    await client.query({ name: 'send', text: SEND, values: [messageTo(writer(n).conversation)] });
    return 1;
  };
  return measureLoop(name, databaseUrl, turn, shape, (n) => signInText(writer(n).person.id));
}
