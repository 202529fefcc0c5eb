import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { expectNoDeadlock, inTurn, untilWaiting } from '../../support/races.ts';
import { UNSOUND } from './support.ts';

/** A connection on which somebody is signed in for good. */
async function signedIn(database: ClonedDatabase, person: Person): Promise<TestConnection> {
  const db = await database.connect();
  await db.query("select set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', $2, false)", [
    JSON.stringify({ role: 'authenticated', sub: person.id }),
    person.id,
  ]);
  await db.query('set role authenticated');
  return db;
}

/** Calls `public.<name>` and gives the code of a refusal of ours, or undefined; anything else, such as a deadlock, is thrown. */
async function code(db: TestConnection, name: string, ...args: unknown[]): Promise<string | undefined> {
  try {
    await db.query(`select public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`, args);
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal.sqlstate.startsWith('PT')) throw error;
    return refusal.code;
  }
}

interface Stage {
  readonly db: TestConnection;
  readonly people: Person[];
  readonly connections: TestConnection[];
  readonly group: string;
}

/** A group of the first person, whom all others meet on connections of their own. */
async function set(database: ClonedDatabase, count: number, fields: object = {}): Promise<Stage> {
  const db = await database.connect();
  const people: Person[] = [];
  for (let n = 0; n < count; n += 1) people.push(await db.signUp());
  const connections = await Promise.all(people.map((person) => signedIn(database, person)));
  const [owner] = connections;
  if (owner === undefined) throw new Error('no people');
  const { id } = await owner.one<{ id: string }>('select id from public.create_group($1)', [{ name: 'x', ...fields }]);
  return { db, people, connections, group: id };
}

/** Counts equal rows, caps and owners hold, and no deadlock happened. */
async function expectSound(db: TestConnection): Promise<void> {
  expect(await db.query(UNSOUND)).toEqual([]);
  await expectNoDeadlock(db);
}

/** The members of a group, by their place among the people of the stage. */
async function rolesOf({ db, people, group }: Stage): Promise<(string | null)[]> {
  const rows = await db.query<{ user_id: string; role: string }>(
    'select user_id, role from public.group_members where group_id = $1',
    [group],
  );
  return people.map(({ id }) => rows.find((row) => row.user_id === id)?.role ?? null);
}

test('as many come in as there are seats, of twenty who come at once, and members are counted as rows', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 21, { member_cap: 8 });
  const others = stage.connections.slice(1);
  const codes = await Promise.all(others.map((db) => code(db, 'join_group', stage.group)));
  expect(codes.filter((found) => found === undefined)).toHaveLength(7);
  expect(codes.filter((found) => found === 'groups.full')).toHaveLength(13);
  await expectSound(stage.db);
});

test('while people come and go at once and the cap changes, counts, cap and owner hold', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 13, { member_cap: 6 });
  const [owner, ...others] = stage.connections;
  const known = new Set([undefined, 'groups.full', 'groups.cap_too_low']);
  const found: (string | undefined)[] = [];
  await Promise.all([
    ...others.map(async (db, n) => {
      for (let round = 0; round < 12; round += 1) {
        found.push(await code(db, (round + n) % 3 === 0 ? 'leave_group' : 'join_group', stage.group));
      }
    }),
    (async () => {
      for (let round = 0; round < 12; round += 1) {
        found.push(await code(owner as TestConnection, 'update_group', stage.group, { member_cap: 4 + (round % 5) }));
      }
    })(),
  ]);
  expect(found.filter((each) => !known.has(each))).toEqual([]);
  await expectSound(stage.db);
});

test('the last seat goes to one of two, and the second waits for what the first does', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 3, { member_cap: 2 });
  const [, ben, cat] = stage.connections as [TestConnection, TestConnection, TestConnection];
  const join = (db: TestConnection) => code(db, 'join_group', stage.group);
  expect(
    await inTurn(
      stage.db,
      ben,
      () => join(ben),
      cat,
      () => join(cat),
    ),
  ).toBe('groups.full');
  await code(ben, 'leave_group', stage.group);
  await ben.query('begin');
  await join(ben);
  const late = join(cat);
  await untilWaiting(stage.db, cat);
  await ben.query('rollback');
  expect(await late).toBe(undefined);
  expect(await rolesOf(stage)).toEqual(['owner', null, 'member']);
  await expectSound(stage.db);
});

test('two who take seats of a group with room for both do not wait for each other', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 1, { member_cap: 100 });
  const [one, two, three] = [await database.connect(), await database.connect(), await database.connect()];
  const take = (db: TestConnection) => db.query('select app_private.take_seat($1)', [stage.group]);
  // Where somebody had to wait once, the seats lie in two rows from then on.
  await inTurn(
    stage.db,
    one,
    () => take(one),
    two,
    () => take(two),
  );
  await one.query('begin');
  await take(one);
  await three.query("set lock_timeout = '1s'");
  await take(three);
  await one.query('commit');
  expect(await stage.db.query('select from app_private.group_seats where group_id = $1', [stage.group])).toHaveLength(
    2,
  );
});

test.each([
  ['one use', 1],
  ['three uses', 3],
])('a link of %s lets in as many of twenty who use it at once, and never more', async (_what, max_uses) => {
  await using database = await cloneDatabase();
  const stage = await set(database, 21, { visibility: 'secret' });
  const [owner, ...others] = stage.connections as [TestConnection, ...TestConnection[]];
  const { token } = await owner.one<{ token: string }>("select public.create_group_link($1, $2) ->> 'token' as token", [
    stage.group,
    { max_uses },
  ]);
  const codes = await Promise.all(others.map((db) => code(db, 'redeem_group_link', token)));
  expect(codes.filter((found) => found === undefined)).toHaveLength(max_uses);
  expect(codes.filter((found) => found === 'groups.link_invalid')).toHaveLength(20 - max_uses);
  expect(await stage.db.query('select from app_private.group_links')).toEqual([]);
  await expectSound(stage.db);
});

test('a ban waits for a join that is under way, and ends it', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 2);
  const [ana, ben] = stage.connections as [TestConnection, TestConnection];
  const ban = () => code(ana, 'ban_from_group', stage.group, stage.people[1]?.id);
  expect(await inTurn(stage.db, ben, () => code(ben, 'join_group', stage.group), ana, ban)).toBe(undefined);
  expect(await rolesOf(stage)).toEqual(['owner', null]);
  await expectSound(stage.db);
});

test.each([
  ['by itself', 'join_group'],
  ['by a link', 'redeem_group_link'],
  ['by an invitation', 'accept_group_invitation'],
])('who comes %s while they are being banned is not let in', async (_what, name) => {
  await using database = await cloneDatabase();
  const stage = await set(database, 2);
  const [ana, ben] = stage.connections as [TestConnection, TestConnection];
  const [, person] = stage.people;
  await code(ana, 'invite_to_group', stage.group, person?.id);
  const { token } = await ana.one<{ token: string }>("select public.create_group_link($1) ->> 'token' as token", [
    stage.group,
  ]);
  const ban = () => code(ana, 'ban_from_group', stage.group, person?.id);
  const come = () => code(ben, name, name === 'redeem_group_link' ? token : stage.group);
  expect(await inTurn(stage.db, ana, ban, ben, come)).toMatch(
    /^groups\.(join_refused|link_invalid|invitation_not_found)$/,
  );
  expect(await rolesOf(stage)).toEqual(['owner', null]);
});

test('an owner who hands over to somebody who is just leaving stays the owner (groups.member_not_found)', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 2);
  const [ana, ben] = stage.connections as [TestConnection, TestConnection];
  await code(ben, 'join_group', stage.group);
  const give = () => code(ana, 'transfer_group', stage.group, stage.people[1]?.id);
  const left = await inTurn(stage.db, ben, () => code(ben, 'leave_group', stage.group), ana, give);
  expect(left).toBe('groups.member_not_found');
  expect(await rolesOf(stage)).toEqual(['owner', null]);
  await code(ben, 'join_group', stage.group);
  const leave = () => code(ben, 'leave_group', stage.group);
  expect(await inTurn(stage.db, ana, give, ben, leave)).toBe('groups.owner_must_stay');
  expect(await rolesOf(stage)).toEqual(['admin', 'owner']);
  await expectSound(stage.db);
});

test('of two transfers at once the second finds no owner any more (groups.not_allowed)', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 3);
  const [ana, ben, cat] = stage.connections as [TestConnection, TestConnection, TestConnection];
  for (const db of [ben, cat]) await code(db, 'join_group', stage.group);
  const again = await signedIn(database, stage.people[0] as Person);
  const second = await inTurn(
    stage.db,
    ana,
    () => code(ana, 'transfer_group', stage.group, stage.people[1]?.id),
    again,
    () => code(again, 'transfer_group', stage.group, stage.people[2]?.id),
  );
  expect(second).toBe('groups.not_allowed');
  expect(await rolesOf(stage)).toEqual(['admin', 'owner', 'member']);
});

const drop = (stage: Stage, db: TestConnection, n: number) =>
  db.query('delete from auth.users where id = $1', [stage.people[n]?.id]);

test('when owner and heir are deleted at once, whoever is left owns the group', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 3);
  const [, ben, cat] = stage.connections as [TestConnection, TestConnection, TestConnection];
  for (const db of [ben, cat]) await code(db, 'join_group', stage.group);
  const [one, other] = [await database.connect(), await database.connect()];
  // The heir is being deleted, so the next in line inherits.
  await inTurn(
    stage.db,
    one,
    () => drop(stage, one, 1),
    other,
    () => drop(stage, other, 0),
  );
  expect(await rolesOf(stage)).toEqual([null, null, 'owner']);
  await expectSound(stage.db);
});

test('who is being deleted does not inherit, also before their membership is held', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 3);
  const [, ben, cat] = stage.connections as [TestConnection, TestConnection, TestConnection];
  for (const db of [ben, cat]) await code(db, 'join_group', stage.group);
  const [one, other] = [await database.connect(), await database.connect()];
  await one.query('begin');
  await one.query('select from public.profiles where id = $1 for update', [stage.people[1]?.id]);
  await other.query("set lock_timeout = '5s'");
  await drop(stage, other, 0);
  await drop(stage, one, 1);
  await one.query('commit');
  expect(await rolesOf(stage)).toEqual([null, null, 'owner']);
  await expectSound(stage.db);
});

test('when all accounts of a group are deleted at once, the group is gone, and when one joins meanwhile, it is theirs', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 6);
  const [, ...others] = stage.connections as [TestConnection, ...TestConnection[]];
  const last = others.at(-1) as TestConnection;
  for (const db of others.slice(0, -1)) await code(db, 'join_group', stage.group);
  const droppers = await Promise.all(stage.people.slice(0, -1).map(() => database.connect()));
  const [joined] = await Promise.all([
    code(last, 'join_group', stage.group),
    ...droppers.map((db, n) => drop(stage, db, n)),
  ]);
  const roles = await rolesOf(stage);
  expect(roles.slice(0, -1)).toEqual([null, null, null, null, null]);
  expect([joined, roles.at(-1)]).toEqual(joined === undefined ? [undefined, 'owner'] : ['groups.not_found', null]);
  await expectSound(stage.db);
});

test('a group that is being deleted takes nobody in, and whoever is coming goes with it', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 3);
  const [ana, ben, cat] = stage.connections as [TestConnection, TestConnection, TestConnection];
  await code(ben, 'join_group', stage.group);
  const join = () => code(cat, 'join_group', stage.group);
  expect(await inTurn(stage.db, ana, () => code(ana, 'delete_group', stage.group), cat, join)).toBe('groups.not_found');
  expect(await rolesOf(stage)).toEqual([null, null, null]);
  await expectSound(stage.db);
});

test('whose account is deleted while they decide about members is waited for, and neither ends in a deadlock', async () => {
  await using database = await cloneDatabase();
  const stage = await set(database, 3);
  const [ana, ben] = stage.connections as [TestConnection, TestConnection];
  const [first, second] = stage.people as [Person, Person];
  await code(ben, 'join_group', stage.group);
  const role = (name: string) => code(ana, 'set_group_role', stage.group, second.id, name);
  expect(await role('moderator')).toBe(undefined);
  const [holder, dropper] = [await database.connect(), await database.connect()];
  await holder.query('begin');
  await holder.query('select from public.groups where id = $1 for update', [stage.group]);
  const decided = role('admin');
  await untilWaiting(stage.db, ana);
  const dropped = dropper.query('delete from auth.users where id = $1', [first.id]);
  await untilWaiting(stage.db, dropper);
  await holder.query('commit');
  expect(await decided).toBe(undefined);
  await dropped;
  expect(await rolesOf(stage)).toEqual([null, 'owner', null]);
  await expectSound(stage.db);
  await expectNoDeadlock(stage.db);
});
