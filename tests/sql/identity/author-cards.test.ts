import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { expectNoDeadlock, untilWaiting } from '../../support/races.ts';

/** Cards that do not say what profiles and settings say, and people without one. */
const UNTRUE = `
  select p.id from public.profiles p
  left join public.account_settings s on s.user_id = p.id
  left join app_private.author_cards c on c.user_id = p.id
  where (c.card, c.is_private, c.who_can_comment) is distinct from (
    jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
      'is_verified', p.is_verified, 'verification_level', p.verification_level),
    p.is_private, coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone'))`;

test('the card of an author follows each change of profile and settings', () =>
  withRollback(async (db) => {
    const ana = await db.signUp();
    const changes: readonly (readonly [sql: string, value: unknown])[] = [
      ['update public.profiles set full_name = $2 where id = $1', 'Ana Ruiz'],
      ['update public.profiles set avatar_url = $2 where id = $1', 'https://example.com/a.jpg'],
      ['update public.profiles set is_verified = true, verification_level = $2 where id = $1', 'gold'],
      ['update public.profiles set username = $2 where id = $1', `${ana.username.slice(0, 20)}_new`],
      ['update public.account_settings set privacy_settings = $2 where user_id = $1', { who_can_comment: 'friends' }],
      ['update public.account_settings set privacy_settings = $2 where user_id = $1', { is_private: true }],
      ['update public.profiles set full_name = $2 where id = $1', null],
    ];
    for (const [sql, value] of changes) {
      await db.query(sql, [ana.id, value]);
      expect(await db.query(UNTRUE), sql).toEqual([]);
    }
    await db.query('delete from auth.users where id = $1', [ana.id]);
    expect(await db.query('select from app_private.author_cards where user_id = $1', [ana.id])).toEqual([]);
  }));

test('a name and a setting that are changed at once are both in the card', async () => {
  await using database = await cloneDatabase();
  const [one, other] = [await database.connect(), await database.connect()];
  const ana = await one.signUp();
  const rename = (db: TestConnection, name: string) =>
    db.query('update public.profiles set full_name = $2 where id = $1', [ana.id, name]);
  const set = (db: TestConnection, who_can_comment: string) =>
    db.query('update public.account_settings set privacy_settings = $2 where user_id = $1', [
      ana.id,
      { who_can_comment },
    ]);
  for (const first of [rename, set] as const) {
    const second = first === rename ? set : rename;
    const value = (change: typeof rename) => (change === rename ? `Ana ${first.name}` : 'nobody');
    await one.query('begin');
    await first(one, value(first));
    const waiting = second(other, value(second));
    await one.query('commit');
    await waiting;
    expect(await one.query(UNTRUE)).toEqual([]);
  }
});

const setPrivacy = (db: TestConnection, person: Person, settings: object) =>
  db.query('update public.account_settings set privacy_settings = $2 where user_id = $1', [person.id, settings]);

test('who changes settings while their account is being deleted does not wait for the deletion, which waits for them', async () => {
  await using database = await cloneDatabase();
  const [observer, one, other] = [await database.connect(), await database.connect(), await database.connect()];
  const ana = await one.signUp();
  await one.query('begin');
  await one.as({ role: 'authenticated', sub: ana.id });
  await one.query("update public.account_settings set notification_settings = '{}' where user_id = $1", [ana.id]);
  const deleted = other.query('delete from auth.users where id = $1', [ana.id]);
  await untilWaiting(observer, other);
  await setPrivacy(one, ana, { is_private: true }); // the profile and the card, by triggers
  await one.query('commit');
  await deleted;
  await one.query('reset role');
  expect(await one.query('select from public.profiles where id = $1', [ana.id])).toEqual([]);
  await expectNoDeadlock(one);
});

test('profiles, settings and cards that are changed by many at once never wait for each other in a ring', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const [ana, ben] = [await db.signUp(), await db.signUp()];
  const changes = [
    (c: TestConnection, n: number) =>
      c.query('update public.profiles set full_name = $2 where id = $1', [ana.id, `Ana ${n}`]),
    (c: TestConnection, n: number) => setPrivacy(c, ana, { is_private: n % 2 === 0 }),
    (c: TestConnection, n: number) => setPrivacy(c, ana, { who_can_comment: n % 2 === 0 ? 'nobody' : 'friends' }),
    (c: TestConnection) => c.query('select app_private.follow($1, $2)', [ben.id, ana.id]),
    (c: TestConnection) => c.query('select app_private.unfollow($1, $2)', [ben.id, ana.id]),
    (c: TestConnection) => c.query('select app_private.approve_all_follow_requests($1)', [ana.id]),
    // As PUT users/profile: settings, then the profile.
    async (c: TestConnection, n: number) => {
      await c.query('begin');
      await setPrivacy(c, ana, { is_private: n % 3 === 0 });
      await c.query('update public.profiles set bio = $2 where id = $1', [ana.id, `Bio ${n}`]);
      await c.query('commit');
    },
  ];
  await Promise.all(
    [0, 1, 2, 3].map(async (worker) => {
      const connection = await database.connect();
      for (let n = 0; n < 40; n += 1) await changes[(n * 3 + worker * 5) % changes.length]?.(connection, n);
    }),
  );
  expect(await db.query(UNTRUE)).toEqual([]);
  await expectNoDeadlock(db);
});
