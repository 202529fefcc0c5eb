import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { become, becomeOwner, call, mayHear, mayWrite, refusedCall } from '../chat/support.ts';
import { among, answer, deviceOf, letPass, start, statesIn, step, sweep, talk, toldTo } from './support.ts';

test('whoever is not heard of is taken out, and the others move to a topic where they hear nothing', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id, epoch } = await talk(db, ada, bob, eve);
    await letPass(db, id, eve);
    await sweep(db);
    expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'joined', [eve.id]: 'lost' });
    const told = (await toldTo(db, ada)).at(-1);
    expect(told).toMatchObject({ event: 'call_changed', payload: { topic: `call:${id}:${epoch + 1}` } });
    expect((await toldTo(db, eve)).at(-1)).toMatchObject({ payload: { my_state: 'lost', topic: null } });
    expect(await mayHear(db, eve, `call:${id}:${epoch + 1}:${ada.id}`)).toBe(false);
  }));

test('a call ends when the one of two is not heard of (lost)', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    await letPass(db, id, bob);
    await sweep(db);
    expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'ended', end_reason: 'lost' });
  }));

test('a caller who vanishes while it rings has cancelled', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await start(db, ada, [bob]);
    await letPass(db, id, ada);
    await sweep(db);
    expect(await step(db, bob, 'call', id)).toMatchObject({
      state: 'ended',
      end_reason: 'cancelled',
      my_state: 'missed',
    });
  }));

test('a heartbeat keeps its person in, and takes out whoever is overdue, also without a worker', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob, eve);
    await letPass(db, id, eve);
    const [card] = await call<{ my_state: string; state: string }>(db, ada, 'call_heartbeat', id, deviceOf(ada));
    expect(card).toMatchObject({ my_state: 'joined', state: 'active' });
    expect(await statesIn(db, id)).toMatchObject({ [ada.id]: 'joined', [eve.id]: 'lost' });
    expect((await refusedCall(db, ada, 'call_heartbeat', id, randomUUID())).code).toBe('calls.answered_elsewhere');
  }));

test('a heartbeat that comes too late takes its own person out', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    await letPass(db, id, bob);
    const [card] = await call(db, bob, 'call_heartbeat', id, deviceOf(bob));
    expect(card).toMatchObject({ my_state: 'lost', state: 'ended' });
  }));

test('who is reported as vanished is asked, and has three seconds; a sign of life is an answer', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    const left = async () => {
      await becomeOwner(db);
      const { s } = await db.one<{ s: number }>(
        'select extract(epoch from due_at - clock_timestamp())::float8 as s from public.call_participants where call_id = $1 and user_id = $2',
        [id, bob.id],
      );
      return s;
    };
    expect(await left()).toBeGreaterThan(10);
    expect(await call(db, ada, 'report_vanished', id, bob.id)).toEqual([{ report_vanished: true }]);
    expect(await left()).toBeLessThanOrEqual(3);
    expect((await toldTo(db, bob)).at(-1)).toMatchObject({ event: 'call_still_there', payload: { call_id: id } });
    // Told once, however many say it.
    expect(await call(db, ada, 'report_vanished', id, bob.id)).toEqual([{ report_vanished: false }]);
    await call(db, bob, 'call_heartbeat', id, deviceOf(bob));
    expect(await left()).toBeGreaterThan(10);
  }));

test('nobody outside a call reports anybody, nor oneself', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob);
    expect((await refusedCall(db, eve, 'report_vanished', id, bob.id)).code).toBe('calls.not_found');
    expect(await call(db, ada, 'report_vanished', id, ada.id)).toEqual([{ report_vanished: false }]);
    await step(db, ada, 'end_call', id);
    expect((await refusedCall(db, ada, 'report_vanished', id, bob.id)).code).toBe('calls.over');
  }));

test('a call ends after twelve hours', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    await becomeOwner(db);
    await db.query("update public.calls set created_at = created_at - interval '13 hours' where id = $1", [id]);
    await sweep(db);
    expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'ended', end_reason: 'ended' });
  }));

test('calls go after a year', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    await step(db, ada, 'end_call', id);
    await becomeOwner(db);
    await db.query("update public.calls set ended_at = now() - interval '366 days' where id = $1", [id]);
    await db.as({ role: 'astra_worker' });
    await db.query('select app_private.prune_calls(10)');
    expect((await refusedCall(db, ada, 'call', id)).code).toBe('calls.not_found');
  }));

test('who is in a call hears each topic of it and writes to their own; others do neither', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await start(db, ada, [bob]);
    const topicOf = (person: { id: string }) => `call:${id}:1:${person.id}`;
    // Whom it rings for is not in it yet.
    expect(await mayHear(db, bob, topicOf(ada))).toBe(false);
    await answer(db, bob, id);
    for (const extension of ['broadcast', 'presence']) {
      expect(await mayHear(db, bob, topicOf(ada), extension)).toBe(true);
      expect(await mayHear(db, bob, topicOf(bob), extension)).toBe(true);
      expect(await mayWrite(db, bob, topicOf(bob), extension)).toBe(true);
      expect(await mayWrite(db, bob, topicOf(ada), extension)).toBe(false);
      expect(await mayHear(db, eve, topicOf(ada), extension)).toBe(false);
      expect(await mayWrite(db, eve, topicOf(eve), extension)).toBe(false);
      expect(await mayHear(db, null, topicOf(ada), extension)).toBe(false);
    }
    expect(await mayHear(db, bob, `call:${id}:2:${ada.id}`)).toBe(false);
    expect(await mayHear(db, bob, `call:${id}:1`)).toBe(false);
    expect(await mayHear(db, bob, `call:${id}:1:${eve.id}`)).toBe(false);
    await step(db, ada, 'end_call', id);
    expect(await mayHear(db, bob, topicOf(ada))).toBe(false);
    expect(await mayWrite(db, bob, topicOf(bob))).toBe(false);
  }));

test('tables show calls to those who are in them, without their devices', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob);
    await become(db, bob);
    expect(await db.query('select id from public.calls')).toEqual([{ id }]);
    expect(await db.query('select user_id from public.call_participants order by user_id')).toHaveLength(2);
    expect((await db.refusal('select device_id from public.call_participants')).sqlstate).toBe('42501');
    await become(db, eve);
    expect(await db.query('select id from public.calls where id = $1', [id])).toEqual([]);
  }));
