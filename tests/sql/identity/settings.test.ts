import { expect, test } from 'vitest';
import { notificationSettings, privacySettings } from '../../../contracts/api/users.ts';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

const AUDIENCES = ['everyone', 'followers', 'friends', 'nobody'];
const SWITCHES = ['is_private', 'hide_follower_lists', 'hide_presence', 'hide_read_receipts'];
const WHO = ['who_can_message', 'who_can_mention', 'who_can_call', 'who_can_invite', 'who_can_comment'];
const KINDS = ['follows', 'likes', 'comments', 'mentions', 'messages', 'groups', 'wallet', 'calls'];

function signedIn<T>(fn: (db: TestConnection, me: Person) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const me = await db.signUp();
    await db.as({ role: 'authenticated', sub: me.id });
    return await fn(db, me);
  });
}

const GOOD_PRIVACY = [
  {},
  ...SWITCHES.map((key) => ({ [key]: true })),
  ...WHO.flatMap((key) => AUDIENCES.map((audience) => ({ [key]: audience }))),
];
const BAD_PRIVACY = [
  [],
  'everyone',
  { unknown: true },
  { is_private: 'true' },
  { is_private: null },
  { hide_presence: 1 },
  { who_can_message: 'family' },
  { who_can_call: true },
  { who_can_comment: ['everyone'] },
];

test('privacy settings that mean something are kept, and the schema of the API takes the same', () =>
  signedIn(async (db, me) => {
    for (const settings of GOOD_PRIVACY) {
      await db.query('update public.account_settings set privacy_settings = $2 where user_id = $1', [me.id, settings]);
      expect(privacySettings.safeParse(settings).success, JSON.stringify(settings)).toBe(true);
    }
  }));

test.each(BAD_PRIVACY.map((settings) => [JSON.stringify(settings), settings]))(
  'refuses the privacy settings %s (users.privacy_settings_invalid)',
  (json, settings) =>
    signedIn(async (db, me) => {
      const set = 'update public.account_settings set privacy_settings = $2::jsonb where user_id = $1';
      expect(await db.refusal(set, [me.id, json])).toMatchObject({
        sqlstate: 'PT422',
        code: 'users.privacy_settings_invalid',
      });
      expect(privacySettings.safeParse(settings).success).toBe(false);
    }),
);

test('notification settings that mean something are kept, and the schema of the API takes the same', () =>
  signedIn(async (db, me) => {
    for (const settings of [{}, ...KINDS.map((kind) => ({ [kind]: { in_app: true, push: false } })), { likes: {} }]) {
      await db.query('update public.account_settings set notification_settings = $2 where user_id = $1', [
        me.id,
        settings,
      ]);
      expect(notificationSettings.safeParse(settings).success, JSON.stringify(settings)).toBe(true);
    }
  }));

test.each([
  '[]',
  '{"fax": {}}',
  '{"likes": true}',
  '{"likes": {"push": 1}}',
  '{"likes": {"fax": true}}',
  '{"likes": null}',
])('refuses the notification settings %s (users.notification_settings_invalid)', (json) =>
  signedIn(async (db, me) => {
    const set = 'update public.account_settings set notification_settings = $2::jsonb where user_id = $1';
    expect(await db.refusal(set, [me.id, json])).toMatchObject({
      sqlstate: 'PT422',
      code: 'users.notification_settings_invalid',
    });
    expect(notificationSettings.safeParse(JSON.parse(json)).success).toBe(false);
  }),
);

test('people may not make themselves private past their settings (42501)', () =>
  signedIn(async (db, me) => {
    expect((await db.refusal('update public.profiles set is_private = true where id = $1', [me.id])).sqlstate).toBe(
      '42501',
    );
  }));

test('a profile comes with its counts', () =>
  signedIn(async (db, me) => {
    expect(
      await db.query('select followers_count::int, posts_count::int from public.profile_counts where user_id = $1', [
        me.id,
      ]),
    ).toEqual([{ followers_count: 0, posts_count: 0 }]);
  }));
