import { describe, expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import { become, becomeOwner, call, refusedCall } from '../chat/support.ts';
import { among, answer, type CallCard, letPass, start, step, sweep, talk, toldTo } from './support.ts';

type Way = readonly [way: string, go: (db: TestConnection, id: string, ada: Person, eve: Person) => Promise<unknown>];

/** How eve goes out of a call of ada's that goes on without her. */
const WAYS: readonly Way[] = [
  ['left', (db, id, _ada, eve) => step(db, eve, 'end_call', id)],
  ['removed', (db, id, ada, eve) => call(db, ada, 'remove_from_call', id, eve.id)],
];

/** What the tables show somebody of a call. */
async function rowsFor(db: TestConnection, who: Person, id: string) {
  await become(db, who);
  return {
    calls: await db.query('select id from public.calls where id = $1', [id]),
    people: (
      await db.query<{ user_id: string }>('select user_id from public.call_participants where call_id = $1', [id])
    ).map(({ user_id }) => user_id),
  };
}

const peopleIn = (card: { participants: readonly { user_id: string; state: string }[] }) =>
  Object.fromEntries(card.participants.map(({ user_id, state }) => [user_id, state]));

describe.each(WAYS)('who has %s a call', (way, go) => {
  test('sees nothing of what becomes of it, and at its end who was in it with them', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      const { id } = await talk(db, ada, bob, eve);
      await go(db, id, ada, eve);
      const { epoch, version } = await step(db, eve, 'call', id);
      await call(db, bob, 'add_to_call', id, [joe.id]);
      await answer(db, joe, id);
      await step(db, bob, 'end_call', id);
      const inIt = { [ada.id]: 'joined', [bob.id]: 'joined', [eve.id]: way };
      for (const card of [await step(db, eve, 'call', id), (await call<CallCard>(db, eve, 'my_calls'))[0]]) {
        expect(peopleIn(card ?? { participants: [] })).toEqual(inIt);
        expect(card).toMatchObject({ epoch, version });
      }
      expect(await rowsFor(db, eve, id)).toEqual({ calls: [], people: [] });

      await call(db, ada, 'end_call', id, true);
      const after = await step(db, eve, 'call', id);
      expect(after).toMatchObject({ state: 'ended', my_state: way, topic: null });
      expect(after.version).toBeGreaterThan(version);
      expect(peopleIn(after)).toEqual({ [ada.id]: 'left', [bob.id]: 'left', [eve.id]: way });
      const rows = await rowsFor(db, eve, id);
      expect(rows.calls).toEqual([{ id }]);
      expect(rows.people.toSorted()).toEqual([ada.id, bob.id, eve.id].toSorted());
      // Who stayed to the end knows all of it.
      expect(Object.keys(peopleIn(await step(db, ada, 'call', id)))).toContain(joe.id);
    }));
});

test('who declined sees nothing more of a call either', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await start(db, ada, [bob, eve]);
    await step(db, eve, 'decline_call', id);
    await answer(db, bob, id);
    expect(peopleIn(await step(db, eve, 'call', id))).toEqual({
      [ada.id]: 'joined',
      [bob.id]: 'ringing',
      [eve.id]: 'declined',
    });
    expect(await rowsFor(db, eve, id)).toEqual({ calls: [], people: [] });
  }));

test('who goes out of a call is told so by a newer card, and by a newer one still when they are back', () =>
  among(4, async (db, [ada, bob, eve, joe]) => {
    if (!joe) throw new Error('no people');
    const { id, version } = await talk(db, ada, bob, eve, joe);
    const out = await step(db, eve, 'end_call', id);
    expect(out.version).toBeGreaterThan(version);
    expect((await toldTo(db, eve)).at(-1)?.payload).toMatchObject({ my_state: 'left', version: out.version });
    await step(db, bob, 'end_call', id);
    await answer(db, bob, id);
    const back = await answer(db, eve, id);
    expect(back).toMatchObject({ version: out.version + 3, topic: `call:${id}:${back.epoch}` });
  }));

test('who was in a call with somebody stays in their history when they go, and are called or come in again', () =>
  among(5, async (db, [ada, bob, eve, joe, kim]) => {
    if (!joe || !kim) throw new Error('no people');
    const { id } = await talk(db, ada, bob, eve, joe);
    const at = (await step(db, eve, 'end_call', id)).participants;
    // One comes back by himself, the other is called again.
    await step(db, bob, 'end_call', id);
    await answer(db, bob, id);
    await step(db, joe, 'end_call', id);
    await call(db, ada, 'add_to_call', id, [joe.id]);
    const seen = { [ada.id]: 'joined', [bob.id]: 'joined', [eve.id]: 'left', [joe.id]: 'joined' };
    const during = await step(db, eve, 'call', id);
    expect(peopleIn(during)).toEqual(seen);
    expect(during.participants).toEqual(at);
    await letPass(db, id, joe);
    await sweep(db);
    expect((await step(db, eve, 'call', id)).participants).toEqual(at);

    await call(db, ada, 'end_call', id, true);
    expect(Object.keys(peopleIn(await step(db, eve, 'call', id))).toSorted()).toEqual(Object.keys(seen).toSorted());
    expect((await rowsFor(db, eve, id)).people.toSorted()).toEqual(Object.keys(seen).toSorted());
    expect(await exportedWith(db, eve)).toEqual([ada.id, bob.id, joe.id].toSorted());
  }));

/** With whom a person was in their one call, as their export says it. */
async function exportedWith(db: TestConnection, { id }: Person): Promise<string[] | undefined> {
  await becomeOwner(db);
  const { relation } = await db.one<{ relation: string }>(
    "select relation from app_private.export_sections() where section = 'calls'",
  );
  const [row] = await db.query<{ with_user_ids: string[] }>(`select * from ${relation} x where x.user_id = $1`, [id]);
  return row?.with_user_ids;
}

test('who started a call and has left it neither ends it for all nor takes anybody out (calls.not_caller)', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob, eve);
    await step(db, ada, 'end_call', id);
    expect((await refusedCall(db, ada, 'end_call', id, true)).code).toBe('calls.not_caller');
    expect((await refusedCall(db, ada, 'remove_from_call', id, eve.id)).code).toBe('calls.not_caller');
    await answer(db, ada, id);
    await call(db, ada, 'remove_from_call', id, eve.id);
    // Said again, it is as it was.
    await call(db, ada, 'end_call', id, true);
    expect(await call(db, ada, 'end_call', id, true)).toMatchObject([{ state: 'ended' }]);
  }));

test('an export of calls names nobody who has blocked its person, nor who came later', () =>
  among(4, async (db, [ada, bob, eve, joe]) => {
    if (!joe) throw new Error('no people');
    const { id } = await talk(db, ada, bob, eve);
    await step(db, eve, 'end_call', id);
    await call(db, ada, 'add_to_call', id, [joe.id]);
    await call(db, ada, 'end_call', id, true);
    await becomeOwner(db);
    await db.query('select app_private.block_person($1, $2)', [bob.id, eve.id]);
    expect(await exportedWith(db, eve)).toEqual([ada.id]);
  }));
