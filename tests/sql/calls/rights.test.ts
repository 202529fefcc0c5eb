import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  becomeOwner,
  befriend,
  block,
  call,
  group,
  join,
  mayHear,
  refusedCall,
  setPrivacy,
  unblock,
} from '../chat/support.ts';
import { among, answer, deviceOf, eventsOf, start, startOf, statesIn, step, talk, toldTo } from './support.ts';

describe('who may call', () => {
  test.each([
    ['everyone', false, false, true],
    ['followers', true, false, true],
    ['followers', false, false, false],
    ['friends', true, false, false],
    ['friends', true, true, true],
    ['nobody', true, true, false],
  ])('with who_can_call as %s, who follows: %s and is followed: %s may: %s', (audience, follows, isFollowed, may) =>
    among(2, async (db, [ada, bob]) => {
      await becomeOwner(db);
      const follow = 'insert into public.follows (follower_id, followee_id) values ($1, $2)';
      if (follows) await db.query(follow, [ada.id, bob.id]);
      if (isFollowed) await db.query(follow, [bob.id, ada.id]);
      await setPrivacy(db, bob, { who_can_call: audience });
      if (may) expect(await start(db, ada, [bob])).toMatchObject({ state: 'ringing' });
      else expect((await refusedCall(db, ada, 'start_call', startOf(ada, [bob]))).code).toBe('calls.not_accepted');
    }),
  );

  test('is told in the same words for a setting, a block and nobody at all', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await setPrivacy(db, bob, { who_can_call: 'nobody' });
      await block(db, eve, ada);
      const refusals = [];
      for (const id of [bob.id, eve.id, randomUUID()]) {
        refusals.push(await refusedCall(db, ada, 'start_call', startOf(ada, [], { user_ids: [id] })));
      }
      expect(refusals[0]).toMatchObject({ sqlstate: 'PT403', code: 'calls.not_accepted' });
      expect(refusals[1]).toEqual(refusals[0]);
      expect(refusals[2]).toEqual(refusals[0]);
    }));

  test('is not who blocked the other themselves (follows.blocked)', () =>
    among(2, async (db, [ada, bob]) => {
      await block(db, ada, bob);
      expect((await refusedCall(db, ada, 'start_call', startOf(ada, [bob]))).code).toBe('follows.blocked');
    }));

  test('of several, those who may not be called are left out, and may not be added', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await setPrivacy(db, bob, { who_can_call: 'nobody' });
      const { id } = await start(db, ada, [bob, eve]);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [eve.id]: 'ringing' });
      expect((await refusedCall(db, ada, 'add_to_call', id, [bob.id])).code).toBe('calls.not_accepted');
    }));

  test('learns of no block between others: one of them is busy, as who is in another call', () =>
    among(5, async (db, [ada, bob, eve, joe, kim]) => {
      if (!joe || !kim) throw new Error('no people');
      await block(db, joe, eve);
      await start(db, kim, [bob]);
      const card = await start(db, ada, [eve, joe, bob]);
      const seen = card.participants.filter(({ state }) => state === 'busy');
      expect(seen.map(({ user_id }) => user_id).toSorted()).toEqual([joe.id, bob.id].toSorted());
      expect(seen.map((one) => Object.keys(one))).toEqual([Object.keys(seen[0] ?? {}), Object.keys(seen[0] ?? {})]);
      expect(
        (await eventsOf(db, card.id, 'call.missed')).map(({ payload }) => payload['callee_id']).toSorted(),
      ).toEqual([joe.id, bob.id].toSorted());
      await answer(db, eve, card.id);
      // The one whom the block parts does not come in behind it, and sees nobody whom it hides.
      expect((await refusedCall(db, joe, 'answer_call', card.id, deviceOf(joe))).code).toBe('calls.over');
      expect((await step(db, joe, 'call', card.id)).participants.map(({ user_id }) => user_id)).not.toContain(eve.id);
    }));

  test('nor by adding them: they are busy, and do not ring', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      const { id } = await talk(db, ada, bob);
      await block(db, bob, joe);
      const [card] = await call<{ participants: { user_id: string; state: string }[] }>(
        ...([db, ada, 'add_to_call', id, [eve.id, joe.id]] as const),
      );
      expect(card?.participants).toMatchObject([
        { user_id: ada.id },
        { user_id: bob.id },
        ...[eve, joe]
          .toSorted((one, other) => (one.id < other.id ? -1 : 1))
          .map(({ id: user_id }) => ({ user_id, state: user_id === eve.id ? 'ringing' : 'busy' })),
      ]);
      expect(await toldTo(db, joe)).toEqual([]);
    }));

  test('is kept from nobody by a block of who is not rung', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      await block(db, bob, eve);
      await start(db, joe, [bob]);
      const { id } = await start(db, ada, [bob, eve]);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'busy', [eve.id]: 'ringing' });
    }));

  test('nor one who is added by a block of another one who is not rung', () =>
    among(5, async (db, [ada, bob, eve, joe, kim]) => {
      if (!joe || !kim) throw new Error('no people');
      await block(db, eve, joe);
      await start(db, kim, [eve]);
      const { id } = await talk(db, ada, bob);
      await call(db, ada, 'add_to_call', id, [eve.id, joe.id]);
      expect(await statesIn(db, id)).toMatchObject({ [eve.id]: 'busy', [joe.id]: 'ringing' });
    }));

  test('finds no call of others (calls.not_found), in whatever way', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id } = await talk(db, ada, bob);
      const steps: [string, ...unknown[]][] = [
        ['call', id],
        ['answer_call', id, deviceOf(eve)],
        ['decline_call', id],
        ['cancel_call', id],
        ['end_call', id],
        ['add_to_call', id, [eve.id]],
        ['remove_from_call', id, bob.id],
        ['call_heartbeat', id, deviceOf(eve)],
        ['report_vanished', id, bob.id],
      ];
      for (const [name, ...args] of steps) {
        expect(await refusedCall(db, eve, name, ...args)).toMatchObject({ sqlstate: 'PT404', code: 'calls.not_found' });
      }
    }));
});

describe('a block', () => {
  test.each(['ringing', 'active'])('ends a %s call of two at once, as if the blocker had hung up', (state) =>
    among(2, async (db, [ada, bob]) => {
      const { id } = state === 'active' ? await talk(db, ada, bob) : await start(db, ada, [bob]);
      await block(db, bob, ada);
      const card = await step(db, ada, 'call', id);
      expect(card).toMatchObject({ state: 'ended', end_reason: state === 'active' ? 'ended' : 'declined' });
      // Who was in it is not there for the other any more.
      expect(card.participants.map(({ user_id }) => user_id)).toEqual([ada.id]);
      expect(await eventsOf(db, id, 'call.missed')).toEqual([]);
      await unblock(db, bob, ada);
    }),
  );

  test('takes who makes it out of a call of several, who hear nothing of each other from then on', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id, epoch } = await talk(db, ada, bob, eve);
      await block(db, bob, eve);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'left', [eve.id]: 'joined' });
      expect(await mayHear(db, bob, `call:${id}:${epoch + 1}:${eve.id}`)).toBe(false);
      expect(await mayHear(db, eve, `call:${id}:${epoch + 1}:${ada.id}`)).toBe(true);
      expect((await refusedCall(db, bob, 'answer_call', id, deviceOf(bob))).code).toBe('calls.over');
      expect((await toldTo(db, eve)).at(-1)?.payload.participants.map(({ user_id }) => user_id)).not.toContain(bob.id);
    }));

  test('by who started a call of several takes the other out for good', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id, epoch } = await talk(db, ada, bob, eve);
      await block(db, ada, eve);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'joined', [eve.id]: 'removed' });
      expect(await mayHear(db, eve, `call:${id}:${epoch + 1}:${ada.id}`)).toBe(false);
      await unblock(db, ada, eve);
      expect((await refusedCall(db, eve, 'answer_call', id, deviceOf(eve))).code).toBe('calls.over');
    }));
});

describe('a call of a group', () => {
  test('rings for its members, and is no call of who is not in it (groups.not_found)', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const group_id = await group(db, ada, [bob], 'secret');
      const fields = { group_id, user_ids: undefined };
      expect(await refusedCall(db, eve, 'start_call', startOf(eve, [], fields))).toMatchObject({
        code: 'groups.not_found',
      });
      const { id } = await start(db, ada, [], fields);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'ringing' });
      expect((await refusedCall(db, ada, 'add_to_call', id, [eve.id])).code).toBe('calls.not_accepted');
      await join(db, group_id, eve.id);
      expect(await call(db, ada, 'add_to_call', id, [eve.id])).toMatchObject([{ group_id, is_direct: false }]);
    }));

  test('asks each member whom they let call them, and rings only for members who are named', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      const group_id = await group(db, ada, [bob, eve]);
      await befriend(db, ada, bob);
      await setPrivacy(db, bob, { who_can_call: 'friends' });
      await setPrivacy(db, eve, { who_can_call: 'friends' });
      const { id } = await start(db, ada, [bob, eve, joe], { group_id });
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'ringing' });
    }));

  test('goes on without who is removed from the group, who hears nothing more', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const group_id = await group(db, ada, [bob, eve]);
      const { id } = await start(db, ada, [], { group_id, user_ids: undefined });
      await answer(db, bob, id);
      const { epoch } = await answer(db, eve, id);
      await call(db, ada, 'remove_group_member', group_id, eve.id);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'joined', [eve.id]: 'removed' });
      expect(await mayHear(db, eve, `call:${id}:${epoch + 1}:${ada.id}`)).toBe(false);
      expect(await step(db, eve, 'call', id)).toMatchObject({ group_id: null });
    }));
});

describe('a deleted account', () => {
  test('ends its call, and leaves what others remember of it', () =>
    among(2, async (db, [ada, bob]) => {
      const { id } = await talk(db, ada, bob);
      await becomeOwner(db);
      await db.query('delete from auth.users where id = $1', [ada.id]);
      expect(await step(db, bob, 'call', id)).toMatchObject({
        ...{ state: 'ended', end_reason: 'ended', caller_id: null, my_state: 'left' },
        participants: [{ user_id: bob.id }],
      });
      await becomeOwner(db);
      await db.query('delete from auth.users where id = $1', [bob.id]);
      expect(await db.query('select from public.calls where id = $1', [id])).toEqual([]);
    }));

  test('goes out of a call of several, which goes on in a new epoch', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id, epoch } = await talk(db, ada, bob, eve);
      await becomeOwner(db);
      await db.query('delete from auth.users where id = $1', [ada.id]);
      expect(await step(db, bob, 'call', id)).toMatchObject({ state: 'active', epoch: epoch + 1 });
    }));
});
