import { describe, expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type Scene, scene } from './support.ts';

const block = (s: Scene, who: Person, whom: Person) =>
  s.sql('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [who.id, whom.id]);
const mute = (s: Scene, who: Person, whom: Person, until: string | null = null) =>
  s.sql('insert into public.mutes (muter_id, muted_id, until) values ($1, $2, $3::timestamptz)', [
    who.id,
    whom.id,
    until,
  ]);

async function liked(s: Scene, count: number): Promise<[Person, string, Person[]]> {
  const [ada, ...others] = await s.people(count + 1);
  if (!ada) throw new Error('no people');
  return [ada, await s.post(ada), others];
}

describe('when it happens', () => {
  test('whoever muted somebody is not told of them, until the mute is over', () =>
    scene(async (s) => {
      const [ada, post, [bob]] = await liked(s, 1);
      if (!bob) throw new Error('no people');
      await mute(s, ada, bob);
      await s.like(bob, post);
      expect(await s.told(ada)).toEqual([]);
      expect(await s.sql('select from public.notifications where user_id = $1', [ada.id])).toEqual([]);
      await s.sql("update public.mutes set until = now() - interval '1 second' where muter_id = $1", [ada.id]);
      await s.comment(bob, post);
      expect(await s.told(ada)).toMatchObject([{ kind: 'comment' }]);
    }));

  test('nothing is told across a block that came between the deed and its notification, whoever made it', () =>
    scene(async (s) => {
      const [ada, post, [bob, eve]] = await liked(s, 2);
      if (!bob || !eve) throw new Error('no people');
      await s.like(bob, post);
      await s.like(eve, post);
      await block(s, ada, bob);
      await block(s, eve, ada);
      expect(await s.told(ada)).toEqual([]);
    }));

  test('money is told of nevertheless, without a name that does not exist any more for the receiver', () =>
    scene(async (s) => {
      const [ada, , [bob, eve]] = await liked(s, 2);
      if (!bob || !eve) throw new Error('no people');
      await s.owner();
      await s.db.fund(bob, '5');
      await s.db.fund(eve, '5');
      for (const from of [bob, eve])
        await s.sql(`select app_private.post_transaction($1, null, null, $2, '1.00', 'USD', 'Tea', null)`, [
          from.id,
          ada.id,
        ]);
      await block(s, ada, bob);
      await mute(s, ada, eve);
      const told = await s.told(ada);
      expect(told).toMatchObject([{ kind: 'money_received', actors: [], text: 'You received 2.00 USD.' }]);
    }));
});

describe('when it is read', () => {
  test.each([
    ['muted', mute],
    ['blocked', block],
    ['blocked by the other side', (s: Scene, who: Person, whom: Person) => block(s, whom, who)],
  ])('who is %s is named and counted nowhere, and is again when that is over', (_, hide) =>
    scene(async (s) => {
      const [ada, post, [bob, eve]] = await liked(s, 2);
      if (!bob || !eve) throw new Error('no people');
      await s.like(bob, post);
      await s.like(eve, post);
      await s.follow(bob, ada);
      expect(await s.told(ada)).toHaveLength(2);
      await hide(s, ada, bob);
      expect(await s.list(ada)).toMatchObject([{ kind: 'like', actors: [{ id: eve.id }], actors_count: '1' }]);
      expect(await s.counts(ada)).toMatchObject({ unread_count: 1, unseen_count: 1 });
      await s.become(ada);
      expect(await s.db.query('select kind from public.notifications')).toEqual([{ kind: 'like' }]);
      await s.sql('delete from public.blocks');
      await s.sql('delete from public.mutes');
      expect((await s.list(ada)).find(({ kind }) => kind === 'like')).toMatchObject({ actors_count: '2' });
    }),
  );

  test('who deleted their account is not named any more', () =>
    scene(async (s) => {
      const [ada, post, [bob, eve]] = await liked(s, 2);
      if (!bob || !eve) throw new Error('no people');
      await s.like(bob, post);
      await s.like(eve, post);
      await s.tell();
      await s.sql('delete from auth.users where id = $1', [bob.id]);
      expect(await s.told(ada)).toMatchObject([{ actors: [{ id: eve.id }], actors_count: '1' }]);
      await s.sql('delete from auth.users where id = $1', [ada.id]);
      expect(await s.sql('select from public.notifications where user_id = $1', [ada.id])).toEqual([]);
    }));

  test('nobody reads, counts or marks what others are told (notifications.not_found)', () =>
    scene(async (s) => {
      const [ada, post, [bob]] = await liked(s, 1);
      if (!bob) throw new Error('no people');
      await s.like(bob, post);
      const [card] = await s.told(ada);
      await s.become(bob);
      expect(await s.db.query('select from public.notifications')).toEqual([]);
      expect(await s.db.refusal('select public.mark_notifications_read($1)', [[card?.id]])).toMatchObject({
        ...{ sqlstate: 'PT404', code: 'notifications.not_found' },
      });
      await s.call(bob, 'mark_all_notifications_read');
      expect(await s.counts(ada)).toMatchObject({ unread_count: 1 });
    }));
});

describe('preferences', () => {
  test('a kind wins over its group, and a group over the default', () =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      const meant = async () =>
        (
          await s.one<{ notification_preferences: { kinds: Record<string, Record<string, boolean>> } }>(
            ada,
            'notification_preferences',
          )
        ).notification_preferences.kinds;
      expect((await meant())['reply']).toEqual({
        category: 'comments',
        in_app: true,
        push: true,
        email: false,
        webhook: true,
      });
      expect((await meant())['withdrawal']).toMatchObject({ email: true });
      await s.call(ada, 'set_notification_preferences', {
        comments: { push: false, email: true },
        reply: { push: true },
      });
      expect(await meant()).toMatchObject({
        reply: { push: true, email: true },
        comment: { push: false, email: true },
      });
      await s.call(ada, 'set_notification_preferences', { comments: { email: false }, reply: null });
      expect(await meant()).toMatchObject({ reply: { push: false, email: false }, comment: { push: false } });
      await s.become(ada);
      expect(
        await s.db.refusal('select public.set_notification_preferences($1)', [{ reply: { fax: true } }]),
      ).toMatchObject({
        code: 'users.notification_settings_invalid',
      });
    }));

  test('what is not wanted in the app is neither listed nor counted, and what nobody wants anywhere is not made', () =>
    scene(async (s) => {
      const [ada, post, [bob, eve]] = await liked(s, 2);
      if (!bob || !eve) throw new Error('no people');
      await s.settings(ada, 'notification_settings', {
        ...{ likes: { in_app: false, push: false, webhook: false }, comments: { in_app: false } },
      });
      await s.like(bob, post);
      await s.comment(bob, post);
      expect(await s.told(ada)).toEqual([]);
      expect(await s.counts(ada)).toMatchObject({ unread_count: 0, unseen_count: 0 });
      expect(await s.sql('select kind from public.notifications where user_id = $1', [ada.id])).toEqual([
        { kind: 'comment' },
      ]);
    }));

  test('a changed password is told in the app whatever the settings say', () =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      await s.settings(ada, 'notification_settings', {
        security: { in_app: false, email: false, push: false, webhook: false },
      });
      await s.sql("update auth.users set encrypted_password = 'hash of another' where id = $1", [ada.id]);
      expect(await s.told(ada)).toMatchObject([{ kind: 'password_changed' }]);
    }));
});
