import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { expectNoDeadlock, inTurn } from '../../support/races.ts';

const SETTINGS = 'update public.account_settings set privacy_settings = $2 where user_id = $1';

async function people(database: ClonedDatabase, count: number): Promise<[TestConnection, Person[]]> {
  const db = await database.connect();
  const made: Person[] = [];
  for (let n = 0; n < count; n += 1) made.push(await db.signUp());
  return [db, made];
}

/** Calls `app_private.<name>` and gives the code of a refusal of ours; anything else, such as a deadlock, is thrown. */
async function act(db: TestConnection, name: string, one: Person, other?: Person): Promise<string | undefined> {
  const [text, values] = other
    ? [`select app_private.${name}($1, $2)`, [one.id, other.id]]
    : [`select app_private.${name}($1)`, [one.id]];
  try {
    await db.query(text, values);
    return undefined;
  } catch (error) {
    const { sqlstate, code } = refusalOf(error);
    if (!sqlstate.startsWith('PT')) throw error;
    return code;
  }
}

async function setPrivate(db: TestConnection, person: Person, is_private: boolean): Promise<void> {
  await db.query(SETTINGS, [person.id, { is_private }]);
}

/** Counts equal rows, nothing is between the blocked, nobody waits for a public account, and no deadlock happened. */
async function expectSound(db: TestConnection): Promise<void> {
  const wrong = await db.query(
    `select p.username, c.*, r.* from public.profiles p,
       lateral app_private.shown_profile_counts(null, p.id) c,
       lateral (select (select count(*) from public.follows f where f.followee_id = p.id) as followers,
                       (select count(*) from public.follows f where f.follower_id = p.id) as following) r
     where (c.followers_count, c.following_count) <> (r.followers, r.following)`,
  );
  expect(wrong).toEqual([]);
  const between = await db.query(
    `select from public.blocks b join (
       select follower_id as one, followee_id as other from public.follows
       union all select requester_id, target_id from public.follow_requests) x
     on (x.one, x.other) in ((b.blocker_id, b.blocked_id), (b.blocked_id, b.blocker_id))`,
  );
  expect(between).toEqual([]);
  const waiting =
    'select from public.follow_requests r join public.profiles p on p.id = r.target_id and not p.is_private';
  expect(await db.query(waiting)).toEqual([]);
  const both = `select from public.follow_requests r join public.follows f on (f.follower_id, f.followee_id) = (r.requester_id, r.target_id)`;
  expect(await db.query(both)).toEqual([]);
  await expectNoDeadlock(db);
}

/** As inTurn, each on a connection of its own. */
async function onTwo<T>(
  database: ClonedDatabase,
  first: (db: TestConnection) => Promise<unknown>,
  second: (db: TestConnection) => Promise<T>,
): Promise<T> {
  const [observer, one, other] = [await database.connect(), await database.connect(), await database.connect()];
  return await inTurn(
    observer,
    one,
    () => first(one),
    other,
    () => second(other),
  );
}

test('a block waits for a follow that is being made, and ends it', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const blocked = await onTwo(
    database,
    (one) => act(one, 'follow', ada, bob),
    (other) => act(other, 'block_person', bob, ada),
  );
  expect(blocked).toBe(undefined);
  expect(await db.query('select from public.follows')).toEqual([]);
  await expectSound(db);
});

test('a block by supabase-js waits for a follow in the other direction too, and ends it', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await onTwo(
    database,
    (one) => act(one, 'follow', ada, bob),
    (other) => other.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [ada.id, bob.id]),
  );
  expect(await db.query('select from public.follows')).toEqual([]);
  await expectSound(db);
});

test('a follow that begins while a block is being made is refused (users.not_found)', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const code = await onTwo(
    database,
    (one) => act(one, 'block_person', bob, ada),
    (other) => act(other, 'follow', ada, bob),
  );
  expect(code).toBe('users.not_found');
  await expectSound(db);
});

test('a request that is being made while its target goes public is approved', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await setPrivate(db, bob, true);
  await onTwo(
    database,
    (one) => act(one, 'follow', ada, bob),
    (other) => setPrivate(other, bob, false),
  );
  expect(await db.query('select follower_id from public.follows')).toEqual([{ follower_id: ada.id }]);
  await expectSound(db);
});

test('a follow that waits while its target goes public is a follow, not a request', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await setPrivate(db, bob, true);
  await onTwo(
    database,
    (one) => setPrivate(one, bob, false),
    (other) => act(other, 'follow', ada, bob),
  );
  expect(await db.query('select follower_id from public.follows')).toEqual([{ follower_id: ada.id }]);
  await expectSound(db);
});

test('a block waits for the approval of all requests, and ends what it made', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await setPrivate(db, bob, true);
  await act(db, 'follow', ada, bob);
  await onTwo(
    database,
    (one) => act(one, 'approve_all_follow_requests', bob),
    (other) => act(other, 'block_person', ada, bob),
  );
  expect(await db.query('select from public.follows')).toEqual([]);
  await expectSound(db);
});

test('who takes a request back while it is approved with all others does not follow afterwards', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  await setPrivate(db, bob, true);
  await act(db, 'follow', ada, bob);
  await onTwo(
    database,
    (one) => act(one, 'approve_all_follow_requests', bob),
    (other) => act(other, 'unfollow', ada, bob),
  );
  expect(await db.query('select from public.follows')).toEqual([]);
  await expectSound(db);
});

test('going public waits for the deletion of somebody who asked, without a deadlock', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob, eve]] = await people(database, 3);
  if (!ada || !bob || !eve) throw new Error('no people');
  await setPrivate(db, bob, true);
  await act(db, 'follow', ada, bob);
  await act(db, 'follow', eve, bob);
  await onTwo(
    database,
    (one) => one.query('delete from auth.users where id = $1', [ada.id]),
    (other) => setPrivate(other, bob, false),
  );
  expect(await db.query('select follower_id from public.follows')).toEqual([{ follower_id: eve.id }]);
  await expectSound(db);
});

test('nobody waits for a count that somebody holds: it is shown at once and equals the rows', async () => {
  await using database = await cloneDatabase();
  const [db, [star, ...fans]] = await people(database, 9);
  if (!star) throw new Error('no people');
  const holder = await database.connect();
  await holder.query('begin');
  await holder.query('select from public.profile_counts for update');
  const connections = await Promise.all(fans.map(() => database.connect()));
  await Promise.all(fans.map((fan, n) => act(connections[n] as TestConnection, 'follow', fan, star)));
  await expectSound(db);
  expect(
    await db.one('select followers_count::int as n from public.profile_counts where user_id = $1', [star.id]),
  ).toEqual({ n: 0 });
  await holder.query('commit');
  for (const fan of fans) await act(db, 'unfollow', fan, star);
  await expectSound(db);
});

const BLOCK_ALL = `insert into public.blocks (blocker_id, blocked_id)
  select $1, id from public.profiles where id <> $1 order by id on conflict do nothing`;

/** One of the things that people do through the API or, as the statements say, by supabase-js; chosen by a number. */
async function doSomething(db: TestConnection, one: Person, other: Person, what: number): Promise<unknown> {
  switch (what % 13) {
    case 0:
    case 1:
    case 2:
      return await act(db, 'follow', one, other);
    case 3:
      return await act(db, 'unfollow', one, other);
    case 4:
      return await act(db, 'approve_follow_request', one, other);
    case 5:
      return await act(db, 'remove_follower', one, other);
    case 6:
      return await act(db, 'block_person', one, other);
    case 7:
      return await act(db, 'unblock_person', one, other);
    case 8:
      return await setPrivate(db, one, what === 8);
    case 9:
      return await db.query(BLOCK_ALL, [one.id]);
    case 10:
      return await db.query('delete from public.blocks where blocker_id = $1', [one.id]);
    case 11:
      return await db.query('delete from public.follows where follower_id = $1 and followee_id = $2', [
        one.id,
        other.id,
      ]);
    default:
      return await act(db, 'approve_all_follow_requests', one);
  }
}

test('whatever few people do with each other at once, counts equal rows and nothing deadlocks', async () => {
  await using database = await cloneDatabase();
  const [db, all] = await people(database, 4);
  const connections = await Promise.all(Array.from({ length: 8 }, () => database.connect()));
  const failures: unknown[] = [];
  let seed = 20_261_122;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  await Promise.all(
    connections.map(async (connection) => {
      for (let round = 0; round < 100; round += 1) {
        const one = random(4);
        const other = (one + 1 + random(3)) % 4;
        const [actor, target] = [all[one] as Person, all[other] as Person];
        await doSomething(connection, actor, target, random(26)).catch((error) => failures.push(refusalOf(error)));
      }
    }),
  );
  expect(failures).toEqual([]);
  await expectSound(db);
});
