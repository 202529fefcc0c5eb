import { describe, expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import { becomeOwner, call, group, refusedCall } from '../chat/support.ts';
import { among, answer, deviceOf, letPass, start, startOf, statesIn, step, sweep, talk } from './support.ts';

async function setRules(db: TestConnection, rules: string): Promise<void> {
  await becomeOwner(db);
  await db.query(`update app_private.call_rules set ${rules}`);
}

/** As if all that somebody did were so long ago. */
async function letTimePass(db: TestConnection, { id }: Person, time: string): Promise<void> {
  await becomeOwner(db);
  await db.query('update app_private.paces set since = since - $2::interval where user_id = $1', [id, time]);
}

async function startAndCancel(db: TestConnection, from: Person, to: readonly Person[], fields = {}): Promise<void> {
  await step(db, from, 'cancel_call', (await start(db, from, to, fields)).id);
}

/** How many counts the worker deletes when it looks after them. */
async function upkeep(db: TestConnection): Promise<number> {
  await db.as({ role: 'astra_worker' });
  const { done } = await db.one<{ done: number }>('select app_private.prune_rings(10) as done');
  return done;
}

/** What is counted of rings for somebody, by whomever; ends as the owner of the database. */
async function countsFor(db: TestConnection, { id }: Person): Promise<string[]> {
  await becomeOwner(db);
  const rows = await db.query<{ what: string }>(
    "select what from app_private.paces where what like '% for ' || $1 order by what",
    [id],
  );
  return rows.map(({ what }) => what);
}

async function expectLimited(db: TestConnection, who: Person, name: string, ...args: unknown[]): Promise<void> {
  expect(await refusedCall(db, who, name, ...args)).toMatchObject({ sqlstate: 'PT429', code: 'rate_limit.exceeded' });
}

describe('nobody rings without end for one who does not answer (rate_limit.exceeded)', () => {
  test('by calls of two, until ten minutes are over', () =>
    among(2, async (db, [ada, bob]) => {
      for (let n = 0; n < 5; n += 1) await startAndCancel(db, ada, [bob]);
      await expectLimited(db, ada, 'start_call', startOf(ada, [bob]));
      await letTimePass(db, ada, '11 minutes');
      await startAndCancel(db, ada, [bob]);
    }));

  test('by calls of several and of a group, whoever else is called', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await setRules(db, 'unanswered_per_10_minutes = 3');
      const group_id = await group(db, ada, [bob, eve]);
      await startAndCancel(db, ada, [bob]);
      await startAndCancel(db, ada, [eve, bob]);
      await startAndCancel(db, ada, [], { group_id, user_ids: undefined });
      await expectLimited(db, ada, 'start_call', startOf(ada, [eve, bob]));
      await expectLimited(db, ada, 'start_call', startOf(ada, [], { group_id, user_ids: undefined }));
      await startAndCancel(db, ada, [eve], { group_id });
    }));

  test('by ringing again and again in one call', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await setRules(db, 'unanswered_per_10_minutes = 2');
      const { id } = await talk(db, ada, bob);
      for (let n = 0; n < 2; n += 1) {
        await call(db, ada, 'add_to_call', id, [eve.id]);
        await letPass(db, id, eve);
        await sweep(db);
        await becomeOwner(db);
        await db.query(
          "update public.call_participants set left_at = left_at - interval '1 minute' where user_id = $1",
          [eve.id],
        );
      }
      await expectLimited(db, ada, 'add_to_call', id, [eve.id]);
      // Somebody else in it may.
      await call(db, bob, 'add_to_call', id, [eve.id]);
    }));

  test('by calling while they are busy', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await setRules(db, 'unanswered_per_10_minutes = 2');
      await talk(db, bob, eve);
      for (let n = 0; n < 2; n += 1) expect(await start(db, ada, [bob])).toMatchObject({ end_reason: 'busy' });
      await expectLimited(db, ada, 'start_call', startOf(ada, [bob]));
    }));

  test('a day, however seldom', () =>
    among(2, async (db, [ada, bob]) => {
      await setRules(db, 'unanswered_per_day = 3');
      for (let n = 0; n < 3; n += 1) {
        await startAndCancel(db, ada, [bob]);
        await letTimePass(db, ada, '1 hour');
      }
      await expectLimited(db, ada, 'start_call', startOf(ada, [bob]));
      await letTimePass(db, ada, '1 day');
      await startAndCancel(db, ada, [bob]);
    }));

  test('but who answers may be called again', () =>
    among(2, async (db, [ada, bob]) => {
      await setRules(db, 'unanswered_per_10_minutes = 1, unanswered_per_day = 1');
      for (let n = 0; n < 3; n += 1) await step(db, ada, 'end_call', (await talk(db, ada, bob)).id);
      await startAndCancel(db, ada, [bob]);
      await expectLimited(db, ada, 'start_call', startOf(ada, [bob]));
    }));

  test('and counts of who calls nobody any more are kept no longer either, in the upkeep of the worker', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await startAndCancel(db, ada, [bob]);
      await letTimePass(db, ada, '11 minutes');
      await startAndCancel(db, eve, [bob]);
      expect(await upkeep(db)).toBe(1);
      expect(await countsFor(db, bob)).toEqual([
        `rings a day for ${bob.id}`,
        `rings a day for ${bob.id}`,
        `rings for ${bob.id}`,
      ]);
      await letTimePass(db, ada, '1 day');
      expect(await upkeep(db)).toBe(1);
      expect(await countsFor(db, bob)).toEqual([`rings a day for ${bob.id}`, `rings for ${bob.id}`]);
      await becomeOwner(db);
      // What else is counted of a person is for others to forget.
      expect(
        await db.query("select from app_private.paces where user_id = $1 and what like 'rings a%'", [ada.id]),
      ).toHaveLength(2);
    }));

  test('and go with the account of who was called', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await startAndCancel(db, ada, [bob]);
      await startAndCancel(db, ada, [eve]);
      await becomeOwner(db);
      await db.query('delete from auth.users where id = $1', [bob.id]);
      expect(await countsFor(db, bob)).toEqual([]);
      expect(await countsFor(db, eve)).toHaveLength(2);
    }));

  test('and counts are kept no longer than they count', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await startAndCancel(db, ada, [bob]);
      await letTimePass(db, ada, '2 days');
      await startAndCancel(db, ada, [eve]);
      await becomeOwner(db);
      const kept = await db.query<{ what: string }>(
        "select what from app_private.paces where user_id = $1 and what like 'rings%for%' order by what",
        [ada.id],
      );
      expect(kept.map(({ what }) => what)).toEqual([`rings a day for ${eve.id}`, `rings for ${eve.id}`]);
    }));
});

test('nobody rings for more people than a person does (rate_limit.exceeded)', () =>
  among(3, async (db, [ada, bob, eve]) => {
    await setRules(db, 'rings_per_minute = 3, rings_per_day = 4');
    await startAndCancel(db, ada, [bob, eve]);
    await expectLimited(db, ada, 'start_call', startOf(ada, [bob, eve]));
    await startAndCancel(db, ada, [eve]);
    await letTimePass(db, ada, '2 minutes');
    await expectLimited(db, ada, 'start_call', startOf(ada, [bob, eve]));
    await startAndCancel(db, ada, [bob]);
  }));

test('who declined is not rung again in the same call, and may come in by themselves (calls.not_accepted)', () =>
  among(3, async (db, [ada, bob, eve]) => {
    const { id } = await start(db, ada, [bob, eve]);
    await answer(db, bob, id);
    await step(db, eve, 'decline_call', id);
    for (const who of [ada, bob]) {
      expect((await refusedCall(db, who, 'add_to_call', id, [eve.id])).code).toBe('calls.not_accepted');
    }
    await answer(db, eve, id);
  }));

test('who goes and comes more often than a person does waits outside (rate_limit.exceeded)', () =>
  among(3, async (db, [ada, bob, eve]) => {
    await setRules(db, 'returns_per_10_minutes = 2');
    const { id } = await talk(db, ada, bob, eve);
    for (let n = 0; n < 2; n += 1) {
      await step(db, eve, 'end_call', id);
      await answer(db, eve, id);
    }
    await step(db, eve, 'end_call', id);
    await expectLimited(db, eve, 'answer_call', id, deviceOf(eve));
    expect(await statesIn(db, id)).toMatchObject({ [eve.id]: 'left' });
  }));

describe('what rings for somebody', () => {
  test('is declined when they call somebody else', () =>
    among(3, async (db, [ada, bob, eve]) => {
      const { id } = await start(db, ada, [bob]);
      expect(await start(db, bob, [eve])).toMatchObject({ state: 'ringing', my_state: 'joined' });
      expect(await step(db, ada, 'call', id)).toMatchObject({ state: 'ended', end_reason: 'declined' });
      expect(await statesIn(db, id)).toMatchObject({ [bob.id]: 'declined' });
    }));

  test('goes on for the others when they call somebody else', () =>
    among(4, async (db, [ada, bob, eve, joe]) => {
      if (!joe) throw new Error('no people');
      const { id } = await start(db, ada, [bob, eve]);
      await start(db, bob, [joe]);
      expect(await statesIn(db, id)).toEqual({ [ada.id]: 'joined', [bob.id]: 'declined', [eve.id]: 'ringing' });
    }));

  test('rings on when the call that they wanted is refused', () =>
    among(3, async (db, [ada, bob, eve]) => {
      await setRules(db, 'rings_per_minute = 1');
      await startAndCancel(db, bob, [eve]);
      const { id } = await start(db, ada, [bob]);
      await expectLimited(db, bob, 'start_call', startOf(bob, [eve]));
      expect(await statesIn(db, id)).toMatchObject({ [bob.id]: 'ringing' });
    }));
});
