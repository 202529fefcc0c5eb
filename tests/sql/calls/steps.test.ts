import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { call, refusedCall } from '../chat/support.ts';
import {
  among,
  answer,
  deviceOf,
  eventsOf,
  letPass,
  start,
  startOf,
  statesIn,
  step,
  sweep,
  talk,
  toldTo,
} from './support.ts';

describe('a call of two', () => {
  test('rings on the devices of the callee, is answered, and ends when one hangs up', () =>
    among(2, async (db, [ada, bob]) => {
      const started = await start(db, ada, [bob], { kind: 'audio' });
      expect(started).toMatchObject({
        kind: 'audio',
        is_direct: true,
        state: 'ringing',
        my_state: 'joined',
        caller_id: ada.id,
      });
      expect(started.topic).toBe(`call:${started.id}:1`);
      const [rung] = await toldTo(db, bob);
      expect(rung).toMatchObject({
        event: 'call_ringing',
        payload: { id: started.id, my_state: 'ringing', topic: null },
      });
      expect(rung?.payload.rings_until).not.toBeNull();

      const answered = await answer(db, bob, started.id);
      expect(answered).toMatchObject({
        state: 'active',
        my_state: 'joined',
        my_device_id: deviceOf(bob),
        topic: started.topic,
      });
      expect((await toldTo(db, ada)).at(-1)).toMatchObject({ event: 'call_changed', payload: { state: 'active' } });

      const ended = await step(db, bob, 'end_call', started.id);
      expect(ended).toMatchObject({ state: 'ended', end_reason: 'ended', my_state: 'left', topic: null });
      expect((await toldTo(db, ada)).at(-1)).toMatchObject({ payload: { state: 'ended', my_state: 'left' } });
      expect((await eventsOf(db, started.id)).map(({ type }) => type)).toEqual(['call.started', 'call.ended']);
    }));

  test('that is declined is over for both, and nobody has missed it', () =>
    among(2, async (db, [ada, bob]) => {
      const { id } = await start(db, ada, [bob]);
      expect(await step(db, bob, 'decline_call', id)).toMatchObject({
        state: 'ended',
        end_reason: 'declined',
        my_state: 'declined',
      });
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'left', [bob.id]: 'declined' });
      expect(await eventsOf(db, id, 'call.missed')).toEqual([]);
    }));

  test('that is cancelled was missed by the callee (call.missed)', () =>
    among(2, async (db, [ada, bob]) => {
      const { id } = await start(db, ada, [bob]);
      expect(await step(db, ada, 'cancel_call', id)).toMatchObject({ state: 'ended', end_reason: 'cancelled' });
      expect((await toldTo(db, bob)).at(-1)).toMatchObject({ event: 'call_changed', payload: { my_state: 'missed' } });
      expect(await eventsOf(db, id, 'call.missed')).toMatchObject([
        { actor_id: ada.id, payload: { call_id: id, caller_id: ada.id, callee_id: bob.id, kind: 'video' } },
      ]);
    }));

  test('that nobody answers in time is missed (call.missed), and cannot be answered any more (calls.over)', () =>
    among(2, async (db, [ada, bob]) => {
      const { id } = await start(db, ada, [bob]);
      await letPass(db, id, bob);
      expect((await refusedCall(db, bob, 'answer_call', id, deviceOf(bob))).code).toBe('calls.over');
      await sweep(db);
      expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'ended', end_reason: 'missed' });
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'left', [bob.id]: 'missed' });
      expect(await eventsOf(db, id, 'call.missed')).toHaveLength(1);
      expect((await refusedCall(db, bob, 'answer_call', id, deviceOf(bob))).code).toBe('calls.over');
    }));

  test('to somebody who is in another one is busy at once, and missed', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const first = await talk(db, ada, bob);
      const second = await start(db, eve, [bob]);
      expect(second).toMatchObject({ state: 'ended', end_reason: 'busy', my_state: 'left' });
      expect(await eventsOf(db, second.id, 'call.missed')).toMatchObject([
        { payload: { caller_id: eve.id, callee_id: bob.id } },
      ]);
      expect(await step(db, bob, 'call', first.id)).toMatchObject({ state: 'active' });
      // Nothing rings, and nobody else learns of it.
      expect((await toldTo(db, bob)).filter(({ payload }) => payload.id === second.id)).toEqual([]);
    }));

  test('is busy for who is only being rung, too', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await start(db, ada, [bob]);
      expect(await start(db, eve, [bob])).toMatchObject({ state: 'ended', end_reason: 'busy' });
    }));

  test('is refused to who is in one (calls.in_call)', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await start(db, ada, [bob]);
      expect((await refusedCall(db, ada, 'start_call', startOf(ada, [eve]))).code).toBe('calls.in_call');
      expect((await refusedCall(db, bob, 'start_call', startOf(bob, [ada]))).code).toBe('calls.in_call');
    }));

  test('that is over but for somebody to say so keeps nobody busy', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id } = await talk(db, ada, bob);
      await letPass(db, id, ada, bob);
      expect(await start(db, eve, [bob])).toMatchObject({ state: 'ringing' });
      expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'ended', end_reason: 'lost' });
    }));

  test('is answered by one device; the other is refused (calls.answered_elsewhere)', () =>
    among(2, async (db, [ada, bob]) => {
      const { id } = await start(db, ada, [bob]);
      await answer(db, bob, id);
      expect((await refusedCall(db, bob, 'answer_call', id, randomUUID())).code).toBe('calls.answered_elsewhere');
      expect((await refusedCall(db, bob, 'decline_call', id)).code).toBe('calls.already_answered');
      expect((await refusedCall(db, ada, 'cancel_call', id)).code).toBe('calls.already_answered');
    }));

  test('is answered by one page of a device, which may say it again and come back anew (calls.answered_elsewhere)', () =>
    among(2, async (db, [ada, bob]) => {
      const [page, other] = [randomUUID(), randomUUID()];
      const fields = { client_id: randomUUID(), join_id: page };
      const { id } = await start(db, ada, [bob], fields);
      expect(await start(db, ada, [bob], fields)).toMatchObject({ id });
      expect((await refusedCall(db, ada, 'answer_call', id, deviceOf(ada), other)).code).toBe(
        'calls.answered_elsewhere',
      );
      expect(await call(db, ada, 'answer_call', id, deviceOf(ada), page)).toMatchObject([{ my_state: 'joined' }]);
      await call(db, bob, 'answer_call', id, deviceOf(bob), page);
      expect((await refusedCall(db, bob, 'answer_call', id, deviceOf(bob), other)).code).toBe(
        'calls.answered_elsewhere',
      );
      expect((await refusedCall(db, bob, 'answer_call', id, deviceOf(bob))).code).toBe('calls.answered_elsewhere');
      expect(await call(db, bob, 'answer_call', id, deviceOf(bob), page)).toMatchObject([
        { my_state: 'joined', version: 2 },
      ]);
    }));

  test('takes each step twice as once', () =>
    among(2, async (db, [ada, bob]) => {
      const fields = { client_id: randomUUID() };
      const { id } = await start(db, ada, [bob], fields);
      expect(id).toBe(fields.client_id);
      expect(await start(db, ada, [bob], fields)).toMatchObject({ id, state: 'ringing', version: 1 });
      await answer(db, bob, id);
      expect(await answer(db, bob, id)).toMatchObject({ state: 'active', version: 2 });
      await step(db, ada, 'end_call', id);
      expect(await step(db, ada, 'end_call', id)).toMatchObject({ state: 'ended', version: 3 });
      expect(await step(db, bob, 'end_call', id)).toMatchObject({ state: 'ended', version: 3 });
      expect((await eventsOf(db, id)).map(({ type }) => type)).toEqual(['call.started', 'call.ended']);
      expect((await refusedCall(db, ada, 'start_call', startOf(ada, [bob], { ...fields, kind: 'audio' }))).code).toBe(
        'calls.client_id_reused',
      );
      expect((await refusedCall(db, bob, 'start_call', startOf(bob, [ada], fields))).code).toBe(
        'calls.client_id_reused',
      );
    }));

  test.each([
    [{ kind: 'hologram' }, 'calls.field_invalid'],
    [{ device_id: null }, 'calls.field_invalid'],
    [{ user_ids: [] }, 'calls.field_invalid'],
    [{ user_ids: ['bob'] }, 'calls.field_invalid'],
    [{ user_ids: Array.from({ length: 16 }, () => randomUUID()) }, 'calls.field_invalid'],
    [{ loud: true }, 'calls.field_invalid'],
  ])('does not begin with %j (%s)', (fields, code) =>
    among(2, async (db, [ada, bob]) => {
      expect((await refusedCall(db, ada, 'start_call', startOf(ada, [bob], fields))).code).toBe(code);
    }),
  );

  test('to oneself is none (calls.to_oneself)', () =>
    among(1, async (db, [ada]) => {
      expect((await refusedCall(db, ada, 'start_call', startOf(ada, [ada]))).code).toBe('calls.to_oneself');
    }));
});

describe('a call of several', () => {
  test('goes on until fewer than two are left', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id, is_direct } = await talk(db, ada, bob, eve);
      expect(is_direct).toBe(false);
      expect(await step(db, ada, 'end_call', id)).toMatchObject({ state: 'active', my_state: 'left', topic: null });
      expect(await step(db, bob, 'end_call', id)).toMatchObject({ state: 'ended', end_reason: 'ended' });
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'left', [bob.id]: 'left', [eve.id]: 'left' });
    }));

  test('rings for those who are free, and is not over while it rings for somebody', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      await start(db, joe, [eve]);
      const { id } = await start(db, ada, [bob, eve]);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'ringing', [eve.id]: 'busy' });
      expect(await step(db, bob, 'decline_call', id)).toMatchObject({ state: 'ended', end_reason: 'declined' });
    }));

  test('takes back whom it lost or who declined while it goes on, but not whom its starter removed (calls.over)', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      const { id } = await start(db, ada, [bob, eve, joe]);
      await answer(db, bob, id);
      await step(db, eve, 'decline_call', id);
      expect(await answer(db, eve, id)).toMatchObject({ my_state: 'joined' });
      await answer(db, joe, id);
      await call(db, ada, 'remove_from_call', id, joe.id);
      expect((await refusedCall(db, joe, 'answer_call', id, deviceOf(joe))).code).toBe('calls.over');
      expect((await refusedCall(db, bob, 'remove_from_call', id, eve.id)).code).toBe('calls.not_caller');
      expect((await refusedCall(db, bob, 'add_to_call', id, [joe.id])).code).toBe('calls.not_accepted');
    }));

  test('ends for all by who started it alone (calls.not_caller)', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id } = await talk(db, ada, bob, eve);
      expect((await refusedCall(db, bob, 'end_call', id, true)).code).toBe('calls.not_caller');
      await call(db, ada, 'end_call', id, true);
      expect(await step(db, eve, 'call', id)).toMatchObject({ state: 'ended', my_state: 'left' });
    }));

  test('grows by whom its people call into it, who miss it by them', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id } = await talk(db, ada, bob);
      await call(db, bob, 'add_to_call', id, [eve.id]);
      expect((await toldTo(db, eve)).at(-1)).toMatchObject({
        event: 'call_ringing',
        payload: { id, is_direct: false },
      });
      await letPass(db, id, eve);
      await sweep(db);
      expect(await eventsOf(db, id, 'call.missed')).toMatchObject([
        { payload: { caller_id: bob.id, callee_id: eve.id } },
      ]);
      expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'active' });
      expect((await refusedCall(db, ada, 'add_to_call', id, [eve.id])).code).toBe('rate_limit.exceeded');
    }));

  test('has room for eight (calls.too_many_people)', () =>
    among(10, async (db, people) => {
      const [ada, ...others] = people;
      expect((await refusedCall(db, ada, 'start_call', startOf(ada, others))).code).toBe('calls.too_many_people');
      const { id } = await start(db, ada, others.slice(0, 7));
      expect((await refusedCall(db, ada, 'add_to_call', id, [others[7]?.id])).code).toBe('calls.too_many_people');
      expect(await call(db, ada, 'add_to_call', id, [others[0]?.id])).toHaveLength(1); // who is in it already
    }));
});

describe('the history', () => {
  test('lists calls with how they ended, the latest first and page by page, and those that I missed', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const ids: string[] = [];
      for (const [from, to, end] of [
        [ada, bob, 'cancel_call'],
        [bob, ada, 'cancel_call'],
        [eve, ada, 'end_call'],
      ] as const) {
        const { id } = await start(db, from, [to]);
        await step(db, from, end, id);
        ids.push(id);
      }
      // One transaction has one time, and the ids of calls grow.
      const all = await call<{ id: string; created_at: string }>(db, ada, 'my_calls');
      expect(all.map(({ id }) => id)).toEqual(ids.toReversed());
      const first = await db.query<{ id: string; created_at: string }>(
        'select id, created_at::text from public.my_calls(2)',
      );
      const rest = await call<{ id: string }>(db, ada, 'my_calls', 2, first[1]?.created_at, first[1]?.id);
      expect([...first, ...rest].map(({ id }) => id)).toEqual(ids.toReversed());
      const missed = await call<{ id: string }>(db, ada, 'my_calls', 20, null, null, true);
      expect(missed.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    }));

  test('shows the call that one is in or that rings', () =>
    among(2, async (db, [ada, bob]) => {
      expect(await call(db, bob, 'current_call')).toEqual([]);
      const { id } = await start(db, ada, [bob]);
      expect(await call(db, bob, 'current_call')).toMatchObject([{ id, my_state: 'ringing' }]);
      expect(await call(db, ada, 'current_call')).toMatchObject([{ id, my_state: 'joined' }]);
    }));
});
