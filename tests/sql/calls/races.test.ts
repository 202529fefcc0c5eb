import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';
import { expectNoDeadlock, untilWaiting } from '../../support/races.ts';
import { connectAs } from '../chat/callers.ts';
import { attempt, outcome, people } from './callers.ts';
import { type CallCard, startOf } from './support.ts';

/** A call that rings for the second of two people, who have a connection each. */
async function ringing(database: ClonedDatabase) {
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const caller = await connectAs(database, ada);
  const card = await attempt(caller, 'start_call', startOf(ada, [bob]));
  if (typeof card === 'string') throw new Error(card);
  return { db, ada, bob, caller, id: card.id };
}

test('of eight devices that answer at once, one is in the call (calls.answered_elsewhere)', async () => {
  await using database = await cloneDatabase();
  const { db, bob, id } = await ringing(database);
  const devices = await Promise.all(Array.from({ length: 8 }, () => connectAs(database, bob)));
  const outcomes = await Promise.all(
    devices.map(async (device) => outcome(await attempt(device, 'answer_call', id, randomUUID()))),
  );
  expect(outcomes.toSorted()).toEqual([...Array(7).fill('calls.answered_elsewhere'), 'joined']);
  expect(await db.one('select version from public.calls')).toEqual({ version: 2 });
  await expectNoDeadlock(db);
});

test('a second device that waits for the first is refused when that one commits, and in when it gives up', async () => {
  await using database = await cloneDatabase();
  for (const [end, expected] of [
    ['commit', 'calls.answered_elsewhere'],
    ['rollback', 'joined'],
  ] as const) {
    const { db, bob, id } = await ringing(database);
    const [one, other] = [await connectAs(database, bob), await connectAs(database, bob)];
    await one.query('begin');
    expect(outcome(await attempt(one, 'answer_call', id, randomUUID()))).toBe('joined');
    const late = attempt(other, 'answer_call', id, randomUUID());
    await untilWaiting(db, other);
    await one.query(end);
    expect(outcome(await late)).toBe(expected);
  }
});

test.each([
  ['cancel_call', 'answer_call', 'calls.over', 'cancelled'],
  ['answer_call', 'cancel_call', 'calls.already_answered', null],
  ['decline_call', 'answer_call', 'calls.over', 'declined'],
  ['answer_call', 'decline_call', 'calls.already_answered', null],
])('%s before %s: the second finds the first done (%s)', async (first, second, code, end_reason) => {
  await using database = await cloneDatabase();
  const { db, bob, caller, id } = await ringing(database);
  const run = async (name: string) => {
    const who = name === 'cancel_call' ? caller : await connectAs(database, bob);
    const args = name === 'answer_call' ? [id, randomUUID()] : [id];
    return { who, step: () => attempt(who, name, ...args) };
  };
  const [one, other] = [await run(first), await run(second)];
  await one.who.query('begin');
  await one.step();
  const late = other.step();
  await untilWaiting(db, other.who);
  await one.who.query('commit');
  expect(outcome(await late)).toBe(code);
  expect(await db.one('select end_reason from public.calls where id = $1', [id])).toEqual({ end_reason });
});

test('an answer at the last moment and the time-out: one of them, whole', async () => {
  await using database = await cloneDatabase();
  const { db, bob, id } = await ringing(database);
  await db.query(
    "update public.call_participants set due_at = clock_timestamp() - interval '1 s' where state = 'ringing'",
  );
  const answering = await connectAs(database, bob);
  const worker = await database.connect();
  const [answered] = await Promise.all([
    attempt(answering, 'answer_call', id, randomUUID()),
    worker.query('select app_private.sweep_calls(10)'),
  ]);
  expect(outcome(answered)).toBe('calls.over');
  await db.query('select app_private.sweep_calls(10)');
  expect(await db.one('select end_reason from public.calls where id = $1', [id])).toEqual({ end_reason: 'missed' });
  expect(await db.query("select from app_private.outbox_events where type = 'call.missed'")).toHaveLength(1);
});

test('two who call each other at the same moment are in one call (calls.in_call)', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const [one, other] = [await connectAs(database, ada), await connectAs(database, bob)];
  for (let n = 0; n < 10; n += 1) {
    const results = await Promise.all([
      attempt(one, 'start_call', startOf(ada, [bob])),
      attempt(other, 'start_call', startOf(bob, [ada])),
    ]);
    expect(results.map(outcome).toSorted()).toEqual(['calls.in_call', 'joined']);
    const made = results.find((result) => typeof result !== 'string') as CallCard;
    await attempt(made.caller_id === ada.id ? one : other, 'end_call', made.id);
  }
  await expectNoDeadlock(db);
});

test('a call and a block at the same moment: the call is refused, or over', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob]] = await people(database, 2);
  if (!ada || !bob) throw new Error('no people');
  const caller = await connectAs(database, ada);
  const blocker = await database.connect();
  for (let n = 0; n < 10; n += 1) {
    const [started] = await Promise.all([
      attempt(caller, 'start_call', startOf(ada, [bob])),
      blocker.query('select app_private.block_person($1, $2)', [bob.id, ada.id]),
    ]);
    if (typeof started === 'string') expect(started).toBe('calls.not_accepted');
    expect(await db.query("select from public.calls where state <> 'ended'")).toEqual([]);
    await db.query('select app_private.unblock_person($1, $2)', [bob.id, ada.id]);
  }
  await expectNoDeadlock(db);
});

test('a removal from the group and a call of it at the same moment: whoever is out is in no call', async () => {
  await using database = await cloneDatabase();
  const [db, [ada, bob, eve]] = await people(database, 3);
  if (!ada || !bob || !eve) throw new Error('no people');
  const admin = await connectAs(database, ada);
  const { id: group_id } = await admin.one<{ id: string }>('select * from public.create_group($1)', [
    { name: 'Climbers' },
  ]);
  const member = await connectAs(database, bob);
  for (let n = 0; n < 8; n += 1) {
    await db.query(
      'insert into public.group_members (group_id, user_id) values ($1, $2), ($1, $3) on conflict do nothing',
      [...[group_id, bob.id, eve.id]],
    );
    const [started] = await Promise.all([
      attempt(member, 'start_call', startOf(bob, [], { group_id, user_ids: undefined })),
      admin.query('select public.remove_group_member($1, $2)', [group_id, eve.id]),
    ]);
    if (typeof started === 'string') throw new Error(started);
    const found = await db.query(
      "select from public.call_participants where call_id = $1 and user_id = $2 and state in ('ringing', 'joined')",
      [started.id, eve.id],
    );
    expect(found).toEqual([]);
    await attempt(member, 'end_call', started.id);
  }
  await expectNoDeadlock(db);
});

/** What somebody does next; they need not be able to. */
type Move =
  | 'start'
  | 'start_two'
  | 'answer'
  | 'decline'
  | 'cancel'
  | 'end'
  | 'add'
  | 'remove'
  | 'beat'
  | 'report'
  | 'block';
const moves = fc.array(
  fc.constantFrom<Move>(
    'start',
    'start',
    'start_two',
    'answer',
    'answer',
    'decline',
    'cancel',
    'end',
    'add',
    'remove',
    'beat',
    'report',
    'block',
  ),
  { minLength: 6, maxLength: 14 },
);

/** Whatever four people and the worker do at once, what must hold of calls does. */
test('nobody is in two calls, no call goes on with fewer than two, and what is over stays so, whatever all do at once', async () => {
  await using database = await cloneDatabase();
  const [db, everybody] = await people(database, 4);
  const hands = await Promise.all(everybody.map((person) => connectAs(database, person)));
  const worker = await database.connect();
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(moves, moves, moves, moves),
      fc.array(fc.nat(3), { minLength: 14, maxLength: 14 }),
      async (plans, whom) => {
        const play = async (n: number) => {
          const [me, hand] = [everybody[n], hands[n]];
          if (!me || !hand) throw new Error('no people');
          for (const [at, move] of (plans[n] ?? []).entries()) await act(hand, me, move, at);
        };
        const act = async (hand: TestConnection, me: Person, move: Move, at: number) => {
          const others = everybody.filter(({ id }) => id !== me.id);
          const other = others[(whom[at] ?? 0) % 3];
          if (!other) throw new Error('no people');
          const [current] = await hand.query<CallCard>('select * from public.current_call()');
          const id = current?.id ?? randomUUID();
          const device = current?.my_device_id ?? randomUUID();
          if (move === 'start') await attempt(hand, 'start_call', startOf(me, [other]));
          else if (move === 'start_two') await attempt(hand, 'start_call', startOf(me, others.slice(0, 2)));
          else if (move === 'answer') await attempt(hand, 'answer_call', id, device);
          else if (move === 'beat') await attempt(hand, 'call_heartbeat', id, device);
          else if (move === 'add') await attempt(hand, 'add_to_call', id, [other.id]);
          else if (move === 'remove') await attempt(hand, 'remove_from_call', id, other.id);
          else if (move === 'report') await attempt(hand, 'report_vanished', id, other.id);
          else if (move === 'block') {
            await hand.query(
              'insert into public.blocks (blocker_id, blocked_id) values ($1, $2) on conflict do nothing',
              [me.id, other.id],
            );
            await hand.query('delete from public.blocks where blocker_id = $1', [me.id]);
          } else await attempt(hand, `${move}_call`, id);
        };
        await Promise.all([...everybody.map((_, n) => play(n)), worker.query('select app_private.sweep_calls(100)')]);
        expect(await db.query(BROKEN)).toEqual([]);
        await db.query(
          "update public.call_participants set due_at = clock_timestamp() - interval '1 s' where due_at is not null",
        );
        await worker.query('select app_private.sweep_calls(100)');
        expect(await db.query("select id from public.calls where state <> 'ended'")).toEqual([]);
      },
    ),
    { numRuns: 15, includeErrorInReport: true },
  );
  await expectNoDeadlock(db);
}, 120_000);

/** Calls that are not as a call can be. */
const BROKEN = `
  select c.id, c.state, array_agg(p.state) as people, count(e.one) as ends
  from public.calls c
  join public.call_participants p on p.call_id = c.id
  left join lateral (select 1 as one from app_private.outbox_events o where o.type = 'call.ended' and o.payload ->> 'call_id' = c.id::text) e on true
  group by c.id
  having case c.state
    when 'ended' then bool_or(p.state in ('ringing', 'joined'))
    else count(*) filter (where p.state in ('ringing', 'joined')) < 2 or bool_and(p.state <> 'joined') end
    or (c.state = 'ended') <> (count(e.one) > 0)
    or exists (
      select from public.call_participants m where m.call_id = c.id and m.state in ('missed', 'busy') and not exists (
        select from app_private.outbox_events o where o.type = 'call.missed' and o.payload ->> 'call_id' = c.id::text and o.payload ->> 'callee_id' = m.user_id::text))
  union all
  select null, 'in two calls', array_agg(p.user_id::text), count(*)
  from public.call_participants p where p.state in ('ringing', 'joined') group by p.user_id having count(*) > 1`;
