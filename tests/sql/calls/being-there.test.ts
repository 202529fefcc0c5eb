import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
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

/** How long somebody is taken to be there from when they were heard, and from when they were reported. */
async function leaseOf(db: TestConnection, id: string, { id: person }: Person) {
  await becomeOwner(db);
  return await db.one<{ heard_s: number; reported_s: number | null }>(
    `select round(extract(epoch from due_at - heard_at), 1)::float8 as heard_s, round(extract(epoch from due_at - reported_at), 1)::float8 as reported_s
     from public.call_participants where call_id = $1 and user_id = $2`,
    [id, person],
  );
}

/** As if what happened to somebody in a call had happened earlier. */
async function earlier(db: TestConnection, id: string, { id: person }: Person, by: string): Promise<void> {
  await becomeOwner(db);
  await db.query(
    `update public.call_participants set heard_at = heard_at - $3::interval, reported_at = reported_at - $3::interval
     where call_id = $1 and user_id = $2`,
    [id, person, by],
  );
}

test('who is silent and reported as vanished is asked, and has three seconds; a sign of life is an answer', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    await earlier(db, id, bob, '8 seconds');
    expect(await call(db, ada, 'report_vanished', id, bob.id)).toEqual([{ report_vanished: true }]);
    expect(await leaseOf(db, id, bob)).toMatchObject({ reported_s: 3 });
    expect((await toldTo(db, bob)).at(-1)).toMatchObject({ event: 'call_still_there', payload: { call_id: id } });
    await call(db, bob, 'call_heartbeat', id, deviceOf(bob));
    expect(await leaseOf(db, id, bob)).toMatchObject({ heard_s: 15 });
  }));

test('nobody is out by the word of others who says every five seconds that they are there', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    expect(await call(db, ada, 'report_vanished', id, bob.id)).toEqual([{ report_vanished: true }]);
    expect(await leaseOf(db, id, bob)).toMatchObject({ heard_s: 10 });
  }));

test('who is reported is asked once in fifteen seconds, whoever says it and however often they answer', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob, eve);
    const asked = async (who: Person) => (await call(db, who, 'report_vanished', id, bob.id))[0]?.['report_vanished'];
    expect(await asked(ada)).toBe(true);
    expect(await asked(eve)).toBe(false);
    await call(db, bob, 'call_heartbeat', id, deviceOf(bob));
    expect(await asked(ada)).toBe(false);
    expect((await toldTo(db, bob)).filter(({ event }) => event === 'call_still_there')).toHaveLength(1);
    await earlier(db, id, bob, '16 seconds');
    expect(await asked(eve)).toBe(true);
  }));

test('nobody reports more often than a person does (rate_limit.exceeded)', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob, eve);
    await becomeOwner(db);
    await db.query('update app_private.call_rules set reports_per_10_minutes = 1');
    await call(db, ada, 'report_vanished', id, bob.id);
    expect((await refusedCall(db, ada, 'report_vanished', id, eve.id)).code).toBe('rate_limit.exceeded');
    expect(await call(db, bob, 'report_vanished', id, eve.id)).toEqual([{ report_vanished: true }]);
  }));

test('nobody outside a call reports anybody, nor oneself', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await talk(db, ada, bob);
    expect((await refusedCall(db, eve, 'report_vanished', id, bob.id)).code).toBe('calls.not_found');
    expect(await call(db, ada, 'report_vanished', id, ada.id)).toEqual([{ report_vanished: false }]);
    await step(db, ada, 'end_call', id);
    expect((await refusedCall(db, ada, 'report_vanished', id, bob.id)).code).toBe('calls.over');
  }));

/** A call of two that has lasted for longer than twelve hours. */
async function longTalk(db: TestConnection, ada: Person, bob: Person): Promise<string> {
  const { id } = await talk(db, ada, bob);
  await becomeOwner(db);
  await db.query("update public.calls set created_at = created_at - interval '13 hours' where id = $1", [id]);
  return id;
}

test('a call ends after twelve hours', () =>
  among(2, async (db, [ada, bob]) => {
    const id = await longTalk(db, ada, bob);
    await sweep(db);
    expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'ended', end_reason: 'ended' });
  }));

test('a call of more than twelve hours is none, also without a worker: nobody hears it, and the next step ends it', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const id = await longTalk(db, ada, bob);
    expect(await call(db, ada, 'current_call')).toEqual([]);
    expect(await mayHear(db, bob, `call:${id}:1:${ada.id}`)).toBe(false);
    expect(await mayWrite(db, bob, `call:${id}:1:${bob.id}`)).toBe(false);
    const [card] = await call(db, ada, 'call_heartbeat', id, deviceOf(ada));
    expect(card).toMatchObject({ state: 'ended', end_reason: 'ended', my_state: 'left' });
    const other = await longTalk(db, ada, bob);
    expect((await refusedCall(db, bob, 'add_to_call', other, [eve.id])).code).toBe('calls.over');
    expect(await start(db, eve, [bob])).toMatchObject({ state: 'ringing' });
  }));

test('a lease that is over is no current call, also without a worker', () =>
  among(2, async (db, [ada, bob]) => {
    const { id } = await talk(db, ada, bob);
    await letPass(db, id, bob);
    expect(await call(db, bob, 'current_call')).toEqual([]);
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
    for (const hidden of [
      'device_id from public.call_participants',
      'caller_id from public.calls',
      'group_id from public.calls',
    ]) {
      expect((await db.refusal(`select ${hidden}`)).sqlstate).toBe('42501');
    }
    await become(db, eve);
    expect(await db.query('select id from public.calls where id = $1', [id])).toEqual([]);
  }));
