import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';
import { expectNoDeadlock, inTurn, untilWaiting } from '../../support/races.ts';
import { connectAs } from '../chat/callers.ts';
import { attempt, outcome, people } from './callers.ts';
import { type CallCard, deviceOf, startOf } from './support.ts';

interface Scene {
  readonly db: TestConnection;
  readonly id: string;
  readonly everybody: readonly [Person, Person, Person, Person, Person];
  /** A connection of each. */
  readonly hands: readonly [TestConnection, TestConnection, TestConnection, TestConnection, TestConnection];
}

const BLOCK = 'select app_private.block_person($1, $2)';

/** Five people, of whom the first three are in a call, or in one of their group. */
async function scene(database: ClonedDatabase, isOfGroup = false): Promise<Scene> {
  const [db, made] = await people(database, 5);
  const everybody = made as [Person, Person, Person, Person, Person];
  const hands = (await Promise.all(made.map((person) => connectAs(database, person)))) as [
    ...[TestConnection, TestConnection, TestConnection, TestConnection, TestConnection],
  ];
  const [ada, bob, eve] = everybody;
  let fields = {};
  if (isOfGroup) {
    const { id } = await hands[0].one<{ id: string }>('select * from public.create_group($1)', [{ name: 'Climbers' }]);
    await db.query('insert into public.group_members (group_id, user_id) values ($1, $2), ($1, $3)', [
      ...[id, bob.id, eve.id],
    ]);
    fields = { group_id: id };
  }
  const { id } = (await attempt(hands[0], 'start_call', startOf(ada, [bob, eve], fields))) as CallCard;
  for (const [hand, person] of [
    [hands[1], bob],
    [hands[2], eve],
  ] as const) {
    expect(outcome(await attempt(hand, 'answer_call', id, deviceOf(person)))).toBe('joined');
  }
  return { db, id, everybody, hands };
}

async function stateOf({ db, id }: Scene, person: Person): Promise<string | undefined> {
  const [row] = await db.query<{ state: string }>(
    'select state from public.call_participants where call_id = $1 and user_id = $2',
    [id, person.id],
  );
  return row?.state;
}

test('who comes back while somebody in the call blocks them is refused (calls.over)', async () => {
  await using database = await cloneDatabase();
  const { db, id, everybody, hands } = await scene(database);
  const [, bob, eve] = everybody;
  await attempt(hands[2], 'end_call', id);
  const blocker = await database.connect();
  const late = await inTurn(
    db,
    blocker,
    () => blocker.query(BLOCK, [bob.id, eve.id]),
    hands[2],
    () => attempt(hands[2], 'answer_call', id, deviceOf(eve)),
  );
  expect(outcome(late)).toBe('calls.over');
});

test('who blocks while the other comes back is out of the call', async () => {
  await using database = await cloneDatabase();
  const all = await scene(database);
  const { db, id, everybody, hands } = all;
  const [, bob, eve] = everybody;
  await attempt(hands[2], 'end_call', id);
  const blocker = await database.connect();
  await inTurn(
    db,
    hands[2],
    () => attempt(hands[2], 'answer_call', id, deviceOf(eve)),
    blocker,
    () => blocker.query(BLOCK, [bob.id, eve.id]),
  );
  expect([await stateOf(all, bob), await stateOf(all, eve)]).toEqual(['left', 'joined']);
});

test('of two who are added at the same moment while one blocks the other, one rings', async () => {
  await using database = await cloneDatabase();
  const all = await scene(database);
  const { db, id, everybody, hands } = all;
  const [, , , joe, kim] = everybody;
  const blocker = await database.connect();
  await blocker.query('begin');
  await blocker.query(BLOCK, [joe.id, kim.id]);
  await hands[0].query('begin');
  await attempt(hands[0], 'add_to_call', id, [joe.id]);
  const late = attempt(hands[1], 'add_to_call', id, [kim.id]);
  await untilWaiting(db, hands[1]);
  await hands[0].query('commit');
  // Now for the block.
  await untilWaiting(db, hands[1]);
  await blocker.query('commit');
  expect(outcome(await late)).toBe('joined');
  expect([await stateOf(all, joe), await stateOf(all, kim)]).toEqual(['ringing', 'busy']);
});

test('who comes back into a call of a group that they are being removed from is refused (calls.over)', async () => {
  await using database = await cloneDatabase();
  const { db, id, everybody, hands } = await scene(database, true);
  const [, , eve] = everybody;
  await attempt(hands[2], 'end_call', id);
  const { group_id } = await db.one<{ group_id: string }>('select group_id from public.calls where id = $1', [id]);
  const late = await inTurn(
    db,
    hands[0],
    () => hands[0].query('select public.remove_group_member($1, $2)', [group_id, eve.id]),
    hands[2],
    () => attempt(hands[2], 'answer_call', id, deviceOf(eve)),
  );
  expect(outcome(late)).toBe('calls.over');
});

test('a start in a group by who is being removed from it is refused (groups.not_found)', async () => {
  await using database = await cloneDatabase();
  const { db, id, everybody, hands } = await scene(database, true);
  const [, bob, eve] = everybody;
  await attempt(hands[0], 'end_call', id, true);
  const { group_id } = await db.one<{ group_id: string }>('select group_id from public.calls where id = $1', [id]);
  const late = await inTurn(
    db,
    hands[0],
    () => hands[0].query('select public.remove_group_member($1, $2)', [group_id, eve.id]),
    hands[2],
    () => attempt(hands[2], 'start_call', startOf(eve, [bob], { group_id })),
  );
  expect(late).toBe('groups.not_found');
});

test('a sign of life that finds somebody overdue holds nothing while a step is taken', async () => {
  await using database = await cloneDatabase();
  const { db, id, everybody, hands } = await scene(database);
  const [, bob, eve] = everybody;
  await db.query(
    "update public.call_participants set due_at = clock_timestamp() - interval '1 s' where call_id = $1 and user_id = $2",
    [id, eve.id],
  );
  await hands[0].query('begin');
  await attempt(hands[0], 'remove_from_call', id, eve.id);
  const late = attempt(hands[1], 'call_heartbeat', id, deviceOf(bob));
  await untilWaiting(db, hands[1]);
  await attempt(hands[0], 'remove_from_call', id, bob.id);
  await hands[0].query('commit');
  expect(outcome(await late)).toBe('removed');
  await expectNoDeadlock(db);
});

test('a deletion of an account waits for a step in its call before it takes anything of it', async () => {
  await using database = await cloneDatabase();
  const all = await scene(database);
  const { db, id, everybody, hands } = all;
  const [, bob, eve] = everybody;
  const operator = await database.connect();
  await hands[0].query('begin');
  await attempt(hands[0], 'remove_from_call', id, eve.id);
  const deletion = operator.query('delete from auth.users where id = $1', [bob.id]);
  await untilWaiting(db, operator);
  expect(outcome(await attempt(hands[0], 'remove_from_call', id, bob.id))).toBe('left');
  await hands[0].query('commit');
  await deletion;
  expect(await stateOf(all, bob)).toBeUndefined();
  await expectNoDeadlock(db);
});

test('a deletion of an account and a call of a group at the same moment do not wait for each other in a ring', async () => {
  await using database = await cloneDatabase();
  const { db, id, everybody, hands } = await scene(database, true);
  const [ada, bob, eve] = everybody;
  await attempt(hands[0], 'end_call', id, true);
  const { group_id } = await db.one<{ group_id: string }>('select group_id from public.calls where id = $1', [id]);
  const [holder, operator] = [await database.connect(), await database.connect()];
  // Stops the start halfway.
  await holder.query('begin');
  await holder.query('select app_private.lock_pairs(array[$1::uuid], array[$2::uuid])', [ada.id, eve.id]);
  const started = attempt(hands[0], 'start_call', startOf(ada, [], { group_id, user_ids: undefined }));
  await untilWaiting(db, hands[0]);
  const deletion = operator.query('delete from auth.users where id = $1', [bob.id]);
  await untilWaiting(db, operator);
  await holder.query('commit');
  expect(outcome(await started)).toBe('joined');
  await deletion;
  expect(await db.query("select from public.calls where state <> 'ended'")).toHaveLength(1);
  await expectNoDeadlock(db);
});
