import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { BenchEnvironment } from './bench-stack.ts';
import { makePeople, type Person } from './people.ts';

/** As many as are in the one conversation that all of them hear. */
const PEOPLE = 1_000;

/** People with sessions, who have all accepted all their conversations. */
export interface World {
  readonly people: readonly Person[];
  /** The conversation of a group of all people. */
  readonly room: string;
  /** A direct conversation of each person but the last of an odd number: of the first two, of the next two, … */
  readonly pairs: readonly string[];
}

/** Makes it past the triggers, which would tell everybody of each. Nobody is held to how much a person writes. */
export async function makeWorld(env: BenchEnvironment): Promise<World> {
  const people = await makePeople(env, PEOPLE);
  const ids = people.map(({ id }) => id);
  const pairs = Array.from({ length: PEOPLE / 2 }, () => randomUUID());
  const room = randomUUID();
  const client = new pg.Client({ connectionString: env.ASTRA_ADMIN_DB_URL });
  await client.connect();
  await client.query('update app_private.chat_rules set messages_per_minute = null');
  await client.query('set session_replication_role = replica');
  await client.query(
    `with made as (
       insert into public.groups (name, visibility, created_by) values ('Everybody', 'private', ($2::uuid[])[1]) returning id
     ), members as (
       insert into public.group_members (group_id, user_id, role)
       select made.id, u.id, case when u.n = 1 then 'owner' else 'member' end from made, unnest($2::uuid[]) with ordinality u (id, n)
     ), conversation as (
       insert into public.conversations (id, kind, group_id) select $1, 'group', made.id from made
     )
     insert into public.conversation_members (conversation_id, user_id) select $1, u.id from unnest($2::uuid[]) u (id)`,
    [room, ids],
  );
  await client.query(
    `with sides as (
       select p.id, a.id as one, b.id as other from unnest($1::uuid[]) with ordinality p (id, n)
       join unnest($2::uuid[]) with ordinality a (id, n) on a.n = p.n * 2 - 1
       join unnest($2::uuid[]) with ordinality b (id, n) on b.n = p.n * 2
     ), made as (
       insert into public.conversations (id, kind, low_id, high_id, opened_by)
       select s.id, 'direct', least(s.one, s.other), greatest(s.one, s.other), s.one from sides s
     )
     insert into public.conversation_members (conversation_id, user_id)
     select s.id, u.id from sides s, lateral (values (s.one), (s.other)) u (id)`,
    [pairs, ids],
  );
  await client.query('analyze');
  await client.end();
  return { people, room, pairs };
}

/** The n-th writer and where they write: all in one conversation, or each in one of their own. */
export function writerOf(world: World, one: boolean, n: number): { person: Person; conversation: string } {
  const pair = n % world.pairs.length;
  const person = world.people[pair * 2];
  const conversation = one ? world.room : world.pairs[pair];
  if (person === undefined || conversation === undefined) throw new Error('a world without people');
  return { person, conversation };
}

const WORDS = 'See you at the station at half past seven, I bring the tickets';

/** A message as clients send them, with an id of its own. */
export const messageTo = (conversation: string, words = WORDS) => ({
  conversation_id: conversation,
  client_id: randomUUID(),
  content: words,
});

/** Says on a database connection for good who is signed in, as the REST API does for each request. */
export function signInText(id: string): string {
  const claims = JSON.stringify({ sub: id, role: 'authenticated' });
  return `select set_config('request.jwt.claims', '${claims}', false), set_config('request.jwt.claim.sub', '${id}', false); set role authenticated`;
}

export const SEND = 'select * from public.send_message($1)';
