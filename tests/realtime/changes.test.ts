import type { RealtimePostgresChangesPayload, SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  freshTopic,
  type Heard,
  listen,
  PUBLISHABLE_KEY,
  type RealtimeFixture,
  realtimeFixture,
  SECRET_KEY,
  type Somebody,
  subscribe,
} from './fixture.ts';
import { rawClient } from './raw-client.ts';

type Change = RealtimePostgresChangesPayload<Record<string, unknown>>;

let realtime: RealtimeFixture;
let ana: Somebody;
let ben: Somebody;

beforeAll(async () => {
  realtime = await realtimeFixture();
  await realtime.db.query(`
    create schema hidden;
    create type public.mood as enum ('good', 'bad');
    create table public.notes (
      id int primary key, owner uuid, word text, secret text, mood public.mood, tags text[], data jsonb, price numeric(8, 2),
      at timestamptz, big bigint, blob bytea
    );
    alter table public.notes enable row level security;
    revoke all on public.notes from anon, authenticated, service_role;
    grant select (id, owner, word, mood, tags, data, price, at, big, blob) on public.notes to authenticated;
    grant select on public.notes to service_role;
    create policy "owners read their notes" on public.notes for select to authenticated using (owner = (select auth.uid()));
    create table public.open (id int primary key, word text);
    grant select on public.open to anon, authenticated;
    create table public.keyless (word text);
    grant select on public.keyless to anon;
    create table public.key_is_secret (id int primary key, word text);
    revoke all on public.key_is_secret from anon, authenticated;
    grant select (word) on public.key_is_secret to anon;
    create table hidden.things (id int primary key);
    grant select on hidden.things to anon;
    create table public.not_published (id int primary key);
    grant select on public.not_published to anon;
    alter publication supabase_realtime add table public.notes, public.open, public.keyless, public.key_is_secret, hidden.things;
  `);
});

beforeEach(async () => {
  [ana, ben] = [await realtime.somebody(), await realtime.somebody()];
  await realtime.db.query('truncate public.notes, public.open, public.keyless, public.key_is_secret');
});

afterAll(() => realtime[Symbol.asyncDispose]());

interface Follower extends Heard {
  readonly changes: Change[];
}

/** Follows changes and waits until that is confirmed. */
async function follow(
  client: SupabaseClient,
  ...wanted: { event?: string; schema?: string; table?: string; filter?: string; select?: string[] }[]
): Promise<Follower> {
  await client.realtime.setAuth();
  const heard = listen(client, freshTopic());
  const changes: Change[] = [];
  for (const one of wanted) {
    heard.channel.on('postgres_changes', { event: '*', schema: 'public', ...one } as never, (change: Change) =>
      changes.push(change),
    );
  }
  expect(await subscribe(heard)).toBe('joined');
  await eventually('the server says whether it can', async () => heard.system.length > 0, { every_ms: 5 });
  return { ...heard, changes };
}

const told = async ({ changes }: Follower, count: number) => {
  await eventually(`${count} changes`, async () => changes.length >= count, { deadline_ms: 10_000, every_ms: 5 });
  return changes;
};
const newRows = async (follower: Follower, count: number) => (await told(follower, count)).map((change) => change.new);
const insertNote = (id: number, owner: Somebody, word = 'word') =>
  realtime.db.query('insert into public.notes (id, owner, word, secret) values ($1, $2, $3, $4)', [
    id,
    owner.id,
    word,
    'hidden',
  ]);

describe('policies', () => {
  test('another person’s rows never arrive', async () => {
    const [hers, his] = [
      await follow(realtime.client(ana), { table: 'notes' }),
      await follow(realtime.client(ben), { table: 'notes' }),
    ];
    for (let id = 0; id < 20; id += 1) await insertNote(id, id % 2 === 0 ? ana : ben);
    await realtime.db.query(`update public.notes set word = 'changed'`);
    const owners = (changes: Change[]) => new Set(changes.map((change) => (change.new as { owner: string }).owner));
    expect(owners(await told(hers, 20))).toEqual(new Set([ana.id]));
    expect(owners(await told(his, 20))).toEqual(new Set([ben.id]));
    await insertNote(100, ana);
    await insertNote(101, ben);
    expect(await told(hers, 21)).toHaveLength(21);
    expect(await told(his, 21)).toHaveLength(21);
  });

  test('a row that changes hands is told to its new owner only', async () => {
    await insertNote(1, ana);
    const [hers, his] = [
      await follow(realtime.client(ana), { table: 'notes', event: 'UPDATE' }),
      await follow(realtime.client(ben), { table: 'notes', event: 'UPDATE' }),
    ];
    await insertNote(2, ana);
    await realtime.db.query('update public.notes set owner = $1 where id = 1', [ben.id]);
    await realtime.db.query('update public.notes set owner = owner where id = 2');
    expect(await newRows(his, 1)).toMatchObject([{ id: 1, owner: ben.id }]);
    expect(await newRows(hers, 1)).toMatchObject([{ id: 2 }]);
  });

  test('a policy that fails hides the rows from its subscriber and from nobody else', async () => {
    await realtime.db.query(`create policy "fails for one" on public.notes for select to authenticated
      using ((select auth.uid()) = '${ben.id}' and 1 / (id - id) > 0)`);
    const [hers, his] = [
      await follow(realtime.client(ana), { table: 'notes' }),
      await follow(realtime.client(ben), { table: 'notes' }),
    ];
    await insertNote(1, ana);
    expect(await newRows(hers, 1)).toMatchObject([{ id: 1 }]);
    await realtime.db.query('drop policy "fails for one" on public.notes');
    await insertNote(2, ben);
    expect(await newRows(his, 1)).toMatchObject([{ id: 2 }]);
  });

  test('a DELETE is told to everybody by its key alone, because nobody can be asked about a row that is gone', async () => {
    await realtime.db.query('alter table public.notes replica identity full');
    await insertNote(1, ana);
    const his = await follow(realtime.client(ben), { table: 'notes', event: 'DELETE' });
    await realtime.db.query('delete from public.notes');
    expect(await told(his, 1)).toMatchObject([{ eventType: 'DELETE', old: { id: 1 }, new: {} }]);
    expect(Object.keys(his.changes[0]?.old ?? {})).toEqual(['id']);
    await realtime.db.query('alter table public.notes replica identity default');
  });

  test('without a right to read any column nothing arrives, not even that a row is gone', async () => {
    const nobody = await follow(realtime.client(), { table: 'notes' }, { table: 'open' });
    await insertNote(1, ana);
    await realtime.db.query('delete from public.notes');
    await realtime.db.query(`insert into public.open values (1, 'open')`);
    expect(await newRows(nobody, 1)).toEqual([{ id: 1, word: 'open' }]);
  });

  test('in a schema that a role may not use nothing arrives', async () => {
    const nobody = await follow(realtime.client(), { schema: 'hidden', table: 'things' }, { table: 'open' });
    await realtime.db.query('insert into hidden.things values (1)');
    await realtime.db.query(`insert into public.open values (2, 'open')`);
    expect(await newRows(nobody, 1)).toEqual([{ id: 2, word: 'open' }]);
    await realtime.db.query('delete from hidden.things');
  });

  test('are asked for each person anew: a token of another person of the same role sees other rows', async () => {
    const client = realtime.client(ana);
    const follower = await follow(client, { table: 'notes' });
    await client.realtime.setAuth(ben.token);
    // The server takes the token in the order of the topic's messages, so an answer to a later one says that it has it.
    await follower.channel.track({});
    await insertNote(1, ana);
    await insertNote(2, ben);
    expect(await newRows(follower, 1)).toMatchObject([{ id: 2 }]);
  });

  test('a server with the secret key sees every row and column', async () => {
    await using client = await rawClient(realtime.url, SECRET_KEY);
    await client.ask('realtime:all', 'phx_join', {
      config: { postgres_changes: [{ event: '*', schema: 'public', table: 'notes' }] },
    });
    await client.frame(({ event }) => event === 'system');
    await insertNote(1, ana);
    const { payload } = await client.frame(({ event }) => event === 'postgres_changes');
    expect(payload).toMatchObject({ data: { record: { id: 1, secret: 'hidden' } } });
  });
});

describe('what is told', () => {
  test('values have the types that REST gives them, columns the names that clients parse by', async () => {
    const follower = await follow(realtime.client(ana), { table: 'notes' });
    await realtime.db.query(
      `insert into public.notes values (1, $1, 'wörd "q" \\', 'hidden', 'good', '{a,"b c"}', '{"k": [1, null]}', 12.50,
        '2026-01-02T03:04:05.678Z', 9007199254740993, '\\x00ff')`,
      [ana.id],
    );
    const [change] = await told(follower, 1);
    expect(change?.new).toEqual({
      ...{ id: 1, owner: ana.id, word: 'wörd "q" \\', mood: 'good', tags: ['a', 'b c'], data: { k: [1, null] } },
      ...{ price: 12.5, at: '2026-01-02T03:04:05.678+00:00', big: expect.anything(), blob: '\\x00ff' },
    });
    expect(change).toMatchObject({ eventType: 'INSERT', schema: 'public', table: 'notes', errors: null, old: {} });
    expect(change?.commit_timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('columns that the role may not read are left out, and `select` leaves out more, never the key', async () => {
    const [all, some] = [
      await follow(realtime.client(ana), { table: 'notes' }),
      await follow(realtime.client(ana), { table: 'notes', select: ['word'] }),
    ];
    await insertNote(1, ana, 'seen');
    expect(Object.keys((await newRows(all, 1))[0] ?? {})).not.toContain('secret');
    expect(await newRows(some, 1)).toEqual([{ id: 1, word: 'seen' }]);
  });

  test('of the old row what the replica identity keeps: its key, or all of it that the role may read', async () => {
    await insertNote(1, ana, 'before');
    const follower = await follow(realtime.client(ana), { table: 'notes', select: ['word'] });
    await realtime.db.query(`update public.notes set word = 'after'`);
    await realtime.db.query('alter table public.notes replica identity full');
    await realtime.db.query(`update public.notes set word = 'at last'`);
    const changes = await told(follower, 2);
    expect(changes.map((change) => change.old)).toEqual([{ id: 1 }, { id: 1, word: 'after' }]);
    await realtime.db.query('alter table public.notes replica identity default');
  });

  test('a row without a key, or whose key is secret, is an error instead of a row', async () => {
    const nobody = await follow(realtime.client(), { table: 'keyless' }, { table: 'key_is_secret' });
    await realtime.db.query(`insert into public.keyless values ('x')`);
    await realtime.db.query(`insert into public.key_is_secret values (1, 'x')`);
    const changes = await told(nobody, 2);
    expect(changes.map(({ errors }) => errors)).toEqual([
      ['Error 400: Bad Request, no primary key'],
      ['Error 401: Unauthorized'],
    ]);
    expect(JSON.stringify(changes)).not.toContain('"x"');
  });

  test('a row over a MiB is sent without its long values', async () => {
    const nobody = await follow(realtime.client(), { table: 'open' });
    await realtime.db.query(`insert into public.open values (1, repeat('x', 1100000))`);
    expect(await told(nobody, 1)).toMatchObject([{ new: { id: 1 }, errors: ['Error 413: Payload Too Large'] }]);
  });

  test('one channel with several requests is told once, with the ids of all that match, and in the order of commits', async () => {
    const seen: string[] = [];
    const client = realtime.client();
    await client.realtime.setAuth();
    const heard = listen(client, freshTopic());
    heard.channel
      .on('postgres_changes', { event: '*', schema: 'public', table: 'open' }, ({ eventType }) =>
        seen.push(`any ${eventType}`),
      )
      .on('postgres_changes', { event: 'UPDATE', schema: 'public', table: 'open' }, () => seen.push('update'))
      .on('postgres_changes', { event: 'DELETE', schema: 'public' }, () => seen.push('delete'));
    expect(await subscribe(heard)).toBe('joined');
    await eventually('it is confirmed', async () => heard.system.length > 0);
    await realtime.db.query(`
      begin; insert into public.open values (1); update public.open set word = 'x'; delete from public.open; commit`);
    await eventually('all came', async () => seen.length >= 5);
    expect(seen).toEqual(['any INSERT', 'any UPDATE', 'update', 'any DELETE', 'delete']);
  });
});

describe('filters', () => {
  test.each([
    ['id=eq.2', [2]],
    ['id=neq.2', [1, 3, 4]],
    ['id=gt.1,id=lt.4', [2, 3]],
    ['id=gte.3', [3, 4]],
    ['id=in.(1,3)', [1, 3]],
    ['id=not.in.(1,3)', [2, 4]],
    ['word=in.("a,b",c)', [1, 3]],
    ['word=eq."a,b"', [1]],
    ['word=like.%b', [1, 2]],
    ['word=not.like.%b', [3]],
    ['word=ilike.C%', [3]],
    ['word=match.^[bc]$', [2, 3]],
    ['word=is.null', [4]],
    ['word=not.is.null', [1, 2, 3]],
    ['word=isdistinct.c', [1, 2, 4]],
    ['', [1, 2, 3, 4]],
  ])('%s', async (filter, expected) => {
    const follower = await follow(realtime.client(), { table: 'open', filter }, { table: 'open', event: 'DELETE' });
    expect(follower.system).toMatchObject([{ status: 'ok' }]);
    await realtime.db.query(`insert into public.open values (1, 'a,b'), (2, 'b'), (3, 'c'), (4, null)`);
    await realtime.db.query('delete from public.open where id = 1');
    const ids: unknown[] = [];
    await eventually('the last one came', async () => follower.changes.some(({ eventType }) => eventType === 'DELETE'));
    for (const change of follower.changes) if (change.eventType === 'INSERT') ids.push(change.new['id']);
    expect(ids).toEqual(expected);
  });

  test.each([
    ['id=eq.word', 'invalid input syntax for type integer'],
    ['id=like.1', 'operator does not exist'],
    ['nothing=eq.1', 'invalid column for filter nothing'],
    ['id=foo.1', 'Error parsing `filter` params'],
    ['undefined', 'Error parsing `filter` params'],
    ['id=in.1,2', '`in` filter value must be wrapped by parentheses'],
    ['word=is.maybe', 'invalid value for is filter'],
    ['word=match.(', 'invalid regular expression'],
    [`id=in.(${Array.from({ length: 101 }, (_, n) => n)})`, 'too many values for `in` filter. Maximum 100'],
    [`id=eq.1) or (true`, 'invalid input syntax'],
  ])('%s is refused; the channel is joined all the same', async (filter, reason) => {
    const follower = await follow(realtime.client(), { table: 'open', filter });
    expect(follower.system).toMatchObject([{ extension: 'postgres_changes', status: 'error' }]);
    expect(follower.system[0]?.message).toContain(reason);
  });

  test('what cannot be followed is refused: unpublished tables, secret columns, `select` with a wildcard', async () => {
    const reason = async (client: SupabaseClient, wanted: object) => (await follow(client, wanted)).system[0]?.message;
    expect(await reason(realtime.client(), { table: 'not_published' })).toContain('Please check Realtime is enabled');
    expect(await reason(realtime.client(ana), { table: 'notes', filter: 'secret=eq.x' })).toBe(
      'invalid column for filter secret',
    );
    expect(await reason(realtime.client(ana), { table: 'notes', select: ['secret'] })).toBe(
      'invalid column for select secret',
    );
    expect(await reason(realtime.client(), { schema: '*', select: ['id'] })).toContain('not supported for wildcard');
  });

  test('a right to a column that is withdrawn counts from the next change on', async () => {
    const follower = await follow(realtime.client(), { table: 'open' });
    await realtime.db.query(`insert into public.open values (1, 'seen')`);
    expect(await newRows(follower, 1)).toEqual([{ id: 1, word: 'seen' }]);
    await realtime.db.query('revoke select on public.open from anon; grant select (id) on public.open to anon');
    await realtime.db.query(`insert into public.open values (2, 'hidden')`);
    expect((await newRows(follower, 2))[1]).toEqual({ id: 2 });
    await realtime.db.query('grant select on public.open to anon');
  });
});

test('a new project publishes no table', async () => {
  const { count } = await realtime.db.one(`select count(*)::int from pg_publication_tables t
    where pubname = 'supabase_realtime' and schemaname <> 'hidden' and tablename not in ('notes', 'open', 'keyless', 'key_is_secret')`);
  expect(count).toBe(0);
  await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
  const wanted = [{ event: '*', schema: 'public', table: 'profiles' }];
  const { response } = await client.ask('realtime:x', 'phx_join', { config: { postgres_changes: wanted } });
  expect(response).toEqual({ postgres_changes: [{ ...wanted[0], id: expect.any(Number) }] });
  const { payload } = await client.frame(({ event }) => event === 'system');
  expect(payload).toMatchObject({ extension: 'postgres_changes', status: 'error' });
});
