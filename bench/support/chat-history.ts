import pg from 'pg';

/** How much has been written by how many. */
export interface HistorySize {
  readonly people: number;
  /** Every other one is of a group of ten. */
  readonly conversations: number;
  readonly messages: number;
}

/** Readers with so many conversations each, half of them of groups: as many at every size, so that their pages have the same things on them. */
export const READER_KINDS = [20, 100] as const;
export const READERS = 4;

/** The n-th reader of a kind, as the n-th person of all. */
export const readerId = ({ people }: HistorySize, kind: number, n: number) => people + 1 + kind * READERS + n;

const ID = (form: string, n: string) => `('00000000-0000-4000-${form}-' || lpad((${n})::text, 12, '0'))::uuid`;
const PERSON = (n: string) => ID('8000', n);
const GROUP = (n: string) => ID('9000', n);
const CONVERSATION = (n: string) => ID('a000', n);
const SENTENCES = 20_000;
const OWN = (READERS * (READER_KINDS[0] + READER_KINDS[1])) / 2;

type Statement = readonly [what: string, text: string];

/**
 * Conversations with the skew of real ones: in a few very much is written, and most of it lately. Written in bulk past the triggers, in the
 * order of time, so that messages of one conversation lie between those of others as they do in life.
 */
export async function makeChatHistory(adminUrl: string, size: HistorySize): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      "set session_replication_role = replica; set work_mem = '512MB'; set maintenance_work_mem = '1GB'; set client_min_messages = warning",
    );
    await run(client, EMPTY);
    const indexes = await dropIndexes(client);
    for (const statement of [...peopleOf(size), ...roomsOf(size), ...messagesOf(size)]) await run(client, statement);
    for (const definition of indexes)
      await run(client, [definition.replace(/^CREATE (?:UNIQUE )?INDEX (\S+) .*$/s, '$1'), definition]);
    await run(client, REACTIONS);
    await run(client, ['vacuum', 'vacuum (analyze)']);
    await run(client, ['checkpoint', 'checkpoint']);
  } finally {
    await client.end();
  }
}

async function run(client: pg.Client, [what, text]: Statement): Promise<void> {
  const startedAt = performance.now();
  await client.query(text);
  const took_s = (performance.now() - startedAt) / 1000;
  if (took_s > 1) console.log(`  ${what} (${took_s.toFixed(1)} s)`);
}

/** Takes all of it away again, so that what is measured next finds tables as a new project has them. */
export async function dropChatHistory(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('set client_min_messages = warning');
    await run(client, EMPTY);
    await run(client, ['checkpoint', 'checkpoint']);
  } finally {
    await client.end();
  }
}

/** Millions of rows are in sooner when the indexes are built afterwards. Keys stay; gives what makes the others again. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid = any ('{public.profiles,public.groups,public.group_members,public.conversations,public.conversation_members,public.messages}'::regclass[])
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

const EMPTY: Statement = [
  'empty',
  `truncate auth.users, public.profiles, public.account_settings, public.groups, public.group_members, public.conversations, public.conversation_members,
     public.messages, public.message_reactions, public.message_hides, app_private.outbox_events cascade;
   drop table if exists bench_rooms, bench_draws, bench_sentences`,
];

function peopleOf({ people }: HistorySize): Statement[] {
  const all = people + READERS * READER_KINDS.length;
  return [
    [
      'people',
      `with made as (
         insert into auth.users (id, email) select ${PERSON('n')}, n || '@example.com' from generate_series(1, ${all}) n returning id
       ), profiles as (
         insert into public.profiles (id, username, full_name) select ${PERSON('n')}, 'bench' || n, 'Bench ' || n from generate_series(1, ${all}) n
       )
       insert into public.account_settings (user_id) select ${PERSON('n')} from generate_series(1, ${all}) n`,
    ],
  ];
}

/** Who is in which conversation: even ones are of groups, the readers among them, odd ones of two, some of them of a reader. */
function roomsOf({ people, conversations }: HistorySize): Statement[] {
  const half = conversations / 2;
  const inGroups = READER_KINDS.map(
    (count, kind) =>
      `select (j * ${half} / ${count / 2}) * 2 as n, ${people + 1 + kind * READERS} + r as person from generate_series(0, ${count / 2} - 1) j, generate_series(0, ${READERS - 1}) r`,
  );
  // Of each six conversations that are a reader's, one is of a reader with few.
  const each = 1 + READER_KINDS[1] / READER_KINDS[0];
  const reader = `case when j % ${each} = 0 then ${people + 1} + j / ${each} % ${READERS} else ${people + 1 + READERS} + (j - j / ${each} - 1) % ${READERS} end`;
  return [
    [
      'members',
      `create unlogged table bench_rooms as
       select n, array_agg(${PERSON('person')} order by person) as members from (
         select g * 2 as n, (g * 7 + k * 13) % ${people} + 1 as person from generate_series(0, ${half} - 1) g, generate_series(0, 9) k
         union all ${inGroups.join(' union all ')}
         union all select (j * ${half} / ${OWN}) * 2 + 1, ${reader} from generate_series(0, ${OWN} - 1) j
         union all select (j * ${half} / ${OWN}) * 2 + 1, j % ${people} + 1 from generate_series(0, ${OWN} - 1) j
         union all select d * 2 + 1, p from generate_series(0, ${half} - 1) d,
           lateral (values (d % ${people} + 1), ((d + 1 + d / ${people}) % ${people} + 1)) v (p)
           where d not in (select j * ${half} / ${OWN} from generate_series(0, ${OWN} - 1) j)
       ) m group by n;
       analyze bench_rooms`,
    ],
    [
      'groups',
      `insert into public.groups (id, name, visibility, created_by) select ${GROUP('n')}, 'Group ' || n, 'private', members[1] from bench_rooms where n % 2 = 0;
       insert into public.group_members (group_id, user_id, role)
       select ${GROUP('n')}, u.id, case when u.i = 1 then 'owner' else 'member' end from bench_rooms, unnest(members) with ordinality u (id, i) where n % 2 = 0`,
    ],
  ];
}

function messagesOf({ conversations, messages }: HistorySize): Statement[] {
  return [
    [
      'sentences',
      `create unlogged table bench_sentences as
       select n, string_agg('word' || floor(power(random(), 2) * 8000)::int, ' ') as content
       from generate_series(1, ${SENTENCES}) n, generate_series(1, 3 + n % 9) w group by n;
       analyze bench_sentences`,
    ],
    [
      'draws',
      `create unlogged table bench_draws as
       select conversation, row_number() over (partition by conversation order by at) as seq, at, 1 + floor(random() * ${SENTENCES})::int as sentence
       from (
         -- At least one in each.
         select case when n <= ${conversations} then n - 1 else floor(power(random(), 3) * ${conversations})::int end as conversation,
           now() - power(random(), 2) * interval '1 year' as at
         from generate_series(1, ${messages}) n
       ) d;
       analyze bench_draws`,
    ],
    [
      'conversations',
      `insert into public.conversations (id, kind, group_id, low_id, high_id, opened_by, last_seq, last_change, active_at, created_at)
       select ${CONVERSATION('r.n')}, case when r.n % 2 = 0 then 'group' else 'direct' end, case when r.n % 2 = 0 then ${GROUP('r.n')} end,
         case when r.n % 2 = 1 then members[1] end, case when r.n % 2 = 1 then members[2] end, members[1], d.last_seq, d.last_seq, d.last_at, d.first_at
       from bench_rooms r join (select conversation, max(seq) as last_seq, min(at) as first_at, max(at) as last_at from bench_draws group by 1) d on d.conversation = r.n
       order by d.first_at;
       insert into public.conversation_members (conversation_id, user_id, last_read_seq)
       select c.id, u.id, greatest(0, c.last_seq - floor(random() * 20)::int)
       from bench_rooms r join public.conversations c on c.id = ${CONVERSATION('r.n')}, unnest(r.members) u (id)`,
    ],
    [
      'messages',
      `insert into public.messages (conversation_id, seq, id, sender_id, kind, content, reply_to_seq, is_forwarded, reactions, change, request_hash, created_at)
       select ${CONVERSATION('d.conversation')}, d.seq,
         (lpad(to_hex(floor(extract(epoch from d.at) * 1000)::bigint), 12, '0') || '-7' || substr(gen_random_uuid()::text, 16))::uuid,
         r.members[1 + d.sentence % cardinality(r.members)], 'text', s.content, case when d.sentence % 10 = 0 and d.seq > 3 then d.seq - 3 end, false,
         case when d.sentence % 33 = 0 then '{"👍": 1}'::jsonb end, case when d.sentence % 33 = 0 then d.seq end, 0, d.at
       from (select * from bench_draws order by at) d join bench_rooms r on r.n = d.conversation join bench_sentences s on s.n = d.sentence`,
    ],
  ];
}

const REACTIONS: Statement = [
  'reactions',
  `insert into public.message_reactions (conversation_id, seq, user_id, emoji)
   select x.conversation_id, x.seq, c.user_id, '👍' from public.messages x
   cross join lateral (select m.user_id from public.conversation_members m where m.conversation_id = x.conversation_id order by m.user_id desc limit 1) c
   where x.reactions is not null`,
];
