import { expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import { become, becomeOwner, call, one, withCast, write } from './support.ts';

interface Scene {
  readonly db: TestConnection;
  readonly ada: Person;
  readonly bob: Person;
  readonly message: string;
  readonly conversation: string;
}

type Act = (scene: Scene, n: number) => readonly [name: string, ...args: unknown[]];

const other = <T>(n: number, one: T, two: T): T => (n % 2 === 0 ? one : two);

const ACTS: readonly (readonly [what: string, limit: number, window: string, act: Act])[] = [
  ['edits of messages', 300, 'an hour', ({ message }, n) => ['edit_message', message, `${n}`]],
  ['reactions', 1200, 'an hour', ({ message }, n) => ['react_to_message', message, other(n, '👍', '👎')]],
  ['pins of messages', 300, 'an hour', ({ message }, n) => ['pin_message', message, n % 2 === 0]],
  ['timers of messages', 60, 'an hour', ({ conversation }, n) => ['set_message_timer', conversation, 60 + n]],
  ['signs of typing', 3600, 'an hour', ({ conversation }) => ['send_typing', conversation]],
];

test.each(ACTS)(
  'takes %s of a person as long as they are no more than %i within %s (rate_limit.exceeded)',
  (what, limit, window, act) =>
    withCast(async ({ db, ada, bob }) => {
      const { id, conversation_id } = await write(db, ada, bob);
      await write(db, bob, ada); // accepts
      const scene: Scene = { db, ada, bob, message: id, conversation: conversation_id };
      const ask = async (who: Person, n: number) => call(db, who, ...act(scene, n));
      await ask(ada, 0);
      await becomeOwner(db);
      const written = 'update app_private.paces set written = $3 where user_id = $1 and what = $2 returning written';
      expect(await db.query(written, [ada.id, what, limit - 1])).toHaveLength(1);
      await ask(ada, 1);
      await become(db, ada);
      const [name, ...args] = act(scene, 2);
      const sql = `select public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`;
      expect(await db.refusal(sql, args)).toMatchObject({
        ...{ sqlstate: 'PT429', code: 'rate_limit.exceeded', hint: 'Wait some time, and write less.' },
        message: `${limit} ${what} within ${window} are as many as a person makes.`,
      });
      // It counts nobody else, and begins anew.
      if (name !== 'edit_message') await ask(bob, 2);
      await becomeOwner(db);
      await db.query("update app_private.paces set since = now() - interval '61 minutes' where user_id = $1", [ada.id]);
      await ask(ada, 3);
    }),
);

test('taking a reaction back is never one too many', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await write(db, ada, bob);
    await call(db, ada, 'react_to_message', id, '👍');
    await becomeOwner(db);
    await db.query('update app_private.paces set written = 1200 where user_id = $1', [ada.id]);
    expect(await one(db, ada, 'react_to_message', id, null)).toMatchObject({ my_reaction: null });
  }));
