import pg from 'pg';
import { nameOf, sendBySql } from './chat-sending.ts';
import type { BenchEnvironment } from './support/bench-stack.ts';
import {
  dropChatHistory,
  type HistorySize,
  makeChatHistory,
  READER_KINDS,
  READERS,
  readerId,
} from './support/chat-history.ts';
import type { Measurement } from './support/load.ts';
import type { Ratio } from './support/report.ts';
import { personId } from './support/social.ts';
import { connectBoth, measureInTurns, type Read } from './support/turns.ts';

const MESSAGES = Number(process.env['BENCH_MESSAGES'] ?? 10_000_000);
const SMALL: HistorySize = { people: 300, conversations: 480, messages: 10_000 };
const LARGE: HistorySize = { people: 100_000, conversations: 200_000, messages: MESSAGES };
const SIZES = { small: SMALL, large: LARGE } as const;
/** A page of history is taken where there are as many messages in front of it as on it. */
const PAGE = 50;
const AIM = 1.2;

const BARE_HISTORY = `select x.*, p.username, p.full_name, p.avatar_url, p.is_verified, p.verification_level
  from public.messages x join public.profiles p on p.id = x.sender_id
  where x.conversation_id = $1 and x.seq < $2::bigint order by x.seq desc limit ${PAGE}`;
const BARE_LIST = `select c.*, x.content, x.sender_id, x.created_at as sent_at
  from public.conversation_members m join public.conversations c on c.id = m.conversation_id
  join public.messages x on x.conversation_id = c.id and x.seq = c.last_seq
  where m.user_id = $1 order by c.active_at desc limit 20`;

const PAGES = [
  ...[
    'history, latest',
    'history, older',
    'history, by time',
    'history, after a number',
    'history, longest conversation',
  ],
  ...READER_KINDS.map((count) => `list of 20 of ${count} conversations`),
];
const LONG_HISTORY = 'send: SQL, 16 writers, many, long history';

/** Pages of messages and of conversations, as readers with the same number of conversations see them where little and where much has been written. */
export async function measurePages(env: BenchEnvironment, seconds: number): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const [name, size] of Object.entries(SIZES)) {
    const startedAt = performance.now();
    console.log(`${name}: making ${size.messages.toLocaleString('en')} messages, which may take minutes`);
    await makeChatHistory(env.ASTRA_ADMIN_DB_URL, size);
    const took_s = Math.round((performance.now() - startedAt) / 1000);
    console.log(`${name}: made ${size.conversations} conversations of ${size.people} people in ${took_s} s`);
    const reads = readsOf(size, await roomsOf(env.SUPABASE_DB_URL, size));
    await using connections = await connectBoth(env.SUPABASE_DB_URL);
    const found = await measureInTurns(connections, reads, seconds);
    measured.push(...found.map((each) => ({ ...each, name: `${name}: ${each.name}` })));
  }
  measured.push(await sendInLongHistory(env, seconds));
  await dropChatHistory(env.ASTRA_ADMIN_DB_URL);
  return measured;
}

/** `withSending`: sends where nothing was written before were measured too. */
export function pagesRatios(withSending: boolean): Ratio[] {
  const flat = (name: string, aim?: number): Ratio => ({
    ...{ name: `${name}: large / small`, of: `large: ${name}`, against: `small: ${name}`, by: 'p50_ms' },
    ...(aim === undefined ? {} : { aim }),
  });
  return [
    ...PAGES.map((name) => flat(name, AIM)),
    ...['bare history', 'bare list', 'search'].map((name) => flat(name)),
    {
      name: 'history, latest / bare history',
      of: 'large: history, latest',
      against: 'large: bare history',
      by: 'p50_ms',
    },
    { name: 'list / bare list', of: `large: ${PAGES.at(-1)}`, against: 'large: bare list', by: 'p50_ms' },
    ...(withSending ? [{ name: `${LONG_HISTORY} / empty`, of: LONG_HISTORY, against: nameOf('SQL', 'many', 16) }] : []),
  ];
}

interface Room {
  readonly reader: number;
  readonly conversation: string;
  readonly last_seq: number;
  /** When the message in the middle was written. */
  readonly middle_at: string;
}

/** The readers' conversations with at least two pages. */
async function roomsOf(databaseUrl: string, size: HistorySize): Promise<Room[]> {
  const first = readerId(size, 0, 0);
  const readers = Array.from({ length: READERS * READER_KINDS.length }, (_, i) => personId(first + i));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<Room>(
    `select (array_position($1::uuid[], m.user_id) - 1 + $2)::int as reader, c.id as conversation, c.last_seq::int,
       (select x.created_at::text from public.messages x where x.conversation_id = c.id and x.seq = c.last_seq / 2) as middle_at
     from public.conversation_members m join public.conversations c on c.id = m.conversation_id
     where m.user_id = any ($1) and c.last_seq >= $3 order by c.last_seq desc`,
    [readers, first, 2 * PAGE],
  );
  await client.end();
  if (rows.length < READERS) throw new Error('the readers have nothing to read');
  return rows;
}

function readsOf(size: HistorySize, rooms: readonly Room[]): Read[] {
  const longest = rooms.slice(0, READERS); // the same conversation, as each of several readers
  const anyOf = <T>(all: readonly T[]) => all[Math.floor(Math.random() * all.length)] as T;
  const middle = ({ last_seq }: Room) => Math.floor(last_seq / 2) + 1;
  const history = (name: string, rest: string, of: (room: Room) => unknown[], from: readonly Room[] = rooms): Read => ({
    name,
    text: `select * from public.conversation_messages($1, ${PAGE}${rest})`,
    reader: 0,
    pick: () => {
      const room = anyOf(from);
      return { reader: room.reader, values: [room.conversation, ...of(room)] };
    },
  });
  const bare = (room: Room) => ({ reader: room.reader, values: [room.conversation, middle(room)] });
  const anyReader = (kind: number) => readerId(size, kind, Math.floor(Math.random() * READERS));
  return [
    history('history, latest', '', () => []),
    history('history, older', ', p_before_seq => $2', (room) => [middle(room)]),
    history('history, by time', ', p_before => $2', ({ middle_at }) => [middle_at]),
    history('history, after a number', ', p_after_seq => $2', (room) => [room.last_seq - PAGE]),
    history('history, longest conversation', ', p_before_seq => $2::bigint', (room) => [middle(room)], longest),
    ...READER_KINDS.map((count, kind) => ({
      name: `list of 20 of ${count} conversations`,
      text: `/* ${count} */ select * from public.my_conversations()`,
      reader: 0,
      pick: () => ({ reader: anyReader(kind), values: [] }),
    })),
    {
      name: 'search',
      text: 'select * from public.search_messages($1)',
      reader: 0,
      pick: () => ({ reader: anyReader(0), values: [`word${Math.floor(Math.random() * 8000)}`] }),
    },
    { name: 'bare history', text: BARE_HISTORY, reader: 0, owner: true, pick: () => bare(anyOf(rooms)) },
    {
      name: 'bare list',
      text: BARE_LIST,
      reader: 0,
      owner: true,
      pick: () => {
        const reader = anyReader(READER_KINDS.length - 1);
        return { reader, values: [personId(reader)] };
      },
    },
  ];
}

/** Sixteen people write where ten million messages are, each in a conversation of their own. */
async function sendInLongHistory({ SUPABASE_DB_URL }: BenchEnvironment, seconds: number): Promise<Measurement> {
  const client = new pg.Client({ connectionString: SUPABASE_DB_URL });
  await client.connect();
  await client.query('update app_private.chat_rules set messages_per_minute = null');
  const { rows } = await client.query<{ id: string; conversation: string }>(
    `select low_id as id, c.id as conversation from public.conversations c where c.kind = 'direct' limit 16`,
  );
  await client.end();
  const writer = (n: number) => {
    const { id, conversation } = rows[n % rows.length] ?? { id: '', conversation: '' };
    return { person: { id }, conversation };
  };
  return await sendBySql(LONG_HISTORY, SUPABASE_DB_URL, writer, { connections: 16, seconds });
}
